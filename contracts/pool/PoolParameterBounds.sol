// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IOptionPool } from "../interfaces/IOptionPool.sol";

/// Keeps a pool's parameters within what is coded here: no role can leave it. Reasons in docs/PARAMETERS.md.
library PoolParameterBounds {
    uint256 private constant FEE_VOL_MIN = 500;
    uint256 private constant FEE_VOL_MAX = 50_000;
    uint256 private constant FEE_NOTIONAL_MIN = 50;
    uint256 private constant FEE_NOTIONAL_MAX = 10_000;
    uint256 private constant FEE_OF_VALUE_MAX = 5_000;
    uint256 private constant AGE_SDS_MIN = 10_000;
    uint256 private constant AGE_SDS_MAX = 60_000;
    uint256 private constant VOL_OF_VOL_MIN = 2_000;
    uint256 private constant VOL_OF_VOL_MAX = 30_000;
    uint256 private constant DISPLACEMENT_MAX = 60_000;
    uint256 private constant REPORT_MAX_AGE_MIN = 15;
    uint256 private constant REPORT_MAX_AGE_MAX = 300;
    uint256 private constant SPOT_MAX_MOVE_MAX = 300;
    uint256 private constant RENT_FULL_MAX = 1_000_000;

    error Pool_ParametersOutOfRange(IOptionPool.Parameters parameters);
    error Pool_ParametersNotTighter(IOptionPool.Parameters parameters);

    function requireInRange(IOptionPool.Parameters memory parameters) internal pure {
        bool isPrice =
            parameters.feeVolPpm >= FEE_VOL_MIN &&
                parameters.feeVolPpm <= FEE_VOL_MAX &&
                parameters.feeNotionalPpm >= FEE_NOTIONAL_MIN &&
                parameters.feeNotionalPpm <= FEE_NOTIONAL_MAX &&
                parameters.feeOfValueBps <= FEE_OF_VALUE_MAX &&
                parameters.ageSdsBps >= AGE_SDS_MIN &&
                parameters.ageSdsBps <= AGE_SDS_MAX &&
                parameters.volOfVolBps >= VOL_OF_VOL_MIN &&
                parameters.volOfVolBps <= VOL_OF_VOL_MAX &&
                parameters.displacementBps <= DISPLACEMENT_MAX;
        bool isRest =
            parameters.reportMaxAge >= REPORT_MAX_AGE_MIN &&
                parameters.reportMaxAge <= REPORT_MAX_AGE_MAX &&
                parameters.spotMaxMoveBps <= SPOT_MAX_MOVE_MAX &&
                parameters.rentBelowPpm <= parameters.rentAtKinkPpm &&
                parameters.rentAtKinkPpm <= parameters.rentFullPpm &&
                parameters.rentFullPpm <= RENT_FULL_MAX;
        if (!isPrice || !isRest) revert Pool_ParametersOutOfRange(parameters);
    }

    /// No spread, fee or rent may fall, no limit get wider.
    function requireTighter(
        IOptionPool.Parameters memory next,
        IOptionPool.Parameters memory before
    ) internal pure {
        bool isDearer =
            next.feeVolPpm >= before.feeVolPpm &&
                next.feeNotionalPpm >= before.feeNotionalPpm &&
                next.feeOfValueBps >= before.feeOfValueBps &&
                next.ageSdsBps >= before.ageSdsBps &&
                next.volOfVolBps >= before.volOfVolBps &&
                next.displacementBps >= before.displacementBps &&
                next.rentBelowPpm >= before.rentBelowPpm &&
                next.rentAtKinkPpm >= before.rentAtKinkPpm &&
                next.rentFullPpm >= before.rentFullPpm;
        bool isTighter =
            next.reportMaxAge <= before.reportMaxAge && next.spotMaxMoveBps <= before.spotMaxMoveBps;
        if (!isDearer || !isTighter) revert Pool_ParametersNotTighter(next);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IOptionPool } from "../interfaces/IOptionPool.sol";

/// Keeps a pool's parameters within what is coded here: no role can leave it. Reasons in docs/PARAMETERS.md.
library ParameterBounds {
    error Pool_ParametersOutOfRange(IOptionPool.Parameters parameters);
    error Pool_ParametersNotTighter(IOptionPool.Parameters parameters);

    function requireInRange(IOptionPool.Parameters memory parameters) internal pure {
        bool isPrice =
            parameters.feeVolPpm >= 500 &&
                parameters.feeVolPpm <= 50_000 &&
                parameters.feeNotionalPpm >= 50 &&
                parameters.feeNotionalPpm <= 10_000 &&
                parameters.feeOfValueBps <= 5_000 &&
                parameters.ageSdsBps >= 10_000 &&
                parameters.ageSdsBps <= 60_000 &&
                parameters.volOfVolBps >= 2_000 &&
                parameters.volOfVolBps <= 30_000 &&
                parameters.displacementBps <= 60_000;
        bool isRest =
            parameters.reportMaxAge >= 15 &&
                parameters.reportMaxAge <= 300 &&
                parameters.spotMaxMoveBps <= 300 &&
                parameters.rentBelowPpm <= parameters.rentAtKinkPpm &&
                parameters.rentAtKinkPpm <= parameters.rentFullPpm &&
                parameters.rentFullPpm <= 1_000_000;
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

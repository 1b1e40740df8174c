// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDeltaHedger } from "../interfaces/IDeltaHedger.sol";

/// Keeps a hedger's parameters within what is coded here: no role can leave it. Reasons in docs/PARAMETERS.md.
library HedgerParameterBounds {
    uint256 private constant START_MAX = 5_000;
    uint256 private constant BOUND_MIN = 700;
    uint256 private constant BOUND_MAX = 1_300;
    uint256 private constant DURATION_MIN = 60;
    uint256 private constant DURATION_MAX = 1 hours;
    uint256 private constant MINIMUM_FILL_MIN = 100;
    uint256 private constant MINIMUM_FILL_MAX = 5_000;
    uint256 private constant LOSS_CAP_MIN = 100;
    uint256 private constant LOSS_CAP_MAX = 10_000;
    uint256 private constant WIDENING_MIN = 12_500;
    uint256 private constant WIDENING_MAX = 40_000;

    error Hedger_ParametersOutOfRange(IDeltaHedger.Parameters parameters);
    error Hedger_ParametersNotTighter(IDeltaHedger.Parameters parameters);

    function requireInRange(IDeltaHedger.Parameters memory parameters) internal pure {
        bool isPrice =
            parameters.startPpm <= START_MAX &&
                parameters.boundPpm >= BOUND_MIN &&
                parameters.boundPpm <= BOUND_MAX;
        bool isRest =
            parameters.duration >= DURATION_MIN &&
                parameters.duration <= DURATION_MAX &&
                parameters.minimumFillBps >= MINIMUM_FILL_MIN &&
                parameters.minimumFillBps <= MINIMUM_FILL_MAX &&
                parameters.lossCapPpm >= LOSS_CAP_MIN &&
                parameters.lossCapPpm <= LOSS_CAP_MAX &&
                parameters.wideningBps >= WIDENING_MIN &&
                parameters.wideningBps <= WIDENING_MAX;
        if (!isPrice || !isRest) revert Hedger_ParametersOutOfRange(parameters);
    }

    /// Bound and loss cap may fall, the rest must stay.
    function requireTighter(
        IDeltaHedger.Parameters memory next,
        IDeltaHedger.Parameters memory before
    ) internal pure {
        bool isSame =
            next.startPpm == before.startPpm &&
                next.duration == before.duration &&
                next.minimumFillBps == before.minimumFillBps &&
                next.wideningBps == before.wideningBps;
        if (!isSame || next.boundPpm > before.boundPpm || next.lossCapPpm > before.lossCapPpm) {
            revert Hedger_ParametersNotTighter(next);
        }
    }
}

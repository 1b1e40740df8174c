// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDeltaHedger } from "../interfaces/IDeltaHedger.sol";

/// Keeps a hedger's parameters within what is coded here: no role can leave it. Reasons in docs/PARAMETERS.md.
library HedgeBounds {
    error Hedger_ParametersOutOfRange(IDeltaHedger.Parameters parameters);
    error Hedger_ParametersNotTighter(IDeltaHedger.Parameters parameters);

    function requireInRange(IDeltaHedger.Parameters memory parameters) internal pure {
        bool isPrice =
            parameters.startPpm <= 5_000 && parameters.boundPpm >= 700 && parameters.boundPpm <= 1_300;
        bool isRest =
            parameters.duration >= 60 &&
                parameters.duration <= 1 hours &&
                parameters.minimumFillBps >= 100 &&
                parameters.minimumFillBps <= 5_000 &&
                parameters.lossCapPpm >= 100 &&
                parameters.lossCapPpm <= 10_000 &&
                parameters.wideningBps >= 12_500 &&
                parameters.wideningBps <= 40_000;
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

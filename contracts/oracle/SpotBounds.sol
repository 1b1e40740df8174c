// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { PackedAnswer } from "../types/PackedAnswer.sol";

/// S_lo and S_hi: between what spot surely is, by live sources and no signer. The lowest and the highest of them, less and plus what their feed may
/// not show yet and 2 %. WAD.
library SpotBounds {
    uint256 private constant WAD = 1e18;
    uint256 private constant PER_BPS = 1e14;
    uint256 private constant MARGIN = 0.02e18;

    /// From the fresh sources, and where there is none from those that are still alive.
    function spots(
        PackedAnswer reducing,
        PackedAnswer alive
    ) internal pure returns (uint256 low, uint256 high) {
        PackedAnswer answer = reducing.reason() == 0 ? reducing : alive;
        // A feed's threshold has 16 bits of bps, 655 % at most. What is beyond spot itself bounds nothing.
        uint256 margin = MARGIN + answer.deviationBps() * PER_BPS;
        uint256 share = margin < WAD ? WAD - margin : 0;
        return ((answer.low() * share) / WAD, (answer.high() * (WAD + margin)) / WAD + 1);
    }
}

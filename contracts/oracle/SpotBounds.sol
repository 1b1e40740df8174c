// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { PackedAnswer } from "../types/PackedAnswer.sol";

/// S_lo and S_hi, between which spot surely lies, whatever signers say: the lowest and the highest live spot, less and
/// plus 2 % and what the feed may not show yet. With nothing alive they are 0 and the largest number, which stands for
/// infinity. WAD.
library SpotBounds {
    uint256 private constant WAD = 1e18;
    uint256 private constant PER_BPS = 1e14;
    uint256 private constant MARGIN = 0.02e18;

    /// @param alive The oracle's third answer.
    function spots(PackedAnswer alive) internal pure returns (uint256 low, uint256 high) {
        if (alive.reason() != 0) return (0, type(uint256).max);
        // A feed's threshold has 16 bits of bps, 655 % at most. What is beyond spot itself bounds nothing.
        uint256 margin = MARGIN + alive.deviationBps() * PER_BPS;
        uint256 share = margin < WAD ? WAD - margin : 0;
        return ((alive.low() * share) / WAD, (alive.high() * (WAD + margin)) / WAD + 1);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SpotBounds } from "../oracle/SpotBounds.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";

/// What a claim is worth at least, by what is free of cover alone and no signer:
///
///     g_f = min over S in {S_lo, S_hi} of (f_b S + f_q) / (b S + q)
///
/// A written option takes no more than its cover and a held one is worth nothing at least, so f_b S + f_q is at most the equity at S: who leaves at g_f takes no
/// more than his part at any S between both. The quotient is monotone in S, so its ends bound it; with no spot alive they are 0 and infinity. WAD, rounded
/// down.
library FloorExit {
    using Math for uint256;

    uint256 private constant WAD = 1e18;

    /// Free assets and claims, WAD.
    struct Ground {
        uint256 freeBase;
        uint256 freeQuote;
        uint256 claimBase;
        uint256 claimQuote;
    }

    /// g_f; 0 without claims.
    function factorOf(Ground memory ground, PackedAnswer alive) internal pure returns (uint256) {
        if (alive.reason() != 0) return _anywhere(ground);
        (uint256 low, uint256 high) = SpotBounds.spots(alive);
        return Math.min(_factorAt(ground, low), _factorAt(ground, high));
    }

    function _factorAt(Ground memory ground, uint256 spot) private pure returns (uint256) {
        // S_lo may be 0; an asset below a unit of quote counts for nothing on both sides then.
        uint256 owed = ground.claimBase.mulDiv(spot, WAD, Math.Rounding.Ceil) + ground.claimQuote;
        uint256 held = ground.freeBase.mulDiv(spot, WAD) + ground.freeQuote;
        return owed == 0 ? 0 : held.mulDiv(WAD, owed);
    }

    /// @dev S = 0 and S = infinity; a claim of nothing is always served.
    function _anywhere(Ground memory ground) private pure returns (uint256 factor) {
        factor = type(uint256).max;
        if (ground.claimBase != 0) factor = ground.freeBase.mulDiv(WAD, ground.claimBase);
        if (ground.claimQuote != 0) {
            factor = Math.min(factor, ground.freeQuote.mulDiv(WAD, ground.claimQuote));
        }
        if (factor == type(uint256).max) factor = 0;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SpotBounds } from "../oracle/SpotBounds.sol";
import { PackedAnswer, PRICE_MAX } from "../types/PackedAnswer.sol";

/// What a claim is worth at least, by what is free of cover alone and no signer:
///
///     g_f = min over S in {S_lo, S_hi} of (f_b S + f_q) / (b S + q)
///
/// A written option takes no more than its cover and a held one is worth nothing at least, so f_b S + f_q is at most the equity at S: who leaves at g_f takes no
/// more than his part at any S between both. The quotient is monotone in S, so its ends bound it; with no spot alive they are 0 and infinity. WAD, rounded
/// down.
///
/// What is due is paid in the own asset, and where that does not suffice its rest r in the other one, at the end at which it is worth less to the leaver:
///
///     r S_lo quote for r base,      r / S_hi base for r quote,      both rounded down
///
/// r S_lo <= r S and (r / S_hi) S <= r: at every S between both what is paid is worth no more than what is due, so the bound above stands, and who stays has
/// no less behind a unit of claim. Of the other asset only what is spare is paid.
///
/// SPARE  While an option is written, of what is free beyond the other side's claim what is no hedge (V13), u being options' delta + B - b. Base: it is more than the
///        claim and the cover of all calls together, so u is no less than it, for a written put only adds to u. Quote: at most what is owed of base and not held,
///        at S_lo, beyond the cover of all puts: (b - B) S_lo - K_puts. For S |Delta| <= K of each, so u is at most minus that, whatever the calls.
///        While none is written, what is free beyond what the other side is due, for the claim may be more than there is. That suffices for all, unless S_lo is 0:
///        g_f b <= f_b + (f_q - g_f q) / S_lo, and likewise for quote at S_hi.
///        An option that is held is worth nothing here, and its delta is left out.
library FloorExit {
    using Math for uint256;

    uint256 private constant WAD = 1e18;

    /// Free assets and claims, WAD.
    /// @param lockedBase Cover of written calls, `lockedQuote` of written puts.
    struct Ground {
        uint256 freeBase;
        uint256 freeQuote;
        uint256 claimBase;
        uint256 claimQuote;
        uint256 lockedBase;
        uint256 lockedQuote;
    }

    /// g_f; 0 without claims.
    function factorOf(Ground memory ground, PackedAnswer alive) internal pure returns (uint256) {
        if (alive.reason() != 0) return _anywhere(ground);
        (uint256 low, uint256 high) = SpotBounds.spots(alive);
        return Math.min(_factorAt(ground, low), _factorAt(ground, high));
    }

    /// How much can be paid of what is due to a side, in its own asset and the other one together: WAD of its own.
    /// @param factor g_f.
    function reachOf(
        Ground memory ground,
        PackedAnswer alive,
        bool isBase,
        uint256 factor
    ) internal pure returns (uint256) {
        uint256 free = isBase ? ground.freeBase : ground.freeQuote;
        if (alive.reason() != 0) return free;
        (uint256 low, uint256 high) = SpotBounds.spots(alive);
        bool isWritten = (ground.lockedBase | ground.lockedQuote) != 0;
        factor = isWritten ? WAD : Math.min(factor, WAD);
        if (!isBase) return free + _spare(ground.freeBase, ground.claimBase, factor).mulDiv(high, WAD);
        if (low == 0) return free;
        uint256 spare = _spare(ground.freeQuote, ground.claimQuote, factor);
        if (isWritten) spare = Math.min(spare, _missing(ground, low));
        return free + spare.mulDiv(WAD, low);
    }

    /// @dev See SPARE; rounded down. `factor` of the claim is kept for its own side.
    function _spare(uint256 free, uint256 claim, uint256 factor) private pure returns (uint256) {
        return free.saturatingSub(claim.mulDiv(factor, WAD, Math.Rounding.Ceil));
    }

    /// @dev What is owed of base and not held, in quote, beyond the cover of all puts.
    function _missing(Ground memory ground, uint256 low) private pure returns (uint256) {
        uint256 base = ground.claimBase.saturatingSub(ground.freeBase + ground.lockedBase);
        return base.mulDiv(low, WAD).saturatingSub(ground.lockedQuote);
    }

    /// What is paid of either asset for `due`, which is at most what {reachOf} says: WAD.
    function paymentOf(
        Ground memory ground,
        PackedAnswer alive,
        bool isBase,
        uint256 due
    ) internal pure returns (uint256 own, uint256 other) {
        own = Math.min(due, isBase ? ground.freeBase : ground.freeQuote);
        if (own == due) return (own, 0);
        (uint256 low, uint256 high) = SpotBounds.spots(alive);
        other = isBase ? (due - own).mulDiv(low, WAD) : (due - own).mulDiv(WAD, high);
    }

    /// Of the spots between both bounds the one at which a part of one claim is the largest part of both together: for base the highest, for
    /// quote the lowest. No more than an oracle's word holds, which stands for infinity.
    function spotOfLargest(PackedAnswer alive, bool isBase) internal pure returns (uint256) {
        (uint256 low, uint256 high) = SpotBounds.spots(alive);
        return isBase ? Math.min(high, PRICE_MAX) : low;
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

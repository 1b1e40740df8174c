// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SpotBounds } from "../../../contracts/oracle/SpotBounds.sol";
import { PackedAnswer, toPackedAnswer } from "../../../contracts/types/PackedAnswer.sol";
import { FloorExit } from "../../../contracts/vault/FloorExit.sol";
import { sizeBelow, within } from "./Draw.sol";

/// V11 of what is paid in two assets, over any free assets, claims, spot and threshold of its feed.
contract FloorExitTest {
    uint256 private constant WAD = 1e18;

    struct Case {
        FloorExit.Ground ground;
        PackedAnswer alive;
        bool isBase;
        uint256 low;
        uint256 high;
        uint256 factor;
        uint256 claim;
        uint256 free;
        uint256 freeOther;
    }

    /// Every fourth draw has nothing of one of both assets.
    function _draw(uint256 seed) private pure returns (Case memory drawn) {
        drawn.ground = FloorExit.Ground(
            within(seed, 1, 0, 3) == 0 ? 0 : sizeBelow(seed, 2, 1e30),
            within(seed, 1, 0, 3) == 1 ? 0 : sizeBelow(seed, 3, 1e32),
            WAD + sizeBelow(seed, 4, 1e30),
            WAD + sizeBelow(seed, 5, 1e32),
            0,
            0
        );
        // In half of all draws an option is written.
        if (within(seed, 10, 0, 1) == 0) {
            drawn.ground.lockedBase = sizeBelow(seed, 11, 1e30);
            drawn.ground.lockedQuote = 1 + sizeBelow(seed, 12, 1e32);
        }
        uint256 spot = 1 + sizeBelow(seed, 6, 1e26);
        uint256 above = (spot * within(seed, 7, 1_000, 1_100)) / 1_000;
        // Every tenth feed or so has a threshold beyond its price.
        drawn.alive = toPackedAnswer(spot, above, 1_900_000_000, within(seed, 8, 0, 11_000));
        (drawn.low, drawn.high) = SpotBounds.spots(drawn.alive);
        drawn.isBase = seed % 2 == 0;
        (drawn.claim, drawn.free, drawn.freeOther) =
            drawn.isBase
                ? (drawn.ground.claimBase, drawn.ground.freeBase, drawn.ground.freeQuote)
                : (drawn.ground.claimQuote, drawn.ground.freeQuote, drawn.ground.freeBase);
        drawn.factor = FloorExit.factorOf(drawn.ground, drawn.alive);
    }

    function _reachOf(Case memory drawn) private pure returns (uint256) {
        return FloorExit.reachOf(drawn.ground, drawn.alive, drawn.isBase, drawn.factor);
    }

    /// What is paid is there, and at every S of the bounds it is worth no more than what is due; at the worse one no unit less.
    function testFuzz_paysNoMoreThanIsDue(uint256 seed, uint256 part) external pure {
        Case memory drawn = _draw(seed);
        uint256 reach = _reachOf(drawn);
        uint256 due = part % (reach + 1);
        (uint256 own, uint256 other) = FloorExit.paymentOf(drawn.ground, drawn.alive, drawn.isBase, due);
        assert(own == (due < drawn.free ? due : drawn.free) && other <= drawn.freeOther);
        uint256 rest = due - own;
        uint256[3] memory spots = [drawn.low, drawn.high, within(seed, 9, drawn.low, drawn.high)];
        for (uint256 i = 0; i < 3; ++i) {
            if (drawn.isBase) assert(other * WAD <= rest * spots[i]);
            else assert(other * spots[i] <= rest * WAD);
        }
        if (drawn.isBase) assert((other + 1) * WAD > rest * drawn.low);
        else assert((other + 1) * drawn.high > rest * WAD);
    }

    /// While no option is written what is free of the own asset and spare of the other is enough for all of a side, but for a unit of the other.
    function testFuzz_sufficesForAll(uint256 seed) external pure {
        Case memory drawn = _draw(seed);
        (drawn.ground.lockedBase, drawn.ground.lockedQuote) = (0, 0);
        uint256 due = (drawn.claim * drawn.factor) / WAD;
        uint256 reach = _reachOf(drawn);
        if (drawn.isBase && drawn.low == 0) assert(reach == drawn.free);
        else assert(due <= reach + (drawn.isBase ? WAD / drawn.low : drawn.high / WAD) + 1);
    }

    /// Whoever leaves, with whatever part: at every S of the bounds who stays has no less behind a unit of claim.
    function testFuzz_leavesStayersNoLess(uint256 seed, uint256 part) external pure {
        Case memory drawn = _draw(seed);
        uint256 leaving = part % (drawn.claim - WAD + 1);
        uint256 due = (leaving * drawn.factor) / WAD;
        // Where it would be cut.
        if (due > _reachOf(drawn)) return;
        (uint256 own, uint256 other) = FloorExit.paymentOf(drawn.ground, drawn.alive, drawn.isBase, due);
        uint256[3] memory spots = [drawn.low, drawn.high, within(seed, 9, drawn.low, drawn.high)];
        uint256[3] memory before;
        for (uint256 i = 0; i < 3; ++i) before[i] = _behind(drawn.ground, spots[i]);
        if (drawn.isBase) {
            drawn.ground.freeBase -= own;
            drawn.ground.freeQuote -= other;
            drawn.ground.claimBase -= leaving;
        } else {
            drawn.ground.freeQuote -= own;
            drawn.ground.freeBase -= other;
            drawn.ground.claimQuote -= leaving;
        }
        for (uint256 i = 0; i < 3; ++i) {
            uint256 behind = _behind(drawn.ground, spots[i]);
            // Quotients of sums that are rounded to a unit of more than 1e18.
            assert(behind + behind / 1e15 + 8 >= before[i]);
        }
    }

    /// What is free for a unit of claim at a spot, WAD.
    function _behind(FloorExit.Ground memory ground, uint256 spot) private pure returns (uint256) {
        uint256 held = (ground.freeBase * spot) / WAD + ground.freeQuote;
        return (held * WAD) / ((ground.claimBase * spot) / WAD + ground.claimQuote);
    }

    /// Of the other asset its own side keeps its claim while an option is written, else all that it is due, up to its claim; and with no spot alive there
    /// is the own asset alone.
    function testFuzz_V13_TakesOfTheOtherAssetOnlyWhatIsSpare(uint256 seed, uint256 part) external pure {
        Case memory drawn = _draw(seed);
        uint256 due = part % (_reachOf(drawn) + 1);
        (, uint256 other) = FloorExit.paymentOf(drawn.ground, drawn.alive, drawn.isBase, due);
        uint256 owed = drawn.isBase ? drawn.ground.claimQuote : drawn.ground.claimBase;
        bool isWritten = drawn.ground.lockedQuote != 0;
        if (!isWritten && drawn.factor < WAD) owed = (owed * drawn.factor) / WAD;
        assert(other == 0 || other + owed <= drawn.freeOther);
        if (isWritten && drawn.isBase && other != 0) {
            // Base that is owed and not held is more than what written puts could turn about.
            uint256 held = drawn.ground.freeBase + drawn.ground.lockedBase;
            assert(((drawn.ground.claimBase - held) * drawn.low) / WAD >= other + drawn.ground.lockedQuote);
        }

        drawn.alive = PackedAnswer.wrap(1 << 240);
        assert(_reachOf(drawn) == drawn.free);
        due = part % (drawn.free + 1);
        (uint256 own, uint256 none) = FloorExit.paymentOf(drawn.ground, drawn.alive, drawn.isBase, due);
        assert(own == due && none == 0);
    }
}

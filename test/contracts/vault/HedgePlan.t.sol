// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDeltaHedger } from "../../../contracts/interfaces/IDeltaHedger.sol";
import { AuctionClock } from "../../../contracts/vault/AuctionClock.sol";
import { HedgerParameterBounds } from "../../../contracts/vault/HedgerParameterBounds.sol";
import { HedgePlan } from "../../../contracts/vault/HedgePlan.sol";
import { sizeBelow, within } from "./Draw.sol";

/// H1, H3 and H8 of the plan alone, over any delta, band, spot, funds, decimals, and parameters within the coded bounds.
contract HedgePlanTest {
    uint256 private constant WAD = 1e18;
    uint256 private constant NOW = 1_900_000_000;

    struct Case {
        HedgePlan.State state;
        IDeltaHedger.Parameters parameters;
        AuctionClock.Auction auction;
    }

    function _draw(uint256 seed) private pure returns (Case memory drawn) {
        drawn.state.book.delta =
            int256(sizeBelow(seed, 1, 1e27)) * (within(seed, 2, 0, 1) == 0 ? int256(1) : int256(-1));
        drawn.state.book.band = 1 + sizeBelow(seed, 3, 1e27);
        drawn.state.book.equity = sizeBelow(seed, 4, 1e30);
        drawn.state.book.freeBase = sizeBelow(seed, 5, 1e28);
        drawn.state.book.freeQuote = sizeBelow(seed, 6, 1e31);
        drawn.state.spot = 1e12 + sizeBelow(seed, 7, 1e24);
        // Half of all draws have the feed where the report's spot is.
        _feedAt(
            drawn.state,
            within(seed, 18, 0, 1) == 0
                ? drawn.state.spot
                : (drawn.state.spot * within(seed, 19, 900, 1_100)) / 1_000
        );
        drawn.state.unit = 10 ** within(seed, 8, 9, 12);
        drawn.state.nowAt = NOW;
        drawn.parameters = IDeltaHedger.Parameters({
            startPpm: uint16(within(seed, 9, 0, 5_000)),
            boundPpm: uint16(within(seed, 10, 700, 1_300)),
            duration: uint16(within(seed, 11, 60, 3_600)),
            minimumFillBps: uint16(within(seed, 12, 100, 5_000)),
            lossCapPpm: uint16(within(seed, 13, 100, 10_000)),
            wideningBps: uint24(within(seed, 14, 12_500, 40_000))
        });
        HedgerParameterBounds.requireInRange(drawn.parameters);
        drawn.auction.openedAt = uint64((NOW - within(seed, 15, 0, 5_000)) * 1e6);
        drawn.auction.excess = int64(uint64(1 + sizeBelow(seed, 16, 1e18)));
        if (drawn.state.book.delta < 0) drawn.auction.excess = -drawn.auction.excess;
        drawn.auction.epoch = uint64((NOW - 9 hours) / 1 days);
        drawn.auction.loss = int64(uint64(sizeBelow(seed, 17, 1e18)));
    }

    function _feedAt(HedgePlan.State memory state, uint256 feed) private pure {
        (state.low, state.high) = feed < state.spot ? (feed, state.spot) : (state.spot, feed);
    }

    function _planOf(Case memory drawn) private pure returns (IDeltaHedger.Plan memory plan) {
        HedgePlan.fillIn(plan, drawn.state, drawn.parameters, drawn.auction);
    }

    function _abs(int256 x) private pure returns (uint256) {
        return uint256(x < 0 ? -x : x);
    }

    /// Past the loss cap none above the feed's where the vault buys, and none below where it sells.
    function _around(Case memory drawn, IDeltaHedger.Plan memory plan) private pure returns (uint256) {
        HedgePlan.State memory state = drawn.state;
        if (!plan.isPastLossCap) return state.spot;
        return state.book.delta < 0 ? state.low : state.high;
    }

    /// Of two looks at one feed, whatever spot reports say at each.
    function testFuzz_S7_WhatIsBoughtByOneReportAndSoldByAnotherCountsAsALoss(
        uint256 seed,
        uint96 feed,
        uint96 first,
        uint96 second
    ) public pure {
        Case memory drawn = _draw(seed);
        // Of a spot of next to nothing the price is nothing, which stops at the division.
        (first, second, feed) = (first | 1e7, second | 1e7, feed | 1e7);
        (drawn.state.spot, drawn.state.book.delta) = (first, -1e27);
        _feedAt(drawn.state, feed);
        IDeltaHedger.Plan memory plan;
        (, uint256 bought) = HedgePlan.fillIn(plan, drawn.state, drawn.parameters, drawn.auction);
        (drawn.state.spot, drawn.state.book.delta) = (second, 1e27);
        _feedAt(drawn.state, feed);
        (, uint256 sold) = HedgePlan.fillIn(plan, drawn.state, drawn.parameters, drawn.auction);
        assert(bought <= sold);
        assert(bought <= first && sold >= second);
    }

    function testFuzz_H1_ThePriceLiesBetweenTheStartAndTheBound(uint256 seed) public pure {
        Case memory drawn = _draw(seed);
        IDeltaHedger.Plan memory plan = _planOf(drawn);
        if (plan.price == 0) return;
        (uint256 spot, uint256 h) = (_around(drawn, plan), drawn.parameters.boundPpm);
        uint256 start = drawn.parameters.startPpm;
        if (drawn.state.book.delta < 0) {
            assert(plan.price <= plan.bound && plan.bound * 1e6 <= spot * (1e6 + h));
            assert((plan.price + 1) * 1e6 >= spot * (1e6 - start));
        } else {
            assert(plan.price >= plan.bound && plan.bound * 1e6 >= spot * (1e6 - h));
            assert((plan.price - 1) * 1e6 <= spot * (1e6 + start));
        }
    }

    function testFuzz_H1_ThePriceOnlyGetsDearerForTheVaultWhileNothingComes(
        uint256 seed,
        uint16 waited
    ) public pure {
        Case memory drawn = _draw(seed);
        IDeltaHedger.Plan memory first = _planOf(drawn);
        drawn.state.nowAt += waited;
        IDeltaHedger.Plan memory later = _planOf(drawn);
        if (first.price == 0 || first.isPastLossCap != later.isPastLossCap) return;
        assert(drawn.state.book.delta < 0 ? later.price >= first.price : later.price <= first.price);
        if (waited > drawn.parameters.duration) assert(later.price == later.bound);
    }

    function testFuzz_H3_NoFillLeavesMoreThanItFoundOrCrossesTheBand(uint256 seed) public pure {
        Case memory drawn = _draw(seed);
        IDeltaHedger.Plan memory plan = _planOf(drawn);
        int256 delta = drawn.state.book.delta;
        int256 next = delta + plan.amount;
        if (plan.amount == 0) {
            assert(plan.obstacle != IDeltaHedger.Obstacle.None);
            return;
        }
        assert(plan.obstacle == IDeltaHedger.Obstacle.None);
        // Down to the band's edge on its own side, and no further.
        assert(_abs(next) < _abs(delta) && _abs(next) >= plan.band && (next > 0) == (delta > 0));
        assert(_abs(plan.amount) >= plan.minimum && _abs(plan.amount) % drawn.state.unit == 0);
    }

    function testFuzz_H8_NothingIsSoldOrSpentThatIsNotFree(uint256 seed) public pure {
        Case memory drawn = _draw(seed);
        IDeltaHedger.Plan memory plan = _planOf(drawn);
        if (plan.amount < 0) assert(_abs(plan.amount) <= drawn.state.book.freeBase);
        else assert((uint256(plan.amount) * plan.price) / WAD <= drawn.state.book.freeQuote);
    }

    function testFuzz_H1_PastTheLossCapOnlyTheWiderBandHedges(uint256 seed) public pure {
        Case memory drawn = _draw(seed);
        IDeltaHedger.Plan memory plan = _planOf(drawn);
        uint256 cap = (drawn.state.book.equity * drawn.parameters.lossCapPpm) / 1e6;
        bool isPast = uint256(uint64(drawn.auction.loss)) * 1e12 > cap;
        assert(plan.isPastLossCap == isPast);
        uint256 wide = (drawn.state.book.band * drawn.parameters.wideningBps) / 1e4;
        assert(
            isPast
                ? plan.band >= wide && plan.band > drawn.state.book.band
                : plan.band == drawn.state.book.band
        );
    }

    function testFuzz_H1_ALossOfTheCapItselfIsNotPastIt(uint256 seed) public pure {
        Case memory drawn = _draw(seed);
        drawn.state.book.equity = (drawn.state.book.equity / 1e18) * 1e18;
        uint256 cap = (drawn.state.book.equity * drawn.parameters.lossCapPpm) / 1e6;
        drawn.auction.loss = int64(uint64(cap / 1e12));
        assert(!_planOf(drawn).isPastLossCap);
        ++drawn.auction.loss;
        assert(_planOf(drawn).isPastLossCap);
    }

    /// The whole excess can be filled wherever the funds are there: the smallest fill is never above it.
    function testFuzz_H6_WhatIsLeftCanAlwaysBeFilled(uint256 seed) public pure {
        Case memory drawn = _draw(seed);
        (drawn.state.book.freeBase, drawn.state.book.freeQuote) = (1e40, 1e55);
        IDeltaHedger.Plan memory plan = _planOf(drawn);
        uint256 size = _abs(drawn.state.book.delta);
        bool isOutside = size > plan.band && size - plan.band >= drawn.state.unit;
        assert((plan.amount != 0) == isOutside);
        if (isOutside) assert(size - plan.band - _abs(plan.amount) < drawn.state.unit);
    }
}

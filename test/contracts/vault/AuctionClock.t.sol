// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AuctionClock } from "../../../contracts/vault/AuctionClock.sol";

/// H6 of the clock alone: any looks, fills and changes of the excess, at any times.
contract AuctionClockTest {
    using AuctionClock for AuctionClock.Auction;

    uint256 private constant START = 1_900_000_000;
    uint256 private constant WAD = 1e18;
    int256 private constant MOST = 1e18;

    struct Draw {
        uint256 seed;
    }

    function _next(Draw memory draw, uint256 below) private pure returns (uint256) {
        draw.seed = uint256(keccak256(abi.encode(draw.seed)));
        return draw.seed % below;
    }

    /// However often, however little and whenever it is filled: c is the time since the auction opened.
    function testFuzz_H6_FillsNeitherRestartNorStopTheClock(uint256 seed, uint16 duration) public pure {
        Draw memory draw = Draw(seed);
        uint256 length = 60 + (duration % 3541);
        AuctionClock.Auction memory auction;
        int256 excess = int256(1 + _next(draw, uint256(MOST)));
        if (_next(draw, 2) == 0) excess = -excess;
        uint256 nowAt = START;
        assert(auction.look(excess, nowAt, length));
        for (uint256 i = 0; i < 30; ++i) {
            nowAt += _next(draw, 40);
            assert(!auction.look(excess, nowAt, length));
            uint256 c = ((nowAt - START) * WAD) / length;
            assert(auction.progress(nowAt, length) == (c > WAD ? WAD : c));
            uint256 size = uint256(excess < 0 ? -excess : excess);
            // Dust, a part, never all.
            int256 taken = int256(_next(draw, 3) == 0 ? 1 : _next(draw, size));
            if (uint256(taken) >= size) continue;
            auction.take(excess < 0 ? taken : -taken, 0);
            excess += excess < 0 ? taken : -taken;
            assert(auction.excess == excess);
        }
    }

    /// New excess has age 0: c after it times the excess is c before it times the old excess, and no less than that by more than a unit.
    function testFuzz_H6_NewExcessEntersAtTheBeginning(
        uint64 before,
        uint64 more,
        uint16 waited,
        uint16 duration
    ) public pure {
        uint256 length = 60 + (duration % 3541);
        int256 excess = int256(uint256(before % uint64(uint256(MOST)))) + 1;
        int256 next = excess + int256(uint256(more % uint64(uint256(MOST))));
        AuctionClock.Auction memory auction;
        auction.look(excess, START, length);
        uint256 nowAt = START + waited;
        uint256 c = auction.progress(nowAt, length);
        assert(!auction.look(next, nowAt, length));
        uint256 mean = (c * uint256(excess)) / uint256(next);
        uint256 found = auction.progress(nowAt, length);
        // The clock counts in 1e-6 s, rounded towards the vault.
        uint256 unit = WAD / (length * 1e6) + 2;
        assert(found <= mean + unit && mean <= found + unit);
    }

    /// Excess that leaves by trades or the market does not move the clock, and what comes back enters at the beginning.
    function testFuzz_H6_WhatLeavesTakesItsShare(uint64 before, uint64 left, uint16 waited) public pure {
        int256 excess = int256(uint256(before % uint64(uint256(MOST)))) + 2;
        int256 less = 1 + int256(uint256(left) % uint256(excess));
        AuctionClock.Auction memory auction;
        auction.look(excess, START, 300);
        uint256 nowAt = START + waited;
        uint256 c = auction.progress(nowAt, 300);
        auction.look(less, nowAt, 300);
        assert(auction.progress(nowAt, 300) == c);
        auction.look(excess, nowAt, 300);
        assert(auction.progress(nowAt, 300) <= c);
    }

    function testFuzz_H6_EndsInsideTheBandAndStartsAnewOnTheOtherSide(
        uint64 size,
        uint16 waited
    ) public pure {
        int256 excess = int256(uint256(size % uint64(uint256(MOST)))) + 1;
        uint256 nowAt = START + waited;
        AuctionClock.Auction memory auction;
        auction.look(excess, START, 300);
        assert(auction.look(-excess, nowAt, 300));
        assert(auction.progress(nowAt, 300) == 0);
        auction.look(0, nowAt + 1, 300);
        assert(auction.openedAt == 0 && auction.excess == 0);
        assert(auction.look(-excess, nowAt + 2, 300));
        assert(auction.progress(nowAt + 2, 300) == 0);
    }

    /// The loss of an epoch is the sum of its fills' costs, and is forgotten at 09:00 UTC and never before.
    function testFuzz_H1_TheLossIsThatOfTheDayFromNine(uint32 second, int32 one, int32 other) public pure {
        uint256 nineAt = (START / 1 days) * 1 days + 9 hours;
        uint256 nowAt = nineAt + (second % 1 days);
        AuctionClock.Auction memory auction;
        auction.roll(nineAt);
        auction.take(0, one);
        auction.roll(nowAt);
        auction.take(0, other);
        assert(auction.loss == int256(one) + other);
        auction.roll(nineAt + 1 days - 1);
        assert(auction.loss == int256(one) + other);
        auction.roll(nineAt + 1 days);
        assert(auction.loss == 0);
    }
}

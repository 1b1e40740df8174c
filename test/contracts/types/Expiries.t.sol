// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { dayOfExpiry, expiryOfDay, Expiries, LANES } from "../../../contracts/types/Expiries.sol";

contract ExpiriesTest {
    function testFuzz_LaneOfFindsTheLowestLaneOfADay(uint256 word, uint16 day, uint8 spread) public pure {
        // Few different days, so that hits, repeats and borrows between lanes are common.
        uint256 mask =
            uint256(spread & 3) * 0x0001000100010001000100010001000100010001000100010001000100010001;
        if (spread & 4 == 0) {
            word &= mask;
            day &= 3;
        }
        uint256 expected = LANES;
        for (uint256 lane = LANES; lane > 0; --lane) {
            if ((word >> (16 * (lane - 1))) & 0xffff == day) expected = lane - 1;
        }
        assert(Expiries.wrap(word).laneOf(day) == expected);
    }

    function testFuzz_SetChangesOneLane(uint256 word, uint8 lane, uint16 day) public pure {
        Expiries expiries = Expiries.wrap(word).set(lane % LANES, day);
        for (uint256 i = 0; i < LANES; ++i) {
            assert(expiries.day(i) == (i == lane % LANES ? day : Expiries.wrap(word).day(i)));
        }
    }

    function testFuzz_PrecedesFindsTheNextShorter(uint256 word, uint16 day) public pure {
        (uint256 found, uint256 lane) = Expiries.wrap(word).precedes(day);
        assert((lane == LANES) == (found == 0));
        if (lane < LANES) assert(Expiries.wrap(word).day(lane) == found && found < day);
        for (uint256 i = 0; i < LANES; ++i) {
            uint256 other = Expiries.wrap(word).day(i);
            assert(other >= day || other <= found);
        }
    }

    function testFuzz_DaysAndExpiriesAreInverse(uint16 day, uint256 time) public pure {
        assert(dayOfExpiry(expiryOfDay(day)) == day);
        uint256 found = dayOfExpiry(time);
        assert(found == 0 || expiryOfDay(found) == time);
    }

    function testFuzz_AListGrowsAndShrinksByADayInItsPlace(
        uint256 word,
        uint8 length,
        uint8 place,
        uint16 day
    ) public pure {
        // Some days from the lowest lane up, none of them 0, and one more.
        uint256 count = length % LANES;
        uint256 lane = place % (count + 1);
        Expiries list = Expiries.wrap(0);
        for (uint256 i = 0; i < count; ++i) {
            list = list.set(i, Expiries.wrap(word).day(i) == 0 ? 1 : Expiries.wrap(word).day(i));
        }
        assert(list.count() == count);
        if (day == 0) day = 1;
        Expiries longer = list.including(lane, day);
        assert(longer.count() == count + 1 && longer.day(lane) == day);
        for (uint256 i = 0; i < count; ++i) assert(longer.day(i < lane ? i : i + 1) == list.day(i));
        assert(longer.without(lane) == list);
    }
}

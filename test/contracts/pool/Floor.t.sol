// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Floor } from "../../../contracts/pool/Floor.sol";
import { PackedAnswer, toPackedAnswer } from "../../../contracts/types/PackedAnswer.sol";
import { SeriesId, toSeriesId } from "../../../contracts/types/SeriesId.sol";
import { sizeBelow, within } from "../vault/Draw.sol";

/// The bound that a sale is bought back for at least: what the option is worth at the worst spot and the worst S/F of their bounds, and so
/// never more than it is worth at any.
contract FloorTest {
    uint256 private constant WAD = 1e18;
    uint256 private constant YEAR = 365 days;
    /// 08:00 UTC of a day.
    uint256 private constant EXPIRY = 20_000 days + 8 hours;
    uint256 private constant AHEAD_MAX = 400 days;

    struct Drawn {
        uint256 strike;
        uint256 nowAt;
        Floor.Spots spots;
    }

    /// Strikes within a factor of five of spot, where both sides of the floor and its zero are met.
    function _draw(uint256 seed) private pure returns (Drawn memory drawn) {
        drawn.nowAt = EXPIRY - sizeBelow(seed, 1, AHEAD_MAX + 1);
        uint256 low = 1e12 + sizeBelow(seed, 2, 1e27);
        uint256 high = (low * within(seed, 3, 1_000, 1_200)) / 1_000;
        drawn.spots = Floor.spotsOf(toPackedAnswer(low, high, drawn.nowAt, within(seed, 4, 0, 3_000)));
        drawn.strike = (low * within(seed, 5, 200, 5_000)) / 1_000;
    }

    function _bid(Drawn memory drawn, bool isPut) private pure returns (uint256) {
        SeriesId series = toSeriesId(7, uint32(EXPIRY), uint128(drawn.strike), isPut);
        return Floor.bidDown(series, drawn.spots, drawn.nowAt);
    }

    /// S - K D of a call, K D - S of a put, WAD * WAD.
    function _worthAt(
        Drawn memory drawn,
        bool isPut,
        uint256 spot,
        uint256 discount
    ) private pure returns (int256) {
        int256 call = int256(spot * WAD) - int256(drawn.strike * discount);
        return isPut ? -call : call;
    }

    /// At the ends of both bounds and between them.
    function testFuzz_IsNeverAboveWhatTheOptionIsWorth(uint256 seed, bool isPut) public pure {
        Drawn memory drawn = _draw(seed);
        uint256 bid = _bid(drawn, isPut);
        if (bid == 0) return;
        (uint256 low, uint256 high) = Floor.discounts(EXPIRY, drawn.nowAt);
        uint256[3] memory spots = [
            drawn.spots.low,
            drawn.spots.high,
            within(seed, 11, drawn.spots.low, drawn.spots.high)
        ];
        uint256[3] memory discounts = [low, high, within(seed, 12, low, high)];
        for (uint256 i = 0; i < 9; ++i) {
            assert(int256(bid * WAD) <= _worthAt(drawn, isPut, spots[i / 3], discounts[i % 3]));
        }
    }

    /// No more than a unit and its rounding below the worth at the worst of both bounds; nothing only where that is worth nothing.
    function testFuzz_IsWhatTheOptionIsWorthAtTheWorst(uint256 seed, bool isPut) public pure {
        Drawn memory drawn = _draw(seed);
        (uint256 low, uint256 high) = Floor.discounts(EXPIRY, drawn.nowAt);
        int256 worst =
            isPut
                ? _worthAt(drawn, isPut, drawn.spots.high, low)
                : _worthAt(drawn, isPut, drawn.spots.low, high);
        assert(int256((_bid(drawn, isPut) + 1) * WAD) >= worst);
    }

    /// The bounds of S/F: 0.98 - 0.5 tau and 1.02 + 0.3 tau to two units of their last digit, at the expiry 2 % each way.
    function testFuzz_TheBoundsOfDiscountsWidenEvenly(uint256 ahead) public pure {
        ahead = ahead % (AHEAD_MAX + 1);
        (uint256 low, uint256 high) = Floor.discounts(EXPIRY, EXPIRY - ahead);
        (uint256 exactLow, uint256 exactHigh) = (
            0.98e18 * YEAR - 0.5e18 * ahead,
            1.02e18 * YEAR + 0.3e18 * ahead
        );
        assert(low * YEAR >= exactLow && (low - 2) * YEAR < exactLow && low >= 0.43e18);
        assert(high * YEAR <= exactHigh && (high + 2) * YEAR > exactHigh);
    }

    /// A call's floor falls with the strike, a put's rises; both fall as the bounds of spot widen, and with the time that is left.
    function testFuzz_IsMonotone(uint256 seed, bool isPut) public pure {
        Drawn memory drawn = _draw(seed);
        uint256 bid = _bid(drawn, isPut);
        uint256 strike = drawn.strike;
        drawn.strike += sizeBelow(seed, 11, 1e28);
        assert(isPut ? _bid(drawn, isPut) >= bid : _bid(drawn, isPut) <= bid);
        drawn.strike = strike;
        uint256 nowAt = drawn.nowAt;
        drawn.nowAt -= sizeBelow(seed, 12, AHEAD_MAX - (EXPIRY - nowAt) + 1);
        assert(_bid(drawn, isPut) <= bid);
        drawn.nowAt = nowAt;
        drawn.spots.low -= sizeBelow(seed, 13, drawn.spots.low);
        drawn.spots.high += sizeBelow(seed, 14, 1e28);
        assert(_bid(drawn, isPut) <= bid);
    }

    /// With no spot alive its bounds are 0 and infinity.
    function testFuzz_IsNothingWhereNoSpotIsAlive(uint256 seed, uint8 reason) public pure {
        Drawn memory drawn = _draw(seed);
        uint256 answer = uint256(reason == 0 ? 1 : reason) << 240;
        drawn.spots = Floor.spotsOf(PackedAnswer.wrap(answer | uint192(seed)));
        assert(_bid(drawn, false) == 0 && _bid(drawn, true) == 0);
    }
}

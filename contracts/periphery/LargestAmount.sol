// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { SeriesId } from "../types/SeriesId.sol";

/// The largest amount of one series that a pool trades within limits of cost and vol, by a bounded search over its quotes.
///
/// The excess of an amount is how far its price is beyond the limit, relative to it: the larger of cost and vol. Cost is convex
/// and rises, the price in vol rises with the amount, so the excess rises; where a pool breaks this, the answer is still an amount whose
/// own quote is within the limits. Each step asks at the chord's zero, kept away from the ends. Where the upper end has no price it asks
/// where the cost would be at its limit in proportion, but no further than the middle. WAD.
library LargestAmount {
    uint256 private constant WAD = 1e18;
    uint256 private constant STEPS = 14;
    /// A step takes at least this part of the bracket away.
    uint256 private constant EDGE = 16;
    uint256 private constant AMOUNT_PARTS = 1000;
    int256 private constant NEAR = -5e14;
    /// Past this an excess says no more: it keeps the chord within its range.
    int256 private constant EXCESS_MAX = 1e36;

    /// @param mostCost Quote assets; counts for what is bought.
    /// @param volLimit Worst price in vol; 0 for none.
    struct Limits {
        IOptionPool pool;
        SeriesId series;
        bool isSale;
        uint256 mostCost;
        uint256 volLimit;
        uint256 quoteScale;
        uint256 baseScale;
    }

    /// The answer to one amount.
    /// @param excess Not above 0: within the limits. Means nothing where the pool refuses.
    /// @param isByCost Whether the excess is that of the cost.
    struct Probe {
        uint256 amount;
        IOptionPool.Refusal refusal;
        int256 cost;
        uint256 vol;
        int256 excess;
        bool isByCost;
    }

    /// The largest of [least, most]; where even `least` is not within the limits, its probe is the answer.
    function find(
        Limits memory limits,
        uint256 least,
        uint256 most
    ) internal view returns (Probe memory best) {
        Probe memory above = probe(limits, most);
        if (isWithin(above)) return above;
        best = probe(limits, least);
        if (!isWithin(best)) return best;
        for (uint256 i = 0; i < STEPS; ++i) {
            uint256 width = above.amount - best.amount;
            if (width <= best.amount / AMOUNT_PARTS || (best.isByCost && best.excess >= NEAR)) break;
            Probe memory middle = probe(limits, best.amount + _step(best, above, width));
            if (isWithin(middle)) best = middle;
            else above = middle;
        }
    }

    function isWithin(Probe memory asked) internal pure returns (bool) {
        return asked.refusal == IOptionPool.Refusal.None && asked.excess <= 0;
    }

    /// Asks the pool for one amount.
    function probe(Limits memory limits, uint256 amount) internal view returns (Probe memory asked) {
        IClearinghouse.Leg[] memory legs = new IClearinghouse.Leg[](1);
        legs[0] = IClearinghouse.Leg(limits.series, limits.isSale ? -int256(amount) : int256(amount));
        IOptionPool.Quote memory quoted = limits.pool.quote(legs);
        (asked.amount, asked.refusal, asked.cost) = (amount, quoted.refusal, quoted.cost);
        if (quoted.refusal != IOptionPool.Refusal.None) return asked;
        // A sale without a limit has nothing to exceed.
        asked.excess = -int256(WAD);
        asked.isByCost = !limits.isSale;
        if (asked.isByCost) asked.excess = _relative(quoted.cost, int256(limits.mostCost));
        if (limits.volLimit == 0) return asked;
        int256 beyond = EXCESS_MAX;
        if (!quoted.isFloor && quoted.legs[0].vega != 0) {
            asked.vol = _volOf(limits, quoted, amount);
            (int256 vol, int256 limit) = (int256(asked.vol), int256(limits.volLimit));
            beyond = limits.isSale ? -_relative(vol, limit) : _relative(vol, limit);
        }
        if (beyond > asked.excess) (asked.excess, asked.isByCost) = (beyond, false);
    }

    /// @dev v + (price - V) / vega, not below 0. Proceeds in base count at the lowest spot.
    function _volOf(
        Limits memory limits,
        IOptionPool.Quote memory quoted,
        uint256 amount
    ) private pure returns (uint256) {
        IOptionPool.LegQuote memory leg = quoted.legs[0];
        int256 cost = quoted.cost * int256(limits.quoteScale);
        cost -= int256((quoted.baseProceeds * limits.baseScale * quoted.parts.spotLow) / WAD);
        int256 price = (cost * int256(WAD)) / int256(amount);
        int256 above = (limits.isSale ? -price : price) - int256(leg.value);
        int256 vol = int256(leg.vol) + (above * int256(WAD)) / int256(leg.vega);
        return vol > 0 ? uint256(vol) : 0;
    }

    /// @dev (value - limit) / limit, at most {EXCESS_MAX}; 0 only where the two are equal, or both are 0 or below.
    function _relative(int256 value, int256 limit) private pure returns (int256) {
        if (limit == 0) return value > 0 ? EXCESS_MAX : int256(0);
        int256 excess = ((value - limit) * int256(WAD)) / limit;
        // Less than a part of 1e18 beyond a limit is beyond it.
        if (excess == 0 && value != limit) return value > limit ? int256(1) : -1;
        return excess < EXCESS_MAX ? excess : EXCESS_MAX;
    }

    /// @dev Where to ask next, from the lower end. Inside the bracket wherever it is wider than {EDGE}: a pool's least amount is far above
    /// that. `above` is not within, so its excess is positive.
    function _step(Probe memory best, Probe memory above, uint256 width) private pure returns (uint256) {
        uint256 below = uint256(-best.excess);
        if (above.refusal != IOptionPool.Refusal.None) {
            if (!best.isByCost || below == WAD) return width / 2;
            // Convex, so there the cost is at its limit or past it, and the next upper end has a price.
            uint256 proportional = (best.amount * below) / (WAD - below) + 1;
            return proportional < width / 2 ? proportional : width / 2;
        }
        uint256 step = (width * below) / (below + uint256(above.excess));
        uint256 edge = width / EDGE;
        if (step < edge) return edge;
        return step > width - edge ? width - edge : step;
    }
}

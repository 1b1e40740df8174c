// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IClearinghouse } from "../../../contracts/interfaces/IClearinghouse.sol";
import { IOptionPool } from "../../../contracts/interfaces/IOptionPool.sol";
import { LargestAmount } from "../../../contracts/periphery/LargestAmount.sol";
import { SeriesId } from "../../../contracts/types/SeriesId.sol";
import { sizeBelow, within } from "../vault/Draw.sol";

/// The search against a scripted pool, which is this contract: a smooth one whose price rises with the amount, and one that answers each
/// amount by chance, in a quote of 6 decimals.
contract LargestAmountTest {
    uint256 private constant WAD = 1e18;
    uint256 private constant QUOTE_SCALE = 1e12;
    /// First the two ends, then the steps.
    uint256 private constant PROBES = 2 + 14;
    uint256 private constant BURN = 500_000;

    /// One option costs `price` and `slope` more for each that is traded with it, a sale brings as much less; it has `value` and `vega`, at a vol of 60 %. WAD.
    /// @param refusedAbove Amounts above have no price.
    /// @param flatAbove Those above have no vega, and so no price in vol.
    /// @param chance Not 0: nothing of this counts, amounts are answered by chance.
    struct Script {
        uint256 price;
        uint256 slope;
        uint256 value;
        uint256 vega;
        uint256 refusedAbove;
        uint256 flatAbove;
        uint256 chance;
        bool isBurning;
    }

    Script private _script;

    // ------------------------------------------------------------------------------------------------------------ the pool

    function quote(
        IClearinghouse.Leg[] calldata legs
    ) external view returns (IOptionPool.Quote memory quoted) {
        Script memory script = _script;
        if (script.isBurning) _burn();
        bool isSale = legs[0].amount < 0;
        uint256 amount = uint256(isSale ? -legs[0].amount : legs[0].amount);
        quoted.legs = new IOptionPool.LegQuote[](1);
        if (script.chance != 0) return _byChance(quoted, script.chance, amount, isSale);
        uint256 vega = amount > script.flatAbove ? 0 : script.vega;
        quoted.legs[0] = IOptionPool.LegQuote(script.value, 0.6e18, 0, vega);
        if (amount > script.refusedAbove) {
            quoted.refusal = IOptionPool.Refusal.BookLimit;
            return quoted;
        }
        uint256 impact = (script.slope * amount) / WAD;
        if (isSale) {
            uint256 bid = script.price > impact ? script.price - impact : 0;
            quoted.cost = -int256((bid * amount) / WAD);
        } else {
            quoted.cost = int256(((script.price + impact) * amount) / WAD + 1);
        }
    }

    /// Refused every fourth time, in half of all sales with proceeds in base, now and then without vega or for the floor.
    function _byChance(
        IOptionPool.Quote memory quoted,
        uint256 chance,
        uint256 amount,
        bool isSale
    ) private pure returns (IOptionPool.Quote memory) {
        uint256 seed = uint256(keccak256(abi.encode(chance, amount)));
        quoted.refusal = IOptionPool.Refusal(within(seed, 1, 0, 3) == 0 ? within(seed, 2, 1, 17) : 0);
        int256 assets = int256(sizeBelow(seed, 3, 1 << 96));
        quoted.cost = isSale ? -assets : assets;
        if (isSale && seed % 2 == 0) quoted.baseProceeds = sizeBelow(seed, 4, 1 << 96);
        quoted.parts.spotLow = sizeBelow(seed, 5, 1e24);
        quoted.isFloor = within(seed, 6, 0, 9) == 0;
        uint256 vega = within(seed, 7, 0, 9) == 0 ? 0 : 1e12 + sizeBelow(seed, 8, 1e24);
        quoted.legs[0] = IOptionPool.LegQuote(sizeBelow(seed, 9, 1e24), sizeBelow(seed, 10, 5e18), 0, vega);
        return quoted;
    }

    /// All of a call's gas: a view tells by it alone how often it was asked.
    function _burn() private view {
        (bool isDone, ) = address(this).staticcall{ gas: BURN }(abi.encodeCall(this.fail, ()));
        assert(!isDone);
    }

    function fail() external pure {
        assembly ("memory-safe") {
            invalid()
        }
    }

    // ------------------------------------------------------------------------------------------------------------ the search

    function _limits(uint256 seed, bool isSale) private view returns (LargestAmount.Limits memory limits) {
        limits.pool = IOptionPool(address(this));
        limits.isSale = isSale;
        (limits.quoteScale, limits.baseScale) = (QUOTE_SCALE, 1);
        // A budget for every fourth purchase that is nothing; no limit of vol in half of all draws.
        if (!isSale && within(seed, 91, 0, 3) != 0) limits.mostCost = sizeBelow(seed, 92, 1 << 96);
        if (within(seed, 93, 0, 1) == 0) limits.volLimit = 1 + sizeBelow(seed, 94, 5e18);
    }

    /// @dev Of amounts that an order may name, and of a pool's least.
    function _range(uint256 seed) private pure returns (uint256 least, uint256 most) {
        least = 1e12 + sizeBelow(seed, 95, 1e24);
        most = least + sizeBelow(seed, 96, 1e26);
    }

    /// The pool's own word on an amount, against the limits by their definition: cost <= budget, and for the vol v + (price - V) / vega, which
    /// is not above the limit of a purchase and not below that of a sale; each to what rounding leaves.
    /// @return surely Whether it is within them whatever rounding does.
    /// @return perhaps Whether it may be.
    function _judge(
        LargestAmount.Limits memory limits,
        uint256 amount
    ) private view returns (bool surely, bool perhaps) {
        IClearinghouse.Leg[] memory legs = new IClearinghouse.Leg[](1);
        legs[0].amount = limits.isSale ? -int256(amount) : int256(amount);
        IOptionPool.Quote memory quoted = this.quote(legs);
        if (quoted.refusal != IOptionPool.Refusal.None) return (false, false);
        (surely, perhaps) = (true, true);
        if (!limits.isSale) {
            surely = perhaps = quoted.cost <= int256(limits.mostCost);
        }
        if (limits.volLimit == 0) return (surely, perhaps);
        IOptionPool.LegQuote memory leg = quoted.legs[0];
        if (quoted.isFloor || leg.vega == 0) return (false, false);
        int256 paid = quoted.cost * int256(QUOTE_SCALE) * int256(WAD);
        paid -= int256(quoted.baseProceeds * quoted.parts.spotLow);
        // The price of it all that is just at the limit.
        int256 beyond = ((int256(limits.volLimit) - int256(leg.vol)) * int256(leg.vega)) / int256(WAD);
        int256 price = (int256(leg.value) + beyond) * int256(amount);
        int256 margin = limits.isSale ? -paid - price : price - paid;
        // A few units of price, and one of vol.
        int256 allowance = int256((leg.vega / WAD + 3) * amount + WAD);
        (surely, perhaps) = (surely && margin > allowance, perhaps && margin >= -allowance);
    }

    function _isWithin(
        LargestAmount.Limits memory limits,
        uint256 amount
    ) private view returns (bool isWithin) {
        (bool surely, bool perhaps) = _judge(limits, amount);
        isWithin = LargestAmount.isWithin(LargestAmount.probe(limits, amount));
        assert(isWithin ? perhaps : !surely);
    }

    // ------------------------------------------------------------------------------------------------------------ properties

    /// Whatever the pool answers: an amount of the range, whose own quote is within the limits; where there is none to be had, the least
    /// one. Never a revert.
    function testFuzz_WhateverIsQuoted_TheAmountFoundIsWithinItsLimits(uint256 seed, bool isSale) public {
        _script.chance = seed | 1;
        LargestAmount.Limits memory limits = _limits(seed, isSale);
        (uint256 least, uint256 most) = _range(seed);
        LargestAmount.Probe memory found = LargestAmount.find(limits, least, most);
        assert(found.amount >= least && found.amount <= most);
        LargestAmount.Probe memory again = LargestAmount.probe(limits, found.amount);
        assert(keccak256(abi.encode(found)) == keccak256(abi.encode(again)));
        bool isAtMost = _isWithin(limits, most);
        bool isAtLeast = _isWithin(limits, least);
        if (isAtMost) assert(found.amount == most);
        else if (!isAtLeast) assert(found.amount == least);
        assert(_isWithin(limits, found.amount) == (isAtMost || isAtLeast));
    }

    /// A budget of more than 1e18 units, as a thousand of a quote of 18 decimals is, so that one unit is less of it than a WAD tells.
    function test_ACostOfOneUnitMoreThanTheBudget_IsBeyondIt() public {
        _script = Script(1e24, 0, WAD, WAD, type(uint256).max, type(uint256).max, 0, false);
        LargestAmount.Limits memory limits = LargestAmount.Limits(
            IOptionPool(address(this)),
            SeriesId.wrap(0),
            false,
            1e24,
            0,
            1,
            1
        );
        assert(!LargestAmount.isWithin(LargestAmount.probe(limits, WAD)));
        limits.mostCost = 1e24 + 1;
        assert(LargestAmount.isWithin(LargestAmount.probe(limits, WAD)));
    }

    /// Both ends and fourteen steps, told by the gas that a question burns.
    function testFuzz_WhateverIsQuoted_ThePoolIsAskedAtMostSixteenTimes(uint256 seed, bool isSale) public {
        _script.chance = seed | 1;
        LargestAmount.Limits memory limits = _limits(seed, isSale);
        (uint256 least, uint256 most) = _range(seed);
        _script.isBurning = true;
        uint256 gasBefore = gasleft();
        LargestAmount.find(limits, least, most);
        assert((gasBefore - gasleft()) / BURN <= PROBES);
    }

    /// A smooth pool in a quote of 18 decimals, and a budget or a limit of vol that `wanted` just meets; `most` is up to twice as much,
    /// or far: up to a thousand times, and now and then under both limits, whose chord is a worse guess.
    function _smooth(
        uint256 seed,
        bool isSale,
        bool isFar
    ) private returns (LargestAmount.Limits memory limits, uint256 wanted, uint256 most) {
        wanted = WAD + sizeBelow(seed, 1, 1e22);
        most = wanted + within(seed, 2, 0, isFar ? 1000 * wanted : wanted);
        uint256 price = WAD + sizeBelow(seed, 3, 1e22);
        // For all of `most` 5 to 100 % of the price, of which a sale keeps half.
        uint256 slope = (within(seed, 4, price / 20, price) * WAD) / most / (isSale ? 2 : 1);
        _script = Script(price, slope, price, price, type(uint256).max, type(uint256).max, 0, false);
        (limits.pool, limits.isSale) = (IOptionPool(address(this)), isSale);
        (limits.quoteScale, limits.baseScale, limits.mostCost) = (1, 1, type(uint96).max);
        uint256 by = within(seed, 5, 0, isFar ? 2 : 1);
        if (!isSale && by != 0) limits.mostCost = uint256(LargestAmount.probe(limits, wanted).cost);
        if (!isSale && by == 1) return (limits, wanted, most);
        // v + slope a / vega, where vega is the price.
        uint256 moved = (slope * wanted) / price;
        limits.volLimit = isSale ? 0.6e18 - moved : 0.6e18 + moved;
    }

    /// To the unit: a budget of what the most costs buys the most.
    function testFuzz_ABudgetThatJustLastsBuysTheMost(uint256 seed) public {
        (LargestAmount.Limits memory limits, uint256 wanted, ) = _smooth(seed, false, false);
        (limits.mostCost, limits.volLimit) = (uint256(LargestAmount.probe(limits, wanted).cost), 0);
        assert(LargestAmount.find(limits, wanted / 2, wanted).amount == wanted);
    }

    /// Where `most` is at most twice what one limit allows, no more than a thousandth of that is left.
    function testFuzz_NearTheMost_NothingLargerIsMissed(uint256 seed, bool isSale) public {
        (LargestAmount.Limits memory limits, uint256 wanted, uint256 most) = _smooth(seed, isSale, false);
        uint256 least = wanted / within(seed, 6, 2, 1000);
        uint256 found = LargestAmount.find(limits, least, most).amount;
        assert(found <= wanted + wanted / 1e9);
        assert(found + wanted / 1000 + wanted / 1e9 >= wanted);
    }

    /// However far `most` is, with a price there or without, or with none in vol: each step takes a sixteenth of the bracket away at least,
    /// until the search is near.
    function testFuzz_HoweverFarTheMost_TheBracketClosesByASixteenthAStep(
        uint256 seed,
        bool isSale,
        bool isFar
    ) public {
        (LargestAmount.Limits memory limits, uint256 wanted, uint256 most) = _smooth(seed, isSale, isFar);
        uint256 end = wanted / 2 + within(seed, 8, 0, most);
        uint256 kind = within(seed, 7, 0, 2);
        if (kind == 1) _script.refusedAbove = end;
        if (kind == 2) _script.flatAbove = end;
        bool isEnd = kind == 1 || (kind == 2 && limits.volLimit != 0);
        uint256 largest = isEnd && end < wanted ? end : wanted;
        uint256 least = wanted / within(seed, 6, 2, 1000);
        LargestAmount.Probe memory found = LargestAmount.find(limits, least, most);
        assert(found.amount <= largest + largest / 1e9);
        bool isNear = found.isByCost && found.excess >= -5e14;
        // (15/16)^14 < 0.406; a step rounds down.
        uint256 bracket = ((most - least) * 406) / 1000 + 14;
        assert(isNear || found.amount + found.amount / 1000 + largest / 1e9 + bracket >= largest);
    }
}

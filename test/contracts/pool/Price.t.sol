// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IOptionPool } from "../../../contracts/interfaces/IOptionPool.sol";
import { Legs } from "../../../contracts/pool/Legs.sol";
import { Price } from "../../../contracts/pool/Price.sol";
import { Spread } from "../../../contracts/pool/Spread.sol";
import { Potential } from "../../../contracts/pricing/Potential.sol";
import { QUOTE_UNIT } from "../../../contracts/types/BookFields.sol";
import { toBookFunds } from "../../../contracts/types/BookFunds.sol";
import { RandomMarket } from "./RandomMarket.sol";

/// P3, P4, P5 and P9 of the price alone, over books, smiles and trades of any kind, and where `anyTerms` is there over all terms and
/// parameters within the coded bounds: what has no `anyTerms` holds of the defaults and not of all of them. No tolerance, but where a line
/// says so.
contract PriceTest {
    using RandomMarket for RandomMarket.Draw;

    int256 private constant WAD = 1e18;
    /// On the bill of every trade, for each of its expiries; as in {Price}.
    int256 private constant ALLOWANCE = 1e11;
    /// A reward comes in whole units of the reserve, so a cut of it takes less than one from the taker; his bill counts in the same.
    int256 private constant REWARD_CUT = int256(QUOTE_UNIT);
    uint256 private constant STEPS = 6;
    uint256 private constant DRAWS = 20;

    error Price_DrawsNotJudged(uint256 property, uint256[7] judged);

    // -------------------------------------------------------------------------------------------------------------- P4: splits

    function testFuzz_P4_TwoTradesCostNoLessThanOne(uint256 seed) public pure {
        _judgeTwoTrades(seed);
    }

    function _judgeTwoTrades(uint256 seed) private pure returns (bool isJudged) {
        RandomMarket.Draw memory draw = RandomMarket.Draw(seed);
        Legs.State memory state = draw.state(RandomMarket.Choice(false, 4));
        int256[] memory first = draw.amounts(state.legs.length, false);
        int256[] memory second = draw.amounts(state.legs.length, false);
        return _requireNoGain(state, first, second);
    }

    function testFuzz_P4_LegsCostNoLessThanTheirCombination(uint256 seed, bool anyTerms) public pure {
        _judgeCombination(seed, anyTerms);
    }

    function _judgeCombination(uint256 seed, bool anyTerms) private pure returns (bool isJudged) {
        RandomMarket.Draw memory draw = RandomMarket.Draw(seed);
        Legs.State memory state = draw.state(RandomMarket.Choice(anyTerms, 4));
        int256[] memory whole = draw.amounts(state.legs.length, false);
        int256[] memory first = new int256[](whole.length);
        int256[] memory second = new int256[](whole.length);
        for (uint256 i = 0; i < whole.length; ++i) {
            if (draw.chance(50)) first[i] = whole[i];
            else second[i] = whole[i];
        }
        return _requireNoGain(state, first, second);
    }

    function testFuzz_P4_SellingInTwoPartsBringsNoMore(uint256 seed) public pure {
        _judgeSaleInTwo(seed);
    }

    function _judgeSaleInTwo(uint256 seed) private pure returns (bool isJudged) {
        RandomMarket.Draw memory draw = RandomMarket.Draw(seed);
        Legs.State memory state = draw.state(RandomMarket.Choice(false, 1));
        int256[] memory first = draw.amounts(1, true);
        int256[] memory second = draw.amounts(1, true);
        if (_crosses(state, first[0] + second[0])) return false;
        Split memory split = _split(state, first, second);
        isJudged = split.isInside;
        // The best part is found to 2^-40 of what is sold.
        if (isJudged) assert(split.cost >= split.wholeCost + split.wholeCost / 1e6 - REWARD_CUT);
    }

    /// @dev Whether a sale buys back all that is written and goes on: its first part owes no rent and its second does, while the rent
    /// of a part is taken in proportion (docs/decisions/0007).
    function _crosses(Legs.State memory state, int256 amount) private pure returns (bool) {
        return state.legs[0].position < 0 && amount < state.legs[0].position;
    }

    function testFuzz_ProceedsRiseWithSize(uint256 seed) public pure {
        _judgeProceeds(seed);
    }

    function _judgeProceeds(uint256 seed) private pure returns (bool isJudged) {
        RandomMarket.Draw memory draw = RandomMarket.Draw(seed);
        Legs.State memory state = draw.state(RandomMarket.Choice(false, 1));
        int256[] memory size = draw.amounts(1, true);
        (Price.Priced memory small, ) = RandomMarket.traded(state, size);
        size[0] -= int256(draw.scaled(1, 70));
        if (_crosses(state, size[0])) return false;
        (Price.Priced memory large, ) = RandomMarket.traded(state, size);
        // The best part is found to 2^-40 of what is sold.
        isJudged = small.isInside;
        if (isJudged) assert(-large.cost >= -small.cost + small.cost / 1e6 - REWARD_CUT);
    }

    // --------------------------------------------------------------------------------------------------------- P3: round trips

    function testFuzz_P3_NoWayRoundWins(uint256 seed) public pure {
        _judgeWayRound(seed);
    }

    function _judgeWayRound(uint256 seed) private pure returns (bool isJudged) {
        (bool isInside, int256 paid, bool isRefused) = _wayRound(seed, false);
        isJudged = isInside && !isRefused;
        assert(!isJudged || paid >= 0);
    }

    /// @dev A few trades, marks between, then home in one trade or in two.
    function _wayRound(
        uint256 seed,
        bool anyTerms
    ) internal pure returns (bool isInside, int256 paid, bool isRefused) {
        RandomMarket.Draw memory draw = RandomMarket.Draw(seed);
        Legs.State memory state = draw.state(RandomMarket.Choice(anyTerms, 3));
        int256[] memory held = new int256[](state.legs.length);
        uint256 steps = draw.within(1, STEPS);
        for (uint256 i = 0; i <= steps + 1; ++i) {
            int256[] memory amounts = _step(draw, held, i, steps);
            for (uint256 j = 0; j < held.length; ++j) held[j] += amounts[j];
            (Price.Priced memory priced, Legs.State memory next) = RandomMarket.traded(state, amounts);
            if (!priced.isInside) return (false, 0, false);
            paid += priced.cost;
            if (priced.isBeyondValue) isRefused = true;
            state = next;
            _maybeMark(draw, state);
        }
        isInside = true;
    }

    function _step(
        RandomMarket.Draw memory draw,
        int256[] memory held,
        uint256 step,
        uint256 steps
    ) private pure returns (int256[] memory amounts) {
        if (step < steps) return draw.amounts(held.length, false);
        amounts = new int256[](held.length);
        bool isHalf = step == steps && draw.chance(50);
        for (uint256 j = 0; j < held.length; ++j) amounts[j] = isHalf ? -held[j] / 2 : -held[j];
    }

    /// @dev Another epoch's end: the range of equities widens. It forgets the first only after four.
    function _maybeMark(RandomMarket.Draw memory draw, Legs.State memory state) private pure {
        if (!draw.chance(25)) return;
        uint256 low = state.book.funds.equityLow() / 1e18;
        uint256 high = state.book.funds.equityHigh() / 1e18;
        if (draw.chance(50)) low = draw.within(low / 2, low);
        else high = draw.within(high, 2 * high);
        state.book.funds = toBookFunds(low, high, state.book.funds.reserve() / QUOTE_UNIT, 0, 0);
    }

    // --------------------------------------------------------------------------------------------------------- P5: fee per unit

    function testFuzz_P5_FeePerUnitDoesNotDependOnSize(uint256 seed, bool anyTerms) public pure {
        _judgeFee(seed, anyTerms);
    }

    function _judgeFee(uint256 seed, bool anyTerms) private pure returns (bool isJudged) {
        RandomMarket.Draw memory draw = RandomMarket.Draw(seed);
        Legs.State memory state = draw.state(RandomMarket.Choice(anyTerms, 1));
        int256[] memory amounts = new int256[](1);
        amounts[0] = WAD;
        bool isSold = draw.chance(50);
        if (isSold) amounts[0] = -WAD;
        (Price.Priced memory one, ) = RandomMarket.traded(state, amounts);
        uint256 size = draw.scaled(1e16, 20);
        amounts[0] = isSold ? -int256(size) : int256(size);
        (Price.Priced memory many, ) = RandomMarket.traded(state, amounts);
        if (!one.isInside) return false;
        isJudged = true;
        uint256 unit = _feeOf(state, one, amounts, 1e18);
        uint256 whole = _feeOf(state, many, amounts, size);
        // Both are rounded up, by at most two units.
        assert(whole * 1e18 <= unit * size + 2e18 && unit * size <= whole * 1e18 + 2 * size);
        // A purchase is charged just that; of a sale at most, where only a part of it is paid.
        if (isSold) assert(many.parts.fee <= whole);
        else
            assert(
                many.parts.fee == whole &&
                    many.parts.value >= (int256(many.legs[0].value) * int256(size)) / WAD
            );
    }

    // ---------------------------------------------------------------------------------------------------------- P9: potential

    struct Sizes {
        int256 small;
        int256 middle;
        int256 large;
    }

    function testFuzz_P9_ImpactIsConvexMonotoneAndBounded(uint256 seed) public pure {
        RandomMarket.Draw memory draw = RandomMarket.Draw(seed);
        (Potential.Axis[] memory axes, int256 low, int256 high) = _axes(draw);
        Sizes memory t;
        t.small = int256(draw.within(0, uint256(WAD) / 2)) * 2;
        t.large = int256(draw.within(uint256(t.small) / 2, uint256(WAD) / 2)) * 2;
        t.middle = (t.small + t.large) / 2;
        Sizes memory impact;
        (impact.small, ) = Potential.impact(axes, low, high, t.small);
        (impact.middle, ) = Potential.impact(axes, low, high, t.middle);
        (impact.large, ) = Potential.impact(axes, low, high, t.large);
        int256 bound = 0;
        int256 slack = 0;
        for (uint256 i = 0; i < axes.length; ++i) {
            int256 steepest = axes[i].high > -axes[i].low ? axes[i].high : -axes[i].low;
            int256 length = axes[i].dx < 0 ? -axes[i].dx : axes[i].dx;
            bound += (steepest * length) / WAD;
            // A place is cut by one unit, and f by one of slope times x: {Potential-valueAt}.
            int256 farthest = (axes[i].x < 0 ? -axes[i].x : axes[i].x) + length;
            slack += farthest / WAD + steepest / WAD + 4;
        }
        assert(2 * impact.middle <= impact.small + impact.large + 4 * slack);
        assert(impact.large <= bound + slack && impact.large >= -bound - slack);
        // From nothing, convex: once it costs, more costs more.
        if (impact.small > 0) assert(impact.large >= impact.small - 2 * slack);
    }

    function testFuzz_P9_CostIsConvexInSize(uint256 seed, bool anyTerms) public pure {
        _judgeConvexity(seed, anyTerms);
    }

    function _judgeConvexity(uint256 seed, bool anyTerms) private pure returns (bool isJudged) {
        RandomMarket.Draw memory draw = RandomMarket.Draw(seed);
        Legs.State memory state = draw.state(RandomMarket.Choice(anyTerms, 4));
        int256[] memory amounts = draw.amounts(state.legs.length, false);
        bool isSale = true;
        for (uint256 i = 0; i < amounts.length; ++i) if (amounts[i] > 0) isSale = false;
        if (isSale) return false;
        int256 cost1;
        int256 cost2;
        int256 cost3;
        (cost1, isJudged) = _costOf(state, amounts, 1);
        if (!isJudged) return false;
        (cost2, ) = _costOf(state, amounts, 2);
        (cost3, ) = _costOf(state, amounts, 3);
        // Each axis is cut to 1e-6 quote or 1e-9 base; four allowances are more than all cuts of the three together but the reward's.
        assert(2 * cost2 <= cost1 + cost3 + 2 * REWARD_CUT + 4 * ALLOWANCE * int256(state.expiries.length));
    }

    // ------------------------------------------------------------------------------------------------------------------ shares

    /// What a property leaves out it does not judge: of the first draws each judges a third at least, most of them nearly all.
    function test_MostDrawsAreJudged() public pure {
        uint256[7] memory judged;
        for (uint256 seed = 1; seed <= DRAWS; ++seed) {
            if (_judgeTwoTrades(seed)) ++judged[0];
            if (_judgeCombination(seed, seed % 2 == 0)) ++judged[1];
            if (_judgeSaleInTwo(seed)) ++judged[2];
            if (_judgeProceeds(seed)) ++judged[3];
            if (_judgeWayRound(seed)) ++judged[4];
            if (_judgeFee(seed, seed % 2 == 0)) ++judged[5];
            if (_judgeConvexity(seed, seed % 2 == 0)) ++judged[6];
        }
        for (uint256 i = 0; i < judged.length; ++i)
            if (3 * judged[i] < DRAWS) revert Price_DrawsNotJudged(i, judged);
    }

    // ----------------------------------------------------------------------------------------------------------------- helpers

    function _costOf(
        Legs.State memory state,
        int256[] memory amounts,
        int256 times
    ) private pure returns (int256, bool) {
        int256[] memory scaled = new int256[](amounts.length);
        for (uint256 i = 0; i < amounts.length; ++i) scaled[i] = amounts[i] * times;
        (Price.Priced memory priced, ) = RandomMarket.traded(state, scaled);
        return (priced.cost, priced.isInside);
    }

    /// @dev But where a part is a sale that is paid for less than all of it: then what the whole would have to pay for was given away.
    /// Without rent, as long as a part frees capacity that the other takes: of the whole it is charged at the use before.
    function _requireNoGain(
        Legs.State memory state,
        int256[] memory first,
        int256[] memory second
    ) private pure returns (bool isJudged) {
        Split memory split = _split(state, first, second);
        if (!split.isInside || split.isGivenAway) return false;
        isJudged = true;
        // Of a whole that is cut short, rent is too: what it costs is least with it.
        if (split.isCut) {
            assert(split.frees || split.cost >= split.wholeCost - REWARD_CUT);
            return true;
        }
        assert(split.cost - split.rent >= split.wholeCost - split.wholeRent - REWARD_CUT);
        if (!split.frees) assert(split.rent >= split.wholeRent);
    }

    /// A trade in two parts, and in one.
    struct Split {
        bool isInside;
        bool isGivenAway;
        bool isCut;
        bool frees;
        int256 cost;
        int256 rent;
        int256 wholeCost;
        int256 wholeRent;
    }

    function _split(
        Legs.State memory state,
        int256[] memory first,
        int256[] memory second
    ) internal pure returns (Split memory split) {
        int256[] memory both = new int256[](first.length);
        for (uint256 i = 0; i < first.length; ++i) both[i] = first[i] + second[i];
        (Price.Priced memory once, ) = RandomMarket.traded(state, both);
        (Price.Priced memory one, Legs.State memory between) = RandomMarket.traded(state, first);
        (Price.Priced memory other, ) = RandomMarket.traded(between, second);
        split.isInside = once.isInside && one.isInside && other.isInside;
        if (!split.isInside) return split;
        (split.cost, split.wholeCost) = (one.cost + other.cost, once.cost);
        split.rent = _rentOf(one) + _rentOf(other);
        split.wholeRent = _rentOf(once);
        split.isGivenAway = _isGivenAway(state, one, first) || _isGivenAway(between, other, second);
        if (once.cost == 0) split.isGivenAway = true;
        split.isCut = _isGivenAway(state, once, both);
        split.frees = _frees(state, first) || _frees(between, second) || _frees(state, both);
    }

    function _rentOf(Price.Priced memory priced) private pure returns (int256) {
        return int256(priced.parts.rentBase + priced.parts.rentQuote);
    }

    /// @dev Whether a leg gives back capacity that the book has in use.
    function _frees(Legs.State memory state, int256[] memory amounts) private pure returns (bool) {
        for (uint256 i = 0; i < amounts.length; ++i) {
            if (
                amounts[i] > 0 == state.legs[i].position > 0 && amounts[i] != 0 && state.legs[i].position != 0
            ) {
                return true;
            }
        }
        return false;
    }

    function _isGivenAway(
        Legs.State memory state,
        Price.Priced memory priced,
        int256[] memory amounts
    ) private pure returns (bool) {
        uint256 fee = 0;
        uint256 leg = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            if (amounts[i] > 0) return false;
            if (amounts[i] == 0) continue;
            fee += _legFee(state, priced.legs[leg++], amounts[i]);
        }
        return priced.cost == 0 || priced.parts.fee != fee;
    }

    function _feeOf(
        Legs.State memory state,
        Price.Priced memory priced,
        int256[] memory amounts,
        uint256 size
    ) private pure returns (uint256) {
        return _legFee(state, priced.legs[0], amounts[0] < 0 ? -int256(size) : int256(size));
    }

    function _legFee(
        Legs.State memory state,
        IOptionPool.LegQuote memory leg,
        int256 amount
    ) private pure returns (uint256) {
        return Spread.feeUp(state.parameters, amount, leg.value, leg.vega, state.spot.low);
    }

    /// @dev Axes of any scale within the ranges of {Potential}.
    function _axes(
        RandomMarket.Draw memory draw
    ) private pure returns (Potential.Axis[] memory axes, int256 low, int256 high) {
        low = int256(draw.scaled(1e18, 40));
        high = draw.chance(50) ? low : low * int256(draw.within(1, 4));
        axes = new Potential.Axis[](draw.within(1, 9));
        for (uint256 i = 0; i < axes.length; ++i) {
            int256 curvature = int256(draw.scaled(1e9, 36));
            int256 steepest = int256(draw.scaled(1e12, 24));
            int256 scale = draw.chance(70) ? int256(0) : int256(draw.scaled(1e9, 50));
            // Of the order of the knee, so that both sides of it are met.
            int256 knee = (steepest * (scale == 0 ? low : scale)) / curvature + 1;
            if (knee > 1 << 96) knee = 1 << 96;
            int256 x = draw.signedWithin(uint256(3 * knee));
            int256 dx = draw.signedWithin(uint256(3 * knee));
            int256 lowest = -int256(draw.within(0, uint256(steepest)));
            axes[i] = Potential.Axis(x, dx, curvature, scale, lowest, steepest);
        }
    }
}

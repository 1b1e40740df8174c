// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { Axes } from "../book/Axes.sol";
import { Limits } from "../book/Limits.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { SliceReading } from "../interfaces/IVolSurface.sol";
import { Exposure } from "../pricing/Exposure.sol";
import { Potential } from "../pricing/Potential.sol";
import { Svi } from "../pricing/Svi.sol";
import { BASE_UNIT, ExpiryRisk, QUOTE_UNIT } from "../types/BookWords.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { Slice } from "../types/Slice.sol";
import { YEAR } from "../types/Times.sol";
import { Spread } from "./Spread.sol";

/// The price of a trade: value, impact, spread, fee and rent, from what was read before. Pure; quote and execution are this one function
/// (P8). docs/decisions/0007 has it in formulas.
///
/// UNITS    WAD; amounts positive where the taker buys.
/// RANGES   Proof of the unchecked blocks: spot is below 2^96 (the oracle's words) and a strike below 2^94, so a value and a vegaSd are; an amount
///          is below 2^95 (the door), tau below 2^61 (400 days), rootTau below 2^61; legs are few: their calldata costs 2,000 gas each, so
///          fewer than 2^15. Sums of amount times value stay below 2^238, and of what is divided by WAD once below 2^178; a
///          weight is below 2^63. The words of the book are below 2^104, and what moves them is cut by the book. Differences are of
///          signed numbers, or are ordered as said beside them; divisors are constants, spot, sd and tau, which the
///          domain keeps above 0.
/// ROUNDING The cuts of the exposures are worth less than 6e-8 + 8e-13 S of quote an expiry; {ALLOWANCE} (1e-6) for each is on the taker's
///          bill, so no split of a trade wins by a cut while spot is below a million. The cost is rounded to assets by the pool, once, against the taker.
library Price {
    int256 private constant WAD = 1e18;
    int256 private constant ALLOWANCE = 1e12;
    /// Steps of the bisection of a sale's best part: to 2^-40 of the sale.
    uint256 private constant BISECTIONS = 40;

    /// Where spot stands for this trade.
    /// @param deviation Move of spot that the sources may not show yet.
    /// @param age Seconds since the observation that counts.
    struct Spot {
        uint256 low;
        uint256 high;
        uint256 deviation;
        uint256 age;
    }

    /// One expiry of a trade.
    struct Expiry {
        uint32 expiryAt;
        SliceReading reading;
        Exposure.Clock clock;
    }

    /// One leg of a trade.
    /// @param position The book's, before the trade.
    /// @param expiry Its place among the trade's expiries.
    struct Leg {
        SeriesId series;
        int256 amount;
        int256 position;
        uint256 expiry;
    }

    /// All that a price rests on.
    /// @param baseBalance B, WAD.
    struct State {
        uint256 nowAt;
        Spot spot;
        uint256 baseBalance;
        IBook.Reading book;
        IOptionPool.Parameters parameters;
        Expiry[] expiries;
        Leg[] legs;
    }

    /// Sums over the legs of one expiry, for the taker.
    /// @param convexity S^2 d delta / dS, gamma without its damping; theta per year on the variance clock. For screens only.
    struct Exposures {
        int256 vega;
        int256 vegaSkew;
        int256 gamma;
        int256 delta;
        int256 convexity;
        int256 theta;
    }

    /// What the legs add up to before impact.
    /// @param values sum q V at: low spot, high spot; and at both by the slices before, in the block of a post.
    /// @param bound Least that the legs can cost: bought ones their intrinsic value, sold ones less what they can ever pay.
    /// @param isSale Whether every leg is sold.
    struct Sums {
        int256[4] values;
        int256 bound;
        uint256 fee;
        uint256 rentBase;
        uint256 rentQuote;
        uint256 notional;
        uint256 outflow;
        bool isSale;
        bool isInside;
        Exposures[] exposures;
    }

    /// The answer.
    /// @param cost WAD, the allowance included; not above 0 for a sale.
    /// @param total Sums over the whole trade for screens: vega, delta, convexity and theta alone.
    /// @param move What the book is to be told; without outflow's premium and isOpening, which are the pool's to say.
    struct Priced {
        bool isInside;
        int256 cost;
        IOptionPool.Parts parts;
        IBook.Move move;
        uint256 notional;
        IOptionPool.LegQuote[] legs;
        Exposures total;
    }

    function compute(State memory state) internal pure returns (Priced memory priced) {
        Sums memory sums = _sum(state, priced);
        if (!sums.isInside) return priced;
        priced.isInside = true;
        priced.notional = sums.notional;
        Potential.Axis[] memory axes = _axes(state, sums, priced);
        _compose(state, sums, axes, priced);
    }

    // ------------------------------------------------------------------------------------------------------------------- legs

    function _sum(State memory state, Priced memory priced) private pure returns (Sums memory sums) {
        unchecked {
            sums.isSale = true;
            sums.isInside = true;
            sums.exposures = new Exposures[](state.expiries.length);
            priced.legs = new IOptionPool.LegQuote[](state.legs.length);
            (uint256 rateBase, uint256 rateQuote) = _rentRates(state);
            priced.move.expiries = new IBook.ExpiryMove[](state.expiries.length);
            for (uint256 i = 0; i < state.legs.length; ++i) {
                Leg memory leg = state.legs[i];
                if (!_addLeg(state, leg, sums, priced.legs[i])) {
                    sums.isInside = false;
                    return sums;
                }
                _addUse(state, leg, sums, priced.move, rateBase, rateQuote);
            }
        }
    }

    /// @dev Value, exposures and fee of one leg. False where it lies outside the domain of the pricing.
    function _addLeg(
        State memory state,
        Leg memory leg,
        Sums memory sums,
        IOptionPool.LegQuote memory quoted
    ) private pure returns (bool) {
        unchecked {
            Expiry memory expiry = state.expiries[leg.expiry];
            uint256 strike = leg.series.strike();
            bool isPut = leg.series.isPut();
            int256 amount = leg.amount;
            uint256 tau = (expiry.clock.tau * uint256(WAD)) / YEAR;
            Slice current = expiry.reading.current;
            Svi.Shaped memory shaped = Exposure.shapeOf(
                current,
                state.spot.low,
                strike,
                expiry.expiryAt,
                expiry.clock
            );
            if (!shaped.isInside) return false;
            Exposure.Unit memory unit = Exposure.fromShape(
                shaped,
                state.spot.low,
                expiry.clock,
                state.book.terms.stickiness()
            );
            uint256 value = isPut ? unit.put : unit.call;
            if (!_addValues(state, expiry, leg, sums, value)) return false;

            int256 delta = isPut ? unit.callDelta - WAD : unit.callDelta;
            Exposures memory exposures = sums.exposures[leg.expiry];
            exposures.vega += (amount * int256(unit.vega)) / WAD;
            exposures.vegaSkew += (amount * unit.vegaSkew) / WAD;
            exposures.gamma += (amount * int256(unit.gamma)) / WAD;
            exposures.delta += (amount * delta) / WAD;
            exposures.convexity += (amount * int256((shaped.vegaSd * uint256(WAD)) / shaped.sd)) / WAD;
            exposures.theta -= (amount * _decayOf(shaped, state.spot.low, strike, isPut)) / int256(tau);
            sums.fee += Spread.feeUp(state.parameters, amount, value, unit.vega, state.spot.low);
            sums.notional += (SignedMath.abs(amount) * state.spot.low) / uint256(WAD);
            if (amount > 0) sums.isSale = false;
            sums.bound += _boundOf(amount, unit, isPut, strike, state.spot);

            quoted.value = value;
            quoted.vol = (shaped.sd * uint256(WAD)) / expiry.clock.rootTau;
            quoted.delta = delta;
            quoted.vega = unit.vega;
            return true;
        }
    }

    /// @dev dV / d ln(tau), variance and carry in proportion to tau: s vegaSd / 2, and ln(F/S) D Phi(d2) for a call, less ln(F/S) D Phi(-d2)
    /// for a put (`Greeks`); ln(F/S) as (K - D) / D, to second order.
    function _decayOf(
        Svi.Shaped memory shaped,
        uint256 spot,
        uint256 strike,
        bool isPut
    ) private pure returns (int256) {
        unchecked {
            int256 discounted = int256(shaped.discounted);
            int256 carry = ((int256(strike) - discounted) * WAD) / discounted;
            int256 exercised = int256((spot * shaped.delta) / uint256(WAD)) - int256(shaped.call);
            if (isPut) exercised -= discounted;
            return int256((shaped.vegaSd * shaped.sd) / uint256(2 * WAD)) + (carry * exercised) / WAD;
        }
    }

    /// @dev The leg's worth at every spot and slice that counts. A put sold is worth its strike at most: its cover pays no more.
    function _addValues(
        State memory state,
        Expiry memory expiry,
        Leg memory leg,
        Sums memory sums,
        uint256 value
    ) private pure returns (bool) {
        sums.values[0] += _worth(leg, value);
        bool isOneSpot = state.spot.high == state.spot.low;
        Slice previous = expiry.reading.previous;
        bool isOneSlice = Slice.unwrap(previous) == 0;
        if (isOneSpot && isOneSlice) {
            // The scenarios that other expiries have are this one's too.
            for (uint256 i = 1; i < 4; ++i) sums.values[i] += _worth(leg, value);
            return true;
        }
        Slice current = expiry.reading.current;
        (bool isInside, uint256 high) = isOneSpot
            ? (true, value)
            : _value(current, state.spot.high, leg, expiry);
        if (!isInside) return false;
        sums.values[1] += _worth(leg, high);
        if (isOneSlice) {
            sums.values[2] += _worth(leg, value);
            sums.values[3] += _worth(leg, high);
            return true;
        }
        (isInside, value) = _value(previous, state.spot.low, leg, expiry);
        if (!isInside) return false;
        sums.values[2] += _worth(leg, value);
        if (!isOneSpot) (isInside, value) = _value(previous, state.spot.high, leg, expiry);
        sums.values[3] += _worth(leg, value);
        return isInside;
    }

    function _value(
        Slice slice,
        uint256 spot,
        Leg memory leg,
        Expiry memory expiry
    ) private pure returns (bool isInside, uint256 value) {
        Svi.Shaped memory shaped = Exposure.shapeOf(
            slice,
            spot,
            leg.series.strike(),
            expiry.expiryAt,
            expiry.clock
        );
        return (shaped.isInside, leg.series.isPut() ? shaped.put : shaped.call);
    }

    function _worth(Leg memory leg, uint256 value) private pure returns (int256) {
        unchecked {
            if (leg.amount < 0 && leg.series.isPut() && value > leg.series.strike())
                value = leg.series.strike();
            return (leg.amount * int256(value)) / WAD;
        }
    }

    /// @dev P6: a bought option costs its intrinsic value at least, at the spot of the two that is worse for its taker; a sold one brings spot
    /// (a call) or its strike (a put) at most. D, the discounted strike, does not move with spot.
    function _boundOf(
        int256 amount,
        Exposure.Unit memory unit,
        bool isPut,
        uint256 strike,
        Spot memory spot
    ) private pure returns (int256) {
        unchecked {
            uint256 discounted = spot.low + unit.put - unit.call;
            uint256 bound;
            if (amount > 0) {
                (uint256 gets, uint256 gives) = isPut ? (discounted, spot.low) : (spot.high, discounted);
                bound = gets > gives ? gets - gives : 0;
            } else {
                bound = isPut ? (discounted < strike ? discounted : strike) : spot.low;
            }
            return (amount * int256(bound)) / WAD;
        }
    }

    /// @dev Capacity that a leg takes or frees, the rent for what it takes, and the outflow that it could become.
    function _addUse(
        State memory state,
        Leg memory leg,
        Sums memory sums,
        IBook.Move memory move,
        uint256 rateBase,
        uint256 rateQuote
    ) private pure {
        unchecked {
            uint256 strike = leg.series.strike();
            bool isPut = leg.series.isPut();
            int256 base;
            int256 quote;
            {
                (uint256 baseBefore, uint256 quoteBefore) = Limits.sumsOf(strike, leg.position, isPut);
                (uint256 baseAfter, uint256 quoteAfter) = Limits.sumsOf(
                    strike,
                    leg.position - leg.amount,
                    isPut
                );
                base = int256(baseAfter) - int256(baseBefore);
                quote = int256(quoteAfter) - int256(quoteBefore);
            }
            move.baseSum += base;
            move.quoteSum += quote;
            if (base > 0) move.baseTaken += uint256(base);
            if (quote > 0) move.quoteTaken += uint256(quote);
            uint256 tau = (state.expiries[leg.expiry].clock.tau * uint256(WAD)) / YEAR;
            IBook.ExpiryMove memory part = move.expiries[leg.expiry];
            if (base > 0) {
                uint256 used = (uint256(base) * BASE_UNIT * state.spot.high) / uint256(WAD);
                uint256 rent = Spread.rentUp(used, rateBase, tau);
                part.rentBase += rent / QUOTE_UNIT;
                sums.rentBase += rent;
            }
            if (quote > 0) {
                uint256 rent = Spread.rentUp(uint256(quote) * QUOTE_UNIT, rateQuote, tau);
                part.rentQuote += rent / QUOTE_UNIT;
                sums.rentQuote += rent;
            }
            // A written call can cost spot and a written put its strike; what is paid for bought ones the pool adds.
            if (leg.amount > 0) {
                sums.outflow += (uint256(leg.amount) * (isPut ? strike : state.spot.high)) / uint256(WAD);
            }
        }
    }

    /// @dev At the use as of the last refresh of the whole book: one rate for all parts of a trade and of a block, else who frees capacity first
    /// would pay less for taking it.
    function _rentRates(State memory state) private pure returns (uint256 rateBase, uint256 rateQuote) {
        rateBase = Spread.rentRate(state.parameters, state.book.margins.baseUse());
        rateQuote = Spread.rentRate(state.parameters, state.book.margins.quoteUse());
    }

    // ----------------------------------------------------------------------------------------------------------------- impact

    /// @dev The axes with what the trade moves them by, cut to the units of the book's words; the same numbers go into the book.
    function _axes(
        State memory state,
        Sums memory sums,
        Priced memory priced
    ) private pure returns (Potential.Axis[] memory axes) {
        unchecked {
            uint256 count = state.expiries.length;
            ExpiryRisk[] memory risks = new ExpiryRisk[](count);
            for (uint256 i = 0; i < count; ++i) risks[i] = state.book.expiries[i].risk;
            axes = Axes.atRest(
                state.book.risk,
                state.book.claims,
                state.book.margins,
                state.book.terms,
                risks,
                state.baseBalance,
                state.spot.low
            );
            for (uint256 i = 0; i < count; ++i) {
                Exposures memory exposures = sums.exposures[i];
                IBook.ExpiryMove memory part = priced.move.expiries[i];
                int256 weight = int256(state.book.expiries[i].mark.weight());
                part.expiryAt = state.expiries[i].expiryAt;
                part.vega = (exposures.vega * weight) / WAD / int256(QUOTE_UNIT);
                part.vegaSkew = (exposures.vegaSkew * weight) / WAD / int256(QUOTE_UNIT);
                part.gamma = exposures.gamma / int256(QUOTE_UNIT);
                part.delta = -exposures.delta / int256(BASE_UNIT);
                axes[3 + 2 * i].dx = part.vega * int256(QUOTE_UNIT);
                axes[4 + 2 * i].dx = part.vegaSkew * int256(QUOTE_UNIT);
                axes[0].dx += part.vega * int256(QUOTE_UNIT);
                axes[1].dx += part.gamma * int256(QUOTE_UNIT);
                axes[2].dx += part.delta * int256(BASE_UNIT);
                priced.total.vega += exposures.vega;
                priced.total.delta += exposures.delta;
                priced.total.convexity += exposures.convexity;
                priced.total.theta += exposures.theta;
            }
            priced.move.spot = state.spot.low;
        }
    }

    function _compose(
        State memory state,
        Sums memory sums,
        Potential.Axis[] memory axes,
        Priced memory priced
    ) private pure {
        unchecked {
            IOptionPool.Parts memory parts = priced.parts;
            (parts.spotLow, parts.spotHigh) = (state.spot.low, state.spot.high);
            parts.value = _dearest(sums.values);
            parts.fee = sums.fee;
            (parts.rentBase, parts.rentQuote) = (sums.rentBase, sums.rentQuote);
            parts.spread = _spreadUp(state, sums.exposures, priced.total.delta);

            int256 linear = parts.value + int256(parts.spread + parts.fee + parts.rentBase + parts.rentQuote);
            int256 t = WAD;
            if (sums.isSale) t = _bestPart(state, axes, linear);
            if (t != WAD) {
                _scale(priced, t);
                linear = (linear * t) / WAD;
            }
            parts.impact = _impact(state, axes, t);
            int256 cost = linear + parts.impact;
            if (cost < sums.bound) cost = sums.bound;
            cost += ALLOWANCE * int256(state.expiries.length);
            if (sums.isSale && cost > 0) {
                _scale(priced, 0);
                (cost, parts.impact) = (0, 0);
            }
            priced.cost = cost;
            // Paid in is cut, paid out is what was reckoned: the reserve never has more than it was given.
            priced.move.impact = parts.impact / int256(QUOTE_UNIT);
            priced.move.outflow = sums.outflow;
        }
    }

    /// @dev Leaves of the parts of a sale, but for impact, those of its part t.
    function _scale(Priced memory priced, int256 t) private pure {
        unchecked {
            IOptionPool.Parts memory parts = priced.parts;
            parts.value = (parts.value * t) / WAD;
            parts.spread = (parts.spread * uint256(t)) / uint256(WAD);
            parts.fee = (parts.fee * uint256(t)) / uint256(WAD);
            parts.rentBase = (parts.rentBase * uint256(t)) / uint256(WAD);
            parts.rentQuote = (parts.rentQuote * uint256(t)) / uint256(WAD);
            for (uint256 i = 0; i < priced.move.expiries.length; ++i) {
                IBook.ExpiryMove memory part = priced.move.expiries[i];
                part.rentBase = (part.rentBase * uint256(t)) / uint256(WAD);
                part.rentQuote = (part.rentQuote * uint256(t)) / uint256(WAD);
            }
        }
    }

    /// @dev Age spread: each expiry's vega, and the delta of the whole.
    function _spreadUp(
        State memory state,
        Exposures[] memory exposures,
        int256 delta
    ) private pure returns (uint256 spread) {
        unchecked {
            SliceReading memory report = state.expiries[0].reading;
            uint256 rootAge = Spread.rootOf(state.nowAt - report.reportAt);
            uint256 moved = Spread.movedUp(report.spot, state.spot.low, state.spot.high);
            for (uint256 i = 0; i < exposures.length; ++i) {
                Expiry memory expiry = state.expiries[i];
                spread += Spread.vegaUp(
                    state.parameters,
                    expiry.clock,
                    Exposure.atmVol(expiry.reading.current, expiry.expiryAt),
                    exposures[i].vega,
                    exposures[i].vegaSkew,
                    rootAge,
                    moved
                );
            }
            spread += Spread.deltaUp(
                state.parameters,
                delta,
                state.spot.high,
                state.spot.deviation,
                Spread.shortVolAt(state.book.margins.shortVol(), state.nowAt),
                Spread.rootOf(state.spot.age)
            );
        }
    }

    /// @dev Of a book without equity every slope is at its bound.
    function _equities(State memory state) private pure returns (int256 low, int256 high) {
        (low, high) = (int256(state.book.funds.equityLow()), int256(state.book.funds.equityHigh()));
        if (low == 0) low = 1;
        if (high == 0) high = 1;
    }

    /// @dev A reward comes out of the reserve and is whole units of it.
    function _impact(
        State memory state,
        Potential.Axis[] memory axes,
        int256 t
    ) private pure returns (int256 impact) {
        unchecked {
            (int256 low, int256 high) = _equities(state);
            (impact, ) = Potential.impact(axes, low, high, t);
            if (impact >= 0) return impact;
            int256 reserve = int256(state.book.funds.reserve());
            if (-impact > reserve) impact = -reserve;
            return (impact / int256(QUOTE_UNIT)) * int256(QUOTE_UNIT);
        }
    }

    /// @dev The part of a sale that brings most. The proceeds of a part t are concave in t, so where they still rise at 1 it is all.
    function _bestPart(
        State memory state,
        Potential.Axis[] memory axes,
        int256 linear
    ) private pure returns (int256 t) {
        if (_stillRises(state, axes, linear, WAD)) return WAD;
        int256 low = 0;
        int256 high = WAD;
        for (uint256 i = 0; i < BISECTIONS; ++i) {
            int256 middle = (low + high) / 2;
            if (_stillRises(state, axes, linear, middle)) low = middle;
            else high = middle;
        }
        return low;
    }

    /// @dev Whether -linear t - impact(t) rises at t. Where the reserve caps a reward, a larger part brings none of it more.
    function _stillRises(
        State memory state,
        Potential.Axis[] memory axes,
        int256 linear,
        int256 t
    ) private pure returns (bool) {
        (int256 low, int256 high) = _equities(state);
        (int256 impact, int256 equity) = Potential.impact(axes, low, high, t);
        int256 slope = linear;
        if (-impact < int256(state.book.funds.reserve())) slope += Potential.derivative(axes, equity, t);
        return slope <= 0;
    }

    function _dearest(int256[4] memory values) private pure returns (int256 most) {
        unchecked {
            most = values[0];
            for (uint256 i = 1; i < 4; ++i) if (values[i] > most) most = values[i];
        }
    }
}

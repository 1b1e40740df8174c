// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { Limits } from "../book/Limits.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { SliceReading } from "../interfaces/IVolSurface.sol";
import { Exposure } from "../pricing/Exposure.sol";
import { Svi } from "../pricing/Svi.sol";
import { BASE_UNIT, QUOTE_UNIT } from "../types/BookFields.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { Slice } from "../types/Slice.sol";
import { Spread } from "./Spread.sol";

/// What the legs of a trade add up to before impact: value, exposures, fee, rent, and capacity. Pure.
///
/// UNITS and RANGES as in {Price}.
library Legs {
    int256 private constant WAD = 1e18;

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

    /// The book's account in the Clearinghouse, in the tokens' own decimals. Quote is zero where it is not asked for.
    struct Account {
        uint256 baseBalance;
        uint256 baseLocked;
        uint256 quoteBalance;
        uint256 quoteLocked;
    }

    /// All that a price rests on.
    /// @param rootAge sqrt of the report's age in years, WAD.
    /// @param moved Largest relative distance of spot from the report's, WAD.
    /// @param baseBalance B, WAD.
    struct State {
        uint256 nowAt;
        uint256 rootAge;
        uint256 moved;
        uint256 baseBalance;
        Spot spot;
        IBook.Reading book;
        Account account;
        IOptionPool.Parameters parameters;
        Expiry[] expiries;
        Leg[] legs;
    }

    /// Sums over the legs of one expiry, for the taker.
    struct Exposures {
        int256 vega;
        int256 vegaSkew;
        int256 gamma;
        int256 delta;
    }

    /// Sums over all legs.
    /// @param value sum q V of the legs that are worth the same in every scenario ...
    /// @param values ... and of the others: at low spot, at high spot; and at both by the slices before, in the block of a post.
    /// @param bound Least that the legs can cost: bought ones their intrinsic value, sold ones less what they can ever pay.
    /// @param convexity S^2 d delta / dS, gamma without its damping; theta per year on the variance clock. For screens only.
    /// @param isSale Whether every leg is sold; isPurchase: bought.
    struct Sums {
        int256 value;
        int256[4] values;
        int256 bound;
        uint256 fee;
        uint256 rentBase;
        uint256 rentQuote;
        uint256 notional;
        uint256 outflow;
        int256 convexity;
        int256 theta;
        bool isSale;
        bool isPurchase;
        Exposures[] exposures;
    }

    /// Room for so many expiries, each to be set before it is read; as {Potential-roomFor}.
    function roomFor(uint256 count) internal pure returns (Expiry[] memory expiries) {
        uint256[] memory places = new uint256[](count);
        assembly ("memory-safe") {
            expiries := places
        }
    }

    /// False where a leg lies outside the domain of the pricing.
    /// @param quoted One for each leg, filled here.
    /// @param move Its sums and rents, likewise.
    function sum(
        State memory state,
        IOptionPool.LegQuote[] memory quoted,
        IBook.Move memory move
    ) internal pure returns (bool isInside, Sums memory sums) {
        unchecked {
            (sums.isSale, sums.isPurchase) = (true, true);
            sums.exposures = new Exposures[](state.expiries.length);
            // At the use as of the last refresh of the whole book: one rate for all parts of a trade and of a block, else who frees
            // capacity first would pay less for taking it.
            uint256 rateBase = Spread.rentRate(state.parameters, state.book.margins.baseUse());
            uint256 rateQuote = Spread.rentRate(state.parameters, state.book.margins.quoteUse());
            for (uint256 i = 0; i < state.legs.length; ++i) {
                Leg memory leg = state.legs[i];
                Expiry memory expiry = state.expiries[leg.expiry];
                if (!_addLeg(state, leg, expiry, sums, quoted[i])) return (false, sums);
                (int256 base, int256 quote) = _addUse(leg, state.spot.high, sums, move);
                IBook.ExpiryMove memory part = move.expiries[leg.expiry];
                if (base > 0) {
                    uint256 used = (uint256(base) * BASE_UNIT * state.spot.high) / uint256(WAD);
                    uint256 rent = Spread.rentUp(used, rateBase, expiry.clock.tauYears);
                    part.rentBase += rent / QUOTE_UNIT;
                    sums.rentBase += rent;
                }
                if (quote > 0) {
                    uint256 rent = Spread.rentUp(
                        uint256(quote) * QUOTE_UNIT,
                        rateQuote,
                        expiry.clock.tauYears
                    );
                    part.rentQuote += rent / QUOTE_UNIT;
                    sums.rentQuote += rent;
                }
            }
            return (true, sums);
        }
    }

    /// @dev Value, exposures and fee of one leg. False where it lies outside the domain of the pricing.
    function _addLeg(
        State memory state,
        Leg memory leg,
        Expiry memory expiry,
        Sums memory sums,
        IOptionPool.LegQuote memory quoted
    ) private pure returns (bool) {
        unchecked {
            uint256 spot = state.spot.low;
            (uint256 strike, bool isPut, int256 amount) = (
                leg.series.strike(),
                leg.series.isPut(),
                leg.amount
            );
            Slice slice = expiry.reading.current;
            Svi.Shaped memory shaped = Svi.shapedFromSurface(
                slice,
                spot,
                strike,
                expiry.clock.tau,
                Exposure.tauAtReport(slice, expiry.expiryAt)
            );
            if (!shaped.isInside) return false;
            quoted.value = isPut ? shaped.put : shaped.call;
            quoted.vol = (shaped.sd * uint256(WAD)) / expiry.clock.rootTau;
            if (!_addValues(state.spot, expiry, leg, sums, quoted.value)) return false;

            Exposures memory exposures = sums.exposures[leg.expiry];
            (uint256 vega, int256 vegaSkew, uint256 gamma, int256 delta) = Exposure.fromShape(
                shaped,
                spot,
                expiry.clock,
                state.book.terms.stickiness()
            );
            if (isPut) delta -= WAD;
            exposures.vega += (amount * int256(vega)) / WAD;
            exposures.vegaSkew += (amount * vegaSkew) / WAD;
            exposures.gamma += (amount * int256(gamma)) / WAD;
            exposures.delta += (amount * delta) / WAD;
            (quoted.delta, quoted.vega) = (delta, vega);
            sums.convexity += (amount * int256((shaped.vegaSd * uint256(WAD)) / shaped.sd)) / WAD;
            sums.theta -= (amount * _decayOf(shaped, spot, strike, isPut)) / int256(expiry.clock.tauYears);
            sums.fee += Spread.feeUp(state.parameters, amount, quoted.value, vega, spot);
            sums.notional += (SignedMath.abs(amount) * spot) / uint256(WAD);
            sums.bound += _boundOf(amount, shaped.discounted, isPut, strike, state.spot);
            if (amount > 0) sums.isSale = false;
            else sums.isPurchase = false;
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
        Spot memory spot,
        Expiry memory expiry,
        Leg memory leg,
        Sums memory sums,
        uint256 value
    ) private pure returns (bool isInside) {
        unchecked {
            int256 low = _worth(leg, value);
            bool isOneSpot = spot.high == spot.low;
            Slice previous = expiry.reading.previous;
            bool isOneSlice = Slice.unwrap(previous) == 0;
            if (isOneSpot && isOneSlice) {
                // The scenarios that other expiries have are this one's too.
                sums.value += low;
                return true;
            }
            int256 high = low;
            if (!isOneSpot) (isInside, high) = _worthAt(expiry.reading.current, spot.high, leg, expiry);
            if (!isOneSpot && !isInside) return false;
            sums.values[0] += low;
            sums.values[1] += high;
            if (!isOneSlice) {
                (isInside, low) = _worthAt(previous, spot.low, leg, expiry);
                if (!isInside) return false;
                high = low;
                if (!isOneSpot) (isInside, high) = _worthAt(previous, spot.high, leg, expiry);
            }
            sums.values[2] += low;
            sums.values[3] += high;
        }
    }

    function _worthAt(
        Slice slice,
        uint256 spot,
        Leg memory leg,
        Expiry memory expiry
    ) private pure returns (bool isInside, int256 worth) {
        Svi.Shaped memory shaped = Svi.shapedFromSurface(
            slice,
            spot,
            leg.series.strike(),
            expiry.clock.tau,
            Exposure.tauAtReport(slice, expiry.expiryAt)
        );
        return (shaped.isInside, _worth(leg, leg.series.isPut() ? shaped.put : shaped.call));
    }

    function _worth(Leg memory leg, uint256 value) private pure returns (int256) {
        unchecked {
            if (leg.amount < 0 && leg.series.isPut() && value > leg.series.strike())
                value = leg.series.strike();
            return (leg.amount * int256(value)) / WAD;
        }
    }

    /// @dev P6: a bought option costs its intrinsic value at least, at the spot of the two that is worse for its taker; a sold one brings spot
    /// (a call) or its strike (a put) at most.
    /// @param discounted D, which does not move with spot.
    function _boundOf(
        int256 amount,
        uint256 discounted,
        bool isPut,
        uint256 strike,
        Spot memory spot
    ) private pure returns (int256) {
        unchecked {
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

    /// @dev Capacity that a leg takes or frees, and the outflow that it could become: a written call can cost spot and a written put its
    /// strike; what is paid for bought ones the pool adds.
    function _addUse(
        Leg memory leg,
        uint256 spotHigh,
        Sums memory sums,
        IBook.Move memory move
    ) private pure returns (int256 base, int256 quote) {
        unchecked {
            (base, quote) = usedBy(leg);
            move.baseSum += base;
            move.quoteSum += quote;
            int256 next = leg.position - leg.amount;
            if ((leg.position ^ next) < 0) {
                // Across zero all that was there is freed and all that comes is taken, as if by two legs.
                (uint256 baseTaken, uint256 quoteTaken) = Limits.sumsOf(
                    leg.series.strike(),
                    next,
                    leg.series.isPut()
                );
                move.baseTaken += baseTaken;
                move.quoteTaken += quoteTaken;
            } else {
                if (base > 0) move.baseTaken += uint256(base);
                if (quote > 0) move.quoteTaken += uint256(quote);
            }
            if (leg.amount > 0) {
                uint256 most = leg.series.isPut() ? leg.series.strike() : spotHigh;
                sums.outflow += (uint256(leg.amount) * most) / uint256(WAD);
            }
        }
    }

    /// By how much a leg moves U and M, in units of their fields.
    function usedBy(Leg memory leg) internal pure returns (int256 base, int256 quote) {
        unchecked {
            (uint256 strike, bool isPut) = (leg.series.strike(), leg.series.isPut());
            (uint256 baseBefore, uint256 quoteBefore) = Limits.sumsOf(strike, leg.position, isPut);
            (uint256 baseAfter, uint256 quoteAfter) = Limits.sumsOf(strike, leg.position - leg.amount, isPut);
            return (int256(baseAfter) - int256(baseBefore), int256(quoteAfter) - int256(quoteBefore));
        }
    }
}

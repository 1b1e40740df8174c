// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../interfaces/IBook.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { Exposure } from "../pricing/Exposure.sol";
import { Potential } from "../pricing/Potential.sol";
import { QUOTE_UNIT } from "../types/BookFields.sol";
import { Impact } from "./Impact.sol";
import { Legs } from "./Legs.sol";
import { Spread } from "./Spread.sol";

/// The price of a trade: value, impact, spread, fee and rent, from what was read before. Pure; quote and execution are this one function
/// (P8). docs/decisions/0007 has it in formulas. Legs and Impact are its parts; this composes them.
///
/// UNITS    WAD; amounts positive where the taker buys.
/// RANGES   Proof of the unchecked blocks: spot is below 2^96 (the oracle's words) and a strike below 2^94, so a value and a vegaSd are; an amount
///          is below 2^95 ({Opening}), tau below 2^61 (400 days), rootTau below 2^61; legs are few: their calldata costs 2,000 gas each, so
///          fewer than 2^15. Sums of amount times value stay below 2^238, and of what is divided by WAD once below 2^178; a
///          weight is below 2^63. The words of the book are below 2^104, and what moves them is cut by the book. Differences are of
///          signed numbers, or are ordered as said beside them; divisors are constants, spot, sd and tau, which the
///          domain keeps above 0.
/// ROUNDING The cuts of the exposures are worth less than 6e-8 + 8e-13 S of quote an expiry; {ALLOWANCE} (1e-6) for each is on the taker's
///          bill, so no split of a trade wins by a cut while spot is below a million. The cost is rounded to assets by the pool, once, against the taker.
library Price {
    int256 private constant WAD = 1e18;
    int256 private constant ALLOWANCE = 1e12;

    /// Sums over the whole trade: for the taker's screen, and for the part of spot in the spread.
    struct Totals {
        int256 vega;
        int256 delta;
        int256 convexity;
        int256 theta;
    }

    /// The answer.
    /// @param isBeyondValue Whether the last part of a sale costs the book more than it is worth; see {Impact}.
    /// @param cost WAD, the allowance included; not above 0 for a sale.
    /// @param move What the book is to be told; without outflow's premium and isOpening, which are the pool's to say.
    struct Priced {
        bool isInside;
        bool isBeyondValue;
        int256 cost;
        IOptionPool.Parts parts;
        IBook.Move move;
        uint256 notional;
        IOptionPool.LegQuote[] legs;
        Totals total;
    }

    /// Fills `priced`, which is empty before; `isInside` stays false where a leg lies outside the domain of the pricing.
    function compute(Legs.State memory state, Priced memory priced) internal pure {
        priced.legs = new IOptionPool.LegQuote[](state.legs.length);
        priced.move.expiries = new IBook.ExpiryMove[](state.expiries.length);
        (bool isInside, Legs.Sums memory sums) = Legs.sum(state, priced.legs, priced.move);
        if (!isInside) return;
        priced.isInside = true;
        priced.notional = sums.notional;
        _addTotals(sums, priced.total);
        Potential.Axis[] memory axes = Impact.axesOf(state, sums.exposures, priced.move);
        _compose(state, sums, axes, priced);
    }

    function _addTotals(Legs.Sums memory sums, Totals memory total) private pure {
        unchecked {
            for (uint256 i = 0; i < sums.exposures.length; ++i) {
                total.vega += sums.exposures[i].vega;
                total.delta += sums.exposures[i].delta;
            }
            (total.convexity, total.theta) = (sums.convexity, sums.theta);
        }
    }

    function _compose(
        Legs.State memory state,
        Legs.Sums memory sums,
        Potential.Axis[] memory axes,
        Priced memory priced
    ) private pure {
        unchecked {
            IOptionPool.Parts memory parts = priced.parts;
            (parts.spotLow, parts.spotHigh) = (state.spot.low, state.spot.high);
            parts.value = sums.value + _dearest(sums.values);
            parts.fee = sums.fee;
            (parts.rentBase, parts.rentQuote) = (sums.rentBase, sums.rentQuote);
            parts.spread = _spreadUp(state, sums.exposures, priced.total);

            int256 linear = parts.value + int256(parts.spread + parts.fee + parts.rentBase + parts.rentQuote);
            int256 t;
            int256 impact;
            (t, impact, priced.isBeyondValue) = Impact.ofBestPart(
                state.book.funds,
                axes,
                linear,
                parts.value,
                sums.isSale
            );
            if (t != WAD) {
                _scale(priced, t);
                linear = (linear * t) / WAD;
            }
            int256 cost = linear + impact;
            if (cost < sums.bound) cost = sums.bound;
            cost += ALLOWANCE * int256(state.expiries.length);
            if (sums.isSale && cost > 0) {
                _scale(priced, 0);
                (cost, impact) = (0, 0);
            }
            (priced.cost, parts.impact) = (cost, impact);
            // Paid in is cut, paid out is what was reckoned: the reserve never has more than it was given.
            priced.move.impact = impact / int256(QUOTE_UNIT);
            priced.move.outflow = sums.outflow;
            if (sums.isPurchase) priced.move.exits = -((cost - sums.bound) / int256(QUOTE_UNIT));
            priced.move.spot = state.spot.low;
        }
    }

    /// @dev Cuts every part of a sale's price but impact down to what the part t of the sale has of it.
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

    /// @dev Age spread: each expiry's vega, and delta and convexity of the whole.
    function _spreadUp(
        Legs.State memory state,
        Legs.Exposures[] memory exposures,
        Totals memory total
    ) private pure returns (uint256 spread) {
        unchecked {
            for (uint256 i = 0; i < exposures.length; ++i) {
                Legs.Expiry memory expiry = state.expiries[i];
                spread += Spread.vegaUp(
                    state.parameters,
                    expiry.clock,
                    Exposure.atmVol(expiry.reading.current, expiry.expiryAt),
                    exposures[i].vega,
                    exposures[i].vegaSkew,
                    state.rootAge,
                    state.moved
                );
            }
            spread += Spread.deltaUp(
                state.parameters,
                total.delta,
                total.convexity,
                state.spot.high,
                state.spot.deviation,
                Spread.shortVolAt(state.book.margins.shortVol(), state.nowAt),
                Spread.rootOf(state.spot.age)
            );
        }
    }

    function _dearest(int256[4] memory values) private pure returns (int256 most) {
        unchecked {
            most = values[0];
            for (uint256 i = 1; i < 4; ++i) if (values[i] > most) most = values[i];
        }
    }
}

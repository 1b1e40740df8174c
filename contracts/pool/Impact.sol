// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Axes } from "../book/Axes.sol";
import { IBook } from "../interfaces/IBook.sol";
import { Potential } from "../pricing/Potential.sol";
import { BASE_UNIT, QUOTE_UNIT } from "../types/BookFields.sol";
import { BookFunds } from "../types/BookFunds.sol";
import { Legs } from "./Legs.sol";

/// What a trade moves the book by, what that costs by the potential, and which part of a sale brings most. Pure.
///
/// UNITS and RANGES as in {Price}.
library Impact {
    int256 private constant WAD = 1e18;
    /// Steps of the bisection of a sale's best part: to 2^-40 of the sale.
    uint256 private constant BISECTIONS = 40;

    /// The axes with what the trade moves them by, cut to the units of the book's words; the same numbers go into the book.
    /// @param move Its expiries' exposures are filled here.
    function axesOf(
        Legs.State memory state,
        Legs.Exposures[] memory exposures,
        IBook.Move memory move
    ) internal pure returns (Potential.Axis[] memory axes) {
        unchecked {
            IBook.Reading memory book = state.book;
            axes = Axes.atRest(
                book.risk,
                book.claims,
                book.margins,
                book.terms,
                book.risks,
                state.baseBalance,
                state.spot.low
            );
            int256 all;
            int256 delta;
            for (uint256 i = 0; i < exposures.length; ++i) {
                Legs.Exposures memory own = exposures[i];
                uint256 axis = Axes.OF_BOOK + Axes.OF_EXPIRY * i;
                IBook.ExpiryMove memory part = move.expiries[i];
                int256 weight = int256(book.marks[i].weight());
                part.expiryAt = state.expiries[i].expiryAt;
                int256 moved = (own.vega * weight) / WAD / int256(QUOTE_UNIT);
                part.vega = moved;
                axes[axis].dx = moved * int256(QUOTE_UNIT);
                all += moved;
                moved = (own.vegaSkew * weight) / WAD / int256(QUOTE_UNIT);
                part.vegaSkew = moved;
                axes[axis + 1].dx = moved * int256(QUOTE_UNIT);
                moved = own.gamma / int256(QUOTE_UNIT);
                part.gamma = moved;
                axes[axis + 2].dx = moved * int256(QUOTE_UNIT);
                moved = -own.delta / int256(BASE_UNIT);
                part.delta = moved;
                delta += moved;
            }
            axes[0].dx = all * int256(QUOTE_UNIT);
            axes[1].dx = delta * int256(BASE_UNIT);
        }
    }

    /// The impact of the part t of a trade: of a sale the part that brings most, else all.
    /// @param linear What is paid beside impact for all of it.
    /// @param value What of that is value; of a sale negative.
    /// @return t That part.
    /// @return impact Of it.
    /// @return isBeyondValue Whether the last part of a sale that is cut short raises the potential by more than it is worth. Phi is convex,
    /// so where it does not, all that is not paid for raises it by no more than the options that come in for nothing: no way back
    /// is then paid more in rewards than was brought in (docs/decisions/0007).
    function ofBestPart(
        BookFunds funds,
        Potential.Axis[] memory axes,
        int256 linear,
        int256 value,
        bool isSale
    ) internal pure returns (int256 t, int256 impact, bool isBeyondValue) {
        // Of a book without equity every slope is at its bound.
        (int256 low, int256 high) = (int256(funds.equityLow()), int256(funds.equityHigh()));
        if (low == 0) low = 1;
        if (high == 0) high = 1;
        int256 reserve = int256(funds.reserve());
        t = WAD;
        int256 equity;
        (impact, equity) = Potential.impact(axes, low, high, WAD);
        if (isSale && !_stillRises(axes, impact, equity, reserve, linear, WAD)) {
            isBeyondValue = !_stillRises(axes, impact, equity, reserve, value, WAD);
            t = _bestPart(axes, low, high, reserve, linear);
            (impact, ) = Potential.impact(axes, low, high, t);
        }
        if (impact < 0) impact = _rewardOf(impact, reserve);
    }

    /// @dev A reward comes out of the reserve and is whole units of it.
    function _rewardOf(int256 impact, int256 reserve) private pure returns (int256) {
        unchecked {
            if (-impact > reserve) impact = -reserve;
            return (impact / int256(QUOTE_UNIT)) * int256(QUOTE_UNIT);
        }
    }

    /// @dev The proceeds of a part t are concave in t, so where they still rise at 1 it is all.
    function _bestPart(
        Potential.Axis[] memory axes,
        int256 equityLow,
        int256 equityHigh,
        int256 reserve,
        int256 linear
    ) private pure returns (int256 low) {
        int256 high = WAD;
        for (uint256 i = 0; i < BISECTIONS; ++i) {
            int256 middle = (low + high) / 2;
            (int256 impact, int256 equity) = Potential.impact(axes, equityLow, equityHigh, middle);
            if (_stillRises(axes, impact, equity, reserve, linear, middle)) low = middle;
            else high = middle;
        }
    }

    /// @dev Whether -linear t - impact(t) rises at t. Where the reserve caps a reward, a larger part brings none of it more.
    function _stillRises(
        Potential.Axis[] memory axes,
        int256 impact,
        int256 equity,
        int256 reserve,
        int256 linear,
        int256 t
    ) private pure returns (bool) {
        if (-impact < reserve) linear += Potential.derivative(axes, equity, t);
        return linear <= 0;
    }
}

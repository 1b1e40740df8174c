// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Limits } from "../../../contracts/book/Limits.sol";
import { IBook } from "../../../contracts/interfaces/IBook.sol";
import { IOptionPool } from "../../../contracts/interfaces/IOptionPool.sol";
import { SliceReading, SliceStatus } from "../../../contracts/interfaces/IVolSurface.sol";
import { Legs } from "../../../contracts/pool/Legs.sol";
import { Price } from "../../../contracts/pool/Price.sol";
import { Spread } from "../../../contracts/pool/Spread.sol";
import { Exposure } from "../../../contracts/pricing/Exposure.sol";
import { IntegerSqrt } from "../../../contracts/pricing/IntegerSqrt.sol";
import { BookTerms } from "../../../contracts/types/BookTerms.sol";
import { BookClaims } from "../../../contracts/types/BookClaims.sol";
import { packFields, packSigned, QUOTE_UNIT, signedField } from "../../../contracts/types/BookFields.sol";
import { toBookFunds } from "../../../contracts/types/BookFunds.sol";
import { BookMargins } from "../../../contracts/types/BookMargins.sol";
import { BookRisk } from "../../../contracts/types/BookRisk.sol";
import { ExpiryMark } from "../../../contracts/types/ExpiryMark.sol";
import { ExpiryRisk } from "../../../contracts/types/ExpiryRisk.sol";
import { SeriesId, toSeriesId } from "../../../contracts/types/SeriesId.sol";
import { Slice } from "../../../contracts/types/Slice.sol";

/// Draws whole states of a market from one seed, and moves them by a trade as pool and book do.
///
/// Books need not be reachable: X, the exposures of an expiry, delta, reserve, equity and claims are drawn apart, half of them far beyond
/// the limits of openings, since what holds of the price must hold there too.
library RandomMarket {
    using IntegerSqrt for uint256;

    uint256 internal constant WAD = 1e18;
    uint32 private constant MARKET = 1;
    uint256 private constant SPOT = 3000e18;
    uint256 private constant YEAR = 365 days;
    /// 00:00 UTC of a day.
    uint256 private constant MIDNIGHT = 1_893_369_600;

    /// What is drawn next; each draw changes it.
    struct Draw {
        uint256 seed;
    }

    /// How far terms, parameters and the rest are drawn.
    /// @param anyTerms Within the coded bounds, else the defaults.
    struct Choice {
        bool anyTerms;
        uint256 mostLegs;
    }

    // ------------------------------------------------------------------------------------------------------------------ draws

    function next(Draw memory draw) internal pure returns (uint256) {
        draw.seed = uint256(keccak256(abi.encode(draw.seed)));
        return draw.seed;
    }

    function within(Draw memory draw, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + (next(draw) % (high - low + 1));
    }

    function signedWithin(Draw memory draw, uint256 most) internal pure returns (int256) {
        return int256(within(draw, 0, 2 * most)) - int256(most);
    }

    function chance(Draw memory draw, uint256 percent) internal pure returns (bool) {
        return next(draw) % 100 < percent;
    }

    /// From `low` on over `octaves` powers of two, evenly in the logarithm.
    function scaled(Draw memory draw, uint256 low, uint256 octaves) internal pure returns (uint256) {
        uint256 base = low << within(draw, 0, octaves - 1);
        return within(draw, base, 2 * base);
    }

    // ----------------------------------------------------------------------------------------------------------------- states

    /// A state with one to three expiries and one to `mostLegs` series, at least one of each expiry; the amounts are zero.
    function state(Draw memory draw, Choice memory choice) internal pure returns (Legs.State memory drawn) {
        drawn.nowAt = MIDNIGHT + within(draw, 0, 1 days - 1);
        uint256 count = within(draw, 1, choice.mostLegs < 3 ? choice.mostLegs : 3);
        uint256 spot = within(draw, SPOT / 2, SPOT * 2);
        _drawSpot(draw, drawn, spot);
        drawn.parameters = _parameters(draw, choice.anyTerms);
        drawn.book.terms = _terms(draw, choice.anyTerms);
        uint256 reportAt = drawn.nowAt - (chance(draw, 30) ? within(draw, 0, 5) : within(draw, 0, 120));
        bool isPosted = chance(draw, 25);
        uint256 vol = within(draw, 0.25e18, 1.3e18);
        drawn.expiries = new Legs.Expiry[](count);
        for (uint256 i = 0; i < count; ++i) {
            drawn.expiries[i] = _expiry(draw, drawn.nowAt, i, [vol, reportAt, spot], isPosted);
        }
        drawn.rootAge = Spread.rootOf(drawn.nowAt - reportAt);
        drawn.moved = Spread.movedUp(spot, drawn.spot.low, drawn.spot.high);
        _drawLegs(draw, drawn, within(draw, count, choice.mostLegs));
        _drawBook(draw, drawn, spot);
    }

    function _drawSpot(Draw memory draw, Legs.State memory drawn, uint256 spot) private pure {
        uint256 low = (spot * (10_000 - within(draw, 0, 60))) / 10_000;
        uint256 high = chance(draw, 40) ? low : (low * (10_000 + within(draw, 0, 100))) / 10_000;
        bool isSigned = chance(draw, 50);
        drawn.spot = Legs.Spot(
            low,
            high,
            isSigned ? 0 : 0.0005e18 * within(draw, 1, 10),
            within(draw, 0, isSigned ? 30 : 3600)
        );
    }

    function _parameters(
        Draw memory draw,
        bool anyTerms
    ) private pure returns (IOptionPool.Parameters memory parameters) {
        parameters = IOptionPool.Parameters(
            5000,
            500,
            1250,
            20_000,
            6000,
            15_000,
            120,
            75,
            1000,
            5000,
            50_000
        );
        if (!anyTerms) return parameters;
        parameters.feeVolPpm = uint24(scaled(draw, 500, 6));
        parameters.feeNotionalPpm = uint24(scaled(draw, 50, 7));
        parameters.feeOfValueBps = uint16(within(draw, 0, 5000));
        parameters.ageSdsBps = uint24(within(draw, 10_000, 60_000));
        parameters.volOfVolBps = uint16(within(draw, 2000, 30_000));
        parameters.displacementBps = uint24(within(draw, 0, 60_000));
        parameters.rentBelowPpm = uint24(within(draw, 0, 5000));
        parameters.rentAtKinkPpm = parameters.rentBelowPpm + uint24(within(draw, 0, 100_000));
        parameters.rentFullPpm = parameters.rentAtKinkPpm + uint24(within(draw, 0, 800_000));
    }

    /// @dev As {BookTerms} draws the word; within the bounds of {BookTermsBounds}.
    function _terms(Draw memory draw, bool anyTerms) private pure returns (BookTerms) {
        uint256[14] memory fields = [
            uint256(4000),
            12_000,
            40_000,
            800,
            50,
            800,
            12_000,
            300,
            1000,
            30_000,
            600,
            100,
            2500,
            5000
        ];
        if (anyTerms) {
            fields[0] = within(draw, 500, 40_000);
            fields[1] = within(draw, 0, 50_000);
            fields[2] = within(draw, 5000, 200_000);
            fields[3] = within(draw, 1, 10_000);
            fields[4] = within(draw, 1, 1000);
            fields[5] = within(draw, 1, 10_000);
            fields[6] = within(draw, 0, 35_000);
            fields[7] = within(draw, 0, 1000);
            fields[8] = within(draw, 100, 3000);
            fields[9] = within(draw, 1000, 65_535);
        }
        uint8[14] memory shifts = [0, 16, 40, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224];
        uint256 word;
        for (uint256 i = 0; i < 14; ++i) word |= fields[i] << shifts[i];
        return BookTerms.wrap(word);
    }

    /// @param level Vol, time and spot of the report.
    function _expiry(
        Draw memory draw,
        uint256 nowAt,
        uint256 place,
        uint256[3] memory level,
        bool isPosted
    ) private pure returns (Legs.Expiry memory expiry) {
        uint16[4] memory first = [uint16(1), 3, 25, 150];
        uint256 daysAhead = within(draw, first[place], first[place + 1] - 1);
        expiry.expiryAt = uint32(MIDNIGHT + daysAhead * 1 days + 8 hours);
        expiry.clock = Exposure.clockOf(expiry.expiryAt, nowAt);
        uint256 tauAtReport = expiry.expiryAt - 1200 - level[1];
        uint256 vol = (level[0] * within(draw, 95, 105)) / 100;
        Slice current = slice(draw, vol, tauAtReport, level[1]);
        Slice previous = Slice.wrap(0);
        if (isPosted)
            previous = slice(draw, (vol * within(draw, 97, 103)) / 100, tauAtReport + 60, level[1] - 60);
        expiry.reading = SliceReading(
            SliceStatus.Open,
            true,
            uint96(level[2]),
            uint32(level[1]),
            current,
            previous
        );
    }

    /// A smile of `vol` at the money: wing, tilt, place and roundness in units of one sd, and a carry of up to a tenth a year.
    function slice(
        Draw memory draw,
        uint256 vol,
        uint256 tau,
        uint256 reportAt
    ) internal pure returns (Slice) {
        uint256 variance = (((vol * vol) / WAD) * tau) / YEAR;
        uint256 exponent = 0;
        // U = 2^(exponent - 16), U^2 <= w(0) < 4 U^2.
        while ((variance << 32) >= (4 * WAD) << (2 * exponent)) ++exponent;
        uint256 level = ((variance << 62) / WAD) >> (2 * exponent);
        if (level > type(uint32).max) level = type(uint32).max;
        uint256 sd = (level << 26).sqrtDown();
        int256 basis = (signedWithin(draw, 1 << 31) * int256(tau)) / int256(10 * YEAR);
        uint256 word = level | ((reportAt & 0xffffffff) << 32);
        word |= uint256(uint32(int32(basis))) << 83;
        word |= exponent << 115;
        word |= uint256(uint32(int32(signedWithin(draw, 1 << 30)))) << 120;
        word |= ((sd * within(draw, 2, 16)) / 50) << 152;
        word |= ((sd * within(draw, 50, 200)) / 100) << 188;
        word |= uint256((int256(sd) * signedWithin(draw, 50)) / 100) << 222;
        return Slice.wrap(word);
    }

    function _drawBook(Draw memory draw, Legs.State memory drawn, uint256 spot) private pure {
        IBook.Reading memory book = drawn.book;
        uint256 equity = scaled(draw, 1e4 * 1e6, 14);
        uint256 other = chance(draw, 50) ? equity : within(draw, equity, 2 * equity);
        uint256 reserve = chance(draw, 30) ? 0 : within(draw, 0, equity / 10);
        book.funds = toBookFunds(equity / 1e6, other / 1e6, reserve, 0, 0);
        // Up to twice the widest limit of X, and |G| to twice its own; the delta to a fifth of equity.
        book.risk = BookRisk.wrap(
            packSigned(
                signedWithin(draw, equity / 5),
                signedWithin(draw, equity * 6),
                _inBase(signedWithin(draw, equity / 5), spot),
                0
            )
        );
        uint256 base = uint256(_inBase(int256(within(draw, 0, equity)), spot));
        book.claims = BookClaims.wrap(
            packFields(within(draw, 0, base), within(draw, 0, equity), base, within(draw, equity / 2, equity))
        );
        for (uint256 i = 0; i < drawn.legs.length; ++i) {
            SeriesId series = drawn.legs[i].series;
            (uint256 addsBase, uint256 addsQuote) = Limits.sumsOf(
                series.strike(),
                drawn.legs[i].position,
                series.isPut()
            );
            book.claims = Limits.summed(book.claims, int256(addsBase), int256(addsQuote));
        }
        uint256 band = uint256(_inBase(int256(within(draw, equity / 200, equity / 20)), spot));
        book.margins = BookMargins.wrap(0).withPending(0, within(draw, 0, base / 4)).refreshed(
            band,
            within(draw, 3000, 12_000),
            within(draw, 0, 10_000),
            within(draw, 0, 10_000)
        );
        drawn.baseBalance = (base * within(draw, 90, 110) * 1e9) / 100;
        book.risks = new ExpiryRisk[](drawn.expiries.length);
        book.marks = new ExpiryMark[](drawn.expiries.length);
        for (uint256 i = 0; i < drawn.expiries.length; ++i) {
            uint256 weight = Exposure.weightOf(drawn.expiries[i].clock, Exposure.WEIGHT_MAX);
            book.risks[i] = ExpiryRisk.wrap(
                packSigned(signedWithin(draw, equity / 5), signedWithin(draw, equity / 5), 0, 0)
            );
            book.marks[i] = ExpiryMark.wrap(0).withRefresh(
                (weight * within(draw, 995, 1005)) / 1000 / 1e12,
                drawn.nowAt,
                spot
            );
        }
    }

    function _inBase(int256 quote, uint256 spot) private pure returns (int256) {
        return (quote * int256(WAD) * 1000) / int256(spot);
    }

    function _drawLegs(Draw memory draw, Legs.State memory drawn, uint256 count) private pure {
        drawn.legs = new Legs.Leg[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 place = i < drawn.expiries.length ? i : within(draw, 0, drawn.expiries.length - 1);
            drawn.legs[i].expiry = place;
            bool isNew = false;
            while (!isNew) {
                drawn.legs[i].series = _series(draw, drawn, place);
                isNew = true;
                for (uint256 j = 0; j < i; ++j) {
                    if (drawn.legs[j].series == drawn.legs[i].series) isNew = false;
                }
            }
            if (!chance(draw, 30)) drawn.legs[i].position = signedWithin(draw, 200e18);
        }
    }

    /// @dev Within 2.5 sd of spot, in steps of 10.
    function _series(
        Draw memory draw,
        Legs.State memory drawn,
        uint256 place
    ) private pure returns (SeriesId) {
        Legs.Expiry memory expiry = drawn.expiries[place];
        uint256 vol = Exposure.atmVol(expiry.reading.current, expiry.expiryAt);
        uint256 sd = (vol * expiry.clock.rootTau) / WAD;
        uint256 width = (drawn.spot.low * sd * 5) / (2 * WAD);
        uint256 strike =
            chance(draw, 50)
                ? drawn.spot.low + within(draw, 0, width)
                : (drawn.spot.low * drawn.spot.low) / (drawn.spot.low + within(draw, 0, width));
        return toSeriesId(MARKET, expiry.expiryAt, uint128((strike / 10e18) * 10e18), chance(draw, 50));
    }

    // ------------------------------------------------------------------------------------------------------------------ trades

    /// Amounts for the series of a state, some of them zero.
    function amounts(
        Draw memory draw,
        uint256 count,
        bool onlySales
    ) internal pure returns (int256[] memory drawn) {
        drawn = new int256[](count);
        for (uint256 i = 0; i < count; ++i) {
            if (i != 0 && chance(draw, 30)) continue;
            int256 size = int256(scaled(draw, 1e16, 16));
            drawn[i] = onlySales || chance(draw, 50) ? -size : size;
        }
    }

    /// The price of trading `amounts_` in a state, and the state after it; the state itself is left alone. What is not traded is no
    /// part of the trade, as in a call of the pool.
    function traded(
        Legs.State memory from,
        int256[] memory amounts_
    ) internal pure returns (Price.Priced memory priced, Legs.State memory after_) {
        (Legs.State memory part, uint256[] memory places) = _only(from, amounts_);
        if (part.legs.length == 0) {
            priced.isInside = true;
            return (priced, from);
        }
        Price.compute(part, priced);
        after_ = copy(from);
        if (!priced.isInside) return (priced, after_);
        for (uint256 i = 0; i < amounts_.length; ++i) after_.legs[i].position -= amounts_[i];
        _moveBook(after_.book, priced.move, places);
    }

    function copy(Legs.State memory from) internal pure returns (Legs.State memory) {
        return abi.decode(abi.encode(from), (Legs.State));
    }

    /// @dev What {Book-move} does to the words that a price reads.
    function _moveBook(
        IBook.Reading memory book,
        IBook.Move memory move,
        uint256[] memory places
    ) private pure {
        uint256 all = BookRisk.unwrap(book.risk);
        (int256 vega, int256 gamma, int256 delta) = (
            signedField(all, 0),
            signedField(all, 1),
            signedField(all, 2)
        );
        for (uint256 i = 0; i < places.length; ++i) {
            IBook.ExpiryMove memory part = move.expiries[i];
            uint256 word = ExpiryRisk.unwrap(book.risks[places[i]]);
            book.risks[places[i]] = ExpiryRisk.wrap(
                packSigned(
                    signedField(word, 0) + part.vega,
                    signedField(word, 1) + part.vegaSkew,
                    signedField(word, 2) + part.gamma,
                    signedField(word, 3) + part.delta
                )
            );
            vega += part.vega;
            gamma += part.gamma;
            delta += part.delta;
        }
        book.risk = BookRisk.wrap(packSigned(vega, gamma, delta, 0));
        book.funds = toBookFunds(
            book.funds.equityLow() / 1e18,
            book.funds.equityHigh() / 1e18,
            uint256(int256(book.funds.reserve() / QUOTE_UNIT) + move.impact),
            0,
            0
        );
        book.claims = Limits.summed(book.claims, move.baseSum, move.quoteSum);
    }

    /// @dev The legs that have an amount and their expiries; `places`: where these are in the whole.
    function _only(
        Legs.State memory from,
        int256[] memory amounts_
    ) private pure returns (Legs.State memory part, uint256[] memory places) {
        part = copy(from);
        uint256[] memory placeIn = new uint256[](from.expiries.length);
        places = new uint256[](from.expiries.length);
        uint256 expiries;
        uint256 legs;
        for (uint256 i = 0; i < amounts_.length; ++i) {
            if (amounts_[i] == 0) continue;
            uint256 place = from.legs[i].expiry;
            if (placeIn[place] == 0) {
                places[expiries] = place;
                part.expiries[expiries] = from.expiries[place];
                part.book.risks[expiries] = from.book.risks[place];
                part.book.marks[expiries] = from.book.marks[place];
                placeIn[place] = ++expiries;
            }
            part.legs[legs] = Legs.Leg(
                from.legs[i].series,
                amounts_[i],
                from.legs[i].position,
                placeIn[place] - 1
            );
            ++legs;
        }
        _cut(part, legs, expiries, places);
    }

    /// @dev Arrays only get shorter: each is as long as that of the whole.
    function _cut(
        Legs.State memory part,
        uint256 legs,
        uint256 expiries,
        uint256[] memory places
    ) private pure {
        (Legs.Leg[] memory legsOf, Legs.Expiry[] memory expiriesOf) = (part.legs, part.expiries);
        (ExpiryRisk[] memory risks, ExpiryMark[] memory marks) = (part.book.risks, part.book.marks);
        assembly ("memory-safe") {
            mstore(legsOf, legs)
            mstore(expiriesOf, expiries)
            mstore(risks, expiries)
            mstore(marks, expiries)
            mstore(places, expiries)
        }
    }
}

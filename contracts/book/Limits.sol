// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { IBook } from "../interfaces/IBook.sol";
import { BookClaims } from "../types/BookClaims.sol";
import { BASE_UNIT, baseFieldUp, cut, field, QUOTE_UNIT, quoteFieldUp } from "../types/BookFields.sol";
import { BookFunds } from "../types/BookFunds.sol";
import { BookMargins } from "../types/BookMargins.sol";
import { BookRisk } from "../types/BookRisk.sol";
import { ExpiryMark } from "../types/ExpiryMark.sol";
import { ExpiryRisk } from "../types/ExpiryRisk.sol";
import { BookTerms } from "../types/BookTerms.sol";
import { StrikePosition } from "../types/StrikePosition.sol";
import { SETTLEMENT_WINDOW } from "../types/Times.sol";

/// What an opening may not do to a book. Pure: the same for the view that says why not and for the call that refuses.
///
/// RANGES. Proof of the unchecked blocks: fields of the book's words are below 2^64 and their units 2^40, so each is below 2^104, what a trade
/// adds is at most that of 2^95 options and cut when it is written, a parameter below 2^64, spot and strike below 2^128; refreshes lie in the past.
///
/// An exposure limit refuses only what goes further beyond it, so a book beyond one can always be traded back.
library Limits {
    uint256 private constant WAD = 1e18;
    /// Oldest refresh inside the settlement window that a hedge rests on: the delta there falls to what is owed within half an hour.
    uint256 private constant WINDOW_MAX_AGE = 60;

    /// The words of a book.
    struct Book {
        BookRisk risk;
        BookFunds funds;
        BookClaims claims;
        BookMargins margins;
        BookTerms terms;
    }

    /// Whether an expiry was refreshed too long ago, or at a spot too far away, to trade by; true where it never was.
    function isOld(ExpiryMark mark, BookTerms terms, uint256 spot) internal view returns (bool) {
        return isOldSince(mark.refreshedAt(), mark.refreshedSpot(), terms.exposureMaxMove(), terms, spot);
    }

    /// Whether a refresh at that time and at the spot `seen` is too old, or spot has moved by more than `most`, WAD, since.
    function isOldSince(
        uint256 refreshedAt,
        uint256 seen,
        uint256 most,
        BookTerms terms,
        uint256 spot
    ) internal view returns (bool) {
        unchecked {
            if (block.timestamp - refreshedAt > terms.exposureMaxAge()) return true;
            (uint256 low, uint256 high) = seen < spot ? (seen, spot) : (spot, seen);
            return high * WAD > low * (WAD + most);
        }
    }

    /// Whether an expiry's exposures are too old to hedge by. An expiry never refreshed holds nothing, so it is never too
    /// old. Inside the settlement window delta falls by the minute, unless there is neither exposure nor rent, so nothing
    /// was written. From expiry on what is owed moves with spot alone, so a refresh since then does not grow old by the
    /// minute.
    function isOldToHedge(
        ExpiryRisk risk,
        ExpiryMark mark,
        BookTerms terms,
        uint256 spot,
        uint256 expiryAt
    ) internal view returns (bool) {
        unchecked {
            uint256 refreshedAt = mark.refreshedAt();
            if (refreshedAt == 0) return false;
            (uint256 base, uint256 quote) = mark.rents();
            bool isEmpty = ExpiryRisk.unwrap(risk) | base | quote == 0;
            bool falls = block.timestamp + SETTLEMENT_WINDOW > expiryAt && refreshedAt < expiryAt;
            if (falls && !isEmpty && block.timestamp - refreshedAt > WINDOW_MAX_AGE) return true;
            return isOld(mark, terms, spot);
        }
    }

    /// The first limit that `trade` would break, the plain sums for capacity.
    function firstBroken(IBook.Move calldata trade, Book memory book) internal view returns (IBook.Limit) {
        unchecked {
            if (book.margins.isWoundDown()) return IBook.Limit.WindDown;
            if (book.margins.isEpochDue(block.timestamp)) return IBook.Limit.EpochDue;
            uint256 equity = book.funds.equityLow();
            if (equity == 0) return IBook.Limit.NoEquity;
            IBook.Limit limit = _exposureLimit(trade, book, int256(equity));
            if (limit != IBook.Limit.None) return limit;
            BookClaims next = summed(book.claims, trade.baseSum, trade.quoteSum);
            // Checked as soon as one leg takes capacity, even if others free as much: equal sums can have unequal needs.
            if (trade.baseTaken > 0 && next.baseSum() > freeBase(book)) return IBook.Limit.BaseCapacity;
            if (trade.quoteTaken > 0 && next.quoteSum() > freeQuote(book)) return IBook.Limit.QuoteCapacity;
            return outflowOf(trade, book);
        }
    }

    function _exposureLimit(
        IBook.Move calldata trade,
        Book memory book,
        int256 equity
    ) private pure returns (IBook.Limit) {
        unchecked {
            int256 vega;
            int256 gamma;
            IBook.ExpiryMove[] calldata parts = trade.expiries;
            for (uint256 i = 0; i < parts.length; ++i) {
                IBook.ExpiryMove calldata part = parts[i];
                vega += part.vega;
                gamma += part.gamma;
            }
            BookTerms terms = book.terms;
            int256 before = book.risk.vega();
            vega = before + vega * int256(QUOTE_UNIT);
            int256 lowest = -(int256(terms.vegaLow()) * equity) / int256(WAD);
            if (vega < lowest && vega < before) return IBook.Limit.VegaLow;
            int256 highest = (int256(terms.vegaHigh()) * equity) / int256(WAD);
            if (vega > highest && vega > before) return IBook.Limit.VegaHigh;
            int256 most = (int256(terms.gammaLimit()) * equity) / int256(WAD);
            before = book.risk.gamma();
            gamma = before + gamma * int256(QUOTE_UNIT);
            bool isLower = gamma < -most && gamma < before;
            return isLower || (gamma > most && gamma > before) ? IBook.Limit.Gamma : IBook.Limit.None;
        }
    }

    /// The outflow limit that `trade` would break.
    function outflowOf(IBook.Move calldata trade, Book memory book) internal view returns (IBook.Limit) {
        unchecked {
            uint256 equity = book.funds.equityLow();
            uint256 inBlock = blockOutflow(book.risk) + trade.outflow;
            if (inBlock > (book.terms.blockOutflow() * equity) / WAD) return IBook.Limit.OutflowOfBlock;
            uint256 inEpoch = book.funds.epochOutflow() + trade.outflow;
            if (inEpoch > (book.terms.epochOutflowLimit() * equity) / WAD) return IBook.Limit.OutflowOfEpoch;
            return IBook.Limit.None;
        }
    }

    /// Outflow of the block so far, WAD.
    function blockOutflow(BookRisk risk) internal view returns (uint256) {
        return risk.tradedIn() == uint32(block.number) ? risk.outflow() : 0;
    }

    /// Whether the exact need, fresh, and with all that the plain sums have grown since, leaves room for `trade` at 0.7 S, S and 1.3 S.
    function needHolds(
        IBook.Move calldata trade,
        Book memory book,
        IBook.Need memory need
    ) internal view returns (bool) {
        if (_isOld(need, book.terms, trade.spot)) return false;
        // Never negative: what is freed is taken off the sums of the refresh too.
        uint256 grownBase = book.claims.baseSum() - need.baseSum + trade.baseTaken * BASE_UNIT;
        uint256 grownQuote = book.claims.quoteSum() - need.quoteSum + trade.quoteTaken * QUOTE_UNIT;
        return
            _largest(need.base) + grownBase <= freeBase(book) &&
            _largest(need.quote) + grownQuote <= freeQuote(book);
    }

    /// What of each claim is not idle: what hedging the book with all cover kept can need. That is U and M, or where they are larger and the
    /// need is fresh at `spot`, the largest of the three needs with all that the sums have grown since. A withdrawal takes the rest at most.
    function needed(
        Book memory book,
        IBook.Need memory need,
        uint256 spot
    ) internal view returns (uint256 base, uint256 quote) {
        (base, quote) = (book.claims.baseSum(), book.claims.quoteSum());
        if (_isOld(need, book.terms, spot)) return (base, quote);
        // Never negative, as in {needHolds}.
        base = Math.min(base, _largest(need.base) + base - need.baseSum);
        quote = Math.min(quote, _largest(need.quote) + quote - need.quoteSum);
    }

    function _isOld(IBook.Need memory need, BookTerms terms, uint256 spot) private view returns (bool) {
        return isOldSince(need.refreshedAt, need.refreshedSpot, terms.exposureMaxMove(), terms, spot);
    }

    function _largest(uint256[3] memory needs) private pure returns (uint256) {
        return Math.max(needs[0], Math.max(needs[1], needs[2]));
    }

    /// b less what waits to leave.
    function freeBase(Book memory book) internal pure returns (uint256) {
        unchecked {
            uint256 claim = book.claims.claimBase();
            uint256 pending = book.margins.pendingBase();
            return claim > pending ? claim - pending : 0;
        }
    }

    /// q less what waits to leave.
    function freeQuote(Book memory book) internal pure returns (uint256) {
        unchecked {
            uint256 claim = book.claims.claimQuote();
            uint256 pending = book.margins.pendingQuote();
            return claim > pending ? claim - pending : 0;
        }
    }

    /// The share of a claim that is used, bps, rounded up, at most all of it. What waits to leave is part of the claim: a request, which can be
    /// taken back, must not make rent dearer.
    function useUp(uint256 used, uint256 claim) internal pure returns (uint256) {
        return used >= claim ? 10_000 : (used * 10_000 + claim - 1) / claim;
    }

    /// What one series of the account adds to U and M, in units of their fields, rounded up: a function of the position alone, so
    /// that both sums are exact however they were reached.
    function sumsOf(
        uint256 strike,
        int256 position,
        bool isPut
    ) internal pure returns (uint256 base, uint256 quote) {
        unchecked {
            if (position < 0) {
                uint256 written = uint256(-position);
                return (baseFieldUp(written), quoteFieldUp((written * strike + WAD - 1) / WAD));
            }
            uint256 held = uint256(position);
            return
                isPut ? (uint256(0), quoteFieldUp((held * strike + WAD - 1) / WAD)) : (baseFieldUp(held), 0);
        }
    }

    /// What both series of the account at one strike add to U alone: calls written or held, and puts written.
    function baseSumAt(int256 calls, int256 puts) internal pure returns (uint256) {
        unchecked {
            return baseFieldUp(SignedMath.abs(calls)) + (puts < 0 ? baseFieldUp(uint256(-puts)) : 0);
        }
    }

    /// What both series of the account at one strike add to them.
    function sumsAt(StrikePosition own) internal pure returns (uint256 base, uint256 quote) {
        uint256 strike = own.strike();
        (, uint256 callQuote) = sumsOf(strike, own.callAmount(), false);
        (, uint256 putQuote) = sumsOf(strike, own.putAmount(), true);
        return (baseSumAt(own.callAmount(), own.putAmount()), callQuote + putQuote);
    }

    /// The claims with U and M moved, in units of their fields.
    function summed(BookClaims claims, int256 baseSum, int256 quoteSum) internal pure returns (BookClaims) {
        uint256 word = BookClaims.unwrap(claims);
        uint256 base = uint256(int256(field(word, 0)) + baseSum);
        uint256 quote = uint256(int256(field(word, 1)) + quoteSum);
        return BookClaims.wrap((word & ~uint256(type(uint128).max)) | cut(base) | (cut(quote) << 64));
    }
}

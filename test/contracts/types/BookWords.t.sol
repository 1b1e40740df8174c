// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { packSigned } from "../../../contracts/types/BookFields.sol";
import { BookMargins } from "../../../contracts/types/BookMargins.sol";
import { BookRisk } from "../../../contracts/types/BookRisk.sol";
import { EquityHistory } from "../../../contracts/types/EquityHistory.sol";
import { ExpiryMark, RENT_MAX, SPOT_UNIT } from "../../../contracts/types/ExpiryMark.sol";
import { ExpiryRisk } from "../../../contracts/types/ExpiryRisk.sol";

contract BookWordsTest {
    function testFuzz_ARefreshLeavesTheRent(
        uint256 word,
        uint256 weight,
        uint32 refreshedAt,
        uint64 spotUnits,
        uint256 rest
    ) public pure {
        ExpiryMark before = ExpiryMark.wrap(word);
        weight %= 2.7e6 + 1;
        ExpiryMark mark = before.withRefresh(
            weight,
            refreshedAt,
            uint256(spotUnits) * SPOT_UNIT + (rest % SPOT_UNIT)
        );
        assert(mark.weight() == weight * 1e12);
        assert(mark.refreshedAt() == refreshedAt);
        assert(mark.refreshedSpot() == uint256(spotUnits) * SPOT_UNIT);
        assert(mark.rentSince() == before.rentSince());
        (uint256 base, uint256 quote) = mark.rents();
        (uint256 baseBefore, uint256 quoteBefore) = before.rents();
        assert(base == baseBefore && quote == quoteBefore);
    }

    function testFuzz_RentLeavesTheRefresh(
        uint256 word,
        uint256 base,
        uint256 quote,
        uint32 since
    ) public pure {
        ExpiryMark before = ExpiryMark.wrap(word);
        (base, quote) = (base % (RENT_MAX + 1), quote % (RENT_MAX + 1));
        ExpiryMark mark = before.withRent(base, quote, since);
        (uint256 baseAfter, uint256 quoteAfter) = mark.rents();
        assert(baseAfter == base && quoteAfter == quote);
        assert(mark.hasRoomFor(RENT_MAX - base, RENT_MAX - quote));
        assert(!mark.hasRoomFor(RENT_MAX - base + 1, 0) && !mark.hasRoomFor(0, RENT_MAX - quote + 1));
        assert(mark.rentSince() == since);
        assert(mark.weight() == before.weight());
        assert(mark.refreshedAt() == before.refreshedAt());
        assert(mark.refreshedSpot() == before.refreshedSpot());
    }

    function testFuzz_ASpotBeyondItsFieldIsTheLargest(uint128 spot) public pure {
        uint256 kept = ExpiryMark.wrap(0).withRefresh(0, 0, spot).refreshedSpot();
        uint256 most = uint256(type(uint64).max) * SPOT_UNIT;
        assert(kept <= spot && (kept == most || spot - kept < SPOT_UNIT));
    }

    function testFuzz_PendingAndTheRestOfTheMarginsAreApart(
        uint256 word,
        uint64 pending,
        bool isQuote
    ) public pure {
        BookMargins before = BookMargins.wrap(word);
        BookMargins mark = before.withPending(isQuote ? 1 : 0, pending);
        assert(
            (isQuote ? mark.pendingQuote() : mark.pendingBase()) == uint256(pending) * (isQuote ? 1e12 : 1e9)
        );
        assert(
            (isQuote ? mark.pendingBase() : mark.pendingQuote()) ==
                (isQuote ? before.pendingBase() : before.pendingQuote())
        );
        assert(mark.band() == before.band() && mark.shortVol() == before.shortVol());
        assert(mark.baseUse() == before.baseUse() && mark.quoteUse() == before.quoteUse());
        assert(mark.isWoundDown() == before.isWoundDown());
    }

    /// The sums of the book follow what its expiries have, and nothing else of the word moves.
    function testFuzz_TheBooksRiskIsTheSumOfItsExpiries(
        int64[4] memory first,
        int64[4] memory second,
        int56[4] memory more,
        uint64 rest
    ) public pure {
        for (uint256 i = 0; i < 4; ++i) (first[i], second[i]) = (first[i] / 4, second[i] / 4);
        ExpiryRisk one = _riskOf(first);
        BookRisk book = BookRisk.wrap(uint256(rest) << 192);
        book = book.replacing(ExpiryRisk.wrap(0), one).replacing(ExpiryRisk.wrap(0), _riskOf(second));
        ExpiryRisk moved = one.plus(more[0], more[1], more[2], more[3]);
        book = book.replacing(one, moved);
        assert(book.vega() == moved.expiryVega() + int256(second[0]) * 1e12);
        assert(book.gamma() == moved.expiryGamma() + int256(second[2]) * 1e12);
        assert(book.delta() == moved.expiryDelta() + int256(second[3]) * 1e9);
        assert(moved.expirySkew() == (int256(first[1]) + more[1]) * 1e12);
        assert(BookRisk.unwrap(book) >> 192 == rest);
        assert(
            BookRisk.unwrap(
                book.replacing(moved, ExpiryRisk.wrap(0)).replacing(_riskOf(second), ExpiryRisk.wrap(0))
            ) == uint256(rest) << 192
        );
    }

    function testFuzz_ATradeIsNotedWithItsBlockAndItsOutflowRoundedUp(
        uint256 word,
        uint32 blockNumber,
        uint128 outflow
    ) public pure {
        BookRisk risk = BookRisk.wrap(word);
        BookRisk traded = risk.withTrade(blockNumber, outflow);
        assert(traded.tradedIn() == blockNumber);
        uint256 most = uint256(type(uint32).max) * 1e18;
        assert(traded.outflow() == most || traded.outflow() >= outflow);
        assert(traded.outflow() < uint256(outflow) + 1e18);
        assert(uint192(BookRisk.unwrap(traded)) == uint192(word));
    }

    /// However often rent is released on the way, at the expiry all of it is, and never more.
    function testFuzz_RentIsReleasedByTheExpiryAndNoSooner(
        uint256 base,
        uint256 quote,
        uint24 untilExpiry,
        uint24 first,
        uint24 then
    ) public pure {
        uint256 since = 1_700_000_000;
        uint256 expiryAt = since + 1 + untilExpiry;
        (base, quote) = (base % RENT_MAX, quote % RENT_MAX);
        ExpiryMark mark = ExpiryMark.wrap(0).withMoreRent(base, quote, since);
        (uint256 releasedBase, uint256 releasedQuote) = (0, 0);
        uint256[3] memory times = [since + first, since + first + then, expiryAt];
        for (uint256 i = 0; i < 3; ++i) {
            (uint256 dueBase, uint256 dueQuote) = mark.rentsDue(expiryAt, times[i]);
            if (dueBase | dueQuote != 0) mark = mark.withoutRentDue(dueBase, dueQuote, times[i]);
            (releasedBase, releasedQuote) = (releasedBase + dueBase, releasedQuote + dueQuote);
            if (times[i] < expiryAt) {
                uint256 passed = times[i] - since;
                assert(releasedBase * (expiryAt - since) <= base * passed);
                assert(releasedQuote * (expiryAt - since) <= quote * passed);
            }
        }
        assert(releasedBase == base && releasedQuote == quote && mark.rentSum() == 0);
    }

    function testFuzz_MoreRentKeepsTheClockOfWhatIsThere(
        uint256 word,
        uint32 nowAt,
        uint40 base,
        uint40 quote
    ) public pure {
        ExpiryMark before = ExpiryMark.wrap(word);
        (uint256 baseBefore, uint256 quoteBefore) = before.rents();
        if (!before.hasRoomFor(base, quote)) return;
        ExpiryMark afterwards = before.withMoreRent(base, quote, nowAt);
        (uint256 baseAfter, uint256 quoteAfter) = afterwards.rents();
        assert(baseAfter == baseBefore + base && quoteAfter == quoteBefore + quote);
        assert(afterwards.rentSince() == (before.rentSum() == 0 ? nowAt : before.rentSince()));
        assert(afterwards.refreshedAt() == before.refreshedAt() && afterwards.weight() == before.weight());
    }

    /// Rent of what is realized adds up to the most that its field holds, and is due whenever it is asked for.
    function testFuzz_RealizedRentAddsUpAndIsDueAtOnce(uint256 one, uint256 other) public pure {
        ExpiryMark sum = ExpiryMark.wrap(0).withRealizedRent(ExpiryMark.wrap(one)).withRealizedRent(
            ExpiryMark.wrap(other)
        );
        (uint256 base, uint256 quote) = sum.rents();
        (uint256 oneBase, uint256 oneQuote) = ExpiryMark.wrap(one).rents();
        (uint256 otherBase, uint256 otherQuote) = ExpiryMark.wrap(other).rents();
        assert(base == (oneBase + otherBase > RENT_MAX ? RENT_MAX : oneBase + otherBase));
        assert(quote == (oneQuote + otherQuote > RENT_MAX ? RENT_MAX : oneQuote + otherQuote));
        (uint256 dueBase, uint256 dueQuote) = sum.rentsDue(0, 0);
        assert(dueBase == base && dueQuote == quote);
    }

    function testFuzz_TheHistoryOfEquityIsOfFourEnds(uint64[6] memory units) public pure {
        EquityHistory history = EquityHistory.wrap(0);
        for (uint256 i = 0; i < 6; ++i) {
            units[i] /= 2;
            history = history.withLatest(uint256(units[i]) * 1e12 + 7);
            (uint256 least, uint256 most) = (units[i], units[i]);
            for (uint256 j = i < 3 ? 0 : i - 3; j < i; ++j) {
                if (units[j] < least) least = units[j];
                if (units[j] > most) most = units[j];
            }
            (uint256 low, uint256 high) = history.range();
            assert(low == least / 1e6);
            assert(high == (most + 1e6 - 1) / 1e6);
        }
    }

    function _riskOf(int64[4] memory parts) private pure returns (ExpiryRisk) {
        return ExpiryRisk.wrap(packSigned(parts[0], parts[1], parts[2], parts[3]));
    }
}

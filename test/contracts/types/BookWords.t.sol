// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BookMargins, ExpiryMark, RENT_MAX, SPOT_UNIT } from "../../../contracts/types/BookWords.sol";

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
        assert(mark.isWoundDown() == before.isWoundDown() && mark.mostMove() == before.mostMove());
    }
}

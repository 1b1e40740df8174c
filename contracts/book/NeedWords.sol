// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../interfaces/IBook.sol";
import { BookClaims } from "../types/BookClaims.sol";
import { BASE_UNIT, baseFieldUp, field, packFields, QUOTE_UNIT, quoteFieldUp } from "../types/BookFields.sol";

/// The six sums of a book's need in three words, written when the whole book is refreshed and read where the plain sums do not pass.
///
/// `base` has the need at 0.7 S, S and 1.3 S and U of then, 64 bits each in 1e-9; `quote` the same with M, in 1e-6; `stamp` the time and the
/// spot. What does not fit is cut to the greatest number that does, above any claim, so it only refuses.
library NeedWords {
    struct Words {
        uint256 base;
        uint256 quote;
        uint256 stamp;
    }

    function store(
        Words storage self,
        uint256[3] memory base,
        uint256[3] memory quote,
        BookClaims claims,
        uint256 spot
    ) internal {
        self.base = packFields(
            baseFieldUp(base[0]),
            baseFieldUp(base[1]),
            baseFieldUp(base[2]),
            claims.baseSum() / BASE_UNIT
        );
        self.quote = packFields(
            quoteFieldUp(quote[0]),
            quoteFieldUp(quote[1]),
            quoteFieldUp(quote[2]),
            claims.quoteSum() / QUOTE_UNIT
        );
        self.stamp = block.timestamp | (spot << 64);
    }

    /// So much of U and M was freed, in units of their fields: what they were at the refresh falls with them, so that the growth since stays
    /// what it was, and where that would leave less than nothing, all of the sum is growth.
    function lower(Words storage self, uint256 base, uint256 quote) internal {
        if (base != 0) self.base = _lowered(self.base, base);
        if (quote != 0) self.quote = _lowered(self.quote, quote);
    }

    function unpack(Words storage self) internal view returns (IBook.Need memory need) {
        (uint256 base, uint256 quote, uint256 stamp) = (self.base, self.quote, self.stamp);
        for (uint256 i = 0; i < 3; ++i) {
            need.base[i] = field(base, i) * BASE_UNIT;
            need.quote[i] = field(quote, i) * QUOTE_UNIT;
        }
        need.baseSum = field(base, 3) * BASE_UNIT;
        need.quoteSum = field(quote, 3) * QUOTE_UNIT;
        (need.refreshedAt, need.refreshedSpot) = (uint64(stamp), stamp >> 64);
    }

    /// When the whole book was refreshed, and at which spot.
    function stamped(Words storage self) internal view returns (uint256 refreshedAt, uint256 refreshedSpot) {
        uint256 stamp = self.stamp;
        return (uint64(stamp), stamp >> 64);
    }

    function _lowered(uint256 word, uint256 by) private pure returns (uint256) {
        uint256 sum = word >> 192;
        uint256 rest = word & ((1 << 192) - 1);
        return sum > by ? rest | ((sum - by) << 192) : rest;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { baseAt, cut, quoteAt } from "./BookFields.sol";
import { cutOffOf } from "./Times.sol";

/// What changes at refreshes, requests and epochs only.
///
///    255     240 239    226 225   212 211 210 209     208     207    192 191  128 127        64 63         0
///    | cutOffDay | quoteUse | baseUse | spare | moved | wound | shortVol | band  | pendingQuote | pendingBase |
///
/// `band`: base. `shortVol`: at-the-money vol of the shortest expiry, bps. Uses: U and M of the claims, bps, 10,000 at most. `moved`: a
/// trade or a hedge came after the cut-off of `cutOffDay`.
/// `cutOffDay`: the day whose 09:00 UTC ends the running epoch; 0 where there is none.
type BookMargins is uint256;

using {
    pendingBase,
    pendingQuote,
    band,
    shortVol,
    isWoundDown,
    baseUse,
    quoteUse,
    isEpochDue,
    isMoved,
    refreshed,
    withPending,
    withCutOff,
    withMoved,
    withWoundDown
} for BookMargins global;

function pendingBase(BookMargins word) pure returns (uint256) {
    return baseAt(BookMargins.unwrap(word), 0);
}

function pendingQuote(BookMargins word) pure returns (uint256) {
    return quoteAt(BookMargins.unwrap(word), 1);
}

function band(BookMargins word) pure returns (uint256) {
    return baseAt(BookMargins.unwrap(word), 2);
}

function shortVol(BookMargins word) pure returns (uint256) {
    unchecked {
        return ((BookMargins.unwrap(word) >> 192) & type(uint16).max) * 1e14;
    }
}

function isWoundDown(BookMargins word) pure returns (bool) {
    return (BookMargins.unwrap(word) >> 208) & 1 == 1;
}

function baseUse(BookMargins word) pure returns (uint256) {
    unchecked {
        return ((BookMargins.unwrap(word) >> 212) & 0x3fff) * 1e14;
    }
}

function quoteUse(BookMargins word) pure returns (uint256) {
    unchecked {
        return ((BookMargins.unwrap(word) >> 226) & 0x3fff) * 1e14;
    }
}

/// @dev Whether the running epoch's cut-off is at or before `nowAt`.
function isEpochDue(BookMargins word, uint256 nowAt) pure returns (bool) {
    uint256 cutOffDay = BookMargins.unwrap(word) >> 240;
    return cutOffDay != 0 && nowAt >= cutOffOf(cutOffDay);
}

/// @dev The word after a refresh of the whole book: `band_` in its unit, vol and uses in bps, the vol cut to 655 %.
function refreshed(
    BookMargins word,
    uint256 band_,
    uint256 shortVol_,
    uint256 baseUse_,
    uint256 quoteUse_
) pure returns (BookMargins) {
    if (shortVol_ > type(uint16).max) shortVol_ = type(uint16).max;
    uint256 kept = BookMargins.unwrap(word) & (type(uint128).max | (3 << 208) | (0xffff << 240));
    uint256 uses = (baseUse_ << 212) | (quoteUse_ << 226);
    return BookMargins.wrap(kept | (cut(band_) << 128) | (shortVol_ << 192) | uses);
}

/// @dev The word with what waits to leave one tranche, in the unit of its field: `index` 0 base, 1 quote.
function withPending(BookMargins word, uint256 index, uint256 pending) pure returns (BookMargins) {
    uint256 kept = BookMargins.unwrap(word) & ~(uint256(type(uint64).max) << (64 * index));
    return BookMargins.wrap(kept | (cut(pending) << (64 * index)));
}

/// @dev The word with the day whose cut-off ends the epoch that begins, after which nothing has moved.
function withCutOff(BookMargins word, uint16 cutOffDay) pure returns (BookMargins) {
    uint256 kept = BookMargins.unwrap(word) & ((1 << 240) - 1) & ~uint256(1 << 209);
    return BookMargins.wrap(kept | (uint256(cutOffDay) << 240));
}

/// @dev The word after a trade or a hedge beyond the cut-off.
function withMoved(BookMargins word) pure returns (BookMargins) {
    return BookMargins.wrap(BookMargins.unwrap(word) | (1 << 209));
}

/// @dev Whether there was one.
function isMoved(BookMargins word) pure returns (bool) {
    return (BookMargins.unwrap(word) >> 209) & 1 == 1;
}

/// @dev The word of a book that opens nothing any more.
function withWoundDown(BookMargins word) pure returns (BookMargins) {
    return BookMargins.wrap(BookMargins.unwrap(word) | (1 << 208));
}

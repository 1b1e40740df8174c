// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { cut, QUOTE_UNIT } from "./BookFields.sol";

uint256 constant SPOT_UNIT = 1e9;
// Most of a field of rent.
uint256 constant RENT_MAX = 2 ** 53 - 1;

/// When one expiry was refreshed, and the rent of its options that is not released.
///
///    255      203 202     150 149      118 117  54 53         22 21    0
///    | rentQuote | rentBase  | rentSince  | spot  | refreshedAt | weight |
///
/// `weight`: w_e, 1e-6. `spot`: 1e-9 of quote, as strikes are. Rents of either tranche: 1e-6 of quote, released since `rentSince`.
type ExpiryMark is uint256;

using {
    weight,
    refreshedAt,
    refreshedSpot,
    rentSince,
    rents,
    rentSum,
    rentsDue,
    hasRoomFor,
    withRefresh,
    withRent,
    withMoreRent,
    withRealizedRent,
    withoutRentDue
} for ExpiryMark global;

function weight(ExpiryMark word) pure returns (uint256) {
    unchecked {
        return (ExpiryMark.unwrap(word) & (2 ** 22 - 1)) * 1e12;
    }
}

function refreshedAt(ExpiryMark word) pure returns (uint256) {
    return (ExpiryMark.unwrap(word) >> 22) & type(uint32).max;
}

function refreshedSpot(ExpiryMark word) pure returns (uint256) {
    unchecked {
        return uint64(ExpiryMark.unwrap(word) >> 54) * SPOT_UNIT;
    }
}

function rentSince(ExpiryMark word) pure returns (uint256) {
    return (ExpiryMark.unwrap(word) >> 118) & type(uint32).max;
}

/// @dev The base tranche's and the quote tranche's, in the unit of their fields.
function rents(ExpiryMark word) pure returns (uint256 base, uint256 quote) {
    return ((ExpiryMark.unwrap(word) >> 150) & RENT_MAX, ExpiryMark.unwrap(word) >> 203);
}

/// @dev Both tranches' together, WAD.
function rentSum(ExpiryMark word) pure returns (uint256) {
    (uint256 base, uint256 quote) = word.rents();
    unchecked {
        return (base + quote) * QUOTE_UNIT;
    }
}

/// @dev What of the rents of the options that end at `expiryAt` is due by `until`, in the unit of their fields: at the end all, before it the part of
/// the time to the expiry that has passed since the last release, rounded down. Unchecked: 53 bits by 32.
function rentsDue(
    ExpiryMark word,
    uint256 expiryAt,
    uint256 until
) pure returns (uint256 base, uint256 quote) {
    (base, quote) = word.rents();
    uint256 since = word.rentSince();
    if (until >= expiryAt || since >= expiryAt) return (base, quote);
    if (until <= since) return (0, 0);
    unchecked {
        (uint256 passed, uint256 whole) = (until - since, expiryAt - since);
        return ((base * passed) / whole, (quote * passed) / whole);
    }
}

/// @dev Whether so much more rent fits, each below 2^255.
function hasRoomFor(ExpiryMark word, uint256 addedBase, uint256 addedQuote) pure returns (bool) {
    (uint256 base, uint256 quote) = word.rents();
    unchecked {
        return base + addedBase <= RENT_MAX && quote + addedQuote <= RENT_MAX;
    }
}

/// @dev The word after a refresh: `weight_` in 1e-6, at most 2.7e6, where 4.19e6 would fit; `spot_` WAD, rounded down, cut to 64 bits.
function withRefresh(
    ExpiryMark word,
    uint256 weight_,
    uint256 refreshedAt_,
    uint256 spot_
) pure returns (ExpiryMark) {
    uint256 kept = (ExpiryMark.unwrap(word) >> 118) << 118;
    return
        ExpiryMark.wrap(
            kept | weight_ | (uint256(uint32(refreshedAt_)) << 22) | (cut(spot_ / SPOT_UNIT) << 54)
        );
}

/// @dev The word with more rent, for which it has room ({hasRoomFor}). What came before is released by its own time, so the new one starts with the
/// old one's clock.
function withMoreRent(
    ExpiryMark word,
    uint256 addedBase,
    uint256 addedQuote,
    uint256 nowAt
) pure returns (ExpiryMark) {
    (uint256 base, uint256 quote) = word.rents();
    uint256 since = base | quote == 0 ? nowAt : word.rentSince();
    return word.withRent(base + addedBase, quote + addedQuote, since);
}

/// @dev The word of those realized with the rents of one more. Cut to {RENT_MAX}, 9e9 of quote a tranche: beyond it what an expiry leaves counts as
/// equity at once, and not at the epoch's end.
function withRealizedRent(ExpiryMark word, ExpiryMark realized) pure returns (ExpiryMark) {
    (uint256 base, uint256 quote) = word.rents();
    (uint256 addedBase, uint256 addedQuote) = realized.rents();
    return word.withRent(Math.min(base + addedBase, RENT_MAX), Math.min(quote + addedQuote, RENT_MAX), 0);
}

/// @dev The word without what {rentsDue} by `until` is, the rest since then.
function withoutRentDue(
    ExpiryMark word,
    uint256 dueBase,
    uint256 dueQuote,
    uint256 until
) pure returns (ExpiryMark) {
    (uint256 base, uint256 quote) = word.rents();
    return word.withRent(base - dueBase, quote - dueQuote, until);
}

/// @dev The word with other rents, each at most {RENT_MAX}.
function withRent(ExpiryMark word, uint256 base, uint256 quote, uint256 since) pure returns (ExpiryMark) {
    uint256 kept = ExpiryMark.unwrap(word) & (2 ** 118 - 1);
    return ExpiryMark.wrap(kept | (uint256(uint32(since)) << 118) | (base << 150) | (quote << 203));
}

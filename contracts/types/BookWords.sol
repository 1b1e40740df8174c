// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { cutOffOf } from "./Times.sol";

// The words of the Book: what a trade reads and writes of the vault's risk, packed so that a trade writes five of them.
//
// UNITS. Amounts of quote count in 1e-6, amounts of base in 1e-9, in 64 bits each: 9e12 of quote and 9e9 of base with a sign, twice that
// without. The accessors speak WAD. Writers cut what does not fit to the greatest number that does: beyond it, the limits
// refuse every opening, and an exit must not fail for it. Of rent, which openings alone add, what does not fit is refused before ({hasRoomFor}).
//
// RANGES. Proof of the unchecked blocks: a field has at most 64 bits and its unit 60; an index is below 4; what is not 0 has one to be
// taken off, and a quotient by a unit room for one more.

uint256 constant QUOTE_UNIT = 1e12;
uint256 constant BASE_UNIT = 1e9;
uint256 constant SPOT_UNIT = 1e9;

/// Risk of the whole book, and what this block has done to it.
///
///    255       224 223         192 191   128 127   64 63    0
///    | outflow   | tradedIn      | delta   | gamma  | vega   |
///
/// `outflow`: of the block `tradedIn`, whole quote. `delta`: of the options. vega: X.
type BookRisk is uint256;

/// Money behind the prices, quote.
///
///    255       200 199        144 143      80 79        40 39        0
///    | epochExits | epochOutflow | reserve   | equityHigh | equityLow |
///
/// Equities in whole quote, the low one rounded down, the high one up; the rest in 1e-6. `epochExits`, signed: what exits were paid beyond the
/// floor, less what openings brought in beyond intrinsic value.
type BookFunds is uint256;

/// Plain sums and what the tranches are owed: 64 bits each, base and quote in turn.
///
///    255        192 191       128 127     64 63       0
///    | claimQuote | claimBase   | quoteSum | baseSum  |
type BookClaims is uint256;

/// What changes at refreshes, requests and epochs only.
///
///    255     240 239    226 225   212 211 210 209     208     207    192 191  128 127        64 63         0
///    | cutOffDay | quoteUse | baseUse | haste | moved | wound | shortVol | band  | pendingQuote | pendingBase |
///
/// `band`: base. `shortVol`: at-the-money vol of the shortest expiry, bps. Uses: U and M of the claims, bps, 10,000 at most. `moved`: a
/// trade came after the cut-off of `cutOffDay`. `haste`: how soon a move of spot
/// makes the exposures useless ({mostMove}).
/// `cutOffDay`: the day whose 09:00 UTC ends the running epoch; 0 where there is none.
type BookMargins is uint256;

/// Exposures of one expiry: vega and vegaSkew are weighted. Signed, 64 bits each.
///
///    255   192 191   128 127      64 63    0
///    | delta | gamma   | vegaSkew  | vega   |
type ExpiryRisk is uint256;

/// When one expiry was refreshed, and the rent of its options that is not released.
///
///    255      203 202     150 149      118 117  54 53         22 21    0
///    | rentQuote | rentBase  | rentSince  | spot  | refreshedAt | weight |
///
/// `weight`: w_e, 1e-6. `spot`: 1e-9 of quote, as strikes are. Rents of either tranche: 1e-6 of quote, released since `rentSince`.
type ExpiryMark is uint256;

// Most of a field of rent.
uint256 constant RENT_MAX = 2 ** 53 - 1;

using { vega, gamma, delta, tradedIn, outflow } for BookRisk global;
using {
    equityLow,
    equityHigh,
    reserve,
    epochOutflow,
    epochExits,
    withEquityLow,
    withoutReserve
} for BookFunds global;
using { baseSum, quoteSum, claimBase, claimQuote, withClaims } for BookClaims global;
using {
    pendingBase,
    pendingQuote,
    band,
    shortVol,
    mostMove,
    isWoundDown,
    baseUse,
    quoteUse,
    isEpochDue,
    isMoved,
    refreshed,
    withPending,
    withCutOff,
    withMoved
} for BookMargins global;
using { expiryVega, expirySkew, expiryGamma, expiryDelta } for ExpiryRisk global;
using {
    weight,
    refreshedAt,
    refreshedSpot,
    rentSince,
    rents,
    hasRoomFor,
    withRefresh,
    withRent
} for ExpiryMark global;

// ---- fields

/// @dev Field `index` of four, unsigned.
function field(uint256 word, uint256 index) pure returns (uint256) {
    unchecked {
        return (word >> (64 * index)) & type(uint64).max;
    }
}

/// @dev Field `index` of four, signed.
function signedField(uint256 word, uint256 index) pure returns (int256) {
    unchecked {
        return int64(uint64(word >> (64 * index)));
    }
}

/// @dev Field `index`, WAD; so the three that follow.
function quoteAt(uint256 word, uint256 index) pure returns (uint256) {
    unchecked {
        return field(word, index) * QUOTE_UNIT;
    }
}

function baseAt(uint256 word, uint256 index) pure returns (uint256) {
    unchecked {
        return field(word, index) * BASE_UNIT;
    }
}

function signedQuoteAt(uint256 word, uint256 index) pure returns (int256) {
    unchecked {
        return signedField(word, index) * int256(QUOTE_UNIT);
    }
}

function signedBaseAt(uint256 word, uint256 index) pure returns (int256) {
    unchecked {
        return signedField(word, index) * int256(BASE_UNIT);
    }
}

/// @dev Four fields, each cut to 64 bits unsigned.
function packFields(uint256 a, uint256 b, uint256 c, uint256 d) pure returns (uint256) {
    return cut(a) | (cut(b) << 64) | (cut(c) << 128) | (cut(d) << 192);
}

/// @dev Four fields, each cut to 64 bits signed.
function packSigned(int256 a, int256 b, int256 c, int256 d) pure returns (uint256) {
    return cutSigned(a) | (cutSigned(b) << 64) | (cutSigned(c) << 128) | (cutSigned(d) << 192);
}

function cut(uint256 value) pure returns (uint256) {
    return value > type(uint64).max ? type(uint64).max : value;
}

function cutSigned(int256 value) pure returns (uint256) {
    if (value > type(int64).max) value = type(int64).max;
    if (value < type(int64).min) value = type(int64).min;
    return uint64(int64(value));
}

/// @dev A field of quote from WAD, towards zero; `Up` away from it.
function quoteField(uint256 wad) pure returns (uint256) {
    return wad / QUOTE_UNIT;
}

function quoteFieldUp(uint256 wad) pure returns (uint256) {
    unchecked {
        return wad == 0 ? 0 : (wad - 1) / QUOTE_UNIT + 1;
    }
}

function baseField(uint256 wad) pure returns (uint256) {
    return wad / BASE_UNIT;
}

function baseFieldUp(uint256 wad) pure returns (uint256) {
    unchecked {
        return wad == 0 ? 0 : (wad - 1) / BASE_UNIT + 1;
    }
}

// ---- BookRisk

function vega(BookRisk word) pure returns (int256) {
    return signedQuoteAt(BookRisk.unwrap(word), 0);
}

function gamma(BookRisk word) pure returns (int256) {
    return signedQuoteAt(BookRisk.unwrap(word), 1);
}

function delta(BookRisk word) pure returns (int256) {
    return signedBaseAt(BookRisk.unwrap(word), 2);
}

function tradedIn(BookRisk word) pure returns (uint256) {
    return (BookRisk.unwrap(word) >> 192) & type(uint32).max;
}

function outflow(BookRisk word) pure returns (uint256) {
    unchecked {
        return (BookRisk.unwrap(word) >> 224) * 1e18;
    }
}

/// @dev Vega, gamma, delta in units of their fields; `outflow_` in whole quote, cut to 32 bits: more than four billions a block are
/// refused by any limit.
function toBookRisk(
    int256 vega_,
    int256 gamma_,
    int256 delta_,
    uint256 tradedIn_,
    uint256 outflow_
) pure returns (BookRisk) {
    uint256 low = cutSigned(vega_) | (cutSigned(gamma_) << 64) | (cutSigned(delta_) << 128);
    if (outflow_ > type(uint32).max) outflow_ = type(uint32).max;
    return BookRisk.wrap(low | (uint256(uint32(tradedIn_)) << 192) | (outflow_ << 224));
}

// ---- BookFunds

function equityLow(BookFunds word) pure returns (uint256) {
    unchecked {
        return (BookFunds.unwrap(word) & type(uint40).max) * 1e18;
    }
}

function equityHigh(BookFunds word) pure returns (uint256) {
    unchecked {
        return ((BookFunds.unwrap(word) >> 40) & type(uint40).max) * 1e18;
    }
}

function reserve(BookFunds word) pure returns (uint256) {
    unchecked {
        return uint64(BookFunds.unwrap(word) >> 80) * QUOTE_UNIT;
    }
}

function epochOutflow(BookFunds word) pure returns (uint256) {
    unchecked {
        return uint56(BookFunds.unwrap(word) >> 144) * QUOTE_UNIT;
    }
}

function epochExits(BookFunds word) pure returns (int256) {
    unchecked {
        return int256(int56(uint56(BookFunds.unwrap(word) >> 200))) * int256(QUOTE_UNIT);
    }
}

/// @dev The lower equity in proportion `part / whole`, at most 1, rounded down: its 40 bits times a part below 2^208 stay within a word.
function withEquityLow(BookFunds word, uint256 part, uint256 whole) pure returns (BookFunds) {
    unchecked {
        uint256 fields = BookFunds.unwrap(word);
        uint256 low = uint40(fields);
        return BookFunds.wrap(fields - low + (low * part) / whole);
    }
}

/// @dev The word with nothing to reward by.
function withoutReserve(BookFunds word) pure returns (BookFunds) {
    return BookFunds.wrap(BookFunds.unwrap(word) & ~(uint256(type(uint64).max) << 80));
}

/// @dev Equities in whole quote, the rest in the field's unit; each is cut to its bits.
function toBookFunds(
    uint256 equityLow_,
    uint256 equityHigh_,
    uint256 reserve_,
    uint256 epochOutflow_,
    int256 epochExits_
) pure returns (BookFunds) {
    if (equityLow_ > type(uint40).max) equityLow_ = type(uint40).max;
    if (equityHigh_ > type(uint40).max) equityHigh_ = type(uint40).max;
    if (epochOutflow_ > type(uint56).max) epochOutflow_ = type(uint56).max;
    if (epochExits_ > type(int56).max) epochExits_ = type(int56).max;
    if (epochExits_ < type(int56).min) epochExits_ = type(int56).min;
    uint256 equities = equityLow_ | (equityHigh_ << 40);
    uint256 flows = (epochOutflow_ << 144) | (uint256(uint56(int56(epochExits_))) << 200);
    return BookFunds.wrap(equities | (cut(reserve_) << 80) | flows);
}

// ---- BookClaims

function baseSum(BookClaims word) pure returns (uint256) {
    return baseAt(BookClaims.unwrap(word), 0);
}

function quoteSum(BookClaims word) pure returns (uint256) {
    return quoteAt(BookClaims.unwrap(word), 1);
}

function claimBase(BookClaims word) pure returns (uint256) {
    return baseAt(BookClaims.unwrap(word), 2);
}

function claimQuote(BookClaims word) pure returns (uint256) {
    return quoteAt(BookClaims.unwrap(word), 3);
}

/// @dev The word with other claims, WAD, rounded down.
function withClaims(BookClaims word, uint256 claimBase_, uint256 claimQuote_) pure returns (BookClaims) {
    uint256 kept = BookClaims.unwrap(word) & type(uint128).max;
    uint256 claims = (cut(baseField(claimBase_)) << 128) | (cut(quoteField(claimQuote_)) << 192);
    return BookClaims.wrap(kept | claims);
}

// ---- BookMargins

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

/// @dev By how much spot may move before the exposures of the last refresh of the whole book are too far off, whatever the terms allow, WAD:
/// without end at no haste, then 0.5, 0.25, 0.125 %.
function mostMove(BookMargins word) pure returns (uint256) {
    uint256 haste = (BookMargins.unwrap(word) >> 210) & 3;
    return haste == 0 ? type(uint256).max : 0.01e18 >> haste;
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

/// @dev The word after a refresh of the whole book: `band_` in its unit, vol and uses in bps, the vol cut to 655 %, `haste` at most 3.
function refreshed(
    BookMargins word,
    uint256 band_,
    uint256 shortVol_,
    uint256 haste,
    uint256 baseUse_,
    uint256 quoteUse_
) pure returns (BookMargins) {
    if (shortVol_ > type(uint16).max) shortVol_ = type(uint16).max;
    uint256 kept = BookMargins.unwrap(word) & (type(uint128).max | (3 << 208) | (0xffff << 240));
    uint256 uses = (haste << 210) | (baseUse_ << 212) | (quoteUse_ << 226);
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

/// @dev The word after a trade beyond the cut-off.
function withMoved(BookMargins word) pure returns (BookMargins) {
    return BookMargins.wrap(BookMargins.unwrap(word) | (1 << 209));
}

/// @dev Whether there was one.
function isMoved(BookMargins word) pure returns (bool) {
    return (BookMargins.unwrap(word) >> 209) & 1 == 1;
}

// ---- ExpiryRisk

function expiryVega(ExpiryRisk word) pure returns (int256) {
    return signedQuoteAt(ExpiryRisk.unwrap(word), 0);
}

function expirySkew(ExpiryRisk word) pure returns (int256) {
    return signedQuoteAt(ExpiryRisk.unwrap(word), 1);
}

function expiryGamma(ExpiryRisk word) pure returns (int256) {
    return signedQuoteAt(ExpiryRisk.unwrap(word), 2);
}

function expiryDelta(ExpiryRisk word) pure returns (int256) {
    return signedBaseAt(ExpiryRisk.unwrap(word), 3);
}

// ---- ExpiryMark

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

/// @dev The word with other rents, each at most {RENT_MAX}.
function withRent(ExpiryMark word, uint256 base, uint256 quote, uint256 since) pure returns (ExpiryMark) {
    uint256 kept = ExpiryMark.unwrap(word) & (2 ** 118 - 1);
    return ExpiryMark.wrap(kept | (uint256(uint32(since)) << 118) | (base << 150) | (quote << 203));
}

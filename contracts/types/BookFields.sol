// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Amounts inside the words of a book ({BookRisk}, {BookFunds}, {BookClaims}, {BookMargins}, {ExpiryRisk}, {ExpiryMark}), which are packed so
// that a trade writes five of them.
//
// UNITS. Amounts of quote count in 1e-6, amounts of base in 1e-9, in 64 bits each: 9e12 of quote and 9e9 of base with a sign, twice that
// without. The accessors speak WAD. Writers cut what does not fit to the greatest number that does: beyond it, the limits
// refuse every opening, and an exit must not fail for it.
//
// RANGES. Proof of the unchecked blocks, here and in the words: a field has at most 64 bits and its unit 60; an index is below 4; what is
// not 0 has one to be taken off, and a quotient by a unit room for one more.

uint256 constant QUOTE_UNIT = 1e12;
uint256 constant BASE_UNIT = 1e9;

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

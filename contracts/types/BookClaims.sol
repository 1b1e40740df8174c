// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { baseAt, baseField, cut, quoteAt, quoteField } from "./BookFields.sol";

/// Plain sums and what the tranches are owed: 64 bits each, base and quote in turn.
///
///    255        192 191       128 127     64 63       0
///    | claimQuote | claimBase   | quoteSum | baseSum  |
type BookClaims is uint256;

using { baseSum, quoteSum, claimBase, claimQuote, withClaims } for BookClaims global;

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

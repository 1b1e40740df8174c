// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { packSigned, signedBaseAt, signedField, signedQuoteAt } from "./BookFields.sol";
import { ExpiryRisk } from "./ExpiryRisk.sol";

/// Risk of the whole book, and what this block has done to it.
///
///    255       224 223         192 191   128 127   64 63    0
///    | outflow   | tradedIn      | delta   | gamma  | vega   |
///
/// `outflow`: of the block `tradedIn`, whole quote. `delta`: of the options. vega: X.
type BookRisk is uint256;

using { vega, gamma, delta, tradedIn, outflow, replacing, withTrade } for BookRisk global;

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

/// @dev The word where an expiry that had exposures `before` has `afterwards`, so that it stays the sum of all expiries' words.
/// Unchecked: fields of 64 bits.
function replacing(BookRisk word, ExpiryRisk before, ExpiryRisk afterwards) pure returns (BookRisk) {
    uint256 sums = BookRisk.unwrap(word);
    (uint256 was, uint256 isNow) = (ExpiryRisk.unwrap(before), ExpiryRisk.unwrap(afterwards));
    unchecked {
        uint256 exposures = packSigned(
            signedField(sums, 0) + signedField(isNow, 0) - signedField(was, 0),
            signedField(sums, 1) + signedField(isNow, 2) - signedField(was, 2),
            signedField(sums, 2) + signedField(isNow, 3) - signedField(was, 3),
            0
        );
        return BookRisk.wrap(exposures | ((sums >> 192) << 192));
    }
}

/// @dev The word after a trade: block and its outflow, WAD below 2^200, rounded up and cut to 32 bits: more than four billions a block are
/// refused by any limit.
function withTrade(BookRisk word, uint256 blockNumber, uint256 outflow_) pure returns (BookRisk) {
    uint256 exposures = BookRisk.unwrap(word) & type(uint192).max;
    unchecked {
        uint256 whole = (outflow_ + 1e18 - 1) / 1e18;
        if (whole > type(uint32).max) whole = type(uint32).max;
        return BookRisk.wrap(exposures | (uint256(uint32(blockNumber)) << 192) | (whole << 224));
    }
}

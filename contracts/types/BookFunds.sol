// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { cut, QUOTE_UNIT } from "./BookFields.sol";

/// Money behind the prices, quote.
///
///    255       200 199        144 143      80 79        40 39        0
///    | epochExits | epochOutflow | reserve   | equityHigh | equityLow |
///
/// Equities in whole quote, the low one rounded down, the high one up; the rest in 1e-6. `epochExits`, signed: what exits were paid beyond the
/// floor, less what openings brought in beyond intrinsic value.
type BookFunds is uint256;

using {
    equityLow,
    equityHigh,
    reserve,
    epochOutflow,
    epochExits,
    withEquityLow,
    withoutReserve,
    withFlowsOf
} for BookFunds global;

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

/// @dev The word with outflow and exits of another.
function withFlowsOf(BookFunds word, BookFunds other) pure returns (BookFunds) {
    uint256 flows = BookFunds.unwrap(other) >> 144;
    return BookFunds.wrap((BookFunds.unwrap(word) & ((1 << 144) - 1)) | (flows << 144));
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

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { EXPIRY_OF_DAY } from "./Times.sol";

/// One option series in one word; also its ERC-6909 token id.
///
///     255            193 192      161 160       129 128            1     0
///     +-----------------+------------+-------------+--------------+-------+
///     |   zero (63)     | market 32  | expiryAt 32 | strike 128   | isPut |
///     +-----------------+------------+-------------+--------------+-------+
///
/// `expiryAt` in unix seconds, 08:00 UTC of a day; `strike` in WAD of quote per base. A series has one id: a
/// word is canonical only if its top bits are zero, its strike is not zero and its expiry lies at 08:00 UTC.
type SeriesId is uint256;

using {
    market,
    expiryAt,
    strike,
    isPut,
    isCanonical,
    check,
    equals as ==,
    differs as !=
} for SeriesId global;

/// The word is no series: see {isCanonical}.
error SeriesId_NotCanonical(uint256 word);

/// The parts of a series are outside what an id can say.
error SeriesId_PartsInvalid(uint32 market, uint32 expiryAt, uint128 strike);

/// @dev Packs the parts; reverts where the result would not be canonical.
function toSeriesId(
    uint32 market_,
    uint32 expiryAt_,
    uint128 strike_,
    bool isPut_
) pure returns (SeriesId id) {
    uint256 word = (uint256(market_) << 161) | (uint256(expiryAt_) << 129) | (uint256(strike_) << 1);
    if (isPut_) word |= 1;
    id = SeriesId.wrap(word);
    if (!id.isCanonical()) revert SeriesId_PartsInvalid(market_, expiryAt_, strike_);
}

function market(SeriesId id) pure returns (uint32) {
    return uint32(SeriesId.unwrap(id) >> 161);
}

function expiryAt(SeriesId id) pure returns (uint32) {
    return uint32(SeriesId.unwrap(id) >> 129);
}

function strike(SeriesId id) pure returns (uint128) {
    return uint128(SeriesId.unwrap(id) >> 1);
}

function isPut(SeriesId id) pure returns (bool) {
    return SeriesId.unwrap(id) & 1 == 1;
}

function isCanonical(SeriesId id) pure returns (bool) {
    return
        SeriesId.unwrap(id) >> 193 == 0 &&
        id.strike() != 0 &&
        uint256(id.expiryAt()) % 1 days == EXPIRY_OF_DAY;
}

/// @dev The id itself, where a stranger handed in the word; reverts if it is not canonical.
function check(SeriesId id) pure returns (SeriesId) {
    if (!id.isCanonical()) revert SeriesId_NotCanonical(SeriesId.unwrap(id));
    return id;
}

function equals(SeriesId a, SeriesId b) pure returns (bool) {
    return SeriesId.unwrap(a) == SeriesId.unwrap(b);
}

function differs(SeriesId a, SeriesId b) pure returns (bool) {
    return SeriesId.unwrap(a) != SeriesId.unwrap(b);
}

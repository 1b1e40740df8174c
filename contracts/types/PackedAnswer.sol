// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// An answer of ISpotOracle in one word, the lowest price first.
///
///     255  249 248    247  240 239        224 223     192 191 96 95  0
///    | spare | late | reason | deviationBps | observedAt | high | low |
type PackedAnswer is uint256;

using {
    low,
    high,
    observedAt,
    deviationBps,
    reason,
    isLate,
    deviating,
    late,
    widened,
    refused
} for PackedAnswer global;

uint256 constant PRICE_MAX = type(uint96).max;

/// @param low_ WAD, at most PRICE_MAX, as is `high_`.
/// @param observedAt_ Unix seconds, < 2^32.
/// @param deviationBps_ < 2^16.
function toPackedAnswer(
    uint256 low_,
    uint256 high_,
    uint256 observedAt_,
    uint256 deviationBps_
) pure returns (PackedAnswer) {
    return PackedAnswer.wrap(low_ | (high_ << 96) | (observedAt_ << 192) | (deviationBps_ << 224));
}

/// Lowest price that the question allows, WAD.
function low(PackedAnswer answer) pure returns (uint256) {
    return uint96(PackedAnswer.unwrap(answer));
}

/// Highest price that the question allows, WAD.
function high(PackedAnswer answer) pure returns (uint256) {
    return uint96(PackedAnswer.unwrap(answer) >> 96);
}

/// Time of the oldest observation behind both, unix seconds.
function observedAt(PackedAnswer answer) pure returns (uint256) {
    return uint32(PackedAnswer.unwrap(answer) >> 192);
}

/// Relative move that these sources may not show yet, basis points.
function deviationBps(PackedAnswer answer) pure returns (uint256) {
    return uint16(PackedAnswer.unwrap(answer) >> 224);
}

/// An ISpotOracle.Reason; 0 where the answer may be used.
function reason(PackedAnswer answer) pure returns (uint256) {
    return uint8(PackedAnswer.unwrap(answer) >> 240);
}

/// Whether it rests on sources that are late, within their grace.
function isLate(PackedAnswer answer) pure returns (bool) {
    return (PackedAnswer.unwrap(answer) >> 248) & 1 == 1;
}

/// @dev The same answer as one of sources that are late.
function late(PackedAnswer answer) pure returns (PackedAnswer) {
    return PackedAnswer.wrap(PackedAnswer.unwrap(answer) | (1 << 248));
}

/// @dev An answer without a deviation, or with this one, with it: sources that may not show yet a move of `deviationBps_` (< 2^16).
function deviating(PackedAnswer answer, uint256 deviationBps_) pure returns (PackedAnswer) {
    return PackedAnswer.wrap(PackedAnswer.unwrap(answer) | (deviationBps_ << 224));
}

/// @dev The answer over one more source, of `price` (WAD, at most PRICE_MAX) and `time` (< 2^32).
function widened(PackedAnswer answer, uint256 price, uint256 time) pure returns (PackedAnswer) {
    uint256 word = PackedAnswer.unwrap(answer);
    (uint256 low_, uint256 high_, uint256 time_) = (answer.low(), answer.high(), answer.observedAt());
    // Unchecked: each puts a field's new value in the place of its old one, and both fit the field.
    unchecked {
        if (price < low_) word -= low_ - price;
        if (price > high_) word += (price - high_) << 96;
        if (time < time_) word -= (time_ - time) << 192;
    }
    return PackedAnswer.wrap(word);
}

/// @dev The same answer refused for a reason, an ISpotOracle.Reason, in the place of the one that it has.
function refused(PackedAnswer answer, uint256 reason_) pure returns (PackedAnswer) {
    return PackedAnswer.wrap((PackedAnswer.unwrap(answer) & ((1 << 240) - 1)) | (reason_ << 240));
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// The unit in which strikes are kept, WAD: in 1e-9 of quote a strike fits 64 bits.
uint256 constant STRIKE_UNIT = 1e9;

/// An account's call and put at one strike, in the word in which the Clearinghouse keeps them.
///
///     255            192 191        96 95         0
///     | strike, 1e-9   | put, signed | call, signed |
///
/// Amounts in WAD, negative written, positive deposited long; strike in {STRIKE_UNIT}.
type StrikePosition is uint256;

using { strike, callAmount, putAmount } for StrikePosition global;

/// @dev WAD.
function strike(StrikePosition word) pure returns (uint256) {
    return (StrikePosition.unwrap(word) >> 192) * STRIKE_UNIT;
}

function callAmount(StrikePosition word) pure returns (int256) {
    return int96(uint96(StrikePosition.unwrap(word)));
}

function putAmount(StrikePosition word) pure returns (int256) {
    return int96(uint96(StrikePosition.unwrap(word) >> 96));
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// An account's collateral in one asset, in the word in which the Clearinghouse keeps it; assets.
///
///     255 128 127   0
///     | locked | balance |
type PackedCollateral is uint256;

using { balance, locked, free } for PackedCollateral global;

function balance(PackedCollateral word) pure returns (uint256) {
    return uint128(PackedCollateral.unwrap(word));
}

function locked(PackedCollateral word) pure returns (uint256) {
    return PackedCollateral.unwrap(word) >> 128;
}

/// @dev Never less than nothing: what is locked is at most the balance whenever the Clearinghouse is not in a call (its INVARIANTS).
function free(PackedCollateral word) pure returns (uint256) {
    return word.balance() - word.locked();
}

/// @dev Both below 2^128.
function toPackedCollateral(uint256 balance_, uint256 locked_) pure returns (PackedCollateral) {
    return PackedCollateral.wrap(balance_ | (locked_ << 128));
}

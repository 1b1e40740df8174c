// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// An account's collateral in one asset, in the word in which the Clearinghouse keeps it; assets.
///
///     255 128 127   0
///     | locked | balance |
type PackedCollateral is uint256;

using { balance, locked } for PackedCollateral global;

function balance(PackedCollateral word) pure returns (uint256) {
    return uint128(PackedCollateral.unwrap(word));
}

function locked(PackedCollateral word) pure returns (uint256) {
    return PackedCollateral.unwrap(word) >> 128;
}

/// @dev Both below 2^128.
function toPackedCollateral(uint256 balance_, uint256 locked_) pure returns (PackedCollateral) {
    return PackedCollateral.wrap(balance_ | (locked_ << 128));
}

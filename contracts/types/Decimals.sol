// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// The most decimals that a token or a feed may have.
uint256 constant DECIMALS_MAX = 18;

// WAD in one unit of a token or a feed of that many decimals, at most {DECIMALS_MAX}: no other is registered.
function wadScale(uint256 decimals) pure returns (uint256) {
    // 10^18 < 2^60.
    unchecked {
        return 10 ** (DECIMALS_MAX - decimals);
    }
}

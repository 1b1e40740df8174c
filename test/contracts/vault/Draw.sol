// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Log-uniform below `most`; each `salt` draws another one from the same seed.
function sizeBelow(uint256 seed, uint256 salt, uint256 most) pure returns (uint256) {
    uint256 drawn = uint256(keccak256(abi.encode(seed, salt)));
    return (drawn >> (drawn % 200)) % most;
}

/// Uniform, both ends included.
function within(uint256 seed, uint256 salt, uint256 low, uint256 high) pure returns (uint256) {
    return low + (uint256(keccak256(abi.encode(seed, salt))) % (high - low + 1));
}

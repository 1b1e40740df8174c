// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The places of an expiry's strikes, ascending by strike: from the lowest byte up, each holds place + 1 (1 to 32), and the first zero
/// byte ends the list; 32 of them fill the word. Places stay where they are when strikes come and go (they are bits in accounts'
/// bitmaps); only this word is reordered.
type StrikeOrder is uint256;

using { count, placeAt, insert, remove } for StrikeOrder global;

/// @dev How many strikes there are.
function count(StrikeOrder order) pure returns (uint256) {
    uint256 bits;
    // clz(0) is 256.
    assembly ("memory-safe") {
        bits := sub(256, clz(order))
    }
    return (bits + 7) >> 3;
}

/// @dev The place of the strike of that rank (0 = lowest), below {count}.
function placeAt(StrikeOrder order, uint256 rank) pure returns (uint256) {
    // rank < 32, and the byte of a rank below the count is not 0.
    unchecked {
        return ((StrikeOrder.unwrap(order) >> (8 * rank)) & 0xff) - 1;
    }
}

/// @dev Opens a gap at `rank` and puts `place` in it. The highest byte must be free: at most 31 strikes before.
function insert(StrikeOrder order, uint256 rank, uint256 place) pure returns (StrikeOrder) {
    uint256 word = StrikeOrder.unwrap(order);
    uint256 below = word & ((1 << (8 * rank)) - 1);
    // A shift by 256 (rank 31) gives 0, and nothing is above rank 31.
    uint256 above = (word >> (8 * rank)) << (8 * (rank + 1));
    return StrikeOrder.wrap(above | ((place + 1) << (8 * rank)) | below);
}

/// @dev Takes the byte at `rank` out and closes the gap.
function remove(StrikeOrder order, uint256 rank) pure returns (StrikeOrder) {
    uint256 word = StrikeOrder.unwrap(order);
    uint256 below = word & ((1 << (8 * rank)) - 1);
    uint256 above = (word >> (8 * (rank + 1))) << (8 * rank);
    return StrikeOrder.wrap(above | below);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { EXPIRY_OF_DAY } from "./Times.sol";

/// Sixteen expiries in one word: lane i, bits 16 i to 16 i + 15, holds a day number (days since 1970), 0
/// where empty. A day stands for its 08:00 UTC.
type Expiries is uint256;

using { day, laneOf, set, precedes, equals as ==, count, including, without, times } for Expiries global;

uint256 constant LANES = 16;

// 1 in every lane, and the top bit of every lane.
uint256 constant ONE_EACH = 0x0001000100010001000100010001000100010001000100010001000100010001;
uint256 constant TOP_EACH = 0x8000800080008000800080008000800080008000800080008000800080008000;

/// @dev 08:00 UTC of a day number, in unix seconds.
function expiryOfDay(uint256 day_) pure returns (uint256) {
    // day_ is a lane, below 2^16.
    unchecked {
        return day_ * 1 days + EXPIRY_OF_DAY;
    }
}

/// @dev The day number of an expiry; 0, which no lane holds as a day, for any other time.
function dayOfExpiry(uint256 expiryAt) pure returns (uint256) {
    if (expiryAt % 1 days != EXPIRY_OF_DAY) return 0;
    uint256 day_ = expiryAt / 1 days;
    return day_ < 1 << 16 ? day_ : 0;
}

function day(Expiries expiries, uint256 lane) pure returns (uint256) {
    return (Expiries.unwrap(expiries) >> (lane * 16)) & 0xffff;
}

/// @dev The lowest lane that holds `day_` (below 2^16), or LANES where none does.
function laneOf(Expiries expiries, uint256 day_) pure returns (uint256 lane) {
    // `zeros` marks the lanes of x that are zero by their top bit. Above the lowest zero lane a borrow may
    // mark others too, below it never; so the lowest mark is exact. ONE_EACH * day_ fits, for a lane does not
    // reach the next.
    unchecked {
        uint256 x = Expiries.unwrap(expiries) ^ (ONE_EACH * day_);
        uint256 zeros = (x - ONE_EACH) & ~x & TOP_EACH;
        uint256 lowest = zeros & (~zeros + 1);
        if (lowest == 0) return LANES;
        // The mark of lane i is bit 16 i + 15.
        assembly ("memory-safe") {
            lane := shr(4, sub(255, clz(lowest)))
        }
    }
}

/// @dev The same lanes with `day_` in `lane`.
function set(Expiries expiries, uint256 lane, uint256 day_) pure returns (Expiries) {
    uint256 shift = lane * 16;
    return Expiries.wrap((Expiries.unwrap(expiries) & ~(uint256(0xffff) << shift)) | (day_ << shift));
}

/// @dev The greatest day below `day_` and its lane; 0 and LANES where there is none.
function precedes(Expiries expiries, uint256 day_) pure returns (uint256 found, uint256 lane) {
    lane = LANES;
    for (uint256 i = 0; i < LANES; ++i) {
        uint256 candidate = expiries.day(i);
        if (candidate < day_ && candidate > found) (found, lane) = (candidate, i);
    }
}

function equals(Expiries a, Expiries b) pure returns (bool) {
    return Expiries.unwrap(a) == Expiries.unwrap(b);
}

// A list is lanes that are filled from the lowest one up.

/// @dev How many lanes a list fills.
function count(Expiries list) pure returns (uint256) {
    return list.laneOf(0);
}

/// @dev The list with `day_` in `lane`, and what stood there and above it a lane higher.
/// @param list With its highest lane empty.
/// @param lane At most the list's count.
function including(Expiries list, uint256 lane, uint256 day_) pure returns (Expiries) {
    uint256 word = Expiries.unwrap(list);
    uint256 below = (1 << (lane * 16)) - 1;
    return Expiries.wrap((word & below) | (day_ << (lane * 16)) | ((word & ~below) << 16));
}

/// @dev The list without the day in `lane`, and what stood above it a lane lower.
function without(Expiries list, uint256 lane) pure returns (Expiries) {
    uint256 word = Expiries.unwrap(list);
    uint256 below = (1 << (lane * 16)) - 1;
    return Expiries.wrap((word & below) | ((word >> 16) & ~below));
}

/// @dev The expiries of a list, unix seconds.
function times(Expiries list) pure returns (uint32[] memory expiriesAt) {
    expiriesAt = new uint32[](list.count());
    for (uint256 lane = 0; lane < expiriesAt.length; ++lane) {
        expiriesAt[lane] = uint32(expiryOfDay(list.day(lane)));
    }
}

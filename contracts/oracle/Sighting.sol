// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What a source was seen to say, in one word on the stack; zero where it says nothing.
///
///     255  200 199     136 135      96 95   0
///    | spare  | freshUntil | observedAt | price |
///
/// `price` is WAD, below 2^96; times are unix seconds, below 2^40. What is seen after `freshUntil` is late.
type Sighting is uint256;

using { price, observedAt, counts, lateBefore } for Sighting global;

function sighting(uint256 price_, uint256 observedAt_, uint256 freshUntil) pure returns (Sighting) {
    return Sighting.wrap(price_ | (observedAt_ << 96) | (freshUntil << 136));
}

/// The same, but late by a second at least if it was observed before a time.
function lateBefore(Sighting seen, uint256 time) view returns (Sighting) {
    bool isOlder = seen.observedAt() < time && seen.counts(0);
    return isOlder ? sighting(seen.price(), seen.observedAt(), block.timestamp - 1) : seen;
}

function price(Sighting seen) pure returns (uint256) {
    return uint96(Sighting.unwrap(seen));
}

function observedAt(Sighting seen) pure returns (uint256) {
    return uint40(Sighting.unwrap(seen) >> 96);
}

/// Whether it is late by at most `grace`. What says nothing was fresh until 0, so it is always too late.
function counts(Sighting seen, uint256 grace) view returns (bool) {
    // Unchecked: < 2^120 + 2^24.
    unchecked {
        return block.timestamp <= (Sighting.unwrap(seen) >> 136) + grace;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISettlementOracle } from "../interfaces/ISettlementOracle.sol";
import { CompactFloat } from "./CompactFloat.sol";

/// A feed of {SettlementOracle} in one storage word: each is a cold one when an expiry is fixed.
///
///     255     232 231     208 207      184 183     176 175        160 159  0
///    | maxAnswer | minAnswer | maxSilence | decimals  | pinnedPhase  | proxy |
///
/// The bounds are {CompactFloat}s of 16 bits, rounded to the inside. `pinnedPhase` is the phase that was seen to have the registered
/// decimals when the feed was registered; ChainlinkSource says why it has them for good.
type WindowFeed is uint256;

using { proxy, pinnedPhase, decimals, maxSilence, minAnswer, maxAnswer, unpack } for WindowFeed global;

uint256 constant BOUND_BITS = 16;

/// @param feed maxSilence < 2^24, which SettlementOracle sees to.
function toWindowFeed(ISettlementOracle.Feed calldata feed, uint256 pinnedPhase_) pure returns (WindowFeed) {
    return
        WindowFeed.wrap(
            uint160(feed.proxy) |
                (pinnedPhase_ << 160) |
                (uint256(feed.decimals) << 176) |
                (uint256(feed.maxSilence) << 184) |
                (CompactFloat.packUp(feed.minAnswer, BOUND_BITS) << 208) |
                (CompactFloat.packDown(feed.maxAnswer, BOUND_BITS) << 232)
        );
}

function proxy(WindowFeed feed) pure returns (address) {
    return address(uint160(WindowFeed.unwrap(feed)));
}

function pinnedPhase(WindowFeed feed) pure returns (uint256) {
    return uint16(WindowFeed.unwrap(feed) >> 160);
}

function decimals(WindowFeed feed) pure returns (uint256) {
    return uint8(WindowFeed.unwrap(feed) >> 176);
}

function maxSilence(WindowFeed feed) pure returns (uint256) {
    return uint24(WindowFeed.unwrap(feed) >> 184);
}

function minAnswer(WindowFeed feed) pure returns (uint256) {
    return CompactFloat.unpack(uint24(WindowFeed.unwrap(feed) >> 208));
}

function maxAnswer(WindowFeed feed) pure returns (uint256) {
    return CompactFloat.unpack(uint24(WindowFeed.unwrap(feed) >> 232));
}

function unpack(WindowFeed feed) pure returns (ISettlementOracle.Feed memory) {
    return
        ISettlementOracle.Feed(
            feed.proxy(),
            uint8(feed.decimals()),
            uint32(feed.maxSilence()),
            uint88(feed.minAnswer()),
            uint88(feed.maxAnswer())
        );
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { Round, Rounds } from "./Rounds.sol";

/// WHAT   The latest price of a Chainlink feed, or why there is none.
/// REFUSES  a feed that does not answer, a round without a time or from the future, other decimals than the registered (S10), an
///        answer at or outside the registered bounds: an aggregator has a floor of its own and stays there while the market
///        falls (S8). Age is the reader's to judge.
library ChainlinkSource {
    using Rounds for address;

    uint256 internal constant DECIMALS_MAX = 18;

    /// The price in WAD (< 2^148, for answers have 88 bits and at least no decimals), its time, and `None` or why it is none.
    function observe(
        ISpotOracle.Feed memory feed
    ) internal view returns (uint256 price, uint256 updatedAt, ISpotOracle.Reason) {
        Round memory round = feed.proxy.latest();
        if (round.updatedAt == 0 || round.updatedAt > block.timestamp) {
            return (0, 0, ISpotOracle.Reason.FeedRoundIncomplete);
        }
        if (feed.proxy.decimalsOf() != feed.decimals) {
            return (0, round.updatedAt, ISpotOracle.Reason.FeedDecimalsChanged);
        }
        if (
            round.answer <= int256(uint256(feed.minAnswer)) || round.answer >= int256(uint256(feed.maxAnswer))
        ) return (0, round.updatedAt, ISpotOracle.Reason.FeedOutOfBounds);
        price = uint256(round.answer) * 10 ** (DECIMALS_MAX - feed.decimals);
        return (price, round.updatedAt, ISpotOracle.Reason.None);
    }
}

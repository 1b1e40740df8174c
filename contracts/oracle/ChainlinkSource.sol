// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { Rounds } from "./Rounds.sol";

/// WHAT   The latest price of a Chainlink feed, or why there is none.
/// REFUSES  a feed that does not answer, a round without a time or from the future, other decimals than the registered (S10), an
///        answer at or outside the registered bounds: an aggregator has a floor of its own and stays there while the market
///        falls (S8). Age is the reader's to judge.
/// S10    A proxy's round id carries its phase, a phase has one aggregator for good, and an aggregator's decimals are a constant of
///        it. So a round of a phase that was seen to have the registered decimals has them, and only a round of another phase
///        is asked for them anew: a second call costs 1,500 gas.
library ChainlinkSource {
    using Rounds for address;

    uint256 internal constant DECIMALS_MAX = 18;

    /// The price in WAD (< 2^148, for answers have 88 bits and at least no decimals), its time, and 0 or why there is none.
    /// @param pinnedPhase A phase that {pin} gave, or 0.
    function observe(
        address proxy,
        uint256 decimals,
        uint256 pinnedPhase,
        uint256 minAnswer,
        uint256 maxAnswer
    ) internal view returns (uint256 price, uint256 updatedAt, uint256 reason) {
        uint80 id;
        int256 answer;
        (id, answer, , updatedAt) = proxy.latest();
        if (updatedAt == 0 || updatedAt > block.timestamp) {
            return (0, 0, uint256(ISpotOracle.Reason.FeedRoundIncomplete));
        }
        uint256 phase = Rounds.phaseIn(id);
        if ((phase == 0 || phase != pinnedPhase) && proxy.decimalsOf() != decimals) {
            return (0, updatedAt, uint256(ISpotOracle.Reason.FeedDecimalsChanged));
        }
        if (answer <= int256(minAnswer) || answer >= int256(maxAnswer)) {
            return (0, updatedAt, uint256(ISpotOracle.Reason.FeedOutOfBounds));
        }
        // Unchecked: answer < 2^88 by its bound, the power < 2^60, and decimals are at most 18 by their registration.
        unchecked {
            return (uint256(answer) * 10 ** (DECIMALS_MAX - decimals), updatedAt, 0);
        }
    }

    /// The same of a feed as it is registered, its decimals asked for.
    function observe(
        ISpotOracle.Feed memory feed
    ) internal view returns (uint256 price, uint256 updatedAt, uint256 reason) {
        return observe(feed.proxy, feed.decimals, 0, feed.minAnswer, feed.maxAnswer);
    }

    /// The current phase of a feed, if it tells the registered decimals, else 0.
    function pin(address proxy, uint256 decimals) internal view returns (uint16) {
        return proxy.decimalsOf() == decimals ? uint16(proxy.phaseOf()) : 0;
    }
}

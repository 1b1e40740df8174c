// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { wadScale } from "../types/Decimals.sol";
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

    /// The answer as the feed gives it, within its bounds, its time, and 0 or why there is none; then the answer is 0.
    /// @param pinnedPhase A phase that {pin} gave.
    function observe(
        address proxy,
        uint256 decimals,
        uint256 pinnedPhase,
        uint256 minAnswer,
        uint256 maxAnswer
    ) internal view returns (uint256 answer, uint256 updatedAt, uint256 reason) {
        uint80 id;
        int256 signed;
        (id, signed, updatedAt) = proxy.latest();
        // A negative one lies above all bounds.
        answer = uint256(signed);
        // Unchecked: no time, less one, is later than any.
        unchecked {
            uint256 isComplete = SafeCast.toUint(updatedAt - 1 < block.timestamp);
            uint256 isInside = SafeCast.toUint(answer > minAnswer) & SafeCast.toUint(answer < maxAnswer);
            uint256 isPinned = SafeCast.toUint(Rounds.phaseIn(id) == pinnedPhase);
            // One branch on every trade's path, for what hardly ever happens.
            if (isComplete & isInside & isPinned == 0) {
                if (isComplete == 0) {
                    reason = uint256(ISpotOracle.Reason.FeedRoundIncomplete);
                } else if (isPinned == 0 && proxy.decimalsOf() != decimals) {
                    reason = uint256(ISpotOracle.Reason.FeedDecimalsChanged);
                } else if (isInside == 0) {
                    reason = uint256(ISpotOracle.Reason.FeedOutOfBounds);
                }
                if (reason != 0) answer = 0;
            }
        }
    }

    /// The same of a feed as it is registered, in WAD (< 2^148, for answers have 88 bits and at least no decimals), its decimals
    /// asked for.
    function observe(
        ISpotOracle.Feed memory feed
    ) internal view returns (uint256 price, uint256 updatedAt, uint256 reason) {
        (price, updatedAt, reason) = observe(
            feed.proxy,
            feed.decimals,
            Rounds.NO_PHASE,
            feed.minAnswer,
            feed.maxAnswer
        );
        if (reason == uint256(ISpotOracle.Reason.FeedRoundIncomplete)) updatedAt = 0;
        // Unchecked: the power is < 2^60, for decimals are at most 18 by their registration, which uses no price of others.
        unchecked {
            price *= wadScale(feed.decimals);
        }
    }

    /// The current phase of a feed, if it tells the registered decimals, else one that no round has.
    function pin(address proxy, uint256 decimals) internal view returns (uint256) {
        if (proxy.decimalsOf() != decimals) return Rounds.NO_PHASE;
        uint256 phase = uint16(proxy.phaseOf());
        return phase == 0 ? Rounds.NO_PHASE : phase;
    }
}

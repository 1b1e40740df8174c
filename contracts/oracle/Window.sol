// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ISettlementOracle } from "../interfaces/ISettlementOracle.sol";
import { SETTLEMENT_WINDOW } from "../types/Times.sol";
import { Round, Rounds } from "./Rounds.sol";
import { WindowFeed } from "./WindowFeed.sol";

/// WHAT   Integrates the answer in force of one feed over the window before an expiry, round by round.
///
///            integral = sum over rounds i of answer_i * (min(next_i, expiryAt) - max(updatedAt_i, expiryAt - 1800))
///
///        where next_i, the time at which another round takes its place, is `updatedAt` of the phase's next round or of the
///        first round of a newer phase, whichever is first.
/// T1     Rounds that are {ROUND_LAG} old are history: none can be added to them, for `updatedAt` is the time of the block that brought a
///        round, and none of them is hidden any more. So nothing younger is walked, and the walk from any start at or before the
///        window's passes through the same segments.
///        What can change is the list of phases: one that the feed's owner confirms after the walk, of an aggregator that
///        ran beside the old one before expiry, counts for those who walk later. Only the owner of the feed can make that
///        choice, and both aggregators answer for the same price.
library Window {
    using Rounds for address;

    /// How long after its `updatedAt` a feed may show a round at the latest. Chainlink's DualAggregator shows it some ten seconds late to
    /// those who did not pay for the seconds before; the feed's owner sets how many. A round that was hidden for longer would be walked
    /// past by whoever came while it was.
    uint256 internal constant ROUND_LAG = 2 minutes;

    /// The round from which to start does not exist.
    error Window_RoundMissing(address feed, uint80 round);

    /// The round from which to start came after the window opened.
    error Window_StartsLate(uint80 round, uint256 updatedAt, uint256 windowAt);

    /// Where the phase of the round in force ends.
    struct Phase {
        /// First round of the newer phase that ends this one; zero where there is none.
        Round successor;
        /// The aggregator has the registered decimals.
        bool sameDecimals;
    }

    /// Walks up to `rounds` rounds; moves `progress` on, in memory.
    function walk(
        ISettlementOracle.Progress memory progress,
        WindowFeed feed,
        uint256 expiryAt,
        uint80 start,
        uint256 rounds
    ) internal view {
        if (rounds == 0 || isComplete(progress, expiryAt) || progress.broken) return;
        if (progress.integral == 0 && start == 0 && _walkLatest(progress, feed, expiryAt)) return;
        Round memory round = _start(progress, feed.proxy(), expiryAt, start);
        Phase memory phase = _phaseOf(feed, round.id);
        uint256 horizon = _horizon(expiryAt);

        for (; rounds > 0; --rounds) {
            Round memory next = _next(feed.proxy(), round.id, phase.successor);
            uint256 endAt = next.updatedAt == 0 ? horizon : Math.min(next.updatedAt, horizon);
            _integrate(progress, feed, round, endAt, phase.sameDecimals);
            if (progress.broken || endAt == horizon) return;
            if (Rounds.phaseIn(next.id) != Rounds.phaseIn(round.id)) phase = _phaseOf(feed, next.id);
            round = next;
            progress.lastRound = round.id;
        }
    }

    /// @dev Up to where the history of a feed is known. That goes for a round with a later one too: of two phases, each of which hides its own,
    /// the older one may hide a round from before the newer one's first.
    function _horizon(uint256 expiryAt) private view returns (uint256) {
        return Math.min(block.timestamp - ROUND_LAG, expiryAt);
    }

    /// @dev Walks the feed's latest round, if it has been in force since the window's start: then no other round counts,
    /// and none has to be asked for. Returns whether it was so; reverts where it was not and no earlier call has begun
    /// the walk.
    function _walkLatest(
        ISettlementOracle.Progress memory progress,
        WindowFeed feed,
        uint256 expiryAt
    ) private view returns (bool) {
        Round memory round;
        (round.id, round.answer, round.updatedAt) = feed.proxy().latest();
        bool isInForce = round.updatedAt != 0 && round.updatedAt <= expiryAt - SETTLEMENT_WINDOW;
        if (!isInForce && progress.lastRound != 0) return false;
        _begin(progress, feed.proxy(), round, expiryAt);
        bool sameDecimals = _hasDecimals(feed, Rounds.phaseIn(round.id));
        _integrate(progress, feed, round, _horizon(expiryAt), sameDecimals);
        return true;
    }

    /// @dev Adds a round that was in force until `endAt`, or finds the window broken by it.
    function _integrate(
        ISettlementOracle.Progress memory progress,
        WindowFeed feed,
        Round memory round,
        uint256 endAt,
        bool sameDecimals
    ) private pure {
        // What ended at or before `walkedUntilAt` was in force only before the window.
        if (endAt <= progress.walkedUntilAt) return;
        if (!sameDecimals || !_isSound(feed, round, endAt)) {
            progress.broken = true;
            return;
        }
        // answer < 2^88 by the bounds and the segments are disjoint parts of 1800 s < 2^11, so the sum is < 2^99.
        progress.integral += uint128(uint256(round.answer) * (endAt - progress.walkedUntilAt));
        progress.walkedUntilAt = uint40(endAt);
    }

    /// Whether the window is walked to its end.
    function isComplete(
        ISettlementOracle.Progress memory progress,
        uint256 expiryAt
    ) internal pure returns (bool) {
        return progress.walkedUntilAt == expiryAt;
    }

    /// @dev The round to go on from. While nothing of the window is walked, a caller may name a later one, up to the
    /// window's start: so nobody can make others walk years of a feed's history by having begun that early. The integral
    /// tells whether anything is walked, for answers are above 0.
    function _start(
        ISettlementOracle.Progress memory progress,
        address proxy,
        uint256 expiryAt,
        uint80 start
    ) private view returns (Round memory round) {
        bool begins = progress.integral == 0 && start > progress.lastRound;
        uint80 id = begins ? start : progress.lastRound;
        round = proxy.roundOf(id);
        // The id that the caller named, whatever the feed calls it.
        round.id = id;
        if (begins) _begin(progress, proxy, round, expiryAt);
        else if (round.updatedAt == 0) revert Window_RoundMissing(proxy, id);
    }

    /// @dev Begins at a round, which must be in force as the window opens or earlier.
    function _begin(
        ISettlementOracle.Progress memory progress,
        address proxy,
        Round memory round,
        uint256 expiryAt
    ) private pure {
        if (round.updatedAt == 0) revert Window_RoundMissing(proxy, round.id);
        uint256 windowAt = expiryAt - SETTLEMENT_WINDOW;
        if (round.updatedAt > windowAt) revert Window_StartsLate(round.id, round.updatedAt, windowAt);
        progress.lastRound = round.id;
        progress.walkedUntilAt = uint40(windowAt);
    }

    /// @dev The round that takes the place of `id`; all zero while there is none.
    function _next(
        address proxy,
        uint80 id,
        Round memory successor
    ) private view returns (Round memory next) {
        next = proxy.roundOf(id + 1);
        next.id = id + 1;
        bool isOver =
            successor.updatedAt != 0 && (next.updatedAt == 0 || successor.updatedAt <= next.updatedAt);
        return isOver ? successor : next;
    }

    /// @dev Of the newer phases, the first round that came first; of two at once the newest phase's.
    function _phaseOf(WindowFeed feed, uint80 id) private view returns (Phase memory phase) {
        uint16 own = Rounds.phaseIn(id);
        phase.sameDecimals = _hasDecimals(feed, own);
        for (uint256 newer = feed.proxy().phaseOf(); newer > own; --newer) {
            Round memory first = feed.proxy().roundOf(Rounds.firstOf(newer));
            first.id = Rounds.firstOf(newer);
            if (first.updatedAt == 0) continue;
            if (phase.successor.updatedAt == 0 || first.updatedAt < phase.successor.updatedAt) {
                phase.successor = first;
            }
        }
    }

    /// @dev Whether the aggregator of a phase has the registered decimals.
    function _hasDecimals(WindowFeed feed, uint16 phase) private view returns (bool) {
        return phase == feed.pinnedPhase() || feed.proxy().decimalsInPhase(phase) == feed.decimals();
    }

    /// @dev Whether a round in force until `endAt` counts as a price.
    function _isSound(WindowFeed feed, Round memory round, uint256 endAt) private pure returns (bool) {
        return
            round.answer > int256(feed.minAnswer()) &&
            round.answer < int256(feed.maxAnswer()) &&
            endAt <= round.updatedAt + feed.maxSilence();
    }
}

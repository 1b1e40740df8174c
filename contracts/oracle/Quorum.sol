// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { PackedAnswer, toPackedAnswer } from "../types/PackedAnswer.sol";
import { PackedSurface } from "../types/Surface.sol";
import { SIGNED_SPOT_MAX_AGE } from "../types/Times.sol";
import { Sighting } from "./Sighting.sol";
import { CacheWord, FeedWord, GraceWord, HAS_SEQUENCER } from "./SpotWords.sol";

/// WHAT   Forms the answers of ISpotOracle from what three sources were seen to say. No storage, no calls.
library Quorum {
    uint256 private constant BPS = 10_000;

    /// Whether all three are fresh on a chain without a sequencer, so that {ofThree} gives what {ofSome} does. A source that is not there is
    /// not fresh: its word, and so its time, is 0.
    /// @param feedUntil The feed's last fresh second, 0 where it says nothing.
    function areThree(
        FeedWord word,
        CacheWord cache,
        uint256 feedUntil,
        PackedSurface signed
    ) internal view returns (bool) {
        // Unchecked: times < 2^40, ages < 2^24.
        unchecked {
            uint256 late =
                SafeCast.toUint(block.timestamp > feedUntil) |
                    SafeCast.toUint(block.timestamp > signed.reportAt() + SIGNED_SPOT_MAX_AGE) |
                    SafeCast.toUint(block.timestamp > cache.averageAt() + cache.cacheMaxAge());
            return late | (FeedWord.unwrap(word) & HAS_SEQUENCER) == 0;
        }
    }

    /// The answers where {areThree}, as in nearly every trade. Without a branch but for disagreement, because this is on every trade's
    /// path.
    /// @param price The feed's, WAD, seen at `feedAt`.
    function ofThree(
        FeedWord word,
        CacheWord cache,
        uint256 price,
        uint256 feedAt,
        PackedSurface signed
    ) internal pure returns (PackedAnswer opening, PackedAnswer reducing, PackedAnswer alive) {
        // Unchecked: prices < 2^96, factors < 2^17; of two prices the higher one is their sum less the lower one.
        unchecked {
            uint256 spot = signed.spot();
            uint256 average = cache.average();
            uint256 low = Math.min(price, average);
            uint256 high = price + average - low;
            uint256 time = Math.min(feedAt, cache.averageAt());
            alive = toPackedAnswer(low, high, time, 0).deviating(word.deviationBps());
            low = Math.min(low, spot);
            high = Math.max(high, spot);
            time = Math.min(time, signed.reportAt());
            reducing = toPackedAnswer(low, high, time, 0);
            uint256 least = Math.min(price, spot);
            time = Math.min(feedAt, signed.reportAt());
            opening = toPackedAnswer(least, price + spot - least, time, 0);
            if (_disagree(word, low, high)) {
                opening = opening.refused(uint256(ISpotOracle.Reason.SourcesDisagree));
            }
        }
    }

    /// Opening and reducing from those sources that are fresh, in any case.
    /// @param reason Why there is to be no opening, an ISpotOracle.Reason, or 0.
    function ofSome(
        FeedWord word,
        Sighting feed,
        Sighting signed,
        Sighting average,
        uint256 reason
    ) internal view returns (PackedAnswer opening, PackedAnswer reducing) {
        uint256 deviationBps = word.deviationBps();
        opening = _worst(feed, signed, deviationBps, 0);
        reducing = _withAverage(opening, average, deviationBps, 0);
        if (reason == 0) reason = _whyNotOpen(word, feed, average, reducing);
        opening = opening.refused(reason);
    }

    /// The worst of all that are late by at most `grace`.
    function lateBy(
        FeedWord word,
        Sighting feed,
        Sighting signed,
        Sighting average,
        uint256 grace
    ) internal view returns (PackedAnswer) {
        uint256 deviationBps = word.deviationBps();
        return _withAverage(_worst(feed, signed, deviationBps, grace), average, deviationBps, grace);
    }

    /// The bounds of spot that no signer sets. While the feed is fresh they are feed and average. Else they are the worst
    /// of all three sources, by the shortest grace with which feed or average counts. There the signed spot may widen the
    /// bounds, but it never stands alone and never takes away the feed's deviation: its signers would set what the pool
    /// owes (S7).
    function beyondSigners(
        FeedWord word,
        Sighting feed,
        Sighting signed,
        Sighting average,
        GraceWord graces
    ) internal view returns (PackedAnswer) {
        if (feed.counts(0)) return lateBy(word, feed, Sighting.wrap(0), average, 0);
        uint256 grace;
        if (!_isUnsigned(feed, average, grace)) grace = graces.reducingGrace();
        if (!_isUnsigned(feed, average, grace)) grace = graces.aliveGrace();
        if (!_isUnsigned(feed, average, grace)) return _none();
        PackedAnswer answer = lateBy(word, feed, signed, average, grace).deviating(word.deviationBps());
        return grace == 0 ? answer : answer.late();
    }

    /// @dev Whether a source counts that needs no signer of the market's.
    function _isUnsigned(Sighting feed, Sighting average, uint256 grace) private view returns (bool) {
        return feed.counts(grace) || average.counts(grace);
    }

    /// @dev The worst of feed and signed spot, the two that openings are priced by, where they are late by at most
    /// `grace`; {_withAverage} adds the third source. The answer has the feed's deviation, unless the signed spot, which
    /// has none, is in it.
    function _worst(
        Sighting feed,
        Sighting signed,
        uint256 deviationBps,
        uint256 grace
    ) private view returns (PackedAnswer) {
        if (!signed.counts(grace)) {
            if (!feed.counts(grace)) return _none();
            return toPackedAnswer(feed.price(), feed.price(), feed.observedAt(), deviationBps);
        }
        PackedAnswer answer = toPackedAnswer(signed.price(), signed.price(), signed.observedAt(), 0);
        return feed.counts(grace) ? answer.widened(feed.price(), feed.observedAt()) : answer;
    }

    /// @dev See {_worst}.
    function _withAverage(
        PackedAnswer answer,
        Sighting average,
        uint256 deviationBps,
        uint256 grace
    ) private view returns (PackedAnswer) {
        if (!average.counts(grace)) return answer;
        if (answer.high() != 0) return answer.widened(average.price(), average.observedAt());
        return toPackedAnswer(average.price(), average.price(), average.observedAt(), deviationBps);
    }

    /// @dev Why what is known does not suffice to open, an ISpotOracle.Reason, or 0. The feed has none of its own.
    /// @param fresh The worst of all sources that are fresh.
    function _whyNotOpen(
        FeedWord word,
        Sighting feed,
        Sighting average,
        PackedAnswer fresh
    ) private view returns (uint256) {
        if (!feed.counts(0)) return uint256(ISpotOracle.Reason.FeedStale);
        if (word.hasAverage() && !average.counts(0)) return uint256(ISpotOracle.Reason.AverageStale);
        return _disagree(word, fresh.low(), fresh.high()) ? uint256(ISpotOracle.Reason.SourcesDisagree) : 0;
    }

    /// @dev Two of them are further apart than the band if and only if the lowest and the highest are.
    function _disagree(FeedWord word, uint256 low, uint256 high) private pure returns (bool) {
        // Unchecked: prices < 2^96, the factors < 2^17.
        unchecked {
            return high * BPS > low * (BPS + word.agreementBps());
        }
    }

    function _none() private pure returns (PackedAnswer) {
        return toPackedAnswer(0, 0, 0, 0).refused(uint256(ISpotOracle.Reason.NoLiveSource));
    }
}

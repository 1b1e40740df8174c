// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISpotOracle } from "../interfaces/ISpotOracle.sol";

/// What a source was seen to say; price 0 where it says nothing.
struct Sighting {
    /// WAD, < 2^128.
    uint256 price;
    uint256 observedAt;
    /// Seconds beyond the age at which the source is fresh; 0 where it is fresh.
    uint256 lateBy;
}

/// WHAT   Forms the three answers of ISpotOracle from what three sources were seen to say. Pure.
library Quorum {
    uint256 private constant BPS = 10_000;
    uint256 private constant WAD_PER_BPS = 1e14;

    struct Terms {
        uint256 agreementBps;
        uint256 reducingGrace;
        uint256 aliveGrace;
        bool hasAverage;
        uint256 deviationBps;
        /// Why the sequencer forbids opening, or `None`.
        ISpotOracle.Reason sequencer;
    }

    /// @param feedReason Why the feed says nothing, or `None`.
    function form(
        Terms memory terms,
        Sighting memory feed,
        ISpotOracle.Reason feedReason,
        Sighting memory signed,
        Sighting memory average
    ) internal pure returns (ISpotOracle.Reading memory reading) {
        uint256 deviation = terms.deviationBps * WAD_PER_BPS;
        reading.opening = _worst(feed, signed, Sighting(0, 0, 0), 0, deviation);
        reading.opening.reason = _whyNotOpen(terms, feed, feedReason, signed, average);
        reading.reducing = _worst(feed, signed, average, 0, deviation);
        if (reading.reducing.reason != ISpotOracle.Reason.None) {
            reading.reducing = _worst(feed, signed, average, terms.reducingGrace, deviation);
        }
        reading.alive = reading.reducing;
        if (reading.alive.reason != ISpotOracle.Reason.None) {
            reading.alive = _worst(feed, signed, average, terms.aliveGrace, deviation);
        }
    }

    /// Three refusals for one reason.
    function refuseAll(ISpotOracle.Reason reason) internal pure returns (ISpotOracle.Reading memory reading) {
        reading.opening.reason = reason;
        reading.reducing.reason = reason;
        reading.alive.reason = reason;
    }

    function _whyNotOpen(
        Terms memory terms,
        Sighting memory feed,
        ISpotOracle.Reason feedReason,
        Sighting memory signed,
        Sighting memory average
    ) private pure returns (ISpotOracle.Reason) {
        if (terms.sequencer != ISpotOracle.Reason.None) return terms.sequencer;
        if (feedReason != ISpotOracle.Reason.None) return feedReason;
        if (feed.lateBy != 0) return ISpotOracle.Reason.FeedStale;
        bool hasSigned = _counts(signed, 0);
        if (terms.hasAverage) {
            if (!_counts(average, 0)) return ISpotOracle.Reason.AverageStale;
            if (_disagree(feed, average, terms.agreementBps)) return ISpotOracle.Reason.SourcesDisagree;
            if (hasSigned && _disagree(signed, average, terms.agreementBps)) {
                return ISpotOracle.Reason.SourcesDisagree;
            }
        }
        if (hasSigned && _disagree(feed, signed, terms.agreementBps))
            return ISpotOracle.Reason.SourcesDisagree;
        return ISpotOracle.Reason.None;
    }

    /// @dev Lowest and highest of the sources that are late by at most `grace`. The deviation is that of the feed, where the signed
    /// spot, which has none, is not among them.
    function _worst(
        Sighting memory feed,
        Sighting memory signed,
        Sighting memory average,
        uint256 grace,
        uint256 deviation
    ) private pure returns (ISpotOracle.Answer memory answer) {
        answer.reason = ISpotOracle.Reason.NoLiveSource;
        _widen(answer, feed, grace);
        _widen(answer, average, grace);
        if (answer.reason == ISpotOracle.Reason.None && !_counts(signed, grace)) {
            answer.deviation = uint64(deviation);
        }
        _widen(answer, signed, grace);
    }

    function _widen(ISpotOracle.Answer memory answer, Sighting memory seen, uint256 grace) private pure {
        if (!_counts(seen, grace)) return;
        uint128 price = uint128(seen.price);
        bool isFirst = answer.reason != ISpotOracle.Reason.None;
        if (isFirst || price < answer.low) answer.low = price;
        if (isFirst || price > answer.high) answer.high = price;
        if (isFirst || seen.observedAt < answer.observedAt) answer.observedAt = uint40(seen.observedAt);
        answer.reason = ISpotOracle.Reason.None;
    }

    function _counts(Sighting memory seen, uint256 grace) private pure returns (bool) {
        return seen.price != 0 && seen.lateBy <= grace;
    }

    /// @dev Whether the larger price exceeds the smaller by more than the band. Prices < 2^128, so nothing overflows.
    function _disagree(
        Sighting memory one,
        Sighting memory other,
        uint256 bandBps
    ) private pure returns (bool) {
        (uint256 low, uint256 high) = one.price < other.price
            ? (one.price, other.price)
            : (other.price, one.price);
        return high * BPS > low * (BPS + bandBps);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { PackedAnswer, toPackedAnswer } from "../types/PackedAnswer.sol";
import { Sighting } from "./Sighting.sol";
import { FeedWord } from "./SpotWords.sol";

/// WHAT   Forms the answers of ISpotOracle from what three sources were seen to say. No storage, no calls.
library Quorum {
    uint256 private constant BPS = 10_000;

    /// The worst of the sources that are late by at most `grace`, in two steps: of feed and signed spot, which open, and
    /// {withAverage} of all three. The deviation is that of the feed, where the signed spot, which has none, is not among them.
    function worst(
        Sighting feed,
        Sighting signed,
        uint256 deviationBps,
        uint256 grace
    ) internal view returns (PackedAnswer) {
        if (!signed.counts(grace)) {
            if (!feed.counts(grace)) return _none();
            return toPackedAnswer(feed.price(), feed.price(), feed.observedAt(), deviationBps);
        }
        PackedAnswer answer = toPackedAnswer(signed.price(), signed.price(), signed.observedAt(), 0);
        return feed.counts(grace) ? answer.widened(feed.price(), feed.observedAt()) : answer;
    }

    /// See {worst}.
    function withAverage(
        PackedAnswer answer,
        Sighting average,
        uint256 deviationBps,
        uint256 grace
    ) internal view returns (PackedAnswer) {
        if (!average.counts(grace)) return answer;
        if (answer.high() != 0) return answer.widened(average.price(), average.observedAt());
        return toPackedAnswer(average.price(), average.price(), average.observedAt(), deviationBps);
    }

    /// Why what is known does not suffice to open, an ISpotOracle.Reason, or 0. The feed has none of its own.
    /// @param fresh The worst of all sources that are fresh.
    function whyNotOpen(
        FeedWord word,
        Sighting feed,
        Sighting average,
        PackedAnswer fresh
    ) internal view returns (uint256) {
        if (!feed.counts(0)) return uint256(ISpotOracle.Reason.FeedStale);
        if (word.hasAverage() && !average.counts(0)) return uint256(ISpotOracle.Reason.AverageStale);
        // Two of them are further apart than the band if and only if the lowest and the highest are.
        // Unchecked: prices < 2^96, the factors < 2^17.
        unchecked {
            bool disagree = fresh.high() * BPS > fresh.low() * (BPS + word.agreementBps());
            return disagree ? uint256(ISpotOracle.Reason.SourcesDisagree) : 0;
        }
    }

    function _none() private pure returns (PackedAnswer) {
        return toPackedAnswer(0, 0, 0, 0).refused(uint256(ISpotOracle.Reason.NoLiveSource));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Quorum } from "../../../contracts/oracle/Quorum.sol";
import { Sighting, sighting } from "../../../contracts/oracle/Sighting.sol";
import { SpotBounds } from "../../../contracts/oracle/SpotBounds.sol";
import {
    CacheWord,
    FeedWord,
    GraceWord,
    HAS_AVERAGE,
    HAS_SEQUENCER,
    HAS_SIGNED
} from "../../../contracts/oracle/SpotWords.sol";
import { PackedAnswer } from "../../../contracts/types/PackedAnswer.sol";
import { PackedSurface, Surface } from "../../../contracts/types/Surface.sol";
import { SIGNED_SPOT_MAX_AGE } from "../../../contracts/types/Times.sol";
import { VM } from "../campaign/Vm.sol";

/// S8 of the short way through the quorum: it is taken where all three sources are fresh, and nowhere else, and leads where the long one does.
/// S7 of what is alive: no signer moves it beside a fresh feed, only widens it beside a late one, and never stands alone.
contract QuorumTest {
    uint256 private constant NOW = 1_900_000_000;

    /// Prices of the feed; of the signed spot and the average in basis points of it. Ages of feed, report and cache.
    struct Draw {
        uint96 price;
        uint16 spotBps;
        uint16 averageBps;
        uint32[3] ages;
        uint24 feedFor;
        uint24 cacheFor;
        uint16 agreementBps;
        uint16 deviationBps;
        bool hasSequencer;
    }

    struct Sources {
        FeedWord word;
        CacheWord cache;
        Sighting feed;
        PackedSurface surface;
        Sighting signed;
        Sighting average;
    }

    /// Prices within 12 % of each other, the feed's more than nothing as {SpotOracle} sees to, and a band of 0.5 to 10 %.
    function _sources(Draw memory draw) private pure returns (Sources memory sources) {
        uint256 price = uint256(draw.price) / 8 + 1;
        uint256 spot = (price * (9_400 + (draw.spotBps % 1_200))) / 10_000;
        uint256 average = (price * (9_400 + (draw.averageBps % 1_200))) / 10_000;
        uint256 flags = HAS_SIGNED | HAS_AVERAGE | (draw.hasSequencer ? HAS_SEQUENCER : 0);
        sources.word = FeedWord.wrap(flags | (uint256(draw.deviationBps) << 216)).withAgreement(
            50 + (draw.agreementBps % 951)
        );
        uint256 feedAt = NOW - draw.ages[0];
        uint256 reportAt = NOW - draw.ages[1];
        uint256 averageAt = NOW - draw.ages[2];
        sources.cache = CacheWord.wrap(0).withAverage(average, averageAt).withMaxAge(draw.cacheFor);
        sources.feed = sighting(price, feedAt, feedAt + draw.feedFor);
        sources.surface = Surface(uint96(spot), uint32(reportAt), 7, 1, 2, 3, 1, 4).pack();
        sources.signed = sighting(spot, reportAt, reportAt + SIGNED_SPOT_MAX_AGE);
        sources.average = sighting(sources.cache.average(), averageAt, averageAt + draw.cacheFor);
    }

    function _areThree(Sources memory sources) private view returns (bool) {
        uint256 until = Sighting.unwrap(sources.feed) >> 136;
        return Quorum.areThree(sources.word, sources.cache, until, sources.surface);
    }

    /// Where all are fresh: the same three answers, agreeing or not.
    function testFuzz_S8_TheShortWayLeadsWhereTheLongOneDoes(Draw memory draw) public {
        VM.warp(NOW);
        draw.hasSequencer = false;
        draw.ages[0] %= uint32(draw.feedFor) + 1;
        draw.ages[1] %= uint32(SIGNED_SPOT_MAX_AGE) + 1;
        draw.ages[2] %= uint32(draw.cacheFor) + 1;
        Sources memory sources = _sources(draw);
        assert(_areThree(sources));
        (PackedAnswer opening, PackedAnswer reducing, PackedAnswer alive) = Quorum.ofThree(
            sources.word,
            sources.cache,
            sources.feed.price(),
            sources.feed.observedAt(),
            sources.surface
        );
        (PackedAnswer longOpening, PackedAnswer longReducing) = Quorum.ofSome(
            sources.word,
            sources.feed,
            sources.signed,
            sources.average,
            0
        );
        assert(PackedAnswer.unwrap(opening) == PackedAnswer.unwrap(longOpening));
        assert(PackedAnswer.unwrap(reducing) == PackedAnswer.unwrap(longReducing));
        assert(PackedAnswer.unwrap(alive) == PackedAnswer.unwrap(_alive(sources, sources.signed)));
    }

    /// Graces of six hours and three days.
    function _alive(Sources memory sources, Sighting signed) private view returns (PackedAnswer) {
        GraceWord graces = GraceWord.wrap((uint256(6 hours) << 184) | (uint256(3 days) << 208));
        return Quorum.beyondSigners(sources.word, sources.feed, signed, sources.average, graces);
    }

    /// Whatever is signed: what is alive spans no less than what it spans without a signer, the same while the feed is fresh, and nothing
    /// where neither feed nor average is alive.
    function testFuzz_S7_NoSignerStandsForWhatIsAlive(Draw memory draw, uint96 lie) public {
        VM.warp(NOW);
        // From fresh to beyond both graces.
        draw.ages[0] %= 2 * uint32(draw.feedFor) + 4 days;
        draw.ages[1] %= 2 * uint32(SIGNED_SPOT_MAX_AGE);
        draw.ages[2] %= 2 * uint32(draw.cacheFor) + 4 days;
        Sources memory sources = _sources(draw);
        uint256 reportAt = NOW - draw.ages[1];
        PackedAnswer without = _alive(sources, Sighting.wrap(0));
        PackedAnswer with = _alive(sources, sighting(lie, reportAt, reportAt + SIGNED_SPOT_MAX_AGE));
        bool isAlive = sources.feed.counts(3 days) || sources.average.counts(3 days);
        assert((with.reason() == 0) == isAlive && (without.reason() == 0) == isAlive);
        // By what is owed, too: what a signer says takes nothing from the margin.
        (uint256 low, uint256 high) = SpotBounds.spots(with);
        (uint256 lowWithout, uint256 highWithout) = SpotBounds.spots(without);
        assert(low <= lowWithout && high >= highWithout);
        if (sources.feed.counts(0)) assert(PackedAnswer.unwrap(with) == PackedAnswer.unwrap(without));
    }

    /// Late is what feed and average are both late for and one of them counts still; what a fresh one stands behind is not, nor what is
    /// refused. The mark is no part of the bounds.
    function testFuzz_V11_IsLateExactlyWhereFeedAndAverageBothAre(Draw memory draw, bool isSilent) public {
        VM.warp(NOW);
        draw.ages[0] %= 2 * uint32(draw.feedFor) + 4 days;
        draw.ages[1] %= 2 * uint32(SIGNED_SPOT_MAX_AGE);
        draw.ages[2] %= 2 * uint32(draw.cacheFor) + 4 days;
        Sources memory sources = _sources(draw);
        PackedAnswer alive = _alive(sources, isSilent ? Sighting.wrap(0) : sources.signed);
        bool isFresh = sources.feed.counts(0) || sources.average.counts(0);
        bool isAlive = sources.feed.counts(3 days) || sources.average.counts(3 days);
        assert(alive.isLate() == (isAlive && !isFresh));
        (uint256 low, uint256 high) = SpotBounds.spots(alive);
        (uint256 lateLow, uint256 lateHigh) = SpotBounds.spots(alive.late());
        assert(alive.late().isLate() && low == lateLow && high == lateHigh);
    }

    /// Right at the last fresh second, before it and after it: the short way is open if and only if every source is fresh and the chain
    /// has no sequencer.
    function testFuzz_S8_TheShortWayIsOpenToThreeFreshSourcesAlone(Draw memory draw) public {
        VM.warp(NOW);
        draw.ages[0] = uint32(draw.feedFor) + (draw.ages[0] % 2);
        draw.ages[1] = uint32(SIGNED_SPOT_MAX_AGE) + (draw.ages[1] % 2);
        draw.ages[2] = uint32(draw.cacheFor) + (draw.ages[2] % 2);
        Sources memory sources = _sources(draw);
        bool areFresh = sources.feed.counts(0) && sources.signed.counts(0) && sources.average.counts(0);
        assert(_areThree(sources) == (areFresh && !draw.hasSequencer));
    }
}

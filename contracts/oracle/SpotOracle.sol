// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IUniswapV3PoolOracle } from "../interfaces/IUniswapV3PoolOracle.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { DECIMALS_MAX, wadScale } from "../types/Decimals.sol";
import { PackedAnswer, PRICE_MAX } from "../types/PackedAnswer.sol";
import { PackedSurface } from "../types/Surface.sol";
import { SIGNED_SPOT_MAX_AGE } from "../types/Times.sol";
import { AverageSource } from "./AverageSource.sol";
import { ChainlinkSource } from "./ChainlinkSource.sol";
import { Quorum } from "./Quorum.sol";
import { Rounds } from "./Rounds.sol";
import { SequencerSource } from "./SequencerSource.sol";
import { Sighting, sighting } from "./Sighting.sol";
import { SignedSource } from "./SignedSource.sol";
import { CacheWord, FeedWord, GraceWord, toCacheWord, toFeedWord, toGraceWord } from "./SpotWords.sol";

/// WHAT         Spot of every market as three answers: may we open, the worst price for reducing risk, what is alive that no signer sets. ISpotOracle
///              states which source counts where; Quorum forms the answers; one library a source reads it.
/// CALLS        Feeds, pool and VolSurface, views only.
/// ASSUMPTIONS  A feed's rounds need its own signers, a report the market's. The average is a Uniswap v3 pool's.
/// INVARIANTS   S8   what is stale, out of bounds, incomplete, or disagrees gives no opening
///              S9   nothing that is read here moves within a transaction without signer keys
///              S10  a feed whose decimals are not the registered ones says nothing
/// ROLES        governor: {setSources}, {setLimits}. council: {tightenLimits}. Nothing can be paused.
contract SpotOracle is ISpotOracle, AccessManaged {
    /// Coded bounds of the limits.
    uint256 private constant AGREEMENT_BPS_MIN = 50;
    uint256 private constant AGREEMENT_BPS_MAX = 1_000;
    uint256 private constant CACHE_AGE_MIN = 5 minutes;
    uint256 private constant CACHE_AGE_MAX = 1 days;
    uint256 private constant GRACE_MIN = 1 hours;
    uint256 private constant REDUCING_GRACE_MAX = 1 days;
    uint256 private constant ALIVE_GRACE_MIN = 1 days;
    uint256 private constant ALIVE_GRACE_MAX = 7 days;
    uint256 private constant SEQUENCER_GRACE_MAX = 1 days;
    /// And of the sources.
    uint256 private constant HEARTBEAT_MAX = 2 days;
    uint256 private constant WINDOW_MIN = 5 minutes;
    uint256 private constant WINDOW_MAX = 1 days;

    /// The cache holds quote/USD in 1e-12 USD, rounded down: exactly what a feed of up to 12 decimals says.
    uint256 private constant WAD_PER_PICO = 1e6;
    uint256 private constant WAD_PER_BPS = 1e14;

    /// Where signed spots come from.
    IVolSurface public immutable SURFACE;

    struct Market {
        FeedWord feed;
        CacheWord cache;
        GraceWord graces;
        // What only {poke} reads.
        Feed quote;
        Average average;
    }

    mapping(uint256 market => Market) private _markets;

    error SpotOracle_MarketUnknown(uint32 market);
    error SpotOracle_FeedInvalid(address proxy);
    error SpotOracle_AverageInvalid(address pool);
    error SpotOracle_SequencerInvalid(address sequencer);
    error SpotOracle_LimitsOutOfRange(Limits limits);
    error SpotOracle_LimitsNotTighter(Limits limits);

    constructor(address accessManager, IVolSurface surface) AccessManaged(accessManager) {
        SURFACE = surface;
    }

    // --------------------------------------------------------------------------------------------------------------- reading

    /// @inheritdoc ISpotOracle
    function read(uint32 market) external view returns (Reading memory) {
        // Asked from outside, as by everybody else: a second place that calls it would cost each trade 50 gas.
        (PackedAnswer opening, PackedAnswer reducing, PackedAnswer alive) = this.answers(market);
        return Reading(_unpack(opening), _unpack(reducing), _unpack(alive));
    }

    /// @inheritdoc ISpotOracle
    function answers(
        uint256 market
    ) external view returns (PackedAnswer opening, PackedAnswer reducing, PackedAnswer alive) {
        Market storage stored = _markets[market];
        (FeedWord word, CacheWord cache) = (stored.feed, stored.cache);
        (uint256 price, uint256 seenAt, uint256 until, uint256 reason, PackedSurface signed) = _live(
            market,
            word,
            cache
        );
        if (Quorum.areThree(word, cache, until, signed)) {
            (opening, reducing, alive) = Quorum.ofThree(word, cache, price, seenAt, signed);
        } else {
            (opening, reducing, alive) = _ofSome(
                stored,
                word,
                cache,
                sighting(price, seenAt, until),
                reason,
                signed
            );
        }
    }

    /// @dev The answers where a source is missing or late, or the chain a layer 2. Where neither feed nor average is fresh, reducing takes
    /// what is late too: else the signed spot would stand in it alone (S7).
    function _ofSome(
        Market storage stored,
        FeedWord word,
        CacheWord cache,
        Sighting feed,
        uint256 reason,
        PackedSurface surface
    ) private view returns (PackedAnswer opening, PackedAnswer reducing, PackedAnswer alive) {
        if (word.proxy() == address(0)) {
            opening = opening.refused(uint256(Reason.MarketUnknown));
            return (opening, opening, opening);
        }
        (Sighting signed, Sighting average) = (_signed(surface), _average(cache));
        bool isQuoteLate = _isQuoteLate(cache);
        bool isGrace;
        if (word.hasSequencer()) {
            (Reason sequencer, uint256 upSinceAt) = _sequencer(stored.graces);
            if (sequencer == Reason.SequencerDown) reason = uint256(sequencer);
            isGrace = sequencer == Reason.SequencerGrace;
            isQuoteLate = isQuoteLate || cache.quoteAt() < upSinceAt;
            feed = feed.lateBefore(upSinceAt);
            signed = signed.lateBefore(upSinceAt);
            average = average.lateBefore(upSinceAt);
        }
        if (reason == 0 && isQuoteLate) reason = uint256(Reason.QuoteFeedStale);
        (opening, reducing) = Quorum.ofSome(word, feed, signed, average, reason);
        // The last of all reasons: where it is the one, all that an opening needs is fresh and agrees.
        if (isGrace && opening.reason() == 0) opening = opening.refused(uint256(Reason.SequencerGrace));
        // Beside a fresh feed nothing late counts, and the word of graces is not read.
        GraceWord graces;
        if (!feed.counts(0)) {
            graces = stored.graces;
            if (!average.counts(0))
                reducing = Quorum.lateBy(word, feed, signed, average, graces.reducingGrace());
        }
        alive = Quorum.beyondSigners(word, feed, signed, average, graces);
    }

    /// @dev Whether quote/USD is older than the cache's age, so that quote per base is late though base/USD may not be: a poke would help.
    function _isQuoteLate(CacheWord cache) private view returns (bool) {
        // Unchecked: < 2^32 + 2^24.
        unchecked {
            return block.timestamp > cache.quoteAt() + cache.cacheMaxAge();
        }
    }

    /// @inheritdoc ISpotOracle
    function observe(uint32 market) external view returns (Observations memory seen) {
        Market storage stored = _known(market);
        FeedWord word = stored.feed;
        (uint256 price, uint256 seenAt, uint256 until, uint256 feedReason, PackedSurface surface) = _live(
            market,
            word,
            stored.cache
        );
        Sighting signed = _signed(surface);
        Reason reason = Reason(feedReason);
        if (reason == Reason.None && block.timestamp > until) {
            reason = _isQuoteLate(stored.cache) ? Reason.QuoteFeedStale : Reason.FeedStale;
        }
        seen.feed = _observation(price, seenAt, reason);

        uint256 updatedAt;
        uint256 quoteReason;
        (price, updatedAt, quoteReason) = ChainlinkSource.observe(stored.quote);
        if (quoteReason == 0 && block.timestamp > updatedAt + stored.quote.heartbeat) {
            quoteReason = uint256(Reason.QuoteFeedStale);
        }
        seen.quoteUsd = _observation(price, updatedAt, Reason(quoteReason));

        reason = signed.counts(0) ? Reason.None : Reason.SignedStale;
        seen.signed = _observation(signed.price(), signed.observedAt(), reason);

        price = word.hasAverage() ? AverageSource.observe(stored.average) : 0;
        seen.average =
            price == 0
                ? _observation(0, 0, Reason.AverageStale)
                : _observation(price, block.timestamp, Reason.None);
        if (word.hasSequencer()) {
            (Reason sequencer, uint256 sinceAt) = _sequencer(stored.graces);
            seen.sequencer = _observation(0, sinceAt, sequencer);
        }
    }

    /// @inheritdoc ISpotOracle
    function cachedAt(uint32 market) external view returns (uint256 quoteUsdAt, uint256 averageAt) {
        CacheWord cache = _known(market).cache;
        return (cache.quoteAt(), cache.averageAt());
    }

    /// @inheritdoc ISpotOracle
    function poke(uint32 market) external {
        _poke(market, _known(market));
    }

    function _poke(uint32 market, Market storage stored) private {
        CacheWord cache = stored.cache;
        (uint256 price, uint256 updatedAt, uint256 reason) = ChainlinkSource.observe(stored.quote);
        if (reason == 0 && block.timestamp <= updatedAt + stored.quote.heartbeat) {
            // 64 bits: {setSources} refuses bounds that do not fit.
            cache = cache.withQuote(price / WAD_PER_PICO, block.timestamp);
        }
        if (stored.feed.hasAverage()) {
            price = AverageSource.observe(stored.average);
            if (price != 0) cache = cache.withAverage(price, block.timestamp);
        }
        stored.cache = cache;
        _pin(stored);
        emit Poked(
            market,
            cache.quotePicoUsd() * WAD_PER_PICO,
            cache.quoteAt(),
            cache.average(),
            cache.averageAt()
        );
    }

    /// @dev Keeps the phase whose aggregator has the registered decimals, so that reads need not ask for them (ChainlinkSource, S10).
    function _pin(Market storage stored) private {
        FeedWord word = stored.feed;
        uint256 phase = ChainlinkSource.pin(word.proxy(), word.decimals());
        if (phase != word.pinnedPhase()) stored.feed = word.withPinnedPhase(phase);
    }

    /// @dev What is read live: base/USD over quote/USD from the cache, seen at the older of the two and fresh until the first of them is
    /// late, or zeros and the reason for them; and the last report.
    function _live(
        uint256 market,
        FeedWord word,
        CacheWord cache
    )
        private
        view
        returns (uint256 price, uint256 seenAt, uint256 until, uint256 reason, PackedSurface signed)
    {
        (uint256 minAnswer, uint256 maxAnswer) = cache.bounds();
        uint256 decimals = word.decimals();
        (price, seenAt, reason) = ChainlinkSource.observe(
            word.proxy(),
            decimals,
            word.pinnedPhase(),
            minAnswer,
            maxAnswer
        );
        // Unchecked: < 2^88 * 2^100; nothing, less one, is above all prices; times < 2^41.
        unchecked {
            uint256 quotePicoUsd = cache.quotePicoUsd();
            // WAD over pico. Nearly every feed has 8 decimals, and a power costs as much as four comparisons.
            uint256 scale = decimals == 8 ? 1e22 : 10 ** (30 - decimals);
            (, price) = Math.tryDiv(price * scale, quotePicoUsd);
            if (price - 1 < PRICE_MAX) {
                uint256 quoteAt = cache.quoteAt();
                until = Math.min(seenAt + word.heartbeat(), quoteAt + cache.cacheMaxAge());
                seenAt = Math.min(seenAt, quoteAt);
            } else {
                if (reason == 0) {
                    reason = uint256(quotePicoUsd == 0 ? Reason.QuoteFeedStale : Reason.FeedOutOfBounds);
                }
                (price, seenAt) = (0, 0);
            }
        }
        if (word.hasSigned()) signed = SignedSource.observe(SURFACE, market);
    }

    function _average(CacheWord cache) private pure returns (Sighting) {
        uint256 averageAt = cache.averageAt();
        // Unchecked: < 2^32 + 2^24.
        unchecked {
            return sighting(cache.average(), averageAt, averageAt + cache.cacheMaxAge());
        }
    }

    function _signed(PackedSurface state) private pure returns (Sighting) {
        uint256 reportAt = state.reportAt();
        // Unchecked: < 2^32 + 30.
        unchecked {
            return sighting(state.spot(), reportAt, reportAt + SIGNED_SPOT_MAX_AGE);
        }
    }

    function _sequencer(GraceWord graces) private view returns (Reason, uint256 sinceAt) {
        bool isUp;
        (isUp, sinceAt) = SequencerSource.observe(graces.sequencer());
        if (!isUp) return (Reason.SequencerDown, sinceAt);
        bool isNew = block.timestamp < sinceAt + graces.sequencerGrace();
        return (isNew ? Reason.SequencerGrace : Reason.None, sinceAt);
    }

    function _unpack(PackedAnswer answer) private pure returns (Answer memory) {
        return
            Answer(
                uint128(answer.low()),
                uint128(answer.high()),
                uint40(answer.observedAt()),
                uint64(answer.deviationBps() * WAD_PER_BPS),
                Reason(answer.reason())
            );
    }

    function _observation(
        uint256 price,
        uint256 observedAt,
        Reason reason
    ) private pure returns (Observation memory) {
        return Observation(uint128(price), uint40(observedAt), reason);
    }

    function _known(uint32 market) private view returns (Market storage stored) {
        stored = _markets[market];
        if (stored.feed.proxy() == address(0)) revert SpotOracle_MarketUnknown(market);
    }

    // --------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc ISpotOracle
    function setSources(uint32 market, Sources calldata named, Limits calldata limits_) external restricted {
        _requireFeed(named.base);
        _requireFeed(named.quote);
        // The cache holds quote/USD in 64 bits of 1e-12 USD.
        if (uint256(named.quote.maxAnswer) * wadScale(named.quote.decimals) > type(uint64).max * WAD_PER_PICO)
            revert SpotOracle_FeedInvalid(named.quote.proxy);
        if (named.average.pool != address(0)) _requireAverage(named.average);
        if (named.sequencer != address(0)) {
            (, uint256 sinceAt) = SequencerSource.observe(named.sequencer);
            if (sinceAt == 0) revert SpotOracle_SequencerInvalid(named.sequencer);
        }
        Market storage stored = _markets[market];
        stored.feed = toFeedWord(named, ChainlinkSource.pin(named.base.proxy, named.base.decimals));
        // What the old sources said is not what the new ones say, which is asked for below.
        stored.cache = toCacheWord(named.base.minAnswer, named.base.maxAnswer);
        stored.graces = toGraceWord(named.sequencer);
        stored.quote = named.quote;
        stored.average = named.average;
        emit SourcesSet(market, named);
        _setLimits(market, limits_, false);
        _poke(market, stored);
    }

    /// @inheritdoc ISpotOracle
    function setLimits(uint32 market, Limits calldata limits_) external restricted {
        _known(market);
        _setLimits(market, limits_, false);
    }

    /// @inheritdoc ISpotOracle
    function tightenLimits(uint32 market, Limits calldata limits_) external restricted {
        Limits memory now_ = limits(market);
        if (
            limits_.agreementBps > now_.agreementBps ||
            limits_.cacheMaxAge > now_.cacheMaxAge ||
            limits_.reducingGrace > now_.reducingGrace ||
            limits_.aliveGrace > now_.aliveGrace ||
            limits_.sequencerGrace < now_.sequencerGrace
        ) revert SpotOracle_LimitsNotTighter(limits_);
        _setLimits(market, limits_, true);
    }

    /// @inheritdoc ISpotOracle
    function sources(uint32 market) external view returns (Sources memory) {
        Market storage stored = _markets[market];
        (FeedWord word, CacheWord cache) = (stored.feed, stored.cache);
        (uint256 minAnswer, uint256 maxAnswer) = cache.bounds();
        Feed memory base = Feed(
            word.proxy(),
            uint8(word.decimals()),
            uint24(word.heartbeat()),
            uint16(word.deviationBps()),
            uint88(minAnswer),
            uint88(maxAnswer)
        );
        return Sources(base, stored.quote, stored.average, word.hasSigned(), stored.graces.sequencer());
    }

    /// @inheritdoc ISpotOracle
    function limits(uint32 market) public view returns (Limits memory) {
        Market storage stored = _known(market);
        GraceWord graces = stored.graces;
        return
            Limits(
                uint16(stored.feed.agreementBps()),
                uint24(stored.cache.cacheMaxAge()),
                uint24(graces.reducingGrace()),
                uint24(graces.aliveGrace()),
                uint24(graces.sequencerGrace())
            );
    }

    function _setLimits(uint32 market, Limits calldata limits_, bool tightened) private {
        if (
            limits_.agreementBps < AGREEMENT_BPS_MIN ||
            limits_.agreementBps > AGREEMENT_BPS_MAX ||
            limits_.cacheMaxAge < CACHE_AGE_MIN ||
            limits_.cacheMaxAge > CACHE_AGE_MAX ||
            limits_.reducingGrace < GRACE_MIN ||
            limits_.reducingGrace > REDUCING_GRACE_MAX ||
            limits_.aliveGrace < ALIVE_GRACE_MIN ||
            limits_.aliveGrace > ALIVE_GRACE_MAX ||
            limits_.sequencerGrace > SEQUENCER_GRACE_MAX
        ) revert SpotOracle_LimitsOutOfRange(limits_);
        Market storage stored = _markets[market];
        stored.feed = stored.feed.withAgreement(limits_.agreementBps);
        stored.cache = stored.cache.withMaxAge(limits_.cacheMaxAge);
        stored.graces = stored.graces.withGraces(limits_);
        emit LimitsSet(market, limits_, tightened);
    }

    /// @dev The feed answers, tells the decimals named, and lies within its bounds.
    function _requireFeed(Feed calldata feed) private view {
        (, , uint256 reason) = ChainlinkSource.observe(feed);
        if (
            feed.decimals > DECIMALS_MAX ||
            reason != 0 ||
            feed.minAnswer == 0 ||
            feed.heartbeat == 0 ||
            feed.heartbeat > HEARTBEAT_MAX
        ) revert SpotOracle_FeedInvalid(feed.proxy);
    }

    /// @dev The pool remembers the window, and its tokens have the decimals named (S10).
    function _requireAverage(Average calldata average) private view {
        IUniswapV3PoolOracle pool = IUniswapV3PoolOracle(average.pool);
        (address base, address quote) = (pool.token0(), pool.token1());
        if (!average.baseIsToken0) (base, quote) = (quote, base);
        if (
            average.window < WINDOW_MIN ||
            average.window > WINDOW_MAX ||
            average.baseDecimals > DECIMALS_MAX ||
            average.quoteDecimals > DECIMALS_MAX ||
            Rounds.decimalsOf(base) != average.baseDecimals ||
            Rounds.decimalsOf(quote) != average.quoteDecimals ||
            AverageSource.observe(average) == 0
        ) revert SpotOracle_AverageInvalid(average.pool);
    }
}

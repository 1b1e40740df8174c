// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IUniswapV3PoolOracle } from "../interfaces/IUniswapV3PoolOracle.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { AverageSource } from "./AverageSource.sol";
import { ChainlinkSource } from "./ChainlinkSource.sol";
import { Quorum, Sighting } from "./Quorum.sol";
import { Rounds } from "./Rounds.sol";
import { SequencerSource } from "./SequencerSource.sol";
import { SignedSource } from "./SignedSource.sol";

/// WHAT         Spot of every market as three answers: may we open, the worst price for reducing risk, is anything alive. ISpotOracle
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

    /// Where signed spots come from.
    IVolSurface public immutable SURFACE;

    /// Packed so that a read takes three words: two of the base feed with the limits, and the cache.
    struct Market {
        address proxy;
        uint8 decimals;
        uint24 heartbeat;
        uint16 deviationBps;
        uint24 cacheMaxAge;
        bool hasSigned;
        bool hasAverage;
        bool hasSequencer;
        // -- second word
        uint88 minAnswer;
        uint88 maxAnswer;
        uint16 agreementBps;
        uint24 reducingGrace;
        uint24 aliveGrace;
        // -- third word
        Cache cache;
        // -- what only {poke} reads, and layer 2
        address sequencer;
        uint24 sequencerGrace;
        Feed quote;
        Average average;
    }

    /// What is dear to read, as it was poked. WAD.
    struct Cache {
        uint80 quoteUsd;
        uint40 quoteAt;
        uint96 average;
        uint40 averageAt;
    }

    mapping(uint32 market => Market) private _markets;

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
    function read(uint32 market) external view returns (Reading memory reading) {
        Market storage stored = _markets[market];
        if (stored.proxy == address(0)) return Quorum.refuseAll(Reason.MarketUnknown);
        Quorum.Terms memory terms = Quorum.Terms({
            agreementBps: stored.agreementBps,
            reducingGrace: stored.reducingGrace,
            aliveGrace: stored.aliveGrace,
            hasAverage: stored.hasAverage,
            deviationBps: stored.deviationBps,
            sequencer: Reason.None
        });
        uint256 upSinceAt = 0;
        if (stored.hasSequencer) {
            (terms.sequencer, upSinceAt) = _sequencer(stored.sequencer, stored.sequencerGrace);
        }
        Cache memory cache = stored.cache;
        (Sighting memory feed, Reason reason) = _feed(stored, cache, upSinceAt);
        Sighting memory signed = stored.hasSigned ? _signed(market, upSinceAt) : Sighting(0, 0, 0);
        Sighting memory average = _sighting(cache.average, cache.averageAt, stored.cacheMaxAge, upSinceAt);
        return Quorum.form(terms, feed, reason, signed, average);
    }

    /// @inheritdoc ISpotOracle
    function observe(uint32 market) external view returns (Observations memory seen) {
        Market storage stored = _markets[market];
        if (stored.proxy == address(0)) revert SpotOracle_MarketUnknown(market);
        Cache memory cache = stored.cache;
        (Sighting memory feed, Reason reason) = _feed(stored, cache, 0);
        if (reason == Reason.None && feed.lateBy != 0) reason = Reason.FeedStale;
        seen.feed = Observation(uint128(feed.price), uint40(feed.observedAt), reason);

        (uint256 price, uint256 updatedAt, Reason quoteReason) = ChainlinkSource.observe(stored.quote);
        if (quoteReason == Reason.None && block.timestamp > updatedAt + stored.quote.heartbeat) {
            quoteReason = Reason.QuoteFeedStale;
        }
        seen.quoteUsd = Observation(uint128(price), uint40(updatedAt), quoteReason);

        Sighting memory signed = stored.hasSigned ? _signed(market, 0) : Sighting(0, 0, 0);
        Reason signedReason = signed.price == 0 || signed.lateBy != 0 ? Reason.SignedStale : Reason.None;
        seen.signed = Observation(uint128(signed.price), uint40(signed.observedAt), signedReason);

        price = stored.hasAverage ? AverageSource.observe(stored.average) : 0;
        seen.average = Observation(
            uint128(price),
            price == 0 ? 0 : uint40(block.timestamp),
            price == 0 ? Reason.AverageStale : Reason.None
        );
        if (stored.hasSequencer) {
            (Reason sequencer, uint256 sinceAt) = _sequencer(stored.sequencer, stored.sequencerGrace);
            seen.sequencer = Observation(0, uint40(sinceAt), sequencer);
        }
    }

    /// @inheritdoc ISpotOracle
    function poke(uint32 market) external {
        Market storage stored = _markets[market];
        if (stored.proxy == address(0)) revert SpotOracle_MarketUnknown(market);
        Cache memory cache = stored.cache;
        Feed memory quote = stored.quote;
        (uint256 price, uint256 updatedAt, Reason reason) = ChainlinkSource.observe(quote);
        if (reason == Reason.None && block.timestamp <= updatedAt + quote.heartbeat) {
            // 80 bits: {setSources} refuses bounds that do not fit.
            (cache.quoteUsd, cache.quoteAt) = (uint80(price), uint40(block.timestamp));
        }
        if (stored.hasAverage) {
            price = AverageSource.observe(stored.average);
            if (price != 0 && price <= type(uint96).max) {
                (cache.average, cache.averageAt) = (uint96(price), uint40(block.timestamp));
            }
        }
        stored.cache = cache;
        emit Poked(market, cache.quoteUsd, cache.quoteAt, cache.average, cache.averageAt);
    }

    /// @dev Base/USD live over quote/USD from the cache; late by the later of the two. Without a price where there is a reason.
    function _feed(
        Market storage stored,
        Cache memory cache,
        uint256 upSinceAt
    ) private view returns (Sighting memory seen, Reason reason) {
        Feed memory base = Feed(
            stored.proxy,
            stored.decimals,
            stored.heartbeat,
            stored.deviationBps,
            stored.minAnswer,
            stored.maxAnswer
        );
        uint256 price;
        uint256 updatedAt;
        (price, updatedAt, reason) = ChainlinkSource.observe(base);
        if (reason != Reason.None) return (seen, reason);
        if (cache.quoteUsd == 0) return (seen, Reason.QuoteFeedStale);
        // < 2^148 * 2^60; what does not fit a price of 128 bits is out of bounds.
        price = (price * 1e18) / cache.quoteUsd;
        if (price == 0 || price > type(uint128).max) return (seen, Reason.FeedOutOfBounds);
        seen = _sighting(price, updatedAt, base.heartbeat, upSinceAt);
        Sighting memory quote = _sighting(price, cache.quoteAt, stored.cacheMaxAge, upSinceAt);
        if (quote.lateBy > seen.lateBy) seen.lateBy = quote.lateBy;
        if (quote.observedAt < seen.observedAt) seen.observedAt = quote.observedAt;
    }

    function _signed(uint32 market, uint256 upSinceAt) private view returns (Sighting memory) {
        (uint256 spot, uint256 reportAt) = SignedSource.observe(SURFACE, market);
        return _sighting(spot, reportAt, SignedSource.MAX_AGE, upSinceAt);
    }

    /// @dev `observedAt` is not in the future: feed rounds that are, are refused; VolSurface refuses such reports.
    function _sighting(
        uint256 price,
        uint256 observedAt,
        uint256 maxAge,
        uint256 upSinceAt
    ) private view returns (Sighting memory) {
        uint256 age = block.timestamp - observedAt;
        uint256 lateBy = age > maxAge ? age - maxAge : 0;
        if (lateBy == 0 && observedAt < upSinceAt) lateBy = 1;
        return Sighting(price, observedAt, lateBy);
    }

    function _sequencer(address feed, uint256 grace) private view returns (Reason, uint256 sinceAt) {
        bool isUp;
        (isUp, sinceAt) = SequencerSource.observe(feed);
        if (!isUp) return (Reason.SequencerDown, sinceAt);
        return (block.timestamp < sinceAt + grace ? Reason.SequencerGrace : Reason.None, sinceAt);
    }

    // --------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc ISpotOracle
    function setSources(uint32 market, Sources calldata named, Limits calldata limits_) external restricted {
        _requireFeed(named.base);
        _requireFeed(named.quote);
        // The cache holds quote/USD in 80 bits.
        if (
            uint256(named.quote.maxAnswer) * 10 ** (ChainlinkSource.DECIMALS_MAX - named.quote.decimals) >
            type(uint80).max
        ) revert SpotOracle_FeedInvalid(named.quote.proxy);
        if (named.average.pool != address(0)) _requireAverage(named.average);
        if (named.sequencer != address(0)) {
            (, uint256 sinceAt) = SequencerSource.observe(named.sequencer);
            if (sinceAt == 0) revert SpotOracle_SequencerInvalid(named.sequencer);
        }
        Market storage stored = _markets[market];
        stored.proxy = named.base.proxy;
        stored.decimals = named.base.decimals;
        stored.heartbeat = named.base.heartbeat;
        stored.deviationBps = named.base.deviationBps;
        stored.minAnswer = named.base.minAnswer;
        stored.maxAnswer = named.base.maxAnswer;
        stored.quote = named.quote;
        stored.average = named.average;
        stored.hasAverage = named.average.pool != address(0);
        stored.hasSigned = named.hasSigned;
        stored.sequencer = named.sequencer;
        stored.hasSequencer = named.sequencer != address(0);
        // What the old sources said is not what the new ones say.
        delete stored.cache;
        emit SourcesSet(market, named);
        _setLimits(market, limits_, false);
    }

    /// @inheritdoc ISpotOracle
    function setLimits(uint32 market, Limits calldata limits_) external restricted {
        if (_markets[market].proxy == address(0)) revert SpotOracle_MarketUnknown(market);
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
        Feed memory base = Feed(
            stored.proxy,
            stored.decimals,
            stored.heartbeat,
            stored.deviationBps,
            stored.minAnswer,
            stored.maxAnswer
        );
        return Sources(base, stored.quote, stored.average, stored.hasSigned, stored.sequencer);
    }

    /// @inheritdoc ISpotOracle
    function limits(uint32 market) public view returns (Limits memory) {
        Market storage stored = _markets[market];
        if (stored.proxy == address(0)) revert SpotOracle_MarketUnknown(market);
        return
            Limits(
                stored.agreementBps,
                stored.cacheMaxAge,
                stored.reducingGrace,
                stored.aliveGrace,
                stored.sequencerGrace
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
        stored.agreementBps = limits_.agreementBps;
        stored.cacheMaxAge = limits_.cacheMaxAge;
        stored.reducingGrace = limits_.reducingGrace;
        stored.aliveGrace = limits_.aliveGrace;
        stored.sequencerGrace = limits_.sequencerGrace;
        emit LimitsSet(market, limits_, tightened);
    }

    /// @dev The feed answers, tells the decimals named, and lies within its bounds.
    function _requireFeed(Feed calldata feed) private view {
        (, , Reason reason) = ChainlinkSource.observe(feed);
        if (
            feed.decimals > ChainlinkSource.DECIMALS_MAX ||
            reason != Reason.None ||
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
            average.baseDecimals > 18 ||
            average.quoteDecimals > 18 ||
            Rounds.decimalsOf(base) != average.baseDecimals ||
            Rounds.decimalsOf(quote) != average.quoteDecimals ||
            AverageSource.observe(average) == 0
        ) revert SpotOracle_AverageInvalid(average.pool);
    }
}

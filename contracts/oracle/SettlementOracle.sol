// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { ISettlementOracle } from "../interfaces/ISettlementOracle.sol";
import { IVolSurface, Report } from "../interfaces/IVolSurface.sol";
import { DECIMALS_MAX } from "../types/Decimals.sol";
import { cutOffOf, epochDayOf, REPORT_MAX_AGE, SETTLEMENT_WINDOW } from "../types/Times.sol";
import { Rounds } from "./Rounds.sol";
import { Window } from "./Window.sol";
import { toWindowFeed, WindowFeed } from "./WindowFeed.sol";

/// WHAT         The settlement price of every expiry: the quotient of two feeds' averages over the last 30 minutes. ISettlementOracle
///              states the rule; Window integrates.
/// CALLS        Feeds and VolSurface, views only, so nothing can call back into a change; last the Clearinghouse, which keeps the price.
/// ASSUMPTIONS  A feed's history does not change: rounds of a phase count up from 1, `updatedAt` is the time of their block, and two minutes
///              later ({Window.ROUND_LAG}) a round is shown to everybody. A proxy's latest round is the last that it tells of by number.
///              What a change of phase does is said in Window.
/// INVARIANTS   T1   a price is set once, after expiry, and is the same number whoever walks, from where, in whichever pieces
///              S10  no answer of an aggregator with other decimals than the registered ones enters
///              -    every price lies in (0, 2^128): {setFeeds} refuses bounds under which it might not
/// ROLES        governor: {setFeeds}, once a market. Nobody can write a price, and nothing can be paused.
contract SettlementOracle is ISettlementOracle, AccessManaged {
    using Window for Progress;

    /// After the day in which VolSurface keeps the first report after expiry, whose digest stands a minute later.
    uint256 public constant FALLBACK_DELAY_MIN = 25 hours;
    /// When the fallback no longer asks for a proof that the window is broken.
    uint256 public constant LAST_RESORT = 7 days;

    uint256 private constant SILENCE_MIN = 1 hours;
    uint256 private constant SILENCE_MAX = 3 days;

    /// Where the reports of the fallback come from.
    IVolSurface public immutable SURFACE;

    /// Where the prices go.
    IClearinghouse public immutable CLEARINGHOUSE;

    struct Terms {
        WindowFeed base;
        WindowFeed quote;
        uint32 fallbackDelay;
    }

    // A word each; written only where a walk takes more than one call.
    struct Settlement {
        Progress base;
        Progress quote;
    }

    mapping(uint32 market => Terms) private _terms;
    mapping(uint256 marketAndExpiry => Settlement) private _settlements;

    error SettlementOracle_MarketUnknown(uint32 market);
    error SettlementOracle_MarketTaken(uint32 market);
    error SettlementOracle_FeedInvalid(address proxy);
    error SettlementOracle_BoundsInvalid(uint256 minAnswer, uint256 maxAnswer);
    error SettlementOracle_DelayOutOfRange(uint256 delay, uint256 minimum, uint256 maximum);
    error SettlementOracle_NotYet(uint256 fromAt, uint256 nowAt);
    error SettlementOracle_NoReportYet(uint256 epoch);
    error SettlementOracle_WrongReport(bytes32 digest, bytes32 kept);

    constructor(
        address accessManager,
        IVolSurface surface,
        IClearinghouse clearinghouse
    ) AccessManaged(accessManager) {
        (SURFACE, CLEARINGHOUSE) = (surface, clearinghouse);
    }

    // ---------------------------------------------------------------------------------------------------------------- fixing

    /// @inheritdoc ISettlementOracle
    function walk(
        uint32 market,
        uint32 expiryAt,
        uint80 baseStart,
        uint80 quoteStart,
        uint256 rounds
    ) external returns (uint256 price) {
        price = CLEARINGHOUSE.settlementPrice(market, expiryAt);
        if (price != 0) return price;
        Settlement storage settlement = _settlements[_key(market, expiryAt)];
        Terms storage terms = _termsOf(market);
        // Before, there is nothing of the window that could be walked.
        uint256 walkableAt = expiryAt - SETTLEMENT_WINDOW + Window.ROUND_LAG;
        if (block.timestamp <= walkableAt) revert SettlementOracle_NotYet(walkableAt, block.timestamp);

        Progress memory base = settlement.base;
        Progress memory quote;
        // Both are written at once.
        if (base.lastRound != 0) quote = settlement.quote;
        WindowFeed baseFeed = terms.base;
        WindowFeed quoteFeed = terms.quote;
        base.walk(baseFeed, expiryAt, baseStart, rounds);
        quote.walk(quoteFeed, expiryAt, quoteStart, rounds);

        if (base.isComplete(expiryAt) && quote.isComplete(expiryAt)) {
            price = _quotient(base.integral, baseFeed.decimals(), quote.integral, quoteFeed.decimals());
            _fix(market, expiryAt, price, Source.Rounds);
        } else {
            (settlement.base, settlement.quote) = (base, quote);
            emit Walked(market, expiryAt, base, quote);
        }
    }

    /// @inheritdoc ISettlementOracle
    function fixByFallback(
        uint32 market,
        uint32 expiryAt,
        Report calldata report
    ) external returns (uint256 price) {
        Settlement storage settlement = _settlements[_key(market, expiryAt)];
        bool isBroken = settlement.base.broken || settlement.quote.broken;
        uint256 fromAt = expiryAt + (isBroken ? _termsOf(market).fallbackDelay : LAST_RESORT);
        if (block.timestamp < fromAt) revert SettlementOracle_NotYet(fromAt, block.timestamp);

        bytes32 kept = _firstDigestAfter(market, expiryAt);
        bytes32 digest = SURFACE.digest(report);
        if (digest != kept) revert SettlementOracle_WrongReport(digest, kept);
        price = report.spot;
        _fix(market, expiryAt, price, Source.Fallback);
    }

    /// @dev The digest of the first report at or after the first 09:00 UTC, of those at or after expiry, that has one.
    ///
    /// A day is judged only once it is over: until then a digest may still come, or go with its signers (VolSurface), afterwards neither,
    /// so the answer does not depend on when it is asked for. A report that came late in its day is passed over: signers who post nothing before
    /// would leave nobody the time to revoke them.
    function _firstDigestAfter(uint32 market, uint256 expiryAt) private view returns (bytes32 digest) {
        uint256 epoch = epochDayOf(expiryAt + 1 days - 1);
        for (; digest == 0; ++epoch) {
            // No report is posted when it is older: after this a past epoch gets no first report any more.
            if (block.timestamp <= cutOffOf(epoch + 1) + REPORT_MAX_AGE) {
                revert SettlementOracle_NoReportYet(epoch);
            }
            if (!SURFACE.isEpochReportLate(market, uint16(epoch)))
                digest = SURFACE.epochDigest(market, uint16(epoch));
        }
    }

    /// @dev Not 0 and below 2^128: by rounds because {setFeeds} saw to it, by a report because its spot has 96 bits and is not 0.
    function _fix(uint32 market, uint32 expiryAt, uint256 price, Source source) private {
        emit Fixed(market, expiryAt, price, source, msg.sender);
        // Refuses a second price.
        CLEARINGHOUSE.settle(market, expiryAt, price);
    }

    // ----------------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc ISettlementOracle
    function progress(
        uint32 market,
        uint32 expiryAt
    ) external view returns (Progress memory base, Progress memory quote) {
        Settlement storage settlement = _settlements[_key(market, expiryAt)];
        return (settlement.base, settlement.quote);
    }

    /// @inheritdoc ISettlementOracle
    function average(
        uint32 market,
        uint32 expiryAt
    ) external view returns (uint256 price, uint256 walkedUntilAt) {
        price = CLEARINGHOUSE.settlementPrice(market, expiryAt);
        if (price != 0) return (price, expiryAt);
        Settlement storage settlement = _settlements[_key(market, expiryAt)];
        (Progress memory base, Progress memory quote) = (settlement.base, settlement.quote);
        if (base.integral == 0 || quote.integral == 0) return (0, 0);
        uint256 windowAt = expiryAt - SETTLEMENT_WINDOW;
        Terms storage terms = _terms[market];
        // Each average is its integral over its own time; crosswise, so that only the last division rounds. < 2^99 * 2^11.
        price = _quotient(
            base.integral * (quote.walkedUntilAt - windowAt),
            terms.base.decimals(),
            quote.integral * (base.walkedUntilAt - windowAt),
            terms.quote.decimals()
        );
        walkedUntilAt = base.walkedUntilAt < quote.walkedUntilAt ? base.walkedUntilAt : quote.walkedUntilAt;
    }

    /// @inheritdoc ISettlementOracle
    function feeds(
        uint32 market
    ) external view returns (Feed memory base, Feed memory quote, uint32 fallbackDelay) {
        Terms storage terms = _termsOf(market);
        return (terms.base.unpack(), terms.quote.unpack(), terms.fallbackDelay);
    }

    // --------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc ISettlementOracle
    function setFeeds(
        uint32 market,
        Feed calldata base,
        Feed calldata quote,
        uint32 fallbackDelay
    ) external restricted {
        if (_terms[market].base.proxy() != address(0)) revert SettlementOracle_MarketTaken(market);
        if (fallbackDelay < FALLBACK_DELAY_MIN || fallbackDelay > LAST_RESORT) {
            revert SettlementOracle_DelayOutOfRange(fallbackDelay, FALLBACK_DELAY_MIN, LAST_RESORT);
        }
        Terms memory terms = Terms(_register(base), _register(quote), fallbackDelay);
        // The average of answers inside the bounds is inside the bounds.
        uint256 lowest = _quotient(base.minAnswer, base.decimals, quote.maxAnswer, quote.decimals);
        uint256 highest = _quotient(base.maxAnswer, base.decimals, quote.minAnswer, quote.decimals);
        if (lowest == 0 || highest > type(uint128).max)
            revert SettlementOracle_BoundsInvalid(lowest, highest);
        _terms[market] = terms;
        emit FeedsSet(market, base, quote, fallbackDelay);
    }

    /// @dev The feed as it is kept: it answers, has phases, tells the decimals named, and lies within its bounds; these are coded ones.
    function _register(Feed calldata feed) private view returns (WindowFeed) {
        uint256 phase = Rounds.phaseOf(feed.proxy);
        if (
            feed.decimals > DECIMALS_MAX ||
            Rounds.decimalsOf(feed.proxy) != feed.decimals ||
            Rounds.decimalsInPhase(feed.proxy, uint16(phase)) != feed.decimals
        ) revert SettlementOracle_FeedInvalid(feed.proxy);
        if (feed.maxSilence < SILENCE_MIN || feed.maxSilence > SILENCE_MAX) {
            revert SettlementOracle_DelayOutOfRange(feed.maxSilence, SILENCE_MIN, SILENCE_MAX);
        }
        (, int256 answer, ) = Rounds.latest(feed.proxy);
        if (
            feed.minAnswer == 0 ||
            answer <= int256(uint256(feed.minAnswer)) ||
            answer >= int256(uint256(feed.maxAnswer))
        ) revert SettlementOracle_BoundsInvalid(feed.minAnswer, feed.maxAnswer);
        return toWindowFeed(feed, phase);
    }

    function _termsOf(uint32 market) private view returns (Terms storage terms) {
        terms = _terms[market];
        if (terms.base.proxy() == address(0)) revert SettlementOracle_MarketUnknown(market);
    }

    function _key(uint32 market, uint32 expiryAt) private pure returns (uint256) {
        return (uint256(market) << 32) | expiryAt;
    }

    /// @dev WAD of base over quote, rounded down; both < 2^110, decimals <= 18, so the products are < 2^230.
    function _quotient(
        uint256 base,
        uint256 baseDecimals,
        uint256 quote,
        uint256 quoteDecimals
    ) private pure returns (uint256) {
        return (base * 10 ** (18 + quoteDecimals)) / (quote * 10 ** baseDecimals);
    }
}

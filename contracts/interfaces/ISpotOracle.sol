// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { PackedAnswer } from "../types/PackedAnswer.sol";

/// WHAT     Spot of a market, quote per base, as three answers to three questions, each with its own sources:
///          may we open; what is the worst price for reducing risk; what is alive that no signer sets.
/// SOURCES  feed    Chainlink base/USD, read live, over the cached quote/USD
///          signed  the spot of the last accepted report, from VolSurface, while at most 30 s old
///          average a Uniswap v3 time-weighted price, from the cache
///          and, on a layer-2 chain, the sequencer's uptime with a time of grace after an outage
/// ANSWERS  Each source has a longest age at which it is fresh: the feed's heartbeat, 30 s, the cache's age.
///          opening   every registered source but the signed one fresh and no two fresh ones further apart than the
///                    band; low and high over feed and, while fresh, signed; on layer 2 the sequencer up for a while
///          reducing  the worst of the fresh sources, no cross-check, no sequencer; where neither feed nor average is
///                    fresh, the worst of all that are late by at most `reducingGrace`, so that the signed spot stands
///                    alone only where both are later than that
///          alive     feed, and average, while the feed is fresh. Else the worst of all that are fresh, or late by at most
///                    `reducingGrace`, or `aliveGrace`: by the first of the three at which feed or average counts,
///                    so that signers may widen it while the feed is late, and never stand alone
///          What was observed before the sequencer came back is late by at least a second.
/// UNITS    Prices: WAD of quote per base (quote units per one base unit, not per their smallest parts), below 2^96.
///          Ages: seconds.
/// ASSUMES  A source says nothing (a reason other than `None`) rather than something wrong: heartbeat, bounds,
///          completeness of the round, and decimals as they were registered (S8, S10).
/// ROLES    Anyone: {read}, {poke}. Governor: {setSources}, {setLimits}. Council: {tightenLimits}.
///          Calls nobody above it; readers pull. No answer can be moved within one transaction without signer keys
///          (S9).
interface ISpotOracle {
    /// Why an answer must not be used; `None` when it may.
    enum Reason {
        None,
        MarketUnknown,
        NoLiveSource,
        FeedStale,
        FeedOutOfBounds,
        FeedRoundIncomplete,
        FeedDecimalsChanged,
        QuoteFeedStale,
        AverageStale,
        SignedStale,
        SourcesDisagree,
        SequencerDown,
        SequencerGrace
    }

    /// @param low Lowest price that the question allows: value what the taker sells at it.
    /// @param high Highest price that the question allows: value what the taker buys at it. low <= high; equal with
    /// one source.
    /// @param observedAt Time of the oldest observation behind `low` and `high`, unix seconds.
    /// @param deviation Relative move (WAD) that these sources may not show yet: the feed's threshold, but 0 where a signed
    /// spot is among those of opening or reducing.
    /// @param reason `None`, or why the answer is a refusal; then the other fields hold the best that is known, or
    /// zeros. Opening that is refused for `SourcesDisagree` or `SequencerGrace`, the last reasons to be looked for, holds feed
    /// and, while fresh, signed.
    struct Answer {
        uint128 low;
        uint128 high;
        uint40 observedAt;
        uint64 deviation;
        Reason reason;
    }

    /// The three answers about one market; see ANSWERS.
    struct Reading {
        Answer opening;
        Answer reducing;
        Answer alive;
    }

    /// One source, for people and monitors.
    /// @param price WAD of quote per base; for `quoteUsd` WAD of USD per quote.
    /// @param observedAt Unix seconds.
    struct Observation {
        uint128 price;
        uint40 observedAt;
        Reason reason;
    }

    /// All sources of one market.
    struct Observations {
        Observation feed;
        Observation quoteUsd;
        Observation signed;
        Observation average;
        Observation sequencer;
    }

    /// A Chainlink feed as it is registered.
    /// @param proxy Its proxy.
    /// @param decimals What the aggregator of every round that is read must tell.
    /// @param heartbeat Age up to which its answer is fresh, seconds.
    /// @param deviationBps Move at which it brings a new round.
    /// @param minAnswer An answer at or below this is no price: an aggregator stops at a floor of its own.
    /// @param maxAnswer An answer at or above this is no price. The bounds of the base feed are kept in 16 significant bits,
    /// rounded to the inside; {sources} tells them as they are kept.
    struct Feed {
        address proxy;
        uint8 decimals;
        uint24 heartbeat;
        uint16 deviationBps;
        uint88 minAnswer;
        uint88 maxAnswer;
    }

    /// A Uniswap v3 pool of base and quote; `pool` zero: the market has none.
    /// @param window Seconds over which its price is averaged.
    struct Average {
        address pool;
        uint24 window;
        bool baseIsToken0;
        uint8 baseDecimals;
        uint8 quoteDecimals;
    }

    /// Where a market's prices come from. Base and quote feed are required.
    /// @param hasSigned Whether the spot of VolSurface's reports counts.
    /// @param sequencer A Chainlink uptime feed on a layer-2 chain, else zero.
    struct Sources {
        Feed base;
        Feed quote;
        Average average;
        bool hasSigned;
        address sequencer;
    }

    /// @param agreementBps Widest |a/b - 1| between two fresh sources for opening, a >= b.
    /// @param cacheMaxAge Age up to which quote/USD and the average are fresh, since they were poked, seconds.
    /// @param reducingGrace Seconds by which a source may be late for reducing.
    /// @param aliveGrace Seconds by which a source may be late and still be alive.
    /// @param sequencerGrace Seconds after the sequencer's return before opening.
    struct Limits {
        uint16 agreementBps;
        uint24 cacheMaxAge;
        uint24 reducingGrace;
        uint24 aliveGrace;
        uint24 sequencerGrace;
    }

    /// The cached word was renewed as far as its sources spoke: what was silent goes out with its old value and its old time,
    /// 0 and 0 where it has never spoken since {setSources} or the market has no such source.
    event Poked(
        uint32 indexed market,
        uint256 quoteUsd,
        uint256 quoteUsdAt,
        uint256 average,
        uint256 averageAt
    );

    /// The governor named the sources of a market.
    event SourcesSet(uint32 indexed market, Sources sources);

    /// The governor set, or the council (`tightened`) narrowed, the limits of a market.
    event LimitsSet(uint32 indexed market, Limits limits, bool tightened);

    /// The three answers. Never reverts: what is wrong is a reason.
    function read(uint32 market) external view returns (Reading memory reading);

    /// The same in a word each, for a contract on the path of a trade: in one call, because a trade may need all three
    /// and the read of the feed is what costs. For the same reason a market's number has all 256 bits here: what no
    /// market has is unknown.
    function answers(
        uint256 market
    ) external view returns (PackedAnswer opening, PackedAnswer reducing, PackedAnswer alive);

    /// When each part of the cached word was last renewed, unix seconds; 0: not since {setSources}.
    function cachedAt(uint32 market) external view returns (uint256 quoteUsdAt, uint256 averageAt);

    /// Every source by itself, with its reason. For people: dearer than {read}, because the average is read live.
    function observe(uint32 market) external view returns (Observations memory observations);

    /// Reads quote/USD and the average and keeps them in one word. Anyone may call, as often as they like: it writes
    /// what the sources say, and a silent source leaves its old value with its old time.
    function poke(uint32 market) external;

    /// Names the sources of a market and pins their decimals. Governor, behind its delay. Settlement does not
    /// rest on them, so the terms of live series stay (K3).
    function setSources(uint32 market, Sources calldata sources, Limits calldata limits) external;

    /// Sets the limits of a market within bounds in code. Governor.
    function setLimits(uint32 market, Limits calldata limits) external;

    /// As {setLimits}, but reverts if any limit gets wider. Council. The graces of reducing and alive keep their coded
    /// minima, so it cannot stop exits.
    function tightenLimits(uint32 market, Limits calldata limits) external;

    /// The sources of a market.
    function sources(uint32 market) external view returns (Sources memory sources_);

    /// The limits of a market.
    function limits(uint32 market) external view returns (Limits memory limits_);
}

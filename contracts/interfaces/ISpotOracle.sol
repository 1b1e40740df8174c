// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// WHAT     Spot of a market, base per quote, as three answers to three questions, each with its own sources:
///          may we open; what is the worst price for reducing risk; is anything alive.
/// SOURCES  feed    Chainlink base/USD, read live, over the cached quote/USD
///          signed  the spot of the last accepted report, from VolSurface, while at most 30 s old
///          average a Uniswap v3 time-weighted price, from the cache
///          and, on a layer-2 chain, the sequencer's uptime with a time of grace after an outage
/// UNITS    Prices: WAD of quote per base (quote units per one base unit, not per their smallest parts). Ages:
///          seconds.
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
    /// @param deviation Relative move (WAD) that these sources may not show yet: the feed's threshold where only the
    /// feed speaks, 0 where a signed spot does.
    /// @param reason `None`, or why the answer is a refusal; then the other fields hold the best that is known, or
    /// zeros.
    struct Answer {
        uint128 low;
        uint128 high;
        uint40 observedAt;
        uint64 deviation;
        Reason reason;
    }

    /// The three answers about one market.
    /// @param opening All registered sources live and within the cross-check band of each other. low, high: the worse
    /// of the feed and, while young, the signed spot.
    /// @param reducing The worst of the live ones: no cross-check, and limits of age wide enough that a fall of 10 %
    /// in 10 minutes leaves it on (an average of 30 minutes then lags by 9 %).
    /// @param alive Any source at all, whatever its age below the coded maximum: the price behind exits that need no
    /// signer.
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

    /// Where a market's prices come from: adapters of one source each. Zero means: this market has none of that kind;
    /// base and quote feed are required.
    struct Sources {
        address baseFeed;
        address quoteFeed;
        address surface;
        address average;
        address sequencer;
    }

    /// @param agreement Widest |ln(a/b)| between two sources for opening, WAD.
    /// @param openingMaxAge Oldest cached observation for opening, seconds.
    /// @param reducingMaxAge Oldest observation for reducing, seconds.
    /// @param aliveMaxAge Oldest observation that still counts as alive, seconds.
    /// @param sequencerGrace Seconds after the sequencer's return before opening.
    struct Limits {
        uint64 agreement;
        uint32 openingMaxAge;
        uint32 reducingMaxAge;
        uint32 aliveMaxAge;
        uint32 sequencerGrace;
    }

    /// The cached word was renewed. `average` is 0 where the market has no such source or it was silent.
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

    /// The three answers. Never reverts: what is wrong is a reason. In one call, because a trade may need all three
    /// and the read of the feed is what costs (<= 25,000 gas; <= 40,000 with a sequencer feed).
    function read(uint32 market) external view returns (Reading memory reading);

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

    /// As {setLimits}, but reverts if any limit gets wider. Council. Never narrows `reducing` or `alive` below their
    /// coded minima, so it cannot stop exits.
    function tightenLimits(uint32 market, Limits calldata limits) external;

    /// The sources of a market.
    function sources(uint32 market) external view returns (Sources memory sources_);

    /// The limits of a market.
    function limits(uint32 market) external view returns (Limits memory limits_);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Report } from "./IVolSurface.sol";

/// WHAT     The settlement price of each expiry of each market: the average of spot over the 30 minutes before
///          expiry.
///
///            price = TWA(base/USD) / TWA(quote/USD),   TWA(x) = 1/1800 s * integral of the answer in force over
///                                                             [expiryAt - 1800, expiryAt)
///
///          An answer is in force from its round's `updatedAt` until the next round's; the round in force when the
///          window opens counts (carry-in; often there is no other). Of several phases of a feed's proxy the newest
///          is in force that has a round, so an old phase ends with the first round of a newer one.
/// LAG      A feed may show a round some seconds after its `updatedAt`. So nothing is walked of the last two minutes, and
///          an expiry has its price two minutes after it at the earliest, whatever the feed shows before.
/// UNITS    WAD of quote per base, rounded down once, at the division.
/// PROOF    The caller names a round from which to start; every later round follows from it, and what was in force
///          before the window adds nothing, so who calls, from where, when, and in how many pieces never changes the
///          number (T1). Both feeds are walked apart, and in pieces where there are hundreds of rounds.
/// BROKEN   A window is broken for good when a round in force in it is out of the registered bounds, was in force for
///          longer than the registered silence, or comes from an aggregator of other decimals. That too is proved by
///          walking.
/// FALLBACK {fixByFallback}: for a broken window after the market's delay, for any other after {LAST_RESORT}, so
///          that funds do not freeze with a feed. It is the one price that rests on signers; without any the governor
///          must name some.
/// STORED   by the market's IClearinghouse, which is told as the price is fixed, in the same call: fixed is settled.
/// ROLES    Anyone: {walk}, {fixByFallback}. Governor: {setFeeds}, once a market. Nobody can write a price.
interface ISettlementOracle {
    /// A Chainlink feed as a market was registered with it.
    /// @param proxy Its proxy, with `phaseId` and `phaseAggregators`.
    /// @param decimals What every aggregator of the window must tell (S10).
    /// @param maxSilence Longest time for which one round may be in force, seconds.
    /// @param minAnswer An answer at or below this is no price: an aggregator stops at a floor of its own.
    /// @param maxAnswer An answer at or above this is no price. Both bounds are kept in 16 significant bits, rounded to the
    /// inside; {feeds} tells them as they are kept.
    struct Feed {
        address proxy;
        uint8 decimals;
        uint32 maxSilence;
        uint88 minAnswer;
        uint88 maxAnswer;
    }

    /// How far a feed's window has been walked.
    /// @param integral Sum of answer * seconds, in the feed's decimals.
    /// @param walkedUntilAt The window is integrated up to here, unix seconds; `expiryAt` when complete.
    /// @param lastRound Proxy round id of the last round walked; the next call starts at it.
    /// @param broken The window has no average; see BROKEN.
    struct Progress {
        uint128 integral;
        uint40 walkedUntilAt;
        uint80 lastRound;
        bool broken;
    }

    /// How a price came about.
    enum Source {
        Rounds,
        Fallback
    }

    /// Rounds were walked for an expiry that is not complete yet.
    event Walked(uint32 indexed market, uint32 indexed expiryAt, Progress base, Progress quote);

    /// The price stands, for good.
    event Fixed(uint32 indexed market, uint32 indexed expiryAt, uint256 price, Source source, address caller);

    /// The feeds of a market were named, for good.
    event FeedsSet(uint32 indexed market, Feed base, Feed quote, uint32 fallbackDelay);

    /// Walks rounds of both feeds and adds them to the averages; when both windows are complete fixes the price and
    /// settles the expiry at the Clearinghouse, where it must be listed.
    ///
    /// Goes no further than to two minutes before now (see LAG), so a window can be complete from two minutes after
    /// `expiryAt` on. May be called as long after the window's start: what is walked early need not be walked later, and
    /// gives {average} its value. Where the price stands it is returned, and nothing is done.
    /// @param baseStart Proxy round id to start from, updated at or before the window's start; best the one in force
    /// then. 0 for the feed's latest round, which is cheapest where none has come since, else for going on. Without meaning
    /// once something of the window has been walked, or where it is no later than the round walked last. `quoteStart`
    /// likewise.
    /// @param rounds At most so many rounds of each feed are walked.
    /// @return price The settlement price, or 0 while rounds are missing.
    function walk(
        uint32 market,
        uint32 expiryAt,
        uint80 baseStart,
        uint80 quoteStart,
        uint256 rounds
    ) external returns (uint256 price);

    /// Fixes the price, and settles, as the spot of the first report that the market's signers gave after expiry: the first report
    /// within twelve hours from the first 09:00 UTC with one, whose digest VolSurface kept, once its day is over. Allowed after the market's
    /// `fallbackDelay` where a window was proved broken, else after {LAST_RESORT}. Until then, and until the price
    /// stands, {walk} is open to everybody whom the fallback would hurt.
    function fixByFallback(
        uint32 market,
        uint32 expiryAt,
        Report calldata report
    ) external returns (uint256 price);

    /// How far both feeds have been walked, for keepers. The call that fixes the price stores none: zeros where it was the only one.
    function progress(
        uint32 market,
        uint32 expiryAt
    ) external view returns (Progress memory base, Progress memory quote);

    /// Average (WAD) of base over that of quote, each over the part of the window that it has been walked through, and
    /// where the shorter part ends; (0, 0) while one has none, and (settlement price, `expiryAt`) once it stands. Serves the window's delta:
    /// A = (average * gone + spot * left) / 1800 s.
    function average(
        uint32 market,
        uint32 expiryAt
    ) external view returns (uint256 price, uint256 walkedUntilAt);

    /// The feeds of a market and its fallback's delay.
    function feeds(
        uint32 market
    ) external view returns (Feed memory base, Feed memory quote, uint32 fallbackDelay);

    /// Names the feeds of a market and pins their decimals. Governor; once a market, because terms of a live series
    /// never change.
    function setFeeds(uint32 market, Feed calldata base, Feed calldata quote, uint32 fallbackDelay) external;
}

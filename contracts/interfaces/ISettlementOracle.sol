// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// WHAT     The settlement price of each expiry of each market: the average of spot over the 30 minutes before
///          expiry.
///
///            price = TWA(base/USD) / TWA(quote/USD),   TWA(x) = 1/1800 s * integral of the answer in force over
///                                                             [expiryAt - 1800, expiryAt)
///
///          An answer is in force from its round's `updatedAt` until the next round's; the round in force when the
///          window opens counts (carry-in; often there is no other). Across a phase change of a feed's proxy, the old
///          phase is in force until the first complete round of the new phase.
/// UNITS    WAD of quote per base, rounded down once, at the division.
/// PROOF    The caller names rounds; the contract proves that they are neighbours, so who calls, when, and in how
///          many pieces never changes the number (T1). Both feeds are walked apart, and in pieces where there are
///          hundreds of rounds.
/// FALLBACK After a stated delay without a proved window: the rule that {fixByFallback} names, so that funds never
///          freeze.
/// ROLES    Anyone: {walk}, {fixByFallback}. Governor: {setFeeds}, once a market. Nobody can write a price.
interface ISettlementOracle {
    /// How far a feed's window has been walked.
    /// @param integral Sum of answer * seconds, in the feed's decimals.
    /// @param walkedUntilAt The window is integrated up to here, unix seconds; `expiryAt` when complete.
    /// @param lastRound Proxy round id of the last round walked; the next call starts at it.
    struct Progress {
        uint128 integral;
        uint40 walkedUntilAt;
        uint80 lastRound;
    }

    /// How a price came about.
    enum Source {
        None,
        Rounds,
        Fallback
    }

    /// Rounds were proved for an expiry that is not complete yet.
    event Walked(uint32 indexed market, uint32 indexed expiryAt, Progress base, Progress quote);

    /// The price stands, for good.
    event Fixed(uint32 indexed market, uint32 indexed expiryAt, uint256 price, Source source, address caller);

    /// The feeds of a market were named, for good.
    event FeedsSet(uint32 indexed market, address baseFeed, address quoteFeed, uint256 fallbackDelay);

    /// Proves rounds of both feeds and adds them to the averages; fixes the price when both windows are complete.
    ///
    /// Proxy round ids, ascending, the first one being where the last call stopped (or, on the first call, the round
    /// in force when the window opens). A window is complete when a round is named that was updated at or after
    /// `expiryAt`, or when `expiryAt` has passed and the last round named is the feed's latest. Empty lists are
    /// allowed where a feed needs nothing. May be called from the window's start: what is walked early need not be
    /// walked later, and gives {average} its value.
    ///
    /// Errors name the first round that is not the neighbour of the one before, is incomplete, or lies outside the
    /// window.
    /// @return price The settlement price, or 0 while rounds are missing.
    function walk(
        uint32 market,
        uint32 expiryAt,
        uint80[] calldata baseRounds,
        uint80[] calldata quoteRounds
    ) external returns (uint256 price);

    /// Fixes the price from less than the whole window, once `fallbackDelay` has passed since expiry. Reverts before,
    /// and when the price stands. Which of its two rules holds is not the caller's choice (T1): if both feeds still
    /// answer (the contract tries), the rounds in force at expiry; else the spot of the first report at or after the
    /// cut-off that follows expiry, whose digest VolSurface kept.
    ///
    /// {walk} stays open until the price stands: the delay (25 hours at least, after which that digest cannot change
    /// any more) is the time in which everybody whom the fallback would hurt can prove the window instead.
    /// @param evidence `abi.encode(uint80 baseRound, uint80 quoteRound)` in the first case, neighbours proved as in
    /// {walk}; `abi.encode(Report)` in the second.
    function fixByFallback(
        uint32 market,
        uint32 expiryAt,
        bytes calldata evidence
    ) external returns (uint256 price);

    /// The settlement price, WAD, and how it came about; (0, `None`) until it is fixed. Set once.
    function settlementPrice(
        uint32 market,
        uint32 expiryAt
    ) external view returns (uint256 price, Source source);

    /// How far both feeds have been walked, for keepers.
    function progress(
        uint32 market,
        uint32 expiryAt
    ) external view returns (Progress memory base, Progress memory quote);

    /// Average (WAD) over the part of the window that both feeds have been walked through, and where that part ends;
    /// (0, 0) before the first walk. Serves the window's delta: A = (average * gone + spot * left) / 1800 s.
    function average(
        uint32 market,
        uint32 expiryAt
    ) external view returns (uint256 price, uint256 walkedUntilAt);

    /// Names the feeds of a market and pins their decimals. Governor; once a market, because terms of a live series
    /// never change.
    function setFeeds(uint32 market, address baseFeed, address quoteFeed, uint32 fallbackDelay) external;
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// WHAT     Fills the hedge auction of one book from one Uniswap v3 pool of its base and quote, in one call and with no money of its own:
///          the hedger sends the vault's side here, the pool sends the other to the hedger and is paid out of it, and what is left goes
///          to whom the caller names. {IDeltaHedger-Hedged} tells the rest.
/// HOLDS    Profit or revert: less than `minimumProfit` left, and nothing happened. Between calls nothing lies here and nothing is allowed
///          to anybody. No allowance of the caller is used.
/// TRUST    The pool is the factory's, looked up once. The callbacks answer hedger and pool alone, which call back whoever called them: so
///          only inside {fill}.
/// UNITS    Assets: the token's smallest parts. `amount`: as {IDeltaHedger-fill}.
interface IUniswapFiller {
    /// @param amount Base that the vault buys (positive) or sells (negative); cut to the plan's.
    /// @param minimumProfit Least profit.
    /// @param receiver Gets the profit.
    /// @param report Empty, or a report and signatures encoded as the arguments of {IVolSurface-postIfNewer}, posted first: a hedge needs
    /// one that is at most 30 s old.
    struct Order {
        int256 amount;
        uint256 minimumProfit;
        address receiver;
        bytes report;
    }

    /// @param order What is filled, and how.
    /// @return profit Sent to the receiver, of quote where the vault bought base, else of base.
    function fill(Order calldata order) external returns (uint256 profit);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SeriesId } from "../types/SeriesId.sol";
import { IClearinghouse } from "./IClearinghouse.sol";
import { IOptionPool } from "./IOptionPool.sol";

/// WHAT     Comfort above {IOptionPool}: buys by a budget, trades up to a limit of vol, pays by a signature, and turns
///          what is paid in base into quote through a Uniswap v3 pool.
/// UNITS    Amounts of options and vols: WAD. Budgets, costs, proceeds: quote assets.
/// HOLDS    Between calls nothing: no token, no allowance given to anybody. What is left of a call goes back to its caller,
///          and a token sent here by mistake with it. Reverts as a whole.
/// TRUST    It acts for its caller alone, on the caller's own money and tokens, so allowances and operators given to it
///          serve nobody else. The pool is the caller's choice: what it sells is counted where it was to arrive, and it
///          is allowed no more than the cost, or the limit of it that the caller gave; what it pays is its own word.
/// NEEDS    Of the caller, quote: an allowance, an EIP-2612 permit or a Permit2 signature; tokens sold or redeemed:
///          operator or allowance (ERC-6909) in the Clearinghouse.
/// REPORTS  A report is posted before the search, by {IVolSurface-postIfNewer}; empty for none.
/// CALLS    IOptionPool, IClearinghouse, IVolSurface, the tokens, Permit2, Uniswap's factory and pools. Nobody has a role.
interface IRouter {
    /// How quote is taken of the caller.
    enum By {
        Allowance,
        Permit,
        Permit2
    }

    /// A payment that the caller allows.
    /// @param most Largest sum, quote assets; a signature is over exactly this sum.
    /// @param by Which of the three; the rest is for signatures only.
    /// @param nonce Permit2's.
    /// @param deadline The signature's.
    /// @param signature 65 bytes (r, s, v) for `Permit`; what Permit2 takes for `Permit2`.
    struct Payment {
        uint256 most;
        By by;
        uint256 nonce;
        uint256 deadline;
        bytes signature;
    }

    /// One series, from the least amount worth a trade to the largest wanted.
    /// @param pool Where.
    /// @param least Smallest amount; a smaller one reverts.
    /// @param most Largest amount. Near what will be traded, the search is short.
    /// @param volLimit Worst price in vol; 0 for none.
    /// @param receiver Gets tokens bought, or proceeds.
    /// @param deadline Last second at which the trade may happen.
    /// @param report Encoded as for {IOptionPool-trade}, but at most 60 s old, as {IVolSurface-postIfNewer} takes it: the
    /// 30 s are the pool's own rule for what it posts itself.
    struct Order {
        IOptionPool pool;
        SeriesId series;
        uint256 least;
        uint256 most;
        uint256 volLimit;
        address receiver;
        uint256 deadline;
        bytes report;
    }

    /// How proceeds are paid.
    /// @param minimum Least quote assets; of base that stays base nothing counts.
    /// @param minimumPrice Least that the swap brings for what it sells, its fee taken off: quote for one base, WAD. Unlike `minimum` it holds
    /// for every amount that an order may come to; a unit of either token is left to rounding. 0: none.
    /// @param fee Of the Uniswap v3 pool (1e-6) that base is sold in; 0: base is paid as it is.
    struct Payout {
        uint256 minimum;
        uint256 minimumPrice;
        uint24 fee;
    }

    /// An order was carried out. `amount` > 0: bought. `assets`: quote paid or, after any swap, received.
    event Routed(
        address indexed trader,
        address indexed pool,
        SeriesId indexed series,
        int256 amount,
        uint256 assets
    );

    /// Base became quote on its way to a receiver.
    event Swapped(address indexed trader, address indexed pool, uint256 baseAssets, uint256 quoteAssets);

    /// Buys the largest amount whose cost is within `payment.most` and whose price is at most `volLimit`. The price in vol
    /// is the option's vol and what the price adds to its value, over vega: v + (cost / amount - V) / vega.
    ///
    /// Found by at most 16 calls of {IOptionPool-quote}: ends where the amount is within 0.1 % of the largest one, or the
    /// cost within 0.05 % of the budget; after that it takes the best found. An amount that the pool refuses counts as
    /// beyond the limit.
    /// @return amount Bought.
    /// @return cost Quote assets paid.
    function buy(
        Order calldata order,
        Payment calldata payment
    ) external returns (uint256 amount, uint256 cost);

    /// Sells the largest amount whose price is at least `volLimit`, found as in {buy}. A price that the signer-free bound
    /// decides has no vol: it passes only without a limit.
    /// @return amount Sold.
    /// @return quoteAssets What the receiver got in quote, the swap included.
    function sell(
        Order calldata order,
        Payout calldata payout
    ) external returns (uint256 amount, uint256 quoteAssets);

    /// {IOptionPool-trade} paid by `payment`: takes `limit`, `payment.most` at most, and gives back what is left of it. Tokens bought and
    /// proceeds go to `receiver` as the pool pays them. Each series may be named once.
    function trade(
        IOptionPool pool,
        IClearinghouse.Leg[] calldata legs,
        int256 limit,
        uint256 deadline,
        address receiver,
        bytes calldata report,
        Payment calldata payment
    ) external returns (int256 cost, uint256 baseProceeds);

    /// Redeems tokens of a settled series for the caller and pays `receiver` in quote, at least `payout.minimum`.
    /// @return quoteAssets What the receiver got in quote, the swap included.
    function redeem(
        SeriesId series,
        uint256 amount,
        address receiver,
        uint256 deadline,
        Payout calldata payout
    ) external returns (uint256 quoteAssets);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { IBook } from "../interfaces/IBook.sol";
import { ILiquidityVault } from "../interfaces/ILiquidityVault.sol";
import { YEAR } from "../types/Times.sol";

/// What an epoch's end does to two tranches: result, rent, fees, flows and NAVs. Pure, from one state in memory: plan and execution are this
/// one function. docs/decisions/0008 has it in formulas.
///
/// ORDER    First both claims are multiplied by g = E / (b S + q). Then each gets its rent that is due, and fees are
///          taken as shares. Deposits fund the withdrawals of their own tranche; the rest of these is paid in its own
///          asset alone, up to what is free and idle.
/// NAV      n / T of a tranche. Who enters pays the NAV of equity plus what unwinding every position would cost, who
///          leaves gets that of equity less it: one factor for both tranches. The difference stays with those who are in.
/// UNITS    WAD; `Assets`, `Shares` in the tokens' own decimals, `scale` = 10^(18 - decimals).
/// ROUNDING In favour of who stays: claims, shares minted and assets paid down, the NAV of entry up.
/// RANGES   Checked arithmetic. Claims, equity and costs are below 2^105 ({BookFields}), so no product of two of them overflows, and
///          {Math-mulDiv} takes those of three.
library Epoch {
    using Math for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant PER_BPS = 1e14;

    /// One tranche before the epoch's end.
    /// @param claim b or q.
    /// @param price Quote for one of its asset: S or 1.
    /// @param rent Due to it, quote.
    /// @param shares All shares, virtual ones included: never 0.
    /// @param high Highest NAV that a performance fee was taken up to.
    /// @param free Of its asset in the book's account, beyond cover, reserve and rent that is not due.
    /// @param used What hedging the book can need of the claim.
    struct Desk {
        uint256 claim;
        uint256 price;
        uint256 rent;
        uint256 scale;
        uint256 shares;
        uint256 high;
        uint256 depositAssets;
        uint256 redeemShares;
        uint256 claimableShares;
        uint256 free;
        uint256 used;
    }

    /// All that an epoch's end rests on.
    /// @param elapsed Seconds since the last mark; a fee for longer than a year is that of a year.
    /// @param isRunning Whether deposits enter.
    struct State {
        IBook.Mark mark;
        Desk base;
        Desk quote;
        ILiquidityVault.Terms terms;
        uint256 elapsed;
        bool isRunning;
    }

    /// What equity counts for who enters and who leaves.
    struct Worth {
        uint256 entry;
        uint256 mid;
        uint256 exit;
    }

    function close(State memory state) internal pure returns (ILiquidityVault.EpochResult memory result) {
        IBook.Mark memory mark = state.mark;
        result.mark = mark;
        (Desk memory base, Desk memory quote) = (state.base, state.quote);
        uint256 owed = base.claim.mulDiv(base.price, WAD, Math.Rounding.Ceil) + quote.claim;
        if (owed != 0) result.factor = mark.equity.mulDiv(WAD, owed);
        _assignResult(result.base, base, mark.equity, owed);
        _assignResult(result.quote, quote, mark.equity, owed);

        Worth memory worth = worthOf(mark, valueOf(base) + valueOf(quote), state.terms);
        _settleDesk(result.base, base, worth, state);
        _settleDesk(result.quote, quote, worth, state);
        result.equity = valueOf(base) + valueOf(quote);
        result.base.depositsOpen = state.isRunning && _takesDeposits(result.base, result.quote);
        result.quote.depositsOpen = state.isRunning && _takesDeposits(result.quote, result.base);
    }

    /// A claim in quote.
    function valueOf(Desk memory desk) internal pure returns (uint256) {
        return desk.claim.mulDiv(desk.price, WAD);
    }

    /// What equity of `mid` counts for who enters and who leaves: more and less by the cost of unwinding, which is to
    /// cross the spread of every position and to hedge the delta. Who leaves pays the potential too, which the book owes
    /// to nobody before it is unwound.
    function worthOf(
        IBook.Mark memory mark,
        uint256 mid,
        ILiquidityVault.Terms memory terms
    ) internal pure returns (Worth memory) {
        uint256 moved =
            mark.grossAmount * terms.unwindNotionalBps + SignedMath.abs(mark.delta) * terms.hedgeBps;
        uint256 cost =
            mark.grossVega.mulDiv(terms.unwindVolBps * PER_BPS, WAD, Math.Rounding.Ceil) +
                mark.spot.mulDiv(moved * PER_BPS, WAD * WAD, Math.Rounding.Ceil);
        return Worth(mid + cost, mid, mid.saturatingSub(cost + mark.potential));
    }

    /// @dev g, and the rent in the own asset.
    function _assignResult(
        ILiquidityVault.TrancheResult memory result,
        Desk memory desk,
        uint256 equity,
        uint256 owed
    ) private pure {
        result.claimBefore = desk.claim;
        result.rent = desk.rent.mulDiv(WAD, desk.price);
        if (owed != 0) desk.claim = desk.claim.mulDiv(equity, owed);
        desk.claim += result.rent;
    }

    function _settleDesk(
        ILiquidityVault.TrancheResult memory result,
        Desk memory desk,
        Worth memory worth,
        State memory state
    ) private pure {
        _takeFees(result, desk, state);
        uint256 all = desk.shares * desk.scale;
        uint256 entry = worth.mid == 0 ? 0 : desk.claim.mulDiv(worth.entry, worth.mid, Math.Rounding.Ceil);
        uint256 exit = worth.mid == 0 ? 0 : desk.claim.mulDiv(worth.exit, worth.mid);
        result.navEntry = entry.mulDiv(WAD, all, Math.Rounding.Ceil);
        result.navMid = desk.claim.mulDiv(WAD, all);
        result.navExit = exit.mulDiv(WAD, all);
        result.high = Math.min(Math.max(desk.high, result.navMid), type(uint128).max);
        if (state.isRunning && entry != 0) _enter(result, desk, entry);
        _leave(result, desk, exit);
        // What is left of the claim never falls below zero: paid is at most the claim of the shares that leave, and what came in.
        desk.claim = desk.claim + result.depositAssets * desk.scale - result.paidAssets * desk.scale;
        result.claimAfter = desk.claim;
        result.idle = desk.claim.saturatingSub(desk.used);
    }

    /// @dev All deposits enter, unless they are worth less than one share, or there would be more shares to claim than
    /// 104 bits hold.
    function _enter(
        ILiquidityVault.TrancheResult memory result,
        Desk memory desk,
        uint256 entry
    ) private pure {
        uint256 minted = (desk.depositAssets * desk.scale).mulDiv(desk.shares, entry);
        if (minted == 0 || desk.claimableShares + minted > type(uint104).max) return;
        (result.depositAssets, result.mintedShares) = (desk.depositAssets, minted);
    }

    /// @dev Withdrawals leave, all by the same part of what they ask for. Without assets no share leaves (V2).
    function _leave(
        ILiquidityVault.TrancheResult memory result,
        Desk memory desk,
        uint256 exit
    ) private pure {
        uint256 idle = desk.claim.saturatingSub(desk.used);
        uint256 most = Math.min(desk.free, idle) / desk.scale + result.depositAssets;
        uint256 leaving = desk.redeemShares;
        uint256 wanted = leaving.mulDiv(exit, desk.shares) / desk.scale;
        if (wanted > most) {
            leaving = leaving.mulDiv(most, wanted);
            wanted = leaving.mulDiv(exit, desk.shares) / desk.scale;
        }
        if (wanted != 0) (result.redeemShares, result.paidAssets) = (leaving, wanted);
    }

    /// @dev Both fees as shares: management for the time since the last mark, performance on the rise of NAV over its high.
    function _takeFees(
        ILiquidityVault.TrancheResult memory result,
        Desk memory desk,
        State memory state
    ) private pure {
        uint256 elapsed = Math.min(state.elapsed, YEAR);
        uint256 share = (state.terms.managementBps * PER_BPS * elapsed) / YEAR;
        uint256 minted = desk.shares.mulDiv(share, WAD - share);
        uint256 all = desk.shares + minted;
        uint256 gained = desk.claim.saturatingSub(
            desk.high.mulDiv(all * desk.scale, WAD, Math.Rounding.Ceil)
        );
        uint256 taken = (gained * state.terms.performanceBps) / 10_000;
        if (taken != 0) minted += all.mulDiv(taken, desk.claim - taken);
        desk.shares += minted;
        result.feeShares = minted;
        result.fees = desk.claim.mulDiv(minted, desk.shares);
    }

    /// @dev Closed while more than two thirds of the tranche lie idle and less than a fifth of the other: more of it would share
    /// what it cannot earn.
    function _takesDeposits(
        ILiquidityVault.TrancheResult memory own,
        ILiquidityVault.TrancheResult memory other
    ) private pure returns (bool) {
        if (own.navEntry == 0) return false;
        return own.idle * 3 <= own.claimAfter * 2 || other.idle * 5 >= other.claimAfter;
    }
}

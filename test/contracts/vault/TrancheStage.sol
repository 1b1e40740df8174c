// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Shares } from "../../../contracts/book/Shares.sol";
import { IBook } from "../../../contracts/interfaces/IBook.sol";
import { ITranche } from "../../../contracts/interfaces/ITranche.sol";
import { BookClaims } from "../../../contracts/types/BookClaims.sol";
import { baseField, packFields, quoteField } from "../../../contracts/types/BookFields.sol";

interface IMintable {
    function mint(address to, uint256 assets) external;
}

/// Stands for the vault and for the book's claims around one tranche, and plays many steps of many controllers, who made it their operator,
/// in one transaction. What is asked of a step is a part of what can be asked, so that steps rarely come to nothing.
contract TrancheStage {
    using SafeERC20 for IERC20;

    enum Kind {
        RequestDeposit,
        RequestRedeem,
        CancelDeposit,
        CancelRedeem,
        Deposit,
        Mint,
        Withdraw,
        Redeem,
        ClaimCancelledDeposit,
        ClaimCancelledRedeem,
        Fill,
        LeaveAtFloor,
        Donate
    }

    /// @param part Of what can be asked for, of 2^32; of a fill, of the deposits.
    /// @param other Of a fill: the part of the withdrawals.
    /// @param price Of a fill: shares per asset and assets per share, of 2^32.
    struct Step {
        Kind kind;
        address who;
        uint256 part;
        uint256 other;
        uint256 price;
    }

    struct Standing {
        uint256 pendingDeposit;
        uint256 claimableDeposit;
        uint256 maxMint;
        uint256 pendingRedeem;
        uint256 claimableRedeem;
        uint256 maxWithdraw;
        uint256 cancelledDeposit;
        uint256 cancelledRedeem;
    }

    uint256 private constant WHOLE = 1 << 32;

    BookClaims public claims;
    address public vault = address(this);
    uint256 public pending;
    uint256 public told;
    ITranche public tranche;
    uint256 public epoch;

    /// One step: what went in and what came out of it; of a fill first the deposits', then the withdrawals'.
    event Done(
        Kind kind,
        address who,
        uint256 amountIn,
        uint256 amountOut,
        uint256 otherIn,
        uint256 otherOut,
        uint256 total,
        uint256 otherTotal
    );

    // ------------------------------------------------------------------------------------------------------------ as the book

    function assign(uint256 claimBase, uint256 claimQuote) external {
        claims = BookClaims.wrap(packFields(0, 0, baseField(claimBase), quoteField(claimQuote)));
    }

    function modules() external view returns (IBook.Modules memory modules_) {
        modules_.vault = vault;
    }

    function setPending(IBook.Side side, uint256 shares, uint256 supply) external {
        uint256 claim = side == IBook.Side.Base ? claims.claimBase() : claims.claimQuote();
        pending = Shares.worthUp(shares, claim, supply);
        ++told;
    }

    // ----------------------------------------------------------------------------------------------------------- as the vault

    function setVault(address vault_) external {
        vault = vault_;
    }

    function setTranche(ITranche tranche_) external {
        tranche = tranche_;
    }

    /// Ends an epoch; sends what the tranche needs first.
    function close(ITranche.Fill memory filled) public {
        if (filled.paidAssets > filled.depositAssets) {
            uint256 needed = filled.paidAssets - filled.depositAssets;
            IMintable(tranche.asset()).mint(address(this), needed);
            IERC20(tranche.asset()).safeTransfer(address(tranche), needed);
        }
        tranche.fill(++epoch, filled);
    }

    /// The same without sending anything.
    function closeUnpaid(ITranche.Fill memory filled) external {
        tranche.fill(++epoch, filled);
    }

    function mintFee(address receiver, uint256 shares) external {
        tranche.mintFee(receiver, shares);
    }

    function burnForFloor(address owner, uint256 shares) external {
        tranche.burnForFloor(owner, shares);
    }

    // -------------------------------------------------------------------------------------------------------------- as a crowd

    /// `count` controllers request `amount` each, out of this contract's own.
    function crowd(uint256 first, uint256 count, uint256 amount, bool isDeposit) external {
        IERC20(tranche.asset()).forceApprove(address(tranche), type(uint256).max);
        for (uint256 i = first; i < first + count; ++i) {
            address controller = address(uint160(0x10000 + i));
            if (isDeposit) tranche.requestDeposit(amount, controller, address(this));
            else tranche.requestRedeem(amount, controller, address(this));
        }
    }

    function play(Step[] calldata steps) external {
        for (uint256 i = 0; i < steps.length; ++i) _play(steps[i]);
    }

    function standings(address[] calldata whose) external view returns (Standing[] memory all) {
        all = new Standing[](whose.length);
        for (uint256 i = 0; i < whose.length; ++i) {
            address who = whose[i];
            all[i] = Standing(
                tranche.pendingDepositRequest(0, who),
                tranche.claimableDepositRequest(0, who),
                tranche.maxMint(who),
                tranche.pendingRedeemRequest(0, who),
                tranche.claimableRedeemRequest(0, who),
                tranche.maxWithdraw(who),
                tranche.claimableCancelDepositRequest(0, who),
                tranche.claimableCancelRedeemRequest(0, who)
            );
        }
    }

    function _play(Step calldata step) private {
        if (step.kind == Kind.Fill) return _fill(step);
        (uint256 amountIn, uint256 amountOut) = _act(step.kind, step.who, step.part);
        emit Done(step.kind, step.who, amountIn, amountOut, 0, 0, 0, 0);
    }

    function _fill(Step calldata step) private {
        ITranche.Queue memory queue = tranche.queue();
        ITranche.Fill memory filled;
        filled.depositAssets = (queue.depositAssets * step.part) / WHOLE;
        filled.redeemShares = (queue.redeemShares * step.other) / WHOLE;
        filled.mintedShares = (filled.depositAssets * step.price) / WHOLE;
        filled.paidAssets = (filled.redeemShares * WHOLE) / step.price;
        filled.nextCutOffAt = type(uint40).max;
        filled.depositsOpen = true;
        close(filled);
        emit Done(
            step.kind,
            address(0),
            filled.depositAssets,
            filled.mintedShares,
            filled.redeemShares,
            filled.paidAssets,
            queue.depositAssets,
            queue.redeemShares
        );
    }

    function _act(
        Kind kind,
        address who,
        uint256 part
    ) private returns (uint256 amountIn, uint256 amountOut) {
        if (kind == Kind.RequestDeposit) {
            amountIn = part;
            tranche.requestDeposit(amountIn, who, who);
        } else if (kind == Kind.RequestRedeem) {
            amountIn = _part(tranche.balanceOf(who), part);
            if (amountIn != 0) tranche.requestRedeem(amountIn, who, who);
        } else if (kind == Kind.CancelDeposit) {
            amountIn = tranche.pendingDepositRequest(0, who);
            if (amountIn != 0) tranche.cancelDepositRequest(0, who);
        } else if (kind == Kind.CancelRedeem) {
            amountIn = tranche.pendingRedeemRequest(0, who);
            if (amountIn != 0) tranche.cancelRedeemRequest(0, who);
        } else if (kind == Kind.LeaveAtFloor) {
            amountIn = tranche.pendingRedeemRequest(0, who);
            amountOut = _part(tranche.balanceOf(who), part) / 8;
            tranche.burnForFloor(who, amountIn + amountOut);
        } else if (kind == Kind.Donate) {
            IMintable(tranche.asset()).mint(address(tranche), part);
            amountIn = part;
        } else {
            return _claim(kind, who, part);
        }
    }

    function _claim(
        Kind kind,
        address who,
        uint256 part
    ) private returns (uint256 amountIn, uint256 amountOut) {
        if (kind == Kind.Deposit) {
            amountIn = _part(tranche.maxDeposit(who), part);
            try tranche.deposit(amountIn, who, who) returns (uint256 shares) {
                amountOut = shares;
            } catch {
                amountIn = 0;
            }
        } else if (kind == Kind.Mint) {
            amountOut = _part(tranche.maxMint(who), part);
            if (amountOut != 0) amountIn = tranche.mint(amountOut, who, who);
        } else if (kind == Kind.Redeem) {
            amountIn = _part(tranche.maxRedeem(who), part);
            try tranche.redeem(amountIn, who, who) returns (uint256 assets) {
                amountOut = assets;
            } catch {
                amountIn = 0;
            }
        } else if (kind == Kind.Withdraw) {
            amountOut = _part(tranche.maxWithdraw(who), part);
            if (amountOut != 0) amountIn = tranche.withdraw(amountOut, who, who);
        } else if (kind == Kind.ClaimCancelledDeposit) {
            amountIn = tranche.claimableCancelDepositRequest(0, who);
            if (amountIn != 0) tranche.claimCancelDepositRequest(0, who, who);
        } else {
            amountIn = tranche.claimableCancelRedeemRequest(0, who);
            if (amountIn != 0) tranche.claimCancelRedeemRequest(0, who, who);
        }
    }

    function _part(uint256 amount, uint256 part) private pure returns (uint256) {
        return (amount * part) / WHOLE;
    }
}

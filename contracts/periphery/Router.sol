// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { IPermit2 } from "../interfaces/IPermit2.sol";
import { IRouter } from "../interfaces/IRouter.sol";
import {
    IUniswapV3Factory,
    IUniswapV3PoolSwap,
    IUniswapV3SwapCallback,
    SQRT_PRICE_HIGH,
    SQRT_PRICE_LOW
} from "../interfaces/IUniswapV3Swap.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { wadScale } from "../types/Decimals.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { LargestAmount } from "./LargestAmount.sol";

/// WHAT        One call for what takes several: search, permit, trade, swap. The outside, with units and trust, is {IRouter}.
/// RHYTHM      Search, take from the caller, trade, pay the receiver, give the rest back.
/// ASSUMPTIONS Who is trusted for what, and for nothing else.
///             Pool, the caller's choice: its quotes, by which amount and limit of vol are found, and in {trade} the proceeds, which it
///             pays by itself. Not what is bought and sold, which is counted, and no more quote than the cost, or the limit, that it is
///             allowed.
///             Uniswap's factory: that its pools ask for no more than a swap sells. Not their price: the caller's minima bound that.
///             Permit2: that it moves what the caller signed, and no more. Clearinghouse and VolSurface, named for good: series, bases,
///             tokens and reports.
///             Tokens, receivers, and who sends anything here: nothing. What is here belongs to the next call.
/// INVARIANTS  Between calls: balances and allowances of this contract are 0, for the quote asset and every base that it touched. Quote
///             and tokens come from msg.sender only. The swap's callback pays a pool of the factory, and only the one being called.
contract Router is IRouter, IUniswapV3SwapCallback, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    uint256 private constant SIGNATURE_LENGTH = 65;

    /// A market's base.
    /// @param scale To WAD.
    /// @param before What was here before the call brought any.
    struct Base {
        IERC20 token;
        uint256 scale;
        uint256 before;
    }

    IClearinghouse public immutable CLEARINGHOUSE;
    IVolSurface public immutable VOL_SURFACE;
    IUniswapV3Factory public immutable UNISWAP;
    IPermit2 public immutable PERMIT2;

    IERC20 private immutable QUOTE;
    uint256 private immutable QUOTE_SCALE;

    /// The Uniswap pool whose callback is awaited, and the token that it may be paid in.
    address private transient _swapPool;
    address private transient _swapToken;

    error Router_DeadlinePassed(uint256 deadline, uint256 nowAt);
    error Router_ReceiverInvalid(address receiver);
    error Router_AmountsInvalid(uint256 least, uint256 most);
    /// Legs of one series have to be one leg.
    error Router_SeriesRepeated(SeriesId series);
    error Router_Refused(uint256 amount, IOptionPool.Refusal refusal);
    error Router_BudgetTooSmall(int256 cost, uint256 budget);
    error Router_VolBeyondLimit(uint256 vol, uint256 limit);
    error Router_NotDelivered(uint256 got, uint256 bought);
    error Router_ProceedsTooSmall(uint256 proceeds, uint256 minimum);
    error Router_SwapPriceTooLow(uint256 price, uint256 minimum);
    error Router_NoSwapPool(address base, uint24 fee);
    error Router_NotSwapPool(address caller, address awaited);
    error Router_SignatureLength(uint256 length, uint256 needed);

    /// @param uniswap Zero where there is none: base is then paid as it is.
    /// @param permit2 Zero where there is none.
    constructor(
        IClearinghouse clearinghouse,
        IVolSurface volSurface,
        IUniswapV3Factory uniswap,
        IPermit2 permit2
    ) {
        (CLEARINGHOUSE, VOL_SURFACE, UNISWAP, PERMIT2) = (clearinghouse, volSurface, uniswap, permit2);
        (address quote, uint8 decimals) = clearinghouse.quoteAsset();
        (QUOTE, QUOTE_SCALE) = (IERC20(quote), wadScale(decimals));
    }

    modifier until(uint256 deadline) {
        if (block.timestamp > deadline) revert Router_DeadlinePassed(deadline, block.timestamp);
        _;
    }

    /// @dev Tokens left here can be taken by the next caller, so the Router is never a valid receiver.
    modifier to(address receiver) {
        if (receiver == address(this)) revert Router_ReceiverInvalid(receiver);
        _;
    }

    // ---------------------------------------------------------------------------------------------------------------- trading

    /// @inheritdoc IRouter
    function buy(
        Order calldata order,
        Payment calldata payment
    ) external nonReentrant until(order.deadline) to(order.receiver) returns (uint256 amount, uint256 cost) {
        _post(order.report);
        LargestAmount.Probe memory found = _find(order, false, payment.most);
        amount = found.amount;
        // Bought options cost at least their intrinsic value: not below 0.
        uint256 taken = found.cost > 0 ? uint256(found.cost) : 0;
        _take(taken, payment);
        IClearinghouse.Leg[] memory legs = _legOf(order.series, int256(amount));
        (int256 paid, ) = _trade(order.pool, legs, found.cost, taken, order.deadline, order.receiver);
        cost = paid > 0 ? uint256(paid) : 0;
        _giveBack();
        emit Routed(msg.sender, address(order.pool), order.series, int256(amount), cost);
    }

    /// @inheritdoc IRouter
    function sell(
        Order calldata order,
        Payout calldata payout
    )
        external
        nonReentrant
        until(order.deadline)
        to(order.receiver)
        returns (uint256 amount, uint256 quoteAssets)
    {
        _post(order.report);
        amount = _find(order, true, 0).amount;
        IClearinghouse.Leg[] memory legs = _legOf(order.series, -int256(amount));
        _takeOptions(order.pool, legs);
        Base memory base = _baseOf(order.series.market());
        // By way of this contract, so that what comes is counted here and not believed.
        _trade(order.pool, legs, 0, 0, order.deadline, address(this));
        quoteAssets = _payOut(base, order.receiver, payout);
        emit Routed(msg.sender, address(order.pool), order.series, -int256(amount), quoteAssets);
    }

    /// @inheritdoc IRouter
    function trade(
        IOptionPool pool,
        IClearinghouse.Leg[] calldata legs,
        int256 limit,
        uint256 deadline,
        address receiver,
        bytes calldata report,
        Payment calldata payment
    ) external nonReentrant until(deadline) to(receiver) returns (int256 cost, uint256 baseProceeds) {
        _requireDistinct(legs);
        _post(report);
        _takeOptions(pool, legs);
        uint256 allowed = limit > 0 ? Math.min(payment.most, uint256(limit)) : 0;
        _take(allowed, payment);
        (cost, baseProceeds) = _trade(pool, legs, limit, allowed, deadline, receiver);
        _giveBack();
    }

    /// @inheritdoc IRouter
    function redeem(
        SeriesId series,
        uint256 amount,
        address receiver,
        uint256 deadline,
        Payout calldata payout
    ) external nonReentrant until(deadline) to(receiver) returns (uint256 quoteAssets) {
        Base memory base = _baseOf(series.market());
        CLEARINGHOUSE.redeem(series, amount, address(this), msg.sender);
        quoteAssets = _payOut(base, receiver, payout);
    }

    // ---------------------------------------------------------------------------------------------------------------- parts

    /// @dev `report` is encoded as the arguments of {IVolSurface.postIfNewer}, so it goes on as it is.
    function _post(bytes calldata report) private {
        if (report.length == 0) return;
        Address.functionCall(address(VOL_SURFACE), bytes.concat(IVolSurface.postIfNewer.selector, report));
    }

    /// @dev The largest amount within the limits, or why there is none.
    function _find(
        Order calldata order,
        bool isSale,
        uint256 budget
    ) private view returns (LargestAmount.Probe memory found) {
        if (order.least == 0 || order.least > order.most || order.most > uint256(type(int256).max)) {
            revert Router_AmountsInvalid(order.least, order.most);
        }
        if (budget > type(uint96).max) budget = type(uint96).max;
        LargestAmount.Limits memory limits = LargestAmount.Limits({
            pool: order.pool,
            series: order.series,
            isSale: isSale,
            mostCost: budget,
            volLimit: order.volLimit,
            quoteScale: QUOTE_SCALE,
            baseScale: wadScale(CLEARINGHOUSE.marketOf(order.series.market()).baseDecimals)
        });
        found = LargestAmount.find(limits, order.least, order.most);
        if (LargestAmount.isWithin(found)) return found;
        if (found.refusal != IOptionPool.Refusal.None) revert Router_Refused(found.amount, found.refusal);
        if (!isSale && found.cost > int256(budget)) revert Router_BudgetTooSmall(found.cost, budget);
        revert Router_VolBeyondLimit(found.vol, order.volLimit);
    }

    function _legOf(SeriesId series, int256 amount) private pure returns (IClearinghouse.Leg[] memory legs) {
        legs = new IClearinghouse.Leg[](1);
        legs[0] = IClearinghouse.Leg(series, amount);
    }

    /// @dev Takes `assets` of quote of the caller. A permit that somebody else handed in first is used up and yet does its work, so only
    /// the transfer decides.
    function _take(uint256 assets, Payment calldata payment) private {
        if (assets == 0) return;
        if (payment.by == By.Permit2) {
            PERMIT2.permitTransferFrom(
                IPermit2.PermitTransferFrom(
                    IPermit2.TokenPermissions(address(QUOTE), payment.most),
                    payment.nonce,
                    payment.deadline
                ),
                IPermit2.SignatureTransferDetails(address(this), assets),
                msg.sender,
                payment.signature
            );
            return;
        }
        if (payment.by == By.Permit) _permit(payment);
        QUOTE.safeTransferFrom(msg.sender, address(this), assets);
    }

    function _permit(Payment calldata payment) private {
        bytes calldata signature = payment.signature;
        if (signature.length != SIGNATURE_LENGTH) {
            revert Router_SignatureLength(signature.length, SIGNATURE_LENGTH);
        }
        try
            IERC20Permit(address(QUOTE)).permit(
                msg.sender,
                address(this),
                payment.most,
                payment.deadline,
                uint8(signature[64]),
                bytes32(signature[:32]),
                bytes32(signature[32:64])
            )
        {} catch {}
    }

    /// @dev What comes is counted leg by leg, so two legs of one series would both be satisfied by the same tokens.
    function _requireDistinct(IClearinghouse.Leg[] calldata legs) private pure {
        for (uint256 i = 1; i < legs.length; ++i) {
            SeriesId series = legs[i].series;
            for (uint256 j = 0; j < i; ++j) {
                if (legs[j].series == series) revert Router_SeriesRepeated(series);
            }
        }
    }

    /// @dev Takes the options of the legs sold and allows the pool each; what it leaves of them is an error of the pool.
    function _takeOptions(IOptionPool pool, IClearinghouse.Leg[] memory legs) private {
        for (uint256 i = 0; i < legs.length; ++i) {
            int256 amount = legs[i].amount;
            if (amount >= 0) continue;
            uint256 id = SeriesId.unwrap(legs[i].series);
            CLEARINGHOUSE.transferFrom(msg.sender, address(this), id, uint256(-amount));
            CLEARINGHOUSE.approve(address(pool), id, uint256(-amount));
        }
    }

    /// @dev Trades with at most `allowed` of quote, and counts what was bought and sold.
    function _trade(
        IOptionPool pool,
        IClearinghouse.Leg[] memory legs,
        int256 limit,
        uint256 allowed,
        uint256 deadline,
        address receiver
    ) private returns (int256 cost, uint256 baseProceeds) {
        uint256[] memory before = _balances(legs, receiver);
        if (allowed != 0) QUOTE.forceApprove(address(pool), allowed);
        (cost, baseProceeds) = pool.trade(legs, limit, deadline, receiver, "");
        if (allowed != 0) QUOTE.forceApprove(address(pool), 0);
        uint256[] memory afterwards = _balances(legs, receiver);
        for (uint256 i = 0; i < legs.length; ++i) {
            int256 amount = legs[i].amount;
            // Sold: what was here is gone.
            uint256 moved = amount < 0 ? before[i] - afterwards[i] : afterwards[i] - before[i];
            uint256 size = uint256(amount < 0 ? -amount : amount);
            if (moved < size) revert Router_NotDelivered(moved, size);
            if (amount < 0) CLEARINGHOUSE.approve(address(pool), SeriesId.unwrap(legs[i].series), 0);
        }
    }

    /// @dev Of legs bought what the receiver has, of legs sold what is here.
    function _balances(
        IClearinghouse.Leg[] memory legs,
        address receiver
    ) private view returns (uint256[] memory balances) {
        balances = new uint256[](legs.length);
        for (uint256 i = 0; i < legs.length; ++i) {
            address holder = legs[i].amount < 0 ? address(this) : receiver;
            balances[i] = CLEARINGHOUSE.balanceOf(holder, SeriesId.unwrap(legs[i].series));
        }
    }

    function _baseOf(uint32 market) private view returns (Base memory base) {
        IClearinghouse.Market memory terms = CLEARINGHOUSE.marketOf(market);
        base = Base(IERC20(terms.base), wadScale(terms.baseDecimals), 0);
        base.before = base.token.balanceOf(address(this));
    }

    /// @dev Pays all that is here of base and of quote to `receiver`. Where the payout says so, what has come of base since it was first looked
    /// at is turned into quote: what anybody had left here before would make the swap's price that of a larger one.
    function _payOut(
        Base memory base,
        address receiver,
        Payout calldata payout
    ) private returns (uint256 quoteAssets) {
        uint256 baseAssets = base.token.balanceOf(address(this));
        if (baseAssets > base.before && payout.fee != 0) {
            (uint256 sold, uint256 bought) = _swap(base.token, baseAssets - base.before, payout.fee);
            // A unit of each is the swap's to round away.
            if (sold != 0) sold = (sold - 1) * base.scale;
            _requirePrice(sold, (bought + 1) * QUOTE_SCALE, payout.minimumPrice);
            // A pool without enough liquidity takes less than all.
            baseAssets = base.token.balanceOf(address(this));
        }
        quoteAssets = QUOTE.balanceOf(address(this));
        if (quoteAssets < payout.minimum) revert Router_ProceedsTooSmall(quoteAssets, payout.minimum);
        if (baseAssets != 0) base.token.safeTransfer(receiver, baseAssets);
        if (quoteAssets != 0) QUOTE.safeTransfer(receiver, quoteAssets);
    }

    function _giveBack() private {
        uint256 left = QUOTE.balanceOf(address(this));
        if (left != 0) QUOTE.safeTransfer(msg.sender, left);
    }

    // ------------------------------------------------------------------------------------------------------------------- swap

    /// @dev Both sums WAD.
    function _requirePrice(uint256 sold, uint256 bought, uint256 minimum) private pure {
        if (bought >= Math.mulDiv(sold, minimum, 1e18)) return;
        revert Router_SwapPriceTooLow(Math.mulDiv(bought, 1e18, sold), minimum);
    }

    /// @dev Sells base for quote at whatever price: the caller's minima judge what comes.
    function _swap(IERC20 base, uint256 assets, uint24 fee) private returns (uint256 sold, uint256 bought) {
        address pool;
        if (address(UNISWAP) != address(0)) pool = UNISWAP.getPool(address(base), address(QUOTE), fee);
        if (pool == address(0)) revert Router_NoSwapPool(address(base), fee);
        bool isBaseFirst = address(base) < address(QUOTE);
        (_swapPool, _swapToken) = (pool, address(base));
        (int256 amount0, int256 amount1) = IUniswapV3PoolSwap(pool).swap(
            address(this),
            isBaseFirst,
            int256(assets),
            isBaseFirst ? SQRT_PRICE_LOW : SQRT_PRICE_HIGH,
            ""
        );
        (_swapPool, _swapToken) = (address(0), address(0));
        (sold, bought) = isBaseFirst
            ? (uint256(amount0), uint256(-amount1))
            : (uint256(amount1), uint256(-amount0));
        emit Swapped(msg.sender, pool, sold, bought);
    }

    /// @inheritdoc IUniswapV3SwapCallback
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        address awaited = _swapPool;
        // Zero outside of a swap, and nobody calls from there.
        if (msg.sender != awaited) revert Router_NotSwapPool(msg.sender, awaited);
        // One of the two goes in: the base.
        uint256 owed = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);
        IERC20(_swapToken).safeTransfer(awaited, owed);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { IDeltaHedger } from "../interfaces/IDeltaHedger.sol";
import { IHedgeFiller } from "../interfaces/IHedgeFiller.sol";
import { IUniswapFiller } from "../interfaces/IUniswapFiller.sol";
import {
    IUniswapV3Factory,
    IUniswapV3PoolSwap,
    IUniswapV3SwapCallback,
    SQRT_PRICE_HIGH,
    SQRT_PRICE_LOW
} from "../interfaces/IUniswapV3Swap.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";

/// WHAT        Hedge fills from Uniswap v3; the outside, with units and trust, is {IUniswapFiller}.
/// RHYTHM      Post, fill: the hedger sends and calls back, the pool is asked for exactly what is owed, sent to the hedger, and calls back to be
///             paid. What is left goes on.
/// INVARIANTS  Between calls: balances and allowances of this contract are 0 for base and quote.
contract UniswapFiller is IUniswapFiller, IHedgeFiller, IUniswapV3SwapCallback, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    IDeltaHedger public immutable HEDGER;
    IVolSurface public immutable VOL_SURFACE;
    IUniswapV3PoolSwap public immutable POOL;
    address public immutable BASE;
    address public immutable QUOTE;

    /// What the pool was paid in the callback of this fill.
    uint256 private transient _paid;

    error Filler_NoPool(address base, uint24 fee);
    error Filler_NotHedger(address caller, address hedger);
    error Filler_NotPool(address caller, address pool);
    error Filler_ProfitTooSmall(uint256 profit, uint256 minimum);

    /// @param fee Of the pool, in 1e-6.
    constructor(
        IDeltaHedger hedger,
        IClearinghouse clearinghouse,
        IVolSurface volSurface,
        IUniswapV3Factory uniswap,
        uint24 fee
    ) {
        (HEDGER, VOL_SURFACE) = (hedger, volSurface);
        BASE = clearinghouse.marketOf(IBook(hedger.book()).market()).base;
        (QUOTE, ) = clearinghouse.quoteAsset();
        POOL = IUniswapV3PoolSwap(uniswap.getPool(BASE, QUOTE, fee));
        if (address(POOL) == address(0)) revert Filler_NoPool(BASE, fee);
    }

    /// @inheritdoc IUniswapFiller
    function fill(Order calldata order) external nonReentrant returns (uint256 profit) {
        if (order.report.length != 0) {
            Address.functionCall(
                address(VOL_SURFACE),
                bytes.concat(IVolSurface.postIfNewer.selector, order.report)
            );
        }
        // The least profit is the limit on the price.
        (address asset, uint256 limit) = order.amount > 0 ? (QUOTE, 0) : (BASE, type(uint256).max);
        (int256 base, int256 quote) = HEDGER.fill(order.amount, limit, address(this), "");
        profit = uint256(-(order.amount > 0 ? quote : base)) - _paid;
        if (profit < order.minimumProfit) revert Filler_ProfitTooSmall(profit, order.minimumProfit);
        if (profit != 0) IERC20(asset).safeTransfer(order.receiver, profit);
    }

    /// @inheritdoc IHedgeFiller
    function onHedgeFill(address sent, uint256, address owed, uint256 owedAssets, bytes calldata) external {
        if (msg.sender != address(HEDGER)) revert Filler_NotHedger(msg.sender, address(HEDGER));
        bool zeroForOne = sent < owed;
        (int256 amount0, int256 amount1) = POOL.swap(
            msg.sender,
            zeroForOne,
            -int256(owedAssets),
            zeroForOne ? SQRT_PRICE_LOW : SQRT_PRICE_HIGH,
            ""
        );
        _paid = uint256(zeroForOne ? amount0 : amount1);
    }

    /// @inheritdoc IUniswapV3SwapCallback
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        if (msg.sender != address(POOL)) revert Filler_NotPool(msg.sender, address(POOL));
        // One of the two goes in: what the vault sent. More than that is not here to be paid.
        bool isZero = amount0Delta > 0;
        address paidIn = isZero == (BASE < QUOTE) ? BASE : QUOTE;
        IERC20(paidIn).safeTransfer(msg.sender, uint256(isZero ? amount0Delta : amount1Delta));
    }
}

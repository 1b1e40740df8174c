// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// The ends of Uniswap's price range, one step inside: the limit of a swap whose price the caller bounds by what comes.
uint160 constant SQRT_PRICE_LOW = 4295128740;
uint160 constant SQRT_PRICE_HIGH = 1461446703485210103287273052203988822378723970341;

/// What is called of Uniswap v3's factory.
interface IUniswapV3Factory {
    /// The pool of two tokens at a fee (in 1e-6), in either order; zero where there is none.
    function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address pool);
}

/// What is called of a Uniswap v3 pool to swap.
interface IUniswapV3PoolSwap {
    /// Swaps up to `amountSpecified` (positive: of what goes in) until the price reaches the limit; asks for what goes in by
    /// {IUniswapV3SwapCallback-uniswapV3SwapCallback}. Amounts are the pool's: positive goes in, negative comes out.
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}

/// What a swapper answers the pool.
interface IUniswapV3SwapCallback {
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;
}

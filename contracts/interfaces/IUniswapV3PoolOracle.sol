// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What is read of a Uniswap v3 pool.
interface IUniswapV3PoolOracle {
    function token0() external view returns (address);

    function token1() external view returns (address);

    /// Cumulative tick and seconds per liquidity at `secondsAgos` before now; reverts where the pool's memory is shorter.
    function observe(
        uint32[] calldata secondsAgos
    )
        external
        view
        returns (int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidityCumulativeX128s);
}

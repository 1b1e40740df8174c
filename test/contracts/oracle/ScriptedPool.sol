// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IUniswapV3PoolOracle } from "../../../contracts/interfaces/IUniswapV3PoolOracle.sol";

/// WHAT  A pool whose mean tick a test writes, for thousands of situations; the genuine pool is in genuine.test.ts.
contract ScriptedPool is IUniswapV3PoolOracle {
    address public token0;
    address public token1;
    int56 public tick;
    bool public silent;

    error ScriptedPool_Silent();

    constructor(address token0_, address token1_) {
        (token0, token1) = (token0_, token1_);
    }

    function setTick(int56 tick_) external {
        tick = tick_;
    }

    function setSilent(bool silent_) external {
        silent = silent_;
    }

    function observe(
        uint32[] calldata secondsAgos
    ) external view returns (int56[] memory tickCumulatives, uint160[] memory liquidity) {
        if (silent) revert ScriptedPool_Silent();
        tickCumulatives = new int56[](2);
        liquidity = new uint160[](2);
        tickCumulatives[1] = tick * int56(uint56(secondsAgos[0]));
    }
}

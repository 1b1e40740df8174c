// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ISpotOracle } from "../../../contracts/interfaces/ISpotOracle.sol";

interface ISwapPool {
    function token0() external view returns (address);
    function token1() external view returns (address);
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amount,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}

/// WHAT  Within one transaction: swaps a genuine pool far away with tokens that it pays only afterwards, pokes and reads the oracle in
///       the middle of the swap and once more after it, and swaps back.
contract FlashTrader {
    uint160 private constant SQRT_PRICE_MIN = 4295128739;
    uint160 private constant SQRT_PRICE_MAX = 1461446703485210103287273052203988822378723970342;

    ISpotOracle private immutable ORACLE;
    uint32 private immutable MARKET;

    ISpotOracle.Reading private _middle;
    ISpotOracle.Reading private _after;

    constructor(ISpotOracle oracle, uint32 market) {
        (ORACLE, MARKET) = (oracle, market);
    }

    function attack(ISwapPool pool, bool zeroForOne, int256 amount) external {
        (int256 amount0, int256 amount1) = pool.swap(
            address(this),
            zeroForOne,
            amount,
            zeroForOne ? SQRT_PRICE_MIN + 1 : SQRT_PRICE_MAX - 1,
            "look"
        );
        ORACLE.poke(MARKET);
        _after = ORACLE.read(MARKET);
        int256 got = zeroForOne ? -amount1 : -amount0;
        pool.swap(address(this), !zeroForOne, got, zeroForOne ? SQRT_PRICE_MAX - 1 : SQRT_PRICE_MIN + 1, "");
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        if (data.length != 0) {
            ORACLE.poke(MARKET);
            _middle = ORACLE.read(MARKET);
        }
        ISwapPool pool = ISwapPool(msg.sender);
        if (amount0 > 0) require(IERC20(pool.token0()).transfer(msg.sender, uint256(amount0)));
        if (amount1 > 0) require(IERC20(pool.token1()).transfer(msg.sender, uint256(amount1)));
    }

    function readings() external view returns (ISpotOracle.Reading memory, ISpotOracle.Reading memory) {
        return (_middle, _after);
    }
}

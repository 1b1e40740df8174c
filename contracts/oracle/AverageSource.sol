// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IUniswapV3PoolOracle } from "../interfaces/IUniswapV3PoolOracle.sol";
import { PRICE_MAX } from "../types/PackedAnswer.sol";
import { TickPrice } from "./TickPrice.sol";

/// WHAT   The time-weighted geometric mean price of a Uniswap v3 pool over the last `window` seconds.
/// S9     A swap moves the pool's price for the seconds after its block only: within one transaction the cumulative tick that
///        {observe} extrapolates still runs on the tick before the transaction's block, so it cannot move the mean. Over
///        several blocks it takes a push of p against arbitrage for t seconds to move the mean by p t / window.
/// COST   40,000 to 60,000 gas, so it is poked into the cache and never read in a trade.
library AverageSource {
    /// The price, WAD of quote per base; 0 where the pool's memory is shorter than the window, or the price lies beyond what
    /// {TickPrice} tells or a word of the oracle holds.
    function observe(ISpotOracle.Average memory average) internal view returns (uint256 price) {
        uint32[] memory secondsAgos = new uint32[](2);
        secondsAgos[0] = average.window;
        try IUniswapV3PoolOracle(average.pool).observe(secondsAgos) returns (
            int56[] memory tickCumulatives,
            uint160[] memory
        ) {
            int256 tick = meanTick(tickCumulatives[0], tickCumulatives[1], average.window);
            // Token 1 per token 0, in their smallest parts, is 1.0001^tick; the other way round it is 1.0001^-tick.
            if (!average.baseIsToken0) tick = -tick;
            if (tick > TickPrice.TICK_MAX || tick < -TickPrice.TICK_MAX) return 0;
            // priceX128 < 2^193 and the scale <= 10^36 < 2^120, so the quotient is < 2^185.
            uint256 scale = 10 ** (uint256(18) + average.baseDecimals - average.quoteDecimals);
            price = Math.mulDiv(TickPrice.priceX128(tick), scale, 1 << 128);
            if (price > PRICE_MAX) return 0;
        } catch {
            return 0;
        }
    }

    /// The mean tick, rounded to minus infinity as Uniswap's own library does.
    function meanTick(int56 before, int56 now_, uint256 window) internal pure returns (int256 tick) {
        // Cumulative ticks may wrap by design: their difference in 56 bits is right as long as it fits.
        int56 moved;
        unchecked {
            moved = now_ - before;
        }
        int256 length = int256(window);
        tick = moved / length;
        if (moved < 0 && moved % length != 0) --tick;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AverageSource } from "../../../contracts/oracle/AverageSource.sol";
import { TickPrice } from "../../../contracts/oracle/TickPrice.sol";

/// The maths of the average, to be called.
contract TickPriceHarness {
    function priceX128(int256 tick) external pure returns (uint256) {
        return TickPrice.priceX128(tick);
    }

    function meanTick(int56 before, int56 now_, uint256 window) external pure returns (int256) {
        return AverageSource.meanTick(before, now_, window);
    }
}

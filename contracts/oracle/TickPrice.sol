// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// WHAT   1.0001^tick in Q128: what a Uniswap v3 tick means, in the smallest parts of its tokens.
///
///            1.0001^-n = product over the set bits i of n of 1.0001^-(2^i), each the square of the one before
///
///        and 1.0001^n = 1 / 1.0001^-n. Squaring rather than a table: nine lines, no constants to trust but one.
/// DOMAIN |tick| <= TICK_MAX, prices from 2^-64 to 2^64.
/// ERROR  Relative, below 2^-58. The powers in use are at least 1.0001^-(2^18) > 2^-38: each doubles the relative error of the one
///        before and adds a floor of at most 2^-128 / 2^-38, so none exceeds 2^-88. The product takes at most 19 of them and
///        19 floors, each at most 2^-128 of a value of at least 2^-64: below 19 (2^-88 + 2^-64). The reciprocal of a value
///        of at most 2^128 is at least 2^128, so its floor adds 2^-128.
library TickPrice {
    /// 1.0001^443636 = 2^63.999...
    int256 internal constant TICK_MAX = 443_636;

    /// round(2^128 / 1.0001)
    uint256 private constant INVERSE_STEP_X128 = 340248342086729790484326174814286782778;

    /// 1.0001^tick, rounded down or up by less than ERROR.
    function priceX128(int256 tick) internal pure returns (uint256 price) {
        // Unchecked: every factor is <= 2^128 and only the first may equal it, with a factor below 2^128, so products are < 2^256.
        unchecked {
            uint256 power = INVERSE_STEP_X128;
            price = 1 << 128;
            for (uint256 bits = uint256(tick < 0 ? -tick : tick); bits != 0; bits >>= 1) {
                if (bits & 1 == 1) price = (price * power) >> 128;
                power = (power * power) >> 128;
            }
            if (tick > 0) price = type(uint256).max / price;
        }
    }
}

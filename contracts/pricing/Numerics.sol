// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Assembly needs the constants by their plain names.
// solhint-disable-next-line no-global-import
import "./Coefficients.sol";

/// The five functions that option pricing needs, in binary fixed point: `X96` has 96 fractional bits, and so on; a plain name is X96.
///
/// On the EVM a division costs as little as a product and needs no shift afterwards, so each function is a continued fraction
///
///     f(z) = a0 + c1 / (z + a1 + c2 / (z + a2 + ...)):
///
/// a stage of about 20 gas buys two coefficients of a rational function. `Coefficients` holds the magnitudes |a| as X96 and |c| as
/// X192 (so that c / (X96) is X96 again), the code the signs. They are minimax fits, made by `scripts/coefficients`.
///
/// WHY NOTHING TRAPS. All code is assembly without a branch: outside its domain a function returns nonsense, never reverts; callers
/// check domains. Inside it no product leaves 256 bits and no stage comes near zero (x / 0 is 0 here, silently): the least value of
/// every stage stands beside it, and test/scripts/coefficients.test.ts walks all stages over their domains.
library Numerics {
    /// ln(high / low) / 2 as X192, for 1 <= high / low <= 16, 0 < low, high < 2^128; error below 1e-17.
    ///
    /// Centred on high / low = 4: ln(high / low) / 2 = ln 2 + atanh y, y = (high - 4 low) / (high + 4 low) in [-3/5, 3/5], and
    /// atanh(y) / y is a function of y^2 <= 0.36. At high = low the result is zero up to the error, of either sign.
    ///
    /// Ranges: |high - 4 low| < 2^130, so the dividend is below 2^226; |y| < 2^96; f in [1, 1.16] X96, so |y f| < 2^193.
    function halfLogRatio(uint256 low, uint256 high) internal pure returns (int256 halfLogX192) {
        assembly ("memory-safe") {
            let fourLow := shl(2, low)
            let y := sdiv(shl(96, sub(high, fourLow)), add(high, fourLow))
            let square := shr(96, mul(y, y))
            let f := sub(ATANH_A5, square) // >= 0.77
            f := sub(sub(ATANH_A4, square), div(ATANH_C5, f)) // >= 1.07
            f := sub(sub(ATANH_A3, square), div(ATANH_C4, f)) // >= 1.70
            f := sub(sub(ATANH_A2, square), div(ATANH_C3, f)) // >= 3.78
            f := sub(sub(ATANH_A1, square), div(ATANH_C2, f)) // >= 4.41
            f := add(ATANH_A0, div(ATANH_C1, f))
            halfLogX192 := add(LN2, mul(y, f))
        }
    }

    /// sqrt(x), for x = 0 and x >= 2^16 never below the floor, and above it by less than 1e-24 of itself and one unit; below that
    /// some number less than 2^9.
    ///
    /// The seed sqrt(2) 2^(127 - n), n half the number of leading zeros, is within a factor sqrt(2) of the root. Newton's step r ->
    /// (r + x / r) / 2 takes a relative error e to e^2 / (2 + 2e): 0.061, 1.8e-3, 1.5e-6, 1.2e-12, 6.6e-25 after five steps, which
    /// are taken in pairs: with s = r + x / r two steps are s / 4 + x / s. Sums stay below 2^131.
    function sqrt(uint256 x) internal pure returns (uint256 root) {
        assembly ("memory-safe") {
            let r := shr(shr(1, clz(x)), SQRT2_X127)
            let s := add(r, div(x, r))
            r := add(shr(2, s), div(x, s))
            s := add(r, div(x, r))
            r := add(shr(2, s), div(x, s))
            root := shr(1, add(r, div(x, r)))
        }
    }

    /// 2 sqrt(x) and 2 sqrt(y), each to 1e-24 of itself from 2^16 on: roots as in `sqrt`, the last step of each left undivided.
    function twiceSqrts(uint256 x, uint256 y) internal pure returns (uint256 twiceX, uint256 twiceY) {
        assembly ("memory-safe") {
            let r := shr(shr(1, clz(x)), SQRT2_X127)
            let s := add(r, div(x, r))
            r := add(shr(2, s), div(x, s))
            s := add(r, div(x, r))
            r := add(shr(2, s), div(x, s))
            twiceX := add(r, div(x, r))

            r := shr(shr(1, clz(y)), SQRT2_X127)
            s := add(r, div(y, r))
            r := add(shr(2, s), div(y, s))
            s := add(r, div(y, r))
            r := add(shr(2, s), div(y, s))
            twiceY := add(r, div(y, r))
        }
    }

    /// The normal density exp(-z^2 / 2) / sqrt(2 pi) as X64, for |z| < 2^127; error below 6e-20 plus 2e-18 of itself.
    ///
    /// exp(-z^2 / 2) = 2^-y with y = z^2 / (2 ln 2) = n + 1/2 + r, n whole, r in [-1/2, 1/2); 2^-r = (g - r) / (g + r) where
    /// g(r^2) = r coth(r ln(2) / 2). The 2^-1/2 is part of DENSITY = 1 / sqrt(4 pi).
    ///
    /// Ranges: z^2 < 2^254; r^2 <= 1/4; g in [2.88, 2.92], so both terms of the quotient lie in [2.3, 3.5].
    function density(int256 z) internal pure returns (uint256 phiX64) {
        assembly ("memory-safe") {
            let y := div(mul(z, z), LN4)
            let r := sub(and(y, 0xffffffffffffffffffffffff), 0x800000000000000000000000)
            let square := shr(96, mul(r, r))
            let g := add(square, EXP2_A2) // >= 95.3
            g := sub(add(square, EXP2_A1), div(EXP2_C2, g)) // >= 687
            g := sub(EXP2_A0, div(EXP2_C1, g))
            phiX64 := shr(shr(96, y), div(mul(DENSITY, sub(g, r)), add(g, r)))
        }
    }

    /// Mills' ratio M(z) = Phi(-z) / phi(z) as X64, at u and at v, both in [0, 2^108); error below 4e-19 up to z = 5, and
    /// 3e-19 exp((z - 5)^2 / 2) up to 9. Times phi(z - 6), as prices see it (`BlackScholes.quote`), that stays below 4e-18.
    ///
    /// Both arguments side by side, because one call is cheaper than two. The fit falls from 1.2534 at 0 and stays positive at least
    /// up to 2^12, beyond any argument that prices have: its outermost stage grows with z, and c1 / (z + ...) exceeds |a0| = 5.8e-9.
    function mills(uint256 u, uint256 v) internal pure returns (uint256 millsU, uint256 millsV) {
        assembly ("memory-safe") {
            let d := add(u, MILLS_A9) // >= 0.59
            d := add(add(u, MILLS_A8), div(MILLS_C9, d)) // >= 13.2
            d := add(add(u, MILLS_A7), div(MILLS_C8, d)) // >= 66.9
            d := sub(add(u, div(MILLS_C7, d)), MILLS_A6) // >= 0.51
            d := sub(add(u, MILLS_A5), div(MILLS_C6, d)) // >= 3.85
            d := add(add(u, MILLS_A4), div(MILLS_C5, d)) // >= 15.9
            d := sub(add(u, MILLS_A3), div(MILLS_C4, d)) // >= 2.10
            d := sub(add(u, div(MILLS_C3, d)), MILLS_A2) // >= 1.25
            d := add(add(u, MILLS_A1), div(MILLS_C2, d)) // >= 0.79
            millsU := sub(div(MILLS_C1, d), MILLS_A0)

            d := add(v, MILLS_A9)
            d := add(add(v, MILLS_A8), div(MILLS_C9, d))
            d := add(add(v, MILLS_A7), div(MILLS_C8, d))
            d := sub(add(v, div(MILLS_C7, d)), MILLS_A6)
            d := sub(add(v, MILLS_A5), div(MILLS_C6, d))
            d := add(add(v, MILLS_A4), div(MILLS_C5, d))
            d := sub(add(v, MILLS_A3), div(MILLS_C4, d))
            d := sub(add(v, div(MILLS_C3, d)), MILLS_A2)
            d := add(add(v, MILLS_A1), div(MILLS_C2, d))
            millsV := sub(div(MILLS_C1, d), MILLS_A0)
        }
    }

    /// amount exp(-x), rounded down, for |x| <= 1 and amount < 2^128; relative error below 3e-20.
    ///
    /// exp(-x) = (g - x) / (g + x) where g(x^2) = x coth(x / 2) is in [2, 2.17].
    function discount(uint256 amount, int256 x) internal pure returns (uint256 discounted) {
        assembly ("memory-safe") {
            let square := shr(96, mul(x, x))
            let g := add(square, EXP_A3) // >= 62.9
            g := sub(add(square, EXP_A2), div(EXP_C3, g)) // >= 124
            g := sub(add(square, EXP_A1), div(EXP_C2, g)) // >= 1105
            g := sub(EXP_A0, div(EXP_C1, g))
            discounted := div(mul(amount, sub(g, x)), add(g, x))
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Slice } from "../types/Slice.sol";
import { IntegerSqrt } from "./IntegerSqrt.sol";

/// Whether a slice, or a pair, is free of arbitrage at one point k = ln(K/F), exactly enough to convict it.
///
/// BUTTERFLY  g(k) = (1 - k w'/(2w))^2 - (w'^2/4) (1/w + 1/4) + w''/2 >= 0 (Gatheral and Jacquier 2014,
///     section 2.2); the density of ln(S/F) is g times a positive factor.
/// CALENDAR   w(k) does not fall with expiry.
///
/// NUMBERS  Lengths in U / 2^112, U the slice's own unit, variances in U^2 / 2^112: see Slice.sol. For slices
///     that {SliceShape} passed and |k| <= 2^12 U, which holds every strike that can be priced (|ln(K/F)| <=
///     ln 16 < 2^12 2^-10): lengths under 2^126, b < 2^7 U, |slope| < 2^8 U, w in [2^-16, 2^20] U^2.
///
/// ERROR  A root is short by less than 2^-112 U and h >= sigma >= 2^-28 U, so x/h and sigma/h are off by at
///     most 2^-84, slope by 2^-76 U, w by 2^-103 U^2, that is 2^-87 of w. The terms of g that are subtracted
///     stay under 2^31 and so are off by less than 2^-40; so is the square wherever g is near 0, for there it
///     is as small. MARGIN is a thousand times that: a g that is computed below -MARGIN is negative, and a g
///     below -2 MARGIN is found.
library NoArbitrage {
    using IntegerSqrt for uint256;

    /// 1e-9, in 2^-160. The calendar's margin is the same, relative to w.
    int256 internal constant MARGIN = int256((uint256(1) << 160) / 1e9);

    /// `k` is beyond 2^12 U of the slice.
    error NoArbitrage_OutOfRange(int256 k);

    /// The smile at one point: `k` and `slope` in U / 2^112, `variance` in U^2 / 2^112, `curvature` w''/2 in
    /// 2^-160.
    struct Point {
        int256 k;
        int256 variance;
        int256 slope;
        int256 curvature;
    }

    /// Whether g(k) < 0 beyond the margin; `k` in WAD.
    function isButterfly(Slice slice, int256 k) internal pure returns (bool) {
        Point memory point = evaluate(slice, k);
        unchecked {
            // |k slope| < 2^246, over 2 w; below 2^37 in 2^-112, cut to 2^-80 so that the square fits.
            int256 factor = ((1 << 112) - (point.k * point.slope) / (2 * point.variance)) >> 32;
            // slope^2 < 2^240. The first in 2^-112, the second in U^2 / 2^224: U^2 = 2^(2 exponent - 32).
            int256 square = point.slope * point.slope;
            int256 overVariance = (square / (4 * point.variance)) << 48;
            int256 sixteenth = square >> (100 - 2 * slice.exponent());
            return factor * factor - overVariance - sixteenth + point.curvature < -MARGIN;
        }
    }

    /// Whether {isButterfly} convicts the slice a quarter, a half, one, two or four standard deviations from the forward, either side.
    /// What hides between these is worth some hundredths of a price; what lies beyond the last is not sought (docs/decisions/0003).
    function hasButterfly(Slice slice) internal pure returns (bool) {
        unchecked {
            // w(0) < 2^68 in 2^-62, so WAD^2 times it below 2^188. A quarter of a deviation in WAD: below 2^62, and 16 of them below 8 U.
            uint256 variance = slice.atmVariance() << (2 * slice.exponent());
            int256 k = int256(((variance * 1e36) >> 66).sqrtDown());
            for (uint256 i = 0; i < 5; ++i) {
                if (isButterfly(slice, k) || isButterfly(slice, -k)) return true;
                k *= 2;
            }
            return false;
        }
    }

    /// Whether the longer slice lies below the shorter at `k` (WAD), by more than the margin.
    function isCalendar(Slice shorter, Slice longer, int256 k) internal pure returns (bool) {
        int256 low = evaluate(longer, k).variance;
        int256 high = evaluate(shorter, k).variance;
        // In 2^-144 of 1: variance below 2^132, exponent at most 18, so below 2^168; the margin needs 30 bits
        // more.
        unchecked {
            low <<= 2 * longer.exponent();
            high <<= 2 * shorter.exponent();
            return (high - low) * 1e9 > high;
        }
    }

    /// The smile at `k` (WAD). Reverts beyond 2^12 U.
    function evaluate(Slice slice, int256 k) internal pure returns (Point memory point) {
        uint256 exponent = slice.exponent();
        // 2^12 U = 2^(exponent - 4).
        int256 end = (int256(1e18) << exponent) >> 4;
        if (k > end || k < -end) revert NoArbitrage_OutOfRange(k);
        unchecked {
            int256 b = int256(slice.b());
            int256 sigma = int256(slice.sigma()) << 84;
            int256 m = slice.m() << 84;
            // k in U / 2^112 = k 2^(128 - exponent) / 1e18, below 2^124.
            point.k = (k << (128 - exponent)) / 1e18;
            int256 x = point.k - m;
            int256 h = int256(uint256(x * x + sigma * sigma).sqrtDown());
            int256 h0 = int256(uint256(m * m + sigma * sigma).sqrtDown());

            int256 rise = ((slice.rho() * point.k) >> 31) + h - h0;
            point.variance = int256(slice.atmVariance() << 82) + ((b * rise) >> 29);
            point.slope = (b * ((slice.rho() << 81) + (x << 112) / h)) >> 29;
            // w''/2 = b sigma^2 / (2 h^3): the ratio is at most 1 in 2^-112, its square too; b square <
            // 2^148, then in 2^-105.
            int256 ratio = (sigma << 112) / h;
            point.curvature = (((b * ((ratio * ratio) >> 112)) << 76) / h) << 54;
        }
    }
}

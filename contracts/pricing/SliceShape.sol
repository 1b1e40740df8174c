// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Slice } from "../types/Slice.sol";
import { SliceRefusal } from "../types/SliceRefusal.sol";
import { IntegerSqrt } from "./IntegerSqrt.sol";

/// What neighbouring expiries are compared by, in the same units for every slice.
struct SliceProfile {
    /// w(0) in 2^-62.
    uint256 level;
    /// b (1 - rho) in 2^-76.
    uint256 leftWing;
    /// b (1 + rho) in 2^-76.
    uint256 rightWing;
    /// w'(0) / (2 w(0)) = d ln(vol) / dk at the money, in 2^-8: ageing does not change it.
    int256 skew;
}

/// The checks of a slice that need no more than its word, and of two neighbours that need no k: integer
/// comparisons in the slice's own units (see Slice.sol), exact but for the minimum, which may be taken for
/// 2e-8 of w(0) lower than it is. What must hold at every k is left to {NoArbitrage} and its challengers.
///
/// Whatever the word says: w(0) < 2^32, exponent < 2^5, b < 2^36, |rho| <= 2^31, sigma < 2^34, |m| <= 2^33.
/// By these alone every term below stays under 2^210, so no unchecked step overflows and every slack has the
/// sign of its condition. The only divisions are by h >= 1 and, once the slice is known to be normal, by
/// w(0).
library SliceShape {
    using IntegerSqrt for uint256;

    /// w(0) in 2^-62: sqrt(w(0)) from 1e-3 to 6, the domain of {BlackScholes}; so 6 <= exponent <= 18.
    uint256 private constant LEVEL_MIN = uint256(1 << 62) / 1e6 + 1;
    uint256 private constant LEVEL_MAX = 36 << 62;
    /// w(0) of the normal form is at least U^2.
    uint256 private constant NORMAL_MIN = 1 << 30;
    int256 private constant RHO_MAX = (1 << 31) - 1;
    /// The greatest wing slope below 2, in 2^-76.
    uint256 private constant WING_LIMIT = (1 << 77) - 1;

    /// Whether a slice may enter a report of `reportAt`, also by `profile`, that of the next shorter expiry
    /// (all zero for none); if so `profile` becomes that of the slice, else it is left alone and {refusal}
    /// tells why.
    ///
    /// Each condition is a slack that is negative where it fails, so the `or` of them all is negative where
    /// any fails: one branch a slice instead of a dozen.
    function pass(SliceProfile memory profile, Slice slice, uint256 reportAt) internal pure returns (bool) {
        unchecked {
            uint256 w0 = slice.atmVariance();
            uint256 exponent = slice.exponent();
            int256 rho = slice.rho();
            int256 slack = -int256(_stamp(slice) ^ reportAt) | (rho + RHO_MAX);
            slack |= int256(w0 - NORMAL_MIN);

            // 1 -+ rho in 2^-31, not negative; b = B U / 2^29 = (B << exponent) / 2^45.
            int256 b = int256(slice.b());
            uint256 level = w0 << (2 * exponent);
            slack |= int256((level - LEVEL_MIN) | (LEVEL_MAX - level));
            uint256 leftWing = uint256(b * ((1 << 31) - rho)) << exponent;
            uint256 rightWing = uint256(b * ((1 << 31) + rho)) << exponent;
            slack |= int256((WING_LIMIT - leftWing) | (WING_LIMIT - rightWing));
            slack |= int256(
                (level - profile.level) | (leftWing - profile.leftWing) | (rightWing - profile.rightWing)
            );

            // sigma / 2^28 <= 16 sqrt(w0 / 2^30)
            int256 m = slice.m();
            int256 sigma = int256(slice.sigma());
            int256 square = sigma * sigma;
            slack |= (sigma - 1) | (int256(w0 << 34) - square);
            int256 h = int256(uint256((m * m + square) << 62).sqrtAbove());
            slack |= _minimumSlack(w0, rho, b, square, h - rho * m);
            if (slack < 0) return false;

            profile.level = level;
            profile.leftWing = leftWing;
            profile.rightWing = rightWing;
            // w'(0) = b (rho - m/h) in U / 2^60; h > 0, and w0 > 0 by now.
            int256 skew;
            assembly ("memory-safe") {
                skew := sdiv(mul(b, sub(rho, sdiv(shl(62, m), h))), shl(add(exponent, 7), w0))
            }
            profile.skew = skew;
            return true;
        }
    }

    /// Why {pass} says no: the first of the conditions, one by one, that fails.
    function refusal(
        SliceProfile memory profile,
        Slice slice,
        uint256 reportAt
    ) internal pure returns (SliceRefusal) {
        uint256 w0 = slice.atmVariance();
        uint256 exponent = slice.exponent();
        if (_stamp(slice) != reportAt) return SliceRefusal.Stamp;
        if (w0 < NORMAL_MIN) return SliceRefusal.NotNormal;
        uint256 level = w0 << (2 * exponent);
        if (level < LEVEL_MIN || level > LEVEL_MAX) return SliceRefusal.Level;

        int256 rho = slice.rho();
        int256 square = int256(slice.sigma() * slice.sigma());
        if (rho < -RHO_MAX) return SliceRefusal.Correlation;
        if (square == 0 || square > int256(w0 << 34)) return SliceRefusal.Curvature;

        uint256 leftWing = (slice.b() * uint256((1 << 31) - rho)) << exponent;
        uint256 rightWing = (slice.b() * uint256((1 << 31) + rho)) << exponent;
        if (leftWing > WING_LIMIT || rightWing > WING_LIMIT) return SliceRefusal.WingSlope;

        int256 m = slice.m();
        int256 h = int256(uint256((m * m + square) << 62).sqrtAbove());
        if (_minimumSlack(w0, rho, int256(slice.b()), square, h - rho * m) < 0) return SliceRefusal.Minimum;

        if (level < profile.level) return SliceRefusal.CalendarLevel;
        if (leftWing < profile.leftWing || rightWing < profile.rightWing) return SliceRefusal.CalendarWing;
        return SliceRefusal.None;
    }

    /// Time and flags of the word, 32 and 19 bits.
    function _stamp(Slice slice) private pure returns (uint256) {
        return (Slice.unwrap(slice) >> 32) & 0x7ffffffffffff;
    }

    /// Negative unless min w > w(0) / 2^16.
    ///
    /// w(0) - min w = b (h - rho m - sigma sqrt(1 - rho^2)) with h = sqrt(m^2 + sigma^2), lengths in U /
    /// 2^59. b times a length counts in U^2 / 2^88, as does w0 << 58, and the floor is w(0) / 2^16 below it.
    /// Where b (h - rho m) exceeds that by some rest, b sigma sqrt(1 - rho^2) must exceed the rest; squared,
    /// so without a second root. h is never below the root, and above it by less than 2e-12 of itself, that
    /// is 2e-8 of w(0).
    /// @param square sigma^2
    /// @param rise h - rho m
    function _minimumSlack(
        uint256 w0,
        int256 rho,
        int256 b,
        int256 square,
        int256 rise
    ) private pure returns (int256) {
        unchecked {
            int256 rest = b * rise - int256((w0 << 58) - (w0 << 42));
            // The mask makes it 0 where the rest is negative.
            return (b * b * square * ((1 << 62) - rho * rho) - rest * rest - 1) & ~(rest >> 255);
        }
    }
}

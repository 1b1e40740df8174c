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

/// The checks of a slice that need no more than its word, and of two neighbours that need no k: integer comparisons in the
/// slice's own units (see Slice.sol), exact but for the minimum. What must hold at every k is left to {NoArbitrage} and its challengers.
///
/// Whatever the word says: w(0) < 2^32, exponent < 2^5, b < 2^36, |rho| <= 2^31, sigma < 2^34, |m| <= 2^33. By these alone every
/// term below stays under 2^200, so no unchecked step overflows and every slack has the sign of its condition. The only divisions are
/// by h >= 1 and, once the slice is known to be normal, by w(0).
library SliceShape {
    using IntegerSqrt for uint256;

    /// Exponents of U = 2^(exponent - 16): sqrt(w(0)) from 2^-10 to 8.
    uint256 private constant EXPONENT_MIN = 6;
    uint256 private constant EXPONENT_MAX = 18;
    /// w(0) of the normal form is at least U^2.
    uint256 private constant NORMAL_MIN = 1 << 30;
    int256 private constant RHO_MAX = (1 << 31) - 1;
    /// The greatest wing slope below 2, in 2^-76.
    uint256 private constant WING_LIMIT = (1 << 77) - 1;

    /// Checks one slice of a report of `reportAt`, also against `profile`, that of the next shorter expiry (all zero for none), and
    /// makes `profile` that of the slice; after a refusal it is left alone.
    ///
    /// Each condition is a slack that is negative where it fails, so the `or` of them all is negative where any fails: one branch
    /// a slice instead of a dozen.
    function pass(
        SliceProfile memory profile,
        Slice slice,
        uint256 reportAt
    ) internal pure returns (SliceRefusal) {
        unchecked {
            uint256 w0 = slice.atmVariance();
            uint256 exponent = slice.exponent();
            uint256 b = slice.b();
            int256 rho = slice.rho();
            int256 sigma = int256(slice.sigma());
            int256 m = slice.m();

            // Times are 32 bits at 32, flags 19 bits at 64.
            int256 stamp = -int256(((Slice.unwrap(slice) >> 32) & 0x7ffffffffffff) ^ reportAt);
            int256 range = int256(exponent - EXPONENT_MIN) | int256(EXPONENT_MAX - exponent);
            // sigma / 2^28 <= 16 sqrt(w0 / 2^30)
            int256 curvature = (sigma - 1) | (int256(w0 << 34) - sigma * sigma);

            uint256 level = w0 << (2 * exponent);
            // 1 -+ rho in 2^-31, not negative; b = B U / 2^29 = (B << exponent) / 2^45.
            uint256 leftWing = (b * uint256((1 << 31) - rho)) << exponent;
            uint256 rightWing = (b * uint256((1 << 31) + rho)) << exponent;
            int256 wing = int256((WING_LIMIT - leftWing) | (WING_LIMIT - rightWing));

            // w(0) - min w = b (h - rho m - sigma sqrt(1 - rho^2)) with h = sqrt(m^2 + sigma^2), lengths in U / 2^59. h is rounded up,
            // the last root down, so the minimum is never taken for higher than it is. b times a length counts in U^2 / 2^88,
            // and w0 << 58 too; the last term is w(0) / 2^16.
            int256 h = int256(uint256((m * m + sigma * sigma) << 62).sqrtDown()) + 1;
            int256 root = int256(uint256(sigma * sigma * ((1 << 62) - rho * rho)).sqrtDown());
            int256 minimum = int256((w0 << 58) - (w0 << 42)) - int256(b) * (h - rho * m - root) - 1;

            int256 calendarLevel = int256(level - profile.level);
            int256 calendarWing = int256((leftWing - profile.leftWing) | (rightWing - profile.rightWing));

            int256 slack = stamp | int256(w0 - NORMAL_MIN) | range | (rho + RHO_MAX);
            slack |= curvature | wing | minimum | calendarLevel | calendarWing;
            if (slack >= 0) {
                profile.level = level;
                profile.leftWing = leftWing;
                profile.rightWing = rightWing;
                // w'(0) = b (rho - m/h), in U / 2^60.
                profile.skew = (int256(b) * (rho - (m << 62) / h)) / int256(w0 << (exponent + 7));
                return SliceRefusal.None;
            }

            if (stamp < 0) return SliceRefusal.Stamp;
            if (w0 < NORMAL_MIN) return SliceRefusal.NotNormal;
            if (range < 0) return SliceRefusal.Level;
            if (rho + RHO_MAX < 0) return SliceRefusal.Correlation;
            if (curvature < 0) return SliceRefusal.Curvature;
            if (wing < 0) return SliceRefusal.WingSlope;
            if (minimum < 0) return SliceRefusal.Minimum;
            return calendarLevel < 0 ? SliceRefusal.CalendarLevel : SliceRefusal.CalendarWing;
        }
    }
}

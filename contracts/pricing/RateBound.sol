// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Slice } from "../types/Slice.sol";
import { YEAR } from "../types/Times.sol";
import { SliceProfile } from "./SliceShape.sol";

/// What of a slice is kept to bound how fast it may move, four to a storage word. Zero stands for none.
///
///     63      40 39      24 23       0
///    |  level   |   skew   |  carry   |
///    |    24    |  16 sgn  |  24 sgn  |
///
/// level: w(0)/tau, the annualised at-the-money variance, in 2^-18, [1, 2^24).
/// skew:  w'(0)/(2 w(0)), in 2^-8.
/// carry: ln(F/S)/tau, in 2^-15 a year.
///
/// All three are free of time: held volatility, shrinking total variance and a constant carry leave them as
/// they are. Beyond a field's range (vol 800 %, skew 128, carry 256) the value stays at its end.
type Anchor is uint256;

/// The bounds times the hours that they have run, in the units in which {RateBound-within} compares.
struct MotionLimit {
    int256 levelRatio;
    int256 skewSquared;
    int256 basis;
}

/// Measures slices and compares the measures.
library RateBound {
    int256 private constant BPS = 10_000;
    int256 private constant SKEW_MIN = -(1 << 15);
    int256 private constant CARRY_MIN = -(1 << 23);
    int256 private constant LEVEL_MAX = (1 << 24) - 1;

    /// The anchor of a slice that {SliceShape} passed with this profile; `tau` in seconds on the variance
    /// clock, above 0.
    function measure(Slice slice, SliceProfile memory profile, uint256 tau) internal pure returns (Anchor) {
        int256 level;
        int256 carry;
        int256 skew = profile.skew;
        uint256 variance = profile.level;
        int256 basis = slice.basis();
        // level < 2^68 in 2^-62 and YEAR < 2^25: under 2^93. |basis| <= 2^31 in 2^-31. tau > 0.
        assembly ("memory-safe") {
            level := div(mul(variance, YEAR), shl(44, tau))
            carry := sdiv(mul(basis, YEAR), shl(16, tau))
        }
        unchecked {
            // Non-zero where any field overflows, or the level is 0: one branch for what hardly ever happens.
            if (((level - 1) >> 23) | ((skew - SKEW_MIN) >> 16) | ((carry - CARRY_MIN) >> 24) != 0) {
                level = _clamp(level, 1, LEVEL_MAX);
                skew = _clamp(skew, SKEW_MIN, -SKEW_MIN - 1);
                carry = _clamp(carry, CARRY_MIN, -CARRY_MIN - 1);
            }
            return
                Anchor.wrap(
                    (uint256(level) << 40) | ((uint256(skew) & 0xffff) << 24) | (uint256(carry) & 0xffffff)
                );
        }
    }

    /// Whether a slice, by its measure `now_`, lies within the bounds of an earlier anchor, in both
    /// directions. Its w(0) (`level` in 2^-62) and its `tau` in seconds turn skew and carry into what moves a
    /// price. `bounds` is for the whole time that passed.
    function within(
        Anchor now_,
        Anchor earlier,
        uint256 level,
        uint256 tau,
        MotionLimit memory limit
    ) internal pure returns (bool) {
        // Fields are below 2^24, level below 2^68, tau below 2^32, limits below 2^60, 2^85 and 2^160: nothing
        // reaches 2^200. Each slack is negative where its bound is broken.
        unchecked {
            int256 newLevel = int256(Anchor.unwrap(now_) >> 40);
            int256 oldLevel = int256(Anchor.unwrap(earlier) >> 40);
            int256 slack =
                (oldLevel * limit.levelRatio - newLevel * BPS) |
                    (newLevel * limit.levelRatio - oldLevel * BPS);

            int256 basis = (_carry(now_) - _carry(earlier)) * int256(tau) * BPS;
            slack |= (limit.basis - basis) | (limit.basis + basis);

            int256 skew = (_skew(now_) - _skew(earlier)) * BPS;
            return slack | (limit.skewSquared - skew * skew * int256(level)) >= 0;
        }
    }

    /// The limits for `hoursPassed` hours, below 2^24, in the units of {within}.
    function limitAfter(
        uint256 levelBps,
        uint256 skewBps,
        uint256 basisBps,
        uint256 hoursPassed
    ) internal pure returns (MotionLimit memory) {
        // Bounds are below 2^16, so each product with the hours is below 2^40.
        unchecked {
            uint256 skew = skewBps * hoursPassed;
            return
                MotionLimit({
                    levelRatio: BPS + int256(levelBps * hoursPassed),
                    // |d skew| sqrt(w(0)) <= skew bound, squared: 2^-16 times 2^-62.
                    skewSquared: int256((skew * skew) << 78),
                    // |d carry| tau <= basis bound: 2^-15 a year times seconds.
                    basis: int256((basisBps * hoursPassed * YEAR) << 15)
                });
        }
    }

    function _skew(Anchor anchor) private pure returns (int256) {
        return int16(uint16(Anchor.unwrap(anchor) >> 24));
    }

    function _carry(Anchor anchor) private pure returns (int256) {
        return int256(Anchor.unwrap(anchor) << 232) >> 232;
    }

    function _clamp(int256 x, int256 low, int256 high) private pure returns (int256) {
        if (x < low) return low;
        return x > high ? high : x;
    }
}

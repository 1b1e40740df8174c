// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Numerics } from "./Numerics.sol";

/// European options by Black and Scholes: call, put, delta and vega of one strike from one evaluation.
///
///     call = S Phi(d1) - D Phi(d2)      D = K S/F      d1 = ln(S/D) / s + s/2
///     put  = D Phi(-d2) - S Phi(-d1)    s = sqrt(w)    d2 = ln(S/D) / s - s/2
///
/// This is Black-76 on the forward F, times S/F: a call is worth at most S, a put at most D, the discounted strike.
///
/// UNITS. Prices, total variance w, tau (years), vol and rates are WAD (18 decimals). delta = dCall/dS at fixed F/S = Phi(d1);
/// the put's is delta - 1. `vegaSd` = dV/ds = S phi(d1) is per unit of standard deviation; vega per 1.00 of vol is vegaSd sqrt(tau).
/// Inside, X96 and the like are binary fixed point.
///
/// DOMAIN. spot, strike < 2^128; D/S in [1/16, 16]; s in [1e-3, 6]; from the spot also tau in [1 minute, 100 years],
/// |rate| <= 100, |rate tau| <= 1. Everything else reverts with `BlackScholes_OutOfDomain`, and nothing inside does.
///
/// ERROR against exact arithmetic: call and put 2e-17 of spot plus two units; delta 2e-17 / s and vegaSd 2e-17 / s of spot, plus two
/// units. D is rounded down by one unit, which counts D's delta times. call - put = S - D holds to the unit.
library BlackScholes {
    /// `strike` is discounted to D; `halfSdX96` is s/2 in 2^-96.
    error BlackScholes_OutOfDomain(uint256 spot, uint256 strike, uint256 halfSdX96);

    /// s/2 in [1e-3, 6] / 2, X96: the lower bound rounded down, so that s = 1e-3 is inside.
    uint256 private constant HALF_SD_MIN = (uint256(1) << 96) / 2000;
    uint256 private constant HALF_SD_RANGE = (uint256(3) << 96) - HALF_SD_MIN;

    uint256 private constant TAU_MIN = 1.9e12;
    uint256 private constant TAU_RANGE = 100e18 - TAU_MIN;
    uint256 private constant RATE_MAX = 100e18;
    uint256 private constant GROWTH_MAX = 1e36;

    /// From spot, years to expiry, volatility per sqrt(year) and the continuous rate of carry, F = S exp(rate tau); `vega` is per
    /// 1.00 of vol.
    function quoteFromSpot(
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 vol,
        int256 rate
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vega) {
        // Unchecked: inside the domain |rate tau| <= 1e36, root < 2^67/2 2^94 < 2^128 and vol < 2^128. What wraps outside it is
        // never used: `outside` is computed from the inputs themselves, but for rate tau, which cannot wrap once |rate| and tau
        // are in range, and is refused for them if they are not.
        unchecked {
            int256 growth = rate * int256(tau);
            uint256 outside =
                _greater(tau - TAU_MIN, TAU_RANGE) |
                    _greater(uint256(rate) + RATE_MAX, 2 * RATE_MAX) |
                    _greater(uint256(growth) + GROWTH_MAX, 2 * GROWTH_MAX) |
                    ((strike | vol) >> 128);

            // s/2 = vol sqrt(tau) / 2: in X96, 2^96 / 2 / 1e18 / sqrt(1e18) / 2^94 = 2 / 1e27.
            uint256 root = Numerics.sqrt(tau << 188);
            uint256 halfSd = _divDown(vol * root, 5e26);
            strike = Numerics.discount(strike, _divSigned(growth << 96, 1e36));
            uint256 low;
            int256 halfLogX192;
            (low, halfLogX192, outside) = moneyness(spot, strike, outside);
            requireInside(spot, strike, halfSd, outside);

            uint256 vegaSd;
            (call, put, delta, vegaSd) = quote(spot, strike, low, halfLogX192, halfSd);
            vega = _divDown(vegaSd * root, 1e9 << 94);
        }
    }

    /// From spot, forward and total variance w.
    function quoteFromForward(
        uint256 spot,
        uint256 forward,
        uint256 strike,
        uint256 totalVariance
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) {
        // Unchecked: spot and strike are below 2^128 (`moneyness` sees to spot), totalVariance below 2^66, or `outside` is set. A
        // forward of zero gives D = 0, which is outside.
        unchecked {
            uint256 outside = (strike >> 128) | (totalVariance >> 66);
            strike = _divDown(strike * spot, forward);
            uint256 low;
            int256 halfLogX192;
            (low, halfLogX192, outside) = moneyness(spot, strike, outside);

            // s/2 = sqrt(w) / 2: in X96, 2^96 / 2 / sqrt(1e18) / 2^95 = 1 / 1e9.
            uint256 halfSd = _divDown(Numerics.sqrt(totalVariance << 190), 1e9);
            requireInside(spot, strike, halfSd, outside);
            return quote(spot, strike, low, halfLogX192, halfSd);
        }
    }

    /// The lower of spot and (discounted) strike, and |ln(strike / spot)| / 2 as X192, within 1e-17 (near the money that may be
    /// below zero). `stillOutside` is `outside`, and more than zero also if the ratio or the size is outside the domain; then the
    /// other results mean nothing.
    function moneyness(
        uint256 spot,
        uint256 strike,
        uint256 outside
    ) internal pure returns (uint256 low, int256 halfLogX192, uint256 stillOutside) {
        uint256 high;
        // high - 1 wraps only for spot = strike = 0, which is outside; with low = 0 < high the ratio is. shl(4, low) loses bits
        // only for low >= 2^252, and then high >= 2^128.
        assembly ("memory-safe") {
            let swap := mul(xor(spot, strike), lt(strike, spot))
            low := xor(spot, swap)
            high := xor(strike, swap)
            stillOutside := or(
                outside,
                or(gt(high, shl(4, low)), gt(sub(high, 1), 0xfffffffffffffffffffffffffffffffe))
            )
        }
        halfLogX192 = Numerics.halfLogRatio(low, high);
    }

    /// The one door: reverts if `outside` is set or s/2 is outside its range.
    function requireInside(uint256 spot, uint256 strike, uint256 halfSd, uint256 outside) internal pure {
        if (!isInside(halfSd, outside)) revert BlackScholes_OutOfDomain(spot, strike, halfSd);
    }

    /// The same door for those who must go on.
    function isInside(uint256 halfSd, uint256 outside) internal pure returns (bool) {
        // Unchecked: below the minimum the difference wraps and is greater than the range.
        unchecked {
            return outside | _greater(halfSd - HALF_SD_MIN, HALF_SD_RANGE) == 0;
        }
    }

    /// The kernel, for what `requireInside` let pass: `strike` is discounted, `low` and `halfLogX192` come from `moneyness`.
    ///
    /// With h = |ln(S/D)| / s, t = s/2, u = h - t and v = h + t, the option that is out of the money is worth
    ///
    ///     low (Phi(-u) - exp(|ln(S/D)|) Phi(-v)) = low (near - far),    near = phi(u) M(u),   far = phi(u) M(v),
    ///
    /// because high phi(v) = low phi(u): one exponential serves call, put, delta and vega. Mills' ratio M is wanted where it is
    /// accurate, so for u < 0, Phi(-u) = 1 - phi(u) M(-u). The other option follows from parity, to the unit.
    ///
    /// The error of M may grow with z as it does (`Numerics.mills`), because M(u) and M(v) count phi(u) times and v = u + s, s <= 6.
    function quote(
        uint256 spot,
        uint256 strike,
        uint256 low,
        int256 halfLogX192,
        uint256 halfSd
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) {
        // Unchecked. h <= ln 4 / (1e-3 / 2) < 2^12 in X96, so u and v are below 2^108; v >= t - 1e-13 > 0. phi <= 0.4 and M <= 1.26
        // (X64), so their products are at most 1/2 (X128), near <= 1, and low, strike < 2^128 times them fit.
        //
        // near > far: for u >= 0 since M falls from u to v = u + s by at least 1e-3 / 2778^2 = 1.2e-10, its rounding being 2^-64 (and
        // where phi is 0 both are); for u < 0 since near - far is the worth of an option with h < t over its lower bound: at least
        // 1 - 2 Phi(-t) >= 3.9e-4 at the money, and 0.08 s further out.
        unchecked {
            int256 h = _divSigned(halfLogX192, int256(halfSd));
            int256 u = h - int256(halfSd);
            // All ones for u < 0: ~u for -u and ~(phi M) for -(phi M) are one unit of the last place short.
            int256 sign = u >> 255;
            uint256 phi = Numerics.density(u);
            (uint256 near, uint256 far) = Numerics.mills(uint256(u ^ sign), uint256(h) + halfSd);
            near = ((near * phi) ^ uint256(sign)) + uint256(sign & (1 << 128));
            far *= phi;

            vegaSd = (low * phi) >> 64;
            uint256 outOfTheMoney = (low * (near - far)) >> 128;
            if (strike < spot) {
                put = outOfTheMoney;
                call = outOfTheMoney + (spot - strike);
                delta = 1e18 - ((_divDown(strike * far, spot) * 1e18) >> 128);
            } else {
                call = outOfTheMoney;
                put = outOfTheMoney + (strike - spot);
                delta = (near * 1e18) >> 128;
            }
        }
    }

    /// x / y; 0 for y = 0.
    function _divDown(uint256 x, uint256 y) private pure returns (uint256 quotient) {
        assembly ("memory-safe") {
            quotient := div(x, y)
        }
    }

    /// x / y towards zero, for y > 0.
    function _divSigned(int256 x, int256 y) private pure returns (int256 quotient) {
        assembly ("memory-safe") {
            quotient := sdiv(x, y)
        }
    }

    /// 1 if x > y, else 0: without a branch.
    function _greater(uint256 x, uint256 y) private pure returns (uint256 one) {
        assembly ("memory-safe") {
            one := gt(x, y)
        }
    }
}

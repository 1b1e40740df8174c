// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Slice } from "../types/Slice.sol";
import { BlackScholes } from "./BlackScholes.sol";
import { Numerics } from "./Numerics.sol";

/// Options priced from a packed slice: total variance w(k) of raw SVI, then Black-Scholes.
///
///     w(k) = w(0) + b (rho k + sqrt((k - m)^2 + sigma^2) - sqrt(m^2 + sigma^2)),    k = ln(K/F)
///
/// AGEING. Between reports volatility is held, so total variance shrinks in proportion to the time left, w -> c w with c in (0, 1];
/// so does the basis ln(F/S). That keeps a slice free of butterflies: with A = 1 - k w' / (2 w), the butterfly function (the sign of
/// the density) of c w is g_c = c g_1 + (1 - c) A^2 + (c - c^2) w'^2 / 16. And a shorter expiry shrinks faster than a longer one, which keeps
/// total variances in order.
///
/// DOMAIN and errors as in `BlackScholes`, with sqrt(c w(k)) for s; a slice with w(k) <= 0 at the strike is outside. Any word is
/// taken as a slice: nothing but the domain is checked here, the shape is the surface's business. Near a kink that a challenge would retire
/// the error of k counts through the slope as well (docs/PRICING.md).
library Svi {
    uint256 private constant ONE = 1 << 96;

    /// From spot and the time left, `tau`, against the time that was left at the report, `tauAtReport`, in any one unit below
    /// 2^96 (only the ratio counts): forward = spot exp(basis tau / tauAtReport).
    function quoteFromSurface(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 tauAtReport
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) {
        uint256 ageing;
        // tauAtReport = 0 gives an ageing factor of 0, which is outside, like one above 1.
        assembly ("memory-safe") {
            ageing := div(shl(96, tau), tauAtReport)
        }
        // Unchecked: |basis| <= 2^31, so inside |basis ageing| <= 2^127.
        unchecked {
            uint256 outside = (tau >> 96) | (strike >> 128);
            strike = Numerics.discount(strike, (slice.basis() * int256(ageing)) >> 31);
            return _quote(slice, spot, strike, ageing, outside);
        }
    }

    /// Black-76 on the forward (undiscounted, in units of the forward); `ageing` in (0, 1], X96.
    function quoteFromSlice(
        Slice slice,
        uint256 forward,
        uint256 strike,
        uint256 ageing
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) {
        return _quote(slice, forward, strike, ageing, 0);
    }

    /// What a book needs of an option beyond its price; amounts as in {BlackScholes}.
    /// @param isInside Whether the option is in the domain; all else is zero where it is not.
    /// @param discounted D = K S/F.
    /// @param halfSdX96 s / 2, X96.
    /// @param sd s = sqrt(c w(k)), WAD.
    /// @param k ln(K/F), WAD.
    /// @param slope c dw/dk, WAD.
    struct Shaped {
        bool isInside;
        uint256 call;
        uint256 put;
        uint256 delta;
        uint256 vegaSd;
        uint256 discounted;
        uint256 halfSdX96;
        uint256 sd;
        int256 k;
        int256 slope;
    }

    /// As {quoteFromSurface}, with the shape of the smile at the strike, and a flag instead of a revert outside the domain: a quote
    /// must say why it refuses, and a book must be marked whatever happened.
    function shapedFromSurface(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 tauAtReport
    ) internal pure returns (Shaped memory shaped) {
        // Unchecked: as in {quoteFromSurface} and {_quote}; |halfLog| < 2^193 and 2 halfSd < 2^104 inside, so products with WAD fit.
        unchecked {
            uint256 ageing;
            assembly ("memory-safe") {
                ageing := div(shl(96, tau), tauAtReport)
            }
            uint256 outside = (tau >> 96) | (strike >> 128);
            uint256 discounted = Numerics.discount(strike, (slice.basis() * int256(ageing)) >> 31);
            uint256 low;
            int256 halfK;
            (low, halfK, outside) = BlackScholes.moneyness(spot, discounted, outside);
            if (ageing > ONE) outside = 1;
            int256 halfLogX192 = halfK;
            if (discounted < spot) halfK = ~halfK;
            (uint256 halfSdX96, int256 tilt) = _shapeAt(slice, halfK, ageing);
            if (!BlackScholes.isInside(halfSdX96, outside)) return shaped;
            shaped.isInside = true;
            (shaped.call, shaped.put, shaped.delta, shaped.vegaSd) = BlackScholes.quote(
                spot,
                discounted,
                low,
                halfLogX192,
                halfSdX96
            );
            shaped.discounted = discounted;
            shaped.halfSdX96 = halfSdX96;
            shaped.sd = (halfSdX96 * 1e18) >> 95;
            shaped.k = (halfK * 1e18) >> 191;
            // b < 2^36 in 2^(exponent - 45), exponent < 32, |tilt| <= 2^32: the product with WAD and shifted stays below 2^36 2^32 2^60 2^31.
            int256 slope = (((int256(slice.b()) * tilt * 1e18) >> 31) << slice.exponent()) >> 45;
            shaped.slope = (slope * int256(ageing)) >> 96;
        }
    }

    /// Half the standard deviation sqrt(ageing w(k)) as X96, for k/2 as X192 and ageing <= 1 (X96); above 2^103 if w(k) < 0.
    ///
    /// Lengths are in the slice's unit U = 2^(exponent - 16), as X80; w is in U^2, as X110. (29 bits of b, 80 of the bracket, and
    /// one because the bracket is doubled.)
    function halfSd(Slice slice, int256 halfKX192, uint256 ageing) internal pure returns (uint256 halfSdX96) {
        (halfSdX96, ) = _shapeAt(slice, halfKX192, ageing);
    }

    /// @return halfSdX96 As {halfSd}.
    /// @return tilt dw/dk / b = rho + (k - m) / sqrt((k - m)^2 + sigma^2), X31, to about 1e-9; 0 / 0 is 0.
    function _shapeAt(
        Slice slice,
        int256 halfKX192,
        uint256 ageing
    ) private pure returns (uint256 halfSdX96, int256 tilt) {
        // Unchecked. |k| < 2^98 (exponent 0), |m| <= 2^85, sigma < 2^86: squares below 2^198, roots below 2^99, |rho k| < 2^129.
        // So |bracket| < 2^101, |w| < 2^137, and |w ageing| < 2^233. A negative w makes a word of at least 2^256 - 2^233, whose
        // root after the shift is above 2^103; shifts by the exponent then stay below 2^136.
        unchecked {
            uint256 exponent = slice.exponent();
            int256 k = halfKX192 >> (exponent + 95);
            int256 m = slice.m() << 52;
            uint256 sigma = slice.sigma() << 52;
            int256 x = k - m;
            uint256 square = sigma * sigma;
            (uint256 root, uint256 rootAtZero) = Numerics.twiceSqrts(
                uint256(x * x) + square,
                uint256(m * m) + square
            );
            int256 bracket = ((slice.rho() * k) >> 30) + int256(root - rootAtZero);
            uint256 w = (slice.atmVariance() << 80) + slice.b() * uint256(bracket);

            // sqrt(c w) / 2 in X96: w ageing is X206 in U^2, a quarter of it X208; X160 has a root of X80, and U = 2^(exponent - 16).
            halfSdX96 = Numerics.sqrt((w * ageing) >> 48) << exponent;

            // The root is doubled and never below 2 |x|, or it is 0, as the quotient then: in [-1, 1]. |x| 2^32 is below 2^131.
            assembly ("memory-safe") {
                tilt := sdiv(shl(32, x), root)
            }
            tilt += slice.rho();
        }
    }

    function _quote(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 ageing,
        uint256 outside
    ) private pure returns (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) {
        uint256 low;
        int256 halfLogX192;
        (low, halfLogX192, outside) = BlackScholes.moneyness(spot, strike, outside);
        int256 halfK;
        assembly ("memory-safe") {
            outside := or(outside, gt(ageing, ONE))
            // k = -|k| below the forward; ~ for - is short by one unit of X192.
            halfK := xor(halfLogX192, sub(0, lt(strike, spot)))
        }
        uint256 halfSdX96 = halfSd(slice, halfK, ageing);
        BlackScholes.requireInside(spot, strike, halfSdX96, outside);
        return BlackScholes.quote(spot, strike, low, halfLogX192, halfSdX96);
    }
}

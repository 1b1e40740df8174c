// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Slice } from "../types/Slice.sol";
import { CLOCK_STOPS_BEFORE_EXPIRY, SETTLEMENT_WINDOW, YEAR } from "../types/Times.sol";
import { BlackScholes } from "./BlackScholes.sol";
import { IntegerSqrt } from "./IntegerSqrt.sol";
import { Svi } from "./Svi.sol";

/// What one option adds to a book's risk: WAD arithmetic on top of a quote.
///
///     vega     = vegaSd sqrt(tau)           per 1.00 of vol
///     vegaSkew = vega k / s                 what a tilt of the smile by 1.00 of vol per standard deviation adds
///     gamma    = vegaSd / s d               = vega / (sigma tau) d = gamma_BS S^2 d: money for the square of a relative move;
///                                           d = min(1, (s / 3 %)^2)
///     delta    = delta_BS + (R - 1) vega dsigma/dk / S,     vega dsigma/dk = vegaSd c w'(k) / (2 s)
///
/// The damping d, below a day at a vol of 60 %: gamma_BS grows like 1/s and becomes as narrow as s, while an option's value falls with s. So what is
/// charged for gamma stays in proportion to value, asks stay above zero, and what a G that is a little late is wrong by stays below
/// what trades pay in fees (P3, docs/decisions/0007).
///
/// R says how the smile moves with spot: 1 leaves an option its vol (delta_BS), 0 moves the smile along.
///
/// RANGES. Proof of the unchecked blocks: times are seconds below 2^40 and at most 400 days apart; an expiry lies at least 30 minutes ahead
/// ({clockOf} asserts it), so tau >= 600, and after its slice's report (VolSurface refuses others); a slice's w(0) is below 2^32 units of
/// 2^62, so the roots below are taken of less than 2^245.
///
/// UNITS. WAD; tau in seconds on the variance clock inside {Clock}. Each is good to about 1e-9 of itself.
library Exposure {
    using IntegerSqrt for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant DAYS_30 = 30 days;
    /// Standard deviation of the smile below which gamma is damped.
    uint256 private constant DAMPED_BELOW = 0.03e18;
    uint256 private constant WEIGHT_MIN = 0.28e18;
    /// Of the potential's vega; the spreads' goes further (docs/QUANT.md).
    uint256 internal constant WEIGHT_MAX = 2.7e18;
    uint256 internal constant SPREAD_WEIGHT_MAX = 5.5e18;

    /// The time of an expiry.
    /// @param tau Seconds left on the variance clock.
    /// @param tauYears The same in years, WAD.
    /// @param rootTau sqrt of that, WAD.
    struct Clock {
        uint256 tau;
        uint256 tauYears;
        uint256 rootTau;
    }

    /// @dev Outside the settlement window, where at least ten minutes are left on the variance clock.
    function clockOf(uint256 expiryAt, uint256 nowAt) internal pure returns (Clock memory clock) {
        unchecked {
            assert(nowAt + SETTLEMENT_WINDOW <= expiryAt);
            uint256 tau = expiryAt - CLOCK_STOPS_BEFORE_EXPIRY - nowAt;
            clock.tau = tau;
            clock.tauYears = (tau * WAD) / YEAR;
            clock.rootTau = ((tau * WAD * WAD) / YEAR).sqrtDown();
        }
    }

    /// min(max(sqrt(30 days / tau), 0.28), highest), WAD.
    function weightOf(Clock memory clock, uint256 highest) internal pure returns (uint256 weight) {
        unchecked {
            weight = ((DAYS_30 * WAD * WAD) / clock.tau).sqrtDown();
            if (weight < WEIGHT_MIN) return WEIGHT_MIN;
            if (weight > highest) return highest;
        }
    }

    /// At-the-money vol of a slice, WAD: sqrt(c w(0) / tau).
    function atmVol(Slice slice, uint256 expiryAt) internal pure returns (uint256) {
        unchecked {
            // w(0) = field 2^(2 (exponent - 16) - 30) and c / tau = 1 / tauAtReport, so the vol is held as the slice ages.
            uint256 variance = (slice.atmVariance() << (2 * slice.exponent())) * WAD;
            return (((variance * YEAR) / tauAtReport(slice, expiryAt)) * WAD).sqrtDown() >> 31;
        }
    }

    /// Seconds that were left on the variance clock at a slice's report: with what is left now, how far the slice has aged.
    function tauAtReport(Slice slice, uint256 expiryAt) internal pure returns (uint256) {
        unchecked {
            return expiryAt - CLOCK_STOPS_BEFORE_EXPIRY - slice.reportAt();
        }
    }

    /// What one quoted option adds, long; call and put differ in delta alone.
    /// @param shaped Inside the domain.
    /// @param stickiness R.
    /// `callDelta` is skew-aware; the put's is one less.
    function fromShape(
        Svi.Shaped memory shaped,
        uint256 spot,
        Clock memory clock,
        uint256 stickiness
    ) internal pure returns (uint256 vega, int256 vegaSkew, uint256 gamma, int256 callDelta) {
        // Unchecked: spot, vegaSd < 2^128; rootTau < 2^64 (tau below 400 days); |k| <= 2.8 WAD, s in [1e-3, 6] WAD, |slope| < 2^62;
        // so every product stays below 2^250.
        unchecked {
            uint256 vegaSd = shaped.vegaSd;
            int256 sd = int256(shaped.sd);
            vega = (vegaSd * clock.rootTau) / WAD;
            vegaSkew = (int256(vega) * shaped.k) / sd;
            gamma =
                uint256(sd) < DAMPED_BELOW
                    ? (vegaSd * uint256(sd)) / (DAMPED_BELOW ** 2 / WAD)
                    : (vegaSd * WAD) / uint256(sd);
            int256 skew = (int256(vegaSd) * shaped.slope) / (2 * sd);
            int256 shift = ((int256(stickiness) - int256(WAD)) * skew) / int256(spot);
            callDelta = int256(shaped.delta) + shift;
        }
    }

    /// What a hedge of one written option takes with all its cover kept, at the spot of `shaped`, which is inside the domain:
    /// base = Phi(-d1), quote = K (S/F) Phi(d2), both rounded up; for a held one of the same strike the rest of 1 and K S/F.
    function needOf(
        Svi.Shaped memory shaped,
        uint256 spot
    ) internal pure returns (uint256 baseUp, uint256 quoteUp) {
        return _need(spot, shaped.call, shaped.delta);
    }

    /// The same at a spot moved to `spot` while the strike keeps its vol; outside the domain, where `isInside` is false, 1 and K S/F, the most
    /// that they can be, written or held.
    function needAt(
        Svi.Shaped memory shaped,
        uint256 spot
    ) internal pure returns (bool isInside, uint256 baseUp, uint256 quoteUp) {
        (uint256 low, int256 halfLogX192, uint256 outside) = BlackScholes.moneyness(
            spot,
            shaped.discounted,
            0
        );
        if (!BlackScholes.isInside(shaped.halfSdX96, outside)) {
            return (false, WAD, shaped.discounted);
        }
        (uint256 call, , uint256 delta, ) = BlackScholes.quote(
            spot,
            shaped.discounted,
            low,
            halfLogX192,
            shaped.halfSdX96
        );
        (baseUp, quoteUp) = _need(spot, call, delta);
        return (true, baseUp, quoteUp);
    }

    /// @dev Unchecked: spot is below 2^128 and delta at most WAD, both as {BlackScholes} has them.
    function _need(
        uint256 spot,
        uint256 call,
        uint256 delta
    ) private pure returns (uint256 baseUp, uint256 quoteUp) {
        unchecked {
            baseUp = WAD - delta + 2;
            // S Phi(d1) - C; the product of spot and the rounded delta may be a few units short.
            uint256 held = (spot * (delta + 2)) / WAD + 2;
            quoteUp = held > call ? held - call : 0;
        }
    }
}

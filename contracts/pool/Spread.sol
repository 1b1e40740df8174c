// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { Exposure } from "../pricing/Exposure.sol";
import { IntegerSqrt } from "../pricing/IntegerSqrt.sol";
import { YEAR } from "../types/Times.sol";

/// What a trade pays beside value and impact: for the age of what it is priced by, the fee, and rent. All WAD of quote, all rounded up.
///
///     age   m nu sqrt(a) sum_e sigma_e N_e + beta |S/S_r - 1| sum_e N_e + |sum q delta| S x + |sum q gamma| S^2 x^2 / 2
///           x = d + m sigma_short sqrt(a_s),   gamma undamped: a straddle has no delta, and is worth more wherever spot is by now
///           N_e = w_e (|sum q vega| + 0.35 |sum q vegaSkew|),   not netted across expiries
///     fee   |q| max(feeVol vega, feeNotional S), of a sale at most feeOfValue V
///     rent  capacity r(u) tau,   r linear from rentBelow at u = 0 to rentAtKink at 80 % to rentFull at 100 %
///
/// RANGES. Proof of the unchecked blocks: parameters have at most 24 bits and their units 60; vols are below 2^72 (a slice's sd is at most 6, its
/// tau at least ten minutes), roots of times below 2^64, spots and capacities below 2^128, exposures below 2^178, |S/S_r - 1| below 2^188: no
/// product of the two or three that stand together leaves 256 bits, as `moved` is compared with its limit before it is priced, where an
/// opening goes on only below 2^64. An exit goes on so too, but for the average, by which what it is paid can only fall ({Exit-price}).
///
/// Each is subadditive in the trade, so no split of one pays less. The age spread was measured: docs/QUANT.md.
library Spread {
    using IntegerSqrt for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant PER_PPM = 1e12;
    uint256 private constant PER_BPS = 1e14;
    uint256 private constant SKEW_SHARE = 0.35e18;
    uint256 private constant KINK = 0.8e18;
    /// Spot moves half as much again from 13:00 to 18:00 UTC.
    uint256 private constant BUSY_FROM = 13 hours;
    uint256 private constant BUSY_UNTIL = 18 hours;

    /// The part of one expiry in the age spread.
    /// @param rootAge sqrt of the report's age in years, WAD.
    /// @param moved |S/S_r - 1|, WAD.
    function vegaUp(
        IOptionPool.Parameters memory parameters,
        Exposure.Clock memory clock,
        uint256 vol,
        int256 vega,
        int256 vegaSkew,
        uint256 rootAge,
        uint256 moved
    ) internal pure returns (uint256) {
        unchecked {
            uint256 sds = (parameters.ageSdsBps * PER_BPS * (parameters.volOfVolBps * PER_BPS)) / WAD;
            uint256 shift =
                (((sds * rootAge) / WAD) * vol) / WAD + (parameters.displacementBps * PER_BPS * moved) / WAD;
            uint256 size = SignedMath.abs(vega) + (SignedMath.abs(vegaSkew) * SKEW_SHARE) / WAD + 1;
            size = (size * Exposure.weightOf(clock, Exposure.SPREAD_WEIGHT_MAX)) / WAD + 1;
            return (size * (shift + 3)) / WAD + 1;
        }
    }

    /// The part of spot in the age spread.
    /// @param convexity sum q gamma S^2.
    /// @param deviation Move that the sources of spot may not show yet.
    /// @param rootAge sqrt of the age in years of the spot that counts, WAD.
    function deltaUp(
        IOptionPool.Parameters memory parameters,
        int256 delta,
        int256 convexity,
        uint256 spot,
        uint256 deviation,
        uint256 shortVol,
        uint256 rootAge
    ) internal pure returns (uint256) {
        unchecked {
            uint256 sd = (shortVol * rootAge) / WAD;
            uint256 move = deviation + (parameters.ageSdsBps * PER_BPS * sd) / WAD + 2;
            uint256 curved = (SignedMath.abs(convexity) * move) / (2 * WAD) + 1;
            return (((SignedMath.abs(delta) * spot) / WAD + curved + 1) * move) / WAD + 1;
        }
    }

    /// Largest relative distance of a trade's spots from the report's; without end from no report.
    function movedUp(uint256 reported, uint256 low, uint256 high) internal pure returns (uint256) {
        unchecked {
            if (reported == 0) return type(uint256).max;
            uint256 down = reported > low ? reported - low : 0;
            uint256 up = high > reported ? high - reported : 0;
            return ((down > up ? down : up) * WAD) / reported + 1;
        }
    }

    /// sqrt of a time in years, WAD.
    function rootOf(uint256 age) internal pure returns (uint256) {
        unchecked {
            return ((age * WAD * WAD) / YEAR).sqrtDown();
        }
    }

    /// The vol of spot over the next minutes: the shortest expiry's, half as much again while most of the world is at its desk.
    function shortVolAt(uint256 vol, uint256 nowAt) internal pure returns (uint256) {
        uint256 ofDay = nowAt % 1 days;
        return ofDay >= BUSY_FROM && ofDay < BUSY_UNTIL ? (vol * 3) / 2 : vol;
    }

    function feeUp(
        IOptionPool.Parameters memory parameters,
        int256 amount,
        uint256 value,
        uint256 vega,
        uint256 spot
    ) internal pure returns (uint256) {
        unchecked {
            uint256 byVol = vega * parameters.feeVolPpm;
            uint256 fee = spot * parameters.feeNotionalPpm;
            if (byVol > fee) fee = byVol;
            fee = fee * PER_PPM;
            if (amount < 0) {
                uint256 most = value * parameters.feeOfValueBps * PER_BPS;
                if (most < fee) fee = most;
            }
            // `fee` is WAD * WAD an option.
            return (SignedMath.abs(amount) * (fee / WAD + 1)) / WAD + 1;
        }
    }

    /// r(u) a year, WAD.
    /// @param use u, WAD, at most 1.
    function rentRate(IOptionPool.Parameters memory parameters, uint256 use) internal pure returns (uint256) {
        unchecked {
            (uint256 from, uint256 to, uint256 part) = use < KINK
                ? (parameters.rentBelowPpm, parameters.rentAtKinkPpm, (use * WAD) / KINK)
                : (parameters.rentAtKinkPpm, parameters.rentFullPpm, ((use - KINK) * WAD) / (WAD - KINK));
            return (from * (WAD - part) + to * part) / 1e6 + 1;
        }
    }

    /// @param tau Years.
    function rentUp(uint256 capacity, uint256 rate, uint256 tau) internal pure returns (uint256) {
        unchecked {
            return (((capacity * rate) / WAD + 1) * tau) / WAD + 1;
        }
    }
}

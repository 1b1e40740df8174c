// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Slice } from "../types/Slice.sol";
import { BlackScholes } from "./BlackScholes.sol";
import { IntegerSqrt } from "./IntegerSqrt.sol";
import { Svi } from "./Svi.sol";

/// The sensitivities beyond delta and vega, for books and screens; no quote waits for them, so this is plain checked WAD arithmetic
/// on top of a quote. Domain: that of the quote, which reverts outside it.
///
///     gamma    = d2V/dS2 at fixed F/S = phi(d1) / (S s)
///     skewVega = vega z, z = ln(K/F) / s: what a tilt of the smile by 1.00 per standard deviation adds
///     decay    = dV / d ln(tau), total variance and ln(F/S) in proportion to tau: theta = -decay / tau
///
/// With D = K S/F the discounted strike, D Phi(d2) = S delta - call and D Phi(-d2) = put + S (1 - delta), so
///
///     decay of the call = s vegaSd / 2 + ln(F/S) D Phi(d2),    of the put = s vegaSd / 2 - ln(F/S) D Phi(-d2).
///
/// Each is good to about 1e-9 of itself where the quote is not at its last places.
library Greeks {
    using IntegerSqrt for uint256;

    int256 private constant WAD = 1e18;

    /// WAD; `skewVega` and `decay` in the unit of the vega they come from.
    struct Further {
        uint256 gamma;
        int256 skewVega;
        int256 callDecay;
        int256 putDecay;
    }

    /// What a quote says; `logForward` = ln(F/S), `sd` = s, both WAD.
    struct Priced {
        uint256 spot;
        uint256 call;
        uint256 put;
        uint256 delta;
        uint256 vegaSd;
        int256 logForward;
        uint256 sd;
    }

    /// As `BlackScholes.quoteFromSpot`; `skewVega` is per 1.00 of vol, and theta per year is the decay over tau.
    function fromSpot(
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 vol,
        int256 rate
    ) internal pure returns (Further memory further) {
        Priced memory priced;
        uint256 vega;
        (priced.call, priced.put, priced.delta, vega) = BlackScholes.quoteFromSpot(
            spot,
            strike,
            tau,
            vol,
            rate
        );
        // With nine digits more than WAD: tau may be a minute.
        uint256 rootTau = (tau * 1e36).sqrtDown();
        priced.spot = spot;
        priced.vegaSd = (vega * 1e27) / rootTau;
        priced.logForward = (rate * int256(tau)) / WAD;
        priced.sd = (vol * rootTau) / 1e27;
        further = _further(priced);
        further.skewVega = (further.skewVega * int256(rootTau)) / 1e27;
    }

    /// As `Svi.quoteFromSurface`; `skewVega` is per unit of standard deviation.
    function fromSurface(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 tauAtReport
    ) internal pure returns (Further memory further) {
        Priced memory priced;
        (priced.call, priced.put, priced.delta, priced.vegaSd) = Svi.quoteFromSurface(
            slice,
            spot,
            strike,
            tau,
            tauAtReport
        );
        priced.spot = spot;
        uint256 ageing = (tau << 96) / tauAtReport;
        priced.logForward = (slice.basis() * int256(ageing) * WAD) >> 127;
        uint256 discounted = spot + priced.put - priced.call;
        (, int256 halfLogX192, ) = BlackScholes.moneyness(spot, discounted, 0);
        priced.sd = (Svi.halfSd(slice, discounted < spot ? ~halfLogX192 : halfLogX192, ageing) * 1e18) >> 95;
        return _further(priced);
    }

    function _further(Priced memory priced) private pure returns (Further memory further) {
        uint256 spot = priced.spot;
        uint256 sd = priced.sd;
        // Parity holds to the unit, so it gives the discounted strike back.
        uint256 discounted = spot + priced.put - priced.call;
        further.gamma = (((((priced.vegaSd * 1e18) / sd) * 1e18) / spot) * 1e18) / spot;

        (, int256 halfLogX192, ) = BlackScholes.moneyness(spot, discounted, 0);
        int256 k = (halfLogX192 * WAD) >> 191;
        if (discounted < spot) k = -k;
        further.skewVega = (int256(priced.vegaSd) * k) / int256(sd);

        int256 variancePart = int256((priced.vegaSd * sd) / 2e18);
        uint256 spotPart = (spot * priced.delta) / 1e18;
        // Rounding may leave spot delta a unit or two below the call.
        uint256 exercise = spotPart > priced.call ? spotPart - priced.call : 0;
        further.callDecay = variancePart + (priced.logForward * int256(exercise)) / WAD;
        further.putDecay = variancePart - (priced.logForward * int256(priced.put + spot - spotPart)) / WAD;
    }
}

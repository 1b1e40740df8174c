// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BlackScholes } from "./BlackScholes.sol";
import { Numerics } from "./Numerics.sol";
import { Slice } from "../types/Slice.sol";

library Svi {
    error Svi_OutOfDomain(Slice slice, uint256 spot, uint256 strike, uint256 ageing);

    function quoteFromSurface(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 tauAtReport
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) {
        unchecked {
            if (tau >> 96 != 0 || strike >> 128 != 0) revert Svi_OutOfDomain(slice, spot, strike, tau);
            uint256 ageing;
            assembly {
                ageing := div(shl(96, tau), tauAtReport)
            }
            int256 x;
            int256 basis = slice.basis();
            x = (basis * int256(ageing)) >> 31;
            return quoteFromSlice(slice, spot, Numerics.discount(strike, x), ageing);
        }
    }

    function quoteFromSlice(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 ageing
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) {
        unchecked {
            (uint256 low, int256 halfLogX192, uint256 outside) = BlackScholes.moneyness(spot, strike);
            int256 k;
            assembly ("memory-safe") {
                let s := sub(0, lt(strike, spot))
                k := sub(xor(halfLogX192, s), s)
                outside := or(outside, gt(ageing, 0x1000000000000000000000000))
            }
            uint256 halfSd = halfSdOf(slice, k, ageing);
            if (outside | BlackScholes.sdOutside(halfSd) != 0)
                revert BlackScholes.BlackScholes_OutOfDomain(spot, strike, halfSd);
            return BlackScholes.quote(spot, strike, low, halfLogX192, halfSd);
        }
    }

    function halfSdOf(Slice slice, int256 k, uint256 ageing) internal pure returns (uint256 sd) {
        unchecked {
            uint256 exponent = slice.exponent();
            k >>= exponent + 95;
            int256 m = slice.m() << 52;
            int256 sigma = int256(slice.sigma()) << 52;
            int256 x = k - m;
            uint256 s2 = uint256(sigma * sigma);
            int256 bracket =
                ((slice.rho() * k) >> 30) + Numerics.sqrtDifference(uint256(x * x) + s2, uint256(m * m) + s2);
            uint256 w = (slice.atmVariance() << 80) + uint256(int256(slice.b()) * bracket);
            sd = Numerics.sqrt((w * ageing) >> 48) << exponent;
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Numerics } from "./Numerics.sol";

library BlackScholes {
    error BlackScholes_OutOfDomain(uint256 spot, uint256 strike, uint256 halfSdX96);

    uint256 internal constant HALF_SD_MIN = (uint256(1) << 96) / 2000;
    uint256 internal constant HALF_SD_RANGE = (uint256(3) << 96) - HALF_SD_MIN;

    function quoteFromSpot(
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 vol,
        int256 rate
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vega) {
        unchecked {
            int256 growth = rate * int256(tau);
            uint256 outsideInputs;
            assembly {
                outsideInputs := or(
                    or(gt(sub(tau, 1900000000000), 100000000000000000000), shr(128, strike)),
                    or(
                        shr(64, vol),
                        or(
                            gt(add(rate, 100000000000000000000), 200000000000000000000),
                            gt(
                                add(growth, 1000000000000000000000000000000000000),
                                2000000000000000000000000000000000000
                            )
                        )
                    )
                )
            }
            uint256 root = Numerics.sqrt(tau << 188);
            int256 x;
            assembly {
                x := sdiv(shl(96, growth), 1000000000000000000000000000000000000)
            }
            uint256 halfSd = _div(vol * root, 5e26);
            strike = Numerics.discount(strike, x);
            (uint256 low, int256 halfLogX192, uint256 outside) = moneyness(spot, strike);
            if (outside | outsideInputs | sdOutside(halfSd) != 0)
                revert BlackScholes_OutOfDomain(spot, strike, halfSd);
            (call, put, delta, vega) = quote(spot, strike, low, halfLogX192, halfSd);
            vega = _div(vega * root, 1e9 << 94);
        }
    }

    function quoteFromForward(
        uint256 spot,
        uint256 forward,
        uint256 strike,
        uint256 totalVariance
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) {
        unchecked {
            uint256 tooLarge = (strike >> 128) | (totalVariance >> 66);
            strike = _div(strike * spot, forward);
            (uint256 low, int256 halfLogX192, uint256 outside) = moneyness(spot, strike);
            uint256 halfSd = _div(Numerics.sqrt(totalVariance << 190), 1e9);
            if (outside | tooLarge | sdOutside(halfSd) != 0)
                revert BlackScholes_OutOfDomain(spot, strike, halfSd);
            return quote(spot, strike, low, halfLogX192, halfSd);
        }
    }

    function _div(uint256 a, uint256 b) private pure returns (uint256 c) {
        assembly ("memory-safe") {
            c := div(a, b)
        }
    }

    function sdOutside(uint256 halfSd) internal pure returns (uint256 outside) {
        uint256 min = HALF_SD_MIN;
        uint256 range = HALF_SD_RANGE;
        assembly ("memory-safe") {
            outside := gt(sub(halfSd, min), range)
        }
    }

    function moneyness(
        uint256 spot,
        uint256 strike
    ) internal pure returns (uint256 low, int256 halfLogX192, uint256 outside) {
        uint256 high;
        assembly ("memory-safe") {
            let swap := mul(xor(spot, strike), lt(strike, spot))
            low := xor(spot, swap)
            high := xor(strike, swap)
            outside := or(gt(high, shl(4, low)), shr(128, or(high, sub(low, 1))))
        }
        halfLogX192 = Numerics.halfLogRatio(low, high);
    }

    function quote(
        uint256 spot,
        uint256 strike,
        uint256 low,
        int256 halfLogX192,
        uint256 t
    ) internal pure returns (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) {
        unchecked {
            int256 h;
            assembly ("memory-safe") {
                h := sdiv(halfLogX192, t)
            }
            int256 u = h - int256(t);
            uint256 phi = Numerics.density(u);
            int256 sign = u >> 255;
            (uint256 near, uint256 far) = Numerics.mills(uint256((u ^ sign) - sign), uint256(h) + t);
            far *= phi;
            near = uint256((int256(near * phi) ^ sign) - sign + (sign & (1 << 128)));
            vegaSd = (low * phi) >> 64;
            uint256 otm = (low * (near - far)) >> 128;
            if (strike < spot) {
                put = otm;
                call = otm + (spot - strike);
                delta = 1e18 - ((_div(strike * far, spot) * 1e18) >> 128);
            } else {
                call = otm;
                put = otm + (strike - spot);
                delta = (near * 1e18) >> 128;
            }
        }
    }
}

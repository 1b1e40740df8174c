// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BlackScholes } from "../../../contracts/pricing/BlackScholes.sol";
import { Svi } from "../../../contracts/pricing/Svi.sol";
import { Slice } from "../../../contracts/types/Slice.sol";

// What bench/pricing.ts measures: each quote alone in a contract, as it is in a contract that uses it, and beside it an empty twin of
// the same signature, whose gas is subtracted.

contract FromSpot {
    function quoteFromSpot(
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 vol,
        int256 rate
    ) external pure returns (uint256, uint256, uint256, uint256) {
        return BlackScholes.quoteFromSpot(spot, strike, tau, vol, rate);
    }
}

contract FromSpotTwin {
    function quoteFromSpot(
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 vol,
        int256 /* rate */
    ) external pure returns (uint256, uint256, uint256, uint256) {
        return (spot, strike, tau, vol);
    }
}

contract FromForward {
    function quoteFromForward(
        uint256 spot,
        uint256 forward,
        uint256 strike,
        uint256 totalVariance
    ) external pure returns (uint256, uint256, uint256, uint256) {
        return BlackScholes.quoteFromForward(spot, forward, strike, totalVariance);
    }
}

contract FromForwardTwin {
    function quoteFromForward(
        uint256 spot,
        uint256 forward,
        uint256 strike,
        uint256 totalVariance
    ) external pure returns (uint256, uint256, uint256, uint256) {
        return (spot, forward, strike, totalVariance);
    }
}

contract FromSlice {
    function quoteFromSlice(
        Slice slice,
        uint256 forward,
        uint256 strike,
        uint256 ageing
    ) external pure returns (uint256, uint256, uint256, uint256) {
        return Svi.quoteFromSlice(slice, forward, strike, ageing);
    }
}

contract FromSliceTwin {
    function quoteFromSlice(
        Slice slice,
        uint256 forward,
        uint256 strike,
        uint256 ageing
    ) external pure returns (uint256, uint256, uint256, uint256) {
        return (Slice.unwrap(slice), forward, strike, ageing);
    }
}

contract FromSurface {
    function quoteFromSurface(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 tauAtReport
    ) external pure returns (uint256, uint256, uint256, uint256) {
        return Svi.quoteFromSurface(slice, spot, strike, tau, tauAtReport);
    }
}

contract FromSurfaceTwin {
    function quoteFromSurface(
        Slice /* slice */,
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 tauAtReport
    ) external pure returns (uint256, uint256, uint256, uint256) {
        return (spot, strike, tau, tauAtReport);
    }
}

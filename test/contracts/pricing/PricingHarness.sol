// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BlackScholes } from "../../../contracts/pricing/BlackScholes.sol";
import { Greeks } from "../../../contracts/pricing/Greeks.sol";
import { Svi } from "../../../contracts/pricing/Svi.sol";
import { Slice } from "../../../contracts/types/Slice.sol";

/// The pricing libraries as views over whole batches, so that a test compares thousands of points in one call. Each row is
/// [call, put, delta, vega]; one point outside the domain reverts the batch.
contract PricingHarness {
    /// Rows of [spot, strike, tau, vol, rate].
    function manyFromSpot(uint256[5][] calldata inputs) external pure returns (uint256[4][] memory quotes) {
        quotes = new uint256[4][](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint256[5] calldata p = inputs[i];
            (uint256 call, uint256 put, uint256 delta, uint256 vega) = BlackScholes.quoteFromSpot(
                p[0],
                p[1],
                p[2],
                p[3],
                int256(p[4])
            );
            quotes[i] = [call, put, delta, vega];
        }
    }

    /// Rows of [spot, forward, strike, totalVariance].
    function manyFromForward(
        uint256[4][] calldata inputs
    ) external pure returns (uint256[4][] memory quotes) {
        quotes = new uint256[4][](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint256[4] calldata p = inputs[i];
            (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) = BlackScholes.quoteFromForward(
                p[0],
                p[1],
                p[2],
                p[3]
            );
            quotes[i] = [call, put, delta, vegaSd];
        }
    }

    /// Rows of [slice, forward, strike, ageing].
    function manyFromSlice(uint256[4][] calldata inputs) external pure returns (uint256[4][] memory quotes) {
        quotes = new uint256[4][](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint256[4] calldata p = inputs[i];
            (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) = Svi.quoteFromSlice(
                Slice.wrap(p[0]),
                p[1],
                p[2],
                p[3]
            );
            quotes[i] = [call, put, delta, vegaSd];
        }
    }

    /// Rows of [slice, spot, strike, tau, tauAtReport].
    function manyFromSurface(
        uint256[5][] calldata inputs
    ) external pure returns (uint256[4][] memory quotes) {
        quotes = new uint256[4][](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint256[5] calldata p = inputs[i];
            (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) = Svi.quoteFromSurface(
                Slice.wrap(p[0]),
                p[1],
                p[2],
                p[3],
                p[4]
            );
            quotes[i] = [call, put, delta, vegaSd];
        }
    }

    /// Rows of [spot, strike, tau, vol, rate] to [gamma, skewVega, callDecay, putDecay].
    function greeksFromSpot(uint256[5][] calldata inputs) external pure returns (uint256[4][] memory greeks) {
        greeks = new uint256[4][](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint256[5] calldata p = inputs[i];
            greeks[i] = _row(Greeks.fromSpot(p[0], p[1], p[2], p[3], int256(p[4])));
        }
    }

    /// Rows of [slice, spot, strike, tau, tauAtReport] to [gamma, skewVega, callDecay, putDecay].
    function greeksFromSurface(
        uint256[5][] calldata inputs
    ) external pure returns (uint256[4][] memory greeks) {
        greeks = new uint256[4][](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint256[5] calldata p = inputs[i];
            greeks[i] = _row(Greeks.fromSurface(Slice.wrap(p[0]), p[1], p[2], p[3], p[4]));
        }
    }

    function _row(Greeks.Further memory g) private pure returns (uint256[4] memory) {
        return [g.gamma, uint256(g.skewVega), uint256(g.callDecay), uint256(g.putDecay)];
    }
}

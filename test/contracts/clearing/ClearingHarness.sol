// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Coverage } from "../../../contracts/clearing/Coverage.sol";
import { ListingRules } from "../../../contracts/clearing/ListingRules.sol";
import { StrikeOrder } from "../../../contracts/clearing/StrikeOrder.sol";

/// The pure libraries, callable; batches, because a fuzz of 10,000 books should not be 10,000 calls.
contract ClearingHarness {
    using Coverage for Coverage.Sums;

    function coverage(
        uint256[][] memory strikes,
        int256[][] memory written
    ) external pure returns (uint256[] memory calls, uint256[] memory puts) {
        (calls, puts) = (new uint256[](strikes.length), new uint256[](strikes.length));
        for (uint256 i = 0; i < strikes.length; ++i) {
            Coverage.Sums memory up;
            Coverage.Sums memory down;
            for (uint256 j = 0; j < strikes[i].length; ++j) {
                uint256 last = strikes[i].length - 1 - j;
                up.addCall(strikes[i][j], written[i][j]);
                down.addPut(strikes[i][last], written[i][last]);
            }
            (calls[i], puts[i]) = (up.callsUp(), down.puts());
        }
    }

    /// The places in their order after every step: `places[i]` put in at `ranks[i]`, or, for a place of 255, what stands there taken out.
    function orders(
        uint256[] memory ranks,
        uint256[] memory places
    ) external pure returns (uint256[][] memory after_) {
        StrikeOrder order;
        after_ = new uint256[][](ranks.length);
        for (uint256 i = 0; i < ranks.length; ++i) {
            order = places[i] == 255 ? order.remove(ranks[i]) : order.insert(ranks[i], places[i]);
            after_[i] = new uint256[](order.count());
            for (uint256 rank = 0; rank < after_[i].length; ++rank) after_[i][rank] = order.placeAt(rank);
        }
    }

    function kindOf(uint256 expiryAt) external pure returns (ListingRules.Kind) {
        return ListingRules.kindOf(expiryAt);
    }

    function dateOf(uint256 day) external pure returns (uint256, uint256, uint256) {
        return ListingRules.dateOf(day);
    }

    function stepAt(uint256 strike) external pure returns (uint256) {
        return ListingRules.stepAt(strike);
    }

    function requireExpiry(uint256 expiryAt, uint256 nowAt) external pure {
        ListingRules.requireExpiry(expiryAt, nowAt);
    }

    function requireOnGrid(uint256 strike) external pure {
        ListingRules.requireOnGrid(strike);
    }

    function requireInBand(uint256 strike, uint256 low, uint256 high, uint256 time) external pure {
        ListingRules.requireInBand(strike, low, high, time);
    }
}

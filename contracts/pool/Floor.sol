// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SpotBounds } from "../oracle/SpotBounds.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { YEAR } from "../types/Times.sol";

/// The least that an option is bought back for: a bound that rests on no signer, only on a spot that none of them sets.
///
///     call  max(0, S_lo - K D_hi)         put  max(0, K D_lo - S_hi)
///
/// S_lo, S_hi: lowest and highest spot alive (ISpotOracle), less and plus the feed's deviation and 2 %. D = S/F lies within [0.98 - 0.5 tau, 1.02 + 0.3 tau]: a
/// carry between -26 % and +63 % for a year, 2 % at once. The pool opens nothing at a report outside of it, so what was bought is
/// never worth more at the floor than what was paid. WAD. {discounts} is unchecked: tau is at most 1.1 WAD, so the lower bound is at least 0.43.
library Floor {
    uint256 private constant WAD = 1e18;
    uint256 private constant DISCOUNT_LOW = 0.98e18;
    uint256 private constant DISCOUNT_LOW_PER_YEAR = 0.5e18;
    uint256 private constant DISCOUNT_HIGH = 1.02e18;
    uint256 private constant DISCOUNT_HIGH_PER_YEAR = 0.3e18;

    /// S_lo and S_hi.
    struct Spots {
        uint256 low;
        uint256 high;
    }

    function spotsOf(PackedAnswer alive) internal pure returns (Spots memory) {
        (uint256 low, uint256 high) = SpotBounds.spots(alive);
        return Spots(low, high);
    }

    /// Bounds of S/F for an expiry; it lies at most 400 days ahead.
    function discounts(uint256 expiryAt, uint256 nowAt) internal pure returns (uint256 low, uint256 high) {
        unchecked {
            uint256 tau = ((expiryAt - nowAt) * WAD) / YEAR;
            low = DISCOUNT_LOW - (DISCOUNT_LOW_PER_YEAR * tau) / WAD;
            high = DISCOUNT_HIGH + (DISCOUNT_HIGH_PER_YEAR * tau) / WAD;
        }
    }

    function bidDown(SeriesId series, Spots memory spots, uint256 nowAt) internal pure returns (uint256) {
        (uint256 low, uint256 high) = discounts(series.expiryAt(), nowAt);
        uint256 strike = series.strike();
        (uint256 gets, uint256 gives) = series.isPut()
            ? ((strike * low) / WAD, spots.high)
            : (spots.low, (strike * high) / WAD + 1);
        return gets > gives ? gets - gives : 0;
    }
}

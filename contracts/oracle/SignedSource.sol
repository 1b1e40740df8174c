// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { PackedSurface } from "../types/Surface.sol";

/// WHAT   The spot of the last report that VolSurface accepted.
/// S2     It enters by a quorum of signatures only. Once the signers are revoked or replaced every lane is retired, and so is the
///        spot: until the next report this source says nothing.
library SignedSource {
    /// Age up to which it is fresh: the latency at which a report's spot still beats a feed's threshold (quant.md).
    uint256 internal constant MAX_AGE = 30;

    uint16 private constant ALL_LANES = type(uint16).max;

    /// The spot in WAD and the time of its report; zeros where there is none.
    function observe(
        IVolSurface surface,
        uint32 market
    ) internal view returns (uint256 spot, uint256 reportAt) {
        PackedSurface state = surface.storedSurface(market);
        if (state.retired() != ALL_LANES) return (state.spot(), state.reportAt());
    }
}

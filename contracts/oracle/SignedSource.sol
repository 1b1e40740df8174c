// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { PackedSurface } from "../types/Surface.sol";
import { Rounds } from "./Rounds.sol";

/// WHAT   The spot of the last report that VolSurface accepted.
/// S2     It enters by a quorum of signatures only. Once the signers are revoked or replaced every lane is retired, and so is the
///        spot: until the next report this source says nothing.
/// GAS    VolSurface's view takes less than 5,000 gas. Whoever gives so little that it fails keeps less than 80, a 63rd of that, of which no
///        answer can be formed: nobody can make the signed spot fall silent for want of gas.
library SignedSource {
    /// The state with the spot and the time of its report; zeros where there is none.
    function observe(IVolSurface surface, uint256 market) internal view returns (PackedSurface state) {
        (, uint256 word) = Rounds.wordOf(address(surface), IVolSurface.storedSurface.selector, market, 36);
        bool isSilent = PackedSurface.wrap(word).isSilent();
        // Unchecked: by 0 or 1.
        unchecked {
            state = PackedSurface.wrap(word * SafeCast.toUint(!isSilent));
        }
    }
}

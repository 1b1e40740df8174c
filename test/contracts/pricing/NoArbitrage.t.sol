// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { NoArbitrage } from "../../../contracts/pricing/NoArbitrage.sol";
import { Slice } from "../../../contracts/types/Slice.sol";

/// The library behind calls: test/contracts/pricing/NoArbitrage.test.ts compares it with exact arithmetic.
contract NoArbitrageHarness {
    function butterflies(
        Slice[] calldata slices,
        int256[] calldata k
    ) external pure returns (bool[] memory found) {
        found = new bool[](k.length);
        for (uint256 i = 0; i < k.length; ++i) found[i] = NoArbitrage.isButterfly(slices[i], k[i]);
    }

    function calendars(
        Slice[] calldata shorter,
        Slice[] calldata longer,
        int256[] calldata k
    ) external pure returns (bool[] memory found) {
        found = new bool[](k.length);
        for (uint256 i = 0; i < k.length; ++i) found[i] = NoArbitrage.isCalendar(shorter[i], longer[i], k[i]);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { CompactFloat } from "../../../contracts/oracle/CompactFloat.sol";
import { SpotBounds } from "../../../contracts/oracle/SpotBounds.sol";
import { PackedAnswer } from "../../../contracts/types/PackedAnswer.sol";

/// The packing of numbers, and the bounds of spot, to be called.
contract WordsHarness {
    function down(uint256 value, uint256 bits) external pure returns (uint256 packed, uint256 unpacked) {
        packed = CompactFloat.packDown(value, bits);
        return (packed, CompactFloat.unpack(packed));
    }

    function up(uint256 value, uint256 bits) external pure returns (uint256 packed, uint256 unpacked) {
        packed = CompactFloat.packUp(value, bits);
        return (packed, CompactFloat.unpack(packed));
    }

    function spots(PackedAnswer alive) external pure returns (uint256 low, uint256 high) {
        return SpotBounds.spots(alive);
    }
}

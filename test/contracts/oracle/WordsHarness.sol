// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { CompactFloat } from "../../../contracts/oracle/CompactFloat.sol";

/// The packing of numbers, to be called.
contract WordsHarness {
    function down(uint256 value, uint256 bits) external pure returns (uint256 packed, uint256 unpacked) {
        packed = CompactFloat.packDown(value, bits);
        return (packed, CompactFloat.unpack(packed));
    }

    function up(uint256 value, uint256 bits) external pure returns (uint256 packed, uint256 unpacked) {
        packed = CompactFloat.packUp(value, bits);
        return (packed, CompactFloat.unpack(packed));
    }
}

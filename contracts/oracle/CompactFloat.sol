// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// WHAT   Unsigned numbers of few significant bits: mantissa * 2^exponent, the exponent in the lowest byte. A number of no more
///        than `bits` bits is kept exactly, another one to a relative 2^(1 - bits).
/// DOMAIN value < 2^128, bits <= 40: the exponent is < 128, and every result < 2^128 + 2^128.
library CompactFloat {
    /// The largest compact number that is not above `value`.
    function packDown(uint256 value, uint256 bits) internal pure returns (uint256) {
        uint256 exponent = _exponentOf(value, bits);
        return ((value >> exponent) << 8) | exponent;
    }

    /// The smallest compact number that is not below `value`.
    function packUp(uint256 value, uint256 bits) internal pure returns (uint256) {
        uint256 exponent = _exponentOf(value, bits);
        // The largest mantissa rounds up to a power of two, which has a bit more: one step of the exponent takes it.
        return packDown(((value + (1 << exponent) - 1) >> exponent) << exponent, bits);
    }

    function unpack(uint256 compact) internal pure returns (uint256) {
        return (compact >> 8) << (compact & 0xff);
    }

    function _exponentOf(uint256 value, uint256 bits) private pure returns (uint256) {
        uint256 highest = Math.log2(value);
        return highest < bits ? 0 : highest + 1 - bits;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Slice } from "../../../contracts/types/Slice.sol";

contract SliceTest {
    function testFuzz_TheFieldsMakeUpTheWholeWord(uint256 word) public pure {
        Slice s = Slice.wrap(word);
        uint256 again = uint256(s.m()) << 222;
        again |= s.sigma() << 188;
        again |= s.b() << 152;
        again |= uint256(uint32(int32(s.rho()))) << 120;
        again |= s.exponent() << 115;
        again |= uint256(uint32(int32(s.basis()))) << 83;
        again |= s.flags() << 64;
        again |= s.reportAt() << 32;
        again |= s.atmVariance();
        assert(again == word);
    }
}

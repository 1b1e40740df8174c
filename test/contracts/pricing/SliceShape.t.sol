// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IntegerSqrt } from "../../../contracts/pricing/IntegerSqrt.sol";
import { SliceProfile, SliceShape } from "../../../contracts/pricing/SliceShape.sol";
import { Slice } from "../../../contracts/types/Slice.sol";
import { SliceRefusal } from "../../../contracts/types/SliceRefusal.sol";

/// The library behind calls: test/contracts/pricing/SliceShape.test.ts compares it with the sdk's twin.
contract SliceShapeHarness {
    function refusals(
        Slice[] calldata slices,
        SliceProfile calldata shorter,
        uint256 reportAt
    ) external pure returns (SliceRefusal[] memory reasons, SliceProfile[] memory profiles) {
        reasons = new SliceRefusal[](slices.length);
        profiles = new SliceProfile[](slices.length);
        for (uint256 i = 0; i < slices.length; ++i) {
            profiles[i] = shorter;
            reasons[i] = SliceShape.refusal(shorter, slices[i], reportAt);
            // The quick decision and the reason must agree.
            assert(SliceShape.pass(profiles[i], slices[i], reportAt) == (reasons[i] == SliceRefusal.None));
        }
    }
}

contract IntegerSqrtTest {
    function testFuzz_SqrtDownIsTheFloor(uint256 x, uint8 shift) public pure {
        x >>= shift;
        uint256 root = IntegerSqrt.sqrtDown(x);
        assert(root * root <= x);
        assert(root == type(uint128).max || (root + 1) * (root + 1) > x);
    }

    function testFuzz_SqrtAboveIsAboveByTheStatedBound(uint256 x, uint8 shift) public pure {
        x >>= shift;
        uint256 root = IntegerSqrt.sqrtDown(x);
        uint256 above = IntegerSqrt.sqrtAbove(x);
        assert(above > root);
        // 1.2e-12 of itself, one, and one for the root that was rounded down.
        assert(above - root <= (root * 12) / 1e13 + 2);
    }

    function testFuzz_SquaresAndTheirNeighbours(uint128 root) public pure {
        uint256 square = uint256(root) * root;
        assert(IntegerSqrt.sqrtDown(square) == root);
        if (root > 0) assert(IntegerSqrt.sqrtDown(square - 1) == root - 1);
    }
}

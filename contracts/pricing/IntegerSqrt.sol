// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Exact integer square roots.
library IntegerSqrt {
    /// floor(sqrt(x)) for every x, about 180 gas.
    ///
    /// The seed 2^(n/2 down), n the bit length of x, is within a factor sqrt(2) of the root. One Newton step leaves a relative error
    /// of at most 0.061, always from above; each further step takes e to less than e^2 / 2: 1.9e-3, 1.8e-6, 1.6e-12,
    /// 1.2e-24, 7.5e-49 after six steps, below 2^-159, so with a root under 2^128 the result is the floor or one more.
    function sqrtDown(uint256 x) internal pure returns (uint256 root) {
        // Cannot overflow: root <= 2^128 and x / root <= 2^129. For x = 0 the root becomes 0, and x / 0 is 0 here.
        assembly ("memory-safe") {
            root := shl(shr(1, sub(256, clz(x))), 1)
            root := shr(1, add(root, div(x, root)))
            root := shr(1, add(root, div(x, root)))
            root := shr(1, add(root, div(x, root)))
            root := shr(1, add(root, div(x, root)))
            root := shr(1, add(root, div(x, root)))
            root := shr(1, add(root, div(x, root)))
            root := sub(root, gt(root, div(x, root)))
        }
    }

    /// ceil(sqrt(x)) for every x.
    function sqrtUp(uint256 x) internal pure returns (uint256 root) {
        root = sqrtDown(x);
        // root^2 <= x cannot overflow, nor can root + 1 <= 2^128.
        unchecked {
            if (root * root < x) ++root;
        }
    }
}

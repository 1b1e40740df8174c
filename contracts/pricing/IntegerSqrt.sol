// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Integer square roots.
library IntegerSqrt {
    /// A root that is never below sqrt(x), and above it by less than 1.2e-12 of itself and one: four of the
    /// steps of {sqrtDown}, each cut by less than one, and one more. About 110 gas.
    function sqrtAbove(uint256 x) internal pure returns (uint256 root) {
        // The same steps as below; root + 1 <= 2^129.
        assembly ("memory-safe") {
            root := shl(shr(1, sub(256, clz(x))), 1)
            root := shr(1, add(root, div(x, root)))
            root := shr(1, add(root, div(x, root)))
            root := shr(1, add(root, div(x, root)))
            root := add(shr(1, add(root, div(x, root))), 1)
        }
    }

    /// floor(sqrt(x)) for every x, about 180 gas.
    ///
    /// The seed 2^(n/2 down), n the bit length of x, is within a factor sqrt(2) of the root. One Newton step
    /// leaves a relative error of at most 0.061, always from above; each further step takes e to less than
    /// e^2 / 2: 1.8e-3, 1.6e-6, 1.2e-12, 7.2e-25, 2.6e-49 after six steps, below 2^-161, so with a root under
    /// 2^128 the result is the floor or one more.
    function sqrtDown(uint256 x) internal pure returns (uint256 root) {
        // Cannot overflow: root <= 2^128 and x / root <= 2^129. For x = 0 the root becomes 0, and x / 0 is 0
        // here.
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
}

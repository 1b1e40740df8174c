// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What whole calls cost: under viaIR the optimizer moves pure code past `gasleft()`, but not past a call. The difference to the
/// same call of an empty twin is what the code inside costs.
contract Meter {
    /// Calls `target` with each of `calls`; answers the gas of each and whether it succeeded. The first call pays for the cold
    /// account, so leave it out.
    function measure(
        address target,
        bytes[] calldata calls
    ) external view returns (uint256[] memory used, bool[] memory succeeded) {
        used = new uint256[](calls.length);
        succeeded = new bool[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            bytes memory data = calls[i];
            bool success;
            uint256 spent;
            assembly ("memory-safe") {
                let length := mload(data)
                let start := add(data, 32)
                let before := gas()
                success := staticcall(gas(), target, start, length, 0, 0)
                spent := sub(before, gas())
            }
            (used[i], succeeded[i]) = (spent, success);
        }
    }
}

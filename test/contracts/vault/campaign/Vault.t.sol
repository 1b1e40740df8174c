// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Counts } from "../../campaign/Counts.sol";
import { Figures } from "../../campaign/Figures.sol";
import { Ground } from "./Ground.sol";
import { Kinds } from "./Kinds.sol";

/// The stateful campaign of the invariants V over the whole protocol: `npm test` plays 64 runs of 50 calls, `npm run test:deep` 8 seeds
/// of 256 runs of 100. Its figures are left in out/campaign-vault.json.
contract VaultCampaignTest is Ground {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), handler.selectors());
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_V1_V2_V3_V5_V8_V9_BothTranchesAgreeWithTheShadow() external view {
        checkAll();
    }

    /// Every run ends here. No call of the handler may revert (failOnRevert).
    function afterInvariant() external {
        Figures.add(Counts(address(handler)), "vault", Kinds.names());
    }
}

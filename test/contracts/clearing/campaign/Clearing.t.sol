// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Figures } from "../../campaign/Figures.sol";
import { Handler } from "./Handler.sol";
import { Kinds } from "./Kinds.sol";
import { deployArtifact, VM } from "../../campaign/Vm.sol";
import { World } from "./World.sol";

/// The stateful campaign of the invariants C, T, S10 and K: `npm test` plays 64 runs of 50 calls, `npm run test:deep` 8 seeds of 256
/// runs of 100. Its figures are left in out/campaign-clearing.json.
contract ClearingCampaignTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    // Monday 4 January 2027, 10:30 UTC.
    uint256 private constant START = 1_799_058_600;

    Handler private handler;

    function setUp() external {
        VM.warp(START);
        handler = Handler(
            deployArtifact(
                "test/contracts/clearing/campaign/Handler.sol:Handler",
                abi.encode(new World(), START)
            )
        );
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory selectors = new bytes4[](23);
        selectors[0] = handler.deposit.selector;
        selectors[1] = handler.withdraw.selector;
        selectors[2] = handler.write.selector;
        selectors[3] = handler.takeBack.selector;
        selectors[4] = handler.exchange.selector;
        selectors[5] = handler.choosePlainSums.selector;
        selectors[6] = handler.move.selector;
        selectors[7] = handler.wrap.selector;
        selectors[8] = handler.list.selector;
        selectors[9] = handler.evict.selector;
        selectors[10] = handler.squat.selector;
        selectors[11] = handler.pass.selector;
        selectors[12] = handler.redeem.selector;
        selectors[13] = handler.realize.selector;
        selectors[14] = handler.steal.selector;
        selectors[15] = handler.reenter.selector;
        selectors[16] = handler.donate.selector;
        selectors[17] = handler.breakToken.selector;
        selectors[18] = handler.changeDecimals.selector;
        selectors[19] = handler.chargeFee.selector;
        selectors[20] = handler.blockAccount.selector;
        selectors[21] = handler.pause.selector;
        selectors[22] = handler.tamper.selector;
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_C1_C2_C3_C4_C6_C8_T1_K3_TheBooksAgreeWithTheShadow() external view {
        handler.checkC1();
        handler.checkC2();
        handler.checkC4();
        handler.checkC6();
        handler.checkK3();
    }

    /// T2, T5 from wherever a run ended. Every run ends here. No call of the handler may revert (failOnRevert).
    function afterInvariant() external {
        Figures.add(handler, "clearing", Kinds.names());
        handler.windDown(uint256(keccak256(abi.encode(handler.calls(), handler.refused()))));
    }
}

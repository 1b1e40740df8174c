// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Handler } from "./Handler.sol";
import { VM } from "./Vm.sol";
import { World } from "./World.sol";

/// The stateful campaign of the invariants C and T, and K1, K2, K5: `npm test` plays 64 runs of 50 calls, `npm run test:deep` 8
/// seeds of 256 runs of 100.
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
        handler = new Handler(new World(1), START);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory selectors = new bytes4[](16);
        selectors[0] = Handler.deposit.selector;
        selectors[1] = Handler.withdraw.selector;
        selectors[2] = Handler.write.selector;
        selectors[3] = Handler.takeBack.selector;
        selectors[4] = Handler.exchange.selector;
        selectors[5] = Handler.choosePlainSums.selector;
        selectors[6] = Handler.move.selector;
        selectors[7] = Handler.wrap.selector;
        selectors[8] = Handler.list.selector;
        selectors[9] = Handler.pass.selector;
        selectors[10] = Handler.redeem.selector;
        selectors[11] = Handler.realize.selector;
        selectors[12] = Handler.donate.selector;
        selectors[13] = Handler.attack.selector;
        selectors[14] = Handler.reenter.selector;
        selectors[15] = Handler.paused.selector;
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_C1_C2_C3_C4_C6_C8_TheBooksAgreeWithTheShadow() external view {
        handler.checkC1();
        handler.checkC2();
        handler.checkC4();
        handler.checkC6();
    }

    /// T2, T3, T5 from wherever a run ended. Every run ends here.
    function afterInvariant() external {
        // No call may revert (failOnRevert), and few may do nothing.
        assert(handler.effective() * 100 >= handler.calls() * 75);
        handler.windDown(uint256(keccak256(abi.encode(handler.calls(), handler.attacks()))));
    }
}

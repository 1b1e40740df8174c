// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { VM } from "./Vm.sol";

/// What a campaign has done so far, and calls that must be refused.
abstract contract Counts {
    bool private inside;

    /// Calls of the campaign, and those that changed something or tried what only a guard stopped.
    uint256 public calls;
    uint256 public effective;
    /// Calls that had to revert, and did.
    uint256 public refused;
    /// How often each kind of call had its effect.
    mapping(bytes32 kind => uint256) public effects;
    uint256 private effectsInAll;

    // ---------------------------------------------------------------------------------------------------------------- counting

    /// An action that finds nothing to do does another one: that is still one call.
    modifier counted() {
        bool outermost = !inside;
        uint256 before = effectsInAll;
        if (outermost) (inside, calls) = (true, calls + 1);
        _;
        if (outermost) {
            inside = false;
            if (effectsInAll != before) ++effective;
        }
    }

    function _done(bytes32 kind) internal {
        ++effects[kind];
        ++effectsInAll;
    }

    // ---------------------------------------------------------------------------------------------------------------- refusals

    /// A call that must revert; returns why it did.
    function _refuse(address caller, address target, bytes memory data) internal returns (bytes memory) {
        ++refused;
        VM.prank(caller);
        (bool success, bytes memory answer) = target.call(data);
        assert(!success);
        return answer;
    }

    /// Whether a call would go through; it leaves no trace.
    function _wouldWork(address caller, address target, bytes memory data) internal returns (bool success) {
        uint256 before = VM.snapshotState();
        VM.prank(caller);
        (success, ) = target.call(data);
        VM.revertToStateAndDelete(before);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// An account that is a contract, and that uses every moment at which a token tells it of money.
contract Receiver {
    address private _target;
    bytes private _plan;

    /// How often the plan was tried in the middle of a call, and how often a guard against re-entry, nothing else, refused it.
    uint256 public tries;
    uint256 public guarded;

    function prepare(address target, bytes calldata plan) external {
        (_target, _plan, tries, guarded) = (target, plan, 0, 0);
    }

    /// What the token calls.
    function onMoney() external {
        (bool success, bytes memory answer) = _target.call(_plan);
        ++tries;
        bytes4 guard = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        if (!success && bytes4(answer) == guard) ++guarded;
    }
}

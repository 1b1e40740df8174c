// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// An account that is a contract, and that uses the moment at which a token tells it of money.
contract Receiver {
    address private _target;
    bytes private _plan;

    /// Whether the plan worked in the middle of the call, and what was answered.
    bool public entered;
    bytes public answer;

    function prepare(address target, bytes calldata plan) external {
        (_target, _plan, entered, answer) = (target, plan, true, "");
    }

    /// What the token calls.
    function onMoney() external {
        (entered, answer) = _target.call(_plan);
    }
}

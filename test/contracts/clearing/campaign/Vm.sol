// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The cheat codes that the campaigns use.
interface Vm {
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool);
}

Vm constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

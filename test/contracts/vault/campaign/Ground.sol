// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { deployArtifact, VM } from "../../campaign/Vm.sol";
import { World } from "./World.sol";

/// The handler as it is seen by those who call it: compiled apart, and once.
interface IHandler {
    function open() external;
    function selectors() external view returns (bytes4[] memory);
    function ask(uint256 who, bool isBase, uint256 assets, uint256 other, bool byOperator) external;
    function withdraw(uint256 who, bool isBase, uint256 part, uint256 other, bool byOperator) external;
    function cancel(uint256 who, bool isBase, bool isDeposit, uint256 seed) external;
    function endEpoch(uint256 late, uint256 move) external;
    function checkV2() external view;
    function checkV3() external view;
    function checkV5() external view;
    function checkV8() external view;
}

/// Where a campaign begins: the protocol deployed, four providers of both assets in.
abstract contract Ground {
    // Monday 31 December 2029, 10:30 UTC.
    uint256 private constant START = 1_893_407_400;
    uint256 private constant SPOT = 3000e8;

    World internal world;
    IHandler internal handler;

    function setUp() external {
        VM.warp(START);
        world = new World(SPOT);
        handler = IHandler(
            deployArtifact(
                "test/contracts/vault/campaign/Handler.sol:Handler",
                abi.encode(world, START, SPOT)
            )
        );
        handler.open();
    }

    function checkAll() public view {
        handler.checkV2();
        handler.checkV3();
        handler.checkV5();
        handler.checkV8();
    }
}

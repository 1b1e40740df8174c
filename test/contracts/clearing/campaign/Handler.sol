// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Checks } from "./Checks.sol";
import { Stage } from "./Stage.sol";
import { Troubles } from "./Troubles.sol";
import { World } from "./World.sol";

/// All who act, and all that is checked, in one contract: what the fuzzer calls.
contract Handler is Troubles, Checks {
    constructor(World world, uint256 startAt) Stage(world, startAt) {
        // Tomorrow's expiry and Friday's, and something to begin with.
        _open(0);
        _open(1);
        for (uint256 i = 0; i < 4; ++i) {
            deposit(i, true, 5e11);
            deposit(i, false, 5e11);
        }
        (calls, effective) = (0, 0);
    }
}

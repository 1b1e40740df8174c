// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILiquidityVault } from "../../../../contracts/interfaces/ILiquidityVault.sol";
import { Checks } from "./Checks.sol";
import { Kinds } from "./Kinds.sol";
import { Stage } from "./Stage.sol";
import { World } from "./World.sol";

/// All who act, and all that is checked, in one contract: what the fuzzer calls.
contract Handler is Checks {
    uint256 private constant SEED_BASE = 10e18;
    uint256 private constant SEED_QUOTE = 30_000e6;

    constructor(World world, uint256 startAt, uint256 startSpot) Stage(world, startAt, startSpot) {}

    /// Lists four expiries, proves the surface, seeds, and lets four providers of both assets in; four epochs on the limits know of them.
    function open() external {
        _tick(0);
        WORLD.feed(spot);
        uint8[4] memory days_ = [1, 2, 25, 88];
        for (uint256 i = 0; i < 4; ++i) _open(days_[i]);
        _look();
        _tick(700);
        _look();
        WORLD.seed(SEED_BASE, SEED_QUOTE);
        terms = nextTerms = ILiquidityVault.Terms(50, 5, 9, 0, 0, address(0));
        markedAt = lookedAt - 2;
        _seeded(true, SEED_BASE);
        _seeded(false, SEED_QUOTE);
        for (uint256 i = 0; i < 4; ++i) {
            ask(i, true, 59e18, i, false);
            ask(i, false, 179_000e6, i, false);
        }
        for (uint256 i = 0; i < 5; ++i) endEpoch(1 hours, 400 + (1 << 16));
        for (uint256 i = 0; i < 4; ++i) {
            _claim(true, true, actors[i], 0, 0);
            _claim(false, true, actors[i], 0, 0);
        }
        (calls, effective, refused) = (0, 0, 0);
        bytes32[] memory kinds = Kinds.names();
        for (uint256 i = 0; i < kinds.length; ++i) effects[kinds[i]] = 0;
    }

    /// What the fuzzer may call.
    function selectors() external pure returns (bytes4[] memory list) {
        bytes4[16] memory all = [
            this.ask.selector,
            this.withdraw.selector,
            this.cancel.selector,
            this.claim.selector,
            this.pass.selector,
            this.report.selector,
            this.buy.selector,
            this.sellBack.selector,
            this.hedge.selector,
            this.endEpoch.selector,
            this.setTerms.selector,
            this.give.selector,
            this.steal.selector,
            this.reenter.selector,
            this.blockProvider.selector,
            this.leaveAtFloor.selector
        ];
        list = new bytes4[](all.length);
        for (uint256 i = 0; i < all.length; ++i) list[i] = all[i];
    }

    function _seeded(bool isBase, uint256 assets) private {
        Side storage side = sides[isBase];
        (side.funds, side.claim, side.high) = (assets, assets * _scale(isBase), WAD);
        side.supply = side.claimableShares = assets - 1000;
    }
}

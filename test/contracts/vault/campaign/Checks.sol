// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILiquidityVault } from "../../../../contracts/interfaces/ILiquidityVault.sol";
import { ITranche } from "../../../../contracts/interfaces/ITranche.sol";
import { BookClaims } from "../../../../contracts/types/BookClaims.sol";
import { Enemies } from "./Enemies.sol";

/// What must hold after every call.
abstract contract Checks is Enemies {
    /// V5: what every provider has waiting, filled and paid is what brute force gives it, and all that is claimable is set apart.
    function checkV5() external view {
        for (uint256 i = 0; i < 2; ++i) {
            bool isBase = i == 0;
            ITranche tranche = _tranche(isBase);
            Side storage side = sides[isBase];
            ITranche.Queue memory queue = tranche.queue();
            assert(queue.depositAssets == side.waiting && queue.redeemShares == side.leaving);
            assert(queue.claimableAssets == side.claimableAssets);
            assert(queue.claimableShares == side.claimableShares);
            uint256[4] memory sums;
            for (uint256 j = 0; j < 4; ++j) {
                address who = actors[j];
                _checkRequest(tranche, isBase, true, who);
                _checkRequest(tranche, isBase, false, who);
                (uint256 pending, , uint256 paid) = _standing(tranche, true, who);
                (sums[0], sums[1]) = (sums[0] + pending, sums[1] + paid);
                (pending, , paid) = _standing(tranche, false, who);
                (sums[2], sums[3]) = (sums[2] + pending, sums[3] + paid);
                uint256 assets = tranche.claimableCancelDepositRequest(0, who);
                uint256 cancelled = tranche.claimableCancelRedeemRequest(0, who);
                assert(assets == requests[isBase][true][who].cancelled);
                assert(cancelled == requests[isBase][false][who].cancelled);
                (sums[1], sums[3]) = (sums[1] + cancelled, sums[3] + assets);
            }
            assert(sums[0] <= side.waiting && sums[2] <= side.leaving);
            assert(sums[1] <= side.claimableShares && sums[3] <= side.claimableAssets);
        }
    }

    /// V2: no share is made of nothing: what accounts hold and what waits here is the supply.
    function checkV2() external view {
        for (uint256 i = 0; i < 2; ++i) {
            bool isBase = i == 0;
            ITranche tranche = _tranche(isBase);
            Side storage side = sides[isBase];
            uint256 sum = side.leaving + side.claimableShares + shares[isBase][FEES];
            assert(tranche.balanceOf(FEES) == shares[isBase][FEES]);
            for (uint256 j = 0; j < 4; ++j) {
                assert(tranche.balanceOf(actors[j]) == shares[isBase][actors[j]]);
                sum += shares[isBase][actors[j]];
            }
            assert(tranche.totalSupply() == side.supply);
            assert(sum == side.supply);
        }
    }

    /// V8, C1: the tranche holds what waits, what is claimable and what was given, the book's account what its own trades left; nobody else's.
    function checkV8() external view {
        for (uint256 i = 0; i < 2; ++i) {
            bool isBase = i == 0;
            Side storage side = sides[isBase];
            uint256 held = _token(isBase).balanceOf(address(_tranche(isBase)));
            assert(held == side.waiting + side.claimableAssets + side.given);
            (uint256 balance, uint256 locked) = _account(isBase);
            assert(balance == side.funds && locked <= balance);
            assert(HOUSE.held(address(_token(isBase))) >= balance);
            assert(_token(isBase).balanceOf(address(HOUSE)) >= HOUSE.held(address(_token(isBase))));
        }
    }

    /// V3, V9: what the book owes a side changes by an epoch's end and an exit at the floor alone.
    function checkV3() external view {
        BookClaims claims = BOOK.claims();
        assert(claims.claimBase() == sides[true].claim);
        assert(claims.claimQuote() == sides[false].claim);
        assert(VAULT.phase() == ILiquidityVault.Phase.Running);
        (uint256 number, ) = VAULT.epoch();
        assert(number == epochs + 1);
    }
}

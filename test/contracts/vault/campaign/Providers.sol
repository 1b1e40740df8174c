// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC7540Deposit, IERC7540Redeem } from "../../../../contracts/interfaces/IERC7540.sol";
import { IERC7575 } from "../../../../contracts/interfaces/IERC7575.sol";
import { IERC7887Deposit, IERC7887Redeem } from "../../../../contracts/interfaces/IERC7887.sol";
import { ITranche } from "../../../../contracts/interfaces/ITranche.sol";
import { VM } from "../../campaign/Vm.sol";
import { Epochs } from "./Epochs.sol";

/// What providers do between two epochs' ends. Every action is bounded to what must succeed, so a revert is a finding; what it may not do
/// without effect, it does otherwise.
abstract contract Providers is Epochs {
    struct Claim {
        address receiver;
        bool byOut;
        uint256 amountIn;
        uint256 amountOut;
    }

    /// For itself, for another controller, or by an operator.
    function ask(uint256 who, bool isBase, uint256 assets, uint256 other, bool byOperator) public counted {
        if (!_isOpen(isBase)) return endEpoch(other, assets);
        if (!_tranche(isBase).queue().depositsOpen) return withdraw(who, isBase, assets, other, byOperator);
        (address owner, address controller) = (actors[who % 4], actors[other % 4]);
        assets = isBase ? 1e15 + (assets % 60e18) : 1e6 + (assets % 180_000e6);
        uint256 before = _token(isBase).balanceOf(owner);
        _act(
            owner,
            isBase,
            byOperator,
            abi.encodeCall(IERC7540Deposit.requestDeposit, (assets, controller, owner))
        );
        _added(isBase, true, controller, assets);
        assert(before - _token(isBase).balanceOf(owner) == assets);
        _done(owner == controller ? bytes32("deposit request") : bytes32("deposit for another"));
    }

    /// A part of the shares, or all of them however few (V7), or everybody all of a side.
    function withdraw(uint256 who, bool isBase, uint256 part, uint256 other, bool byOperator) public counted {
        if (!_isOpen(isBase)) return endEpoch(other, part);
        if (part % 5 == 0) {
            for (uint256 i = 0; i < 4; ++i) _withdraw(actors[i], isBase, 0, actors[i], false);
            _done("exodus");
        } else if (!_withdraw(actors[who % 4], isBase, part, actors[other % 4], byOperator)) {
            claim(who, isBase, true, part, other);
        }
    }

    function _withdraw(
        address owner,
        bool isBase,
        uint256 part,
        address controller,
        bool byOperator
    ) private returns (bool) {
        uint256 held = shares[isBase][owner];
        if (held == 0) return false;
        uint256 amount = part % 3 == 0 ? held : 1 + (part % held);
        if (amount < (isBase ? 1e15 : 1e6)) amount = held;
        bytes memory data = abi.encodeCall(IERC7540Redeem.requestRedeem, (amount, controller, owner));
        _act(owner, isBase, byOperator, data);
        shares[isBase][owner] -= amount;
        _added(isBase, false, controller, amount);
        _done(amount == held ? bytes32("withdrawal of all") : bytes32("withdrawal request"));
        return true;
    }

    /// Takes what waits back, and gets it at once or at the next claim.
    function cancel(uint256 who, bool isBase, bool isDeposit, uint256 seed) public counted {
        if (!_isOpen(isBase)) return endEpoch(seed, who);
        ITranche tranche = _tranche(isBase);
        for (uint256 i = 0; i < 8; ++i) {
            address actor = actors[((who % 4) + i / 2) % 4];
            bool isFirst = (i % 2 == 0) == isDeposit;
            (uint256 pending, , ) = _standing(tranche, isFirst, actor);
            if (pending == 0) continue;
            bytes memory data =
                isFirst
                    ? abi.encodeCall(IERC7887Deposit.cancelDepositRequest, (0, actor))
                    : abi.encodeCall(IERC7887Redeem.cancelRedeemRequest, (0, actor));
            _act(actor, isBase, seed % 3 == 0, data);
            _removed(isBase, isFirst, actor, pending, true);
            requests[isBase][isFirst][actor].cancelled += pending;
            if (isFirst) sides[isBase].claimableAssets += pending;
            else sides[isBase].claimableShares += pending;
            if (seed % 2 == 0) _takeCancelled(isBase, isFirst, actor, actor, seed % 5 == 0);
            return _done(isFirst ? bytes32("cancelled deposit") : bytes32("cancelled withdrawal"));
        }
        ask(who, isBase, seed, who, false);
    }

    /// Of what was filled a part or all, by amount in or out, to oneself or another, oneself or by an operator; looked for from `who` on.
    function claim(uint256 who, bool isBase, bool isDeposit, uint256 part, uint256 way) public counted {
        for (uint256 i = 0; i < 16; ++i) {
            address actor = actors[((who % 4) + i / 4) % 4];
            bool base = (i % 2 == 0) == isBase;
            bool deposit = (i % 4 < 2) == isDeposit;
            if (requests[base][deposit][actor].cancelled != 0) {
                return _takeCancelled(base, deposit, actor, actors[way % 4], way % 3 == 0);
            }
            if (_claim(base, deposit, actor, part, way)) return;
        }
        // Where nothing can go in either, a withdrawal would lead back here.
        if (_tranche(isBase).queue().depositsOpen) ask(who, isBase, part, who, false);
        else endEpoch(way, part);
    }

    /// Shares go from hand to hand.
    function pass(uint256 who, bool isBase, uint256 part, uint256 to) public counted {
        (address from, address receiver) = (actors[who % 4], actors[to % 4]);
        uint256 held = shares[isBase][from];
        if (held == 0) return claim(who, isBase, true, part, to);
        uint256 amount = 1 + (part % held);
        ITranche tranche = _tranche(isBase);
        VM.prank(from);
        assert(tranche.transfer(receiver, amount));
        shares[isBase][from] -= amount;
        shares[isBase][receiver] += amount;
        _done("transfer of shares");
    }

    // ------------------------------------------------------------------------------------------------------------------ parts

    function _isOpen(bool isBase) internal view returns (bool) {
        return currentAt < _tranche(isBase).queue().cutOffAt;
    }

    /// By whom it belongs to, or by a stranger whom it made its operator for the call.
    function _act(address owner, bool isBase, bool byOperator, bytes memory data) internal {
        address tranche = address(_tranche(isBase));
        if (byOperator) {
            _refuse(STRANGER, tranche, data);
            VM.prank(owner);
            ITranche(tranche).setOperator(STRANGER, true);
        }
        VM.prank(byOperator ? STRANGER : owner);
        (bool success, bytes memory answer) = tranche.call(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        if (!byOperator) return;
        VM.prank(owner);
        ITranche(tranche).setOperator(STRANGER, false);
        _done("call by operator");
    }

    /// V2, V5: something for something, and what it is worth to the unit.
    function _claim(
        bool isBase,
        bool isDeposit,
        address actor,
        uint256 part,
        uint256 way
    ) internal returns (bool) {
        (, uint256 filled, uint256 paid) = _standing(_tranche(isBase), isDeposit, actor);
        if (filled == 0) return false;
        Claim memory claim_;
        claim_.receiver = way % 4 == 1 ? actors[(way >> 8) % 4] : actor;
        claim_.byOut = way % 8 >= 4;
        claim_.amountOut = part % 3 == 0 ? paid : 1 + (part % paid);
        claim_.amountIn = part % 3 == 0 ? filled : 1 + (part % filled);
        if (claim_.byOut) claim_.amountIn = (filled * claim_.amountOut + paid - 1) / paid;
        else claim_.amountOut = (paid * claim_.amountIn) / filled;
        // Too small for anything to come out: then all of it.
        if (claim_.amountOut == 0) (claim_.amountIn, claim_.amountOut) = (filled, paid);
        _carryOut(claim_, isBase, isDeposit, actor, way % 3 == 2);
        return true;
    }

    function _carryOut(
        Claim memory claim_,
        bool isBase,
        bool isDeposit,
        address actor,
        bool byOperator
    ) internal {
        address receiver = claim_.receiver;
        uint256 before = _held(isBase, isDeposit, receiver);
        uint256 amount = claim_.byOut ? claim_.amountOut : claim_.amountIn;
        _act(actor, isBase, byOperator, _claimOf(isDeposit, claim_.byOut, amount, receiver, actor));
        _claimed(isBase, isDeposit, actor, claim_.amountIn, claim_.amountOut);
        if (isDeposit) shares[isBase][receiver] += claim_.amountOut;
        assert(_held(isBase, isDeposit, receiver) - before == claim_.amountOut);
        _done(isDeposit ? bytes32("claim of shares") : bytes32("claim of assets"));
    }

    function _claimOf(
        bool isDeposit,
        bool byOut,
        uint256 amount,
        address receiver,
        address actor
    ) internal pure returns (bytes memory) {
        if (isDeposit)
            return
                byOut
                    ? abi.encodeCall(IERC7540Deposit.mint, (amount, receiver, actor))
                    : abi.encodeCall(IERC7540Deposit.deposit, (amount, receiver, actor));
        return
            byOut
                ? abi.encodeCall(IERC7575.withdraw, (amount, receiver, actor))
                : abi.encodeCall(IERC7575.redeem, (amount, receiver, actor));
    }

    function _takeCancelled(
        bool isBase,
        bool isDeposit,
        address actor,
        address receiver,
        bool byOperator
    ) internal {
        Request storage request = requests[isBase][isDeposit][actor];
        uint256 amount = request.cancelled;
        request.cancelled = 0;
        uint256 before = _held(isBase, !isDeposit, receiver);
        bytes memory data =
            isDeposit
                ? abi.encodeCall(IERC7887Deposit.claimCancelDepositRequest, (0, receiver, actor))
                : abi.encodeCall(IERC7887Redeem.claimCancelRedeemRequest, (0, receiver, actor));
        _act(actor, isBase, byOperator, data);
        if (byOperator) _done("theft of what was cancelled");
        if (isDeposit) {
            sides[isBase].claimableAssets -= amount;
        } else {
            sides[isBase].claimableShares -= amount;
            shares[isBase][receiver] += amount;
        }
        assert(_held(isBase, !isDeposit, receiver) - before == amount);
        _done("claim of what was cancelled");
    }

    /// Shares, or assets, in hand.
    function _held(bool isBase, bool inShares, address who) internal view returns (uint256) {
        return inShares ? _tranche(isBase).balanceOf(who) : _token(isBase).balanceOf(who);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IBook } from "../../../../contracts/interfaces/IBook.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { IERC7540Deposit, IERC7540Redeem } from "../../../../contracts/interfaces/IERC7540.sol";
import { IERC7575 } from "../../../../contracts/interfaces/IERC7575.sol";
import { IERC7887Deposit, IERC7887Redeem } from "../../../../contracts/interfaces/IERC7887.sol";
import { ILiquidityVault } from "../../../../contracts/interfaces/ILiquidityVault.sol";
import { ITranche } from "../../../../contracts/interfaces/ITranche.sol";
import { Report } from "../../../../contracts/types/Report.sol";
import { VM } from "../../campaign/Vm.sol";
import { HostileToken } from "../../clearing/HostileTokens.sol";
import { Providers } from "./Providers.sol";

/// Who gives for nothing, who tries what it must not, who re-enters, whom the token refuses; and who leaves when the signers are silent.
/// Before an attack the same call is made by whom it belongs to and must work, so that nothing but the guard under test has stopped it.
abstract contract Enemies is Providers {
    /// V1, V8: what is given, wherever, changes nothing that anybody has or is owed.
    function give(bool isBase, uint256 assets, uint256 route) public counted {
        address[7] memory targets = [
            address(_tranche(isBase)),
            address(_tranche(!isBase)),
            address(VAULT),
            address(HOUSE),
            address(HEDGER),
            address(BOOK),
            address(POOL)
        ];
        bytes32[7] memory names = [
            bytes32("gift to the tranche"),
            "gift to the other tranche",
            "gift to the vault",
            "gift to the Clearinghouse",
            "gift to the hedger",
            "gift to the book",
            "gift to the pool"
        ];
        assets = 1 + (assets % (isBase ? 100e18 : 300_000e6));
        bytes32 all = _digest();
        VM.prank(STRANGER);
        assert(_token(isBase).transfer(targets[route % 7], assets));
        assert(_digest() == all);
        if (route % 7 == 0) sides[isBase].given += assets;
        // Into the book's own account nobody but its modules may put anything.
        _refuse(
            STRANGER,
            address(HOUSE),
            abi.encodeCall(IClearinghouse.deposit, (address(_token(isBase)), assets, address(BOOK)))
        );
        _done(names[route % 7]);
    }

    /// Everything that a provider could do with what is its own, tried by another; and what only the vault may do.
    function steal(uint256 who, uint256 other, bool isBase, uint256 amount) public counted {
        address victim = actors[who % 4];
        address thief = actors[((who % 4) + 1 + (other % 3)) % 4];
        (address[7] memory targets, bytes[7] memory plans, bytes32[7] memory names) = _thefts(
            isBase,
            victim,
            thief,
            amount
        );
        bytes32 all = _digest();
        for (uint256 i = 0; i < plans.length; ++i) {
            if (plans[i].length == 0 || !_wouldWork(victim, targets[i], plans[i])) continue;
            _refuse(thief, targets[i], plans[i]);
            _done(names[i]);
        }
        bytes[4] memory reserved = [
            abi.encodeCall(ITranche.fill, (1, ITranche.Fill(0, amount, 0, amount, 0, true))),
            abi.encodeCall(ITranche.mintFee, (thief, amount)),
            abi.encodeCall(ITranche.burnForFloor, (victim, 1)),
            abi.encodeCall(IERC20.transferFrom, (victim, thief, 1))
        ];
        for (uint256 i = 0; i < 4; ++i) _refuse(thief, address(_tranche(isBase)), reserved[i]);
        _refuse(
            thief,
            address(BOOK),
            abi.encodeCall(IBook.lowerClaim, (isBase ? IBook.Side.Base : IBook.Side.Quote, 1, 1e18))
        );
        _refuse(
            thief,
            address(HOUSE),
            abi.encodeCall(IClearinghouse.withdraw, (address(_token(isBase)), 1, address(BOOK), thief))
        );
        assert(_digest() == all);
        _done("meddling refused");
    }

    function _thefts(
        bool isBase,
        address victim,
        address thief,
        uint256 amount
    ) private view returns (address[7] memory targets, bytes[7] memory plans, bytes32[7] memory names) {
        ITranche tranche = _tranche(isBase);
        for (uint256 i = 0; i < 7; ++i) targets[i] = address(tranche);
        names = [
            bytes32("theft by deposit request"),
            "theft by withdrawal request",
            "theft of claimable shares",
            "theft of claimable assets",
            "meddling by cancelation",
            "theft of what was cancelled",
            "theft at the floor"
        ];
        plans[0] = abi.encodeCall(IERC7540Deposit.requestDeposit, (isBase ? 1e18 : 3000e6, thief, victim));
        uint256 held = shares[isBase][victim];
        if (held != 0) {
            plans[1] = abi.encodeCall(IERC7540Redeem.requestRedeem, (held, thief, victim));
            IBook.Side side = isBase ? IBook.Side.Base : IBook.Side.Quote;
            plans[6] = abi.encodeCall(ILiquidityVault.exitAtFloor, (side, held, 0, 0, thief, victim));
            targets[6] = address(VAULT);
        }
        (uint256 pending, uint256 filled, ) = _standing(tranche, true, victim);
        if (filled != 0) plans[2] = _claimOf(true, false, filled, thief, victim);
        if (pending != 0) plans[4] = abi.encodeCall(IERC7887Deposit.cancelDepositRequest, (0, victim));
        (pending, filled, ) = _standing(tranche, false, victim);
        if (filled != 0) plans[3] = _claimOf(false, false, filled, thief, victim);
        if (pending != 0 && amount % 2 == 0)
            plans[4] = abi.encodeCall(IERC7887Redeem.cancelRedeemRequest, (0, victim));
        if (requests[isBase][true][victim].cancelled != 0)
            plans[5] = abi.encodeCall(IERC7887Deposit.claimCancelDepositRequest, (0, thief, victim));
        else plans[5] = abi.encodeCall(IERC7887Redeem.claimCancelRedeemRequest, (0, thief, victim));
    }

    /// K5: a provider that is a contract is called while its base moves, in a request, a claim or an epoch's end.
    function reenter(uint256 plan, uint256 way, uint256 amount) public counted {
        address own = address(RECEIVER);
        ITranche tranche = _tranche(true);
        // Where it takes no deposit the tranche could only be entered from an epoch's end.
        bool isEnd = way % 3 == 0 || !_isOpen(true) || !tranche.queue().depositsOpen;
        address target = isEnd ? address(VAULT) : address(tranche);
        bytes[7] memory plans = [
            abi.encodeCall(IERC7540Deposit.requestDeposit, (1e18, own, own)),
            abi.encodeCall(IERC7540Redeem.requestRedeem, (shares[true][own], own, own)),
            abi.encodeCall(IERC7887Deposit.cancelDepositRequest, (0, own)),
            _claimOf(true, false, 1e15, own, own),
            _claimOf(false, false, 1e15, own, own),
            abi.encodeCall(IERC20.totalSupply, ()),
            abi.encodeCall(IERC7575.convertToAssets, (1e18))
        ];
        bytes memory inside = plans[plan % 7];
        if (isEnd) inside = _vaultPlan(plan, own);
        RECEIVER.prepare(target, inside);
        _token(true).callBack(address(RECEIVER), abi.encodeCall(RECEIVER.onMoney, ()));
        if (isEnd) endEpoch(way, plan);
        else if (!_claim(true, false, own, amount, 0)) ask(3, true, amount, 3, false);
        _token(true).behave(HostileToken.Behaviour.Honest);
        // An epoch that moves no base calls nobody.
        assert(isEnd || RECEIVER.tries() > 0);
        if (RECEIVER.tries() == 0) return;
        assert(RECEIVER.guarded() == RECEIVER.tries());
        ++refused;
        _done(isEnd ? bytes32("re-entry of the vault") : bytes32("re-entry of the tranche"));
    }

    /// The one way out, and the two views that others may price by.
    function _vaultPlan(uint256 plan, address own) private view returns (bytes memory) {
        if (plan % 3 == 0) return abi.encodeCall(ILiquidityVault.floor, ());
        Report memory none;
        if (plan % 3 == 1) return abi.encodeCall(ILiquidityVault.plan, (none));
        return
            abi.encodeCall(ILiquidityVault.exitAtFloor, (IBook.Side.Base, shares[true][own], 0, 0, own, own));
    }

    /// V7: whom the token pays nothing is stuck alone: epochs end, others claim, and it gets out by another receiver.
    function blockProvider(uint256 who, uint256 seed) public counted {
        for (uint256 i = 0; i < 4; ++i) {
            uint256 place = ((who % 4) + i) % 4;
            (, uint256 filled, ) = _standing(_tranche(true), false, actors[place]);
            if (filled != 0) return _block(place, filled, seed);
        }
        withdraw(who, true, seed, who, false);
    }

    function _block(uint256 place, uint256 filled, uint256 seed) private {
        address actor = actors[place];
        _token(true).setBlocked(actor, true);
        _refuse(actor, address(_tranche(true)), _claimOf(false, false, filled, actor, actor));
        if (seed % 2 == 0) endEpoch(seed, seed >> 8);
        for (uint256 i = 1; i < 4; ++i) _claim(true, false, actors[(place + i) % 4], seed, 0);
        Claim memory all;
        (, all.amountIn, all.amountOut) = _standing(_tranche(true), false, actor);
        all.receiver = address(0xE5C);
        _carryOut(all, true, false, actor, false);
        _token(true).setBlocked(actor, false);
        _done("blocked provider");
    }

    /// V11: before three days of silence nobody leaves at the floor; after them whoever likes does, with no signer, and takes no more than its
    /// part at the spot that there is.
    function leaveAtFloor(uint256 who, bool isBase, uint256 part, uint256 time) public counted {
        address owner = actors[who % 4];
        for (uint256 i = 1; i < 4 && _leaving(isBase, owner) == 0; ++i) owner = actors[((who % 4) + i) % 4];
        uint256 all = _leaving(isBase, owner);
        if (all == 0) return claim(who, isBase, true, part, 0);
        IBook.Side side = isBase ? IBook.Side.Base : IBook.Side.Quote;
        (bool isOpen, uint256 opensAt, ) = VAULT.floor();
        if (!isOpen) {
            // Silence is rare.
            if (time % 4 != 0) return withdraw(who, isBase, part, who, false);
            _advance(opensAt - 10);
            if (currentAt < opensAt)
                _refuse(
                    owner,
                    address(VAULT),
                    abi.encodeCall(VAULT.exitAtFloor, (side, 1, 0, 0, owner, owner))
                );
            _advance(opensAt + (time % 12 hours));
        }
        if (time % 3 != 0) _move(part);
        WORLD.feed(spot);
        _exit(isBase, owner, part % 3 == 0 ? all : 1 + (part % all), side);
    }

    function _leaving(bool isBase, address owner) private view returns (uint256 all) {
        (uint256 pending, , ) = _standing(_tranche(isBase), false, owner);
        return pending + shares[isBase][owner];
    }

    function _exit(bool isBase, address owner, uint256 amount, IBook.Side side) private {
        _realizeDue();
        delete due;
        (uint256 held, uint256 owed) = _ground();
        (, , uint256 factor) = VAULT.floor();
        // What is held at spot covers what is owed by no less than the factor.
        assert(held * WAD >= factor * owed);
        (uint256 pending, , ) = _standing(_tranche(isBase), false, owner);
        _refuse(
            STRANGER,
            address(VAULT),
            abi.encodeCall(ILiquidityVault.exitAtFloor, (side, amount, 0, 0, STRANGER, owner))
        );
        _done("theft at the floor");
        VM.prank(owner);
        (bool success, bytes memory answer) = address(VAULT).call(
            abi.encodeCall(ILiquidityVault.exitAtFloor, (side, amount, 0, 0, owner, owner))
        );
        if (!success) {
            // Less than a unit of the asset comes out, or nothing is free.
            assert(bytes4(answer) == bytes4(keccak256("Vault_TooFewAssets(uint256,uint256)")));
            return _done("floor with nothing to give");
        }
        uint256 burned = _left(isBase, amount, answer, factor);
        uint256 waited = burned < pending ? burned : pending;
        if (waited != 0) _removed(isBase, false, owner, waited, waited == pending);
        shares[isBase][owner] -= burned - waited;
        // V3: who stays has no less behind a unit of claim.
        (uint256 heldAfter, uint256 owedAfter) = _ground();
        assert((heldAfter + 2e12) * (owed / 1e9) >= held * (owedAfter / 1e9));
        _done("exit at the floor");
    }

    /// What left at the floor: shares for the worth of their claim, by the factor, or as many as are paid.
    function _left(
        bool isBase,
        uint256 amount,
        bytes memory answer,
        uint256 factor
    ) private returns (uint256 burned) {
        Side storage own = sides[isBase];
        (uint256 assets, uint256 other) = abi.decode(answer, (uint256, uint256));
        burned = own.supply - _tranche(isBase).totalSupply();
        assert(assets + other > 0 && burned > 0 && burned <= amount);
        uint256 worth = (burned * own.claim) / (own.supply + 1000);
        uint256 due = (worth * factor) / WAD;
        assert(assets * _scale(isBase) <= due);
        if (burned < amount) _done("floor for a part");
        if (other != 0 || (burned == amount && assets < due / _scale(isBase)))
            _otherForRest(isBase, due - assets * _scale(isBase), other);
        sides[!isBase].funds -= other;
        own.claim = _kept(isBase, own.claim - worth);
        own.supply -= burned;
        own.funds -= assets;
    }

    /// V13: the other asset is paid for what the own one does not suffice for, while an option is written out of what is free beyond its own side's
    /// claim; and for no more than it is worth at the spot of the feeds, nor for less than a twentieth less.
    function _otherForRest(bool isBase, uint256 rest, uint256 other) private {
        (uint256 base, uint256 lockedBase) = _account(true);
        (uint256 quote, uint256 lockedQuote) = _account(false);
        bool isWritten = (lockedBase | lockedQuote) != 0;
        uint256 reserved = BOOK.read(new uint32[](0)).funds.reserve() + BOOK.unreleasedRent();
        (base, quote) = (base - lockedBase, (quote - lockedQuote) * 1e12);
        assert(isBase ? base == 0 : quote < reserved + 1e12);
        if (isWritten) assert(isBase ? quote >= reserved + sides[false].claim : base >= sides[true].claim);
        if (isBase) rest = (rest * spot) / 1e8;
        uint256 worth = isBase ? other * 1e12 : (other * spot) / 1e8;
        assert(worth <= rest && (worth + 2e12) * 20 >= rest * 19);
        _done(isWritten ? bytes32("floor in what is spare") : bytes32("floor in both assets"));
    }

    /// What is free of cover, reserve and rent, and what is owed, both at the spot of the feeds.
    function _ground() private view returns (uint256 held, uint256 owed) {
        (uint256 balance, uint256 locked) = _account(true);
        held = ((balance - locked) * spot) / 1e8;
        (balance, locked) = _account(false);
        uint256 free = (balance - locked) * 1e12;
        uint256 reserved = BOOK.read(new uint32[](0)).funds.reserve() + BOOK.unreleasedRent();
        if (free > reserved) held += free - reserved;
        owed = (sides[true].claim * spot) / 1e8 + sides[false].claim;
    }
}

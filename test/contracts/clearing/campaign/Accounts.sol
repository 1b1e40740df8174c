// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { OptionERC20 } from "../../../../contracts/clearing/OptionERC20.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { SeriesId } from "../../../../contracts/types/SeriesId.sol";
import { Stage } from "./Stage.sol";
import { VM } from "../../campaign/Vm.sol";

/// What accounts do before expiry. Every action is bounded to what must succeed, so a revert is a finding, not noise; each is checked
/// against the shadow books and against what it may not touch (C5, C6, C7).
abstract contract Accounts is Stage {
    function deposit(uint256 who, bool isBase, uint256 assets) public counted {
        address actor = actors[who % 4];
        assets = 1 + (assets % 1e12);
        bytes32 others = _digestWithout(actor, address(0));
        VM.prank(actor);
        assert(HOUSE.deposit(_asset(isBase), assets, actor) == assets);
        balances[actor][isBase] += assets;
        held[isBase] += assets;
        assert(_digestWithout(actor, address(0)) == others);
        _done("deposit");
    }

    function withdraw(uint256 who, bool isBase, uint256 assets, uint256 to) public counted {
        (address actor, address receiver) = (actors[who % 4], actors[to % 4]);
        if (!_withdraw(actor, receiver, isBase, assets)) return deposit(who, isBase, assets);
        if (actor != receiver) _done("withdraw to another");
    }

    function write(uint256 who, uint256 series, uint256 amount, uint256 to, bool byDelegate) public counted {
        (address actor, address receiver) = (actors[who % 4], actors[to % 4]);
        (bool found, uint256 line, uint256 id, bool isPut) = _tradable(series);
        amount = _writable(actor, id, isPut, amount);
        if (!found || amount == 0) return deposit(who, !isPut, amount + 1e9);
        bytes32 others = _digestWithout(actor, receiver);
        if (byDelegate) _mintByDelegate(actor, receiver, id, amount);
        else {
            VM.prank(actor);
            HOUSE.mint(SeriesId.wrap(id), amount, actor, receiver);
        }
        _moved(actor, line, id, int256(amount), currentAt);
        tokens[receiver][id] += amount;
        assert(_digestWithout(actor, receiver) == others);
        _done("write");
    }

    function _mintByDelegate(address actor, address receiver, uint256 id, uint256 amount) private {
        address delegate = address(0xDE1E);
        VM.prank(actor);
        HOUSE.authorize(delegate, TRADE);
        VM.prank(delegate);
        HOUSE.mint(SeriesId.wrap(id), amount, actor, receiver);
        VM.prank(actor);
        HOUSE.authorize(delegate, 0);
        _done("write by delegate");
    }

    function takeBack(uint256 who, uint256 series, uint256 amount) public counted {
        if (!_takeBack(who, series, amount)) write(who, series, amount, who, false);
    }

    /// A burn, a mint, and premium in and out.
    struct Swap {
        address actor;
        uint256 burnLine;
        uint256 burnId;
        uint256 burned;
        uint256 mintLine;
        uint256 mintId;
        uint256 minted;
        uint256 premium;
        uint256 paid;
    }

    /// C7: an exchange of a burn, a mint and premium in and out leaves the state of the single calls.
    function exchange(uint256 who, uint256 series, uint256 amount, uint256 premium) public counted {
        (bool found, Swap memory swap) = _swapOf(who, series, amount, premium);
        if (!found) return takeBack(who, series, amount);
        bytes32 singles = _digestAfterSingles(swap);
        _exchange(swap);
        assert(_digest() == singles);

        address actor = swap.actor;
        tokens[actor][swap.burnId] -= swap.burned;
        _moved(actor, swap.burnLine, swap.burnId, -int256(swap.burned), currentAt);
        _moved(actor, swap.mintLine, swap.mintId, int256(swap.minted), currentAt);
        tokens[actor][swap.mintId] += swap.minted;
        balances[actor][false] += swap.premium;
        held[false] += swap.premium;
        balances[actor][true] -= swap.paid;
        held[true] -= swap.paid;
        _done("exchange");
    }

    function _swapOf(
        uint256 who,
        uint256 series,
        uint256 amount,
        uint256 premium
    ) private view returns (bool found, Swap memory swap) {
        bool open;
        bool isPut;
        (found, swap.actor, swap.burnLine, swap.burnId) = _heldToken(who, series, Life.Live);
        (open, swap.mintLine, swap.mintId, isPut) = _tradable(series >> 8);
        if (open) swap.minted = _writable(swap.actor, swap.mintId, isPut, amount);
        found = found && swap.minted != 0 && swap.mintId != swap.burnId;
        if (!found) return (false, swap);
        swap.burned = 1 + (amount % tokens[swap.actor][swap.burnId]);
        // A put locks no base, so what base is free can be paid out.
        if (isPut) swap.paid = (premium >> 128) % (_free(swap.actor, true) + 1);
        swap.premium = premium % 1e9;
    }

    function _digestAfterSingles(Swap memory swap) private returns (bytes32 singles) {
        address actor = swap.actor;
        uint256 before = VM.snapshotState();
        VM.prank(actor);
        HOUSE.burn(SeriesId.wrap(swap.burnId), swap.burned, actor, actor);
        VM.prank(actor);
        HOUSE.mint(SeriesId.wrap(swap.mintId), swap.minted, actor, actor);
        VM.prank(actor);
        HOUSE.deposit(QUOTE, swap.premium, actor);
        VM.prank(actor);
        HOUSE.withdraw(BASE, swap.paid, actor, actor);
        singles = _digest();
        VM.revertToStateAndDelete(before);
    }

    function _exchange(Swap memory swap) private {
        address actor = swap.actor;
        IClearinghouse.Leg[] memory legs = new IClearinghouse.Leg[](2);
        legs[0] = IClearinghouse.Leg(SeriesId.wrap(swap.mintId), int256(swap.minted));
        legs[1] = IClearinghouse.Leg(SeriesId.wrap(swap.burnId), -int256(swap.burned));
        WORLD.send(actor, swap.premium);
        VM.prank(actor);
        HOUSE.exchange(
            IClearinghouse.Exchange(actor, actor, actor, int256(swap.premium), -int256(swap.paid)),
            legs
        );
    }

    function choosePlainSums(uint256 who, bool chosen) public counted {
        address actor = actors[who % 4];
        VM.prank(actor);
        HOUSE.choosePlainSums(chosen);
        if (plain[actor] != chosen) _done("choice of plain sums");
        plain[actor] = chosen;
    }

    function move(uint256 who, uint256 series, uint256 amount, uint256 to) public counted {
        if (!_move(who, series, amount, actors[to % 4])) write(who, series, amount, to, false);
    }

    /// C8: through the wrapper and back, and a part stays inside.
    function wrap(uint256 who, uint256 series, uint256 amount) public counted {
        (bool found, address owner, , uint256 id) = _heldToken(who, series, Life.Any);
        if (!found) return write(who, series, amount, who, true);
        amount = 1 + (amount % tokens[owner][id]);
        OptionERC20 wrapper = WORLD.wrapperOf(id);
        uint256 before = HOUSE.totalSupply(id);
        _wrap(wrapper, owner, id, amount);
        uint256 back = wrapper.balanceOf(owner) / 2;
        VM.prank(owner);
        wrapper.unwrap(back, owner);
        tokens[owner][id] += back;
        tokens[address(wrapper)][id] -= back;
        assert(HOUSE.totalSupply(id) == before);
        _done("wrap and unwrap");
    }

    // ------------------------------------------------------------------------------------- parts that others use; false: nothing to do

    /// What the token itself burns on its way (`chargeFee` of `Troubles.sol`) reaches nobody.
    function _withdraw(address actor, address receiver, bool isBase, uint256 assets) internal returns (bool) {
        uint256 free = _free(actor, isBase);
        if (free == 0) return false;
        assets = 1 + (assets % free);
        bytes32 others = _digestWithout(actor, receiver);
        (uint256 had, uint256 supply_) = (WORLD.balanceOf(receiver, isBase), WORLD.totalSupply(isBase));
        VM.prank(actor);
        HOUSE.withdraw(_asset(isBase), assets, actor, receiver);
        balances[actor][isBase] -= assets;
        held[isBase] -= assets;
        assert(_digestWithout(actor, receiver) == others);
        // All of it came, and into the receiver's hands: its account here is still that of the shadow (`checkC4`).
        assert(WORLD.balanceOf(receiver, isBase) + supply_ == had + assets + WORLD.totalSupply(isBase));
        // C3: what is not free stays, to the unit.
        _mustRevert(
            actor,
            abi.encodeCall(IClearinghouse.withdraw, (_asset(isBase), free - assets + 1, actor, actor))
        );
        _done("withdraw");
        return true;
    }

    function _takeBack(uint256 who, uint256 series, uint256 amount) internal returns (bool) {
        (bool found, address owner, uint256 line, uint256 id) = _heldToken(who, series, Life.Live);
        if (!found) return false;
        amount = 1 + (amount % tokens[owner][id]);
        bytes32 others = _digestWithout(owner, address(0));
        bool isLong = positions[owner][id] + int256(amount) > 0;
        VM.prank(owner);
        HOUSE.burn(SeriesId.wrap(id), amount, owner, owner);
        tokens[owner][id] -= amount;
        _moved(owner, line, id, -int256(amount), currentAt);
        assert(_digestWithout(owner, address(0)) == others);
        _done(isLong ? bytes32("deposit of a long") : bytes32("buy-back"));
        return true;
    }

    function _move(uint256 who, uint256 series, uint256 amount, address to) internal returns (bool) {
        (bool found, address owner, , uint256 id) = _heldToken(who, series, Life.Any);
        if (!found) return false;
        amount = 1 + (amount % tokens[owner][id]);
        VM.prank(owner);
        HOUSE.transfer(to, id, amount);
        tokens[owner][id] -= amount;
        tokens[to][id] += amount;
        _done("transfer of tokens");
        return true;
    }

    function _wrap(OptionERC20 wrapper, address owner, uint256 id, uint256 amount) internal {
        VM.prank(owner);
        HOUSE.approve(address(wrapper), id, amount);
        VM.prank(owner);
        wrapper.wrap(amount, owner);
        tokens[owner][id] -= amount;
        tokens[address(wrapper)][id] += amount;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC6909 } from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import { OptionERC20 } from "../../../../contracts/clearing/OptionERC20.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { SeriesId } from "../../../../contracts/types/SeriesId.sol";
import { Calendar } from "./Calendar.sol";
import { VM } from "../../campaign/Vm.sol";

/// Who tries what it must not. Before an attack the same call is made by whom it belongs to, or at a time when it may be made, and must
/// work: so nothing but the guard under test can have stopped the attack.
abstract contract Enemies is Calendar {
    // ------------------------------------------------------------------------------------------------------------------- thieves

    /// C5: another account, rich and with collateral of its own, tries everything on somebody's account and tokens.
    function steal(uint256 who, uint256 other, uint256 series, uint256 amount) public counted {
        address victim = actors[who % 4];
        address thief = actors[((who % 4) + 1 + (other % 3)) % 4];
        (bytes[9] memory plans, bytes32[9] memory names) = _thefts(victim, thief, series, amount);
        bytes32 all = _digest();
        for (uint256 i = 0; i < plans.length; ++i) {
            if (plans[i].length == 0 || !_wouldWork(victim, address(HOUSE), plans[i])) continue;
            _mustRevert(thief, plans[i]);
            _done(names[i]);
        }
        assert(_digest() == all);
    }

    /// What the victim could do itself, with the thief as the one who gains.
    function _thefts(
        address victim,
        address thief,
        uint256 seed,
        uint256 amount
    ) private view returns (bytes[9] memory plans, bytes32[9] memory names) {
        bool isBase = seed % 2 == 0;
        uint256 free = _free(victim, isBase);
        plans[0] = abi.encodeCall(
            IClearinghouse.withdraw,
            (_asset(isBase), 1 + (amount % (free + 1)), victim, thief)
        );
        plans[1] = abi.encodeCall(IClearinghouse.deposit, (_asset(isBase), amount % 1e9, victim));
        (names[0], names[1]) = ("theft by withdraw", "meddling by deposit");
        (bool open, , uint256 id, ) = _tradable(seed);
        if (open) {
            plans[2] = abi.encodeCall(IClearinghouse.mint, (SeriesId.wrap(id), MINIMUM, victim, thief));
            names[2] = "theft by mint";
        }
        if (lines[seed % lines.length].settled) {
            uint32 expiryAt = lines[seed % lines.length].expiryAt;
            plans[3] = abi.encodeCall(IClearinghouse.realize, (victim, MARKET, expiryAt));
            names[3] = "meddling by realize";
        }
        _addTheftsOfTokens(plans, names, victim, thief, seed);
    }

    function _addTheftsOfTokens(
        bytes[9] memory plans,
        bytes32[9] memory names,
        address victim,
        address thief,
        uint256 seed
    ) private view {
        uint256 id = _tokenOf(victim, seed, Life.Live);
        if (id != 0) {
            uint256 amount = tokens[victim][id];
            plans[4] = abi.encodeCall(IClearinghouse.burn, (SeriesId.wrap(id), amount, victim, victim));
            plans[5] = abi.encodeCall(IERC6909.transferFrom, (victim, thief, id, amount));
            bool isBase = seed % 2 == 0;
            plans[6] = _buyBack(victim, thief, id, isBase, -int256(_free(victim, isBase)));
            (names[4], names[5], names[6]) = ("meddling by burn", "theft of tokens", "theft by exchange");
        }
        id = _tokenOf(victim, seed, Life.Settled);
        if (id != 0) {
            uint256 amount = tokens[victim][id];
            plans[7] = abi.encodeCall(IClearinghouse.redeem, (SeriesId.wrap(id), amount, thief, victim));
            plans[8] = abi.encodeCall(IClearinghouse.redeem, (SeriesId.wrap(id), amount, victim, victim));
            (names[7], names[8]) = ("theft by redeem", "meddling by redeem");
        }
    }

    /// An exchange of one wei of tokens for a premium in one asset: what is to be paid out is negative.
    function _buyBack(
        address account,
        address to,
        uint256 id,
        bool isBase,
        int256 premium
    ) internal pure returns (bytes memory) {
        IClearinghouse.Leg[] memory legs = new IClearinghouse.Leg[](1);
        legs[0] = IClearinghouse.Leg(SeriesId.wrap(id), -1);
        (int256 quotePaid, int256 basePaid) = isBase ? (int256(0), premium) : (premium, int256(0));
        return
            abi.encodeCall(
                IClearinghouse.exchange,
                (IClearinghouse.Exchange(account, account, to, quotePaid, basePaid), legs)
            );
    }

    function _tokenOf(address owner, uint256 seed, Life life) internal view returns (uint256 id) {
        for (uint256 i = 0; i < lines.length; ++i) {
            uint256 line = ((seed % lines.length) + i) % lines.length;
            if (!_isOf(line, life)) continue;
            id = _someToken(owner, line, seed);
            if (id != 0) return id;
        }
    }

    // ------------------------------------------------------------------------------------------------------- a re-entering receiver

    /// K5: an account that is a contract is called while its base moves, and tries what it could do a moment before or after.
    function reenter(uint256 series, uint256 plan, uint256 way, uint256 amount) public counted {
        // So that it has something to burn, move and sell back.
        if (_tokenOf(address(RECEIVER), series, Life.Live) == 0) write(3, series, amount, 3, false);
        (address target, bytes memory data, bytes32 name) = _reentry(series, plan % 10, amount);
        for (uint256 i = 1; !_wouldWork(address(RECEIVER), target, data); ++i) {
            (target, data, name) = _reentry(series, ((plan % 10) + i) % 10, amount);
        }
        RECEIVER.prepare(target, data);
        WORLD.arm(address(RECEIVER), abi.encodeCall(RECEIVER.onMoney, ()));
        if (way % 2 == 0 || !_withdraw(address(RECEIVER), address(RECEIVER), true, amount))
            deposit(3, true, amount);
        WORLD.disarm();
        assert(RECEIVER.tries() > 0 && RECEIVER.guarded() == RECEIVER.tries());
        ++refused;
        _done(name);
    }

    /// Eight calls that change something, and two that others may price with.
    function _reentry(
        uint256 seed,
        uint256 plan,
        uint256 amount
    ) private returns (address target, bytes memory data, bytes32 name) {
        address own = address(RECEIVER);
        target = address(HOUSE);
        (, , uint256 id, ) = _tradable(seed);
        if (plan == 0) {
            data = abi.encodeCall(IClearinghouse.withdraw, (BASE, 1 + (amount % 1e6), own, own));
            name = "re-entry by withdraw";
        } else if (plan == 1) {
            data = abi.encodeCall(IClearinghouse.mint, (SeriesId.wrap(id), MINIMUM, own, own));
            name = "re-entry by mint";
        } else if (plan == 2) {
            uint32 expiryAt = lines[seed % lines.length].expiryAt;
            data = abi.encodeCall(IClearinghouse.realize, (own, MARKET, expiryAt));
            name = "re-entry by realize";
        } else if (plan == 3) {
            data = abi.encodeCall(IClearinghouse.collateral, (own, BASE));
            name = "reading in the middle";
        } else if (plan == 4) {
            data = abi.encodeCall(IERC6909.balanceOf, (own, id));
            name = "reading in the middle";
        } else {
            (target, data, name) = _reentryWithTokens(seed, plan);
        }
    }

    function _reentryWithTokens(
        uint256 seed,
        uint256 plan
    ) private returns (address target, bytes memory data, bytes32 name) {
        address own = address(RECEIVER);
        target = address(HOUSE);
        uint256 id = _tokenOf(
            own,
            seed,
            plan == 6
                ? Life.Settled
                : plan < 8
                    ? Life.Live
                    : Life.Any
        );
        if (plan == 5) {
            data = abi.encodeCall(IClearinghouse.burn, (SeriesId.wrap(id), 1, own, own));
            name = "re-entry by burn";
        } else if (plan == 6) {
            data = abi.encodeCall(IClearinghouse.redeem, (SeriesId.wrap(id), 1, own, own));
            name = "re-entry by redeem";
        } else if (plan == 7) {
            data = _buyBack(own, own, id, true, -int256(_free(own, true)));
            name = "re-entry by exchange";
        } else if (plan == 8) {
            data = abi.encodeCall(IERC6909.transfer, (actors[0], id, 1));
            name = "re-entry by transfer";
        } else {
            if (id != 0) target = address(WORLD.wrapperOf(id));
            data = abi.encodeCall(OptionERC20.wrap, (0, own));
            name = "re-entry by wrapper";
        }
    }

    // ------------------------------------------------------------------------------------------------------------------- donors

    /// Gifts change nobody's books; who asks for them with an exchange gets what was given and no unit more.
    function donate(bool isBase, uint256 assets, uint256 who, uint256 series) public counted {
        assets = 1 + (assets % 1e9);
        bytes32 all = _digest();
        WORLD.donate(isBase, assets);
        given[isBase] += assets;
        assert(_digest() == all);
        _done("donation");

        (bool found, address taker, uint256 line, uint256 id) = _heldToken(who, series, Life.Live);
        if (found && who % 3 == 0) _takeGift(taker, line, id, isBase);
    }

    function _takeGift(address taker, uint256 line, uint256 id, bool isBase) private {
        uint256 gift = WORLD.balanceOf(address(HOUSE), isBase) - held[isBase];
        _mustRevert(taker, _buyBack(taker, taker, id, isBase, int256(gift) + 1));
        VM.prank(taker);
        (bool success, ) = address(HOUSE).call(_buyBack(taker, taker, id, isBase, int256(gift)));
        assert(success);
        tokens[taker][id] -= 1;
        _moved(taker, line, id, -1, currentAt);
        given[isBase] -= gift;
        balances[taker][isBase] += gift;
        held[isBase] += gift;
        _done("gift taken");
    }
}

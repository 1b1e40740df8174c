// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Custody } from "../../../../contracts/clearing/Custody.sol";
import { Listing } from "../../../../contracts/clearing/Listing.sol";
import { SelfEndingPause } from "../../../../contracts/control/SelfEndingPause.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { ISelfEndingPause } from "../../../../contracts/interfaces/ISelfEndingPause.sol";
import { SeriesId } from "../../../../contracts/types/SeriesId.sol";
import { HostileToken } from "../HostileTokens.sol";
import { Enemies } from "./Enemies.sol";
import { VM } from "../../campaign/Vm.sol";

/// What goes wrong around accounts, and what must go on all the while: tokens turn hostile, an account cannot be paid, the guardian
/// pauses, roles try to change what is settled.
abstract contract Troubles is Enemies {
    /// T4: a token that fails blocks its own moves and nothing else; the other token is paid, and everything settles.
    function breakToken(bool isBase, uint256 how, uint256 who, uint256 seed) public counted {
        HostileToken.Behaviour[4] memory ways = [
            HostileToken.Behaviour.Reverts,
            HostileToken.Behaviour.ReturnsFalse,
            HostileToken.Behaviour.DoesNothing,
            HostileToken.Behaviour.FeeOnTop
        ];
        WORLD.behave(isBase, ways[how % 4]);
        // A fee on top needs a whole unit of fee to show.
        if (!_stuck(isBase, how % 4 == 3 ? 100 : 1, bytes4(0))) {
            WORLD.behave(isBase, HostileToken.Behaviour.Honest);
            return deposit(who, isBase, seed);
        }
        _goOn(!isBase, who, seed);
        WORLD.behave(isBase, HostileToken.Behaviour.Honest);
        _done("broken token");
    }

    /// S10: a token with other decimals than were registered moves no more until they are back.
    function changeDecimals(bool isBase, uint8 decimals, uint256 who, uint256 seed) public counted {
        uint8 right = isBase ? 8 : 6;
        if (decimals == right) ++decimals;
        WORLD.setDecimals(isBase, decimals);
        bool tried = _stuck(isBase, 1, Custody.Custody_DecimalsDiffer.selector);
        if (tried) _goOn(!isBase, who, seed);
        WORLD.setDecimals(isBase, right);
        if (tried) _done("changed decimals");
        else deposit(who, isBase, seed);
    }

    /// A token that takes a fee on its way: what arrives is credited, and what leaves is what was asked.
    function chargeFee(bool isBase, uint256 who, uint256 assets) public counted {
        address actor = actors[who % 4];
        assets = 100 + (assets % 1e12);
        WORLD.behave(isBase, HostileToken.Behaviour.FeeOnTransfer);
        VM.prank(actor);
        uint256 credited = HOUSE.deposit(_asset(isBase), assets, actor);
        assert(credited == assets - assets / 100);
        balances[actor][isBase] += credited;
        held[isBase] += credited;
        _withdraw(actor, actor, isBase, assets);
        WORLD.behave(isBase, HostileToken.Behaviour.Honest);
        _done("token with a fee");
    }

    /// T4: an account that the base token refuses to pay is stuck alone, and gets out by another receiver.
    function blockAccount(uint256 who, uint256 seed) public counted {
        address actor = actors[who % 4];
        uint256 free = _free(actor, true);
        if (free == 0) return deposit(who, true, seed);
        bytes memory data = abi.encodeCall(IClearinghouse.withdraw, (BASE, 1, actor, actor));
        assert(_wouldWork(actor, address(HOUSE), data));
        WORLD.setBlocked(actor, true);
        _mustRevert(actor, data);
        for (uint256 i = 1; i < 4; ++i) {
            address neighbour = actors[((who % 4) + i) % 4];
            _withdraw(neighbour, neighbour, true, seed);
        }
        for (uint256 i = 0; i < 4; ++i) _realizeSome(i, seed, false);
        VM.prank(actor);
        HOUSE.withdraw(BASE, free, actor, OUTSIDE);
        balances[actor][true] -= free;
        held[true] -= free;
        WORLD.setBlocked(actor, false);
        _done("blocked account");
    }

    /// K1, K2: while the pause lasts nothing is written or listed and every exit works; it ends by itself, and once.
    function pause(uint256 who, uint256 seed, uint256 amount) public counted {
        address actor = actors[who % 4];
        (bool found, , uint256 id, ) = _tradable(seed);
        bytes memory mint = abi.encodeCall(IClearinghouse.mint, (SeriesId.wrap(id), MINIMUM, actor, actor));
        if (!found || !_wouldWork(actor, address(HOUSE), mint)) return deposit(who, amount % 2 == 0, 1e11);
        uint32 expiryAt = SeriesId.wrap(id).expiryAt();
        WORLD.pause();
        uint256 untilAt = HOUSE.pausedUntil();
        _mustRevertWith(actor, mint, SelfEndingPause.Pause_Active.selector);
        _mustRevertWith(
            actor,
            abi.encodeCall(IClearinghouse.list, (MARKET, expiryAt, 3000e18, 0)),
            SelfEndingPause.Pause_Active.selector
        );
        if (expiryAt > untilAt) {
            uint256 before = VM.snapshotState();
            VM.warp(untilAt - 1);
            _mustRevertWith(actor, mint, SelfEndingPause.Pause_Active.selector);
            VM.warp(untilAt);
            VM.prank(actor);
            (bool works, ) = address(HOUSE).call(mint);
            VM.revertToStateAndDelete(before);
            VM.warp(currentAt);
            assert(works);
            _done("pause that ended by itself");
        }
        _goOn(true, who, seed);
        _goOn(false, who, seed);
        if (_takeBack(who, seed, amount)) _done("buy-back in a pause");
        if (_move(who, seed, amount, actor)) _done("transfer in a pause");
        // The guardian alone has no second one.
        _mustRevertWith(
            address(WORLD),
            abi.encodeCall(ISelfEndingPause.pause, ()),
            SelfEndingPause.Pause_Spent.selector
        );
        WORLD.unpause();
        _done("pause");
    }

    /// K3, K4: terms are for good, settled prices too, and strangers have no role, whatever happens to spot meanwhile.
    function tamper(uint256 who, uint256 seed, uint128 spot) public counted {
        address stranger = actors[who % 4];
        bytes32 all = _digest();
        WORLD.setSpot(spot);
        for (uint256 i = 0; i < lines.length; ++i) {
            if (!lines[i].settled) continue;
            bytes memory second = abi.encodeCall(
                IClearinghouse.settle,
                (MARKET, lines[i].expiryAt, seed | 1)
            );
            _mustRevertWith(stranger, second, Listing.Listing_NotSettlementOracle.selector);
            _done("second settlement refused");
        }
        WORLD.setSpot(0);
        _mustRevertWith(address(WORLD), _registration(MARKET, seed), Listing.Listing_MarketTaken.selector);
        bytes[4] memory reserved = [
            _registration(2, seed),
            abi.encodeCall(ISelfEndingPause.pause, ()),
            abi.encodeCall(ISelfEndingPause.unpause, ()),
            abi.encodeWithSignature("setAuthority(address)", stranger)
        ];
        for (uint256 i = 0; i < reserved.length; ++i) {
            // Who has the role could; the authority itself is Control's to change.
            assert(i == 3 || _wouldWork(address(WORLD), address(HOUSE), reserved[i]));
            _mustRevert(stranger, reserved[i]);
        }
        assert(_digest() == all);
        _done("tampering refused");
    }

    function _registration(uint32 market, uint256 seed) private view returns (bytes memory) {
        IClearinghouse.Market memory changed = WORLD.terms();
        changed.minimumAmount = uint80(1 + (seed % 1e18));
        return abi.encodeCall(IClearinghouse.registerMarket, (market, changed));
    }

    /// Nobody who has as much free gets it out, and nobody who is due as much is paid; false where there is neither.
    function _stuck(bool isBase, uint256 least, bytes4 reason) private returns (bool found) {
        bytes32 all = _digest();
        for (uint256 i = 0; i < 4; ++i) {
            address actor = actors[i];
            if (_free(actor, isBase) >= least) {
                found = true;
                _mustStay(
                    actor,
                    abi.encodeCall(IClearinghouse.withdraw, (_asset(isBase), least, actor, actor)),
                    reason
                );
            }
            uint256 id = _tokenOf(actor, i, Life.Settled);
            if (id == 0 || SeriesId.wrap(id).isPut() == isBase) continue;
            (, uint256 due) = _payoff(_lineOf(id), id, tokens[actor][id]);
            if (due < least) continue;
            found = true;
            _mustStay(
                actor,
                abi.encodeCall(IClearinghouse.redeem, (SeriesId.wrap(id), tokens[actor][id], actor, actor)),
                reason
            );
            _done("payout that waits for its token");
        }
        assert(_digest() == all);
    }

    function _mustStay(address actor, bytes memory data, bytes4 reason) private {
        if (reason == bytes4(0)) _mustRevert(actor, data);
        else _mustRevertWith(actor, data, reason);
    }

    /// What does not need the other token: time passes and expiries settle, accounts realize, one side is withdrawn and redeemed.
    function _goOn(bool isBase, uint256 who, uint256 seed) private {
        _pass(seed % 12 hours, seed);
        _withdraw(actors[who % 4], actors[seed % 4], isBase, seed);
        _realizeSome((who % 4) + 1, seed, false);
        uint256 id = _tokenOf(actors[((who % 4) + 2) % 4], seed, Life.Settled);
        if (id == 0 || SeriesId.wrap(id).isPut() == isBase) return;
        _redeemAll(actors[((who % 4) + 2) % 4], _lineOf(id), id);
        _done("payout beside trouble");
    }

    function _lineOf(uint256 id) private view returns (uint256 line) {
        while (lines[line].expiryAt != SeriesId.wrap(id).expiryAt()) ++line;
    }
}

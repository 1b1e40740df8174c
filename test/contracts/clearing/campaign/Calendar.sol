// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Listing } from "../../../../contracts/clearing/Listing.sol";
import { OptionERC20 } from "../../../../contracts/clearing/OptionERC20.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { SeriesId } from "../../../../contracts/types/SeriesId.sol";
import { Places } from "./Places.sol";
import { VM } from "../../campaign/Vm.sol";

/// Time passes, prices are set, holders are paid and accounts realize.
abstract contract Calendar is Places {
    /// Time goes on by half a day to two days; what expires settles, at a price from nearly nothing to far out.
    function pass(uint256 time, uint256 price) public counted {
        _pass(12 hours + (time % 36 hours), price);
        if (_liveLine(0) == NONE) _open(price);
    }

    /// By the owner, by its operator, through the wrapper, or pushed by a stranger whom it allowed to (T3).
    function redeem(uint256 who, uint256 series, uint256 amount, uint256 way) public counted {
        if (!_redeem(who, series, amount, way)) pass(amount, series);
    }

    function realize(uint256 who, uint256 seed, bool pushed) public counted {
        if (!_realizeSome(who, seed, pushed)) pass(seed, seed);
    }

    // ------------------------------------------------------------------------------------- parts that others use; false: nothing to do

    function _pass(uint256 time, uint256 price) internal {
        currentAt += time;
        VM.warp(currentAt);
        for (uint256 i = 0; i < lines.length; ++i) {
            if (!lines[i].settled && lines[i].expiryAt <= currentAt) _settle(i, price);
        }
        _done("time passes");
    }

    function _redeem(uint256 who, uint256 series, uint256 amount, uint256 way) internal returns (bool) {
        (bool found, address owner, uint256 line, uint256 id) = _heldToken(who, series, Life.Settled);
        if (!found) return false;
        // Crumbs too, but by a stranger all: what he pushed in pieces would be rounded away.
        if (way % 4 == 3) amount = tokens[owner][id];
        else amount = amount % 5 == 0 ? 1 : 1 + (amount % tokens[owner][id]);
        (bool isPut, uint256 assets) = _payoff(line, id, amount);
        uint256 before = WORLD.balanceOf(owner, !isPut);
        bytes32 others = _digestWithout(owner, address(0));
        assert(_payOut(owner, id, amount, way % 4) == assets);
        assert(_digestWithout(owner, address(0)) == others);
        assert(WORLD.balanceOf(owner, !isPut) - before == assets);
        tokens[owner][id] -= amount;
        supply[id] -= amount;
        held[!isPut] -= assets;
        ++roundings;
        _done(assets == 0 ? bytes32("redemption of nothing") : bytes32("redemption"));
        return true;
    }

    /// Redeems in one of four ways, to the owner.
    function _payOut(
        address owner,
        uint256 id,
        uint256 amount,
        uint256 way
    ) private returns (uint256 assets) {
        SeriesId series = SeriesId.wrap(id);
        bytes memory data = abi.encodeCall(IClearinghouse.redeem, (series, amount, owner, owner));
        if (way == 0) {
            VM.prank(owner);
            return HOUSE.redeem(series, amount, owner, owner);
        }
        if (way == 1) {
            OptionERC20 wrapper = WORLD.wrapperOf(id);
            _wrap(wrapper, owner, id, amount);
            VM.prank(owner);
            assets = wrapper.redeem(amount, owner);
            // The shadow expects the owner's own tokens to go.
            tokens[owner][id] += amount;
            tokens[address(wrapper)][id] -= amount;
            _done("redemption through wrapper");
            return assets;
        }
        _mustRevert(STRANGER, data);
        VM.prank(owner);
        if (way == 2) HOUSE.setOperator(STRANGER, true);
        else HOUSE.authorize(address(0), REDEEM);
        if (way == 3) {
            _mustRevert(STRANGER, abi.encodeCall(IClearinghouse.redeem, (series, amount, STRANGER, owner)));
            _mustRevert(STRANGER, abi.encodeCall(IClearinghouse.redeem, (series, amount + 1, owner, owner)));
            // He names less than there is, and pushes all of it.
            amount = amount / 2 + 1;
        }
        VM.prank(STRANGER);
        assets = HOUSE.redeem(series, amount, owner, owner);
        VM.prank(owner);
        if (way == 2) HOUSE.setOperator(STRANGER, false);
        else HOUSE.authorize(address(0), 0);
        _done(way == 2 ? bytes32("redemption by operator") : bytes32("pushed redemption"));
    }

    /// All that an owner has of a settled series, what it wrapped included.
    function _redeemAll(address owner, uint256 line, uint256 id) internal {
        OptionERC20 wrapper = OptionERC20(WORLD.addressOfWrapper(id));
        if (address(wrapper).code.length != 0 && wrapper.balanceOf(owner) != 0) {
            uint256 wrapped = wrapper.balanceOf(owner);
            VM.prank(owner);
            wrapper.unwrap(wrapped, owner);
            tokens[owner][id] += wrapped;
            tokens[address(wrapper)][id] -= wrapped;
        }
        uint256 amount = tokens[owner][id];
        if (amount == 0) return;
        (bool isPut, uint256 assets) = _payoff(line, id, amount);
        VM.prank(owner);
        assert(HOUSE.redeem(SeriesId.wrap(id), amount, owner, owner) == assets);
        tokens[owner][id] = 0;
        supply[id] -= amount;
        held[!isPut] -= assets;
        ++roundings;
    }

    function _realizeSome(uint256 who, uint256 seed, bool pushed) internal returns (bool) {
        address actor = actors[who % 4];
        for (uint256 i = 0; i < lines.length; ++i) {
            uint256 line = ((seed % lines.length) + i) % lines.length;
            if (!lines[line].settled || !_realize(actor, line, pushed)) continue;
            // T3: once.
            VM.prank(actor);
            (int256 base, int256 quote) = HOUSE.realize(actor, MARKET, lines[line].expiryAt);
            assert(base == 0 && quote == 0);
            return true;
        }
        return false;
    }

    function _realize(address actor, uint256 line, bool pushed) internal returns (bool) {
        if (_isEmpty(actor, line)) return false;
        (int256 base, int256 quote) = _netOf(actor, line);
        if (pushed) {
            _mustRevert(
                STRANGER,
                abi.encodeCall(IClearinghouse.realize, (actor, MARKET, lines[line].expiryAt))
            );
            VM.prank(actor);
            HOUSE.authorize(address(0), REALIZE);
        }
        bytes32 others = _digestWithout(actor, address(0));
        VM.prank(pushed ? STRANGER : actor);
        (int256 paidBase, int256 paidQuote) = HOUSE.realize(actor, MARKET, lines[line].expiryAt);
        assert(paidBase == base && paidQuote == quote);
        assert(_digestWithout(actor, address(0)) == others);
        balances[actor][true] = uint256(int256(balances[actor][true]) + base);
        balances[actor][false] = uint256(int256(balances[actor][false]) + quote);
        for (uint256 k = 0; k < 2 * lines[line].strikes.length; ++k) {
            positions[actor][_id(line, k / 2, k % 2 == 1)] = 0;
        }
        ++roundings;
        if (pushed) {
            VM.prank(actor);
            HOUSE.authorize(address(0), 0);
            _done("pushed realization");
        }
        _done("realization");
        return true;
    }

    /// A griefing settler is there at every moment, and the price is what it would be without it (T1).
    function _settle(uint256 line, uint256 seed) internal {
        uint256[5] memory prices = [1, uint256(2500e18), 3000e18, 1e18 + (seed % 6000e18), 1e30];
        uint256 price = prices[seed % 5];
        uint32 expiryAt = lines[line].expiryAt;
        bytes memory data = abi.encodeCall(IClearinghouse.settle, (MARKET, expiryAt, price));
        _mustRevertWith(STRANGER, data, Listing.Listing_NotSettlementOracle.selector);
        WORLD.settle(expiryAt, uint128(price));
        assert(HOUSE.settlementPrice(MARKET, expiryAt) == price);
        _mustRevertWith(address(WORLD.oracle()), data, Listing.Listing_AlreadySettled.selector);
        (lines[line].settled, lines[line].price) = (true, price);
        _done("settlement");
    }
}

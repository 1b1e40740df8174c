// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Listing } from "../../../../contracts/clearing/Listing.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { Accounts } from "./Accounts.sol";
import { VM } from "../../campaign/Vm.sol";

/// Expiries open; strikes take places, lose them, and are squatted on.
abstract contract Places is Accounts {
    /// Strikes at once in an expiry that accounts write: enough for every shape of coverage, few enough to check all after each call.
    uint256 private constant WRITTEN_STRIKES = 6;
    uint256 private constant EXPIRIES_ALIVE = 3;
    uint256 private constant EXPIRIES_IN_ALL = 8;
    uint256 private constant GRID_STEP = 50e18;

    function list(uint256 seed, bool byCouncil) public counted {
        uint256 line = _lineToList(seed);
        if (!_list(line, _unlisted(line, seed >> 16), byCouncil)) evict(seed, byCouncil);
    }

    /// An unused strike makes room for another; one that is in use, was until lately, or is reserved does not.
    function evict(uint256 seed, bool byCouncil) public counted {
        uint256 line = _liveLine(seed);
        uint128 strike = line == NONE ? 0 : _unlisted(line, seed >> 16);
        if (strike == 0) {
            _open(seed);
            return;
        }
        if (_freePlace(line, true) != ALL_PLACES) byCouncil = false;
        if (_freePlace(line, byCouncil) != ALL_PLACES) return squat(seed);
        for (uint256 i = 0; i < ALL_PLACES; ++i) {
            uint128 evicted = lines[line].places[((seed >> 8) + i) % ALL_PLACES];
            if (evicted == 0) continue;
            bytes memory data = abi.encodeWithSelector(
                byCouncil ? IClearinghouse.listReserved.selector : IClearinghouse.list.selector,
                MARKET,
                lines[line].expiryAt,
                strike,
                evicted
            );
            address lister = byCouncil ? address(WORLD) : STRANGER;
            if (!_isEvictable(line, evicted, byCouncil)) {
                _mustRevertWith(lister, data, Listing.Listing_NotEvictable.selector);
                _done("eviction refused");
                continue;
            }
            uint256 place = _placeOf(line, evicted);
            VM.prank(lister);
            (bool success, ) = address(HOUSE).call(data);
            assert(success);
            _forget(line, evicted);
            _enter(line, strike, place);
            _done("eviction");
            return;
        }
    }

    /// A squatting lister takes every place that anybody may take, and gets no other.
    function squat(uint256 seed) public counted {
        uint256 line = _liveLine(seed);
        if (line == NONE) {
            _open(seed);
            return;
        }
        bool squatted;
        while (_list(line, _unlisted(line, seed >> 16), false)) squatted = true;
        if (_freePlace(line, false) != ALL_PLACES || _unlisted(line, 0) == 0) return;
        // No place is left: not without evicting, and not a reserved one.
        bytes memory data = abi.encodeCall(
            IClearinghouse.list,
            (MARKET, lines[line].expiryAt, _unlisted(line, seed >> 16), 0)
        );
        _mustRevertWith(STRANGER, data, Listing.Listing_ExpiryFull.selector);
        _done("listing refused for want of room");
        if (!squatted) return;
        _done("squat");
        // The council finds room all the same.
        if (_list(line, _unlisted(line, seed >> 24), true)) _done("listing beside squatters");
    }

    // ------------------------------------------------------------------------------------------------------------------- parts

    /// Opens a daily or a weekly expiry with three strikes.
    function _open(uint256 seed) internal returns (bool) {
        uint256 day = currentAt / 1 days;
        uint256 ahead = 1 + (seed % 3);
        // Day 1 after the epoch was a Friday.
        if (seed % 2 == 1) ahead = 1 + ((7 - (day % 7)) % 7) + 7 * ((seed >> 4) % 2);
        uint32 expiryAt = uint32((day + ahead) * 1 days + 8 hours);
        for (uint256 i = 0; i < lines.length; ++i) if (lines[i].expiryAt == expiryAt) return false;
        uint256 line = lines.length;
        lines.push();
        lines[line].expiryAt = expiryAt;
        for (uint256 i = 0; i < 3; ++i) _list(line, _unlisted(line, (seed >> 8) + 7 * i), false);
        _done("expiry opened");
        return true;
    }

    /// A live line, or a new one when there is none, or now and then.
    function _lineToList(uint256 seed) private returns (uint256 line) {
        uint256 alive;
        for (uint256 i = 0; i < lines.length; ++i) if (lines[i].expiryAt > currentAt) ++alive;
        bool wanted = seed % 3 == 0 && alive < EXPIRIES_ALIVE && lines.length < EXPIRIES_IN_ALL;
        if ((alive == 0 || wanted) && _open(seed >> 2)) return lines.length - 1;
        return _liveLine(seed);
    }

    /// False where no place is free, or no strike is left for it.
    function _list(uint256 line, uint128 strike, bool byCouncil) private returns (bool) {
        uint256 place = _freePlace(line, byCouncil);
        if (place == ALL_PLACES || strike == 0) return false;
        uint32 expiryAt = lines[line].expiryAt;
        if (byCouncil) {
            _mustRevert(STRANGER, abi.encodeCall(IClearinghouse.listReserved, (MARKET, expiryAt, strike, 0)));
            WORLD.listReserved(expiryAt, strike, 0);
        } else {
            VM.prank(STRANGER);
            HOUSE.list(MARKET, expiryAt, strike, 0);
        }
        _enter(line, strike, place);
        _done(byCouncil ? bytes32("reserved listing") : bytes32("listing"));
        return true;
    }

    function _enter(uint256 line, uint128 strike, uint256 place) private {
        lines[line].places[place] = strike;
        idleSince[line][strike] = currentAt;
        if (lines[line].strikes.length < WRITTEN_STRIKES) lines[line].strikes.push(strike);
    }

    function _forget(uint256 line, uint128 strike) private {
        lines[line].places[_placeOf(line, strike)] = 0;
        uint128[] storage written = lines[line].strikes;
        for (uint256 i = 0; i < written.length; ++i) {
            if (written[i] != strike) continue;
            written[i] = written[written.length - 1];
            written.pop();
            return;
        }
    }

    /// Not in use, not lately, and at a place of the lister's own kind.
    function _isEvictable(uint256 line, uint128 strike, bool byCouncil) private view returns (bool) {
        if (!byCouncil && _placeOf(line, strike) >= OPEN_PLACES) return false;
        return !_isUsed(line, strike) && currentAt >= idleSince[line][strike] + 1 days;
    }

    /// A strike of the grid and within the band around 3,000 that is not listed, looked for from `seed` on; 0 for none.
    function _unlisted(uint256 line, uint256 seed) internal view returns (uint128 strike) {
        bool isFar = lines[line].expiryAt > currentAt + 4 days;
        (uint256 lowest, uint256 count) = isFar ? (2000e18, uint256(57)) : (2400e18, uint256(28));
        for (uint256 i = 0; i < count; ++i) {
            strike = uint128(lowest + (((seed % count) + i) % count) * GRID_STEP);
            if (_placeOf(line, strike) == ALL_PLACES) return strike;
        }
        return 0;
    }
}

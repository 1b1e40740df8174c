// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SeriesId, toSeriesId } from "../../../../contracts/types/SeriesId.sol";

/// A second set of books, kept from what the calls should do and never from what the Clearinghouse says; coverage by definition: what
/// every option owes, by itself, at every strike and at both ends; and which strike stands at which place.
abstract contract Shadow {
    /// @param strikes Those that accounts write: a part of what stands at the places.
    /// @param places Strike at each place, 0 where free.
    struct Line {
        uint32 expiryAt;
        bool settled;
        uint256 price;
        uint128[] strikes;
        uint128[32] places;
    }

    uint32 internal constant MARKET = 1;
    uint256 internal constant BASE_SCALE = 1e10; // WAD of base in a unit of a token of 8 decimals
    uint256 internal constant QUOTE_SCALE = 1e30; // WAD * WAD of quote in a unit of a token of 6
    uint256 internal constant OPEN_PLACES = 24;
    uint256 internal constant ALL_PLACES = 32;

    address[4] internal actors;
    Line[] internal lines;
    mapping(address account => mapping(bool isBase => uint256)) internal balances;
    mapping(address account => mapping(uint256 id => int256)) internal positions;
    mapping(address owner => mapping(uint256 id => uint256)) internal tokens;
    mapping(uint256 id => uint256) internal supply;
    /// The rule that an account's positions at an expiry were opened under, and what it chose last.
    mapping(address account => mapping(uint256 line => bool)) internal plainAt;
    mapping(address account => bool) internal plain;
    mapping(bool isBase => uint256) internal held;
    /// When a strike was listed, or last fell out of use.
    mapping(uint256 line => mapping(uint128 strike => uint256)) internal idleSince;

    // -------------------------------------------------------------------------------------------------------------- positions

    function _id(uint256 line, uint256 strike, bool isPut) internal view returns (uint256) {
        return _idAt(line, lines[line].strikes[strike], isPut);
    }

    function _idAt(uint256 line, uint128 strike, bool isPut) internal view returns (uint256) {
        return SeriesId.unwrap(toSeriesId(MARKET, lines[line].expiryAt, strike, isPut));
    }

    /// Written (> 0) or taken back.
    function _moved(address actor, uint256 line, uint256 id, int256 amount, uint256 nowAt) internal {
        if (_isEmpty(actor, line)) plainAt[actor][line] = plain[actor];
        positions[actor][id] -= amount;
        supply[id] = uint256(int256(supply[id]) + amount);
        uint128 strike = SeriesId.wrap(id).strike();
        if (!_isUsed(line, strike)) idleSince[line][strike] = nowAt;
    }

    function _isEmpty(address actor, uint256 line) internal view returns (bool) {
        for (uint256 k = 0; k < 2 * lines[line].strikes.length; ++k) {
            if (positions[actor][_id(line, k / 2, k % 2 == 1)] != 0) return false;
        }
        return true;
    }

    // --------------------------------------------------------------------------------------------------------------- coverage

    /// What an account has locked for one side of an expiry, in the asset's units.
    function _lockedAt(address account, uint256 line, bool isPut) internal view returns (uint256) {
        Line storage own = lines[line];
        uint256 count = own.strikes.length;
        int256 worst;
        if (plainAt[account][line]) {
            for (uint256 i = 0; i < count; ++i) {
                int256 n = -positions[account][_id(line, i, isPut)];
                if (n > 0) worst += isPut ? n * int256(uint256(own.strikes[i])) : n;
            }
        } else {
            // Ends: all calls pay one at infinity, all puts pay their strike at zero.
            worst = _max(0, isPut ? _putsOwe(account, line, 0) : _callsOweAtInfinity(account, line));
            for (uint256 i = 0; i < count; ++i) {
                uint256 price = own.strikes[i];
                int256 owed =
                    isPut
                        ? _putsOwe(account, line, price)
                        : _ceil(_callsOweTimesPrice(account, line, price), int256(price));
                worst = _max(worst, owed);
            }
        }
        return uint256(_ceil(worst, int256(isPut ? QUOTE_SCALE : BASE_SCALE)));
    }

    function _callsOweAtInfinity(address account, uint256 line) private view returns (int256 owed) {
        for (uint256 i = 0; i < lines[line].strikes.length; ++i)
            owed -= positions[account][_id(line, i, false)];
    }

    /// Base that the account's calls owe at a price, times that price; negative when they are due.
    function _callsOweTimesPrice(
        address account,
        uint256 line,
        uint256 price
    ) private view returns (int256 owed) {
        for (uint256 i = 0; i < lines[line].strikes.length; ++i) {
            uint256 strike = lines[line].strikes[i];
            if (price > strike) owed -= positions[account][_id(line, i, false)] * int256(price - strike);
        }
    }

    /// Quote that the account's puts owe at a price, WAD * WAD.
    function _putsOwe(address account, uint256 line, uint256 price) private view returns (int256 owed) {
        for (uint256 i = 0; i < lines[line].strikes.length; ++i) {
            uint256 strike = lines[line].strikes[i];
            if (strike > price) owed -= positions[account][_id(line, i, true)] * int256(strike - price);
        }
    }

    // -------------------------------------------------------------------------------------------------------------- settlement

    /// What an account's positions at a settled line bring; negative: cost. Rounded against it.
    function _netOf(address account, uint256 line) internal view returns (int256 base, int256 quote) {
        uint256 price = lines[line].price;
        base = -_ceil(_callsOweTimesPrice(account, line, price), int256(price * BASE_SCALE));
        quote = -_ceil(_putsOwe(account, line, price), int256(QUOTE_SCALE));
    }

    /// What an amount of a settled series pays its holder.
    function _payoff(uint256 line, uint256 id, uint256 amount) internal view returns (bool isPut, uint256) {
        (uint256 price, uint256 strike) = (lines[line].price, SeriesId.wrap(id).strike());
        isPut = SeriesId.wrap(id).isPut();
        if (isPut) return (true, strike > price ? (amount * (strike - price)) / QUOTE_SCALE : 0);
        return (false, price > strike ? (amount * (price - strike)) / (price * BASE_SCALE) : 0);
    }

    // ----------------------------------------------------------------------------------------------------------------- listing

    /// The place of a strike, or {ALL_PLACES}.
    function _placeOf(uint256 line, uint128 strike) internal view returns (uint256 place) {
        while (place < ALL_PLACES && lines[line].places[place] != strike) ++place;
    }

    /// Anybody takes the lowest free place of the first 24, the council the highest of all; {ALL_PLACES} for none.
    function _freePlace(uint256 line, bool byCouncil) internal view returns (uint256) {
        uint256 count = byCouncil ? ALL_PLACES : OPEN_PLACES;
        for (uint256 i = 0; i < count; ++i) {
            uint256 place = byCouncil ? count - 1 - i : i;
            if (lines[line].places[place] == 0) return place;
        }
        return ALL_PLACES;
    }

    function _isUsed(uint256 line, uint128 strike) internal view returns (bool) {
        for (uint256 i = 0; i < 4; ++i) {
            for (uint256 side = 0; side < 2; ++side) {
                if (positions[actors[i]][_idAt(line, strike, side == 1)] != 0) return true;
            }
        }
        return false;
    }

    // ----------------------------------------------------------------------------------------------------------------- numbers

    function _max(int256 a, int256 b) private pure returns (int256) {
        return a > b ? a : b;
    }

    /// The least whole number not below a / b, b > 0.
    function _ceil(int256 a, int256 b) private pure returns (int256) {
        return a > 0 ? (a + b - 1) / b : a / b;
    }
}

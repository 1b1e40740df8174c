// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SeriesId, toSeriesId } from "../../../../contracts/types/SeriesId.sol";

/// A second set of books, kept from what the calls should do and never from what the Clearinghouse says; and coverage by
/// definition: what every option owes, by itself, at every strike and at both ends.
abstract contract Shadow {
    struct Line {
        uint32 expiryAt;
        bool settled;
        uint256 price;
        uint128[] strikes;
    }

    uint32 internal constant MARKET = 1;
    uint256 internal constant BASE_SCALE = 1e10; // WAD of base in a unit of a token of 8 decimals
    uint256 internal constant QUOTE_SCALE = 1e30; // WAD * WAD of quote in a unit of a token of 6

    Line[] internal lines;
    mapping(address account => mapping(bool isBase => uint256)) internal balances;
    mapping(address account => mapping(uint256 id => int256)) internal positions;
    mapping(address owner => mapping(uint256 id => uint256)) internal tokens;
    mapping(uint256 id => uint256) internal supply;
    /// The rule that an account's positions at an expiry were opened under, and what it chose last.
    mapping(address account => mapping(uint256 line => bool)) internal plainAt;
    mapping(address account => bool) internal plain;
    mapping(bool isBase => uint256) internal held;

    function _id(uint256 line, uint256 strike, bool isPut) internal view returns (uint256) {
        SeriesId id = toSeriesId(MARKET, lines[line].expiryAt, lines[line].strikes[strike], isPut);
        return SeriesId.unwrap(id);
    }

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

    function _callsOweAtInfinity(address account, uint256 line) internal view returns (int256 owed) {
        for (uint256 i = 0; i < lines[line].strikes.length; ++i)
            owed -= positions[account][_id(line, i, false)];
    }

    /// Base that the account's calls owe at a price, times that price; negative when they are due.
    function _callsOweTimesPrice(
        address account,
        uint256 line,
        uint256 price
    ) internal view returns (int256 owed) {
        for (uint256 i = 0; i < lines[line].strikes.length; ++i) {
            uint256 strike = lines[line].strikes[i];
            if (price > strike) owed -= positions[account][_id(line, i, false)] * int256(price - strike);
        }
    }

    /// Quote that the account's puts owe at a price, WAD * WAD.
    function _putsOwe(address account, uint256 line, uint256 price) internal view returns (int256 owed) {
        for (uint256 i = 0; i < lines[line].strikes.length; ++i) {
            uint256 strike = lines[line].strikes[i];
            if (strike > price) owed -= positions[account][_id(line, i, true)] * int256(strike - price);
        }
    }

    function _max(int256 a, int256 b) internal pure returns (int256) {
        return a > b ? a : b;
    }

    /// The least whole number not below a / b, b > 0.
    function _ceil(int256 a, int256 b) internal pure returns (int256) {
        return a > 0 ? (a + b - 1) / b : a / b;
    }
}

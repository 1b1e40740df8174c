// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { ListingRules } from "./ListingRules.sol";

/// @title Symbols as on Deribit: ETH-27DEC26-4000-C, with d for the decimal point of a strike (0d625); the twin of sdk/src/symbol.ts
library SeriesSymbol {
    bytes private constant MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";

    /// @param market Name of the series' market, left-aligned ASCII.
    function symbolOf(bytes32 market, SeriesId series) internal pure returns (string memory) {
        return
            string.concat(
                _text(market),
                "-",
                _date(series.expiryAt() / 1 days),
                "-",
                _strike(series.strike()),
                series.isPut() ? "-P" : "-C"
            );
    }

    function _text(bytes32 word) private pure returns (string memory) {
        uint256 length;
        while (length < 32 && word[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) text[i] = word[i];
        return string(text);
    }

    /// @dev 27DEC26, without a leading zero of the day.
    function _date(uint256 dayNumber) private pure returns (string memory) {
        (uint256 year, uint256 month, uint256 day) = ListingRules.dateOf(dayNumber);
        bytes memory name = new bytes(3);
        for (uint256 i = 0; i < 3; ++i) name[i] = MONTHS[3 * (month - 1) + i];
        string memory zero = year % 100 < 10 ? "0" : "";
        return string.concat(Strings.toString(day), string(name), zero, Strings.toString(year % 100));
    }

    /// @dev 4000, 0d625: whole part, then the fraction without trailing zeros.
    function _strike(uint256 strike) private pure returns (string memory text) {
        text = Strings.toString(strike / 1e18);
        uint256 fraction = strike % 1e18;
        if (fraction == 0) return text;
        uint256 digits = 18;
        for (; fraction % 10 == 0; fraction /= 10) --digits;
        bytes memory decimals = new bytes(digits);
        for (uint256 i = digits; i > 0; --i) {
            decimals[i - 1] = bytes1(uint8(48 + (fraction % 10)));
            fraction /= 10;
        }
        return string.concat(text, "d", string(decimals));
    }
}

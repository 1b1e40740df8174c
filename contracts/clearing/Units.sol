// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { DECIMALS_MAX, wadScale } from "../types/Decimals.sol";

/// @title The one place where option amounts become assets of a token
///
/// Amounts of base are WAD; amounts of quote are WAD * WAD (option amount times price), kept unrounded until here. A scale is the
/// number of those units in one unit of the token: {wadScale} for base, 10^(36 - decimals) for quote; decimals <= 18.
/// Since ceil(ceil(x / a) / b) = ceil(x / (a b)) for whole a and b, a need that {Coverage} rounded up to WAD and that is rounded
/// up again here has been rounded once; the same holds downwards.
library Units {
    /// WAD * WAD of quote in one unit of the quote token.
    function quoteScale(uint256 decimals) internal pure returns (uint256) {
        // decimals <= 18 since registration, and 10^36 < 2^120.
        unchecked {
            return 10 ** (2 * DECIMALS_MAX - decimals);
        }
    }

    function assetsUp(uint256 amount, uint256 scale) internal pure returns (uint256) {
        return amount == 0 ? 0 : (amount - 1) / scale + 1;
    }

    function assetsDown(uint256 amount, uint256 scale) internal pure returns (uint256) {
        return amount / scale;
    }

    /// What is due rounds down, what is owed (negative) up: both against the account.
    /// @dev |amount| < 2^255: a sum of at most 32 products below 2^224.
    function assetsAgainst(int256 amount, uint256 scale) internal pure returns (int256) {
        return
            amount < 0
                ? -int256(assetsUp(uint256(-amount), scale))
                : int256(assetsDown(uint256(amount), scale));
    }

    /// In the money at settlement price A, in units that {payoutScale} turns into assets: calls A - K (their worth per option is
    /// (A - K)/A in base), puts K - A.
    function intrinsic(uint256 strike, uint256 price, bool isPut) internal pure returns (uint256) {
        if (isPut) return strike > price ? strike - price : 0;
        return price > strike ? price - strike : 0;
    }

    /// amount * intrinsic in one unit of the token that pays: a call's is divided by the price as well.
    /// @dev price < 2^128 and 10^18 < 2^60, so the product fits.
    function payoutScale(uint256 price, bool isPut, uint256 decimals) internal pure returns (uint256) {
        return isPut ? quoteScale(decimals) : price * wadScale(decimals);
    }
}

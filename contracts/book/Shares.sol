// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// What shares of a tranche are worth, for the book, the tranche and the vault alike.
///
///     NAV = claim / (supply + VIRTUAL)
///
/// The virtual shares belong to nobody: they own their part of every gain, so that whoever holds the few shares there are cannot
/// raise NAV by a gift to itself, and a supply of nothing has a NAV too. All rounding is in favour of who stays.
library Shares {
    /// A thousandth of a token of 6 decimals.
    uint256 internal constant VIRTUAL = 1000;

    /// Worth of `shares`, in units of `claim`, rounded down.
    function worthDown(uint256 shares, uint256 claim, uint256 supply) internal pure returns (uint256) {
        return Math.mulDiv(shares, claim, supply + VIRTUAL);
    }

    /// The same rounded up.
    function worthUp(uint256 shares, uint256 claim, uint256 supply) internal pure returns (uint256) {
        return Math.mulDiv(shares, claim, supply + VIRTUAL, Math.Rounding.Ceil);
    }

    /// Shares for `worth`, rounded down. One unit more of claim keeps it defined where nothing is owed.
    function sharesDown(uint256 worth, uint256 claim, uint256 supply) internal pure returns (uint256) {
        return Math.mulDiv(worth, supply + VIRTUAL, claim + 1);
    }
}

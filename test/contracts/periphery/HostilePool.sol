// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC6909 } from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IClearinghouse } from "../../../contracts/interfaces/IClearinghouse.sol";
import { IOptionPool } from "../../../contracts/interfaces/IOptionPool.sol";
import { SeriesId } from "../../../contracts/types/SeriesId.sol";

/// Asks a price, whatever the limit, and keeps its side of the trade back but for the options that it was given.
contract HostilePool {
    IERC20 private immutable QUOTE;
    IERC6909 private immutable OPTIONS;
    int256 private immutable COST;

    constructor(IERC20 quote_, IERC6909 options, int256 cost) {
        (QUOTE, OPTIONS, COST) = (quote_, options, cost);
    }

    function quote(
        IClearinghouse.Leg[] calldata legs
    ) external view returns (IOptionPool.Quote memory quoted) {
        quoted.cost = COST;
        quoted.legs = new IOptionPool.LegQuote[](legs.length);
    }

    function trade(
        IClearinghouse.Leg[] calldata legs,
        int256,
        uint256,
        address receiver,
        bytes calldata
    ) external returns (int256, uint256) {
        for (uint256 i = 0; i < legs.length; ++i) {
            uint256 id = SeriesId.unwrap(legs[i].series);
            uint256 own = OPTIONS.balanceOf(address(this), id);
            if (own != 0) OPTIONS.transfer(receiver, id, own);
        }
        if (COST > 0) QUOTE.transferFrom(msg.sender, address(this), uint256(COST));
        return (COST, 0);
    }
}

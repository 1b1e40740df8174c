// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IClearinghouse } from "../../../contracts/interfaces/IClearinghouse.sol";
import { IOptionPool } from "../../../contracts/interfaces/IOptionPool.sol";

/// Asks a price, takes what it is allowed, and keeps its side of the trade back.
contract HostilePool {
    IERC20 private immutable QUOTE;
    int256 private immutable COST;

    constructor(IERC20 quote_, int256 cost) {
        (QUOTE, COST) = (quote_, cost);
    }

    function quote(
        IClearinghouse.Leg[] calldata legs
    ) external view returns (IOptionPool.Quote memory quoted) {
        quoted.cost = COST;
        quoted.legs = new IOptionPool.LegQuote[](legs.length);
    }

    function trade(
        IClearinghouse.Leg[] calldata,
        int256,
        uint256,
        address,
        bytes calldata
    ) external returns (int256, uint256) {
        if (COST > 0) QUOTE.transferFrom(msg.sender, address(this), uint256(COST));
        return (COST, 0);
    }
}

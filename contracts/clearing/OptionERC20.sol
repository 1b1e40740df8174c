// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { SeriesId } from "../types/SeriesId.sol";

/// WHAT       One series as an ERC-20, one for one with its ERC-6909 id, 18 decimals, permit; named as on Deribit.
/// INVARIANT  id held here >= supply (C8); what is sent here by mistake is nobody's.
/// ABSENT     It grants nobody a scope or an operator on its tokens, so nobody can push a payout into it: holders redeem, wherever
///            their tokens lie, by {redeem} or after {unwrap}.
contract OptionERC20 is ERC20, ERC20Permit {
    IClearinghouse public immutable CLEARINGHOUSE;
    SeriesId public immutable SERIES;

    /// @param symbol_ The symbol, which is the name too. {OptionERC20Factory} makes it from the series.
    constructor(
        IClearinghouse clearinghouse,
        SeriesId series,
        string memory symbol_
    ) ERC20(symbol_, symbol_) ERC20Permit(symbol_) {
        (CLEARINGHOUSE, SERIES) = (clearinghouse, series);
    }

    /// Takes `amount` of the id from the caller, who allowed it there, and gives as much of this token to `to`.
    function wrap(uint256 amount, address to) external {
        _mint(to, amount);
        CLEARINGHOUSE.transferFrom(msg.sender, address(this), SeriesId.unwrap(SERIES), amount);
    }

    /// Burns `amount` of the caller's and gives as much of the id to `to`.
    function unwrap(uint256 amount, address to) external {
        _burn(msg.sender, amount);
        CLEARINGHOUSE.transfer(to, SeriesId.unwrap(SERIES), amount);
    }

    /// Burns `amount` of the caller's and pays what it settled at to `receiver`.
    function redeem(uint256 amount, address receiver) external returns (uint256 assets) {
        _burn(msg.sender, amount);
        return CLEARINGHOUSE.redeem(SERIES, amount, receiver, address(this));
    }
}

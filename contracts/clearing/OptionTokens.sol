// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC6909 } from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import { ERC6909 } from "@openzeppelin/contracts/token/ERC6909/ERC6909.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { Listing } from "./Listing.sol";
import { Markets } from "./Markets.sol";

/// The option tokens of the {Clearinghouse}: OpenZeppelin's ERC-6909 under its own lock, with the supply that {Listing} keeps of each.
abstract contract OptionTokens is ERC6909, Markets {
    /// @inheritdoc IERC6909
    function transfer(
        address receiver,
        uint256 id,
        uint256 amount
    ) public override(ERC6909, IERC6909) nonReentrant returns (bool) {
        return super.transfer(receiver, id, amount);
    }

    /// @inheritdoc IERC6909
    function transferFrom(
        address sender,
        address receiver,
        uint256 id,
        uint256 amount
    ) public override(ERC6909, IERC6909) nonReentrant returns (bool) {
        _spendTokens(sender, id, amount);
        _transfer(sender, receiver, id, amount);
        return true;
    }

    /// @inheritdoc IERC6909
    function approve(
        address spender,
        uint256 id,
        uint256 amount
    ) public override(ERC6909, IERC6909) nonReentrant returns (bool) {
        return super.approve(spender, id, amount);
    }

    /// @inheritdoc IERC6909
    function setOperator(
        address spender,
        bool approved
    ) public override(ERC6909, IERC6909) nonReentrant returns (bool) {
        return super.setOperator(spender, approved);
    }

    /// @inheritdoc IERC6909
    function balanceOf(
        address owner,
        uint256 id
    ) public view override(ERC6909, IERC6909) nonReentrantView returns (uint256) {
        return super.balanceOf(owner, id);
    }

    /// Tokens of a series, WAD.
    function totalSupply(uint256 id) external view nonReentrantView returns (uint256) {
        Listing.Strike storage strike = _listing.strikes[id >> 1];
        return SeriesId.wrap(id).isPut() ? strike.putSupply : strike.callSupply;
    }

    /// @dev Tokens are moved by their owner, its operator, or by its allowance.
    function _spendTokens(address owner, uint256 id, uint256 amount) internal {
        if (owner != msg.sender && !isOperator(owner, msg.sender)) {
            _spendAllowance(owner, msg.sender, id, amount);
        }
    }
}

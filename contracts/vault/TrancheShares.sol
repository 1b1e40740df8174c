// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { TrancheState } from "./TrancheState.sol";

/// The share token of a {Tranche}: OpenZeppelin's under the tranche's own lock, where the shares that wait count as the tranche's own.
abstract contract TrancheShares is TrancheState {
    /// @inheritdoc IERC20
    function transfer(address to, uint256 shares) public override(ERC20, IERC20) nonReentrant returns (bool) {
        return super.transfer(to, shares);
    }

    /// @inheritdoc IERC20
    function transferFrom(
        address from,
        address to,
        uint256 shares
    ) public override(ERC20, IERC20) nonReentrant returns (bool) {
        return super.transferFrom(from, to, shares);
    }

    /// @inheritdoc IERC20
    function approve(
        address spender,
        uint256 shares
    ) public override(ERC20, IERC20) nonReentrant returns (bool) {
        return super.approve(spender, shares);
    }

    /// @inheritdoc ERC20Permit
    function permit(
        address owner,
        address spender,
        uint256 shares,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) public override nonReentrant {
        super.permit(owner, spender, shares, deadline, v, r, s);
    }

    /// @inheritdoc IERC20
    function totalSupply() public view override(ERC20, IERC20) nonReentrantView returns (uint256) {
        return _supply();
    }

    /// @inheritdoc IERC20
    function balanceOf(
        address account
    ) public view override(ERC20, IERC20) nonReentrantView returns (uint256) {
        return super.balanceOf(account) + (account == address(this) ? _waitingShares() : 0);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// A quote asset with EIP-2612 whose next transfer calls back where it is told to. Anybody mints: it is a test.
contract PermitToken is ERC20Permit {
    uint8 private immutable DECIMALS;

    address private _target;
    bytes private _data;
    bytes public answer;

    constructor(uint8 decimals_) ERC20("Permit", "PERMIT") ERC20Permit("Permit") {
        DECIMALS = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    function mint(address to, uint256 assets) external {
        _mint(to, assets);
    }

    /// What to call in the middle of the next transfer.
    function callBack(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function _update(address from, address to, uint256 assets) internal override {
        super._update(from, to, assets);
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        bool success;
        (success, answer) = target.call(_data);
        if (success) answer = "entered";
    }
}

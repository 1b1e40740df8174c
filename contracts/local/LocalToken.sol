// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// WHAT   A token for local chains, of any number of decimals, with EIP-2612's permit: whoever asks is given some.
/// TRUST  None: it is worth nothing, and never deployed elsewhere.
contract LocalToken is ERC20Permit {
    uint8 private immutable DECIMALS;

    constructor(string memory symbol, uint8 decimals_) ERC20(symbol, symbol) ERC20Permit(symbol) {
        DECIMALS = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    function mint(address to, uint256 assets) external {
        _mint(to, assets);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IClearinghouse } from "../../../contracts/interfaces/IClearinghouse.sol";
import { IOptionPool } from "../../../contracts/interfaces/IOptionPool.sol";

/// Measures a quote as another contract pays for it.
contract PoolMeter {
    function quote(IOptionPool pool, IClearinghouse.Leg[] calldata legs) external view returns (uint256 gas) {
        gas = gasleft();
        pool.quote(legs);
        gas -= gasleft();
    }
}

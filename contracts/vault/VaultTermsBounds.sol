// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILiquidityVault } from "../interfaces/ILiquidityVault.sol";

/// Bounds in code of what the governor may set in a vault: unwinding costs at most what a stressed market takes, fees at most what is usual.
library VaultTermsBounds {
    uint256 private constant UNWIND_VOL_MAX = 300;
    uint256 private constant UNWIND_NOTIONAL_MAX = 50;
    uint256 private constant HEDGE_MAX = 50;
    uint256 private constant MANAGEMENT_MAX = 200;
    uint256 private constant PERFORMANCE_MAX = 2_000;

    error Vault_TermsOutOfRange(ILiquidityVault.Terms terms);

    /// Reverts unless within the bounds, and with a receiver where there are fees.
    function check(ILiquidityVault.Terms memory terms) internal pure {
        bool isInRange =
            terms.unwindVolBps <= UNWIND_VOL_MAX &&
                terms.unwindNotionalBps <= UNWIND_NOTIONAL_MAX &&
                terms.hedgeBps <= HEDGE_MAX &&
                terms.managementBps <= MANAGEMENT_MAX &&
                terms.performanceBps <= PERFORMANCE_MAX &&
                (terms.feeReceiver != address(0) || terms.managementBps + terms.performanceBps == 0);
        if (!isInRange) revert Vault_TermsOutOfRange(terms);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The exact worst case, over all settlement prices, of what an account owes at one expiry
///
/// With n_i = written less deposited of strike K_i, and S the settlement price:
///
///     calls, in base:    max(0, max over S in (0, inf] of  sum n_i (1 - K_i/S)+)
///     puts,  in quote:   max(0, max over S in [0, inf) of  sum n_i (K_i - S)+)
///
/// WHY A STRIKE OR AN END    Let N and M be the sums of n_i and of n_i K_i over the strikes that pay at S. Between two neighbouring
///     strikes both are constant, the calls are worth N - M/S and the puts M - N S, and each is monotone in S. So the maximum
///     over an interval lies at one of its ends: a strike, or S = 0 or infinity. At infinity calls owe the sum of all n_i, at 0
///     puts owe the sum of all n_i K_i. (At a strike itself its own option pays nothing, from either side.)
/// WITHOUT LONGS    every n_i >= 0, so both functions are monotone over all S and the worst case is the plain sum. The
///     Clearinghouse then keeps that sum by differences, and calls nothing here.
/// UNITS    n: WAD. K: WAD. Calls: WAD of base, rounded up once. Puts: WAD * WAD of quote, exact.
/// DOMAIN   |n_i| < 2^95, K_i in (0, 2^94], at most 32 strikes: |N| < 2^100 and |M|, |N K| < 2^194, far inside int256. All
///     arithmetic is checked none the less: this file is read for its logic, and checks are cheap beside a cold read.
library Coverage {
    /// @param strikes Ascending, without zero.
    /// @param written n_i of each strike, negative where more was deposited than written.
    /// @return needUp Base that covers the calls at every settlement price, WAD.
    function callsUp(
        uint256[] memory strikes,
        int256[] memory written
    ) internal pure returns (uint256 needUp) {
        int256 amounts; // N
        int256 values; // M
        int256 worst;
        for (uint256 i = 0; i < strikes.length; ++i) {
            int256 strike = int256(strikes[i]);
            // At S = K_i the lower strikes pay N - M/K_i.
            int256 owedTimesStrike = amounts * strike - values;
            if (owedTimesStrike > worst * strike) {
                worst = (owedTimesStrike - 1) / strike + 1; // up; the dividend is above 0
            }
            amounts += written[i];
            values += written[i] * strike;
        }
        // At infinity all pay N.
        if (amounts > worst) worst = amounts;
        needUp = uint256(worst); // >= 0: it started at 0 and only rose
    }

    /// @param strikes Ascending, without zero.
    /// @param written n_i of each strike, negative where more was deposited than written.
    /// @return need Quote that covers the puts at every settlement price, WAD * WAD.
    function puts(uint256[] memory strikes, int256[] memory written) internal pure returns (uint256 need) {
        int256 amounts; // N
        int256 values; // M
        int256 worst;
        for (uint256 i = strikes.length; i > 0; --i) {
            int256 strike = int256(strikes[i - 1]);
            // At S = K_i the higher strikes pay M - N K_i.
            int256 owed = values - amounts * strike;
            if (owed > worst) worst = owed;
            amounts += written[i - 1];
            values += written[i - 1] * strike;
        }
        // At zero all pay M.
        if (values > worst) worst = values;
        need = uint256(worst); // >= 0: it started at 0 and only rose
    }
}

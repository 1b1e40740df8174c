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
/// ONE PASS    Calls are added from the lowest strike up, puts from the highest down: what was added before is what pays at the
///     strike now added. {addCall} and {addPut} look at that strike first and then take it in; {callsUp} and {puts} look at the end.
/// WITHOUT LONGS    every n_i >= 0, so both functions are monotone over all S and the worst case is the plain sum. The
///     Clearinghouse then keeps that sum by differences, and comes here not at all.
/// UNITS    n: WAD. K: WAD. Calls: WAD of base, rounded up once. Puts: WAD * WAD of quote, exact.
/// DOMAIN   |n_i| < 2^95, K_i in (0, 2^94), at most 32 strikes. So |N| < 2^100, |M| < 2^194, |N K| < 2^194, |N K - M| < 2^195,
///          0 <= worst < 2^195 and worst K < 2^194 for calls, where worst <= 32 max|n| < 2^100: nothing below leaves int256, which
///          is the proof of every unchecked block here. K > 0 is that of the division.
library Coverage {
    /// @param amounts N of what was added.
    /// @param values M of what was added.
    /// @param worst The highest debt seen so far, never below 0.
    struct Sums {
        int256 amounts;
        int256 values;
        int256 worst;
    }

    /// Takes the next higher call in. At S = K the lower strikes owe N - M/K, rounded up here.
    function addCall(Sums memory sums, uint256 strike, int256 written) internal pure {
        unchecked {
            int256 k = int256(strike);
            int256 owedTimesStrike = sums.amounts * k - sums.values;
            if (owedTimesStrike > sums.worst * k) sums.worst = (owedTimesStrike - 1) / k + 1;
            sums.amounts += written;
            sums.values += written * k;
        }
    }

    /// Base that covers the calls added at every settlement price, WAD.
    function callsUp(Sums memory sums) internal pure returns (uint256 needUp) {
        return uint256(sums.amounts > sums.worst ? sums.amounts : sums.worst);
    }

    /// Takes the next lower put in. At S = K the higher strikes owe M - N K.
    function addPut(Sums memory sums, uint256 strike, int256 written) internal pure {
        unchecked {
            int256 k = int256(strike);
            int256 owed = sums.values - sums.amounts * k;
            if (owed > sums.worst) sums.worst = owed;
            sums.amounts += written;
            sums.values += written * k;
        }
    }

    /// Quote that covers the puts added at every settlement price, WAD * WAD.
    function puts(Sums memory sums) internal pure returns (uint256 need) {
        return uint256(sums.values > sums.worst ? sums.values : sums.worst);
    }
}

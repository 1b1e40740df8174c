// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { quoteField } from "./BookFields.sol";

/// Equity at the ends of the last four epochs, the newest lowest, in 64 bits each.
///
/// Each is 1e-6 of quote and one more than it was, so that 0 says that there was none.
type EquityHistory is uint256;

using { withLatest, range } for EquityHistory global;

/// @dev The history with one more end, the oldest forgotten: `equity`, WAD, is below 2^64 in its unit.
function withLatest(EquityHistory word, uint256 equity) pure returns (EquityHistory) {
    return EquityHistory.wrap((EquityHistory.unwrap(word) << 64) | (quoteField(equity) + 1));
}

/// @dev The smallest and the largest in it, in whole quote, down and up. There is one: it is asked for after {withLatest}.
function range(EquityHistory word) pure returns (uint256 low, uint256 high) {
    low = type(uint64).max;
    for (uint256 left = EquityHistory.unwrap(word); left != 0; left >>= 64) {
        if (uint64(left) == 0) continue;
        uint256 equity = uint64(left) - 1;
        if (equity < low) low = equity;
        if (equity > high) high = equity;
    }
    (low, high) = (low / 1e6, (high + 1e6 - 1) / 1e6);
}

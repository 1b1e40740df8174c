// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";

/// WHAT   Asks for the three answers as a contract on the path of a trade does: {ISpotOracle.answers}, coded by hand, for a third
///        of what the compiler's coding costs.
library SpotAnswers {
    /// Reverts where there is no oracle; an oracle itself does not revert.
    function ask(
        ISpotOracle oracle,
        uint32 market
    ) internal view returns (PackedAnswer opening, PackedAnswer reducing, PackedAnswer alive) {
        bytes4 selector = ISpotOracle.answers.selector;
        assembly ("memory-safe") {
            // Input and output in the scratch space: two answers, then the third.
            mstore(0, selector)
            mstore(4, market)
            let answered := staticcall(gas(), oracle, 0, 36, 0, 64)
            if iszero(and(answered, gt(returndatasize(), 95))) {
                revert(0, 0)
            }
            opening := mload(0)
            reducing := mload(32)
            returndatacopy(0, 64, 32)
            alive := mload(0)
        }
    }
}

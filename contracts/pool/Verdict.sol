// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../interfaces/IBook.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { SliceStatus } from "../interfaces/IVolSurface.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { Price } from "./Price.sol";

/// The answer to a trade: its price, or why not.
/// @param cost Quote assets; `baseProceeds` base assets besides.
/// @param spotLow Lowest live spot: proceeds in base count at it.
struct Verdict {
    IOptionPool.Refusal refusal;
    ISpotOracle.Reason spotReason;
    SliceStatus sliceStatus;
    IBook.Limit limit;
    int256 cost;
    uint256 baseProceeds;
    uint256 spotLow;
    bool isFloor;
    Price.Priced priced;
}

/// What the spot oracle says.
struct Seen {
    PackedAnswer opening;
    PackedAnswer reducing;
    PackedAnswer alive;
}

/// WAD in one unit of each asset.
struct Scales {
    uint256 base;
    uint256 quote;
}

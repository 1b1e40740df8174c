// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../interfaces/IBook.sol";
import { Legs } from "./Legs.sol";
import { Scales, Verdict } from "./Verdict.sol";

/// What a trade locks and frees of the account's collateral, and which assets it can be paid in.
///
/// RANGES. Proof of the unchecked blocks: collateral is below 2^128, amounts below 2^95, strikes below 2^94, and legs are few: what is added stays
/// below 2^240, and nothing is subtracted that is not signed.
library Cover {
    uint256 private constant WAD = 1e18;

    /// @dev By how much the trade changes the cover that is locked, WAD: calls in base, puts in quote.
    function lockedBy(Legs.State memory state) internal pure returns (int256 base, int256 quote) {
        unchecked {
            for (uint256 i = 0; i < state.legs.length; ++i) {
                Legs.Leg memory leg = state.legs[i];
                int256 change = _written(leg.position - leg.amount) - _written(leg.position);
                if (leg.series.isPut())
                    quote += (change * int256(uint256(leg.series.strike()))) / int256(WAD);
                else base += change;
            }
        }
    }

    /// Whether the account can cover what an opening writes and pay what it buys: coverage is the Clearinghouse's last word.
    function limitOf(
        Verdict memory verdict,
        Legs.State memory state,
        Scales memory scales
    ) internal pure returns (IBook.Limit) {
        unchecked {
            (int256 base, int256 quote) = lockedBy(state);
            // A lock is rounded up once an expiry and asset: one unit more for each is room enough.
            int256 slack = int256(state.expiries.length);
            int256 leftBase = int256(state.account.baseBalance) - int256(state.account.baseLocked);
            if (leftBase < ceil(base, scales.base) + slack && base > 0) return IBook.Limit.BaseCapacity;
            int256 leftQuote =
                int256(state.account.quoteBalance) - int256(state.account.quoteLocked) + verdict.cost;
            if (leftQuote < ceil(quote, scales.quote) + slack && (quote > 0 || verdict.cost < 0)) {
                return IBook.Limit.QuoteCapacity;
            }
            return IBook.Limit.None;
        }
    }

    /// @dev Quote that is free once the puts bought back are, assets.
    function freeQuote(Legs.State memory state, Scales memory scales) internal pure returns (uint256) {
        unchecked {
            (, int256 quote) = lockedBy(state);
            int256 free = int256(state.account.quoteBalance) - int256(state.account.quoteLocked);
            free += (-quote) / int256(scales.quote) - int256(state.expiries.length);
            return free > 0 ? uint256(free) : 0;
        }
    }

    function _written(int256 position) private pure returns (int256) {
        return position < 0 ? -position : int256(0);
    }

    /// @dev Rounded up: a cost up and proceeds towards zero, against the taker; a lock up, against who is asked for it.
    function ceil(int256 wad, uint256 scale) internal pure returns (int256) {
        unchecked {
            return wad <= 0 ? wad / int256(scale) : (wad - 1) / int256(scale) + 1;
        }
    }
}

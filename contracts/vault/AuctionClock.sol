// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { cutSigned } from "../types/BookFields.sol";
import { epochDayOf } from "../types/Times.sol";

/// What an auction of delta remembers between two looks, one storage word, and how a look moves it.
///
/// WEIGHT   The clock's age is the mean age of the excess, at most the auction's duration when excess comes. Excess that leaves, by a fill, a trade or the
///          market, takes its share of the age with it, so the mean stays; excess that comes has age 0 (H6).
/// RANGES   Times in 1e-6 s below 2^52 until the year 2112, excess below 2^63: what is multiplied in an unchecked block stays below 2^116.
library AuctionClock {
    uint256 private constant WAD = 1e18;
    uint256 private constant MICRO = 1e6;

    /// @param excess What is outside the band, 1e-9 base, with the delta's sign; 0: no auction.
    /// @param openedAt Now less the mean age, 1e-6 s.
    /// @param loss Hedging loss of `epoch`, 1e-6 quote.
    /// @param epoch Day number, days from 09:00 UTC.
    struct Auction {
        int64 excess;
        uint64 openedAt;
        int64 loss;
        uint64 epoch;
    }

    /// The auction as a look finds it: the excess of now, and an epoch's loss that is over forgotten.
    /// @param excess 1e-9 base, cut to the field.
    /// @param duration Seconds.
    function look(
        Auction memory self,
        int256 excess,
        uint256 nowAt,
        uint256 duration
    ) internal pure returns (bool isNew) {
        int256 before = self.excess;
        excess = int64(uint64(cutSigned(excess)));
        uint256 now_ = nowAt * MICRO;
        if (excess == 0) {
            self.openedAt = 0;
        } else if (before == 0 || (before > 0) != (excess > 0)) {
            self.openedAt = uint64(now_);
            isNew = true;
        } else {
            // A look lies at or after the one before it. Both sizes are above 0.
            unchecked {
                (uint256 size, uint256 sizeBefore) = (SignedMath.abs(excess), SignedMath.abs(before));
                if (size > sizeBefore) {
                    uint256 age = now_ - self.openedAt;
                    if (age > duration * MICRO) age = duration * MICRO;
                    self.openedAt = uint64(now_ - (age * sizeBefore) / size);
                }
            }
        }
        self.excess = int64(excess);
    }

    /// The loss of the epoch that `nowAt` is in.
    function roll(Auction memory self, uint256 nowAt) internal pure {
        uint64 epoch = uint64(epochDayOf(nowAt));
        if (epoch != self.epoch) (self.epoch, self.loss) = (epoch, 0);
    }

    /// c, WAD.
    function progress(
        Auction memory self,
        uint256 nowAt,
        uint256 duration
    ) internal pure returns (uint256 c) {
        unchecked {
            c = ((nowAt * MICRO - self.openedAt) * WAD) / (duration * MICRO);
        }
        if (c > WAD) c = WAD;
    }

    /// The auction after a fill of `amount`, 1e-9 base towards 0, that cost `cost`, 1e-6 quote. The clock goes on as it was.
    function take(Auction memory self, int256 amount, int256 cost) internal pure {
        self.excess = int64(uint64(cutSigned(self.excess + amount)));
        if (self.excess == 0) self.openedAt = 0;
        self.loss = int64(uint64(cutSigned(self.loss + cost)));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Rounds } from "./Rounds.sol";

/// WHAT   Since when a layer-2 chain's sequencer is up, from Chainlink's uptime feed: answer 0 is up, 1 is down, and `startedAt` is
///        the time of the last change.
library SequencerSource {
    /// `isUp` and since when; a feed that does not answer, or has no round, counts as down.
    function observe(address feed) internal view returns (bool isUp, uint256 sinceAt) {
        int256 state;
        (state, sinceAt) = Rounds.latestState(feed);
        isUp = state == 0 && sinceAt != 0;
    }
}

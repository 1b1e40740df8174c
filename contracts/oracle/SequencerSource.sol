// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAggregatorProxy } from "../interfaces/IAggregatorProxy.sol";

/// WHAT   Since when a layer-2 chain's sequencer is up, from Chainlink's uptime feed: answer 0 is up, 1 is down, and `startedAt` is
///        the time of the last change.
library SequencerSource {
    /// `isUp` and since when; a feed that does not answer, or has no round, counts as down.
    function observe(address feed) internal view returns (bool isUp, uint256 sinceAt) {
        try IAggregatorProxy(feed).latestRoundData() returns (
            uint80,
            int256 answer,
            uint256 startedAt,
            uint256,
            uint80
        ) {
            return (answer == 0 && startedAt != 0, startedAt);
        } catch {
            return (false, 0);
        }
    }
}

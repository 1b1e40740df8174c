// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ArbitrumSequencerUptimeFeed } from "@chainlink/contracts/src/v0.8/l2ep/arbitrum/ArbitrumSequencerUptimeFeed.sol";

/// Chainlink's Arbitrum feed as it is; named here, so that it is built.
contract UptimeFeed is ArbitrumSequencerUptimeFeed {
    constructor(address flags, address l1Sender) ArbitrumSequencerUptimeFeed(flags, l1Sender) {}
}

/// The flags that the uptime feed raises and lowers.
contract Flags {
    mapping(address => bool) public getFlag;

    function raiseFlag(address subject) external {
        getFlag[subject] = true;
    }

    function lowerFlag(address subject) external {
        getFlag[subject] = false;
    }
}

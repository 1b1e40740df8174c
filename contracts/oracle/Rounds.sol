// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAggregatorProxy } from "../interfaces/IAggregatorProxy.sol";

/// A round of a feed; all zero where the feed has none, or does not answer.
struct Round {
    uint80 id;
    int256 answer;
    uint256 updatedAt;
}

/// WHAT   Reads rounds of a Chainlink feed without ever reverting: a feed that reverts, has no code, or answers too little is a feed
///        that says nothing.
/// GAS    A caller who gives so little gas that the feed's call runs out of it keeps a 64th of that gas. Every user of this
///        library needs more than 22,000 gas afterwards (it stores a word, or is a part of a trade), so a feed's call that fails
///        for want of gas had 1.3 million of it; a feed needs a hundredth.
library Rounds {
    /// The round that counts now.
    function latest(address feed) internal view returns (Round memory) {
        return _round(feed, abi.encodeCall(IAggregatorProxy.latestRoundData, ()));
    }

    /// The round `id`.
    function roundOf(address feed, uint80 id) internal view returns (Round memory) {
        return _round(feed, abi.encodeCall(IAggregatorProxy.getRoundData, (id)));
    }

    /// The decimals that a feed or an aggregator tells; the largest number where it tells none.
    function decimalsOf(address feed) internal view returns (uint256) {
        (bool answered, uint256 decimals) = _word(feed, abi.encodeCall(IAggregatorProxy.decimals, ()));
        return answered ? decimals : type(uint256).max;
    }

    /// The current phase of a proxy; 0 where it tells none.
    function phaseOf(address proxy) internal view returns (uint256 phase) {
        (, phase) = _word(proxy, abi.encodeCall(IAggregatorProxy.phaseId, ()));
    }

    /// Decimals of the aggregator of one phase; the largest number where there is no such aggregator.
    function decimalsInPhase(address proxy, uint16 phase) internal view returns (uint256) {
        (, uint256 aggregator) = _word(proxy, abi.encodeCall(IAggregatorProxy.phaseAggregators, (phase)));
        return decimalsOf(address(uint160(aggregator)));
    }

    /// The phase in a proxy round id.
    function phaseIn(uint80 id) internal pure returns (uint16) {
        return uint16(id >> 64);
    }

    /// The first round of a phase.
    function firstOf(uint256 phase) internal pure returns (uint80) {
        return uint80((phase << 64) | 1);
    }

    function _round(address feed, bytes memory input) private view returns (Round memory round) {
        // roundId, answer, startedAt, updatedAt, answeredInRound
        uint256[5] memory output;
        bool answered;
        assembly ("memory-safe") {
            answered := staticcall(gas(), feed, add(input, 32), mload(input), output, 160)
            answered := and(answered, gt(returndatasize(), 159))
        }
        if (answered) round = Round(uint80(output[0]), int256(output[1]), output[3]);
    }

    function _word(address target, bytes memory input) private view returns (bool answered, uint256 word) {
        assembly ("memory-safe") {
            answered := staticcall(gas(), target, add(input, 32), mload(input), 0, 32)
            answered := and(answered, gt(returndatasize(), 31))
            word := mul(answered, mload(0))
        }
    }
}

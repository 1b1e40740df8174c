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
///        library needs more than 9,000 gas afterwards (it stores words and tells an event, or is a part of a trade), so a feed's call that
///        fails for want of gas had 560,000 of it; a feed needs a fortieth.
library Rounds {
    /// A phase that no round's id carries.
    uint256 internal constant NO_PHASE = 1 << 16;

    uint256 private constant STARTED_AT = 64;
    uint256 private constant UPDATED_AT = 96;

    /// The round of a feed that counts now; zeros where there is none.
    function latest(address feed) internal view returns (uint80 id, int256 answer, uint256 updatedAt) {
        return _round(feed, IAggregatorProxy.latestRoundData.selector, 0, 4, UPDATED_AT);
    }

    /// The state that an uptime feed tells now, and since when; zeros where it tells none.
    function latestState(address feed) internal view returns (int256 state, uint256 startedAt) {
        (, state, startedAt) = _round(feed, IAggregatorProxy.latestRoundData.selector, 0, 4, STARTED_AT);
    }

    /// The round `wanted`.
    function roundOf(address feed, uint80 wanted) internal view returns (Round memory) {
        (uint80 id, int256 answer, uint256 updatedAt) = _round(
            feed,
            IAggregatorProxy.getRoundData.selector,
            wanted,
            36,
            UPDATED_AT
        );
        return Round(id, answer, updatedAt);
    }

    /// The decimals that a feed or an aggregator tells; the largest number where it tells none.
    function decimalsOf(address feed) internal view returns (uint256) {
        (bool answered, uint256 decimals) = wordOf(feed, IAggregatorProxy.decimals.selector, 0, 4);
        return answered ? decimals : type(uint256).max;
    }

    /// The current phase of a proxy; 0 where it tells none.
    function phaseOf(address proxy) internal view returns (uint256 phase) {
        (, phase) = wordOf(proxy, IAggregatorProxy.phaseId.selector, 0, 4);
    }

    /// Decimals of the aggregator of one phase; the largest number where there is no such aggregator.
    function decimalsInPhase(address proxy, uint16 phase) internal view returns (uint256) {
        (, uint256 aggregator) = wordOf(proxy, IAggregatorProxy.phaseAggregators.selector, phase, 36);
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

    /// @dev `selector` and, of `size` 36, `argument` are what is sent; zeros come back where the feed says nothing. Of the two times
    /// in the answer, (roundId, answer, startedAt, updatedAt, answeredInRound), the one at the byte `timeAt`.
    function _round(
        address feed,
        bytes4 selector,
        uint256 argument,
        uint256 size,
        uint256 timeAt
    ) private view returns (uint80 id, int256 answer, uint256 time) {
        assembly ("memory-safe") {
            // Input in the scratch space, output above the memory in use.
            let output := mload(64)
            mstore(0, selector)
            mstore(4, argument)
            let answered := staticcall(gas(), feed, 0, size, output, 160)
            if iszero(and(answered, gt(returndatasize(), 159))) {
                // What lies beyond the calldata is zero.
                calldatacopy(output, calldatasize(), 160)
            }
            id := and(mload(output), 0xffffffffffffffffffff)
            answer := mload(add(output, 32))
            time := mload(add(output, timeAt))
        }
    }

    /// The word that a contract answers, and whether it does; zero where not. `selector` and, of `size` 36, `argument` are what is sent.
    function wordOf(
        address target,
        bytes4 selector,
        uint256 argument,
        uint256 size
    ) internal view returns (bool answered, uint256 word) {
        assembly ("memory-safe") {
            mstore(0, selector)
            mstore(4, argument)
            answered := staticcall(gas(), target, 0, size, 0, 32)
            answered := and(answered, gt(returndatasize(), 31))
            word := mul(answered, mload(0))
        }
    }
}

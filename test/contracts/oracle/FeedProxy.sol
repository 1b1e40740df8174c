// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAggregatorProxy } from "../../../contracts/interfaces/IAggregatorProxy.sol";

/// WHAT  The reads of Chainlink's EACAggregatorProxy over real aggregators: phases, round ids with the phase on top, and the revert
///       of a phase without an aggregator. (Chainlink's own source of it is bound to another compiler.)
contract FeedProxy is IAggregatorProxy {
    struct Phase {
        uint16 id;
        address aggregator;
    }

    Phase private _current;
    mapping(uint16 phase => address) public phaseAggregators;

    constructor(address aggregator) {
        confirmAggregator(aggregator);
    }

    function confirmAggregator(address aggregator) public {
        uint16 id = _current.id + 1;
        _current = Phase(id, aggregator);
        phaseAggregators[id] = aggregator;
    }

    function phaseId() external view returns (uint16) {
        return _current.id;
    }

    function decimals() external view returns (uint8) {
        return IAggregatorProxy(_current.aggregator).decimals();
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        Phase memory current = _current;
        return _read(current.id, current.aggregator, 0, true);
    }

    function getRoundData(uint80 id) external view returns (uint80, int256, uint256, uint256, uint80) {
        uint16 phase = uint16(id >> 64);
        return _read(phase, phaseAggregators[phase], uint64(id), false);
    }

    function _read(
        uint16 phase,
        address aggregator,
        uint80 round,
        bool isLatest
    )
        private
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn)
    {
        (id, answer, startedAt, updatedAt, answeredIn) = isLatest
            ? IAggregatorProxy(aggregator).latestRoundData()
            : IAggregatorProxy(aggregator).getRoundData(round);
        id |= uint80(phase) << 64;
        answeredIn |= uint80(phase) << 64;
    }
}

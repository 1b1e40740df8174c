// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What is read of a Chainlink price feed's proxy (EACAggregatorProxy). A proxy round id is `phase << 64 | aggregator round`.
interface IAggregatorProxy {
    /// The round that counts now. `updatedAt` is the time of the block that brought it.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    /// A past round. One that does not exist reverts with some aggregators and is all zero with others.
    function getRoundData(
        uint80 roundId
    )
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    /// Decimals of the current phase's aggregator.
    function decimals() external view returns (uint8);

    /// The current phase; each new aggregator is one more.
    function phaseId() external view returns (uint16);

    /// The aggregator of a phase.
    function phaseAggregators(uint16 phase) external view returns (address);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { OCR2Base } from "@chainlink/contracts/src/v0.8/shared/ocr2/OCR2Base.sol";

/// WHAT  A price feed's aggregator on Chainlink's own OCR2Base: the median of what the oracles observed, under f + 1 signatures of
///       theirs, becomes the next round. Rounds count up from 1; a round that does not exist is all zero.
contract PriceAggregator is OCR2Base {
    struct Transmission {
        int192 answer;
        uint64 updatedAt;
    }

    uint8 private immutable DECIMALS;

    uint40 private _epochAndRound;
    uint80 private _latest;
    mapping(uint80 => Transmission) private _transmissions;

    error PriceAggregator_Unsorted();

    constructor(uint8 decimals_) OCR2Base(false) {
        DECIMALS = decimals_;
    }

    function typeAndVersion() external pure override returns (string memory) {
        return "PriceAggregator 1.0.0";
    }

    function decimals() external view returns (uint8) {
        return DECIMALS;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(_latest);
    }

    function getRoundData(uint80 id) public view returns (uint80, int256, uint256, uint256, uint80) {
        Transmission memory transmission = _transmissions[id];
        return (id, transmission.answer, transmission.updatedAt, transmission.updatedAt, id);
    }

    function _beforeSetConfig(uint8, bytes memory) internal override {}

    function _afterSetConfig(uint8, bytes memory) internal override {
        _epochAndRound = 0;
    }

    function _validateReport(
        bytes32,
        uint40 epochAndRound,
        bytes memory
    ) internal override returns (bool isNewer) {
        isNewer = epochAndRound > _epochAndRound;
        if (isNewer) _epochAndRound = epochAndRound;
    }

    /// @param report `abi.encode(int192[])`, the observations in rising order.
    function _report(
        uint256,
        address,
        uint8,
        address[MAX_NUM_ORACLES] memory,
        bytes calldata report
    ) internal override {
        int192[] memory observations = abi.decode(report, (int192[]));
        for (uint256 i = 1; i < observations.length; ++i) {
            if (observations[i] < observations[i - 1]) revert PriceAggregator_Unsorted();
        }
        _transmissions[++_latest] = Transmission(
            observations[observations.length / 2],
            uint64(block.timestamp)
        );
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// WHAT   A double of the Clearinghouse for unit tests of {SettlementOracle}: it keeps the prices that the oracle it was told of fixes,
///        after expiry and not 0, at any time of day and of any market, once. The genuine one is tested with the oracle in clearing.test.ts, and in every
///        test of pool and vault.
contract SettledPrices {
    address public oracle;
    mapping(uint32 market => mapping(uint32 expiryAt => uint256)) public settlementPrice;

    error SettledPrices_NotOracle(address caller);
    error SettledPrices_AlreadySettled(uint256 expiryAt, uint256 price);
    error SettledPrices_TooEarly(uint256 expiryAt, uint256 nowAt);
    error SettledPrices_NoPrice(uint256 expiryAt);

    function serve(address oracle_) external {
        oracle = oracle_;
    }

    /// As IClearinghouse.settle.
    function settle(uint32 market, uint32 expiryAt, uint256 price) external {
        if (msg.sender != oracle) revert SettledPrices_NotOracle(msg.sender);
        if (block.timestamp < expiryAt) revert SettledPrices_TooEarly(expiryAt, block.timestamp);
        if (price == 0) revert SettledPrices_NoPrice(expiryAt);
        uint256 before = settlementPrice[market][expiryAt];
        if (before != 0) revert SettledPrices_AlreadySettled(expiryAt, before);
        settlementPrice[market][expiryAt] = price;
    }
}

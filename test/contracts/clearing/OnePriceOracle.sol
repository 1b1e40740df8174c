// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISettlementOracle } from "../../../contracts/interfaces/ISettlementOracle.sol";
import { ISpotOracle } from "../../../contracts/interfaces/ISpotOracle.sol";

/// WHAT   A double of ISpotOracle and ISettlementOracle for unit tests that only need a price: it answers the two calls that the
///        Clearinghouse makes with the one price that its owner set; the price in force when an expiry is first fixed stays
///        that expiry's. The genuine oracles are tested in test/contracts/oracle.
contract OnePriceOracle {
    address public immutable OWNER;

    uint128 private _price;
    mapping(uint32 market => mapping(uint32 expiryAt => uint256)) private _fixed;

    error OnePriceOracle_NotOwner(address caller);
    error OnePriceOracle_NotYet(uint256 expiryAt, uint256 nowAt);
    error OnePriceOracle_AlreadyFixed(uint256 expiryAt, uint256 price);

    constructor(uint128 price) {
        OWNER = msg.sender;
        _price = price;
    }

    /// Sets spot, WAD; 0 makes every source silent.
    function setPrice(uint128 price) external {
        if (msg.sender != OWNER) revert OnePriceOracle_NotOwner(msg.sender);
        _price = price;
    }

    /// Fixes an expiry at the price in force. Anyone, once, at or after expiry.
    function fix(uint32 market, uint32 expiryAt) external {
        if (block.timestamp < expiryAt) revert OnePriceOracle_NotYet(expiryAt, block.timestamp);
        uint256 before = _fixed[market][expiryAt];
        if (before != 0) revert OnePriceOracle_AlreadyFixed(expiryAt, before);
        _fixed[market][expiryAt] = _price;
    }

    /// As ISettlementOracle.settlementPrice.
    function settlementPrice(
        uint32 market,
        uint32 expiryAt
    ) external view returns (uint256 price, ISettlementOracle.Source source) {
        price = _fixed[market][expiryAt];
        source = price == 0 ? ISettlementOracle.Source.None : ISettlementOracle.Source.Rounds;
    }

    /// As ISpotOracle.read.
    function read(uint32) external view returns (ISpotOracle.Reading memory) {
        ISpotOracle.Reason reason = _price == 0 ? ISpotOracle.Reason.NoLiveSource : ISpotOracle.Reason.None;
        ISpotOracle.Answer memory answer = ISpotOracle.Answer(
            _price,
            _price,
            uint40(block.timestamp),
            0,
            reason
        );
        return ISpotOracle.Reading(answer, answer, answer);
    }
}

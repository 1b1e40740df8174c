// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IClearinghouse } from "../../../contracts/interfaces/IClearinghouse.sol";
import { ISpotOracle } from "../../../contracts/interfaces/ISpotOracle.sol";

/// WHAT   A double of ISpotOracle and ISettlementOracle for unit tests that only need a price: it answers the one call that the
///        Clearinghouse makes, and settles, with the one price that its owner set. The genuine oracles are tested in
///        test/contracts/oracle.
contract OnePriceOracle {
    address public immutable OWNER;

    uint128 private _price;

    error OnePriceOracle_NotOwner(address caller);

    constructor(uint128 price) {
        OWNER = msg.sender;
        _price = price;
    }

    /// Sets spot, WAD; 0 makes every source silent.
    function setPrice(uint128 price) external {
        if (msg.sender != OWNER) revert OnePriceOracle_NotOwner(msg.sender);
        _price = price;
    }

    /// Settles an expiry at the price in force. Anyone.
    function settle(IClearinghouse clearinghouse, uint32 market, uint32 expiryAt) external {
        clearinghouse.settle(market, expiryAt, _price);
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

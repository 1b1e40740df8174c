// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { SelfEndingPause } from "../control/SelfEndingPause.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { Expiries } from "../types/Expiries.sol";
import { Custody } from "./Custody.sol";
import { Listing } from "./Listing.sol";
import { ListingRules } from "./ListingRules.sol";

/// WHAT  What can be traded and what it settled at: the doors to {Listing}, and the registration of markets.
abstract contract Markets is Custody, SelfEndingPause, IClearinghouse, ReentrancyGuardTransient {
    using Listing for Listing.State;

    address internal immutable QUOTE;
    uint8 internal immutable QUOTE_DECIMALS;

    Listing.State internal _listing;

    constructor(address quote, uint8 quoteDecimals) {
        (QUOTE, QUOTE_DECIMALS) = (quote, quoteDecimals);
        _registerAsset(quote, quoteDecimals);
    }

    /// @inheritdoc IClearinghouse
    function registerMarket(uint32 market, Market calldata terms) external nonReentrant restricted {
        _listing.register(market, terms, QUOTE);
        _registerAsset(terms.base, terms.baseDecimals);
    }

    /// @inheritdoc IClearinghouse
    function list(
        uint32 market,
        uint32 expiryAt,
        uint128 strike,
        uint128 evictedStrike
    ) external nonReentrant whenNotPaused {
        _listing.list(market, expiryAt, strike, evictedStrike, ListingRules.OPEN_STRIKES);
    }

    /// @inheritdoc IClearinghouse
    function listReserved(
        uint32 market,
        uint32 expiryAt,
        uint128 strike,
        uint128 evictedStrike
    ) external nonReentrant restricted whenNotPaused {
        _listing.list(market, expiryAt, strike, evictedStrike, ListingRules.STRIKES);
    }

    /// @inheritdoc IClearinghouse
    function settle(uint32 market, uint32 expiryAt, uint256 price) external nonReentrant {
        _listing.settle(market, expiryAt, price);
    }

    /// @inheritdoc IClearinghouse
    function quoteAsset() external view returns (address asset, uint8 decimals) {
        return (QUOTE, QUOTE_DECIMALS);
    }

    /// @inheritdoc IClearinghouse
    function marketOf(uint32 market) external view returns (Market memory terms) {
        terms = _listing.markets[market];
        if (terms.base == address(0)) revert Listing.Listing_MarketUnknown(market);
    }

    /// @inheritdoc IClearinghouse
    function expiries(uint32 market) external view nonReentrantView returns (uint32[] memory) {
        return _listing.live[market].times();
    }

    /// @inheritdoc IClearinghouse
    function liveExpiries(uint32 market) external view nonReentrantView returns (Expiries) {
        return _listing.live[market];
    }

    /// @inheritdoc IClearinghouse
    function strikes(
        uint32 market,
        uint32 expiryAt
    ) external view nonReentrantView returns (uint128[] memory) {
        return _listing.strikesOf(market, expiryAt);
    }

    /// @inheritdoc IClearinghouse
    function settlementPrice(
        uint32 market,
        uint32 expiryAt
    ) external view nonReentrantView returns (uint256) {
        return _listing.expiries[Listing.expiryKey(market, expiryAt)].settlementPrice;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { dayOfExpiry, Expiries, expiryOfDay } from "../types/Expiries.sol";
import { SeriesId, toSeriesId } from "../types/SeriesId.sol";
import { STRIKE_UNIT } from "../types/StrikePosition.sol";
import { ListingRules } from "./ListingRules.sol";
import { StrikeOrder } from "./StrikeOrder.sol";

/// @title Which strikes of which expiries stand where, and what expiries settled at
///
/// WHAT  The state of all markets and the calls that change it. A library with a deployment of its own, so that the Clearinghouse,
///       in whose storage it writes, stays within the size of a contract; hot paths read the state directly and never come here.
/// KEYS  A SeriesId without its lowest bit names a strike (call and put together), without strike and bit an expiry.
/// HOLDS places, order and strikeUnits of an expiry tell of the same strikes; `live` is ascending from its lowest lane, without gaps
///       and without repeats; a strike with positions keeps its place; a settlement price never changes (T1).
library Listing {
    /// One slot: all that a mint or a burn must know of a strike.
    /// @param callSupply Tokens of the call, WAD; `putSupply` of the put.
    /// @param idleSinceAt When it was listed, or last became unused; 0 where it is not listed.
    /// @param accounts How many accounts have a position in call or put; nobody has tokens when it is 0.
    /// @param place Its bit in accounts' bitmaps.
    struct Strike {
        uint96 callSupply;
        uint96 putSupply;
        uint32 idleSinceAt;
        uint24 accounts;
        uint8 place;
    }

    /// @param settlementPrice WAD; 0 until settled.
    /// @param places Bit set: there is a strike at that place.
    /// @param order The places, ascending by strike.
    /// @param strikeUnits Strike of each place in {STRIKE_UNIT}; stale where the bit is not set.
    struct Expiry {
        uint128 settlementPrice;
        uint32 places;
        StrikeOrder order;
        uint64[32] strikeUnits;
    }

    struct State {
        mapping(uint32 market => IClearinghouse.Market) markets;
        mapping(uint32 market => Expiries ascending) live;
        mapping(uint256 expiryKey => Expiry) expiries;
        mapping(uint256 strikeKey => Strike) strikes;
    }

    error Listing_MarketTaken(uint32 market);
    error Listing_MarketUnknown(uint32 market);

    /// A market without a name or a minimum, or with base and quote alike.
    error Listing_TermsInvalid(uint32 market);

    error Listing_AlreadyListed(uint32 market, uint32 expiryAt, uint256 strike);
    error Listing_NotListed(uint32 market, uint32 expiryAt, uint256 strike);

    /// All places of this kind of expiry are taken.
    error Listing_KindFull(ListingRules.Kind kind, uint256 limit);

    /// All strikes that the caller may fill are taken; name one to evict.
    error Listing_ExpiryFull(uint32 expiryAt, uint256 limit);

    /// Nothing is evicted while there is room.
    error Listing_RoomLeft(uint32 expiryAt);

    /// The strike is in use, was until a moment ago, or has a reserved place.
    error Listing_NotEvictable(uint256 strike, uint256 accounts, uint256 evictableAt);

    /// The spot oracle gives no price to open at.
    error Listing_SpotRefused(ISpotOracle.Reason reason);

    error Listing_Expired(uint32 expiryAt, uint256 nowAt);
    error Listing_NotExpired(uint32 expiryAt, uint256 nowAt);
    error Listing_AlreadySettled(uint32 market, uint32 expiryAt);
    error Listing_NotSettled(uint32 market, uint32 expiryAt);
    error Listing_NotSettlementOracle(address caller, address settlementOracle);

    /// A settlement price is more than 0 and below 2^128.
    error Listing_PriceInvalid(uint256 price);

    /// Opens a market; see {IClearinghouse.registerMarket}.
    function register(
        State storage self,
        uint32 market,
        IClearinghouse.Market calldata terms,
        address quote
    ) external {
        if (self.markets[market].base != address(0)) revert Listing_MarketTaken(market);
        if (terms.base == quote || terms.base == address(0) || terms.name == 0 || terms.minimumAmount == 0) {
            revert Listing_TermsInvalid(market);
        }
        self.markets[market] = terms;
        emit IClearinghouse.MarketRegistered(market, terms);
    }

    /// Lists call and put at `strike`; see {IClearinghouse.list}.
    /// @param openPlaces How many places the caller may fill: {ListingRules.OPEN_STRIKES} or all.
    function list(
        State storage self,
        uint32 market,
        uint32 expiryAt,
        uint128 strike,
        uint128 evictedStrike,
        uint256 openPlaces
    ) external {
        SeriesId series = toSeriesId(market, expiryAt, strike, false);
        IClearinghouse.Market storage terms = self.markets[market];
        if (terms.base == address(0)) revert Listing_MarketUnknown(market);
        if (self.strikes[strikeKey(series)].idleSinceAt != 0) {
            revert Listing_AlreadyListed(market, expiryAt, strike);
        }
        if (block.timestamp >= expiryAt) revert Listing_Expired(expiryAt, block.timestamp);
        ListingRules.requireOnGrid(strike);
        ISpotOracle.Answer memory spot = ISpotOracle(terms.spotOracle).read(market).opening;
        if (spot.reason != ISpotOracle.Reason.None) revert Listing_SpotRefused(spot.reason);
        ListingRules.requireInBand(strike, spot.low, spot.high, expiryAt - block.timestamp);

        Expiry storage expiry = self.expiries[expiryKey(market, expiryAt)];
        if (expiry.places == 0) self.live[market] = _withExpiry(self.live[market], expiryAt);
        uint256 place = _freePlace(expiry.places, openPlaces);
        if (evictedStrike != 0) {
            if (place != ListingRules.STRIKES) revert Listing_RoomLeft(expiryAt);
            place = _evict(self, toSeriesId(market, expiryAt, evictedStrike, false), openPlaces);
        } else if (place == ListingRules.STRIKES) {
            revert Listing_ExpiryFull(expiryAt, openPlaces);
        }

        self.strikes[strikeKey(series)] = Strike(0, 0, uint32(block.timestamp), 0, uint8(place));
        expiry.order = expiry.order.insert(_rankOf(expiry, strike), place);
        expiry.strikeUnits[place] = uint64(strike / STRIKE_UNIT);
        expiry.places |= uint32(1 << place);
        emit IClearinghouse.Listed(msg.sender, market, expiryAt, strike, evictedStrike);
    }

    /// Stores the price of an expiry; see {IClearinghouse.settle}.
    function settle(State storage self, uint32 market, uint32 expiryAt, uint256 price) external {
        address settlementOracle = self.markets[market].settlementOracle;
        if (msg.sender != settlementOracle) revert Listing_NotSettlementOracle(msg.sender, settlementOracle);
        if (block.timestamp < expiryAt) revert Listing_NotExpired(expiryAt, block.timestamp);
        if (price == 0 || price > type(uint128).max) revert Listing_PriceInvalid(price);
        Expiry storage expiry = self.expiries[expiryKey(market, expiryAt)];
        if (expiry.places == 0) revert Listing_NotListed(market, expiryAt, 0);
        if (expiry.settlementPrice != 0) revert Listing_AlreadySettled(market, expiryAt);
        expiry.settlementPrice = uint128(price);
        // The list holds it: it is listed and was not settled.
        Expiries live = self.live[market];
        self.live[market] = live.without(live.laneOf(dayOfExpiry(expiryAt)));
        emit IClearinghouse.Settled(market, expiryAt, price);
    }

    /// Strikes of an expiry by place, 0 where free.
    function strikesOf(
        State storage self,
        uint32 market,
        uint32 expiryAt
    ) external view returns (uint128[] memory strikeAtPlace) {
        Expiry storage expiry = self.expiries[expiryKey(market, expiryAt)];
        strikeAtPlace = new uint128[](ListingRules.STRIKES);
        for (uint256 place = 0; place < ListingRules.STRIKES; ++place) {
            if ((expiry.places >> place) & 1 == 1) strikeAtPlace[place] = uint128(_strikeAt(expiry, place));
        }
    }

    function expiryKey(uint32 market, uint32 expiryAt) internal pure returns (uint256) {
        return (uint256(market) << 32) | expiryAt;
    }

    function expiryKey(SeriesId series) internal pure returns (uint256) {
        return SeriesId.unwrap(series) >> 129;
    }

    /// @dev A word that is no series (bits above 193) has a key that was never listed.
    function strikeKey(SeriesId series) internal pure returns (uint256) {
        return SeriesId.unwrap(series) >> 1;
    }

    /// The strike of a series that may be minted or burned now.
    function tradable(State storage self, SeriesId series) internal view returns (Strike storage strike) {
        if (block.timestamp >= series.expiryAt()) revert Listing_Expired(series.expiryAt(), block.timestamp);
        strike = _listed(self, series);
    }

    /// The settlement price of an expiry that has one.
    function settledPrice(State storage self, uint256 key) internal view returns (uint256 price) {
        price = self.expiries[key].settlementPrice;
        if (price == 0) revert Listing_NotSettled(uint32(key >> 32), uint32(key));
    }

    function _listed(State storage self, SeriesId series) private view returns (Strike storage strike) {
        strike = self.strikes[strikeKey(series)];
        if (strike.idleSinceAt == 0) {
            revert Listing_NotListed(series.market(), series.expiryAt(), series.strike());
        }
    }

    /// @dev Takes an unused strike out and returns its place.
    function _evict(State storage self, SeriesId series, uint256 openPlaces) private returns (uint256 place) {
        Strike storage strike = _listed(self, series);
        place = strike.place;
        uint256 evictableAt = strike.idleSinceAt + ListingRules.IDLE_BEFORE_EVICTION;
        if (strike.accounts != 0 || block.timestamp < evictableAt || place >= openPlaces) {
            revert Listing_NotEvictable(series.strike(), strike.accounts, evictableAt);
        }
        delete self.strikes[strikeKey(series)];
        Expiry storage expiry = self.expiries[expiryKey(series)];
        expiry.order = expiry.order.remove(_rankOf(expiry, series.strike()));
        expiry.places &= ~uint32(1 << place);
    }

    /// @dev Anybody fills the lowest free place below `openPlaces`; who may fill all takes the highest, the reserved ones first.
    /// {ListingRules.STRIKES} where there is none.
    function _freePlace(uint32 places, uint256 openPlaces) private pure returns (uint256) {
        uint256 free = ~uint256(places) & ((1 << openPlaces) - 1);
        if (free == 0) return ListingRules.STRIKES;
        // The lowest set bit alone: x & -x, with -x spelt for unsigned x > 0.
        return Math.log2(openPlaces == ListingRules.STRIKES ? free : free & (~free + 1));
    }

    /// @dev How many listed strikes are below `strike`: where it stands, or would stand, in the order.
    function _rankOf(Expiry storage expiry, uint256 strike) private view returns (uint256 rank) {
        uint256 places = expiry.places;
        for (uint256 place = 0; place < ListingRules.STRIKES; ++place) {
            if ((places >> place) & 1 == 1 && _strikeAt(expiry, place) < strike) ++rank;
        }
    }

    function _strikeAt(Expiry storage expiry, uint256 place) private view returns (uint256) {
        return expiry.strikeUnits[place] * STRIKE_UNIT;
    }

    /// @dev Expiries that passed count until they are settled: no new ones are opened while old ones cannot be settled.
    function _withExpiry(Expiries live, uint32 expiryAt) private view returns (Expiries) {
        ListingRules.requireExpiry(expiryAt, block.timestamp);
        ListingRules.Kind kind = ListingRules.kindOf(expiryAt);
        uint256 sameKind;
        uint256 earlier;
        // Never more than sixteen, {ListingRules.EXPIRIES_PER_KIND} of each kind: so there is a lane for one more where its kind has room.
        for (uint256 lane = live.count(); lane > 0; --lane) {
            uint256 other = expiryOfDay(live.day(lane - 1));
            if (ListingRules.kindOf(other) == kind) ++sameKind;
            if (other < expiryAt) ++earlier;
        }
        if (sameKind == ListingRules.EXPIRIES_PER_KIND) {
            revert Listing_KindFull(kind, ListingRules.EXPIRIES_PER_KIND);
        }
        return live.including(earlier, dayOfExpiry(expiryAt));
    }
}

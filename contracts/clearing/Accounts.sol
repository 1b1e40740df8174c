// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { wadScale } from "../types/Decimals.sol";
import { PackedCollateral, toPackedCollateral } from "../types/PackedCollateral.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { STRIKE_UNIT, StrikePosition } from "../types/StrikePosition.sol";
import { Coverage } from "./Coverage.sol";
import { Ledger } from "./Ledger.sol";
import { Listing } from "./Listing.sol";
import { ListingRules } from "./ListingRules.sol";
import { OptionTokens } from "./OptionTokens.sol";
import { StrikeOrder } from "./StrikeOrder.sol";
import { Units } from "./Units.sol";

/// What accounts of the {Clearinghouse} have, by market, expiry and asset: their words, what may be read of them, and how they change.
/// The caller sees to permission, terms and order, and checks coverage afterwards.
abstract contract Accounts is OptionTokens {
    using Coverage for Coverage.Sums;
    using Listing for Listing.State;
    using SafeCast for uint256;

    /// An account's balance of a token and how much of it is locked, in the token's decimals.
    struct Collateral {
        PackedCollateral word;
    }

    /// One slot: what an account's positions at one expiry need, and where they are, by place.
    /// @param callNeed Base that covers the calls, WAD.
    /// @param calls Places with a position in the call; `puts` in the put.
    /// @param longCalls Places with a deposited call; `longPuts` with a deposited put.
    /// @param plainSums The rule that these positions were opened under.
    struct Sides {
        uint104 callNeed;
        uint32 calls;
        uint32 puts;
        uint32 longCalls;
        uint32 longPuts;
        bool plainSums;
    }

    /// Positions at one strike, WAD, and the strike, so that a pass over an account reads one slot a strike.
    struct Position {
        int96 call;
        int96 put;
        uint64 strikeUnits;
    }

    /// What an account has at one expiry.
    /// @param putNeed Quote that covers the puts, WAD * WAD: exact, so that it can be kept by differences.
    struct Portfolio {
        Sides sides;
        uint256 putNeed;
        Position[32] positions;
    }

    mapping(address account => mapping(address asset => Collateral)) private _collateral;
    mapping(address account => mapping(uint256 expiryKey => Portfolio)) internal _portfolios;
    mapping(address account => bool) internal _plainSums;

    // ------------------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IClearinghouse
    function collateral(
        address account,
        address asset
    ) external view nonReentrantView returns (uint256 balance, uint256 locked) {
        PackedCollateral word = _collateral[account][asset].word;
        return (word.balance(), word.locked());
    }

    /// @inheritdoc IClearinghouse
    function packedCollaterals(
        address account,
        address base
    ) external view nonReentrantView returns (PackedCollateral baseWord, PackedCollateral quoteWord) {
        return (_collateral[account][base].word, _collateral[account][QUOTE].word);
    }

    /// @inheritdoc IClearinghouse
    function position(address account, SeriesId series) external view nonReentrantView returns (int256) {
        Listing.Strike storage strike = _listing.strikes[Listing.strikeKey(series)];
        if (strike.idleSinceAt == 0) return 0;
        Position storage own = _portfolios[account][Listing.expiryKey(series)].positions[strike.place];
        return series.isPut() ? own.put : own.call;
    }

    /// @inheritdoc IClearinghouse
    function positions(
        address account,
        uint32 market,
        uint32 expiryAt
    ) external view nonReentrantView returns (StrikePosition[] memory words) {
        Portfolio storage portfolio = _portfolios[account][Listing.expiryKey(market, expiryAt)];
        uint256 open = portfolio.sides.calls | portfolio.sides.puts;
        words = new StrikePosition[](ListingRules.STRIKES);
        uint256 count = 0;
        // Unchecked: open has 32 bits, so place < 32 and the array only gets shorter.
        unchecked {
            for (uint256 place = 0; open != 0; (open >>= 1, ++place)) {
                if (open & 1 == 0) continue;
                Position storage own = portfolio.positions[place];
                ++count;
                assembly ("memory-safe") {
                    mstore(add(words, shl(5, count)), sload(own.slot))
                }
            }
        }
        assembly ("memory-safe") {
            mstore(words, count)
        }
    }

    /// @inheritdoc IClearinghouse
    function isListed(SeriesId series) external view returns (bool) {
        return _listing.strikes[Listing.strikeKey(series)].idleSinceAt != 0;
    }

    /// @inheritdoc IClearinghouse
    function coverage(
        address account,
        uint32 market,
        uint32 expiryAt
    ) external view nonReentrantView returns (uint256 baseAssets, uint256 quoteAssets, bool plainSums) {
        Portfolio storage portfolio = _portfolios[account][Listing.expiryKey(market, expiryAt)];
        baseAssets = _lockOf(portfolio.sides.callNeed, false, _listing.markets[market].baseDecimals);
        quoteAssets = _lockOf(portfolio.putNeed, true, QUOTE_DECIMALS);
        plainSums = portfolio.sides.plainSums;
    }

    /// @inheritdoc IClearinghouse
    function held(address asset) external view nonReentrantView returns (uint256) {
        return _heldOf(asset);
    }

    // --------------------------------------------------------------------------------------------------------------- positions

    /// @dev Moves position and supply against each other and locks what the account's positions now need.
    /// @param holder Whose tokens move, for the event.
    /// @param amount Written (> 0) or taken back (< 0), WAD.
    function _move(address account, SeriesId series, address holder, int256 amount) internal {
        Listing.Strike storage strike = _listing.tradable(series);
        Portfolio storage portfolio = _portfolios[account][Listing.expiryKey(series)];
        uint256 place = strike.place;
        Position memory own = portfolio.positions[place];
        bool wasOpen = own.call != 0 || own.put != 0;

        int256 before = series.isPut() ? own.put : own.call;
        uint256 supply = series.isPut() ? strike.putSupply : strike.callSupply;
        int256 next;
        (next, supply) = Ledger.move(before, supply, amount);
        // Ledger keeps both below 2^95.
        if (series.isPut()) (own.put, strike.putSupply) = (int96(next), uint96(supply));
        else (own.call, strike.callSupply) = (int96(next), uint96(supply));

        bool isOpen = own.call != 0 || own.put != 0;
        if (isOpen && !wasOpen) ++strike.accounts;
        if (wasOpen && !isOpen && --strike.accounts == 0) strike.idleSinceAt = uint32(block.timestamp);
        own.strikeUnits = isOpen ? uint64(series.strike() / STRIKE_UNIT) : 0;
        portfolio.positions[place] = own;
        uint256 locked = _cover(account, series, place, before, next);
        emit PositionMoved(account, series, holder, amount, next, locked);
    }

    /// @dev Renews the need of one side after a position at `place` went from `before` to `next`, and locks the difference.
    /// @return What is then locked for that side.
    function _cover(
        address account,
        SeriesId series,
        uint256 place,
        int256 before,
        int256 next
    ) private returns (uint256) {
        Portfolio storage portfolio = _portfolios[account][Listing.expiryKey(series)];
        Sides memory sides = portfolio.sides;
        bool isPut = series.isPut();
        if (sides.calls | sides.puts == 0) sides.plainSums = _plainSums[account];
        uint32 longsBefore = isPut ? sides.longPuts : sides.longCalls;
        uint32 open = _withBit(isPut ? sides.puts : sides.calls, place, next != 0);
        uint32 longs = _withBit(longsBefore, place, next > 0);
        if (isPut) (sides.puts, sides.longPuts) = (open, longs);
        else (sides.calls, sides.longCalls) = (open, longs);

        uint256 need = isPut ? portfolio.putNeed : sides.callNeed;
        uint256 newNeed;
        if (sides.plainSums || longsBefore | longs == 0) {
            // Plain sums: only this option's own part changes, whole units of it, so nothing is ever rounded.
            uint256 unit = isPut ? series.strike() : 1;
            newNeed = need + _written(next) * unit - _written(before) * unit;
        } else {
            newNeed = _worstCase(portfolio, _listing.expiries[Listing.expiryKey(series)].order, open, isPut);
        }
        // callNeed: at most 32 positions below 2^95 each, below 2^100.
        if (isPut) portfolio.putNeed = newNeed;
        else sides.callNeed = uint104(newNeed);
        portfolio.sides = sides;
        return _relock(account, series, need, newNeed);
    }

    /// @dev One pass over the account's strikes on one side: calls ascending, puts descending.
    /// @param open Places with a position on this side.
    function _worstCase(
        Portfolio storage portfolio,
        StrikeOrder order,
        uint256 open,
        bool isPut
    ) private view returns (uint256) {
        Coverage.Sums memory sums;
        uint256 count = order.count();
        // Every open place has a listed strike, so the pass ends with the order at the latest: i < count <= 32. A strike has 64
        // bits, its unit 30, and a position 96: nothing below leaves its type.
        unchecked {
            for (uint256 i = 0; open != 0; ++i) {
                uint256 place = order.placeAt(isPut ? count - 1 - i : i);
                if ((open >> place) & 1 == 0) continue;
                open ^= 1 << place;
                Position storage own = portfolio.positions[place];
                uint256 strike = own.strikeUnits * STRIKE_UNIT;
                if (isPut) sums.addPut(strike, -int256(own.put));
                else sums.addCall(strike, -int256(own.call));
            }
        }
        return isPut ? sums.puts() : sums.callsUp();
    }

    function _relock(
        address account,
        SeriesId series,
        uint256 need,
        uint256 newNeed
    ) private returns (uint256 next) {
        (address asset, uint8 decimals) = _payingAsset(series);
        uint256 before = _lockOf(need, series.isPut(), decimals);
        next = _lockOf(newNeed, series.isPut(), decimals);
        if (before == next) return next;
        Collateral storage own = _collateral[account][asset];
        PackedCollateral word = own.word;
        uint256 locked = Ledger.relock(word.locked(), before, next).toUint128();
        own.word = toPackedCollateral(word.balance(), locked);
    }

    // -------------------------------------------------------------------------------------------------------------- collateral

    function _credit(address account, address asset, uint256 assets) internal {
        Collateral storage own = _collateral[account][asset];
        PackedCollateral word = own.word;
        own.word = toPackedCollateral((word.balance() + assets).toUint128(), word.locked());
    }

    function _debit(address account, address asset, uint256 assets) internal {
        Collateral storage own = _collateral[account][asset];
        PackedCollateral word = own.word;
        uint256 locked = word.locked();
        own.word = toPackedCollateral(Ledger.debit(word.balance(), locked, assets), locked); // the balance falls
    }

    /// @dev Premium in is credited out of what was sent here before; premium out is taken, and paid by the caller at the end.
    function _settlePremium(address account, address asset, int256 assets) internal {
        if (assets > 0) {
            _takeSurplus(asset, uint256(assets));
            _credit(account, asset, uint256(assets));
        } else if (assets < 0) {
            _debit(account, asset, uint256(-assets));
        }
    }

    /// @dev Ends an expiry's lock and pays `net` into or out of the account.
    function _settleCollateral(address account, address asset, uint256 wasLocked, int256 net) internal {
        if (wasLocked == 0 && net == 0) return;
        Collateral storage own = _collateral[account][asset];
        PackedCollateral word = own.word;
        (uint256 balance, uint256 locked) = Ledger.settle(word.balance(), word.locked(), wasLocked, net);
        own.word = toPackedCollateral(balance.toUint128(), locked); // what is locked falls
    }

    function _requireCovered(address account, address asset) internal view {
        PackedCollateral word = _collateral[account][asset].word;
        Ledger.requireCovered(word.balance(), word.locked());
    }

    // ------------------------------------------------------------------------------------------------------------------- small

    /// @dev The asset that covers and pays a series, with its decimals.
    function _payingAsset(SeriesId series) internal view returns (address asset, uint8 decimals) {
        if (series.isPut()) return (QUOTE, QUOTE_DECIMALS);
        Market storage terms = _listing.markets[series.market()];
        return (terms.base, terms.baseDecimals);
    }

    function _assetOf(SeriesId series) internal view returns (address asset) {
        (asset, ) = _payingAsset(series);
    }

    /// @dev Assets that cover a need: rounded up, once for each account, asset and expiry.
    function _lockOf(uint256 need, bool isPut, uint256 decimals) internal pure returns (uint256) {
        return Units.assetsUp(need, isPut ? Units.quoteScale(decimals) : wadScale(decimals));
    }

    function _written(int256 position_) private pure returns (uint256) {
        return position_ < 0 ? uint256(-position_) : 0;
    }

    /// @dev place < 32.
    function _withBit(uint32 bits, uint256 place, bool on) private pure returns (uint32) {
        uint32 bit = uint32(1 << place);
        return on ? bits | bit : bits & ~bit;
    }
}

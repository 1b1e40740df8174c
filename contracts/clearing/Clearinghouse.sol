// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IERC6909 } from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import { ERC6909 } from "@openzeppelin/contracts/token/ERC6909/ERC6909.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { wadScale } from "../types/Decimals.sol";
import { PackedCollateral, toPackedCollateral } from "../types/PackedCollateral.sol";
import { REALIZE, REDEEM, TRADE, WITHDRAW } from "../types/Scopes.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { STRIKE_UNIT, StrikePosition } from "../types/StrikePosition.sol";
import { Coverage } from "./Coverage.sol";
import { Delegates } from "./Delegates.sol";
import { Ledger } from "./Ledger.sol";
import { Listing } from "./Listing.sol";
import { ListingRules } from "./ListingRules.sol";
import { Markets } from "./Markets.sol";
import { StrikeOrder } from "./StrikeOrder.sol";
import { Units } from "./Units.sol";

/// WHAT        Collateral, positions and option tokens; the outside, with units, roles and promises, is {IClearinghouse}.
/// PARTS       Custody (moves tokens), Markets with Listing (what is listed and settled), Delegates (who may); Ledger, Coverage and
///             Units (pure arithmetic); here is what binds them. Calls nothing above it.
/// ASSUMPTIONS Who is trusted for what, and for nothing else.
///             Tokens: nothing but what {Custody} says; one that takes balances away harms those who own it here, of the quote asset in
///             every market.
///             A market's settlement oracle, named for good: the price of an expiry that is over, once. Whatever it says pays nobody out of
///             more than was locked for it, so a false one shifts money between writers and holders of its own market and reaches nothing
///             else.
///             Its spot oracle: the band of what may be listed; it moves no money.
///             Delegates: what their scopes allow, by their account's own word.
///             Roles: the governor for the base and the oracles of a new market, the guardian for how long nothing is written; none for
///             anybody's assets.
/// RHYTHM      Every call: permission, terms, effects, the check of coverage if it lowers safety, event, token last. One lock over
///             all of them; transfers and approvals of option tokens included.
/// INVARIANTS  per series, sum of positions + supply = 0 until it settles; per account, expiry and asset, what is locked is
///             Coverage of its positions; locked <= balance after every call that could lower it.
/// ABSENT      No fee, no liquidation, no netting across expiries or assets, no callback to receivers, no rescue of surplus.
contract Clearinghouse is ERC6909, Markets, Delegates {
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
    mapping(address account => mapping(uint256 expiryKey => Portfolio)) private _portfolios;
    mapping(address account => bool) private _plainSums;

    error Clearing_AmountBelowMinimum(uint256 amount, uint256 minimum);

    /// All legs of an exchange are of one market.
    error Clearing_LegsOfTwoMarkets(uint32 first, uint32 other);

    constructor(
        address authority,
        address quote,
        uint8 quoteDecimals
    ) AccessManaged(authority) Markets(quote, quoteDecimals) {}

    // ------------------------------------------------------------------------------------------------------------ collateral

    /// @inheritdoc IClearinghouse
    function deposit(
        address asset,
        uint256 assets,
        address account
    ) external nonReentrant returns (uint256 credited) {
        _requireAnyScope(account);
        credited = _pull(asset, msg.sender, assets);
        _credit(account, asset, credited);
        emit Deposited(msg.sender, account, asset, credited);
    }

    /// @inheritdoc IClearinghouse
    function withdraw(
        address asset,
        uint256 assets,
        address account,
        address receiver
    ) external nonReentrant {
        _requireScope(account, WITHDRAW);
        _debit(account, asset, assets);
        emit Withdrawn(msg.sender, account, asset, assets, receiver);
        _push(asset, receiver, assets);
    }

    // --------------------------------------------------------------------------------------------------- positions and tokens

    /// @inheritdoc IClearinghouse
    function mint(
        SeriesId series,
        uint256 amount,
        address account,
        address to
    ) external nonReentrant whenNotPaused {
        _requireScope(account, TRADE);
        _write(series, amount, account, to);
        _requireCovered(account, _assetOf(series));
    }

    /// @inheritdoc IClearinghouse
    function burn(SeriesId series, uint256 amount, address from, address account) external nonReentrant {
        _requireScope(account, TRADE);
        _takeBack(series, amount, from, account);
    }

    /// @inheritdoc IClearinghouse
    function exchange(Exchange calldata terms, Leg[] calldata legs) external nonReentrant {
        _requireScope(terms.account, TRADE);
        uint32 market = legs[0].series.market(); // without a leg there is no market: panics
        // Burns free what mints then lock, so they go first whatever the order of the legs.
        for (uint256 i = 0; i < legs.length; ++i) {
            Leg calldata leg = legs[i];
            if (leg.series.market() != market) {
                revert Clearing_LegsOfTwoMarkets(market, leg.series.market());
            }
            if (leg.amount < 0) _takeBack(leg.series, uint256(-leg.amount), terms.from, terms.account);
        }
        for (uint256 i = 0; i < legs.length; ++i) {
            Leg calldata leg = legs[i];
            if (leg.amount < 0) continue;
            _requireNotPaused();
            _write(leg.series, uint256(leg.amount), terms.account, terms.to);
        }
        address base = _listing.markets[market].base;
        _settlePremium(terms.account, QUOTE, terms.quoteAssets);
        _settlePremium(terms.account, base, terms.baseAssets);
        _requireCovered(terms.account, QUOTE);
        _requireCovered(terms.account, base);
        emit PremiumPaid(terms.account, msg.sender, market, terms.quoteAssets, terms.baseAssets);
        if (terms.quoteAssets < 0) _push(QUOTE, terms.to, uint256(-terms.quoteAssets));
        if (terms.baseAssets < 0) _push(base, terms.to, uint256(-terms.baseAssets));
    }

    // ------------------------------------------------------------------------------------------------------------- settlement

    /// @inheritdoc IClearinghouse
    function realize(
        address account,
        uint32 market,
        uint32 expiryAt
    ) external nonReentrant returns (int256 baseAssets, int256 quoteAssets) {
        _requireScope(account, REALIZE);
        uint256 price = _listing.settledPrice(Listing.expiryKey(market, expiryAt));
        Portfolio storage portfolio = _portfolios[account][Listing.expiryKey(market, expiryAt)];
        Sides memory sides = portfolio.sides;
        uint256 putNeed = portfolio.putNeed;
        uint256 places = sides.calls | sides.puts;
        if (places == 0) return (0, 0);

        // What calls and puts are worth to the account, in the units of {Units.payoutScale}; |each| < 32 * 2^95 * 2^128.
        int256 calls;
        int256 puts;
        for (uint256 place = 0; places != 0; (places >>= 1, ++place)) {
            if (places & 1 == 0) continue;
            Position memory own = portfolio.positions[place];
            uint256 strike = own.strikeUnits * STRIKE_UNIT;
            calls += own.call * int256(Units.intrinsic(strike, price, false));
            puts += own.put * int256(Units.intrinsic(strike, price, true));
            delete portfolio.positions[place];
        }
        delete portfolio.sides;
        delete portfolio.putNeed;

        address base = _listing.markets[market].base;
        uint8 decimals = _listing.markets[market].baseDecimals;
        baseAssets = Units.assetsAgainst(calls, Units.payoutScale(price, false, decimals));
        quoteAssets = Units.assetsAgainst(puts, Units.payoutScale(price, true, QUOTE_DECIMALS));
        _settleCollateral(account, base, _lockOf(sides.callNeed, false, decimals), baseAssets);
        _settleCollateral(account, QUOTE, _lockOf(putNeed, true, QUOTE_DECIMALS), quoteAssets);
        emit Realized(account, market, expiryAt, baseAssets, quoteAssets);
    }

    /// @inheritdoc IClearinghouse
    function redeem(
        SeriesId series,
        uint256 amount,
        address receiver,
        address owner
    ) external nonReentrant returns (uint256 assets) {
        uint256 price = _listing.settledPrice(Listing.expiryKey(series));
        uint256 id = SeriesId.unwrap(series);
        // REDEEM pays the owner and nobody else, and all that there is by then: in pieces each would round down, to nothing if small. Without it,
        // for another receiver, or a part that there is an allowance for, tokens are moved as ERC-6909 has it.
        bool pushed =
            msg.sender != owner &&
                receiver == owner &&
                scopes(owner, msg.sender) & REDEEM != 0 &&
                !isOperator(owner, msg.sender);
        if (pushed) {
            uint256 balance = super.balanceOf(owner, id);
            pushed = amount == balance || allowance(owner, msg.sender, id) < amount;
            if (pushed && amount < balance) amount = balance;
        }
        if (!pushed) _spendTokens(owner, id, amount);
        _burn(owner, id, amount);
        Listing.Strike storage strike = _listing.strikes[Listing.strikeKey(series)];
        bool isPut = series.isPut();
        if (isPut) strike.putSupply -= uint96(amount);
        else strike.callSupply -= uint96(amount); // _burn proved amount <= balance <= supply < 2^96

        (address asset, uint8 decimals) = _payingAsset(series);
        uint256 worth = amount * Units.intrinsic(series.strike(), price, isPut);
        assets = Units.assetsDown(worth, Units.payoutScale(price, isPut, decimals));
        emit Redeemed(owner, series, receiver, amount, assets, msg.sender);
        _push(asset, receiver, assets);
    }

    /// @inheritdoc IClearinghouse
    function choosePlainSums(bool plainSums) external nonReentrant {
        _plainSums[msg.sender] = plainSums;
        emit PlainSumsChosen(msg.sender, plainSums);
    }

    // ----------------------------------------------------------------------------------------------------------------- tokens

    /// @inheritdoc IERC6909
    function transfer(
        address receiver,
        uint256 id,
        uint256 amount
    ) public override(ERC6909, IERC6909) nonReentrant returns (bool) {
        return super.transfer(receiver, id, amount);
    }

    /// @inheritdoc IERC6909
    function transferFrom(
        address sender,
        address receiver,
        uint256 id,
        uint256 amount
    ) public override(ERC6909, IERC6909) nonReentrant returns (bool) {
        _spendTokens(sender, id, amount);
        _transfer(sender, receiver, id, amount);
        return true;
    }

    /// @inheritdoc IERC6909
    function approve(
        address spender,
        uint256 id,
        uint256 amount
    ) public override(ERC6909, IERC6909) nonReentrant returns (bool) {
        return super.approve(spender, id, amount);
    }

    /// @inheritdoc IERC6909
    function setOperator(
        address spender,
        bool approved
    ) public override(ERC6909, IERC6909) nonReentrant returns (bool) {
        return super.setOperator(spender, approved);
    }

    // ------------------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IERC6909
    function balanceOf(
        address owner,
        uint256 id
    ) public view override(ERC6909, IERC6909) nonReentrantView returns (uint256) {
        return super.balanceOf(owner, id);
    }

    /// Tokens of a series, WAD.
    function totalSupply(uint256 id) external view nonReentrantView returns (uint256) {
        Listing.Strike storage strike = _listing.strikes[id >> 1];
        return SeriesId.wrap(id).isPut() ? strike.putSupply : strike.callSupply;
    }

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

    /// @inheritdoc IClearinghouse
    function nonces(address account) public view override(Delegates, IClearinghouse) returns (uint256) {
        return super.nonces(account);
    }

    // --------------------------------------------------------------------------------------------------------------- positions

    /// @dev Position down, tokens up. The caller checks coverage afterwards.
    function _write(SeriesId series, uint256 amount, address account, address to) private {
        uint256 minimum = _listing.markets[series.market()].minimumAmount;
        if (amount < minimum) revert Clearing_AmountBelowMinimum(amount, minimum);
        _move(account, series, to, amount.toInt256());
        _mint(to, SeriesId.unwrap(series), amount);
    }

    /// @dev Tokens down, position up; lowers nobody's safety.
    function _takeBack(SeriesId series, uint256 amount, address from, address account) private {
        _spendTokens(from, SeriesId.unwrap(series), amount);
        _burn(from, SeriesId.unwrap(series), amount);
        _move(account, series, from, -amount.toInt256());
    }

    /// @dev Moves position and supply against each other and locks what the account's positions now need.
    /// @param holder Whose tokens move, for the event.
    /// @param amount Written (> 0) or taken back (< 0), WAD.
    function _move(address account, SeriesId series, address holder, int256 amount) private {
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

    function _credit(address account, address asset, uint256 assets) private {
        Collateral storage own = _collateral[account][asset];
        PackedCollateral word = own.word;
        own.word = toPackedCollateral((word.balance() + assets).toUint128(), word.locked());
    }

    function _debit(address account, address asset, uint256 assets) private {
        Collateral storage own = _collateral[account][asset];
        PackedCollateral word = own.word;
        uint256 locked = word.locked();
        own.word = toPackedCollateral(Ledger.debit(word.balance(), locked, assets), locked); // the balance falls
    }

    /// @dev Premium in is credited out of what was sent here before; premium out is taken, and paid by the caller at the end.
    function _settlePremium(address account, address asset, int256 assets) private {
        if (assets > 0) {
            _takeSurplus(asset, uint256(assets));
            _credit(account, asset, uint256(assets));
        } else if (assets < 0) {
            _debit(account, asset, uint256(-assets));
        }
    }

    /// @dev Ends an expiry's lock and pays `net` into or out of the account.
    function _settleCollateral(address account, address asset, uint256 wasLocked, int256 net) private {
        if (wasLocked == 0 && net == 0) return;
        Collateral storage own = _collateral[account][asset];
        PackedCollateral word = own.word;
        (uint256 balance, uint256 locked) = Ledger.settle(word.balance(), word.locked(), wasLocked, net);
        own.word = toPackedCollateral(balance.toUint128(), locked); // what is locked falls
    }

    function _requireCovered(address account, address asset) private view {
        PackedCollateral word = _collateral[account][asset].word;
        Ledger.requireCovered(word.balance(), word.locked());
    }

    /// @dev Tokens are moved by their owner, its operator, or by its allowance.
    function _spendTokens(address owner, uint256 id, uint256 amount) private {
        if (owner != msg.sender && !isOperator(owner, msg.sender)) {
            _spendAllowance(owner, msg.sender, id, amount);
        }
    }

    // ------------------------------------------------------------------------------------------------------------------- small

    /// @dev The asset that covers and pays a series, with its decimals.
    function _payingAsset(SeriesId series) private view returns (address asset, uint8 decimals) {
        if (series.isPut()) return (QUOTE, QUOTE_DECIMALS);
        Market storage terms = _listing.markets[series.market()];
        return (terms.base, terms.baseDecimals);
    }

    function _assetOf(SeriesId series) private view returns (address asset) {
        (asset, ) = _payingAsset(series);
    }

    /// @dev Assets that cover a need: rounded up, once for each account, asset and expiry.
    function _lockOf(uint256 need, bool isPut, uint256 decimals) private pure returns (uint256) {
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

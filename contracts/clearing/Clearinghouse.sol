// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { ERC6909 } from "@openzeppelin/contracts/token/ERC6909/ERC6909.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { REALIZE, REDEEM, TRADE, WITHDRAW } from "../types/Scopes.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { STRIKE_UNIT } from "../types/StrikePosition.sol";
import { Accounts } from "./Accounts.sol";
import { Delegates } from "./Delegates.sol";
import { Listing } from "./Listing.sol";
import { Markets } from "./Markets.sol";
import { Units } from "./Units.sol";

/// WHAT        Collateral, positions and option tokens; the outside, with units, roles and promises, is {IClearinghouse}.
/// PARTS       Custody (moves tokens), Markets with Listing (what is listed and settled), OptionTokens, Accounts (who has what), Delegates (who
///             may); Ledger, Coverage and Units (pure arithmetic). Here are the doors. Calls nothing above it.
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
contract Clearinghouse is Accounts, Delegates {
    using Listing for Listing.State;
    using SafeCast for uint256;

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
            uint256 balance = ERC6909.balanceOf(owner, id);
            pushed = amount == 0 || amount == balance || allowance(owner, msg.sender, id) < amount;
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

    /// @inheritdoc IClearinghouse
    function nonces(address account) public view override(Delegates, IClearinghouse) returns (uint256) {
        return super.nonces(account);
    }

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
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { IDeltaHedger } from "../interfaces/IDeltaHedger.sol";
import { IHedgeFiller } from "../interfaces/IHedgeFiller.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { SpotAnswers } from "../oracle/SpotAnswers.sol";
import { BASE_UNIT, BookClaims, BookFunds, BookRisk, QUOTE_UNIT } from "../types/BookWords.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { PackedSurface } from "../types/Surface.sol";
import { AuctionClock } from "./AuctionClock.sol";
import { HedgeBounds } from "./HedgeBounds.sol";
import { HedgePlan } from "./HedgePlan.sol";

/// WHAT        The auction of one book's delta; the outside, with units, rounding and promises, is {IDeltaHedger}.
/// PARTS       HedgePlan (what, at which price, why not), AuctionClock (the word it remembers), HedgeBounds: pure. Here is what reads for
///             them and carries a fill out.
/// INVARIANTS  {plan} and {fill} rest on the same function of the same reading (H4). Between calls nothing of base or quote is owned here:
///             what somebody sends is nobody's, and no fill counts it as delivered. Only the Clearinghouse may take from here, what {fill} deposits.
///             A fill leaves exposures, funds and claims of the book as they were: nothing is priced or marked by balances of its middle.
contract DeltaHedger is IDeltaHedger, AccessManaged, ReentrancyGuardTransient {
    using AuctionClock for AuctionClock.Auction;
    using Math for uint256;
    using SafeERC20 for IERC20;
    using SpotAnswers for ISpotOracle;

    uint256 private constant WAD = 1e18;

    IBook private immutable BOOK;
    IClearinghouse private immutable CLEARINGHOUSE;
    IVolSurface private immutable VOL_SURFACE;
    ISpotOracle private immutable SPOT_ORACLE;
    uint32 private immutable MARKET;
    address private immutable BASE;
    address private immutable QUOTE;
    uint256 private immutable BASE_SCALE;
    uint256 private immutable QUOTE_SCALE;

    /// What moves in a fill, assets.
    struct Exchange {
        bool isBuy;
        uint256 base;
        uint256 quote;
    }

    /// The book's account, assets.
    struct Account {
        uint256 base;
        uint256 lockedBase;
        uint256 quote;
        uint256 lockedQuote;
    }

    /// A look at the book, as found.
    struct Seen {
        Plan plan;
        AuctionClock.Auction auction;
        bool isNew;
        BookRisk risk;
        BookFunds funds;
        BookClaims claims;
        Account account;
    }

    Parameters private _parameters;
    AuctionClock.Auction private _auction;

    error Hedger_Refused(Obstacle obstacle);
    /// An amount below the smallest, or with the other sign.
    error Hedger_AmountInvalid(int256 amount, uint256 minimum, int256 most);
    error Hedger_PriceBeyondLimit(uint256 price, uint256 limitPrice);
    error Hedger_NotDelivered(uint256 delivered, uint256 owed);
    /// In the callback somebody traded, refreshed, marked, or moved money of the account.
    error Hedger_BookMoved();

    constructor(
        address authority,
        IBook book_,
        IClearinghouse clearinghouse,
        IVolSurface volSurface,
        Parameters memory parameters_
    ) AccessManaged(authority) {
        (BOOK, CLEARINGHOUSE, VOL_SURFACE) = (book_, clearinghouse, volSurface);
        MARKET = book_.market();
        IClearinghouse.Market memory market = clearinghouse.marketOf(MARKET);
        SPOT_ORACLE = ISpotOracle(market.spotOracle);
        uint8 quoteDecimals;
        (QUOTE, quoteDecimals) = clearinghouse.quoteAsset();
        BASE = market.base;
        (BASE_SCALE, QUOTE_SCALE) = (10 ** (18 - market.baseDecimals), 10 ** (18 - quoteDecimals));
        // What is here between calls is nobody's; what is here within one is for the Clearinghouse to take.
        IERC20(BASE).forceApprove(address(clearinghouse), type(uint256).max);
        IERC20(QUOTE).forceApprove(address(clearinghouse), type(uint256).max);
        HedgeBounds.requireInRange(parameters_);
        _parameters = parameters_;
        emit ParametersSet(parameters_, false);
    }

    // ---------------------------------------------------------------------------------------------------------------- auction

    /// @inheritdoc IDeltaHedger
    function open() external nonReentrant {
        Seen memory seen = _look();
        if (seen.plan.obstacle != Obstacle.None && seen.plan.obstacle < Obstacle.InsideBand) {
            revert Hedger_Refused(seen.plan.obstacle);
        }
        _auction = seen.auction;
        _emitOpened(seen);
    }

    /// @inheritdoc IDeltaHedger
    function plan() external view returns (Plan memory) {
        if (_reentrancyGuardEntered()) revert ReentrancyGuardReentrantCall();
        return _look().plan;
    }

    /// @inheritdoc IDeltaHedger
    function fill(
        int256 amount,
        uint256 limitPrice,
        address receiver,
        bytes calldata data
    ) external nonReentrant returns (int256 base, int256 quote) {
        Seen memory seen = _look();
        Exchange memory exchange = _exchangeOf(seen.plan, amount, limitPrice);
        _emitOpened(seen);
        seen.auction.take(
            _baseOf(exchange) / int256(BASE_UNIT),
            _costUp(exchange, seen.plan.spot) / int256(QUOTE_UNIT)
        );
        _auction = seen.auction;

        uint256 delivered = _carryOut(exchange, receiver, data);
        if (exchange.isBuy) exchange.base = delivered;
        else exchange.quote = delivered;
        _emitHedged(seen, exchange, receiver);
        (base, quote) = (int256(exchange.base), int256(exchange.quote));
        return exchange.isBuy ? (base, -quote) : (-base, quote);
    }

    /// @dev Everything that a plan rests on, and the plan.
    function _look() private view returns (Seen memory seen) {
        uint32[] memory live = CLEARINGHOUSE.expiries(MARKET);
        IBook.Reading memory reading = BOOK.read(live);
        (seen.risk, seen.funds, seen.claims) = (reading.risk, reading.funds, reading.claims);
        Account memory account = _account();
        seen.account = account;
        seen.auction = _auction;
        PackedSurface surface = VOL_SURFACE.storedSurface(MARKET);
        (PackedAnswer opening, , ) = SPOT_ORACLE.answers(MARKET);

        int256 delta = _deltaOf(reading, account);
        Obstacle doubt = HedgePlan.doubtOfDelta(reading, live, surface.spot());
        if (doubt == Obstacle.None) doubt = HedgePlan.doubtOfSpot(surface.reportAt(), opening.reason());
        if (doubt != Obstacle.None) {
            (seen.plan.obstacle, seen.plan.delta, seen.plan.spot) = (doubt, delta, surface.spot());
            return seen;
        }
        HedgePlan.State memory state = HedgePlan.State({
            delta: delta,
            band: reading.margins.band(),
            equity: reading.funds.equityLow(),
            freeBase: (account.base - account.lockedBase) * BASE_SCALE,
            // Only what buys base spends quote.
            freeQuote: delta < 0 ? _freeQuote(reading.funds.reserve(), account) : 0,
            spot: surface.spot(),
            unit: BASE_SCALE > BASE_UNIT ? BASE_SCALE : BASE_UNIT,
            nowAt: block.timestamp
        });
        (seen.plan, seen.isNew) = HedgePlan.planOf(state, _parameters, seen.auction);
    }

    function _account() private view returns (Account memory account) {
        (account.base, account.lockedBase) = CLEARINGHOUSE.collateral(address(BOOK), BASE);
        (account.quote, account.lockedQuote) = CLEARINGHOUSE.collateral(address(BOOK), QUOTE);
    }

    /// @dev The options' delta, and B less what the base tranche is owed.
    function _deltaOf(IBook.Reading memory reading, Account memory account) private view returns (int256) {
        return reading.risk.delta() + int256(account.base * BASE_SCALE) - int256(reading.claims.claimBase());
    }

    /// @dev Less the impact reserve and what rent is not released yet.
    function _freeQuote(uint256 reserve, Account memory account) private view returns (uint256) {
        uint256 reserved = reserve + BOOK.unreleasedRent();
        uint256 free = (account.quote - account.lockedQuote) * QUOTE_SCALE;
        return free > reserved ? free - reserved : 0;
    }

    /// @dev Checks the order, and turns it into assets: owed rounded up, sent rounded down.
    function _exchangeOf(
        Plan memory plan_,
        int256 amount,
        uint256 limitPrice
    ) private view returns (Exchange memory exchange) {
        if (plan_.obstacle != Obstacle.None) revert Hedger_Refused(plan_.obstacle);
        bool isBuy = plan_.amount > 0;
        uint256 size = SignedMath.abs(amount);
        if ((amount > 0) != isBuy || size < plan_.minimum) {
            revert Hedger_AmountInvalid(amount, plan_.minimum, plan_.amount);
        }
        if (isBuy ? plan_.price < limitPrice : plan_.price > limitPrice) {
            revert Hedger_PriceBeyondLimit(plan_.price, limitPrice);
        }
        size = Math.min(size, SignedMath.abs(plan_.amount));
        uint256 quote = size * plan_.price;
        quote = isBuy ? quote / WAD : quote.ceilDiv(WAD);
        exchange.isBuy = isBuy;
        exchange.base = isBuy ? size.ceilDiv(BASE_SCALE) : size / BASE_SCALE;
        exchange.quote = isBuy ? quote / QUOTE_SCALE : quote.ceilDiv(QUOTE_SCALE);
    }

    /// @dev Sends the vault's side, calls back, and puts what came into the account.
    function _carryOut(
        Exchange memory exchange,
        address receiver,
        bytes calldata data
    ) private returns (uint256 delivered) {
        (address sent, uint256 sentAssets) = exchange.isBuy ? (QUOTE, exchange.quote) : (BASE, exchange.base);
        (address owed, uint256 owedAssets) = exchange.isBuy ? (BASE, exchange.base) : (QUOTE, exchange.quote);
        uint256 before = IERC20(owed).balanceOf(address(this));
        CLEARINGHOUSE.withdraw(sent, sentAssets, address(BOOK), receiver);
        IHedgeFiller(msg.sender).onHedgeFill(sent, sentAssets, owed, owedAssets, data);
        uint256 balance = IERC20(owed).balanceOf(address(this));
        delivered = balance > before ? balance - before : 0;
        if (delivered < owedAssets) revert Hedger_NotDelivered(delivered, owedAssets);
        delivered = CLEARINGHOUSE.deposit(owed, delivered, address(BOOK));
        if (delivered < owedAssets) revert Hedger_NotDelivered(delivered, owedAssets);
    }

    function _emitOpened(Seen memory seen) private {
        if (!seen.isNew) return;
        emit AuctionOpened(seen.plan.delta, seen.plan.band, seen.plan.spot, msg.sender);
    }

    /// @dev After all calls to others: the book must be as it was, and its account too, but for the fill.
    function _emitHedged(Seen memory seen, Exchange memory exchange, address receiver) private {
        IBook.Reading memory reading = BOOK.read(new uint32[](0));
        bool isSame =
            BookRisk.unwrap(reading.risk) == BookRisk.unwrap(seen.risk) &&
                BookFunds.unwrap(reading.funds) == BookFunds.unwrap(seen.funds) &&
                BookClaims.unwrap(reading.claims) == BookClaims.unwrap(seen.claims);
        Account memory account = _account();
        if (!isSame || !_isFilled(seen.account, account, exchange)) revert Hedger_BookMoved();
        emit Hedged(
            msg.sender,
            receiver,
            _baseOf(exchange),
            _quoteOf(exchange),
            seen.plan.price,
            seen.plan.spot,
            _costUp(exchange, seen.plan.spot),
            seen.plan.delta,
            _deltaOf(reading, account)
        );
    }

    /// @dev What came in on one side and went out on the other, each added to where it is missing; nothing else.
    function _isFilled(
        Account memory was,
        Account memory account,
        Exchange memory exchange
    ) private pure returns (bool) {
        if (was.lockedBase != account.lockedBase || was.lockedQuote != account.lockedQuote) return false;
        (uint256 base, uint256 quote) = (exchange.base, exchange.quote);
        return
            exchange.isBuy
                ? account.base == was.base + base && account.quote + quote == was.quote
                : account.base + base == was.base && account.quote == was.quote + quote;
    }

    /// @dev WAD; bought is positive.
    function _baseOf(Exchange memory exchange) private view returns (int256) {
        int256 base = int256(exchange.base * BASE_SCALE);
        return exchange.isBuy ? base : -base;
    }

    /// @dev WAD; received is positive.
    function _quoteOf(Exchange memory exchange) private view returns (int256) {
        int256 quote = int256(exchange.quote * QUOTE_SCALE);
        return exchange.isBuy ? -quote : quote;
    }

    /// @dev What the vault gave, at spot, less what it got; whole units of the book's words, up.
    function _costUp(Exchange memory exchange, uint256 spot) private view returns (int256) {
        uint256 worth = exchange.base * BASE_SCALE * spot;
        worth = exchange.isBuy ? worth / WAD : worth.ceilDiv(WAD);
        int256 cost = (exchange.isBuy ? -int256(worth) : int256(worth)) - _quoteOf(exchange);
        int256 unit = int256(QUOTE_UNIT);
        int256 rest = ((cost % unit) + unit) % unit;
        return rest == 0 ? cost : cost + unit - rest;
    }

    // ---------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc IDeltaHedger
    function setParameters(Parameters calldata parameters_) external restricted {
        HedgeBounds.requireInRange(parameters_);
        _parameters = parameters_;
        emit ParametersSet(parameters_, false);
    }

    /// @inheritdoc IDeltaHedger
    function tightenParameters(Parameters calldata parameters_) external restricted {
        HedgeBounds.requireInRange(parameters_);
        HedgeBounds.requireTighter(parameters_, _parameters);
        _parameters = parameters_;
        emit ParametersSet(parameters_, true);
    }

    // ------------------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IDeltaHedger
    function parameters() external view returns (Parameters memory) {
        return _parameters;
    }

    /// @inheritdoc IDeltaHedger
    function epochLoss() external view returns (int256) {
        AuctionClock.Auction memory auction = _auction;
        auction.roll(block.timestamp);
        return auction.loss * int256(QUOTE_UNIT);
    }

    /// @inheritdoc IDeltaHedger
    function book() external view returns (address) {
        return address(BOOK);
    }
}

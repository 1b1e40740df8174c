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
import { BASE_UNIT, QUOTE_UNIT } from "../types/BookFields.sol";
import { wadScale } from "../types/Decimals.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { PackedSurface } from "../types/Surface.sol";
import { AuctionClock } from "./AuctionClock.sol";
import { HedgerParameterBounds } from "./HedgerParameterBounds.sol";
import { HedgePlan } from "./HedgePlan.sol";

/// WHAT        The auction of one book's delta; the outside, with units, rounding and promises, is {IDeltaHedger}.
/// PARTS       HedgePlan (what, at which price, why not), AuctionClock (the word it remembers), HedgerParameterBounds: pure. Here is what reads for
///             them and carries a fill out.
/// ASSUMPTIONS Who is trusted for what, and for nothing else.
///             Signers: the spot of a fill, while the oracle opens and counts it among its own, and the slices of the
///             delta. A lying quorum can misprice fills of any size by up to the oracle's agreement band, until the
///             losses reach the epoch's cap; then the other sources set the price, and only the hard bound of each fill
///             is left to take. Whoever carries an honest report can choose it with hindsight, within the 30 s that it
///             counts.
///             Book: delta, band and what is free, as of its refresh and the trades since. Clearinghouse: what it has credited.
///             Fillers: nothing. The vault's side goes first, and all is undone unless the other comes, measured here and credited there,
///             and the book and its account are as they were.
///             Tokens: nothing but that balances answer. Governor and council: parameters, within {HedgerParameterBounds}.
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
        (BASE_SCALE, QUOTE_SCALE) = (wadScale(market.baseDecimals), wadScale(quoteDecimals));
        // What is here between calls is nobody's; what is here within one is for the Clearinghouse to take.
        IERC20(BASE).forceApprove(address(clearinghouse), type(uint256).max);
        IERC20(QUOTE).forceApprove(address(clearinghouse), type(uint256).max);
        HedgerParameterBounds.requireInRange(parameters_);
        _parameters = parameters_;
        emit ParametersSet(parameters_, false);
    }

    // ---------------------------------------------------------------------------------------------------------------- auction

    /// @inheritdoc IDeltaHedger
    function open() external nonReentrant {
        Plan memory plan_;
        AuctionClock.Auction memory auction = _auction;
        (bool isNew, , ) = _look(plan_, auction);
        if (plan_.obstacle != Obstacle.None && plan_.obstacle < Obstacle.InsideBand) {
            revert Hedger_Refused(plan_.obstacle);
        }
        _auction = auction;
        if (isNew) _emitOpened(plan_);
    }

    /// @inheritdoc IDeltaHedger
    function plan() external view returns (Plan memory plan_) {
        if (_reentrancyGuardEntered()) revert ReentrancyGuardReentrantCall();
        _look(plan_, _auction);
    }

    /// @inheritdoc IDeltaHedger
    function fill(
        int256 amount,
        uint256 limitPrice,
        address receiver,
        bytes calldata data
    ) external nonReentrant returns (int256 base, int256 quote) {
        Plan memory plan_;
        AuctionClock.Auction memory auction = _auction;
        (bool isNew, IBook.Hedgeable memory seen, uint256 provenSpot) = _look(plan_, auction);
        (base, quote) = _exchangeOf(plan_, amount, limitPrice);
        if (isNew) _emitOpened(plan_);
        auction.take((base * int256(BASE_SCALE)) / int256(BASE_UNIT), _costUp(base, quote, provenSpot));
        _auction = auction;

        if (base > 0) {
            base = int256(_carryOut(QUOTE, uint256(-quote), BASE, uint256(base), receiver, data));
        } else {
            quote = int256(_carryOut(BASE, uint256(-base), QUOTE, uint256(quote), receiver, data));
        }
        // After all calls to others: the book must be as it was, and its account too, but for the fill.
        if (BOOK.imprint(base, quote) != seen.imprint) revert Hedger_BookMoved();
        if (seen.isEpochDue) BOOK.noteHedge();
        _emitHedged(plan_, base, quote, _costUp(base, quote, plan_.spot), receiver);
    }

    /// @dev Looks at everything that a plan rests on; fills in the plan and moves the auction.
    function _look(
        Plan memory plan_,
        AuctionClock.Auction memory auction
    ) private view returns (bool isNew, IBook.Hedgeable memory book_, uint256 provenSpot) {
        PackedSurface surface = VOL_SURFACE.storedSurface(MARKET);
        (PackedAnswer opening, , ) = SPOT_ORACLE.ask(MARKET);
        book_ = BOOK.hedgeable(surface.spot());
        Obstacle doubt = HedgePlan.doubtOf(book_.doubt, surface, opening);
        if (doubt != Obstacle.None) {
            (plan_.obstacle, plan_.delta, plan_.spot) = (doubt, book_.delta, surface.spot());
            return (false, book_, 0);
        }
        uint256 unit = BASE_SCALE > BASE_UNIT ? BASE_SCALE : BASE_UNIT;
        HedgePlan.State memory state = HedgePlan.State(
            book_,
            surface.spot(),
            opening.low(),
            opening.high(),
            unit,
            block.timestamp
        );
        (isNew, provenSpot) = HedgePlan.fillIn(plan_, state, _parameters, auction);
    }

    /// @dev Checks the order, and turns it into assets, in positive, out negative: owed rounded up, sent rounded down.
    function _exchangeOf(
        Plan memory plan_,
        int256 amount,
        uint256 limitPrice
    ) private view returns (int256 base, int256 quote) {
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
        if (isBuy) {
            base = int256(size.ceilDiv(BASE_SCALE));
            quote = -int256((size * plan_.price) / (WAD * QUOTE_SCALE));
        } else {
            base = -int256(size / BASE_SCALE);
            quote = int256((size * plan_.price).ceilDiv(WAD * QUOTE_SCALE));
        }
    }

    /// @dev Sends the vault's side, calls back, and puts what came into the account.
    function _carryOut(
        address sent,
        uint256 sentAssets,
        address owed,
        uint256 owedAssets,
        address receiver,
        bytes calldata data
    ) private returns (uint256 delivered) {
        uint256 before = IERC20(owed).balanceOf(address(this));
        CLEARINGHOUSE.withdraw(sent, sentAssets, address(BOOK), receiver);
        IHedgeFiller(msg.sender).onHedgeFill(sent, sentAssets, owed, owedAssets, data);
        uint256 balance = IERC20(owed).balanceOf(address(this));
        delivered = balance > before ? balance - before : 0;
        if (delivered < owedAssets) revert Hedger_NotDelivered(delivered, owedAssets);
        delivered = CLEARINGHOUSE.deposit(owed, delivered, address(BOOK));
        if (delivered < owedAssets) revert Hedger_NotDelivered(delivered, owedAssets);
    }

    function _emitOpened(Plan memory plan_) private {
        emit AuctionOpened(plan_.delta, plan_.band, plan_.spot, msg.sender);
    }

    /// @dev The delta moved by the base alone, for the rest of the book is as it was.
    function _emitHedged(
        Plan memory plan_,
        int256 base,
        int256 quote,
        int256 cost,
        address receiver
    ) private {
        base *= int256(BASE_SCALE);
        emit Hedged(
            msg.sender,
            receiver,
            base,
            quote * int256(QUOTE_SCALE),
            plan_.price,
            plan_.spot,
            cost * int256(QUOTE_UNIT),
            plan_.delta,
            plan_.delta + base
        );
    }

    /// @dev What the vault gave, at spot, less what it got; of assets, in whole units of the book's words, up.
    function _costUp(int256 base, int256 quote, uint256 spot) private view returns (int256 cost) {
        cost = -(base * int256(BASE_SCALE * spot)) - quote * int256(QUOTE_SCALE * WAD);
        int256 unit = int256(WAD * QUOTE_UNIT);
        return cost > 0 ? (cost - 1) / unit + 1 : cost / unit;
    }

    // ---------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc IDeltaHedger
    function setParameters(Parameters calldata parameters_) external restricted {
        HedgerParameterBounds.requireInRange(parameters_);
        _parameters = parameters_;
        emit ParametersSet(parameters_, false);
    }

    /// @inheritdoc IDeltaHedger
    function tightenParameters(Parameters calldata parameters_) external restricted {
        HedgerParameterBounds.requireInRange(parameters_);
        HedgerParameterBounds.requireTighter(parameters_, _parameters);
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

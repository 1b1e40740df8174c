// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IVolSurface, SliceReading } from "../interfaces/IVolSurface.sol";
import { SpotAnswers } from "../oracle/SpotAnswers.sol";
import { BookTerms } from "../types/BookTerms.sol";
import {
    BASE_UNIT,
    baseField,
    baseFieldUp,
    BookClaims,
    BookFunds,
    BookMargins,
    BookRisk,
    ExpiryMark,
    ExpiryRisk,
    packSigned,
    QUOTE_UNIT,
    quoteField,
    quoteFieldUp,
    toBookFunds,
    signedField,
    toBookRisk
} from "../types/BookWords.sol";
import { Expiries, expiryOfDay } from "../types/Expiries.sol";
import { Report } from "../types/Report.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { PackedCollateral } from "../types/PackedCollateral.sol";
import { PackedSurface } from "../types/Surface.sol";
import { REPORT_SPOT_MAX_AGE } from "../types/Times.sol";
import { HedgeBand } from "./HedgeBand.sol";
import { Limits } from "./Limits.sol";
import { NeedWords } from "./NeedWords.sol";
import { Revaluation } from "./Revaluation.sol";
import { Shares } from "./Shares.sol";
import { TermsBounds } from "./TermsBounds.sol";

/// WHAT        The book of one market and the vault's account in the Clearinghouse; the outside, with units, signs and roles, is {IBook}.
/// PARTS       Revaluation (what positions are worth and risk), Limits (what an opening may not do), HedgeBand, NeedWords, TermsBounds:
///             pure; here is the state and who may change it.
/// ASSUMPTIONS Who is trusted for what, and for nothing else.
///             Modules, named once and for good: the pool for what a trade does to exposures, reserve and rent and for what it pays out,
///             vault and hedger for what they withdraw, the vault for claims and equity, a tranche for what waits to leave. None of them
///             reaches what is locked, no reward exceeds the reserve, and no opening the limits by what its move says.
///             Signers: the slices of a refresh, whatever their status, and its spot while their report is at most two minutes old; false
///             ones distort exposures, need and band until the next refresh, and move no balance. {mark} takes the report as it is handed
///             in: whether it may be one is for its reader to judge.
///             Spot oracle: the lowest spot that lives, for a refresh by no such report. Settlement oracle: what is walked of a window's
///             average, for the delta in it; neither an answer nor the lack of one stops a refresh.
///             Clearinghouse: positions, balances, settlement prices. Whoever refreshes or realizes: nothing. No token is called.
/// INVARIANTS  X, G and delta of {BookRisk} are the sums of all expiries' words; U and M the sums of what positions add (C4).
///             Rewards paid out of the reserve never exceed impact paid into it (P9).
///             What a trade reads changes within its block by trades alone, but for {realize} and {assign}, which wait for nobody.
contract Book is IBook, AccessManaged {
    using NeedWords for NeedWords.Words;
    using SpotAnswers for ISpotOracle;

    uint256 private constant EQUITY_MAX = 1e12 * 1e18;
    /// In the place of an expiry: those that are realized.
    uint32 private constant REALIZED = 0;
    uint8 private constant TRADE = 1;
    uint8 private constant WITHDRAW = 2;

    struct Expiry {
        ExpiryRisk risk;
        ExpiryMark mark;
    }

    IClearinghouse public immutable CLEARINGHOUSE;
    IVolSurface public immutable VOL_SURFACE;
    ISpotOracle public immutable SPOT_ORACLE;
    uint32 private immutable MARKET;
    address private immutable BASE;
    address private immutable QUOTE;
    uint256 private immutable BASE_SCALE;
    uint256 private immutable QUOTE_SCALE;
    address private immutable DEPLOYER;

    BookRisk private _risk;
    BookFunds private _funds;
    BookClaims private _claims;
    BookMargins private _margins;
    BookTerms private _terms;
    NeedWords.Words private _need;
    /// Equity of the last four epochs' ends, the newest lowest.
    uint256 private _equities;
    mapping(uint32 expiryAt => Expiry) private _expiries;
    /// Rent of expiries that are realized, which waits for the epoch's end: the base tranche's 128 bits, the quote tranche's 128, 1e-6 quote.
    uint256 private _realizedRent;
    Modules private _modules;

    error Book_NotDeployer(address caller);
    error Book_Initialized();
    error Book_NotModule(address caller);
    error Book_LimitExceeded(Limit limit);
    /// A trade has already happened in this block: what it was priced by must not change under the next one.
    error Book_TradedInThisBlock(uint256 blockNumber);
    /// A reward above the reserve.
    error Book_ReserveTooSmall(uint256 reward, uint256 reserve);
    error Book_SpotSilent(ISpotOracle.Reason reason);
    error Book_EquityTooLarge(uint256 equity, uint256 limit);
    /// An expiry is settled and not realized, so that what it owes is not known here: realize it first.
    error Book_NotRealized(uint256 summed, uint256 kept);
    /// A part of the book alone would be seen anew while the rest is as of too long ago, or of another spot: refresh all live expiries.
    error Book_RefreshWhole(uint256 refreshedAt, uint256 refreshedSpot);

    constructor(
        address authority,
        IClearinghouse clearinghouse,
        IVolSurface volSurface,
        uint32 market_,
        Terms memory terms_
    ) AccessManaged(authority) {
        IClearinghouse.Market memory market__ = clearinghouse.marketOf(market_);
        (address quote, uint8 quoteDecimals) = clearinghouse.quoteAsset();
        CLEARINGHOUSE = clearinghouse;
        VOL_SURFACE = volSurface;
        SPOT_ORACLE = ISpotOracle(market__.spotOracle);
        MARKET = market_;
        (BASE, QUOTE) = (market__.base, quote);
        (BASE_SCALE, QUOTE_SCALE) = (10 ** (18 - market__.baseDecimals), 10 ** (18 - quoteDecimals));
        DEPLOYER = msg.sender;
        _terms = TermsBounds.packChecked(terms_);
        emit TermsSet(terms_, false);
    }

    /// @inheritdoc IBook
    function initialize(Modules calldata modules_) external {
        if (msg.sender != DEPLOYER) revert Book_NotDeployer(msg.sender);
        if (_modules.pool != address(0)) revert Book_Initialized();
        _modules = modules_;
        CLEARINGHOUSE.choosePlainSums(true);
        CLEARINGHOUSE.authorize(modules_.pool, TRADE);
        CLEARINGHOUSE.authorize(modules_.vault, WITHDRAW);
        if (modules_.hedger != modules_.vault) CLEARINGHOUSE.authorize(modules_.hedger, WITHDRAW);
        emit Initialized(modules_);
    }

    // ----------------------------------------------------------------------------------------------------------------- trades

    /// @inheritdoc IBook
    function move(Move calldata trade) external {
        if (msg.sender != _modules.pool) revert Book_NotModule(msg.sender);
        Limits.Book memory book = _load();
        Limit limit = _limitOf(trade, book);
        if (limit != Limit.None) revert Book_LimitExceeded(limit);

        _risk = _moveExpiries(trade.expiries, book.risk, Limits.blockOutflow(book.risk) + trade.outflow);
        _funds = _fundsAfter(book.funds, trade);
        _claims = Limits.summed(book.claims, trade.baseSum, trade.quoteSum);
        // What a leg frees counts for nothing of the need before the next refresh: what has grown since then must not seem to fall.
        _need.lower(
            uint256(int256(trade.baseTaken) - trade.baseSum),
            uint256(int256(trade.quoteTaken) - trade.quoteSum)
        );
        // An opening is refused from then on.
        if (!trade.isOpening && book.margins.isEpochDue(block.timestamp)) _margins = book.margins.withMoved();
    }

    /// @dev Moves what each expiry has, and returns the word of their sums. Unchecked: fields are below 2^64, what the pool
    /// adds, outflow too, is below 2^200 ({Price}), and a trade's expiries are few.
    function _moveExpiries(
        ExpiryMove[] calldata parts,
        BookRisk risk,
        uint256 outflow
    ) private returns (BookRisk) {
        unchecked {
            int256 vega = signedField(BookRisk.unwrap(risk), 0);
            int256 gamma = signedField(BookRisk.unwrap(risk), 1);
            int256 delta = signedField(BookRisk.unwrap(risk), 2);
            for (uint256 i = 0; i < parts.length; ++i) {
                ExpiryMove calldata part = parts[i];
                Expiry storage expiry = _expiries[part.expiryAt];
                uint256 word = ExpiryRisk.unwrap(expiry.risk);
                (int256 vega_, int256 gamma_, int256 delta_) = (part.vega, part.gamma, part.delta);
                expiry.risk = ExpiryRisk.wrap(
                    packSigned(
                        signedField(word, 0) + vega_,
                        signedField(word, 1) + part.vegaSkew,
                        signedField(word, 2) + gamma_,
                        signedField(word, 3) + delta_
                    )
                );
                _addRent(expiry, part.rentBase, part.rentQuote);
                (vega, gamma, delta) = (vega + vega_, gamma + gamma_, delta + delta_);
            }
            return toBookRisk(vega, gamma, delta, block.number, (outflow + 1e18 - 1) / 1e18);
        }
    }

    /// @inheritdoc IBook
    function check(Move calldata trade) external view returns (Limit) {
        return _limitOf(trade, _load());
    }

    function _limitOf(Move calldata trade, Limits.Book memory book) private view returns (Limit limit) {
        if (!trade.isOpening) return Limit.None;
        ExpiryMove[] calldata parts = trade.expiries;
        for (uint256 i = 0; i < parts.length; ++i) {
            ExpiryMove calldata part = parts[i];
            ExpiryMark mark_ = _expiries[part.expiryAt].mark;
            // Without a weight it was refreshed before its first slice, and what is traded would count for no vega.
            if (mark_.weight() == 0 || Limits.isOld(mark_, book.margins, book.terms, trade.spot))
                return Limit.ExposuresOld;
            if (!mark_.hasRoomFor(part.rentBase, part.rentQuote)) return Limit.Rent;
        }
        limit = Limits.firstBroken(trade, book);
        // The exact need is dearer to look up, and wanted only where the plain sums do not pass.
        if (limit == Limit.BaseCapacity || limit == Limit.QuoteCapacity) {
            Need memory need_ = _need.unpack();
            if (Limits.needHolds(trade, book, need_)) limit = Limits.outflowOf(trade, book);
        }
    }

    function _load() private view returns (Limits.Book memory book) {
        (book.risk, book.funds, book.claims) = (_risk, _funds, _claims);
        (book.margins, book.terms) = (_margins, _terms);
    }

    /// @dev Rent that came before is released by its own time, so the new one starts with the old one's clock.
    function _addRent(Expiry storage expiry, uint256 rentBase, uint256 rentQuote) private {
        if (rentBase | rentQuote == 0) return;
        ExpiryMark mark_ = expiry.mark;
        (uint256 base, uint256 quote) = mark_.rents();
        uint256 since = base | quote == 0 ? block.timestamp : mark_.rentSince();
        // Both fit: only what takes capacity owes rent, that is an opening, whose limits have looked.
        expiry.mark = mark_.withRent(base + rentBase, quote + rentQuote, since);
    }

    function _fundsAfter(BookFunds funds, Move calldata trade) private pure returns (BookFunds) {
        uint256 reserve = funds.reserve() / QUOTE_UNIT;
        if (trade.impact < 0) {
            uint256 reward = uint256(-trade.impact);
            if (reward > reserve) revert Book_ReserveTooSmall(reward, reserve);
            reserve -= reward;
        } else {
            reserve += uint256(trade.impact);
        }
        uint256 epochOutflow = quoteFieldUp(funds.epochOutflow() + trade.outflow);
        return
            toBookFunds(
                funds.equityLow() / 1e18,
                funds.equityHigh() / 1e18,
                reserve,
                epochOutflow,
                funds.epochExits() / int256(QUOTE_UNIT) + trade.exits
            );
    }

    // --------------------------------------------------------------------------------------------------------------- refreshes

    /// @inheritdoc IBook
    function refresh(uint32[] calldata expiriesAt) external {
        _requireUntraded();
        uint256 spot = refreshSpot();
        bool isWhole = _isWholeBook(expiriesAt);
        if (!isWhole) _requireYoung(spot);
        uint256 stickiness = _terms.stickiness();
        Revaluation.Sums memory moved;
        Revaluation.Needs memory needs;
        (uint256 shortVol, uint256 haste) = (0, 0);
        for (uint256 i = 0; i < expiriesAt.length; ++i) {
            Revaluation.Valued memory valued = _revalue(expiriesAt[i], spot, stickiness, moved);
            if (shortVol == 0) shortVol = valued.atmVol;
            if (valued.haste > haste) haste = valued.haste;
            _addNeeds(needs, valued.needs);
        }
        BookRisk risk = _risk;
        uint256 word = BookRisk.unwrap(risk);
        (moved.vega, moved.gamma) = (signedField(word, 0) + moved.vega, signedField(word, 1) + moved.gamma);
        moved.delta += signedField(word, 2);
        _risk = toBookRisk(moved.vega, moved.gamma, moved.delta, risk.tradedIn(), risk.outflow() / 1e18);
        if (isWhole) _refreshWhole(needs, spot, shortVol, haste, moved.gamma * int256(QUOTE_UNIT));
    }

    /// @dev Unchecked: needs below 2^200 of at most 16 expiries.
    function _addNeeds(Revaluation.Needs memory all, Revaluation.Needs memory added) private pure {
        unchecked {
            for (uint256 i = 0; i < 3; ++i) {
                all.base[i] += added.base[i];
                all.quote[i] += added.quote[i];
            }
        }
    }

    /// @dev Values one expiry and writes its words.
    /// @param moved By how much the sums of all expiries change, in units of their fields, added to here.
    function _revalue(
        uint32 expiryAt,
        uint256 spot,
        uint256 stickiness,
        Revaluation.Sums memory moved
    ) private returns (Revaluation.Valued memory valued) {
        SliceReading memory reading = VOL_SURFACE.read(MARKET, expiryAt);
        valued = Revaluation.riskOf(
            _holder(),
            Revaluation.Terms(
                reading.current,
                _settledOr(spot, expiryAt),
                expiryAt,
                block.timestamp,
                stickiness,
                _funds.equityLow()
            )
        );
        Expiry storage expiry = _expiries[expiryAt];
        ExpiryRisk before = expiry.risk;
        (uint256 was, uint256 is_) = (ExpiryRisk.unwrap(before), ExpiryRisk.unwrap(valued.risk));
        // Unchecked: fields of 64 bits, of expiries that the calldata has room for.
        unchecked {
            moved.vega += signedField(is_, 0) - signedField(was, 0);
            moved.gamma += signedField(is_, 2) - signedField(was, 2);
            moved.delta += signedField(is_, 3) - signedField(was, 3);
        }
        expiry.risk = valued.risk;
        expiry.mark = expiry.mark.withRefresh(valued.weight / 1e12, block.timestamp, spot);
        emit Refreshed(expiryAt, before, valued.risk, spot);
    }

    /// @dev The settlement price of an expiry that has one: its positions are worth what they were then, until they are realized.
    function _settledOr(uint256 spot, uint32 expiryAt) private view returns (uint256) {
        if (block.timestamp < expiryAt) return spot;
        uint256 price = CLEARINGHOUSE.settlementPrice(MARKET, expiryAt);
        return price == 0 ? spot : price;
    }

    function _refreshWhole(
        Revaluation.Needs memory needs,
        uint256 spot,
        uint256 shortVol,
        uint256 haste,
        int256 gamma
    ) private {
        _need.store(needs.base, needs.quote, _claims, spot);
        uint256 width = HedgeBand.widthOf(gamma, spot, _funds.equityLow());
        Limits.Book memory book = _load();
        _margins = book.margins.refreshed(
            baseField(width),
            shortVol / 1e14,
            haste,
            Limits.useUp(book.claims.baseSum(), book.claims.claimBase()),
            Limits.useUp(book.claims.quoteSum(), book.claims.claimQuote())
        );
        emit NeedRefreshed(_need.unpack(), width);
    }

    /// @dev Whether these are all live expiries, in the Clearinghouse's own order.
    function _isWholeBook(uint32[] calldata expiriesAt) private view returns (bool) {
        uint32[] memory live = _live();
        if (live.length != expiriesAt.length) return false;
        for (uint256 i = 0; i < live.length; ++i) if (live[i] != expiriesAt[i]) return false;
        return true;
    }

    /// @dev A part is refreshed only while the rest is fresh: else a caller could choose which stale exposures to trade against (P3).
    function _requireYoung(uint256 spot) private view {
        (uint256 refreshedAt, uint256 seen) = _need.stamped();
        BookTerms terms_ = _terms;
        if (Limits.isOldSince(refreshedAt, seen, Limits.mostMoveOf(_margins, terms_), terms_, spot))
            revert Book_RefreshWhole(refreshedAt, seen);
    }

    /// @inheritdoc IBook
    /// @dev Report and feed may be further apart than exposures in haste bear: by the report's spot no refresh would make them young, for the trade's own
    /// are taken at the lower of both (P3). But where they are so far apart that nobody hedges by such exposures, the hedge goes first.
    function refreshSpot() public view returns (uint256) {
        PackedSurface surface = VOL_SURFACE.storedSurface(MARKET);
        bool isYoung = block.timestamp - surface.reportAt() <= REPORT_SPOT_MAX_AGE && !surface.isSilent();
        bool isHasty = _margins.mostMove() != type(uint256).max;
        if (isYoung && !isHasty) return surface.spot();
        (PackedAnswer opening, , PackedAnswer alive) = SPOT_ORACLE.ask(MARKET);
        bool isNear = !isYoung || surface.spot() * 1e18 <= opening.low() * (1e18 + _terms.exposureMaxMove());
        if (isHasty && opening.reason() == 0 && isNear) return opening.low();
        if (isYoung) return surface.spot();
        if (alive.reason() != 0) revert Book_SpotSilent(ISpotOracle.Reason(alive.reason()));
        return alive.low();
    }

    function _requireUntraded() private view {
        if (_risk.tradedIn() == uint32(block.number)) revert Book_TradedInThisBlock(block.number);
    }

    /// @inheritdoc IBook
    function realize(uint32 expiryAt) external {
        (uint256 base, uint256 quote) = Revaluation.summed(_holder(), expiryAt);
        (int256 baseAssets, int256 quoteAssets) = CLEARINGHOUSE.realize(address(this), MARKET, expiryAt);
        uint256 word = ExpiryRisk.unwrap(_expiries[expiryAt].risk);
        _expiries[expiryAt].risk = ExpiryRisk.wrap(0);
        uint256 all = BookRisk.unwrap(_risk);
        _risk = toBookRisk(
            signedField(all, 0) - signedField(word, 0),
            signedField(all, 1) - signedField(word, 2),
            signedField(all, 2) - signedField(word, 3),
            _risk.tradedIn(),
            _risk.outflow() / 1e18
        );
        _claims = Limits.summed(_claims, -int256(base), -int256(quote));
        _need.lower(base, quote);
        // All of its rent is due. What is added to either half has 53 bits.
        ExpiryMark mark_ = _expiries[expiryAt].mark;
        (base, quote) = mark_.rents();
        if (base | quote != 0) {
            _expiries[expiryAt].mark = mark_.withRent(0, 0, 0);
            _realizedRent += base | (quote << 128);
        }
        emit ExpiryRealized(expiryAt, baseAssets, quoteAssets);
    }

    // ------------------------------------------------------------------------------------------------------------------ vault

    /// @inheritdoc IBook
    function assign(Assignment calldata assignment) external {
        _requireModule(_modules.vault);
        if (assignment.equity > EQUITY_MAX) revert Book_EquityTooLarge(assignment.equity, EQUITY_MAX);
        // One more than it is, so that 0 says that there was none.
        uint256 equities = (_equities << 64) | (quoteField(assignment.equity) + 1);
        _equities = equities;
        (uint256 low, uint256 high) = _range(equities);
        _claims = _claims.withClaims(assignment.claimBase, assignment.claimQuote);
        _margins = _marginsFrom(assignment.cutOffDay);
        uint32[] memory live = _live();
        _releaseRent(REALIZED, assignment.markedAt);
        for (uint256 i = 0; i < live.length; ++i) _releaseRent(live[i], assignment.markedAt);
        uint256 before = _funds.reserve();
        // Whole units: a mark's is, and what there is.
        uint256 reserve = Math.min(before, assignment.reserve);
        _funds = toBookFunds(low, high, reserve / QUOTE_UNIT, 0, 0);
        emit Assigned(assignment, before - reserve, reserve);
    }

    /// @dev For the epoch that begins. Where its cut-off is past, too, what was sold back may have come after it: nobody noted when.
    function _marginsFrom(uint16 cutOffDay) private view returns (BookMargins next) {
        BookMargins margins = _margins;
        next = margins.withCutOff(cutOffDay);
        if (margins.isMoved() && next.isEpochDue(block.timestamp)) next = next.withMoved();
    }

    function _releaseRent(uint32 expiryAt, uint256 until) private {
        (uint256 base, uint256 quote, uint256 since) = _rentOf(expiryAt);
        (uint256 dueBase, uint256 dueQuote) = _dueOf(base, quote, since, expiryAt, until);
        if (dueBase | dueQuote == 0) return;
        if (expiryAt == REALIZED) _realizedRent = 0;
        else {
            Expiry storage expiry = _expiries[expiryAt];
            expiry.mark = expiry.mark.withRent(base - dueBase, quote - dueQuote, until);
        }
        emit RentReleased(expiryAt, dueBase * QUOTE_UNIT, dueQuote * QUOTE_UNIT);
    }

    /// @dev Rent that is not released, 1e-6 quote, and since when the rest is.
    function _rentOf(uint32 expiryAt) private view returns (uint256 base, uint256 quote, uint256 since) {
        if (expiryAt == REALIZED) {
            uint256 word = _realizedRent;
            return (uint128(word), word >> 128, 0);
        }
        ExpiryMark mark_ = _expiries[expiryAt].mark;
        (base, quote) = mark_.rents();
        since = mark_.rentSince();
    }

    /// @dev What of it is due by `until`: what is realized at once, else the part of the time to expiry that has passed since.
    function _dueOf(
        uint256 base,
        uint256 quote,
        uint256 since,
        uint256 expiryAt,
        uint256 until
    ) private pure returns (uint256, uint256) {
        if (until >= expiryAt || since >= expiryAt) return (base, quote);
        if (until <= since) return (0, 0);
        (uint256 passed, uint256 whole) = (until - since, expiryAt - since);
        return ((base * passed) / whole, (quote * passed) / whole);
    }

    /// @dev Smallest and largest of four equities, in whole quote, down and up; the places never written are not among them.
    function _range(uint256 equities) private pure returns (uint256 low, uint256 high) {
        low = type(uint64).max;
        for (; equities != 0; equities >>= 64) {
            if (uint64(equities) == 0) continue;
            uint256 equity = uint64(equities) - 1;
            if (equity < low) low = equity;
            if (equity > high) high = equity;
        }
        (low, high) = (low / 1e6, (high + 1e6 - 1) / 1e6);
    }

    /// @inheritdoc IBook
    function lowerClaim(Side side, uint256 by) external {
        _requireModule(_modules.vault);
        BookClaims before = _claims;
        (uint256 base, uint256 quote) = (before.claimBase(), before.claimQuote());
        (, uint256 spot) = _need.stamped();
        // Never seen: the side's own part, the most that can have left.
        if (spot == 0 && side == Side.Base) spot = type(uint96).max;
        uint256 whole = base * spot + quote * 1e18;
        if (side == Side.Base) base -= by;
        else quote -= by;
        _claims = before.withClaims(base, quote);
        // Equity leaves with the claim, and what the limits allow with it (S7): by the spot of the last refresh of the whole book.
        if (whole != 0) _funds = _funds.withEquityLow(base * spot + quote * 1e18, whole);
        emit ClaimLowered(side, by);
    }

    /// @inheritdoc IBook
    function windDown() external {
        _requireModule(_modules.vault);
        _margins = BookMargins.wrap(BookMargins.unwrap(_margins) | (1 << 208));
        emit WoundDown();
    }

    /// @inheritdoc IBook
    function setPending(Side side, uint256 shares, uint256 supply) external {
        bool isBase = side == Side.Base;
        _requireModule(isBase ? _modules.baseTranche : _modules.quoteTranche);
        uint256 pending = 0;
        if (shares != 0) {
            BookClaims owed = _claims;
            pending = Shares.worthUp(shares, isBase ? owed.claimBase() : owed.claimQuote(), supply);
        }
        _margins = _margins.withPending(uint256(side), isBase ? baseFieldUp(pending) : quoteFieldUp(pending));
    }

    function _requireModule(address module) private view {
        if (msg.sender != module) revert Book_NotModule(msg.sender);
    }

    // ---------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc IBook
    function setTerms(Terms calldata terms_) external restricted {
        _terms = TermsBounds.packChecked(terms_);
        emit TermsSet(terms_, false);
    }

    /// @inheritdoc IBook
    function tightenTerms(Terms calldata terms_) external restricted {
        _terms = TermsBounds.packTighter(terms_, _terms);
        emit TermsSet(terms_, true);
    }

    // ------------------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IBook
    function market() external view returns (uint32) {
        return MARKET;
    }

    /// @inheritdoc IBook
    function read(uint32[] calldata expiriesAt) external view returns (Reading memory reading) {
        (reading.risk, reading.funds, reading.claims) = (_risk, _funds, _claims);
        (reading.margins, reading.terms) = (_margins, _terms);
        reading.risks = new ExpiryRisk[](expiriesAt.length);
        reading.marks = new ExpiryMark[](expiriesAt.length);
        for (uint256 i = 0; i < expiriesAt.length; ++i) {
            Expiry storage expiry = _expiries[expiriesAt[i]];
            (reading.risks[i], reading.marks[i]) = (expiry.risk, expiry.mark);
        }
    }

    /// @inheritdoc IBook
    function hedgeable(uint256 spot) external view returns (Hedgeable memory seen) {
        (BookRisk risk, BookFunds funds, BookClaims claims_) = (_risk, _funds, _claims);
        (PackedCollateral base, PackedCollateral quote) = _account();
        seen.imprint = _imprintOf(risk, funds, claims_, base, quote);
        (seen.band, seen.equity) = (_margins.band(), funds.equityLow());
        seen.freeBase = base.free() * BASE_SCALE;
        // A balance of 128 bits, a scale of 60, and fields of 104.
        unchecked {
            seen.delta = risk.delta() + int256(base.balance() * BASE_SCALE) - int256(claims_.claimBase());
        }
        uint256 rent_;
        (seen.doubt, rent_) = _lookThrough(risk, spot, seen.delta < 0);
        if (seen.band == 0) seen.doubt = Doubt.ExposuresOld;
        if (seen.delta >= 0) return seen;
        uint256 reserved = funds.reserve() + rent_;
        uint256 free = quote.free() * QUOTE_SCALE;
        if (free > reserved) seen.freeQuote = free - reserved;
    }

    /// @dev Looks through all live expiries: whether their words make the delta up, and where it is wanted, rent that is not released.
    function _lookThrough(
        BookRisk risk,
        uint256 spot,
        bool wantsRent
    ) private view returns (Doubt, uint256 rent_) {
        BookTerms terms_ = _terms;
        Expiries live = CLEARINGHOUSE.liveExpiries(MARKET);
        if (wantsRent) rent_ = _rentSum(REALIZED);
        int256 delta = 0;
        // Unchecked: of sixteen expiries at most, fields of 128 bits at most in units of less than 2^64. The list ends with its first empty lane.
        unchecked {
            for (uint256 lane = 0; live.day(lane) != 0; ++lane) {
                uint256 expiryAt = expiryOfDay(live.day(lane));
                Expiry storage expiry = _expiries[uint32(expiryAt)];
                if (Limits.isOldToHedge(expiry.risk, expiry.mark, terms_, spot, expiryAt))
                    return (Doubt.ExposuresOld, 0);
                delta += expiry.risk.expiryDelta();
                if (wantsRent) rent_ += _rentSum(uint32(expiryAt));
            }
        }
        // The book's delta is the sum of all expiries'; a settled one is not live any more, and realized it has none.
        if (delta != risk.delta()) return (Doubt.NotRealized, 0);
        return (risk.tradedIn() == uint32(block.number) ? Doubt.TradedInBlock : Doubt.None, rent_);
    }

    /// @inheritdoc IBook
    function imprint(int256 base, int256 quote) external view returns (bytes32) {
        (PackedCollateral baseWord, PackedCollateral quoteWord) = _account();
        // A word less what came into its balance is the word before, and no other is.
        unchecked {
            return
                _imprintOf(
                    _risk,
                    _funds,
                    _claims,
                    PackedCollateral.wrap(PackedCollateral.unwrap(baseWord) - uint256(base)),
                    PackedCollateral.wrap(PackedCollateral.unwrap(quoteWord) - uint256(quote))
                );
        }
    }

    function _imprintOf(
        BookRisk risk,
        BookFunds funds,
        BookClaims claims_,
        PackedCollateral base,
        PackedCollateral quote
    ) private view returns (bytes32) {
        return keccak256(abi.encode(risk, funds, claims_, _margins, base, quote));
    }

    function _live() private view returns (uint32[] memory) {
        return CLEARINGHOUSE.liveExpiries(MARKET).times();
    }

    function _account() private view returns (PackedCollateral base, PackedCollateral quote) {
        return CLEARINGHOUSE.packedCollaterals(address(this), BASE);
    }

    /// @inheritdoc IBook
    function claims() external view returns (BookClaims) {
        return _claims;
    }

    /// @inheritdoc IBook
    function need() external view returns (Need memory) {
        return _need.unpack();
    }

    /// @inheritdoc IBook
    function potential() external view returns (uint256 phi) {
        (PackedCollateral base, ) = _account();
        return _potential(_live(), base.balance());
    }

    /// @param baseBalance Of the account, assets.
    function _potential(uint32[] memory live, uint256 baseBalance) private view returns (uint256 phi) {
        ExpiryRisk[] memory risks = new ExpiryRisk[](live.length);
        uint256 spot = 0;
        for (uint256 i = 0; i < live.length; ++i) {
            risks[i] = _expiries[live[i]].risk;
            uint256 seen = _expiries[live[i]].mark.refreshedSpot();
            if (seen != 0) spot = seen;
        }
        return Revaluation.potentialOf(_load(), risks, baseBalance * BASE_SCALE, spot);
    }

    /// @inheritdoc IBook
    function mark(Report calldata report) external view returns (Mark memory mark_) {
        Expiries live = CLEARINGHOUSE.liveExpiries(MARKET);
        uint32[] memory times = live.times();
        _addRents(mark_, REALIZED, report.reportAt);
        for (uint256 i = 0; i < times.length; ++i) _addRents(mark_, times[i], report.reportAt);
        Revaluation.Marked memory sum = Revaluation.marked(_holder(), report, live, _terms.stickiness());
        if (sum.baseSum != _claims.baseSum() / BASE_UNIT)
            revert Book_NotRealized(sum.baseSum, _claims.baseSum() / BASE_UNIT);
        (mark_.reportAt, mark_.spot) = (report.reportAt, report.spot);
        (mark_.liability, mark_.delta, mark_.gamma) = (sum.liability, sum.delta, sum.gamma);
        (mark_.grossVega, mark_.grossAmount) = (sum.grossVega, sum.grossAmount);
        (PackedCollateral base, PackedCollateral quote) = _account();
        (mark_.base, mark_.quote) = (base.balance() * BASE_SCALE, quote.balance() * QUOTE_SCALE);
        mark_.potential = _potential(times, base.balance());
        // Rounded up to its unit, which {assign} keeps it in.
        mark_.reserve = Math.min(_funds.reserve(), quoteFieldUp(mark_.potential) * QUOTE_UNIT);
        int256 owed = mark_.liability + int256(mark_.reserve + mark_.rent + mark_.rentBase + mark_.rentQuote);
        int256 equity = int256((mark_.base * report.spot) / 1e18 + mark_.quote) - owed;
        mark_.equity = equity > 0 ? uint256(equity) : 0;
    }

    function _holder() private view returns (Revaluation.Holder memory) {
        return Revaluation.Holder(address(CLEARINGHOUSE), address(this), MARKET);
    }

    function _addRents(Mark memory mark_, uint32 expiryAt, uint256 until) private view {
        (uint256 base, uint256 quote, uint256 since) = _rentOf(expiryAt);
        if (base | quote == 0) return;
        (uint256 dueBase, uint256 dueQuote) = _dueOf(base, quote, since, expiryAt, until);
        mark_.rentBase += dueBase * QUOTE_UNIT;
        mark_.rentQuote += dueQuote * QUOTE_UNIT;
        mark_.rent += (base - dueBase + quote - dueQuote) * QUOTE_UNIT;
    }

    /// @inheritdoc IBook
    function rent(uint32 expiryAt) external view returns (uint256 rentBase, uint256 rentQuote) {
        (rentBase, rentQuote, ) = _rentOf(expiryAt);
        return (rentBase * QUOTE_UNIT, rentQuote * QUOTE_UNIT);
    }

    /// @inheritdoc IBook
    function isOpen(uint32 expiryAt) external view returns (bool) {
        Expiry storage expiry = _expiries[expiryAt];
        if (ExpiryRisk.unwrap(expiry.risk) != 0 || _rentSum(expiryAt) != 0) return true;
        return CLEARINGHOUSE.positions(address(this), MARKET, expiryAt).length != 0;
    }

    /// @inheritdoc IBook
    function unreleasedRent() external view returns (uint256 rent_) {
        uint32[] memory live = _live();
        rent_ = _rentSum(REALIZED);
        for (uint256 i = 0; i < live.length; ++i) rent_ += _rentSum(live[i]);
    }

    /// @dev Both tranches together, WAD.
    function _rentSum(uint32 expiryAt) private view returns (uint256) {
        (uint256 base, uint256 quote, ) = _rentOf(expiryAt);
        return (base + quote) * QUOTE_UNIT;
    }

    /// @inheritdoc IBook
    function modules() external view returns (Modules memory) {
        return _modules;
    }

    /// @inheritdoc IBook
    function terms() external view returns (Terms memory) {
        return TermsBounds.unpack(_terms);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { BookClaims } from "../types/BookClaims.sol";
import { QUOTE_UNIT, quoteFieldUp } from "../types/BookFields.sol";
import { BookFunds, toBookFunds } from "../types/BookFunds.sol";
import { BookRisk } from "../types/BookRisk.sol";
import { ExpiryMark } from "../types/ExpiryMark.sol";
import { ExpiryRisk } from "../types/ExpiryRisk.sol";
import { TRADE, WITHDRAW } from "../types/Scopes.sol";
import { BookEpoch } from "./BookEpoch.sol";
import { BookHedge } from "./BookHedge.sol";
import { BookRefresh } from "./BookRefresh.sol";
import { BookState } from "./BookState.sol";
import { Limits } from "./Limits.sol";
import { NeedWords } from "./NeedWords.sol";
import { BookTermsBounds } from "./BookTermsBounds.sol";

/// WHAT        The book of one market and the vault's account in the Clearinghouse; the outside, with units, signs and roles, is {IBook}.
/// PARTS       BookState has the words. By who may change or read them: trades and terms are here, BookRefresh is anyone's, BookEpoch the
///             vault's and its tranches', BookHedge the hedger's. What they work with: Revaluation (what positions are worth and risk), Limits
///             (what an opening may not do), HedgeBand, NeedWords, BookTermsBounds.
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
contract Book is BookRefresh, BookEpoch, BookHedge, AccessManaged {
    using NeedWords for NeedWords.Words;

    address private immutable DEPLOYER;

    error Book_NotDeployer(address caller);
    error Book_Initialized();
    error Book_LimitExceeded(Limit limit);
    /// A reward above the reserve.
    error Book_ReserveTooSmall(uint256 reward, uint256 reserve);

    constructor(
        address authority,
        IClearinghouse clearinghouse,
        IVolSurface volSurface,
        uint32 market_,
        Terms memory terms_
    ) AccessManaged(authority) BookState(clearinghouse, volSurface, market_) {
        DEPLOYER = msg.sender;
        _terms = BookTermsBounds.packChecked(terms_);
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
        _requireModule(_modules.pool);
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

    /// @dev Moves what each expiry has, and returns the word of their sums. What the pool adds, outflow too, is below 2^200 ({Price}).
    function _moveExpiries(
        ExpiryMove[] calldata parts,
        BookRisk risk,
        uint256 outflow
    ) private returns (BookRisk) {
        for (uint256 i = 0; i < parts.length; ++i) {
            ExpiryMove calldata part = parts[i];
            Expiry storage expiry = _expiries[part.expiryAt];
            ExpiryRisk before = expiry.risk;
            ExpiryRisk afterwards = before.plus(part.vega, part.vegaSkew, part.gamma, part.delta);
            expiry.risk = afterwards;
            risk = risk.replacing(before, afterwards);
            // It fits: only what takes capacity owes rent, that is an opening, whose limits have looked.
            if (part.rentBase | part.rentQuote != 0)
                expiry.mark = expiry.mark.withMoreRent(part.rentBase, part.rentQuote, block.timestamp);
        }
        return risk.withTrade(block.number, outflow);
    }

    /// @inheritdoc IBook
    function check(Move calldata trade) external view returns (Limit) {
        return _limitOf(trade, _load());
    }

    function _limitOf(Move calldata trade, Limits.Book memory book) private view returns (Limit limit) {
        if (!trade.isOpening) return Limit.None;
        if (_hasEpochEnded) return Limit.EpochDue;
        ExpiryMove[] calldata parts = trade.expiries;
        for (uint256 i = 0; i < parts.length; ++i) {
            ExpiryMove calldata part = parts[i];
            ExpiryMark mark_ = _expiries[part.expiryAt].mark;
            // Without a weight it was refreshed before its first slice, and what is traded would count for no vega.
            if (mark_.weight() == 0 || Limits.isOld(mark_, book.terms, trade.spot)) return Limit.ExposuresOld;
            if (!mark_.hasRoomFor(part.rentBase, part.rentQuote)) return Limit.Rent;
        }
        limit = Limits.firstBroken(trade, book);
        // The exact need is dearer to look up, and wanted only where the plain sums do not pass.
        if (limit == Limit.BaseCapacity || limit == Limit.QuoteCapacity) {
            Need memory need_ = _need.unpack();
            if (Limits.needHolds(trade, book, need_)) limit = Limits.outflowOf(trade, book);
        }
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

    // ---------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc IBook
    function setTerms(Terms calldata terms_) external restricted {
        _terms = BookTermsBounds.packChecked(terms_);
        emit TermsSet(terms_, false);
    }

    /// @inheritdoc IBook
    function tightenTerms(Terms calldata terms_) external restricted {
        _terms = BookTermsBounds.packTighter(terms_, _terms);
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
    function claims() external view returns (BookClaims) {
        return _claims;
    }

    /// @inheritdoc IBook
    function need() external view returns (Need memory) {
        return _need.unpack();
    }

    /// @inheritdoc IBook
    function isOpen(uint32 expiryAt) external view returns (bool) {
        Expiry storage expiry = _expiries[expiryAt];
        if (ExpiryRisk.unwrap(expiry.risk) != 0 || expiry.mark.rentSum() != 0) return true;
        return CLEARINGHOUSE.positions(address(this), MARKET, expiryAt).length != 0;
    }

    /// @inheritdoc IBook
    function modules() external view returns (Modules memory) {
        return _modules;
    }

    /// @inheritdoc IBook
    function terms() external view returns (Terms memory) {
        return BookTermsBounds.unpack(_terms);
    }
}

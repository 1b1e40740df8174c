// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IBook } from "../interfaces/IBook.sol";
import { BookClaims } from "../types/BookClaims.sol";
import { BASE_UNIT, baseFieldUp, QUOTE_UNIT, quoteFieldUp } from "../types/BookFields.sol";
import { BookFunds, toBookFunds } from "../types/BookFunds.sol";
import { BookMargins } from "../types/BookMargins.sol";
import { EquityHistory } from "../types/EquityHistory.sol";
import { Expiries } from "../types/Expiries.sol";
import { ExpiryMark } from "../types/ExpiryMark.sol";
import { ExpiryRisk } from "../types/ExpiryRisk.sol";
import { PackedCollateral } from "../types/PackedCollateral.sol";
import { Report } from "../types/Report.sol";
import { BookState } from "./BookState.sol";
import { NeedWords } from "./NeedWords.sol";
import { Revaluation } from "./Revaluation.sol";
import { Shares } from "./Shares.sol";

/// What the vault and its tranches may do to a {Book}: what it is worth at a report, the end of an epoch by that, and what leaves.
abstract contract BookEpoch is BookState {
    using NeedWords for NeedWords.Words;

    uint256 private constant EQUITY_MAX = 1e12 * 1e18;

    error Book_EquityTooLarge(uint256 equity, uint256 limit);
    /// An expiry is settled and not realized, so that what it owes is not known here: realize it first.
    error Book_NotRealized(uint256 summed, uint256 kept);

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

    function _addRents(Mark memory mark_, uint32 expiryAt, uint256 until) private view {
        ExpiryMark kept = _expiries[expiryAt].mark;
        uint256 sum = kept.rentSum();
        if (sum == 0) return;
        (uint256 base, uint256 quote) = kept.rentsDue(expiryAt, until);
        mark_.rentBase += base * QUOTE_UNIT;
        mark_.rentQuote += quote * QUOTE_UNIT;
        mark_.rent += sum - (base + quote) * QUOTE_UNIT;
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
    function assign(Assignment calldata assignment) external {
        _requireModule(_modules.vault);
        if (assignment.equity > EQUITY_MAX) revert Book_EquityTooLarge(assignment.equity, EQUITY_MAX);
        EquityHistory equities = _equities.withLatest(assignment.equity);
        _equities = equities;
        _hasEpochEnded = true;
        (uint256 low, uint256 high) = equities.range();
        _claims = _claims.withClaims(assignment.claimBase, assignment.claimQuote);
        BookMargins margins = _marginsFrom(assignment.cutOffDay);
        _margins = margins;
        uint32[] memory live = _live();
        _releaseRent(REALIZED, assignment.markedAt);
        for (uint256 i = 0; i < live.length; ++i) _releaseRent(live[i], assignment.markedAt);
        BookFunds funds = _funds;
        uint256 before = funds.reserve();
        // Whole units: a mark's is, and what there is.
        uint256 reserve = Math.min(before, assignment.reserve);
        BookFunds next = toBookFunds(low, high, reserve / QUOTE_UNIT, 0, 0);
        // Where the next cut-off is past, too, its end may come within this block: what flows out is counted on until one that may not (S7).
        _funds = margins.isEpochDue(block.timestamp) ? next.withFlowsOf(funds) : next;
        emit Assigned(assignment, before - reserve, reserve);
    }

    /// @dev For the epoch that begins. Where its cut-off is past, too, what was sold back or hedged may have come after it: nobody noted when.
    function _marginsFrom(uint16 cutOffDay) private view returns (BookMargins next) {
        BookMargins margins = _margins;
        next = margins.withCutOff(cutOffDay);
        if (margins.isMoved() && next.isEpochDue(block.timestamp)) next = next.withMoved();
    }

    function _releaseRent(uint32 expiryAt, uint256 until) private {
        Expiry storage expiry = _expiries[expiryAt];
        ExpiryMark mark_ = expiry.mark;
        (uint256 base, uint256 quote) = mark_.rentsDue(expiryAt, until);
        if (base | quote == 0) return;
        expiry.mark = mark_.withoutRentDue(base, quote, until);
        emit RentReleased(expiryAt, base * QUOTE_UNIT, quote * QUOTE_UNIT);
    }

    /// @inheritdoc IBook
    function lowerClaim(Side side, uint256 by, uint256 spot) external {
        _requireModule(_modules.vault);
        BookClaims before = _claims;
        (uint256 base, uint256 quote) = (before.claimBase(), before.claimQuote());
        uint256 whole = base * spot + quote * 1e18;
        if (side == Side.Base) base -= by;
        else quote -= by;
        _claims = before.withClaims(base, quote);
        // Equity leaves with the claim, and what the limits allow with it (S7).
        if (whole != 0) _funds = _funds.withEquityLow(base * spot + quote * 1e18, whole);
        emit ClaimLowered(side, by);
    }

    /// @inheritdoc IBook
    function windDown() external {
        _requireModule(_modules.vault);
        _margins = _margins.withWoundDown();
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

    /// @inheritdoc IBook
    function rent(uint32 expiryAt) external view returns (uint256 rentBase, uint256 rentQuote) {
        (rentBase, rentQuote) = _expiries[expiryAt].mark.rents();
        return (rentBase * QUOTE_UNIT, rentQuote * QUOTE_UNIT);
    }

    /// @inheritdoc IBook
    function unreleasedRent() external view returns (uint256 rent_) {
        uint32[] memory live = _live();
        rent_ = _expiries[REALIZED].mark.rentSum();
        for (uint256 i = 0; i < live.length; ++i) rent_ += _expiries[live[i]].mark.rentSum();
    }
}

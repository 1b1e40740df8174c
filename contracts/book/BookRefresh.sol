// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../interfaces/IBook.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { SliceReading } from "../interfaces/IVolSurface.sol";
import { SpotAnswers } from "../oracle/SpotAnswers.sol";
import { baseField } from "../types/BookFields.sol";
import { BookRisk } from "../types/BookRisk.sol";
import { ExpiryMark } from "../types/ExpiryMark.sol";
import { ExpiryRisk } from "../types/ExpiryRisk.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { PackedSurface } from "../types/Surface.sol";
import { REPORT_SPOT_MAX_AGE } from "../types/Times.sol";
import { BookState } from "./BookState.sol";
import { HedgeBand } from "./HedgeBand.sol";
import { Limits } from "./Limits.sol";
import { NeedWords } from "./NeedWords.sol";
import { Revaluation } from "./Revaluation.sol";

/// What anyone may do to a {Book}: see its expiries anew, and realize those that are settled.
abstract contract BookRefresh is BookState {
    using NeedWords for NeedWords.Words;
    using SpotAnswers for ISpotOracle;

    /// A trade has already happened in this block: what it was priced by must not change under the next one.
    error Book_TradedInThisBlock(uint256 blockNumber);
    error Book_SpotSilent(ISpotOracle.Reason reason);
    /// A part of the book alone would be seen anew while the rest is as of too long ago, or of another spot: refresh all live expiries.
    error Book_RefreshWhole(uint256 refreshedAt, uint256 refreshedSpot);

    /// @inheritdoc IBook
    function refresh(uint32[] calldata expiriesAt) external {
        if (_risk.tradedIn() == uint32(block.number)) revert Book_TradedInThisBlock(block.number);
        uint256 spot = refreshSpot();
        bool isWhole = _isWholeBook(expiriesAt);
        if (!isWhole) _requireYoung(spot);
        uint256 stickiness = _terms.stickiness();
        BookRisk risk = _risk;
        Revaluation.Needs memory needs;
        (uint256 shortVol, int256 gamma, int256 convexity) = (0, 0, 0);
        for (uint256 i = 0; i < expiriesAt.length; ++i) {
            (ExpiryRisk before, Revaluation.Valued memory valued) = _revalue(expiriesAt[i], spot, stickiness);
            risk = risk.replacing(before, valued.risk);
            if (shortVol == 0) shortVol = valued.atmVol;
            gamma += valued.risk.expiryGamma();
            convexity += valued.convexity;
            _addNeeds(needs, valued.needs);
        }
        _risk = risk;
        if (isWhole) _refreshWhole(needs, spot, shortVol, gamma, convexity);
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
    function _revalue(
        uint32 expiryAt,
        uint256 spot,
        uint256 stickiness
    ) private returns (ExpiryRisk before, Revaluation.Valued memory valued) {
        SliceReading memory reading = VOL_SURFACE.read(MARKET, expiryAt);
        valued = Revaluation.riskOf(
            _holder(),
            Revaluation.Terms(
                reading.current,
                _settledOr(spot, expiryAt),
                expiryAt,
                block.timestamp,
                stickiness
            )
        );
        Expiry storage expiry = _expiries[expiryAt];
        before = expiry.risk;
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
        int256 gamma,
        int256 convexity
    ) private {
        _need.store(needs.base, needs.quote, _claims, spot);
        uint256 width = HedgeBand.widthOf(gamma, convexity, spot, _funds.equityLow());
        Limits.Book memory book = _load();
        _margins = book.margins.refreshed(
            baseField(width),
            shortVol / 1e14,
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
        if (Limits.isOldSince(refreshedAt, seen, _terms.exposureMaxMove(), _terms, spot))
            revert Book_RefreshWhole(refreshedAt, seen);
    }

    /// @inheritdoc IBook
    function refreshSpot() public view returns (uint256) {
        PackedSurface surface = VOL_SURFACE.storedSurface(MARKET);
        bool isYoung = block.timestamp - surface.reportAt() <= REPORT_SPOT_MAX_AGE && !surface.isSilent();
        if (isYoung) return surface.spot();
        (, , PackedAnswer alive) = SPOT_ORACLE.ask(MARKET);
        if (alive.reason() != 0) revert Book_SpotSilent(ISpotOracle.Reason(alive.reason()));
        return alive.low();
    }

    /// @inheritdoc IBook
    function realize(uint32 expiryAt) external {
        (uint256 baseSum, uint256 quoteSum) = Revaluation.summed(_holder(), expiryAt);
        (int256 baseAssets, int256 quoteAssets) = CLEARINGHOUSE.realize(address(this), MARKET, expiryAt);
        Expiry storage expiry = _expiries[expiryAt];
        _risk = _risk.replacing(expiry.risk, ExpiryRisk.wrap(0));
        expiry.risk = ExpiryRisk.wrap(0);
        _claims = Limits.summed(_claims, -int256(baseSum), -int256(quoteSum));
        _need.lower(baseSum, quoteSum);
        ExpiryMark mark_ = expiry.mark;
        if (mark_.rentSum() != 0) {
            _expiries[REALIZED].mark = _expiries[REALIZED].mark.withRealizedRent(mark_);
            expiry.mark = mark_.withRent(0, 0, 0);
        }
        emit ExpiryRealized(expiryAt, baseAssets, quoteAssets);
    }
}

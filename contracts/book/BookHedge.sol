// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../interfaces/IBook.sol";
import { BookClaims } from "../types/BookClaims.sol";
import { BookFunds } from "../types/BookFunds.sol";
import { BookMargins } from "../types/BookMargins.sol";
import { BookRisk } from "../types/BookRisk.sol";
import { BookTerms } from "../types/BookTerms.sol";
import { Expiries, expiryOfDay } from "../types/Expiries.sol";
import { PackedCollateral } from "../types/PackedCollateral.sol";
import { BookState } from "./BookState.sol";
import { Limits } from "./Limits.sol";

/// What a hedge of a {Book} rests on, and what is noted of it.
abstract contract BookHedge is BookState {
    /// @inheritdoc IBook
    function hedgeable(uint256 spot) external view returns (Hedgeable memory seen) {
        (BookRisk risk, BookFunds funds, BookClaims claims_) = (_risk, _funds, _claims);
        (PackedCollateral base, PackedCollateral quote) = _account();
        seen.imprint = _imprintOf(risk, funds, claims_, base, quote);
        BookMargins margins = _margins;
        (seen.band, seen.equity) = (margins.band(), funds.equityLow());
        seen.isEpochDue = margins.isEpochDue(block.timestamp) && !margins.isMoved();
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
        if (wantsRent) rent_ = _expiries[REALIZED].mark.rentSum();
        int256 delta = 0;
        // Unchecked: of sixteen expiries at most, fields of 128 bits at most in units of less than 2^64. The list ends with its first empty lane.
        unchecked {
            for (uint256 lane = 0; live.day(lane) != 0; ++lane) {
                uint256 expiryAt = expiryOfDay(live.day(lane));
                Expiry storage expiry = _expiries[uint32(expiryAt)];
                if (Limits.isOldToHedge(expiry.risk, expiry.mark, terms_, spot, expiryAt))
                    return (Doubt.ExposuresOld, 0);
                delta += expiry.risk.expiryDelta();
                if (wantsRent) rent_ += expiry.mark.rentSum();
            }
        }
        // The book's delta is the sum of all expiries'; a settled one is not live any more, and realized it has none.
        if (delta != risk.delta()) return (Doubt.NotRealized, 0);
        // In the transaction of an epoch's end, too: what its deposits bring may not be in the account yet (K5).
        bool isMoved = _hasEpochEnded || risk.tradedIn() == uint32(block.number);
        return (isMoved ? Doubt.TradedInBlock : Doubt.None, rent_);
    }

    /// @inheritdoc IBook
    function noteHedge() external {
        _requireModule(_modules.hedger);
        _margins = _margins.withMoved();
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
}

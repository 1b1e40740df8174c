// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { BookClaims } from "../types/BookClaims.sol";
import { BookFunds } from "../types/BookFunds.sol";
import { BookMargins } from "../types/BookMargins.sol";
import { BookRisk } from "../types/BookRisk.sol";
import { BookTerms } from "../types/BookTerms.sol";
import { wadScale } from "../types/Decimals.sol";
import { EquityHistory } from "../types/EquityHistory.sol";
import { ExpiryMark } from "../types/ExpiryMark.sol";
import { ExpiryRisk } from "../types/ExpiryRisk.sol";
import { PackedCollateral } from "../types/PackedCollateral.sol";
import { Limits } from "./Limits.sol";
import { NeedWords } from "./NeedWords.sol";
import { Revaluation } from "./Revaluation.sol";

/// The words of a {Book}, whose they are in the Clearinghouse, and what all of its parts read of them.
abstract contract BookState is IBook {
    /// In the place of an expiry: those that are realized, whose rent waits for the epoch's end.
    uint32 internal constant REALIZED = 0;

    struct Expiry {
        ExpiryRisk risk;
        ExpiryMark mark;
    }

    IClearinghouse public immutable CLEARINGHOUSE;
    IVolSurface public immutable VOL_SURFACE;
    ISpotOracle public immutable SPOT_ORACLE;
    uint32 internal immutable MARKET;
    address internal immutable BASE;
    uint256 internal immutable BASE_SCALE;
    uint256 internal immutable QUOTE_SCALE;

    BookRisk internal _risk;
    BookFunds internal _funds;
    BookClaims internal _claims;
    BookMargins internal _margins;
    BookTerms internal _terms;
    NeedWords.Words internal _need;
    EquityHistory internal _equities;
    mapping(uint32 expiryAt => Expiry) internal _expiries;
    Modules internal _modules;
    /// Whether an epoch has ended in this transaction: what its deposits bring may be on its way yet, so nothing opens (K5).
    bool internal transient _hasEpochEnded;

    error Book_NotModule(address caller);

    constructor(IClearinghouse clearinghouse, IVolSurface volSurface, uint32 market_) {
        IClearinghouse.Market memory known = clearinghouse.marketOf(market_);
        (, uint8 quoteDecimals) = clearinghouse.quoteAsset();
        CLEARINGHOUSE = clearinghouse;
        VOL_SURFACE = volSurface;
        SPOT_ORACLE = ISpotOracle(known.spotOracle);
        MARKET = market_;
        BASE = known.base;
        (BASE_SCALE, QUOTE_SCALE) = (wadScale(known.baseDecimals), wadScale(quoteDecimals));
    }

    function _requireModule(address module) internal view {
        if (msg.sender != module) revert Book_NotModule(msg.sender);
    }

    function _load() internal view returns (Limits.Book memory book) {
        (book.risk, book.funds, book.claims) = (_risk, _funds, _claims);
        (book.margins, book.terms) = (_margins, _terms);
    }

    function _live() internal view returns (uint32[] memory) {
        return CLEARINGHOUSE.liveExpiries(MARKET).times();
    }

    function _account() internal view returns (PackedCollateral base, PackedCollateral quote) {
        return CLEARINGHOUSE.packedCollaterals(address(this), BASE);
    }

    function _holder() internal view returns (Revaluation.Holder memory) {
        return Revaluation.Holder(address(CLEARINGHOUSE), address(this), MARKET);
    }
}

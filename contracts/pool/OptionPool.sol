// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { SelfEndingPause } from "../control/SelfEndingPause.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { SpotAnswers } from "../oracle/SpotAnswers.sol";
import { wadScale } from "../types/Decimals.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { SIGNED_SPOT_MAX_AGE } from "../types/Times.sol";
import { Execution } from "./Execution.sol";
import { Floor } from "./Floor.sol";
import { PoolParameterBounds } from "./PoolParameterBounds.sol";
import { Scales } from "./Verdict.sol";

/// WHAT        Quotes and trades of one market; the outside, with units, roles and promises, is {IOptionPool}.
/// PARTS       Execution reads, answers and carries out; in it Price and Spread (what it costs), Opening and Exit (whether it may, by
///             Conditions, and what it is paid), Cover, Floor (what an exit brings at least), all pure. Here are the door to the outside, a carried report, and control.
/// ASSUMPTIONS Who is trusted for what, and for nothing else.
///             Signers: the smile and carry of a slice that is open, for an exit of one that is proven. Checks of shape and of level, tilt
///             and carry hold them to some of it; what a quorum that lies can take is bounded by the book's caps of outflow and exits
///             (docs/SIGNERS.md). Not for spot alone, which is the worst that the oracle names, nor for the floor, which theirs can only
///             lower, and only while the feed is late.
///             Spot oracle: the lowest and highest spot, and how far behind a feed may be. Where all sources are wrong alike nothing here
///             sees it.
///             Book: exposures, limits, equity. Clearinghouse: positions, and cover, which it checks itself whatever is asked of it here.
///             Takers: nothing; VolSurface judges the report that they carry, and a premium counts as far as it has come in. Governor and
///             council: parameters, within {PoolParameterBounds}.
/// INVARIANTS  {quote} and {trade} price by the same function of the same reading (P8). An exit is never refused but as {IOptionPool}
///             says (P10). What the taker pays is credited in the same call or the trade reverts.
contract OptionPool is IOptionPool, SelfEndingPause, ReentrancyGuardTransient {
    using SpotAnswers for ISpotOracle;

    IBook private immutable BOOK;
    IClearinghouse private immutable CLEARINGHOUSE;
    IVolSurface private immutable VOL_SURFACE;
    ISpotOracle private immutable SPOT_ORACLE;
    uint32 private immutable MARKET;
    uint256 private immutable MINIMUM;
    address private immutable BASE;
    address private immutable QUOTE;
    uint256 private immutable BASE_SCALE;
    uint256 private immutable QUOTE_SCALE;

    Parameters private _parameters;

    error Pool_DeadlinePassed(uint256 deadline, uint256 nowAt);
    error Pool_ReportTooOld(uint256 reportAt, uint256 nowAt);

    constructor(
        address authority,
        IBook book_,
        IClearinghouse clearinghouse,
        IVolSurface volSurface,
        Parameters memory parameters_
    ) AccessManaged(authority) {
        BOOK = book_;
        CLEARINGHOUSE = clearinghouse;
        VOL_SURFACE = volSurface;
        MARKET = book_.market();
        IClearinghouse.Market memory market = clearinghouse.marketOf(MARKET);
        SPOT_ORACLE = ISpotOracle(market.spotOracle);
        MINIMUM = market.minimumAmount;
        uint8 quoteDecimals;
        (QUOTE, quoteDecimals) = clearinghouse.quoteAsset();
        BASE = market.base;
        (BASE_SCALE, QUOTE_SCALE) = (wadScale(market.baseDecimals), wadScale(quoteDecimals));
        _setParameters(parameters_, false);
    }

    // ---------------------------------------------------------------------------------------------------------------- trading

    /// @inheritdoc IOptionPool
    function trade(
        IClearinghouse.Leg[] calldata legs,
        int256 limit,
        uint256 deadline,
        address receiver,
        bytes calldata report
    ) external nonReentrant returns (int256 cost, uint256 baseProceeds) {
        if (block.timestamp > deadline) revert Pool_DeadlinePassed(deadline, block.timestamp);
        if (report.length != 0) _post(report);
        return
            Execution.trade(
                _places(),
                _parameters,
                legs,
                Execution.Order(limit, receiver, _isPaused(), false)
            );
    }

    /// @inheritdoc IOptionPool
    function quote(IClearinghouse.Leg[] calldata legs) external view returns (Quote memory) {
        if (_reentrancyGuardEntered()) revert ReentrancyGuardReentrantCall();
        return
            Execution.quote(
                _places(),
                _parameters,
                legs,
                Execution.Order(0, address(0), _isPaused() || _isWritingPaused(legs), true)
            );
    }

    /// @dev Whether the Clearinghouse, in a pause of its own, would refuse to write what is bought.
    function _isWritingPaused(IClearinghouse.Leg[] calldata legs) private view returns (bool) {
        for (uint256 i = 0; i < legs.length; ++i) {
            if (legs[i].amount > 0) return block.timestamp < CLEARINGHOUSE.pausedUntil();
        }
        return false;
    }

    /// @inheritdoc IOptionPool
    function floorBid(SeriesId series) external view returns (uint256 bid, ISpotOracle.Reason reason) {
        if (series.market() != MARKET) return (0, ISpotOracle.Reason.MarketUnknown);
        (, , PackedAnswer alive) = SPOT_ORACLE.ask(MARKET);
        reason = ISpotOracle.Reason(alive.reason());
        if (reason == ISpotOracle.Reason.None) {
            bid = Floor.bidDown(series, Floor.spotsOf(alive), block.timestamp);
        }
    }

    /// @dev Posts a carried report. `report` is encoded as the arguments of {IVolSurface-postIfNewer}, so it goes on as it is.
    function _post(bytes calldata report) private {
        // The first word says where the report begins; its second field is its time. Both are in bounds or the call reverts.
        uint256 start = uint256(bytes32(report[0:32]));
        uint256 reportAt = uint256(bytes32(report[start + 32:start + 64]));
        // Whoever posts an older one by itself trades by the worse of two reports in that block.
        if (reportAt + SIGNED_SPOT_MAX_AGE < block.timestamp) {
            revert Pool_ReportTooOld(reportAt, block.timestamp);
        }
        Address.functionCall(address(VOL_SURFACE), bytes.concat(IVolSurface.postIfNewer.selector, report));
    }

    function _places() private view returns (Execution.Places memory) {
        return
            Execution.Places(
                BOOK,
                CLEARINGHOUSE,
                VOL_SURFACE,
                SPOT_ORACLE,
                BASE,
                QUOTE,
                MARKET,
                MINIMUM,
                Scales(BASE_SCALE, QUOTE_SCALE)
            );
    }

    // ---------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc IOptionPool
    function setParameters(Parameters calldata parameters_) external restricted {
        _setParameters(parameters_, false);
    }

    /// @inheritdoc IOptionPool
    function tightenParameters(Parameters calldata parameters_) external restricted {
        PoolParameterBounds.requireTighter(parameters_, _parameters);
        _setParameters(parameters_, true);
    }

    function _setParameters(Parameters memory parameters_, bool tightened) private {
        PoolParameterBounds.requireInRange(parameters_);
        _parameters = parameters_;
        emit ParametersSet(parameters_, tightened);
    }

    /// @inheritdoc IOptionPool
    function parameters() external view returns (Parameters memory) {
        return _parameters;
    }

    /// @inheritdoc IOptionPool
    function book() external view returns (address) {
        return address(BOOK);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AutomationCompatibleInterface } from "@chainlink/contracts/src/v0.8/automation/interfaces/AutomationCompatibleInterface.sol";
import { ILogAutomation, Log } from "@chainlink/contracts/src/v0.8/automation/interfaces/ILogAutomation.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Limits } from "../book/Limits.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { IDeltaHedger } from "../interfaces/IDeltaHedger.sol";
import { ILiquidityVault } from "../interfaces/ILiquidityVault.sol";
import { ISettlementOracle } from "../interfaces/ISettlementOracle.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IUpkeep } from "../interfaces/IUpkeep.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { Rounds } from "../oracle/Rounds.sol";
import { Window } from "../oracle/Window.sol";
import { Expiries, expiryOfDay } from "../types/Expiries.sol";
import { Report } from "../types/Report.sol";
import { Slice } from "../types/Slice.sol";
import { PackedSurface } from "../types/Surface.sol";
import { REPORT_SPOT_MAX_AGE, SETTLEMENT_WINDOW } from "../types/Times.sol";

/// WHAT   Answers of {IUpkeep}: a plan of what is due, and the same looked at again before it is done.
/// GAS    {checkUpkeep} and {checkLog} are simulated, never mined, so they loop where a transaction would not.
contract Upkeep is IUpkeep {
    /// Rounds of a feed that are looked back on.
    uint256 public constant LOOKBACK = 500;
    /// Rounds of each feed in one transaction.
    uint256 private constant ROUNDS = 40;
    /// Days after an expiry in which it is looked whether it waits to be realized: twice those after which signers may settle it at the last.
    uint256 private constant REALIZED_WITHIN = 14;

    IDeltaHedger public immutable HEDGER;
    ILiquidityVault public immutable VAULT;
    IBook public immutable BOOK;
    IClearinghouse public immutable CLEARINGHOUSE;
    IVolSurface public immutable VOL_SURFACE;
    ISpotOracle public immutable SPOT_ORACLE;
    ISettlementOracle public immutable SETTLEMENT_ORACLE;
    uint32 public immutable MARKET;

    error Upkeep_NotNeeded(Work work);

    constructor(
        ILiquidityVault vault,
        IDeltaHedger hedger,
        IClearinghouse clearinghouse,
        IVolSurface volSurface
    ) {
        (VAULT, HEDGER, CLEARINGHOUSE, VOL_SURFACE) = (vault, hedger, clearinghouse, volSurface);
        BOOK = IBook(vault.book());
        MARKET = BOOK.market();
        IClearinghouse.Market memory market = clearinghouse.marketOf(MARKET);
        SPOT_ORACLE = ISpotOracle(market.spotOracle);
        SETTLEMENT_ORACLE = ISettlementOracle(market.settlementOracle);
    }

    // ------------------------------------------------------------------------------------------------------------ simulated

    /// @inheritdoc AutomationCompatibleInterface
    function checkUpkeep(bytes calldata) external view returns (bool upkeepNeeded, bytes memory performData) {
        if (_isPokeDue()) return (true, abi.encode(Work.Poke, bytes("")));
        uint32[] memory live = CLEARINGHOUSE.expiries(MARKET);
        for (uint256 i = 0; i < live.length && _isWalkable(live[i]); ++i) {
            (upkeepNeeded, performData) = _dueAt(live[i]);
            if (upkeepNeeded) return (true, performData);
        }
        uint256 today = block.timestamp / 1 days;
        for (uint256 day = 0; day < REALIZED_WITHIN; ++day) {
            uint32 expiryAt = uint32(expiryOfDay(today - day));
            if (_isRealizable(expiryAt)) return (true, abi.encode(Work.Realize, abi.encode(expiryAt)));
        }
        if (_isBookOld(live)) return (true, abi.encode(Work.Refresh, bytes("")));
    }

    /// @inheritdoc ILogAutomation
    function checkLog(
        Log calldata log,
        bytes calldata
    ) external view returns (bool upkeepNeeded, bytes memory performData) {
        bool isReport =
            log.source == address(VOL_SURFACE) &&
                log.topics.length == 3 &&
                log.topics[0] == IVolSurface.ReportPosted.selector &&
                uint256(log.topics[1]) == MARKET;
        if (!isReport) return (false, "");
        (uint96 spot, Expiries expiries, , , Slice[] memory slices) = abi.decode(
            log.data,
            (uint96, Expiries, uint16, bytes32, Slice[])
        );
        Report memory report = Report(MARKET, uint32(uint256(log.topics[2])), spot, expiries, slices);
        if (!_isClosable(report)) return (false, "");
        return (true, abi.encode(Work.Close, abi.encode(report)));
    }

    // --------------------------------------------------------------------------------------------------------------- mined

    /// @inheritdoc IUpkeep
    function performUpkeep(bytes calldata performData) external {
        (Work work, bytes memory data) = abi.decode(performData, (Work, bytes));
        if (work == Work.Close) {
            VAULT.closeEpoch(abi.decode(data, (Report)));
        } else if (work == Work.Poke) {
            if (!_isPokeDue()) revert Upkeep_NotNeeded(work);
            SPOT_ORACLE.poke(MARKET);
        } else if (work == Work.Refresh) {
            uint32[] memory live = CLEARINGHOUSE.expiries(MARKET);
            if (!_isBookOld(live)) revert Upkeep_NotNeeded(work);
            BOOK.refresh(live);
        } else if (work == Work.Walk) {
            (uint32 expiryAt, uint80 base, uint80 quote) = abi.decode(data, (uint32, uint80, uint80));
            if (!_isWalkable(expiryAt) || _isSettled(expiryAt)) revert Upkeep_NotNeeded(work);
            SETTLEMENT_ORACLE.walk(MARKET, expiryAt, base, quote, ROUNDS);
        } else {
            uint32 expiryAt = abi.decode(data, (uint32));
            if (!_isRealizable(expiryAt)) revert Upkeep_NotNeeded(work);
            BOOK.realize(expiryAt);
        }
    }

    // --------------------------------------------------------------------------------------------------------------- views

    /// @dev Whether nobody can open and a poke would renew what is late, part by part: where a part's source is silent it would not. The reason
    /// of opening is no guide to which part: it is one of several, and the feed's own comes first.
    function _isPokeDue() private view returns (bool) {
        ISpotOracle.Reason reason = SPOT_ORACLE.read(MARKET).opening.reason;
        if (reason == ISpotOracle.Reason.None || reason == ISpotOracle.Reason.MarketUnknown) return false;
        ISpotOracle.Observations memory seen = SPOT_ORACLE.observe(MARKET);
        (uint256 quoteUsdAt, uint256 averageAt) = SPOT_ORACLE.cachedAt(MARKET);
        // What was kept before the sequencer last changed is late at any age.
        uint256 freshFrom = Math.max(
            block.timestamp - SPOT_ORACLE.limits(MARKET).cacheMaxAge,
            seen.sequencer.observedAt
        );
        return
            (quoteUsdAt < freshFrom && seen.quoteUsd.reason == ISpotOracle.Reason.None) ||
            (averageAt < freshFrom && seen.average.reason == ISpotOracle.Reason.None);
    }

    /// @dev Half way to where nobody can open: in age, and in how far spot may move. Without a spot nothing can be refreshed.
    function _isBookOld(uint32[] memory live) private view returns (bool) {
        if (live.length == 0) return false;
        uint256 spot;
        try BOOK.refreshSpot() returns (uint256 spot_) {
            spot = spot_;
        } catch {
            return false;
        }
        IBook.Reading memory book_ = BOOK.read(new uint32[](0));
        IBook.Need memory need = BOOK.need();
        if (2 * (block.timestamp - need.refreshedAt) > book_.terms.exposureMaxAge()) return true;
        PackedSurface surface = VOL_SURFACE.storedSurface(MARKET);
        // By an old report it would stay so, for then a refresh goes by the oracle's spot.
        if (block.timestamp - surface.reportAt() > REPORT_SPOT_MAX_AGE || surface.isSilent()) return false;
        uint256 most = book_.terms.exposureMaxMove() / 2;
        if (Limits.isOldSince(need.refreshedAt, need.refreshedSpot, most, book_.terms, spot)) return true;
        // Without equity there is no band, and the hedger waits whatever is refreshed.
        return book_.funds.equityLow() != 0 && HEDGER.plan().obstacle == IDeltaHedger.Obstacle.ExposuresOld;
    }

    /// @dev What an expiry that is over waits for.
    function _dueAt(uint32 expiryAt) private view returns (bool, bytes memory) {
        (ISettlementOracle.Progress memory base, ISettlementOracle.Progress memory quote) = SETTLEMENT_ORACLE
            .progress(MARKET, expiryAt);
        if (base.broken || quote.broken) return (false, "");
        (
            ISettlementOracle.Feed memory baseFeed,
            ISettlementOracle.Feed memory quoteFeed,

        ) = SETTLEMENT_ORACLE.feeds(MARKET);
        (bool hasBase, uint80 baseStart) = _startAt(baseFeed.proxy, expiryAt - SETTLEMENT_WINDOW);
        (bool hasQuote, uint80 quoteStart) = _startAt(quoteFeed.proxy, expiryAt - SETTLEMENT_WINDOW);
        if (!hasBase || !hasQuote) return (false, "");
        return (true, abi.encode(Work.Walk, abi.encode(expiryAt, baseStart, quoteStart)));
    }

    /// @dev The round in force at `time`, searched back from the latest, for which 0 stands; none where it is too far back or of
    /// another phase.
    function _startAt(address proxy, uint256 time) private view returns (bool found, uint80 start) {
        (uint80 round, , uint256 updatedAt) = Rounds.latest(proxy);
        for (uint256 i = 0; i < LOOKBACK; ++i) {
            if (updatedAt != 0 && updatedAt <= time) return (true, i == 0 ? 0 : round);
            // The first of its phase.
            if (uint64(round) <= 1) return (false, 0);
            --round;
            updatedAt = Rounds.roundOf(proxy, round).updatedAt;
        }
    }

    /// @dev Whether a walk can come to the window's end: an earlier one would only keep how far it came.
    function _isWalkable(uint256 expiryAt) private view returns (bool) {
        return expiryAt + Window.ROUND_LAG <= block.timestamp;
    }

    function _isSettled(uint32 expiryAt) private view returns (bool) {
        return CLEARINGHOUSE.settlementPrice(MARKET, expiryAt) != 0;
    }

    function _isRealizable(uint32 expiryAt) private view returns (bool) {
        return _isSettled(expiryAt) && BOOK.isOpen(expiryAt);
    }

    /// @dev Closing realizes a settled expiry by itself.
    function _isClosable(Report memory report) private view returns (bool) {
        (ILiquidityVault.Obstacle obstacle, ILiquidityVault.EpochResult memory result) = VAULT.plan(report);
        // No mark is a decision for somebody who looks. What is settled and not realized, {checkUpkeep} sees to before.
        return obstacle == ILiquidityVault.Obstacle.None && result.doubt == ILiquidityVault.Doubt.None;
    }
}

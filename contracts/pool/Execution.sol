// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { Exposure } from "../pricing/Exposure.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { SETTLEMENT_WINDOW } from "../types/Times.sol";
import { Door } from "./Door.sol";
import { Price } from "./Price.sol";

/// A trade from end to end: reads all that its price rests on, prices it, says whether it may pass, and carries it out. {IOptionPool.quote}
/// and {IOptionPool.trade} go the same way up to the last step. With a deployment of its own, so that the pool stays within the size of a
/// contract; it runs as the pool.
///
/// RHYTHM of a trade: read, price, judge, then one move of the book, the premium to the Clearinghouse, one exchange, events.
library Execution {
    using SafeERC20 for IERC20;

    uint256 private constant WAD = 1e18;

    /// Where to read.
    /// @param minimum Least amount of an opening leg, WAD.
    struct Places {
        IBook book;
        IClearinghouse clearinghouse;
        IVolSurface volSurface;
        ISpotOracle spotOracle;
        address quote;
        uint32 market;
        uint256 minimum;
        Door.Scales scales;
    }

    /// What a trader says besides the legs, and whether openings are paused.
    struct Order {
        int256 limit;
        address receiver;
        bool isPaused;
    }

    /// See {IOptionPool.trade}.
    function trade(
        Places calldata places,
        IOptionPool.Parameters storage parameters,
        IClearinghouse.Leg[] calldata legs,
        Order calldata order
    ) external returns (int256 cost, uint256 baseProceeds) {
        Door.Verdict memory verdict = _judge(places, parameters, legs, order.isPaused, false);
        if (verdict.refusal != IOptionPool.Refusal.None) {
            revert IOptionPool.Pool_Refused(
                verdict.refusal,
                verdict.spotReason,
                verdict.sliceStatus,
                verdict.limit
            );
        }
        _requireWithin(verdict, places.scales, order.limit);
        (cost, baseProceeds) = (verdict.cost, verdict.baseProceeds);
        // The book first: no callback of a token may refresh it between the price and its move.
        places.book.move(verdict.priced.move);
        if (cost > 0) {
            IERC20(places.quote).safeTransferFrom(msg.sender, address(places.clearinghouse), uint256(cost));
        }
        places.clearinghouse.exchange(
            IClearinghouse.Exchange({
                account: address(places.book),
                from: msg.sender,
                to: order.receiver,
                quoteAssets: cost,
                baseAssets: -int256(baseProceeds)
            }),
            legs
        );
        _emit(legs, order.receiver, verdict);
    }

    /// The verdict behind {IOptionPool.quote}.
    function judge(
        Places calldata places,
        IOptionPool.Parameters storage parameters,
        IClearinghouse.Leg[] calldata legs,
        bool isPaused
    ) external view returns (Door.Verdict memory) {
        return _judge(places, parameters, legs, isPaused, true);
    }

    /// @dev Proceeds in base count at the lowest live spot.
    function _requireWithin(
        Door.Verdict memory verdict,
        Door.Scales memory scales,
        int256 limit
    ) private pure {
        int256 cost = verdict.cost;
        if (verdict.baseProceeds != 0) {
            uint256 worth = (verdict.baseProceeds * scales.base * verdict.spotLow) / WAD / scales.quote;
            cost -= int256(worth);
        }
        if (cost > limit) revert IOptionPool.Pool_CostAboveLimit(cost, limit);
    }

    function _emit(
        IClearinghouse.Leg[] calldata legs,
        address receiver,
        Door.Verdict memory verdict
    ) private {
        Price.Priced memory priced = verdict.priced;
        emit IOptionPool.Traded(
            msg.sender,
            receiver,
            verdict.cost,
            verdict.baseProceeds,
            priced.notional,
            priced.parts,
            verdict.isFloor
        );
        for (uint256 i = 0; i < legs.length; ++i) {
            emit IOptionPool.LegTraded(msg.sender, legs[i].series, legs[i].amount, priced.legs[i]);
        }
    }

    /// @dev The refusals come in the order of {IOptionPool.Refusal}. Listing, coverage and the book's limits are asked before if `asksLimits`; a trade
    /// hears of them from those who keep them.
    function _judge(
        Places calldata places,
        IOptionPool.Parameters storage parameters,
        IClearinghouse.Leg[] calldata legs,
        bool isPaused,
        bool asksLimits
    ) private view returns (Door.Verdict memory verdict) {
        Price.State memory state;
        bool isOpening;
        (verdict.refusal, isOpening) = _readLegs(places, legs, state, asksLimits);
        if (verdict.refusal != IOptionPool.Refusal.None) return verdict;

        Door.Seen memory seen;
        (seen.opening, seen.reducing, seen.alive) = places.spotOracle.readAnswers(places.market);
        if (seen.alive.reason() != 0) {
            verdict.refusal = IOptionPool.Refusal.SpotNotAlive;
            verdict.spotReason = ISpotOracle.Reason(seen.alive.reason());
            return verdict;
        }
        state.nowAt = block.timestamp;
        state.parameters = parameters;
        state.book = places.book.read(_expiriesOf(state));
        state.baseBalance = state.book.collateral[0] * places.scales.base;
        Door.chooseSpot(state, seen);
        for (uint256 i = 0; i < state.expiries.length; ++i) {
            state.expiries[i].reading = places.volSurface.read(places.market, state.expiries[i].expiryAt);
        }
        Door.enter(verdict, state, seen, isOpening, isPaused);
        if (verdict.refusal != IOptionPool.Refusal.None) return verdict;
        if (!isOpening) {
            Door.exit(verdict, state, seen, places.scales);
            return verdict;
        }
        Door.open(verdict, state, places.scales);
        if (verdict.refusal != IOptionPool.Refusal.None || !asksLimits) return verdict;
        verdict.limit = places.book.check(verdict.priced.move);
        if (verdict.limit == IBook.Limit.None) {
            verdict.limit = Door.coverLimit(verdict, state, places.scales);
        }
        if (verdict.limit != IBook.Limit.None) verdict.refusal = IOptionPool.Refusal.BookLimit;
    }

    /// @dev The legs with the book's positions, and their expiries, each once. The refusals that need no price.
    function _readLegs(
        Places calldata places,
        IClearinghouse.Leg[] calldata legs,
        Price.State memory state,
        bool asksListing
    ) private view returns (IOptionPool.Refusal refusal, bool isOpening) {
        if (legs.length == 0) return (IOptionPool.Refusal.NoLegs, false);
        state.legs = new Price.Leg[](legs.length);
        state.expiries = new Price.Expiry[](legs.length);
        uint256 count = 0;
        bool isInWindow = false;
        for (uint256 i = 0; i < legs.length; ++i) {
            SeriesId series = legs[i].series;
            if (series.market() != places.market || !series.isCanonical()) {
                return (IOptionPool.Refusal.MarketOther, false);
            }
            for (uint256 j = 0; j < i; ++j) {
                if (legs[j].series == series) return (IOptionPool.Refusal.SeriesRepeated, false);
            }
            if (asksListing && !places.clearinghouse.isListed(series)) {
                return (IOptionPool.Refusal.SeriesNotListed, false);
            }
            bool isExit;
            (refusal, isExit, state.legs[i]) = _readLeg(places, series, legs[i].amount);
            if (refusal != IOptionPool.Refusal.None) return (refusal, isOpening);
            if (!isExit) isOpening = true;

            uint32 expiryAt = series.expiryAt();
            if (block.timestamp + SETTLEMENT_WINDOW >= expiryAt) isInWindow = true;
            uint256 place = 0;
            while (place < count && state.expiries[place].expiryAt != expiryAt) ++place;
            if (place == count) {
                state.expiries[count].expiryAt = expiryAt;
                ++count;
            }
            state.legs[i].expiry = place;
        }
        if (isInWindow) return (IOptionPool.Refusal.SettlementWindow, isOpening);
        Price.Expiry[] memory expiries = state.expiries;
        // The array only gets shorter: count <= legs.length.
        assembly ("memory-safe") {
            mstore(expiries, count)
        }
        for (uint256 i = 0; i < count; ++i) {
            expiries[i].clock = Exposure.clockOf(expiries[i].expiryAt, block.timestamp);
        }
    }

    /// @dev Selling back is to sell at most what the book has written: amount < 0 and position <= amount.
    function _readLeg(
        Places calldata places,
        SeriesId series,
        int256 amount
    ) private view returns (IOptionPool.Refusal refusal, bool isExit, Price.Leg memory leg) {
        int256 position = places.clearinghouse.position(address(places.book), series);
        isExit = amount < 0 && position <= amount;
        refusal = Door.amountRefusal(amount, isExit, places.minimum);
        leg = Price.Leg(series, amount, position, 0);
    }

    function _expiriesOf(Price.State memory state) private pure returns (uint32[] memory expiriesAt) {
        expiriesAt = new uint32[](state.expiries.length);
        for (uint256 i = 0; i < expiriesAt.length; ++i) expiriesAt[i] = state.expiries[i].expiryAt;
    }
}

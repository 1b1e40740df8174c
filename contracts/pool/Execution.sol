// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { IVolSurface, SliceReading } from "../interfaces/IVolSurface.sol";
import { SpotAnswers } from "../oracle/SpotAnswers.sol";
import { Exposure } from "../pricing/Exposure.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { PackedCollateral } from "../types/PackedCollateral.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { SETTLEMENT_WINDOW } from "../types/Times.sol";
import { Conditions } from "./Conditions.sol";
import { Cover } from "./Cover.sol";
import { Exit } from "./Exit.sol";
import { Opening } from "./Opening.sol";
import { Legs } from "./Legs.sol";
import { Price } from "./Price.sol";
import { Spread } from "./Spread.sol";
import { Scales, Seen, Verdict } from "./Verdict.sol";

/// A trade from end to end: reads all that its price rests on, prices it, says whether it may pass, and carries it out. {IOptionPool.quote}
/// and {IOptionPool.trade} go the same way up to the last step. With a deployment of its own, so that the pool stays within the size of a
/// contract; it runs as the pool.
///
/// RHYTHM of a trade: read, price, judge, then one move of the book, the premium to the Clearinghouse, one exchange, events.
library Execution {
    using SafeERC20 for IERC20;
    using SpotAnswers for ISpotOracle;

    uint256 private constant WAD = 1e18;

    /// Where to read.
    /// @param minimum Least amount of an opening leg, WAD.
    struct Places {
        IBook book;
        IClearinghouse clearinghouse;
        IVolSurface volSurface;
        ISpotOracle spotOracle;
        address base;
        address quote;
        uint32 market;
        uint256 minimum;
        Scales scales;
    }

    /// What a trader says besides the legs, and whether openings are paused.
    /// @param asksLimits Whether listing, coverage and the book's limits are asked for here. A quote must do so; a trade
    /// is refused by the contracts that keep them.
    struct Order {
        int256 limit;
        address receiver;
        bool isPaused;
        bool asksLimits;
    }

    /// The legs as the book has them, and their expiries, each once.
    struct Asked {
        bool isOpening;
        uint32[] expiriesAt;
        Legs.Leg[] legs;
    }

    /// See {IOptionPool.trade}.
    function trade(
        Places calldata places,
        IOptionPool.Parameters storage parameters,
        IClearinghouse.Leg[] calldata legs,
        Order calldata order
    ) external returns (int256 cost, uint256 baseProceeds) {
        Verdict memory verdict = _judge(places, parameters, legs, order);
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

    /// See {IOptionPool.quote}.
    function quote(
        Places calldata places,
        IOptionPool.Parameters storage parameters,
        IClearinghouse.Leg[] calldata legs,
        Order calldata order
    ) external view returns (IOptionPool.Quote memory quoted) {
        Verdict memory verdict = _judge(places, parameters, legs, order);
        Price.Priced memory priced = verdict.priced;
        quoted.cost = verdict.cost;
        quoted.baseProceeds = verdict.baseProceeds;
        quoted.notional = priced.notional;
        quoted.parts = priced.parts;
        quoted.delta = priced.total.delta;
        quoted.vega = priced.total.vega;
        quoted.theta = priced.total.theta;
        int256 spot = int256(verdict.spotLow);
        if (spot != 0) quoted.gamma = (((priced.total.convexity * 1e18) / spot) * 1e18) / spot;
        quoted.isFloor = verdict.isFloor;
        quoted.refusal = verdict.refusal;
        quoted.spotReason = verdict.spotReason;
        quoted.sliceStatus = verdict.sliceStatus;
        quoted.limit = verdict.limit;
        quoted.legs = priced.legs;
    }

    /// @dev Proceeds in base count at the lowest live spot.
    function _requireWithin(Verdict memory verdict, Scales memory scales, int256 limit) private pure {
        int256 cost = verdict.cost;
        if (verdict.baseProceeds != 0) {
            uint256 worth = (verdict.baseProceeds * scales.base * verdict.spotLow) / WAD / scales.quote;
            cost -= int256(worth);
        }
        if (cost > limit) revert IOptionPool.Pool_CostAboveLimit(cost, limit);
    }

    function _emit(IClearinghouse.Leg[] calldata legs, address receiver, Verdict memory verdict) private {
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

    /// @dev The refusals come in the order of {IOptionPool.Refusal}.
    function _judge(
        Places calldata places,
        IOptionPool.Parameters storage parameters,
        IClearinghouse.Leg[] calldata legs,
        Order calldata order
    ) private view returns (Verdict memory verdict) {
        Asked memory asked;
        verdict.refusal = _readLegs(places, legs, order.asksLimits, asked);
        if (verdict.refusal != IOptionPool.Refusal.None) return verdict;

        Seen memory seen;
        (seen.opening, seen.reducing, seen.alive) = places.spotOracle.ask(places.market);
        if (seen.reducing.reason() != 0 && seen.alive.reason() != 0) {
            verdict.refusal = IOptionPool.Refusal.SpotNotAlive;
            verdict.spotReason = ISpotOracle.Reason(seen.alive.reason());
            return verdict;
        }
        PackedAnswer answer = Conditions.chosen(seen);
        Legs.Expiry[] memory expiries = _readExpiries(places, asked.expiriesAt);
        SliceReading memory report = expiries[0].reading;
        Legs.Account memory account = _readAccount(places);
        Legs.State memory state = Legs.State(
            block.timestamp,
            Spread.rootOf(block.timestamp - report.reportAt),
            Spread.movedUp(report.spot, answer.low(), answer.high()),
            account.baseBalance * places.scales.base,
            Conditions.spotOf(answer, report),
            places.book.read(asked.expiriesAt),
            account,
            parameters,
            expiries,
            asked.legs
        );
        verdict.spotLow = state.spot.low;
        if (!asked.isOpening) {
            Exit.price(verdict, state, seen, places.scales);
            return verdict;
        }
        Opening.admit(verdict, state, seen, order.isPaused);
        if (verdict.refusal != IOptionPool.Refusal.None) return verdict;
        Opening.price(verdict, state, places.scales);
        if (verdict.refusal != IOptionPool.Refusal.None || !order.asksLimits) return verdict;
        verdict.limit = places.book.check(verdict.priced.move);
        if (verdict.limit == IBook.Limit.None) {
            verdict.limit = Cover.limitOf(verdict, state, places.scales);
        }
        if (verdict.limit != IBook.Limit.None) verdict.refusal = IOptionPool.Refusal.BookLimit;
    }

    function _readAccount(Places calldata places) private view returns (Legs.Account memory) {
        (PackedCollateral baseWord, PackedCollateral quoteWord) = places.clearinghouse.packedCollaterals(
            address(places.book),
            places.base
        );
        return Legs.Account(baseWord.balance(), baseWord.locked(), quoteWord.balance(), quoteWord.locked());
    }

    function _readExpiries(
        Places calldata places,
        uint32[] memory expiriesAt
    ) private view returns (Legs.Expiry[] memory expiries) {
        expiries = Legs.roomFor(expiriesAt.length);
        for (uint256 i = 0; i < expiriesAt.length; ++i) {
            uint32 expiryAt = expiriesAt[i];
            expiries[i] = Legs.Expiry(
                expiryAt,
                places.volSurface.read(places.market, expiryAt),
                Exposure.clockOf(expiryAt, block.timestamp)
            );
        }
    }

    /// @dev The legs with the book's positions, and their expiries, each once. The refusals that need no price.
    function _readLegs(
        Places calldata places,
        IClearinghouse.Leg[] calldata legs,
        bool asksListing,
        Asked memory asked
    ) private view returns (IOptionPool.Refusal refusal) {
        if (legs.length == 0) return IOptionPool.Refusal.NoLegs;
        asked.legs = new Legs.Leg[](legs.length);
        uint32[] memory expiriesAt = new uint32[](legs.length);
        uint256 count = 0;
        bool isInWindow = false;
        for (uint256 i = 0; i < legs.length; ++i) {
            SeriesId series = legs[i].series;
            if (series.market() != places.market || !series.isCanonical()) {
                return IOptionPool.Refusal.MarketOther;
            }
            for (uint256 j = 0; j < i; ++j) {
                if (asked.legs[j].series == series) return IOptionPool.Refusal.SeriesRepeated;
            }
            Legs.Leg memory leg = asked.legs[i];
            (leg.series, leg.amount) = (series, legs[i].amount);
            leg.position = places.clearinghouse.position(address(places.book), series);
            // What has a position is listed.
            if (asksListing && leg.position == 0 && !places.clearinghouse.isListed(series)) {
                return IOptionPool.Refusal.SeriesNotListed;
            }
            // Selling back is to sell at most what the book has written.
            bool isExit = leg.amount < 0 && leg.position <= leg.amount;
            refusal = Opening.amountRefusal(leg.amount, isExit, places.minimum);
            if (refusal != IOptionPool.Refusal.None) return refusal;
            if (!isExit) asked.isOpening = true;

            uint32 expiryAt = series.expiryAt();
            if (block.timestamp + SETTLEMENT_WINDOW >= expiryAt) isInWindow = true;
            uint256 place = 0;
            while (place < count && expiriesAt[place] != expiryAt) ++place;
            if (place == count) {
                expiriesAt[count] = expiryAt;
                ++count;
            }
            leg.expiry = place;
        }
        if (isInWindow) return IOptionPool.Refusal.SettlementWindow;
        // The array only gets shorter: count <= legs.length.
        assembly ("memory-safe") {
            mstore(expiriesAt, count)
        }
        asked.expiriesAt = expiriesAt;
    }
}

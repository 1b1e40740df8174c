// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { Limits } from "../book/Limits.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { SliceReading, SliceStatus } from "../interfaces/IVolSurface.sol";
import { Exposure } from "../pricing/Exposure.sol";
import { Numerics } from "../pricing/Numerics.sol";
import { QUOTE_UNIT } from "../types/BookFields.sol";
import { BookFunds } from "../types/BookFunds.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { Slice } from "../types/Slice.sol";
import { CLOSING_BEFORE_EXPIRY } from "../types/Times.sol";
import { Floor } from "./Floor.sol";
import { Legs } from "./Legs.sol";
import { Price } from "./Price.sol";
import { Spread } from "./Spread.sol";

/// Whether a trade may pass, and what it then costs in assets: a function of what was read before and of the time.
/// {IOptionPool.quote} and {IOptionPool.trade} go through the same door.
///
/// RANGES. Proof of the unchecked blocks: they add times below 2^40, no report is from the future, and they multiply vols, roots and
/// parameters as in {Spread}. Collateral is below 2^128, amounts below 2^95, strikes below 2^94, spots and floors below 2^98, and legs are
/// few: what is added stays below 2^240, and nothing is subtracted that is not signed.
library Door {
    uint256 private constant WAD = 1e18;
    uint256 private constant PER_BPS = 1e14;
    /// Largest amount of a series, as the Clearinghouse has it.
    uint256 private constant AMOUNT_LIMIT = 2 ** 95 - 1;
    /// A report no older than this share of the time left may open.
    uint256 private constant AGE_PER_TAU = 10;
    uint256 private constant MOVE_SDS = 3;

    /// The answer to a trade: its price, or why not.
    /// @param cost Quote assets; `baseProceeds` base assets besides.
    /// @param spotLow Lowest live spot: proceeds in base count at it.
    struct Verdict {
        IOptionPool.Refusal refusal;
        ISpotOracle.Reason spotReason;
        SliceStatus sliceStatus;
        IBook.Limit limit;
        int256 cost;
        uint256 baseProceeds;
        uint256 spotLow;
        bool isFloor;
        Price.Priced priced;
    }

    /// What the spot oracle says.
    struct Seen {
        PackedAnswer opening;
        PackedAnswer reducing;
        PackedAnswer alive;
    }

    /// WAD in one unit of each asset.
    struct Scales {
        uint256 base;
        uint256 quote;
    }

    /// @param isExit Whether the leg sells back what the book has written.
    function amountRefusal(
        int256 amount,
        bool isExit,
        uint256 minimum
    ) internal pure returns (IOptionPool.Refusal) {
        uint256 size = SignedMath.abs(amount);
        if (size > AMOUNT_LIMIT) return IOptionPool.Refusal.AmountTooLarge;
        if (size == 0 || (!isExit && size < minimum)) return IOptionPool.Refusal.AmountTooSmall;
        return IOptionPool.Refusal.None;
    }

    /// The answer that a trade is priced by; the caller has seen that one of the three stands. Openings need the first.
    /// An exit takes the first too where it is refused only because sources disagree, for which it pays in {exit}; else
    /// the second, or the third where that is refused as well.
    function chosen(Seen memory seen) internal pure returns (PackedAnswer answer) {
        answer = seen.opening;
        if (answer.reason() == 0 || _isApart(seen)) return answer;
        answer = seen.reducing;
        if (answer.reason() != 0) answer = seen.alive;
    }

    function _isApart(Seen memory seen) private pure returns (bool) {
        return seen.opening.reason() == uint256(ISpotOracle.Reason.SourcesDisagree);
    }

    /// Where spot stands by that answer.
    function spotOf(
        PackedAnswer answer,
        SliceReading memory report
    ) internal view returns (Legs.Spot memory spot) {
        unchecked {
            (spot.low, spot.high) = (answer.low(), answer.high());
            spot.deviation = answer.deviationBps() * PER_BPS;
            // Without a deviation the signed spot speaks: then its age counts.
            spot.age = block.timestamp - (spot.deviation == 0 ? report.reportAt : answer.observedAt());
        }
    }

    /// What keeps an opening out before it has a price.
    function enter(
        Verdict memory verdict,
        Legs.State memory state,
        Seen memory seen,
        bool isPaused
    ) internal pure {
        unchecked {
            if (isPaused) {
                verdict.refusal = IOptionPool.Refusal.Paused;
                return;
            }
            for (uint256 i = 0; i < state.expiries.length; ++i) {
                if (state.nowAt + CLOSING_BEFORE_EXPIRY >= state.expiries[i].expiryAt) {
                    verdict.refusal = IOptionPool.Refusal.ClosingTime;
                    return;
                }
            }
            if (seen.opening.reason() != 0) {
                verdict.refusal = IOptionPool.Refusal.SpotRefused;
                verdict.spotReason = ISpotOracle.Reason(seen.opening.reason());
                return;
            }
            if (_isReportOld(state)) verdict.refusal = IOptionPool.Refusal.ReportOld;
            else if (_hasSpotMoved(state)) verdict.refusal = IOptionPool.Refusal.SpotMoved;
            else _requireOpenSlices(verdict, state);
        }
    }

    /// Prices an opening.
    function open(Verdict memory verdict, Legs.State memory state, Scales memory scales) internal pure {
        if (_isCarryWild(state)) {
            verdict.refusal = IOptionPool.Refusal.PriceOutOfDomain;
            return;
        }
        Price.Priced memory priced = verdict.priced;
        Price.compute(state, priced);
        if (!priced.isInside) {
            verdict.refusal = IOptionPool.Refusal.PriceOutOfDomain;
            return;
        }
        if (priced.isBeyondValue) {
            verdict.refusal = IOptionPool.Refusal.SaleBeyondValue;
            return;
        }
        verdict.cost = _ceil(priced.cost, scales.quote);
        priced.move.isOpening = true;
        // Of what is written the premium is in; of what is bought the premium goes out.
        int256 outflow = int256(priced.move.outflow) - priced.cost;
        priced.move.outflow = outflow > 0 ? uint256(outflow) : 0;
    }

    /// Prices an exit: by the surface where it still holds, and never below the floor.
    function exit(
        Verdict memory verdict,
        Legs.State memory state,
        Seen memory seen,
        Scales memory scales
    ) internal view {
        Floor.Spots memory spots = Floor.spotsOf(seen.alive);
        uint256 floor = _floorOf(state, spots);
        Price.Priced memory priced = verdict.priced;
        // An opening is refused then.
        if (_areExposuresOld(state)) state.book.funds = state.book.funds.withoutReserve();
        if (_hasSlices(state)) Price.compute(state, priced);
        if (_isApart(seen)) {
            verdict.spotLow = seen.reducing.low();
            verdict.priced = priced = _worst(state, seen.reducing, priced);
        }
        bool isPriced =
            priced.isInside &&
                !_isReportOld(state) &&
                !_hasSpotMoved(state) &&
                !_isCarryWild(state) &&
                _areSlicesTrusted(state);
        uint256 proceeds = isPriced ? uint256(-priced.cost) : 0;
        uint256 most = floor + _exitRoom(state);
        if (spots.high == type(uint256).max) {
            // With nothing alive nobody but a signer says what base is worth: no more than there is of free quote.
            most = Math.min(most, _freeQuote(state, scales) * scales.quote);
        }
        if (!isPriced || proceeds < floor || proceeds > most) {
            // Of a price cut to the allowance the reserve pays what is left of its reward, so that it is not there to be paid twice (P9).
            int256 impact = proceeds > most ? _rewardLeft(priced.move.impact, proceeds - most) : int256(0);
            (proceeds, verdict.isFloor) = (proceeds > most ? most : floor, true);
            priced.move.impact = impact;
            impact *= int256(QUOTE_UNIT);
            priced.parts = IOptionPool.Parts(
                -int256(proceeds) - impact,
                impact,
                0,
                0,
                0,
                0,
                spots.low,
                spots.high
            );
        }
        if (!priced.isInside) _moveWithoutPrice(state, priced);
        priced.move.outflow = 0;
        priced.move.exits = int256((proceeds - floor + QUOTE_UNIT - 1) / QUOTE_UNIT);
        _pay(verdict, state, proceeds, spots.high, scales);
    }

    /// @dev What of a reward is left where a price is cut by `cut`, WAD: 1e-6 of quote, not above 0. Impact that would be paid in is not.
    function _rewardLeft(int256 impact, uint256 cut) private pure returns (int256) {
        impact += int256(cut / QUOTE_UNIT);
        return impact < 0 ? impact : int256(0);
    }

    /// @dev The worse of the price by what would open and the one by all that is fresh, with the displacement to each. So an average that is
    /// far from feed and report lowers what an exit is paid and never raises it, nor says what the exit takes off the book.
    /// @param priced By what would open.
    function _worst(
        Legs.State memory state,
        PackedAnswer reducing,
        Price.Priced memory priced
    ) private view returns (Price.Priced memory) {
        if (!priced.isInside) return priced;
        Price.Priced memory byAll;
        SliceReading memory report = state.expiries[0].reading;
        (Legs.Spot memory spot, uint256 moved) = (state.spot, state.moved);
        state.spot = spotOf(reducing, report);
        state.moved = Spread.movedUp(report.spot, reducing.low(), reducing.high());
        Price.compute(state, byAll);
        (state.spot, state.moved) = (spot, moved);
        if (!byAll.isInside) return byAll;
        if (byAll.cost <= priced.cost) return priced;
        priced.move.impact = byAll.move.impact;
        byAll.move = priced.move;
        return byAll;
    }

    /// @dev Whether the cached exposures are of another time or another spot. Rewards by such could be farmed: sell, refresh, buy back (P3).
    function _areExposuresOld(Legs.State memory state) private view returns (bool) {
        IBook.Reading memory book = state.book;
        for (uint256 i = 0; i < book.marks.length; ++i) {
            if (Limits.isOld(book.marks[i], book.terms, state.spot.low)) return true;
        }
        return false;
    }

    /// @dev What exits may still be paid beyond the floor in this epoch: a surface that signers lie about is worth no more to them (S7).
    function _exitRoom(Legs.State memory state) private pure returns (uint256) {
        unchecked {
            BookFunds funds = state.book.funds;
            int256 room =
                int256((state.book.terms.epochExitsLimit() * funds.equityLow()) / WAD) - funds.epochExits();
            return room > 0 ? uint256(room) : 0;
        }
    }

    /// Whether the account can cover what an opening writes and pay what it buys: coverage is the Clearinghouse's last word.
    function coverLimit(
        Verdict memory verdict,
        Legs.State memory state,
        Scales memory scales
    ) internal pure returns (IBook.Limit) {
        unchecked {
            (int256 base, int256 quote) = _lockedBy(state);
            // A lock is rounded up once an expiry and asset: one unit more for each is room enough.
            int256 slack = int256(state.expiries.length);
            int256 freeBase = int256(state.account.baseBalance) - int256(state.account.baseLocked);
            if (freeBase < _ceil(base, scales.base) + slack && base > 0) return IBook.Limit.BaseCapacity;
            int256 freeQuote =
                int256(state.account.quoteBalance) - int256(state.account.quoteLocked) + verdict.cost;
            if (freeQuote < _ceil(quote, scales.quote) + slack && (quote > 0 || verdict.cost < 0)) {
                return IBook.Limit.QuoteCapacity;
            }
            return IBook.Limit.None;
        }
    }

    // ---------------------------------------------------------------------------------------------------------------- reports

    /// @dev S1: older than the parameter, or than a tenth of the shortest time left.
    function _isReportOld(Legs.State memory state) private pure returns (bool) {
        unchecked {
            uint256 age = state.nowAt - state.expiries[0].reading.reportAt;
            uint256 most = state.parameters.reportMaxAge;
            for (uint256 i = 0; i < state.expiries.length; ++i) {
                uint256 share = state.expiries[i].clock.tau / AGE_PER_TAU;
                if (share < most) most = share;
            }
            return age > most;
        }
    }

    /// @dev |S/S_r - 1| > max(spotMaxMove, 3 sigma sqrt(age)).
    function _hasSpotMoved(Legs.State memory state) private pure returns (bool) {
        unchecked {
            uint256 vol = Spread.shortVolAt(state.book.margins.shortVol(), state.nowAt);
            uint256 sds = MOVE_SDS * ((vol * state.rootAge) / WAD);
            uint256 most = state.parameters.spotMaxMoveBps * PER_BPS;
            return state.moved > (sds > most ? sds : most);
        }
    }

    function _requireOpenSlices(Verdict memory verdict, Legs.State memory state) private pure {
        for (uint256 i = 0; i < state.expiries.length; ++i) {
            SliceStatus status = state.expiries[i].reading.status;
            if (status == SliceStatus.Open) continue;
            (verdict.refusal, verdict.sliceStatus) = (IOptionPool.Refusal.SliceClosed, status);
            return;
        }
    }

    /// @dev Signers could set any level in a slice that has not been proven, so an exit does not go by it.
    function _areSlicesTrusted(Legs.State memory state) private pure returns (bool) {
        for (uint256 i = 0; i < state.expiries.length; ++i) {
            SliceReading memory reading = state.expiries[i].reading;
            if (!reading.isLive) return false;
            if (reading.status != SliceStatus.Open && reading.status != SliceStatus.Closing) return false;
        }
        return true;
    }

    function _hasSlices(Legs.State memory state) private pure returns (bool) {
        for (uint256 i = 0; i < state.expiries.length; ++i) {
            if (Slice.unwrap(state.expiries[i].reading.current) == 0) return false;
        }
        return state.expiries[0].reading.spot != 0;
    }

    /// @dev Whether a slice's S/F is outside the coded bounds, on which the floor rests.
    function _isCarryWild(Legs.State memory state) private pure returns (bool) {
        unchecked {
            for (uint256 i = 0; i < state.expiries.length; ++i) {
                Legs.Expiry memory expiry = state.expiries[i];
                Slice slice = expiry.reading.current;
                uint256 tauAtReport = Exposure.tauAtReport(slice, expiry.expiryAt);
                int256 basisX96 = (slice.basis() * int256((expiry.clock.tau << 96) / tauAtReport)) >> 31;
                uint256 discount = Numerics.discount(WAD, basisX96);
                (uint256 low, uint256 high) = Floor.discounts(expiry.expiryAt, state.nowAt);
                if (discount < low || discount > high) return true;
            }
            return false;
        }
    }

    // ------------------------------------------------------------------------------------------------------------------ exits

    function _floorOf(
        Legs.State memory state,
        Floor.Spots memory spots
    ) private pure returns (uint256 floor) {
        unchecked {
            for (uint256 i = 0; i < state.legs.length; ++i) {
                uint256 bid = Floor.bidDown(state.legs[i].series, spots, state.nowAt);
                floor += (uint256(-state.legs[i].amount) * bid) / WAD;
            }
        }
    }

    /// @dev Where no slice can say what a buy-back does to the exposures, only the sums move; the next refresh does the rest.
    function _moveWithoutPrice(Legs.State memory state, Price.Priced memory priced) private pure {
        unchecked {
            priced.legs = new IOptionPool.LegQuote[](state.legs.length);
            priced.move.expiries = new IBook.ExpiryMove[](0);
            (priced.move.baseSum, priced.move.quoteSum, priced.notional) = (0, 0, 0);
            for (uint256 i = 0; i < state.legs.length; ++i) {
                (int256 base, int256 quote) = Legs.usedBy(state.legs[i]);
                priced.move.baseSum += base;
                priced.move.quoteSum += quote;
                priced.notional += (uint256(-state.legs[i].amount) * state.spot.low) / WAD;
            }
        }
    }

    /// @dev In quote while free quote lasts, what the puts bought back free among it; the rest in base out of the cover that the
    /// calls free. A call's bid is below spot and a put's at most its strike, so what is freed always pays for the floor.
    function _pay(
        Verdict memory verdict,
        Legs.State memory state,
        uint256 proceeds,
        uint256 spotHigh,
        Scales memory scales
    ) private pure {
        unchecked {
            uint256 assets = proceeds / scales.quote;
            uint256 payable_ = _freeQuote(state, scales);
            if (assets <= payable_) {
                verdict.cost = -int256(assets);
                return;
            }
            verdict.cost = -int256(payable_);
            uint256 rest = proceeds - payable_ * scales.quote;
            uint256 inBase = ((rest * WAD) / spotHigh) / scales.base;
            (int256 base, ) = _lockedBy(state);
            int256 freeBase = int256(state.account.baseBalance) - int256(state.account.baseLocked);
            freeBase += (-base) / int256(scales.base) - int256(state.expiries.length);
            if (freeBase < 0) freeBase = 0;
            verdict.baseProceeds = inBase < uint256(freeBase) ? inBase : uint256(freeBase);
        }
    }

    /// @dev Quote that is free once the puts bought back are, assets.
    function _freeQuote(Legs.State memory state, Scales memory scales) private pure returns (uint256) {
        unchecked {
            (, int256 quote) = _lockedBy(state);
            int256 free = int256(state.account.quoteBalance) - int256(state.account.quoteLocked);
            free += (-quote) / int256(scales.quote) - int256(state.expiries.length);
            return free > 0 ? uint256(free) : 0;
        }
    }

    /// @dev By how much the trade changes the cover that is locked, WAD: calls in base, puts in quote.
    function _lockedBy(Legs.State memory state) private pure returns (int256 base, int256 quote) {
        unchecked {
            for (uint256 i = 0; i < state.legs.length; ++i) {
                Legs.Leg memory leg = state.legs[i];
                int256 change = _written(leg.position - leg.amount) - _written(leg.position);
                if (leg.series.isPut())
                    quote += (change * int256(uint256(leg.series.strike()))) / int256(WAD);
                else base += change;
            }
        }
    }

    function _written(int256 position) private pure returns (int256) {
        return position < 0 ? -position : int256(0);
    }

    /// @dev Rounded up: a cost up and proceeds towards zero, against the taker; a lock up, against who is asked for it.
    function _ceil(int256 wad, uint256 scale) private pure returns (int256) {
        unchecked {
            return wad <= 0 ? wad / int256(scale) : (wad - 1) / int256(scale) + 1;
        }
    }
}

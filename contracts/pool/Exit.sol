// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { SliceReading } from "../interfaces/IVolSurface.sol";
import { QUOTE_UNIT } from "../types/BookFields.sol";
import { BookFunds } from "../types/BookFunds.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { Conditions } from "./Conditions.sol";
import { Cover } from "./Cover.sol";
import { Floor } from "./Floor.sol";
import { Legs } from "./Legs.sol";
import { Price } from "./Price.sol";
import { Spread } from "./Spread.sol";
import { Scales, Seen, Verdict } from "./Verdict.sol";

/// What a trade that only sells back is paid (promise 5): it is never refused for a price.
///
/// RANGES. Proof of the unchecked blocks: amounts are below 2^95, spots and floors below 2^98, collateral below 2^128, and legs are few: what is
/// added stays below 2^240, and nothing is subtracted that is not signed.
library Exit {
    uint256 private constant WAD = 1e18;

    /// Prices an exit: by the surface where it still holds, and never below the floor.
    function price(
        Verdict memory verdict,
        Legs.State memory state,
        Seen memory seen,
        Scales memory scales
    ) internal view {
        Floor.Spots memory spots = Floor.spotsOf(seen.alive);
        uint256 floor = _floorOf(state, spots);
        Price.Priced memory priced = verdict.priced;
        // An opening is refused then.
        if (Conditions.areExposuresOld(state)) state.book.funds = state.book.funds.withoutReserve();
        if (Conditions.hasSlices(state)) Price.compute(state, priced);
        if (Conditions.isFresh(seen)) {
            verdict.spotLow = seen.reducing.low();
            verdict.priced = priced = _worst(state, seen.reducing, priced);
        }
        bool isPriced =
            priced.isInside &&
                !Conditions.isReportOld(state) &&
                !Conditions.hasSpotMoved(state) &&
                !Conditions.isCarryWild(state) &&
                Conditions.areSlicesTrusted(state);
        uint256 proceeds = isPriced ? uint256(-priced.cost) : 0;
        uint256 most = floor + _exitRoom(state);
        if (spots.high == type(uint256).max) {
            // With nothing alive nobody but a signer says what base is worth: no more than there is of free quote.
            most = Math.min(most, Cover.freeQuote(state, scales) * scales.quote);
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
        _payOut(verdict, state, proceeds, spots.high, scales);
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
        state.spot = Conditions.spotOf(reducing, report);
        state.moved = Spread.movedUp(report.spot, reducing.low(), reducing.high());
        Price.compute(state, byAll);
        (state.spot, state.moved) = (spot, moved);
        if (!byAll.isInside) return byAll;
        if (byAll.cost <= priced.cost) return priced;
        priced.move.impact = byAll.move.impact;
        byAll.move = priced.move;
        return byAll;
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
    function _payOut(
        Verdict memory verdict,
        Legs.State memory state,
        uint256 proceeds,
        uint256 spotHigh,
        Scales memory scales
    ) private pure {
        unchecked {
            uint256 assets = proceeds / scales.quote;
            uint256 payable_ = Cover.freeQuote(state, scales);
            if (assets <= payable_) {
                verdict.cost = -int256(assets);
                return;
            }
            verdict.cost = -int256(payable_);
            uint256 rest = proceeds - payable_ * scales.quote;
            uint256 inBase = ((rest * WAD) / spotHigh) / scales.base;
            (int256 base, ) = Cover.lockedBy(state);
            int256 freeBase = int256(state.account.baseBalance) - int256(state.account.baseLocked);
            freeBase += (-base) / int256(scales.base) - int256(state.expiries.length);
            if (freeBase < 0) freeBase = 0;
            verdict.baseProceeds = inBase < uint256(freeBase) ? inBase : uint256(freeBase);
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { Limits } from "../book/Limits.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IDeltaHedger } from "../interfaces/IDeltaHedger.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { BASE_UNIT, QUOTE_UNIT } from "../types/BookWords.sol";
import { SETTLEMENT_WINDOW } from "../types/Times.sol";
import { AuctionClock } from "./AuctionClock.sol";

/// What can be hedged now, at which price, and why not: of what was read alone, the same for the view and for the fill (H4).
library HedgePlan {
    using AuctionClock for AuctionClock.Auction;
    using Math for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant PER_PPM = 1e12;
    uint256 private constant BPS = 1e4;
    uint256 private constant PPM = 1e6;
    /// Oldest report around whose spot a hedge is priced.
    uint256 private constant REPORT_MAX_AGE = 30;
    /// Oldest refresh inside the settlement window: the delta there falls to what is owed within half an hour.
    uint256 private constant WINDOW_MAX_AGE = 60;

    /// What a plan rests on.
    /// @param freeBase WAD, what is neither locked nor reserved; `freeQuote` likewise.
    /// @param unit Amounts are whole multiples of it, WAD: of the book's and of the token's smallest part the larger.
    struct State {
        int256 delta;
        uint256 band;
        uint256 equity;
        uint256 freeBase;
        uint256 freeQuote;
        uint256 spot;
        uint256 unit;
        uint256 nowAt;
    }

    /// Why nobody can say what the delta of a book is; `None` where it is known.
    /// @param live All live expiries, those of `reading`.
    function doubtOfDelta(
        IBook.Reading memory reading,
        uint32[] memory live,
        uint256 spot
    ) internal view returns (IDeltaHedger.Obstacle) {
        if (reading.margins.band() == 0) return IDeltaHedger.Obstacle.ExposuresOld;
        int256 delta = 0;
        for (uint256 i = 0; i < live.length; ++i) {
            delta += reading.risks[i].expiryDelta();
            uint256 refreshedAt = reading.marks[i].refreshedAt();
            // Nobody can open in an expiry that was never refreshed.
            if (refreshedAt == 0) continue;
            if (Limits.isOld(reading.marks[i], reading.terms, spot))
                return IDeltaHedger.Obstacle.ExposuresOld;
            if (
                block.timestamp + SETTLEMENT_WINDOW > live[i] &&
                block.timestamp - refreshedAt > WINDOW_MAX_AGE
            ) {
                return IDeltaHedger.Obstacle.ExposuresOld;
            }
        }
        // The book's delta is the sum of all expiries'; a settled one is not live any more, and realized it has none.
        if (delta != reading.risk.delta()) return IDeltaHedger.Obstacle.NotRealized;
        return
            reading.risk.tradedIn() == uint32(block.number)
                ? IDeltaHedger.Obstacle.TradedInBlock
                : IDeltaHedger.Obstacle.None;
    }

    /// Why spot is not good enough to hedge by.
    /// @param reason Why the oracle gives no answer to open by, an {ISpotOracle.Reason}.
    function doubtOfSpot(uint256 reportAt, uint256 reason) internal view returns (IDeltaHedger.Obstacle) {
        if (reportAt + REPORT_MAX_AGE < block.timestamp) return IDeltaHedger.Obstacle.SpotOld;
        if (reason == uint256(ISpotOracle.Reason.None)) return IDeltaHedger.Obstacle.None;
        return
            reason == uint256(ISpotOracle.Reason.SourcesDisagree)
                ? IDeltaHedger.Obstacle.SpotsDisagree
                : IDeltaHedger.Obstacle.SpotSilent;
    }

    /// The plan, and `auction` moved to what this look finds.
    function planOf(
        State memory state,
        IDeltaHedger.Parameters memory parameters,
        AuctionClock.Auction memory auction
    ) internal pure returns (IDeltaHedger.Plan memory plan, bool isNew) {
        auction.roll(state.nowAt);
        (plan.delta, plan.band, plan.spot) = (state.delta, state.band, state.spot);
        plan.isPastLossCap =
            auction.loss * int256(QUOTE_UNIT) >
            int256((state.equity * parameters.lossCapPpm) / PPM);
        if (plan.isPastLossCap) plan.band = (plan.band * parameters.wideningBps).ceilDiv(BPS);

        uint256 size = SignedMath.abs(state.delta);
        uint256 excess = size > plan.band ? size - plan.band : 0;
        excess -= excess % state.unit;
        // In the unit of the clock.
        int256 seen = int256(excess / BASE_UNIT);
        isNew = auction.look(state.delta < 0 ? -seen : seen, state.nowAt, parameters.duration);
        plan.openedAt = uint40(auction.openedAt / 1e6);
        if (excess == 0) {
            plan.obstacle = IDeltaHedger.Obstacle.InsideBand;
            return (plan, isNew);
        }
        bool isBuy = state.delta < 0;
        _price(plan, parameters, auction.progress(state.nowAt, parameters.duration), isBuy);
        uint256 least = (plan.band * parameters.minimumFillBps) / BPS;
        plan.minimum = Math.min(excess, least.ceilDiv(state.unit) * state.unit);
        uint256 most = isBuy ? (state.freeQuote * WAD) / plan.price : state.freeBase;
        most = Math.min(most, excess);
        most -= most % state.unit;
        if (most == 0 || most < plan.minimum) {
            plan.obstacle = isBuy ? IDeltaHedger.Obstacle.NoFreeQuote : IDeltaHedger.Obstacle.NoFreeBase;
        } else {
            plan.amount = isBuy ? int256(most) : -int256(most);
        }
    }

    /// @dev Against the filler: down where the vault buys, up where it sells.
    function _price(
        IDeltaHedger.Plan memory plan,
        IDeltaHedger.Parameters memory parameters,
        uint256 c,
        bool isBuy
    ) private pure {
        int256 start = int256(parameters.startPpm * PER_PPM);
        int256 bound = int256(parameters.boundPpm * PER_PPM);
        // What the vault gives up of spot: from -h_0 to h.
        plan.price = _priceAt(plan.spot, (int256(c) * (start + bound)) / int256(WAD) - start, isBuy);
        plan.bound = _priceAt(plan.spot, bound, isBuy);
    }

    function _priceAt(uint256 spot, int256 given, bool isBuy) private pure returns (uint256) {
        uint256 share = uint256(int256(WAD) + (isBuy ? given : -given));
        return isBuy ? (spot * share) / WAD : (spot * share).ceilDiv(WAD);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IDeltaHedger } from "../interfaces/IDeltaHedger.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { BASE_UNIT, QUOTE_UNIT } from "../types/BookFields.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { PackedSurface } from "../types/Surface.sol";
import { SIGNED_SPOT_MAX_AGE } from "../types/Times.sol";
import { AuctionClock } from "./AuctionClock.sol";

/// What can be hedged now, at which price, and why not: of what was read alone, the same for the view and for the fill (H4).
///
/// RANGES   Proof of the unchecked blocks: |delta| and what is free are sums of balances below 2^128 times a scale of at most 2^60 and of fields
///          below 2^104, so below 2^190; band and equity are fields; spot has 96 bits, a parameter 24, c at most 2^60, and the loss 64.
///          A price is at most twice spot, and one of 0 stops at the division.
library HedgePlan {
    using AuctionClock for AuctionClock.Auction;
    using Math for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant PER_PPM = 1e12;
    uint256 private constant BPS = 1e4;
    uint256 private constant PPM = 1e6;

    /// What a plan rests on.
    /// @param spot The report's, WAD.
    /// @param low The lower, `high` the higher of the feed's spot and the report's.
    /// @param unit Amounts are whole multiples of it, WAD: of the book's and of the token's smallest part the larger.
    struct State {
        IBook.Hedgeable book;
        uint256 spot;
        uint256 low;
        uint256 high;
        uint256 unit;
        uint256 nowAt;
    }

    /// The first reason not to hedge: the book's, then the report's age, then spot. A report's spot outside the oracle's
    /// range is one that the oracle does not count, as that of revoked signers: it prices nothing.
    /// @param opening The oracle's answer to open by.
    function doubtOf(
        IBook.Doubt doubt,
        PackedSurface surface,
        PackedAnswer opening
    ) internal view returns (IDeltaHedger.Obstacle) {
        // The obstacles begin with the book's doubts.
        if (doubt != IBook.Doubt.None) return IDeltaHedger.Obstacle(uint8(doubt));
        if (surface.reportAt() + SIGNED_SPOT_MAX_AGE < block.timestamp) return IDeltaHedger.Obstacle.SpotOld;
        uint256 reason = opening.reason();
        if (reason == uint256(ISpotOracle.Reason.None)) {
            bool isCounted = surface.spot() >= opening.low() && surface.spot() <= opening.high();
            return isCounted ? IDeltaHedger.Obstacle.None : IDeltaHedger.Obstacle.SpotsDisagree;
        }
        return
            reason == uint256(ISpotOracle.Reason.SourcesDisagree)
                ? IDeltaHedger.Obstacle.SpotsDisagree
                : IDeltaHedger.Obstacle.SpotSilent;
    }

    /// Fills in the plan, and moves `auction` to what this look finds.
    /// @return isNew Whether an auction begins.
    /// @return provenSpot The spot by which the epoch's loss is counted, and past the loss cap the price: the report's,
    /// but at most the feed's where the vault buys, and at least the feed's where it sells. So while the feed stands, the
    /// vault never buys above a price at which it sold, but for the hard bound, whatever signers say. The average has no
    /// part in it: it may stand apart from the feed, and every turn would cross the room between the two (S7).
    function fillIn(
        IDeltaHedger.Plan memory plan,
        State memory state,
        IDeltaHedger.Parameters memory parameters,
        AuctionClock.Auction memory auction
    ) internal pure returns (bool isNew, uint256 provenSpot) {
        auction.roll(state.nowAt);
        IBook.Hedgeable memory book = state.book;
        bool isBuy = book.delta < 0;
        (plan.delta, plan.band, plan.spot) = (book.delta, book.band, state.spot);
        provenSpot = isBuy ? state.low : state.high;
        // Below 2^250 whatever is multiplied: see RANGES.
        unchecked {
            plan.isPastLossCap =
                auction.loss * int256(QUOTE_UNIT) >
                int256((book.equity * parameters.lossCapPpm) / PPM);
            if (plan.isPastLossCap) plan.band = (plan.band * parameters.wideningBps).ceilDiv(BPS);
            uint256 size = SignedMath.abs(book.delta);
            uint256 excess = size > plan.band ? size - plan.band : 0;
            excess -= excess % state.unit;
            // In the unit of the clock.
            int256 seen = int256(excess / BASE_UNIT);
            isNew = auction.look(isBuy ? -seen : seen, state.nowAt, parameters.duration);
            plan.openedAt = uint40(auction.openedAt / 1e6);
            if (excess == 0) {
                plan.obstacle = IDeltaHedger.Obstacle.InsideBand;
                return (isNew, provenSpot);
            }
            uint256 around = plan.isPastLossCap ? provenSpot : state.spot;
            _price(plan, parameters, around, auction.progress(state.nowAt, parameters.duration), isBuy);
            uint256 least = (plan.band * parameters.minimumFillBps) / BPS;
            plan.minimum = Math.min(excess, least.ceilDiv(state.unit) * state.unit);
            uint256 most = isBuy ? (book.freeQuote * WAD) / plan.price : book.freeBase;
            _amount(plan, Math.min(most, excess), state.unit, isBuy);
        }
    }

    /// @dev Up to `most`, in whole units.
    function _amount(IDeltaHedger.Plan memory plan, uint256 most, uint256 unit, bool isBuy) private pure {
        most -= most % unit;
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
        uint256 spot,
        uint256 c,
        bool isBuy
    ) private pure {
        unchecked {
            int256 start = int256(parameters.startPpm * PER_PPM);
            int256 bound = int256(parameters.boundPpm * PER_PPM);
            // What the vault gives up of spot: from -h_0 to h.
            plan.price = _priceAt(spot, (int256(c) * (start + bound)) / int256(WAD) - start, isBuy);
            plan.bound = _priceAt(spot, bound, isBuy);
        }
    }

    function _priceAt(uint256 spot, int256 given, bool isBuy) private pure returns (uint256) {
        unchecked {
            uint256 share = uint256(int256(WAD) + (isBuy ? given : -given));
            return isBuy ? (spot * share) / WAD : (spot * share).ceilDiv(WAD);
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Limits } from "../book/Limits.sol";
import { IBook } from "../interfaces/IBook.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { SliceReading, SliceStatus } from "../interfaces/IVolSurface.sol";
import { Exposure } from "../pricing/Exposure.sol";
import { Numerics } from "../pricing/Numerics.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { Slice } from "../types/Slice.sol";
import { Floor } from "./Floor.sol";
import { Legs } from "./Legs.sol";
import { Spread } from "./Spread.sol";
import { Seen } from "./Verdict.sol";

/// What holds of the spot, the report, the slices and the exposures that a trade would be priced by. Openings and exits ask for different ones of these.
///
/// RANGES. Proof of the unchecked blocks: they add times below 2^40, no report is from the future, and they multiply vols, roots and
/// parameters as in {Spread}.
library Conditions {
    uint256 private constant WAD = 1e18;
    uint256 private constant PER_BPS = 1e14;
    /// A report no older than this share of the time left may open.
    uint256 private constant AGE_PER_TAU = 10;
    uint256 private constant MOVE_SDS = 3;

    /// The answer that a trade is priced by; the caller has seen that one of the three stands. Openings need the first.
    /// An exit takes the first too where it {isFresh}, for which it pays in {Exit}; else the second, or the third where that is refused as well.
    function chosen(Seen memory seen) internal pure returns (PackedAnswer answer) {
        answer = seen.opening;
        if (answer.reason() == 0 || isFresh(seen)) return answer;
        answer = seen.reducing;
        if (answer.reason() != 0) answer = seen.alive;
    }

    /// Whether what an opening would be priced by is fresh, and it is refused all the same: sources disagree, or the sequencer is back since
    /// a moment ago.
    function isFresh(Seen memory seen) internal pure returns (bool) {
        uint256 reason = seen.opening.reason();
        return
            reason == uint256(ISpotOracle.Reason.SourcesDisagree) ||
            reason == uint256(ISpotOracle.Reason.SequencerGrace);
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

    /// @dev S1: older than the parameter, or than a tenth of the shortest time left.
    function isReportOld(Legs.State memory state) internal pure returns (bool) {
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
    function hasSpotMoved(Legs.State memory state) internal pure returns (bool) {
        unchecked {
            uint256 vol = Spread.shortVolAt(state.book.margins.shortVol(), state.nowAt);
            uint256 sds = MOVE_SDS * ((vol * state.rootAge) / WAD);
            uint256 most = state.parameters.spotMaxMoveBps * PER_BPS;
            return state.moved > (sds > most ? sds : most);
        }
    }

    /// @dev Signers could set any level in a slice that has not been proven, so an exit does not go by it.
    function areSlicesTrusted(Legs.State memory state) internal pure returns (bool) {
        for (uint256 i = 0; i < state.expiries.length; ++i) {
            SliceReading memory reading = state.expiries[i].reading;
            if (!reading.isLive) return false;
            if (reading.status != SliceStatus.Open && reading.status != SliceStatus.Closing) return false;
        }
        return true;
    }

    function hasSlices(Legs.State memory state) internal pure returns (bool) {
        for (uint256 i = 0; i < state.expiries.length; ++i) {
            if (Slice.unwrap(state.expiries[i].reading.current) == 0) return false;
        }
        return state.expiries[0].reading.spot != 0;
    }

    /// @dev Whether a slice's S/F is outside the coded bounds, on which the floor rests.
    function isCarryWild(Legs.State memory state) internal pure returns (bool) {
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

    /// @dev Whether the cached exposures are of another time or another spot. Rewards by such could be farmed: sell, refresh, buy back (P3).
    function areExposuresOld(Legs.State memory state) internal view returns (bool) {
        IBook.Reading memory book = state.book;
        for (uint256 i = 0; i < book.marks.length; ++i) {
            if (Limits.isOld(book.marks[i], book.terms, state.spot.low)) return true;
        }
        return false;
    }
}

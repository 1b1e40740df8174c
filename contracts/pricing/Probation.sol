// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SurfaceTerms } from "../interfaces/IVolSurface.sol";
import { Slice } from "../types/Slice.sol";
import { Surface } from "../types/Surface.sol";
import { Anchor, MotionLimit, RateBound } from "./RateBound.sol";
import { SliceProfile } from "./SliceShape.sol";

/// What judging the motion of a report's slices needs, in memory.
struct Motion {
    /// The state that the report makes; until the end `anchorHour` is the last one's.
    Surface surface;
    SurfaceTerms terms;
    /// For the hours since the anchors' hour, from 1 to {Probation-HOURS_MAX}.
    MotionLimit limit;
    /// Time of the block, from which a quarantine counts: a report may be a minute old.
    uint32 postedAt;
    /// Whether the anchors are of an earlier hour.
    bool isNewHour;
    /// Four anchors a word, as stored.
    uint256[4] anchors;
    /// Bit i: word i of the anchors has changed.
    uint256 moved;
}

/// Which expiries may be opened.
///
/// A proven lane outside the rate bound of its anchor becomes unproven, its anchor empty. The anchor of an
/// unproven lane is the first report after that, from which a quarantine runs; a later one within an hour's
/// bound of it, and not before the quarantine's end, proves the lane, and one outside takes its place and
/// begins another. So a single wild report, or a series that creeps, opens nothing, and nothing opens
/// farther than an hour's bound from a level that has stood for a quarantine. The anchors of proven lanes
/// move on at a new hour only: a bound from report to report would be a ratchet.
library Probation {
    using RateBound for Anchor;
    using RateBound for Slice;

    /// Hours of silence that widen the bound. Around a full hour two bounds are possible anyway; with more, a
    /// silent hour would buy what no report may take. The hour is that of the last report of any lane, so one
    /// that was left out longer is judged by one hour's bound when it returns: it may close, which is safe.
    uint256 private constant HOURS_MAX = 2;

    /// What to judge a report by. `surface` has the report's time already; `postedAt` is now.
    function begin(
        Surface memory surface,
        SurfaceTerms memory terms,
        uint256[4] memory anchors,
        uint32 postedAt
    ) internal pure returns (Motion memory) {
        // Reports only get newer, so the difference is not negative.
        unchecked {
            uint256 hoursPassed = surface.reportAt / 1 hours - surface.anchorHour;
            return
                Motion({
                    surface: surface,
                    terms: terms,
                    limit: _limit(terms, hoursPassed < HOURS_MAX ? 1 : HOURS_MAX),
                    postedAt: postedAt,
                    isNewHour: hoursPassed != 0,
                    anchors: anchors,
                    moved: 0
                });
        }
    }

    /// Judges one slice, `tau` seconds before its clock stops, and marks its lane and anchor in `motion`.
    function judge(
        Motion memory motion,
        uint256 lane,
        Slice slice,
        SliceProfile memory profile,
        uint256 tau
    ) internal pure {
        // lane < 16, so every shift below is a lane's.
        unchecked {
            uint256 shift = (lane & 3) << 6;
            Anchor anchor = Anchor.wrap((motion.anchors[lane >> 2] >> shift) & type(uint64).max);
            Anchor next = slice.measure(profile, tau);

            if ((motion.surface.unproven >> lane) & 1 == 0) {
                if (!next.within(anchor, profile.level, tau, motion.limit)) {
                    motion.surface.unproven |= uint16(1 << lane);
                    motion.surface.unprovenAt = motion.postedAt;
                    next = Anchor.wrap(0);
                } else if (!motion.isNewHour) {
                    return;
                }
            } else if (
                Anchor.unwrap(anchor) != 0 && next.within(anchor, profile.level, tau, _limit(motion.terms, 1))
            ) {
                if (_inQuarantine(motion)) return;
                motion.surface.unproven &= ~uint16(1 << lane);
            } else {
                // Whoever could agree with himself at a time of his choice would need no more than two blocks.
                motion.surface.unprovenAt = motion.postedAt;
            }
            motion.anchors[lane >> 2] ^= (Anchor.unwrap(anchor) ^ Anchor.unwrap(next)) << shift;
            motion.moved |= 1 << (lane >> 2);
        }
    }

    /// One time for all lanes: one that breaks later, is challenged or listed, or has a new anchor while it is
    /// unproven restarts the quarantine of all that are unproven, which is safe and needs no word a lane.
    function _inQuarantine(Motion memory motion) private pure returns (bool) {
        return motion.surface.reportAt < uint256(motion.surface.unprovenAt) + motion.terms.quarantine;
    }

    function _limit(
        SurfaceTerms memory terms,
        uint256 hoursPassed
    ) private pure returns (MotionLimit memory) {
        return RateBound.limitAfter(terms.levelBps, terms.skewBps, terms.basisBps, hoursPassed);
    }
}

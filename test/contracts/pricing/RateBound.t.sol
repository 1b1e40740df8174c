// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SurfaceTerms } from "../../../contracts/interfaces/IVolSurface.sol";
import { Motion, Probation } from "../../../contracts/pricing/Probation.sol";
import { Anchor, MotionLimit, RateBound } from "../../../contracts/pricing/RateBound.sol";
import { SliceProfile, SliceShape } from "../../../contracts/pricing/SliceShape.sol";
import { Slice } from "../../../contracts/types/Slice.sol";
import { Surface } from "../../../contracts/types/Surface.sol";

/// Slices that pass the shape checks, from fuzzed seeds.
abstract contract SomeSlices {
    uint256 internal constant REPORT_AT = 1_893_407_400;

    /// Normal form, exponent 6 to 17, |rho| < 0.9, b up to U / 4, |m| up to U, sigma from U / 2 to 2 U.
    function slice(uint256 seed) internal pure returns (Slice) {
        uint256 w0 = (1 << 30) + (seed & 0x3fffffff);
        uint256 exponent = 7 + ((seed >> 32) % 11);
        int256 rho = int256((seed >> 40) % (1 << 32)) - (1 << 31);
        rho = (rho * 9) / 10;
        uint256 b = (seed >> 80) % (1 << 27);
        uint256 sigma = (1 << 27) + ((seed >> 120) % (1 << 28));
        int256 m = int256((seed >> 160) % (1 << 29)) - (1 << 28);
        uint256 basis = (seed >> 200) % (1 << 26);
        uint256 word = w0 | (REPORT_AT << 32) | (basis << 83) | (exponent << 115);
        word |= (uint256(rho) & 0xffffffff) << 120;
        return Slice.wrap(word | (b << 152) | (sigma << 188) | (uint256(m) << 222));
    }

    function profileOf(Slice some) internal pure returns (SliceProfile memory profile) {
        assert(SliceShape.pass(profile, some, REPORT_AT));
    }

    function tauOf(uint256 seed) internal pure returns (uint256) {
        return 600 + (seed % 400 days);
    }
}

contract RateBoundTest is SomeSlices {
    function testFuzz_ASliceLiesWithinAnyBoundOfItself(uint256 seed, uint256 time, uint16 bps) public pure {
        Slice some = slice(seed);
        SliceProfile memory profile = profileOf(some);
        Anchor anchor = RateBound.measure(some, profile, tauOf(time));
        MotionLimit memory limit = RateBound.limitAfter(bps, bps, bps, 1);
        assert(RateBound.within(anchor, anchor, profile.level, tauOf(time), limit));
    }

    function testFuzz_AMeasureIsNeverTheEmptyAnchorAndFitsItsLane(uint256 seed, uint256 time) public pure {
        Slice some = slice(seed);
        uint256 anchor = Anchor.unwrap(RateBound.measure(some, profileOf(some), tauOf(time)));
        assert(anchor != 0 && anchor >> 64 == 0);
    }

    /// Skew and carry at both ends of their fields and beyond: what is kept has the sign of what was measured.
    function testFuzz_AMeasureKeepsItsSigns(int32 skew, int32 basis, uint256 time) public pure {
        // Of what a slice can have: |skew| within twice its field, so that its ends are met often.
        SliceProfile memory profile = SliceProfile(1 << 60, 0, 0, skew % (1 << 16));
        uint256 tau = 600 + (time % 1 hours);
        Slice some = Slice.wrap((uint256(uint32(basis)) & 0xffffffff) << 83);
        uint256 anchor = Anchor.unwrap(RateBound.measure(some, profile, tau));
        int256 kept = int16(uint16(anchor >> 24));
        assert(kept == profile.skew || (kept == (kept < 0 ? int256(-32_768) : int256(32_767))));
        assert((kept < 0) == (profile.skew < 0));
        int256 carry = int256(anchor << 232) >> 232;
        assert(carry == 0 || (carry < 0) == (some.basis() < 0));
    }

    function test_AMeasureOneBeyondItsFieldIsTheFieldsEnd() public pure {
        for (int256 skew = 32_766; skew <= 32_769; ++skew) {
            SliceProfile memory profile = SliceProfile(1 << 60, 0, 0, skew);
            uint256 anchor = Anchor.unwrap(RateBound.measure(Slice.wrap(0), profile, 1 days));
            assert(int16(uint16(anchor >> 24)) == (skew > 32_767 ? int256(32_767) : skew));
            profile.skew = -skew;
            anchor = Anchor.unwrap(RateBound.measure(Slice.wrap(0), profile, 1 days));
            assert(int16(uint16(anchor >> 24)) == (skew > 32_768 ? -int256(32_768) : -skew));
        }
    }

    function testFuzz_TheBoundIsTheSameInBothDirections(
        uint256 one,
        uint256 other,
        uint256 time,
        uint16 bps
    ) public pure {
        (Slice a, Slice b) = (slice(one), slice(other));
        (SliceProfile memory profileA, SliceProfile memory profileB) = (profileOf(a), profileOf(b));
        Anchor first = RateBound.measure(a, profileA, tauOf(time));
        Anchor second = RateBound.measure(b, profileB, tauOf(time));
        MotionLimit memory limit = RateBound.limitAfter(bps, bps, bps, 1);
        // Judged at the same level and time, for these turn skew and carry into money.
        assert(
            RateBound.within(first, second, profileA.level, tauOf(time), limit) ==
                RateBound.within(second, first, profileA.level, tauOf(time), limit)
        );
    }

    function testFuzz_MoreHoursAllowNoLess(
        uint256 one,
        uint256 other,
        uint16 bps,
        uint8 hoursPassed
    ) public pure {
        (Slice a, Slice b) = (slice(one), slice(other));
        SliceProfile memory profile = profileOf(b);
        Anchor first = RateBound.measure(a, profileOf(a), 1 days);
        Anchor second = RateBound.measure(b, profile, 1 days);
        uint256 n = 1 + uint256(hoursPassed);
        MotionLimit memory shorter = RateBound.limitAfter(bps, bps, bps, n);
        MotionLimit memory longer = RateBound.limitAfter(bps, bps, bps, n + 1);
        if (RateBound.within(second, first, profile.level, 1 days, shorter)) {
            assert(RateBound.within(second, first, profile.level, 1 days, longer));
        }
    }

    function testFuzz_ALevelBeyondTheBoundIsRefused(uint256 seed, uint16 bps, uint16 beyond) public pure {
        bps = bps % 10_001;
        uint256 level = 1000 + (seed % (1 << 20));
        uint256 top = (level * (10_000 + bps)) / 10_000;
        uint256 above = top + 1 + (beyond % 1000);
        MotionLimit memory limit = RateBound.limitAfter(bps, bps, bps, 1);
        assert(RateBound.within(Anchor.wrap(top << 40), Anchor.wrap(level << 40), 1 << 60, 1 days, limit));
        assert(!RateBound.within(Anchor.wrap(above << 40), Anchor.wrap(level << 40), 1 << 60, 1 days, limit));
        assert(!RateBound.within(Anchor.wrap(level << 40), Anchor.wrap(above << 40), 1 << 60, 1 days, limit));
    }
}

contract ProbationTest is SomeSlices {
    /// 1 in each of a word's four anchors.
    uint256 private constant EVERY_LANE = 0x1000000000000000100000000000000010000000000000001;

    /// Of the block that the report comes in.
    uint32 private constant POSTED_AT = uint32(REPORT_AT) + 59;

    function _begin(
        uint16 unproven,
        uint32 unprovenAt,
        uint256 anchors,
        uint24 hoursAgo
    ) private pure returns (Motion memory) {
        Surface memory surface;
        surface.reportAt = uint32(REPORT_AT);
        surface.anchorHour = uint24(REPORT_AT / 1 hours) - hoursAgo;
        surface.unproven = unproven;
        surface.unprovenAt = unprovenAt;
        SurfaceTerms memory terms = SurfaceTerms(1, 1, 600, 5000, 1000, 50);
        return Probation.begin(surface, terms, [anchors, anchors, anchors, anchors], POSTED_AT);
    }

    function _anchor(Motion memory motion, uint256 lane) private pure returns (uint256) {
        return (motion.anchors[lane / 4] >> (64 * (lane % 4))) & type(uint64).max;
    }

    function testFuzz_JudgingALaneTouchesNoOther(
        uint256 seed,
        uint256 anchors,
        uint8 lane,
        uint16 unproven
    ) public pure {
        lane = lane % 16;
        Motion memory motion = _begin(unproven, 0, anchors, 1);
        Slice some = slice(seed);
        Probation.judge(motion, lane, some, profileOf(some), 1 days);
        for (uint256 i = 0; i < 16; ++i) {
            if (i == lane) continue;
            assert(_anchor(motion, i) == (anchors >> (64 * (i % 4))) & type(uint64).max);
            assert((motion.surface.unproven ^ unproven) & (1 << i) == 0);
        }
        assert(motion.moved & ~(uint256(1) << (lane / 4)) == 0);
    }

    function testFuzz_NothingIsProvenWithinTheQuarantine(uint256 seed, uint8 lane, uint32 ago) public pure {
        lane = lane % 16;
        Slice some = slice(seed);
        SliceProfile memory profile = profileOf(some);
        uint256 anchors = Anchor.unwrap(RateBound.measure(some, profile, 1 days)) * EVERY_LANE;
        uint32 since = ago % 1200;
        Motion memory motion = _begin(type(uint16).max, uint32(REPORT_AT - since), anchors, 0);
        Probation.judge(motion, lane, some, profile, 1 days);
        // It agrees with the report before it, so only the time decides.
        assert(((motion.surface.unproven >> lane) & 1 == 0) == (since >= 600));
    }

    function testFuzz_OneReportAloneProvesNothing(uint256 seed, uint8 lane, uint16 later) public pure {
        lane = lane % 16;
        Motion memory motion = _begin(type(uint16).max, 0, 0, 0);
        Slice some = slice(seed);
        Probation.judge(motion, lane, some, profileOf(some), 1 days);
        assert(motion.surface.unproven == type(uint16).max);
        assert(motion.surface.unprovenAt == POSTED_AT);
        // The second that agrees does, a quarantine after the first.
        later = later % 1200;
        motion.surface.reportAt = uint32(POSTED_AT + later);
        Probation.judge(motion, lane, some, profileOf(some), 1 days);
        assert(motion.surface.unproven == (later < 600 ? type(uint16).max : type(uint16).max ^ (1 << lane)));
    }

    function testFuzz_ALevelThatIsNewBeginsTheQuarantineAnew(
        uint256 seed,
        uint256 other,
        uint8 lane
    ) public pure {
        lane = lane % 16;
        Slice some = slice(seed);
        SliceProfile memory profile = profileOf(some);
        Anchor agreed = RateBound.measure(slice(other), profileOf(slice(other)), 1 days);
        Motion memory motion = _begin(
            type(uint16).max,
            uint32(REPORT_AT - 700),
            Anchor.unwrap(agreed) * EVERY_LANE,
            0
        );
        Probation.judge(motion, lane, some, profile, 1 days);
        bool isProven = (motion.surface.unproven >> lane) & 1 == 0;
        assert(motion.surface.unprovenAt == (isProven ? REPORT_AT - 700 : POSTED_AT));
        assert(_anchor(motion, lane) == Anchor.unwrap(RateBound.measure(some, profile, 1 days)));
    }

    function testFuzz_AProvenLaneStaysWithinTheBoundOfItsAnchorOrIsClosed(
        uint256 one,
        uint256 other,
        uint8 lane
    ) public pure {
        lane = lane % 16;
        (Slice a, Slice b) = (slice(one), slice(other));
        uint256 anchor = Anchor.unwrap(RateBound.measure(a, profileOf(a), 1 days));
        Motion memory motion = _begin(0, 0, anchor * EVERY_LANE, 0);
        SliceProfile memory profile = profileOf(b);
        Probation.judge(motion, lane, b, profile, 1 days);
        bool isProven = (motion.surface.unproven >> lane) & 1 == 0;
        Anchor next = RateBound.measure(b, profile, 1 days);
        assert(isProven == RateBound.within(next, Anchor.wrap(anchor), profile.level, 1 days, motion.limit));
        // Within the hour an anchor stands still; a breach empties it.
        assert(_anchor(motion, lane) == (isProven ? anchor : 0));
        assert(isProven || motion.surface.unprovenAt == POSTED_AT);
    }
}

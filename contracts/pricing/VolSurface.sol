// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {
    IVolSurface,
    RateBounds,
    Report,
    SliceReading,
    SliceStatus,
    Terms
} from "../interfaces/IVolSurface.sol";
import { dayOfExpiry, expiryOfDay, Expiries, LANES } from "../types/Expiries.sol";
import { Slice } from "../types/Slice.sol";
import { PackedSurface, Surface } from "../types/Surface.sol";
import { NoArbitrage } from "./NoArbitrage.sol";
import { Anchor, MotionLimit, RateBound } from "./RateBound.sol";
import { SliceProfile, SliceShape } from "./SliceShape.sol";

/// WHAT
///     The volatility surface of every market: one word per expiry, written by reports that a quorum of signers signed and nobody
///     else. Anybody may hand a report in, and whoever names a point of arbitrage retires that slice.
///
/// UNITS
///     Spot in WAD of quote per base; slices as Slice.sol draws them; expiries as day numbers, meaning their 08:00 UTC; times in unix
///     seconds, `reportAt` being the time of the market data, by the signers' word and within 60 s of the chain's.
///
/// ASSUMPTIONS
///     Fewer than a quorum of signers are malicious. Where that fails, docs/SIGNERS.md bounds the loss. Slices that satisfy the shape
///     checks and {NoArbitrage} at every k are free of arbitrage, also as they age (quant.md, S6).
///
/// INVARIANTS
///     S2  A slice changes only by `quorum` distinct signers of the market over chain, contract, market and every field.
///     S3  A report enters at most once, `reportAt` only rises, and there is one report per market and block.
///     S4  Every slice whose time is the surface's satisfies {SliceShape}, its neighbours included.
///     S5  A challenge never retires a clean slice.
///     -   A lane that is not unproven lies within the rate bound of its anchor, which moves by at most one bound an hour.
///
/// ROLES (restricted by the AccessManager; the table is docs/ROLES.md)
///     governor: setSigners, setBounds, after a delay. council: tightenBounds, at once. guardian: revokeSigners, at once.
///     lister: listExpiry; it can only use lanes that are empty or past.
contract VolSurface is IVolSurface, AccessManaged, EIP712 {
    using SliceShape for SliceProfile;
    using RateBound for Slice;
    using RateBound for Anchor;

    struct Market {
        PackedSurface surface;
        Expiries expiries;
        /// Four anchors a word: lane i in word i / 4, at bit 64 (i % 4). Of an unproven lane: the report to agree with, or 0.
        uint256[4] anchors;
        Terms terms;
        /// Two words a lane, written in turn: `2 lane + side`.
        Slice[2 * LANES] slices;
        mapping(uint256 day => bytes32) epochDigests;
    }

    bytes32 private constant REPORT_TYPEHASH = keccak256(
        "Report(uint32 market,uint32 reportAt,uint96 spot,uint256 expiries,uint256[] slices)"
    );

    /// Seconds that a report may be old when it is posted.
    uint256 private constant REPORT_AGE_MAX = 60;
    /// Before an expiry: from here on no slice, and no trade.
    uint256 private constant LAST_REPORT_BEFORE_EXPIRY = 30 minutes;
    /// Before an expiry: from here on no opening.
    uint256 private constant CLOSING_BEFORE_EXPIRY = 60 minutes;
    /// Settlement averages the last 30 minutes: the variance clock stops 20 minutes before the expiry.
    uint256 private constant CLOCK_STOPS_BEFORE_EXPIRY = 20 minutes;
    uint256 private constant LAST_TAU = LAST_REPORT_BEFORE_EXPIRY - CLOCK_STOPS_BEFORE_EXPIRY;
    /// An epoch begins at 09:00 UTC.
    uint256 private constant CUTOFF_OF_DAY = 9 hours;
    /// Longest time to an expiry when it is listed: a year and the days to its quarter's end.
    uint256 private constant TENOR_MAX = 400 days;

    /// Half the order of secp256k1: a valid s is at most this.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    uint256 private constant SIGNATURE_LENGTH = 64;
    uint256 private constant SIGNERS_MAX = 16;

    /// The loosest bounds that governance may set, and the range of the quarantine.
    uint256 private constant LEVEL_BPS_MAX = 10_000;
    uint256 private constant SKEW_BPS_MAX = 5_000;
    uint256 private constant BASIS_BPS_MAX = 500;
    uint256 private constant QUARANTINE_MIN = 1 minutes;
    uint256 private constant QUARANTINE_MAX = 1 hours;

    mapping(uint32 market => Market) private _markets;

    /// @inheritdoc IVolSurface
    mapping(uint32 signerSet => mapping(address signer => bool)) public override isSigner;

    uint32 private _signerSets;

    constructor(address accessManager) AccessManaged(accessManager) EIP712("Meniscus VolSurface", "1") {}

    // ------------------------------------------------------------------------------------------------------------- reports

    /// @inheritdoc IVolSurface
    function post(Report calldata report, bytes calldata signatures) external {
        Market storage market = _markets[report.market];
        Surface memory last = market.surface.unpack();
        if (last.postedBlock == uint32(block.number)) revert VolSurface_BlockTaken(block.number);
        if (report.reportAt <= last.reportAt) revert VolSurface_NotNewer(report.reportAt, last.reportAt);
        _accept(market, last, report, signatures);
    }

    /// @inheritdoc IVolSurface
    function postIfNewer(Report calldata report, bytes calldata signatures) external returns (bool stored) {
        Market storage market = _markets[report.market];
        Surface memory last = market.surface.unpack();
        if (last.postedBlock == uint32(block.number) || report.reportAt <= last.reportAt) return false;
        _accept(market, last, report, signatures);
        return true;
    }

    /// @dev Everything after the question whether it is this report's turn: check, write, emit. `surface_` is the last state, in
    /// memory, and becomes the next.
    function _accept(
        Market storage market,
        Surface memory surface_,
        Report calldata report,
        bytes calldata signatures
    ) private {
        uint32 reportAt = report.reportAt;
        if (reportAt > block.timestamp) revert VolSurface_FromTheFuture(reportAt, block.timestamp);
        if (block.timestamp - reportAt > REPORT_AGE_MAX) revert VolSurface_TooOld(reportAt, block.timestamp);
        if (report.spot == 0) revert VolSurface_SpotZero();

        Terms memory terms_ = market.terms;
        if (terms_.signerSet == 0) revert VolSurface_NoSigners(report.market);
        bytes32 digest_ = digest(report);
        _checkQuorum(terms_, digest_, signatures);

        uint256 epoch = _epochOf(reportAt);
        if (epoch != _epochOf(surface_.reportAt)) {
            market.epochDigests[epoch] = digest_;
            emit EpochReportKept(report.market, uint16(epoch), digest_);
        }

        surface_.spot = report.spot;
        surface_.reportAt = reportAt;
        surface_.postedBlock = uint32(block.number);
        surface_.side ^= 1;
        _placeSlices(market, surface_, terms_, report);
        market.surface = surface_.pack();
        emit ReportPosted(
            report.market,
            reportAt,
            report.spot,
            report.expiries,
            surface_.unproven,
            digest_,
            _words(report.slices)
        );
    }

    /// @dev Checks that at least a quorum of distinct signers of the market's set signed `digest_`, by rising address.
    function _checkQuorum(Terms memory terms_, bytes32 digest_, bytes calldata signatures) private view {
        if (signatures.length % SIGNATURE_LENGTH != 0)
            revert VolSurface_SignaturesTruncated(signatures.length);
        uint256 count = signatures.length / SIGNATURE_LENGTH;
        if (count < terms_.quorum) revert VolSurface_QuorumMissed(count, terms_.quorum);

        mapping(address => bool) storage isMember = isSigner[terms_.signerSet];
        address before;
        for (uint256 i = 0; i < count; ++i) {
            bytes32 r;
            uint256 s;
            assembly ("memory-safe") {
                let at := add(signatures.offset, mul(i, SIGNATURE_LENGTH))
                r := calldataload(at)
                s := calldataload(add(at, 32))
            }
            uint8 v = uint8(27 + (s >> 255));
            s &= type(uint256).max >> 1;
            if (s > HALF_ORDER) revert VolSurface_SignatureHighS(i);
            address signer = ecrecover(digest_, v, r, bytes32(s));
            if (signer <= before) {
                if (signer == address(0)) revert VolSurface_SignatureInvalid(i);
                if (signer == before) revert VolSurface_SignerDuplicate(signer);
                revert VolSurface_SignersUnsorted(before, signer);
            }
            if (!isMember[signer]) revert VolSurface_SignerUnknown(signer);
            before = signer;
        }
    }

    /// @dev Checks every slice and writes it to its lane's word of this side; moves anchors, and marks in `surface_`.
    function _placeSlices(
        Market storage market,
        Surface memory surface_,
        Terms memory terms_,
        Report calldata report
    ) private {
        Slice[] calldata slices = report.slices;
        Expiries days_ = report.expiries;
        // The days after the last slice must be empty; a shift by 256 or more leaves 0, and then the loop meets an empty day.
        if (Expiries.unwrap(days_) >> (16 * slices.length) != 0) {
            revert VolSurface_ExpiriesMalformed(days_, slices.length);
        }
        Expiries listed = market.expiries;
        Motion memory motion = _motion(market, listed, surface_, terms_);
        SliceProfile memory profile;
        uint256 reportAt = surface_.reportAt;
        uint256 dayBefore;
        uint256 reported;

        // Unchecked: lanes, days and times are small, and i stays below 16, for there are not more days that rise.
        unchecked {
            for (uint256 i = 0; i < slices.length; ++i) {
                Slice slice = _at(slices, i);
                uint256 day = Expiries.unwrap(days_) & 0xffff;
                if (day <= dayBefore) {
                    revert VolSurface_ExpiriesMalformed(report.expiries, slices.length);
                }
                (days_, dayBefore) = (Expiries.wrap(Expiries.unwrap(days_) >> 16), day);
                uint256 lane = listed.laneOf(day);
                if (lane == LANES) revert VolSurface_ExpiryUnlisted(day);
                uint256 clockStopsAt = expiryOfDay(day) - CLOCK_STOPS_BEFORE_EXPIRY;
                if (clockStopsAt <= reportAt + LAST_TAU) revert VolSurface_ExpiryOver(day, uint32(reportAt));
                if (!profile.pass(slice, reportAt)) {
                    revert VolSurface_SliceRefused(day, profile.refusal(slice, reportAt));
                }
                _judge(motion, lane, slice, profile, clockStopsAt - reportAt);
                _write(market.slices, 2 * lane + surface_.side, slice);
                reported |= 1 << lane;
            }
        }
        surface_.retired &= ~uint16(reported);
        _keepAnchors(market, motion);
    }

    /// @dev slices[index], index < slices.length, without the check of that.
    function _at(Slice[] calldata slices, uint256 index) private pure returns (Slice slice) {
        assembly ("memory-safe") {
            slice := calldataload(add(slices.offset, shl(5, index)))
        }
    }

    /// @dev words[index] = slice, without the read and the check of bounds by which the compiler would go: index < 2 LANES.
    function _write(Slice[2 * LANES] storage words, uint256 index, Slice slice) private {
        assembly ("memory-safe") {
            sstore(add(words.slot, index), slice)
        }
    }

    // ---------------------------------------------------------------------------------------------------------- rate bound

    /// What judging the motion of a report's slices needs, in memory.
    struct Motion {
        /// The state that the report makes; until the end `anchorHour` is the last one's.
        Surface surface;
        Terms terms;
        /// For the hours since the anchors' hour, at least one.
        MotionLimit limit;
        /// Whether the anchors are of an earlier hour.
        bool isNewHour;
        /// The end of the quarantine, from when on an unproven lane may be proven.
        uint256 provenFrom;
        /// As stored.
        uint256[4] anchors;
        /// Bit i: word i of the anchors has changed.
        uint256 moved;
    }

    /// @dev Loads the anchors of the lanes that are in use, and the limits.
    function _motion(
        Market storage market,
        Expiries listed,
        Surface memory surface_,
        Terms memory terms_
    ) private view returns (Motion memory) {
        uint256[4] memory anchors;
        // Reports only get newer, so the difference is not negative.
        unchecked {
            for (uint256 word = 0; word < 4; ++word) {
                if ((Expiries.unwrap(listed) >> (64 * word)) & type(uint64).max != 0) {
                    anchors[word] = market.anchors[word];
                }
            }
            uint256 hoursPassed = surface_.reportAt / 1 hours - surface_.anchorHour;
            return
                Motion({
                    surface: surface_,
                    terms: terms_,
                    limit: _limit(terms_, hoursPassed == 0 ? 1 : hoursPassed),
                    isNewHour: hoursPassed != 0,
                    provenFrom: uint256(surface_.unprovenAt) + terms_.quarantine,
                    anchors: anchors,
                    moved: 0
                });
        }
    }

    function _limit(Terms memory terms_, uint256 hoursPassed) private pure returns (MotionLimit memory) {
        return RateBound.limitAfter(terms_.levelBps, terms_.skewBps, terms_.basisBps, hoursPassed);
    }

    /// @dev Compares a slice with its lane's anchor.
    ///
    /// A proven lane outside the bound becomes unproven, its anchor empty. The anchor of an unproven lane is the first report
    /// after that; a later one within the bound of it, and not before the quarantine's end, proves the lane, and one outside takes its
    /// place. So a single wild report, or a series that creeps, opens nothing. Anchors of proven lanes move on at a new hour.
    function _judge(
        Motion memory motion,
        uint256 lane,
        Slice slice,
        SliceProfile memory profile,
        uint256 tau
    ) private pure {
        // lane < 16, so every shift below is a lane's.
        unchecked {
            uint256 shift = (lane & 3) << 6;
            Anchor anchor = Anchor.wrap((motion.anchors[lane >> 2] >> shift) & type(uint64).max);
            Anchor next = slice.measure(profile, tau);

            if ((motion.surface.unproven >> lane) & 1 == 0) {
                if (!next.within(anchor, profile.level, tau, motion.limit)) {
                    motion.surface.unproven |= uint16(1 << lane);
                    motion.surface.unprovenAt = motion.surface.reportAt;
                    next = Anchor.wrap(0);
                } else if (!motion.isNewHour) {
                    return;
                }
            } else if (
                Anchor.unwrap(anchor) != 0 && next.within(anchor, profile.level, tau, _limit(motion.terms, 1))
            ) {
                if (motion.surface.reportAt < motion.provenFrom) return;
                motion.surface.unproven &= ~uint16(1 << lane);
            }
            motion.anchors[lane >> 2] ^= (Anchor.unwrap(anchor) ^ Anchor.unwrap(next)) << shift;
            motion.moved |= 1 << (lane >> 2);
        }
    }

    /// @dev Writes the anchors that moved.
    function _keepAnchors(Market storage market, Motion memory motion) private {
        motion.surface.anchorHour = uint24(motion.surface.reportAt / 1 hours);
        if (motion.moved == 0) return;
        for (uint256 word = 0; word < 4; ++word) {
            if ((motion.moved >> word) & 1 == 1) market.anchors[word] = motion.anchors[word];
        }
    }

    // ---------------------------------------------------------------------------------------------------------- challenges

    /// @inheritdoc IVolSurface
    function challenge(uint32 market, uint32 expiryAt, int256 k) external {
        Market storage market_ = _markets[market];
        (SliceStatus status, uint256 lane, Slice slice) = _status(
            market_,
            market_.surface.unpack(),
            expiryAt
        );
        if (Slice.unwrap(slice) == 0) revert VolSurface_NothingToChallenge(expiryAt, status);

        Slice shorter = _shorterNeighbour(market_, expiryAt);
        bool guilty =
            NoArbitrage.isButterfly(slice, k) ||
                (Slice.unwrap(shorter) != 0 && NoArbitrage.isCalendar(shorter, slice, k));
        if (!guilty) revert VolSurface_SliceClean(expiryAt, k);

        _close(market_, lane, uint16(1 << lane));
        emit SliceRetired(market, uint16(dayOfExpiry(expiryAt)), k, msg.sender);
    }

    /// @dev The slice of the next shorter expiry that has a price; zero where there is none.
    function _shorterNeighbour(Market storage market, uint32 expiryAt) private view returns (Slice shorter) {
        Surface memory surface_ = market.surface.unpack();
        Expiries listed = market.expiries;
        uint256 day = dayOfExpiry(expiryAt);
        uint256 lane;
        while (true) {
            (day, lane) = listed.precedes(day);
            if (lane == LANES) return Slice.wrap(0);
            (, , shorter) = _status(market, surface_, uint32(expiryOfDay(day)));
            if (Slice.unwrap(shorter) != 0) return shorter;
        }
    }

    // --------------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IVolSurface
    function read(uint32 market, uint32 expiryAt) external view returns (SliceReading memory reading) {
        Market storage market_ = _markets[market];
        Surface memory surface_ = market_.surface.unpack();
        uint256 lane;
        (reading.status, lane, reading.current) = _status(market_, surface_, expiryAt);
        reading.spot = surface_.spot;
        reading.reportAt = surface_.reportAt;
        if (Slice.unwrap(reading.current) != 0 && surface_.postedBlock == uint32(block.number)) {
            reading.previous = market_.slices[2 * lane + (surface_.side ^ 1)];
        }
    }

    /// @inheritdoc IVolSurface
    function sliceStatus(uint32 market, uint32 expiryAt) external view returns (SliceStatus status) {
        Market storage market_ = _markets[market];
        (status, , ) = _status(market_, market_.surface.unpack(), expiryAt);
    }

    /// @dev The status of an expiry, its lane and its slice; the slice is zero where it must not be priced.
    function _status(
        Market storage market,
        Surface memory surface_,
        uint32 expiryAt
    ) private view returns (SliceStatus, uint256 lane, Slice none) {
        uint256 day = dayOfExpiry(expiryAt);
        lane = market.expiries.laneOf(day);
        if (day == 0 || lane == LANES) return (SliceStatus.Unlisted, lane, none);
        if (expiryAt <= block.timestamp) return (SliceStatus.Expired, lane, none);
        Slice slice = market.slices[2 * lane + surface_.side];
        if (Slice.unwrap(slice) == 0 || slice.reportAt() != surface_.reportAt) {
            return (SliceStatus.Omitted, lane, none);
        }
        if ((surface_.retired >> lane) & 1 == 1) return (SliceStatus.Retired, lane, none);
        if (expiryAt <= block.timestamp + CLOSING_BEFORE_EXPIRY) return (SliceStatus.Closing, lane, slice);
        if ((surface_.unproven >> lane) & 1 == 1) return (SliceStatus.Unproven, lane, slice);
        return (SliceStatus.Open, lane, slice);
    }

    /// @inheritdoc IVolSurface
    function surface(uint32 market) external view returns (Surface memory) {
        return _markets[market].surface.unpack();
    }

    /// @inheritdoc IVolSurface
    function expiries(uint32 market) external view returns (Expiries) {
        return _markets[market].expiries;
    }

    /// @inheritdoc IVolSurface
    function terms(uint32 market) external view returns (Terms memory) {
        return _markets[market].terms;
    }

    /// @inheritdoc IVolSurface
    function epochDigest(uint32 market, uint16 day) external view returns (bytes32) {
        return _markets[market].epochDigests[day];
    }

    /// @inheritdoc IVolSurface
    function digest(Report calldata report) public view returns (bytes32) {
        Slice[] calldata slices = report.slices;
        bytes32 typehash = REPORT_TYPEHASH;
        bytes32 structHash;
        // keccak256(abi.encode(typehash, market, reportAt, spot, expiries, keccak256(abi.encodePacked(slices)))): the four fields lie in
        // the call data as in the encoding, and so do the slices, so both are copied as they are. What does not fit its
        // type never gets here: the compiler refuses it where the field is read.
        assembly ("memory-safe") {
            let free := mload(0x40)
            let length := shl(5, slices.length)
            calldatacopy(free, slices.offset, length)
            let slicesHash := keccak256(free, length)
            mstore(free, typehash)
            calldatacopy(add(free, 0x20), report, 0x80)
            mstore(add(free, 0xa0), slicesHash)
            structHash := keccak256(free, 0xc0)
        }
        return _hashTypedDataV4(structHash);
    }

    /// @dev The same slices as plain words: these the compiler copies as one piece.
    function _words(Slice[] calldata slices) private pure returns (uint256[] calldata words) {
        assembly {
            words.offset := slices.offset
            words.length := slices.length
        }
    }

    /// @dev The day whose 09:00 UTC is the last at or before `time`. Unsigned: an epoch before 1970 is that of no report.
    function _epochOf(uint256 time) private pure returns (uint256) {
        return time < CUTOFF_OF_DAY ? 0 : (time - CUTOFF_OF_DAY) / 1 days;
    }

    // ------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc IVolSurface
    function listExpiry(uint32 market, uint32 expiryAt) external restricted {
        Market storage market_ = _markets[market];
        Expiries listed = market_.expiries;
        uint256 day = dayOfExpiry(expiryAt);
        if (day == 0 || expiryAt <= block.timestamp || expiryAt > block.timestamp + TENOR_MAX) {
            revert VolSurface_ExpiryInvalid(expiryAt);
        }
        if (listed.laneOf(day) != LANES) revert VolSurface_ExpiryListedAlready(expiryAt);

        uint256 lane = 0;
        while (lane < LANES && expiryOfDay(listed.day(lane)) > block.timestamp) ++lane;
        if (lane == LANES) revert VolSurface_LanesFull(market);

        // What the lane held is another expiry's: without this its last slice could pass for the new one's.
        market_.slices[2 * lane] = Slice.wrap(0);
        market_.slices[2 * lane + 1] = Slice.wrap(0);
        _close(market_, lane, 0);
        market_.expiries = listed.set(lane, day);
        emit ExpiryListed(market, uint16(day), uint8(lane));
    }

    /// @dev Closes a lane for opening until two reports from now on agree, and takes the price from the lanes of `retire`.
    function _close(Market storage market, uint256 lane, uint16 retire) private {
        Surface memory surface_ = market.surface.unpack();
        surface_.unproven |= uint16(1 << lane);
        surface_.unprovenAt = uint32(block.timestamp);
        surface_.retired |= retire;
        market.surface = surface_.pack();
        market.anchors[lane / 4] &= ~(uint256(type(uint64).max) << (64 * (lane % 4)));
    }

    /// @dev Takes the price from every lane until the next report.
    function _retireAll(Market storage market) private {
        Surface memory surface_ = market.surface.unpack();
        surface_.retired = type(uint16).max;
        market.surface = surface_.pack();
    }

    /// @inheritdoc IVolSurface
    function setSigners(uint32 market, address[] calldata signers, uint8 quorum) external restricted {
        if (quorum == 0 || quorum > signers.length || signers.length > SIGNERS_MAX) {
            revert VolSurface_QuorumInvalid(quorum, signers.length);
        }
        uint32 signerSet = ++_signerSets;
        address before;
        for (uint256 i = 0; i < signers.length; ++i) {
            // Rising order: distinct, and none is the zero address.
            if (signers[i] <= before) revert VolSurface_SignersUnsorted(before, signers[i]);
            isSigner[signerSet][signers[i]] = true;
            before = signers[i];
        }
        Market storage market_ = _markets[market];
        market_.terms.signerSet = signerSet;
        market_.terms.quorum = quorum;
        _retireAll(market_);
        emit SignersSet(market, signerSet, quorum, signers);
    }

    /// @inheritdoc IVolSurface
    function revokeSigners(uint32 market) external restricted {
        Market storage market_ = _markets[market];
        emit SignersRevoked(market, market_.terms.signerSet);
        market_.terms.signerSet = 0;
        _retireAll(market_);
    }

    /// @inheritdoc IVolSurface
    function setBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) external restricted {
        _setBounds(market, bounds, quarantine);
    }

    /// @inheritdoc IVolSurface
    function tightenBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) external restricted {
        Terms memory now_ = _markets[market].terms;
        if (
            bounds.levelBps > now_.levelBps ||
            bounds.skewBps > now_.skewBps ||
            bounds.basisBps > now_.basisBps ||
            quarantine < now_.quarantine
        ) revert VolSurface_BoundsNotTighter(bounds, quarantine);
        _setBounds(market, bounds, quarantine);
    }

    function _setBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) private {
        if (
            bounds.levelBps > LEVEL_BPS_MAX ||
            bounds.skewBps > SKEW_BPS_MAX ||
            bounds.basisBps > BASIS_BPS_MAX ||
            quarantine < QUARANTINE_MIN ||
            quarantine > QUARANTINE_MAX
        ) revert VolSurface_BoundsOutOfRange(bounds, quarantine);
        Terms storage terms_ = _markets[market].terms;
        terms_.levelBps = bounds.levelBps;
        terms_.skewBps = bounds.skewBps;
        terms_.basisBps = bounds.basisBps;
        terms_.quarantine = quarantine;
        emit BoundsSet(market, bounds, quarantine);
    }
}

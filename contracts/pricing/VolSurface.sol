// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {
    IVolSurface,
    RateBounds,
    SliceReading,
    SliceStatus,
    SurfaceTerms
} from "../interfaces/IVolSurface.sol";
import { dayOfExpiry, expiryOfDay, Expiries, LANES } from "../types/Expiries.sol";
import { Report, ReportData } from "../types/Report.sol";
import { Slice } from "../types/Slice.sol";
import { SliceRefusal } from "../types/SliceRefusal.sol";
import { PackedSurface, Surface } from "../types/Surface.sol";
import {
    CLOCK_STOPS_BEFORE_EXPIRY,
    CLOSING_BEFORE_EXPIRY,
    cutOffOf,
    EPOCH_REPORT_TIMELY,
    epochDayOf,
    REPORT_MAX_AGE,
    SETTLEMENT_WINDOW
} from "../types/Times.sol";
import { CompactSignatures } from "./CompactSignatures.sol";
import { NoArbitrage } from "./NoArbitrage.sol";
import { Motion, Probation } from "./Probation.sol";
import { SliceProfile, SliceShape } from "./SliceShape.sol";

/// WHAT
///     The volatility surface of every market: one word per expiry, written by reports that a quorum of
///     signers signed and by nobody else. Anybody may hand a report in, and whoever names a point of
///     arbitrage retires that slice.
///
/// UNITS
///     Spot in WAD of quote per base; slices as Slice.sol draws them; expiries as day numbers, meaning their
///     08:00 UTC; times in unix seconds, `reportAt` being the time of the market data by the signers' word.
///
/// ASSUMPTIONS
///     Fewer than a quorum of signers are malicious. Where that fails, docs/SIGNERS.md bounds the loss.
///     Slices that pass the shape checks and {NoArbitrage} at every k are free of arbitrage, also as they age
///     (S6). Of each of the first minutes after a cut-off signers sign one report: a poster could choose among
///     several which one an epoch keeps.
///
/// INVARIANTS
///     S2  A slice changes only by `quorum` distinct signers of the market over chain, contract, market and
///     every field.
///     S3  A report enters at most once, `reportAt` only rises, and there is one report per market and block.
///     S4  Every slice whose time is the surface's satisfies {SliceShape}, its neighbours included.
///     S5  A challenge never retires a clean slice.
///     -   A lane that is not unproven lies within the rate bound of its anchor, which moves once an hour; after
///     silence within two bounds.
///     -   The digest of an epoch changes only where the signers are replaced within it.
///
/// ROLES (by the AccessManager; docs/ROLES.md is the table)
///     governor: setSigners, setBounds, after a delay. council: tightenBounds, at once. guardian:
///     revokeSigners, at once.
///     lister: listExpiry; it can only use lanes that are empty or past.
contract VolSurface is IVolSurface, AccessManaged, EIP712 {
    using CompactSignatures for bytes;
    using Probation for Motion;
    using ReportData for Report;
    using ReportData for Slice[];
    using SliceShape for SliceProfile;

    struct Market {
        PackedSurface surface;
        Expiries expiries;
        /// Four anchors a word: lane i in word i / 4, at bit 64 (i % 4). Of an unproven lane the report to
        /// agree with, or 0.
        uint256[4] anchors;
        SurfaceTerms terms;
        /// Two words a lane, written in turn: `2 lane + side`.
        Slice[2 * LANES] slices;
        mapping(uint256 day => bytes32) epochDigests;
        mapping(uint256 day => Expiries) epochDoubts;
        mapping(uint256 day => bool) isEpochLate;
    }

    /// What is left on the variance clock when the settlement window opens; with less there is no slice.
    uint256 private constant LAST_TAU = SETTLEMENT_WINDOW - CLOCK_STOPS_BEFORE_EXPIRY;
    /// Longest time to an expiry when it is listed: a year and the days to its quarter's end.
    uint256 private constant TENOR_MAX = 400 days;
    uint256 private constant SIGNERS_MAX = 16;

    /// The range of the bounds and of the quarantine. With narrower bounds than these honest moves would keep lanes unproven, and so
    /// epochs without a mark, for as long as the council likes.
    uint256 private constant LEVEL_BPS_MIN = 3_000;
    uint256 private constant LEVEL_BPS_MAX = 10_000;
    uint256 private constant SKEW_BPS_MIN = 700;
    uint256 private constant SKEW_BPS_MAX = 5_000;
    uint256 private constant BASIS_BPS_MIN = 30;
    uint256 private constant BASIS_BPS_MAX = 500;
    uint256 private constant QUARANTINE_MIN = 10 minutes;
    uint256 private constant QUARANTINE_MAX = 6 hours;

    error VolSurface_BlockTaken(uint256 blockNumber);
    error VolSurface_NotNewer(uint32 reportAt, uint32 storedAt);
    error VolSurface_FromTheFuture(uint32 reportAt, uint256 nowAt);
    error VolSurface_TooOld(uint32 reportAt, uint256 nowAt);
    error VolSurface_SpotZero();
    /// The days are not strictly rising from lane 0, or not as many as the slices.
    error VolSurface_ExpiriesMalformed(Expiries expiries, uint256 slices);
    error VolSurface_ExpiryUnlisted(uint256 day);
    /// Within 30 minutes of the expiry there is no trade, so no slice.
    error VolSurface_ExpiryOver(uint256 day, uint256 reportAt);
    error VolSurface_SliceRefused(uint256 day, SliceRefusal reason);

    error VolSurface_NoSigners(uint32 market);
    error VolSurface_QuorumMissed(uint256 signatures, uint256 quorum);
    error VolSurface_SignerDuplicate(address signer);
    error VolSurface_SignersUnsorted(address before, address signer);
    error VolSurface_SignerUnknown(address signer);

    /// The slice has no arbitrage at this log-moneyness beyond the numeric margin.
    error VolSurface_SliceClean(uint32 expiryAt, int256 k);
    /// There is no live slice to challenge, by this status.
    error VolSurface_NothingToChallenge(uint32 expiryAt, SliceStatus status);

    error VolSurface_ExpiryInvalid(uint32 expiryAt);
    error VolSurface_ExpiryListedAlready(uint32 expiryAt);
    error VolSurface_LanesFull(uint32 market);
    error VolSurface_QuorumInvalid(uint8 quorum, uint256 signers);
    error VolSurface_BoundsOutOfRange(RateBounds bounds, uint16 quarantine);
    error VolSurface_BoundsNotTighter(RateBounds bounds, uint16 quarantine);

    mapping(uint32 market => Market) private _markets;

    /// @inheritdoc IVolSurface
    mapping(uint32 signerSet => mapping(address signer => bool)) public override isSigner;

    uint32 private _signerSets;

    constructor(address accessManager) AccessManaged(accessManager) EIP712("Meniscus VolSurface", "1") {}

    // --------------------------------------------------------------------------------------------- reports

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

    /// @dev Everything after the question whether it is this report's turn: check, write, emit. `surface_` is
    /// the last state, in memory, and becomes the next.
    function _accept(
        Market storage market,
        Surface memory surface_,
        Report calldata report,
        bytes calldata signatures
    ) private {
        uint32 reportAt = report.reportAt;
        if (reportAt > block.timestamp) revert VolSurface_FromTheFuture(reportAt, block.timestamp);
        if (block.timestamp - reportAt > REPORT_MAX_AGE) revert VolSurface_TooOld(reportAt, block.timestamp);
        if (report.spot == 0) revert VolSurface_SpotZero();

        SurfaceTerms memory terms_ = market.terms;
        if (terms_.signerSet == 0) revert VolSurface_NoSigners(report.market);
        bytes32 digest_ = digest(report);
        _checkQuorum(terms_, digest_, signatures);

        uint256 epoch = epochDayOf(reportAt);
        bool isFirst = epoch != epochDayOf(surface_.reportAt);
        // The first report of new signers: they may have to replace what the last set's was.
        if (surface_.anchorHour == 0 && !isFirst) isFirst = market.epochDigests[epoch] == 0;
        if (isFirst) {
            market.epochDigests[epoch] = digest_;
            // Never taken back: whatever a new set puts in its place comes later still.
            if (reportAt >= cutOffOf(epoch) + EPOCH_REPORT_TIMELY) market.isEpochLate[epoch] = true;
            emit EpochReportKept(report.market, uint16(epoch), digest_);
        }

        surface_.spot = report.spot;
        surface_.reportAt = reportAt;
        surface_.postedBlock = uint32(block.number);
        surface_.side ^= 1;
        uint256 reported = _placeSlices(market, surface_, terms_, report);
        market.surface = surface_.pack();
        if (isFirst) {
            reported = _withoutButterflies(market.slices, surface_.side, reported & ~surface_.unproven);
            market.epochDoubts[epoch] = _doubtsOf(market.expiries, reported, reportAt);
        }
        emit ReportPosted(
            report.market,
            reportAt,
            report.spot,
            report.expiries,
            surface_.unproven,
            digest_,
            report.slices.words()
        );
    }

    /// @dev Checks that at least a quorum of distinct signers of the market's set signed `digest_`, by rising
    /// address.
    function _checkQuorum(
        SurfaceTerms memory terms_,
        bytes32 digest_,
        bytes calldata signatures
    ) private view {
        uint256 count = signatures.count();
        if (count < terms_.quorum) revert VolSurface_QuorumMissed(count, terms_.quorum);
        mapping(address => bool) storage isMember = isSigner[terms_.signerSet];
        address before;
        for (uint256 i = 0; i < count; ++i) {
            address signer = signatures.signerAt(i, digest_);
            if (signer <= before) {
                if (signer == before) revert VolSurface_SignerDuplicate(signer);
                revert VolSurface_SignersUnsorted(before, signer);
            }
            if (!isMember[signer]) revert VolSurface_SignerUnknown(signer);
            before = signer;
        }
    }

    /// @dev Checks every slice and writes it to its lane's word of this side; moves anchors, and marks in
    /// `surface_`.
    /// @return reported The lanes in the report, bit i for lane i.
    function _placeSlices(
        Market storage market,
        Surface memory surface_,
        SurfaceTerms memory terms_,
        Report calldata report
    ) private returns (uint256 reported) {
        Slice[] calldata slices = report.slices;
        uint256 days_ = Expiries.unwrap(report.expiries);
        // The days after the last slice must be empty; a shift by 256 or more leaves 0, and then the loop
        // meets an empty day.
        if (days_ >> (16 * slices.length) != 0) {
            revert VolSurface_ExpiriesMalformed(report.expiries, slices.length);
        }
        Expiries listed = market.expiries;
        Motion memory motion = Probation.begin(
            surface_,
            terms_,
            _loadAnchors(market, listed),
            uint32(block.timestamp)
        );
        SliceProfile memory profile;
        uint256 reportAt = surface_.reportAt;
        uint256 dayBefore;

        // Unchecked: lanes, days and times are small, and i stays below 16, for there are not more days that
        // rise.
        unchecked {
            for (uint256 i = 0; i < slices.length; ++i) {
                Slice slice = slices.wordAt(i);
                uint256 day = days_ & 0xffff;
                if (day <= dayBefore) {
                    revert VolSurface_ExpiriesMalformed(report.expiries, slices.length);
                }
                (days_, dayBefore) = (days_ >> 16, day);
                uint256 lane = listed.laneOf(day);
                if (lane == LANES) revert VolSurface_ExpiryUnlisted(day);
                uint256 clockStopsAt = expiryOfDay(day) - CLOCK_STOPS_BEFORE_EXPIRY;
                if (clockStopsAt <= reportAt + LAST_TAU) revert VolSurface_ExpiryOver(day, reportAt);
                if (!profile.pass(slice, reportAt)) {
                    revert VolSurface_SliceRefused(day, profile.refusal(slice, reportAt));
                }
                motion.judge(lane, slice, profile, clockStopsAt - reportAt);
                _write(market.slices, 2 * lane + surface_.side, slice);
                reported |= 1 << lane;
            }
        }
        surface_.retired &= ~uint16(reported);
        surface_.anchorHour = uint24(reportAt / 1 hours);
        if (motion.moved != 0) _storeAnchors(market, motion);
    }

    /// @dev Of the lanes `reported`, those in whose slice {NoArbitrage} finds no butterfly. A challenge comes too late for a mark, which
    /// may stand in the transaction of its report.
    function _withoutButterflies(
        Slice[2 * LANES] storage slices,
        uint256 side,
        uint256 reported
    ) private view returns (uint256 lanes) {
        lanes = reported;
        for (uint256 lane = 0; lane < LANES; ++lane) {
            uint256 bit = 1 << lane;
            if (reported & bit != 0 && NoArbitrage.hasButterfly(slices[2 * lane + side])) lanes ^= bit;
        }
    }

    /// @dev The listed expiries that can have a slice at `reportAt` and have none that is proven, each in its lane.
    function _doubtsOf(Expiries listed, uint256 proven, uint256 reportAt) private pure returns (Expiries) {
        uint256 doubts = 0;
        for (uint256 lane = 0; lane < LANES; ++lane) {
            uint256 day = listed.day(lane);
            if (day == 0 || (proven >> lane) & 1 == 1) continue;
            if (expiryOfDay(day) <= reportAt + SETTLEMENT_WINDOW) continue;
            doubts |= day << (16 * lane);
        }
        return Expiries.wrap(doubts);
    }

    /// @dev words[index] = slice for an index < 2 LANES, without the check of that and the read that the
    /// compiler would add.
    function _write(Slice[2 * LANES] storage words, uint256 index, Slice slice) private {
        assembly ("memory-safe") {
            sstore(add(words.slot, index), slice)
        }
    }

    /// @dev The anchors of the lanes that are in use.
    function _loadAnchors(
        Market storage market,
        Expiries listed
    ) private view returns (uint256[4] memory anchors) {
        for (uint256 word = 0; word < 4; ++word) {
            if ((Expiries.unwrap(listed) >> (64 * word)) & type(uint64).max != 0) {
                anchors[word] = market.anchors[word];
            }
        }
    }

    function _storeAnchors(Market storage market, Motion memory motion) private {
        for (uint256 word = 0; word < 4; ++word) {
            if ((motion.moved >> word) & 1 == 1) market.anchors[word] = motion.anchors[word];
        }
    }

    // ------------------------------------------------------------------------------------------ challenges

    /// @inheritdoc IVolSurface
    function challenge(uint32 market, uint32 expiryAt, int256 k) external {
        Market storage market_ = _markets[market];
        Surface memory surface_ = market_.surface.unpack();
        (SliceStatus status, uint256 lane, Slice slice) = _status(market_, market_.surface, expiryAt);
        if (Slice.unwrap(slice) == 0) revert VolSurface_NothingToChallenge(expiryAt, status);

        Slice shorter = _shorterNeighbour(market_, market_.surface, expiryAt);
        bool guilty =
            NoArbitrage.isButterfly(slice, k) ||
                (Slice.unwrap(shorter) != 0 && NoArbitrage.isCalendar(shorter, slice, k));
        if (!guilty) revert VolSurface_SliceClean(expiryAt, k);

        surface_.retired |= uint16(1 << lane);
        _distrust(market_, surface_, uint16(1 << lane));
        emit SliceRetired(market, uint16(dayOfExpiry(expiryAt)), k, msg.sender);
    }

    /// @dev The live slice of the next shorter expiry that has one; zero where there is none.
    function _shorterNeighbour(
        Market storage market,
        PackedSurface surface_,
        uint32 expiryAt
    ) private view returns (Slice shorter) {
        Expiries listed = market.expiries;
        (uint256 day, uint256 lane) = listed.precedes(dayOfExpiry(expiryAt));
        while (lane != LANES && Slice.unwrap(shorter) == 0) {
            (, , shorter) = _status(market, surface_, uint32(expiryOfDay(day)));
            (day, lane) = listed.precedes(day);
        }
    }

    /// @dev Closes lanes for opening until two reports from now on agree, whatever was before.
    function _distrust(Market storage market, Surface memory surface_, uint16 lanes) private {
        surface_.unproven |= lanes;
        surface_.unprovenAt = uint32(block.timestamp);
        market.surface = surface_.pack();
        for (uint256 lane = 0; lane < LANES; ++lane) {
            if ((lanes >> lane) & 1 == 0) continue;
            market.anchors[lane / 4] &= ~(uint256(type(uint64).max) << (64 * (lane % 4)));
        }
    }

    // ----------------------------------------------------------------------------------------------- views

    /// @inheritdoc IVolSurface
    function read(uint32 market, uint32 expiryAt) external view returns (SliceReading memory reading) {
        Market storage market_ = _markets[market];
        PackedSurface surface_ = market_.surface;
        uint256 lane;
        (reading.status, lane, reading.current) = _status(market_, surface_, expiryAt);
        reading.spot = uint96(surface_.spot());
        reading.reportAt = uint32(surface_.reportAt());
        if (reading.status == SliceStatus.Unlisted) return reading;

        reading.isLive = Slice.unwrap(reading.current) != 0;
        if (!reading.isLive) {
            Slice one = market_.slices[2 * lane];
            Slice other = market_.slices[2 * lane + 1];
            reading.current = one.reportAt() > other.reportAt() ? one : other;
        } else if (surface_.postedBlock() == uint32(block.number)) {
            reading.previous = market_.slices[2 * lane + (surface_.side() ^ 1)];
        }
    }

    /// @inheritdoc IVolSurface
    function sliceStatus(uint32 market, uint32 expiryAt) external view returns (SliceStatus status) {
        Market storage market_ = _markets[market];
        (status, , ) = _status(market_, market_.surface, expiryAt);
    }

    /// @dev The status of an expiry, its lane, and its slice if that is live: of the last report and not
    /// retired.
    function _status(
        Market storage market,
        PackedSurface surface_,
        uint32 expiryAt
    ) private view returns (SliceStatus status, uint256 lane, Slice live) {
        uint256 day = dayOfExpiry(expiryAt);
        lane = market.expiries.laneOf(day);
        if (day == 0 || lane == LANES) return (SliceStatus.Unlisted, lane, live);
        if (expiryAt <= block.timestamp) return (SliceStatus.Expired, lane, live);

        Slice slice = market.slices[2 * lane + surface_.side()];
        bool isReported = Slice.unwrap(slice) != 0 && slice.reportAt() == surface_.reportAt();
        bool isRetired = (surface_.retired() >> lane) & 1 == 1;
        if (isReported && !isRetired) live = slice;

        if (!isReported) status = SliceStatus.Omitted;
        else if (isRetired) status = SliceStatus.Retired;
        else if ((surface_.unproven() >> lane) & 1 == 1) status = SliceStatus.Unproven;
        else if (expiryAt <= block.timestamp + CLOSING_BEFORE_EXPIRY) status = SliceStatus.Closing;
    }

    /// @inheritdoc IVolSurface
    function surface(uint32 market) external view returns (Surface memory) {
        return _markets[market].surface.unpack();
    }

    /// @inheritdoc IVolSurface
    function storedSurface(uint32 market) external view returns (PackedSurface) {
        return _markets[market].surface;
    }

    /// @inheritdoc IVolSurface
    function expiries(uint32 market) external view returns (Expiries) {
        return _markets[market].expiries;
    }

    /// @inheritdoc IVolSurface
    function terms(uint32 market) external view returns (SurfaceTerms memory) {
        return _markets[market].terms;
    }

    /// @inheritdoc IVolSurface
    function epochDigest(uint32 market, uint16 day) external view returns (bytes32) {
        return _markets[market].epochDigests[day];
    }

    /// @inheritdoc IVolSurface
    function isEpochReportLate(uint32 market, uint16 day) external view returns (bool) {
        return _markets[market].isEpochLate[day];
    }

    /// @inheritdoc IVolSurface
    function epochDoubts(uint32 market, uint16 day) external view returns (Expiries) {
        return _markets[market].epochDoubts[day];
    }

    /// @inheritdoc IVolSurface
    function digest(Report calldata report) public view returns (bytes32) {
        return _hashTypedDataV4(report.structHash());
    }

    // --------------------------------------------------------------------------------------------- control

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
        _distrust(market_, market_.surface.unpack(), uint16(1 << lane));
        market_.expiries = listed.set(lane, day);
        emit ExpiryListed(market, uint16(day), uint8(lane));
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
        _replaceSigners(_markets[market], signerSet, quorum);
        emit SignersSet(market, signerSet, quorum, signers);
    }

    /// @inheritdoc IVolSurface
    function revokeSigners(uint32 market) external restricted {
        Market storage market_ = _markets[market];
        emit SignersRevoked(market, market_.terms.signerSet);
        _replaceSigners(market_, 0, 0);
    }

    /// @dev What the last set wrote is retired, its anchors judge nobody, and the current epoch is not marked
    /// at its report: an anchor hour of 0 tells {_accept} that the next report is the first of a set.
    function _replaceSigners(Market storage market, uint32 signerSet, uint8 quorum) private {
        market.terms.signerSet = signerSet;
        market.terms.quorum = quorum;
        delete market.epochDigests[epochDayOf(block.timestamp)];
        Surface memory surface_ = market.surface.unpack();
        surface_.anchorHour = 0;
        surface_.retired = type(uint16).max;
        _distrust(market, surface_, type(uint16).max);
    }

    /// @inheritdoc IVolSurface
    function setBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) external restricted {
        _setBounds(market, bounds, quarantine);
    }

    /// @inheritdoc IVolSurface
    function tightenBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) external restricted {
        SurfaceTerms memory terms_ = _markets[market].terms;
        bool isTighter =
            bounds.levelBps <= terms_.levelBps &&
                bounds.skewBps <= terms_.skewBps &&
                bounds.basisBps <= terms_.basisBps &&
                quarantine >= terms_.quarantine;
        if (!isTighter) revert VolSurface_BoundsNotTighter(bounds, quarantine);
        _setBounds(market, bounds, quarantine);
    }

    function _setBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) private {
        bool isInRange =
            bounds.levelBps >= LEVEL_BPS_MIN &&
                bounds.levelBps <= LEVEL_BPS_MAX &&
                bounds.skewBps >= SKEW_BPS_MIN &&
                bounds.skewBps <= SKEW_BPS_MAX &&
                bounds.basisBps >= BASIS_BPS_MIN &&
                bounds.basisBps <= BASIS_BPS_MAX &&
                quarantine >= QUARANTINE_MIN &&
                quarantine <= QUARANTINE_MAX;
        if (!isInRange) revert VolSurface_BoundsOutOfRange(bounds, quarantine);
        SurfaceTerms storage terms_ = _markets[market].terms;
        terms_.levelBps = bounds.levelBps;
        terms_.skewBps = bounds.skewBps;
        terms_.basisBps = bounds.basisBps;
        terms_.quarantine = quarantine;
        emit BoundsSet(market, bounds, quarantine);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Expiries } from "../types/Expiries.sol";
import { Slice } from "../types/Slice.sol";
import { SliceRefusal } from "../types/SliceRefusal.sol";
import { Surface } from "../types/Surface.sol";

/// What the signers sign (EIP-712, domain "Meniscus VolSurface" version "1" with chain and contract):
/// `Report(uint32 market,uint32 reportAt,uint96 spot,uint256 expiries,uint256[] slices)`.
struct Report {
    uint32 market;
    /// Unix seconds; every slice carries the same.
    uint32 reportAt;
    /// Quote per base, WAD.
    uint96 spot;
    /// The days of the slices in strictly rising order from lane 0, the rest empty.
    Expiries expiries;
    Slice[] slices;
}

/// Whether an expiry may be traded, and if not, why; the first that applies.
enum SliceStatus {
    /// May be opened.
    Open,
    /// The market does not list it.
    Unlisted,
    /// Its time is over.
    Expired,
    /// Not in the last report.
    Omitted,
    /// A challenge showed arbitrage, or the signers who wrote it were revoked. Without a price until the next report.
    Retired,
    /// Less than an hour left: no opening.
    Closing,
    /// It is new, was retired, or moved faster than the rate bound: priced, but no opening until two later reports agree.
    Unproven
}

/// All that a reader needs to price one expiry.
struct SliceReading {
    SliceStatus status;
    /// The slice of the last report; zero where the expiry is unlisted, omitted or retired.
    Slice current;
    /// In the block of a post the slice before it: a price is then the worse of both. Zero in every other block.
    Slice previous;
    /// Of the last report, WAD.
    uint96 spot;
    /// Of the last report, unix seconds.
    uint32 reportAt;
}

/// The most that a slice may move against its anchor within an hour.
struct RateBounds {
    /// Of the at-the-money variance, relative: new <= old (1 + level) and old <= new (1 + level).
    uint16 levelBps;
    /// Of d vol / d z relative to the vol, z = k / sqrt(w(0)): how far the smile may tilt at one sd.
    uint16 skewBps;
    /// Of ln(F/S).
    uint16 basisBps;
}

/// Who signs for a market, and how fast its surface may move; one storage word.
struct Terms {
    /// Number of the signer set; 0: nobody may sign.
    uint32 signerSet;
    /// How many distinct signers a report needs.
    uint8 quorum;
    /// Seconds from the time at which a lane became unproven to the report that may prove it.
    uint16 quarantine;
    /// The rate bounds, as in {RateBounds}.
    uint16 levelBps;
    uint16 skewBps;
    uint16 basisBps;
}

/// @title The volatility surfaces: packed slices, entered only by reports that a quorum of signers signed.
interface IVolSurface {
    /// A report was stored.
    /// @param unproven lanes not to be opened, after this report
    /// @param digest what was signed
    event ReportPosted(
        uint32 indexed market,
        uint32 indexed reportAt,
        uint96 spot,
        Expiries expiries,
        uint16 unproven,
        bytes32 digest,
        uint256[] slices
    );
    /// The first report at or after 09:00 UTC of `day`.
    event EpochReportKept(uint32 indexed market, uint16 indexed day, bytes32 digest);
    /// A challenge showed arbitrage at log-moneyness `k` (WAD).
    event SliceRetired(uint32 indexed market, uint16 indexed day, int256 k, address indexed challenger);
    event ExpiryListed(uint32 indexed market, uint16 indexed day, uint8 lane);
    event SignersSet(uint32 indexed market, uint32 indexed signerSet, uint8 quorum, address[] signers);
    event SignersRevoked(uint32 indexed market, uint32 indexed signerSet);
    event BoundsSet(uint32 indexed market, RateBounds bounds, uint16 quarantine);

    error VolSurface_BlockTaken(uint256 blockNumber);
    error VolSurface_NotNewer(uint32 reportAt, uint32 storedAt);
    error VolSurface_FromTheFuture(uint32 reportAt, uint256 nowAt);
    error VolSurface_TooOld(uint32 reportAt, uint256 nowAt);
    error VolSurface_SpotZero();
    /// The days are not strictly rising from lane 0, or not as many as the slices.
    error VolSurface_ExpiriesMalformed(Expiries expiries, uint256 slices);
    error VolSurface_ExpiryUnlisted(uint256 day);
    /// Within 30 minutes of the expiry there is no trade, so no slice.
    error VolSurface_ExpiryOver(uint256 day, uint32 reportAt);
    error VolSurface_SliceRefused(uint256 day, SliceRefusal reason);

    /// The length is no multiple of 64.
    error VolSurface_SignaturesTruncated(uint256 length);
    error VolSurface_QuorumMissed(uint256 signatures, uint256 quorum);
    error VolSurface_NoSigners(uint32 market);
    error VolSurface_SignatureHighS(uint256 index);
    /// The signature recovers to nobody.
    error VolSurface_SignatureInvalid(uint256 index);
    error VolSurface_SignerDuplicate(address signer);
    error VolSurface_SignersUnsorted(address before, address signer);
    error VolSurface_SignerUnknown(address signer);

    /// The slice has no arbitrage at this log-moneyness beyond the numeric margin.
    error VolSurface_SliceClean(uint32 expiryAt, int256 k);
    /// There is no slice to challenge, by this status.
    error VolSurface_NothingToChallenge(uint32 expiryAt, SliceStatus status);

    error VolSurface_ExpiryInvalid(uint32 expiryAt);
    error VolSurface_ExpiryListedAlready(uint32 expiryAt);
    error VolSurface_LanesFull(uint32 market);
    error VolSurface_QuorumInvalid(uint8 quorum, uint256 signers);
    error VolSurface_BoundsOutOfRange(RateBounds bounds, uint16 quarantine);
    error VolSurface_BoundsNotTighter(RateBounds bounds, uint16 quarantine);

    /// @notice Stores a report; anybody may hand it in.
    /// @dev Refused, each with its own error, unless it is newer than the stored one, at most 60 s old and not from the
    /// future, alone in its block, signed by at least the quorum, of listed expiries, and of sound slices. A listed expiry that
    /// it leaves out is closed.
    /// @param signatures 64 bytes each (EIP-2098: r, then s with the parity on top), by rising address of the signer
    function post(Report calldata report, bytes calldata signatures) external;

    /// @notice For a report carried by a trade: does nothing, and says so, where the block has its report already or the stored one
    /// is as new; else as {post}.
    function postIfNewer(Report calldata report, bytes calldata signatures) external returns (bool stored);

    /// @notice Retires the slice of an expiry that has arbitrage at a point: a butterfly, or total variance below the next shorter
    /// expiry's. Anybody may call; reverts where the slice is clean there.
    /// @param k log-moneyness ln(K/F), WAD, within 2^12 units of the slice
    function challenge(uint32 market, uint32 expiryAt, int256 k) external;

    /// @notice What to price `expiryAt` with. Never reverts.
    function read(uint32 market, uint32 expiryAt) external view returns (SliceReading memory reading);

    /// @notice Whether an expiry may be opened, or why not. The age of the report is the reader's to judge.
    function sliceStatus(uint32 market, uint32 expiryAt) external view returns (SliceStatus);

    /// @notice The state of a market; all zero where it has none.
    function surface(uint32 market) external view returns (Surface memory);

    /// @notice The expiries of a market in the lanes that hold their slices; the past ones stay until their lane is needed.
    function expiries(uint32 market) external view returns (Expiries);

    /// @notice Signers and bounds of a market.
    function terms(uint32 market) external view returns (Terms memory);

    function isSigner(uint32 signerSet, address signer) external view returns (bool);

    /// @notice The digest of the first report at or after 09:00 UTC of a day; 0 while there is none.
    function epochDigest(uint32 market, uint16 day) external view returns (bytes32);

    /// @notice The EIP-712 digest that signers sign.
    function digest(Report calldata report) external view returns (bytes32);

    /// @notice Lists an expiry: it takes an empty lane, or one whose expiry is past, and starts unproven.
    function listExpiry(uint32 market, uint32 expiryAt) external;

    /// @notice Gives a market a new set of signers. What the old set wrote is retired.
    function setSigners(uint32 market, address[] calldata signers, uint8 quorum) external;

    /// @notice Takes all signers from a market, at once; its surface is retired.
    function revokeSigners(uint32 market) external;

    /// @notice Sets the rate bounds, within the coded range.
    function setBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) external;

    /// @notice Sets rate bounds none of which is looser than before.
    function tightenBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) external;
}

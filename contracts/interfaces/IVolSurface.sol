// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Expiries } from "../types/Expiries.sol";
import { Report } from "../types/Report.sol";
import { Slice } from "../types/Slice.sol";
import { PackedSurface, Surface } from "../types/Surface.sol";

/// Whether an expiry may be opened, and if not, why; the first that applies.
enum SliceStatus {
    /// May be opened.
    Open,
    /// The market does not list it.
    Unlisted,
    /// Its time is over.
    Expired,
    /// Not in the last report, or in none yet.
    Omitted,
    /// A challenge showed arbitrage, or the signers who wrote it were revoked; until the next report.
    Retired,
    /// It is new, was retired, or moved faster than the rate bound: until two later reports agree.
    Unproven,
    /// Less than an hour left, and nothing else against it: who sells back may still go by it.
    Closing
}

/// All that a reader needs to price one expiry. Check `status` before opening, `isLive` before closing; mark with
/// `current`.
struct SliceReading {
    SliceStatus status;
    /// Whether `current` is of the last report, and not retired.
    bool isLive;
    /// Of the last report, WAD.
    uint96 spot;
    /// Of the last report, unix seconds.
    uint32 reportAt;
    /// The newest slice that there is, by its own report time, live or not: a book must never be without one.
    /// Zero only where the expiry is unlisted or has never been reported.
    Slice current;
    /// In the block of a post, of a live slice, the word before it: a price is then the worse of both. Never
    /// zero then but for a first slice; older than the last report but one where that left the expiry out,
    /// which only widens the price. Zero in every other block.
    Slice previous;
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
struct SurfaceTerms {
    /// Number of the signer set; 0: nobody may sign.
    uint32 signerSet;
    /// How many distinct signers a report needs.
    uint8 quorum;
    /// Seconds from the time at which any lane last became unproven, or an unproven one got the report to agree with, to the report that
    /// may prove one.
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
    /// The first report at or after 09:00 UTC of `day`, or since the signers were replaced after that.
    event EpochReportKept(uint32 indexed market, uint16 indexed day, bytes32 digest);
    /// A challenge showed arbitrage at log-moneyness `k` (WAD).
    event SliceRetired(uint32 indexed market, uint16 indexed day, int256 k, address indexed challenger);
    event ExpiryListed(uint32 indexed market, uint16 indexed day, uint8 lane);
    event SignersSet(uint32 indexed market, uint32 indexed signerSet, uint8 quorum, address[] signers);
    event SignersRevoked(uint32 indexed market, uint32 indexed signerSet);
    event BoundsSet(uint32 indexed market, RateBounds bounds, uint16 quarantine);

    /// @notice Stores a report; anybody may hand it in.
    /// @dev Refused, each with its own error, unless it is newer than the stored one, at most 60 s old and
    /// not from the future, alone in its block, signed by at least the quorum, of listed expiries, and of
    /// sound slices. A listed expiry that it leaves out is closed; a report without slices closes all.
    /// @param signatures 64 bytes each (EIP-2098: r, then s with the parity on top), by rising address of the
    /// signer
    function post(Report calldata report, bytes calldata signatures) external;

    /// @notice For a report carried by a trade. Returns false without storing if the block already has a report or the
    /// stored one is at least as new; otherwise behaves like {post}.
    function postIfNewer(Report calldata report, bytes calldata signatures) external returns (bool stored);

    /// @notice Retires the slice of an expiry that has arbitrage at a point: a butterfly, or total variance
    /// below the next shorter expiry's. Anybody may call; reverts where the slice is clean there.
    /// @param k log-moneyness ln(K/F), WAD, within 2^12 units of the slice
    function challenge(uint32 market, uint32 expiryAt, int256 k) external;

    /// @notice What to price `expiryAt` with, and whether it may be opened. Never reverts.
    function read(uint32 market, uint32 expiryAt) external view returns (SliceReading memory reading);

    /// @notice Whether an expiry may be opened, or why not. The age of the report is the reader's to judge.
    function sliceStatus(uint32 market, uint32 expiryAt) external view returns (SliceStatus);

    /// @notice The state of a market; all zero where it has none.
    function surface(uint32 market) external view returns (Surface memory);

    /// @notice The same as it is stored, in one word, for readers on the path of a trade.
    function storedSurface(uint32 market) external view returns (PackedSurface);

    /// @notice The expiries of a market in the lanes that hold their slices; the past ones stay until their
    /// lane is needed.
    function expiries(uint32 market) external view returns (Expiries);

    /// @notice Signers and bounds of a market.
    function terms(uint32 market) external view returns (SurfaceTerms memory);

    function isSigner(uint32 signerSet, address signer) external view returns (bool);

    /// @notice The digest of the first report at or after 09:00 UTC of a day; 0 while there is none. Replacing
    /// or revoking the signers takes away that of the epoch that runs, and the next set's first report takes
    /// its place.
    function epochDigest(uint32 market, uint16 day) external view returns (bytes32);

    /// @notice Whether that report is dated 21:00 UTC or later. Readers must not rely on such a report after its day
    /// ends: the guardian may not have had time to revoke it.
    function isEpochReportLate(uint32 market, uint16 day) external view returns (bool);

    /// @notice The listed expiries of which that report had no proven slice, each in its lane; those whose settlement window was open are
    /// left out, for they have none.
    function epochDoubts(uint32 market, uint16 day) external view returns (Expiries);

    /// @notice The EIP-712 digest that signers sign.
    function digest(Report calldata report) external view returns (bytes32);

    /// @notice Lists an expiry: it takes an empty lane, or one whose expiry is past, and starts unproven.
    function listExpiry(uint32 market, uint32 expiryAt) external;

    /// @notice Gives a market a new set of signers, by rising address. What the old set wrote is retired, its
    /// anchors are forgotten.
    function setSigners(uint32 market, address[] calldata signers, uint8 quorum) external;

    /// @notice Takes all signers from a market, at once; its surface is retired until there are new ones.
    function revokeSigners(uint32 market) external;

    /// @notice Sets the rate bounds and the quarantine, within the coded range: level 3,000 to 10,000 bps, skew 700 to 5,000,
    /// basis 30 to 500, quarantine 600 to 21,600 s. Until they are first set all are 0.
    function setBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) external;

    /// @notice As {setBounds}, but reverts if a bound gets looser or the quarantine shorter. Council. The coded minima are
    /// about what honest surfaces move, so it cannot keep epochs from their marks.
    function tightenBounds(uint32 market, RateBounds calldata bounds, uint16 quarantine) external;
}

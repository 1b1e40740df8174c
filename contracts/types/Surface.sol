// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The state of a market's surface; one storage word.
struct Surface {
    /// Quote per base, WAD.
    uint96 spot;
    /// The time of the last report, unix seconds.
    uint32 reportAt;
    /// The block of the last report, cut to 32 bits.
    uint32 postedBlock;
    /// Lanes that may not be opened until two later reports agree (bit i for lane i of the expiries).
    uint16 unproven;
    /// Lanes without a price until the next report.
    uint16 retired;
    /// The hour (since 1970) of the last report, so of the anchors of the proven lanes in it; the anchor of a
    /// lane that was left out is older. 0 while the market's signers have not reported.
    uint24 anchorHour;
    /// Which of an expiry's two words the last report wrote: 0 or 1.
    uint8 side;
    /// When any lane last became unproven, by a breach, a challenge or its listing, or an unproven one had a new anchor,
    /// unix seconds.
    uint32 unprovenAt;
}

/// A {Surface} in its storage word, the first field lowest. Packed by hand, because the compiler's copy of a
/// struct in memory writes the word once for every field.
///
///     255        224 223  216 215      192 191   176 175    160 159       128 127     96 95    0
///    | unprovenAt | side | anchorHour | retired | unproven | postedBlock | reportAt | spot |
type PackedSurface is uint256;

using { unpack, spot, reportAt, postedBlock, unproven, retired, side, isSilent } for PackedSurface global;
using { pack } for Surface global;

function pack(Surface memory surface) pure returns (PackedSurface) {
    uint256 low =
        uint256(surface.spot) |
            (uint256(surface.reportAt) << 96) |
            (uint256(surface.postedBlock) << 128) |
            (uint256(surface.unproven) << 160);
    uint256 high =
        (uint256(surface.retired) << 176) |
            (uint256(surface.anchorHour) << 192) |
            (uint256(surface.side) << 216) |
            (uint256(surface.unprovenAt) << 224);
    return PackedSurface.wrap(low | high);
}

function unpack(PackedSurface packed) pure returns (Surface memory surface) {
    uint256 word = PackedSurface.unwrap(packed);
    surface.spot = uint96(word);
    surface.reportAt = uint32(word >> 96);
    surface.postedBlock = uint32(word >> 128);
    surface.unproven = uint16(word >> 160);
    surface.retired = uint16(word >> 176);
    surface.anchorHour = uint24(word >> 192);
    surface.side = uint8(word >> 216);
    surface.unprovenAt = uint32(word >> 224);
}

/// @dev Single fields, for a reader on the path of a trade.
function spot(PackedSurface packed) pure returns (uint256) {
    return uint96(PackedSurface.unwrap(packed));
}

function reportAt(PackedSurface packed) pure returns (uint256) {
    return uint32(PackedSurface.unwrap(packed) >> 96);
}

function postedBlock(PackedSurface packed) pure returns (uint256) {
    return uint32(PackedSurface.unwrap(packed) >> 128);
}

function unproven(PackedSurface packed) pure returns (uint256) {
    return uint16(PackedSurface.unwrap(packed) >> 160);
}

function retired(PackedSurface packed) pure returns (uint256) {
    return uint16(PackedSurface.unwrap(packed) >> 176);
}

/// Whether all sixteen lanes are without a price, as after its signers were revoked or replaced. Until the next report with a slice the spot counts for
/// nothing either.
function isSilent(PackedSurface packed) pure returns (bool) {
    return packed.retired() == type(uint16).max;
}

function side(PackedSurface packed) pure returns (uint256) {
    return uint8(PackedSurface.unwrap(packed) >> 216);
}

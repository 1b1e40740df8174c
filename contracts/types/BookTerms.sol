// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Potential and limits of a book in one word, each field in its own unit; the accessors speak WAD, shares of equity, seconds.
///
///    bits      field               means
///      0-15    lambdaBps           curvature of the potential in X
///     16-39    slopeLowPpm         the vol shift is at least -slopeLow ...
///     40-63    slopeHighPpm        ... and at most slopeHigh
///     64-79    muBps               curvature in each expiry's weighted vega and vegaSkew
///     80-95    thetaPpm            curvature in G
///     96-111   kappaPpm            cost of delta beyond the band, of spot
///    112-127   stickinessBps       R of the skew-aware delta
///    128-143   vegaLowBps          openings only while X >= -vegaLow E ...
///    144-159   vegaHighBps         ... and X <= vegaHigh E
///    160-175   gammaBps            openings only while |G| <= gammaLimit E
///    176-191   exposureMaxAge      oldest refresh behind an opening, seconds
///    192-207   exposureMaxMoveBps  largest move of spot since that refresh
///    208-223   blockOutflowBps     largest outflow a block, of E
///    224-239   epochOutflowBps     largest outflow an epoch, of E
///    240-255   epochExitsBps       what exits of an epoch are paid beyond the floor, at most, of E
type BookTerms is uint256;

using BookTermsFields for BookTerms global;

/// Reads single fields. Unchecked: a field has at most 24 bits and its unit 47.
library BookTermsFields {
    uint256 private constant PER_BPS = 1e14;
    uint256 private constant PER_PPM = 1e12;

    function lambda(BookTerms terms) internal pure returns (int256) {
        return int256(_bps(terms, 0));
    }

    /// At most 0.
    function slopeLow(BookTerms terms) internal pure returns (int256) {
        return -int256(_ppm24(terms, 16));
    }

    function slopeHigh(BookTerms terms) internal pure returns (int256) {
        return int256(_ppm24(terms, 40));
    }

    function mu(BookTerms terms) internal pure returns (int256) {
        return int256(_bps(terms, 64));
    }

    function theta(BookTerms terms) internal pure returns (int256) {
        return int256(_ppm16(terms, 80));
    }

    function kappa(BookTerms terms) internal pure returns (int256) {
        return int256(_ppm16(terms, 96));
    }

    function stickiness(BookTerms terms) internal pure returns (uint256) {
        return _bps(terms, 112);
    }

    function vegaLow(BookTerms terms) internal pure returns (uint256) {
        return _bps(terms, 128);
    }

    function vegaHigh(BookTerms terms) internal pure returns (uint256) {
        return _bps(terms, 144);
    }

    function gammaLimit(BookTerms terms) internal pure returns (uint256) {
        return _bps(terms, 160);
    }

    function exposureMaxAge(BookTerms terms) internal pure returns (uint256) {
        return _bits16(terms, 176);
    }

    function exposureMaxMove(BookTerms terms) internal pure returns (uint256) {
        return _bps(terms, 192);
    }

    function blockOutflow(BookTerms terms) internal pure returns (uint256) {
        return _bps(terms, 208);
    }

    function epochOutflowLimit(BookTerms terms) internal pure returns (uint256) {
        return _bps(terms, 224);
    }

    function epochExitsLimit(BookTerms terms) internal pure returns (uint256) {
        return _bps(terms, 240);
    }

    function _bps(BookTerms terms, uint256 shift) private pure returns (uint256) {
        unchecked {
            return _bits16(terms, shift) * PER_BPS;
        }
    }

    function _ppm16(BookTerms terms, uint256 shift) private pure returns (uint256) {
        unchecked {
            return _bits16(terms, shift) * PER_PPM;
        }
    }

    function _ppm24(BookTerms terms, uint256 shift) private pure returns (uint256) {
        unchecked {
            return ((BookTerms.unwrap(terms) >> shift) & 0xffffff) * PER_PPM;
        }
    }

    function _bits16(BookTerms terms, uint256 shift) private pure returns (uint256) {
        return (BookTerms.unwrap(terms) >> shift) & 0xffff;
    }
}

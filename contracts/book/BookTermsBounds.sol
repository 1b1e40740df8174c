// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../interfaces/IBook.sol";
import { BookTerms } from "../types/BookTerms.sol";

/// Packs a book's terms and keeps them within what is coded here: no role can leave it. Reasons in docs/PARAMETERS.md. With a deployment
/// of its own, for the Book's size.
library BookTermsBounds {
    uint256 private constant LAMBDA_MIN = 500;
    uint256 private constant LAMBDA_MAX = 40_000;
    uint256 private constant SLOPE_LOW_MAX = 50_000;
    uint256 private constant SLOPE_HIGH_MIN = 5_000;
    uint256 private constant SLOPE_HIGH_MAX = 200_000;
    uint256 private constant MU_MAX = 10_000;
    uint256 private constant THETA_MAX = 1_000;
    uint256 private constant KAPPA_MAX = 10_000;
    uint256 private constant STICKINESS_MAX = 35_000;
    uint256 private constant VEGA_LOW_MAX = 1_000;
    uint256 private constant VEGA_HIGH_MIN = 100;
    uint256 private constant VEGA_HIGH_MAX = 3_000;
    uint256 private constant GAMMA_MIN = 1_000;
    uint256 private constant EXPOSURE_MAX_AGE_MIN = 60;
    uint256 private constant EXPOSURE_MAX_AGE_MAX = 1 hours;
    uint256 private constant EXPOSURE_MAX_MOVE_MIN = 10;
    uint256 private constant EXPOSURE_MAX_MOVE_MAX = 500;
    uint256 private constant BLOCK_OUTFLOW_MAX = 10_000;
    uint256 private constant EPOCH_OUTFLOW_MAX = 20_000;
    uint256 private constant EPOCH_EXITS_MIN = 200;
    uint256 private constant EPOCH_EXITS_MAX = 10_000;

    error Book_TermsOutOfRange(IBook.Terms terms);
    error Book_TermsNotTighter(IBook.Terms terms);

    /// The word of terms that are in range.
    function packChecked(IBook.Terms calldata terms) public pure returns (BookTerms) {
        bool isPotential =
            terms.lambdaBps >= LAMBDA_MIN &&
                terms.lambdaBps <= LAMBDA_MAX &&
                terms.slopeLowPpm <= SLOPE_LOW_MAX &&
                terms.slopeHighPpm >= SLOPE_HIGH_MIN &&
                terms.slopeHighPpm <= SLOPE_HIGH_MAX &&
                terms.muBps <= MU_MAX &&
                terms.thetaPpm <= THETA_MAX &&
                terms.kappaPpm <= KAPPA_MAX &&
                terms.stickinessBps <= STICKINESS_MAX;
        bool isLimits =
            terms.vegaLowBps <= VEGA_LOW_MAX &&
                terms.vegaHighBps >= VEGA_HIGH_MIN &&
                terms.vegaHighBps <= VEGA_HIGH_MAX &&
                terms.gammaBps >= GAMMA_MIN &&
                terms.exposureMaxAge >= EXPOSURE_MAX_AGE_MIN &&
                terms.exposureMaxAge <= EXPOSURE_MAX_AGE_MAX &&
                terms.exposureMaxMoveBps >= EXPOSURE_MAX_MOVE_MIN &&
                terms.exposureMaxMoveBps <= EXPOSURE_MAX_MOVE_MAX &&
                terms.blockOutflowBps <= BLOCK_OUTFLOW_MAX &&
                terms.epochOutflowBps <= EPOCH_OUTFLOW_MAX &&
                terms.epochExitsBps >= EPOCH_EXITS_MIN &&
                terms.epochExitsBps <= EPOCH_EXITS_MAX;
        // X's slope must fall on both sides of its limit, or there would be no price for what is left to open.
        if (!isPotential || !isLimits || terms.muBps == 0 || terms.thetaPpm == 0 || terms.kappaPpm == 0) {
            revert Book_TermsOutOfRange(terms);
        }
        return _pack(terms);
    }

    /// The word of terms of which the potential's own parameters are as before and no limit wider. X's slope falls beyond its limits, so nearer
    /// limits lower the potential beyond them.
    function packTighter(IBook.Terms calldata next, BookTerms packed) external pure returns (BookTerms) {
        IBook.Terms memory before = unpack(packed);
        bool isSame =
            next.lambdaBps == before.lambdaBps &&
                next.slopeLowPpm == before.slopeLowPpm &&
                next.slopeHighPpm == before.slopeHighPpm &&
                next.muBps == before.muBps &&
                next.thetaPpm == before.thetaPpm &&
                next.kappaPpm == before.kappaPpm &&
                next.stickinessBps == before.stickinessBps &&
                next.epochExitsBps == before.epochExitsBps;
        bool isTighter =
            next.vegaLowBps <= before.vegaLowBps &&
                next.vegaHighBps <= before.vegaHighBps &&
                next.gammaBps <= before.gammaBps &&
                next.exposureMaxAge <= before.exposureMaxAge &&
                next.exposureMaxMoveBps <= before.exposureMaxMoveBps &&
                next.blockOutflowBps <= before.blockOutflowBps &&
                next.epochOutflowBps <= before.epochOutflowBps;
        if (!isSame || !isTighter) revert Book_TermsNotTighter(next);
        return packChecked(next);
    }

    function _pack(IBook.Terms calldata terms) private pure returns (BookTerms) {
        uint256 potential =
            uint256(terms.lambdaBps) |
                (uint256(terms.slopeLowPpm) << 16) |
                (uint256(terms.slopeHighPpm) << 40) |
                (uint256(terms.muBps) << 64) |
                (uint256(terms.thetaPpm) << 80) |
                (uint256(terms.kappaPpm) << 96) |
                (uint256(terms.stickinessBps) << 112);
        uint256 limits =
            (uint256(terms.vegaLowBps) << 128) |
                (uint256(terms.vegaHighBps) << 144) |
                (uint256(terms.gammaBps) << 160) |
                (uint256(terms.exposureMaxAge) << 176) |
                (uint256(terms.exposureMaxMoveBps) << 192) |
                (uint256(terms.blockOutflowBps) << 208) |
                (uint256(terms.epochOutflowBps) << 224) |
                (uint256(terms.epochExitsBps) << 240);
        return BookTerms.wrap(potential | limits);
    }

    function unpack(BookTerms packed) internal pure returns (IBook.Terms memory terms) {
        uint256 word = BookTerms.unwrap(packed);
        terms.lambdaBps = uint16(word);
        terms.slopeLowPpm = uint24(word >> 16);
        terms.slopeHighPpm = uint24(word >> 40);
        terms.muBps = uint16(word >> 64);
        terms.thetaPpm = uint16(word >> 80);
        terms.kappaPpm = uint16(word >> 96);
        terms.stickinessBps = uint16(word >> 112);
        terms.vegaLowBps = uint16(word >> 128);
        terms.vegaHighBps = uint16(word >> 144);
        terms.gammaBps = uint16(word >> 160);
        terms.exposureMaxAge = uint16(word >> 176);
        terms.exposureMaxMoveBps = uint16(word >> 192);
        terms.blockOutflowBps = uint16(word >> 208);
        terms.epochOutflowBps = uint16(word >> 224);
        terms.epochExitsBps = uint16(word >> 240);
    }
}

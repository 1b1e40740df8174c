// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { CompactFloat } from "./CompactFloat.sol";

/// What a read of {SpotOracle} needs of a market, in two storage words, and a third where something is late or the chain a layer 2.
/// Packed by hand: a cold word costs a tenth of the whole read, and the compiler loads a word anew for each field of a struct.

/// The base feed, and how far sources may differ.
///
///     255 248 247         232 231         216 215      192 191     184 183        160 159  0
///    | flags  | agreementBps  | deviationBps  | heartbeat  | decimals  | pinnedPhase  | proxy |
type FeedWord is uint256;

/// What is dear to read, as it was poked, with the age up to which it is fresh, and the bounds of the base feed's answer.
///
///     255 248 247     224 223     200 199       176 175       144 143   96 95      64 63           0
///    | spare | maxAnswer | minAnswer | cacheMaxAge | averageAt   | average | quoteAt | quotePicoUsd |
///
/// The average is a {CompactFloat} of 40 bits, so within a relative 2^-39 below what it was; the bounds are of 16 bits, rounded to
/// the inside, and so lie within a relative 2^-15 of those that were named.
type CacheWord is uint256;

/// The sequencer's feed and the graces.
///
///     255 232 231      208 207         184 183          160 159      0
///    | spare | aliveGrace | reducingGrace | sequencerGrace | sequencer |
type GraceWord is uint256;

using {
    proxy,
    pinnedPhase,
    decimals,
    heartbeat,
    deviationBps,
    agreementBps,
    hasSigned,
    hasAverage,
    hasSequencer,
    withPinnedPhase,
    withAgreement
} for FeedWord global;
using {
    quotePicoUsd,
    quoteAt,
    average,
    averageAt,
    cacheMaxAge,
    bounds,
    withQuote,
    withAverage,
    withMaxAge
} for CacheWord global;
using { sequencer, sequencerGrace, reducingGrace, aliveGrace, withGraces } for GraceWord global;

uint256 constant HAS_SIGNED = 1 << 248;
uint256 constant HAS_AVERAGE = 1 << 249;
uint256 constant HAS_SEQUENCER = 1 << 250;

uint256 constant AVERAGE_BITS = 40;
uint256 constant BOUND_BITS = 16;

// ---------------------------------------------------------------------------------------------------------------- the base feed

function toFeedWord(ISpotOracle.Sources calldata sources, uint256 pinnedPhase_) pure returns (FeedWord) {
    ISpotOracle.Feed calldata base = sources.base;
    uint256 flags =
        (sources.hasSigned ? HAS_SIGNED : 0) |
            (sources.average.pool != address(0) ? HAS_AVERAGE : 0) |
            (sources.sequencer != address(0) ? HAS_SEQUENCER : 0);
    return
        FeedWord.wrap(
            uint160(base.proxy) |
                (pinnedPhase_ << 160) |
                (uint256(base.decimals) << 184) |
                (uint256(base.heartbeat) << 192) |
                (uint256(base.deviationBps) << 216) |
                flags
        );
}

function proxy(FeedWord word) pure returns (address) {
    return address(uint160(FeedWord.unwrap(word)));
}

/// The phase whose aggregator was seen to tell the registered decimals; {Rounds.NO_PHASE} where none was.
function pinnedPhase(FeedWord word) pure returns (uint256) {
    return uint24(FeedWord.unwrap(word) >> 160);
}

function decimals(FeedWord word) pure returns (uint256) {
    return uint8(FeedWord.unwrap(word) >> 184);
}

function heartbeat(FeedWord word) pure returns (uint256) {
    return uint24(FeedWord.unwrap(word) >> 192);
}

function deviationBps(FeedWord word) pure returns (uint256) {
    return uint16(FeedWord.unwrap(word) >> 216);
}

function agreementBps(FeedWord word) pure returns (uint256) {
    return uint16(FeedWord.unwrap(word) >> 232);
}

function hasSigned(FeedWord word) pure returns (bool) {
    return FeedWord.unwrap(word) & HAS_SIGNED != 0;
}

function hasAverage(FeedWord word) pure returns (bool) {
    return FeedWord.unwrap(word) & HAS_AVERAGE != 0;
}

function hasSequencer(FeedWord word) pure returns (bool) {
    return FeedWord.unwrap(word) & HAS_SEQUENCER != 0;
}

function withPinnedPhase(FeedWord word, uint256 phase) pure returns (FeedWord) {
    return FeedWord.wrap(_put(FeedWord.unwrap(word), 160, 24, phase));
}

function withAgreement(FeedWord word, uint256 bps) pure returns (FeedWord) {
    return FeedWord.wrap(_put(FeedWord.unwrap(word), 232, 16, bps));
}

// --------------------------------------------------------------------------------------------------------- the cache and bounds

/// Nothing poked yet.
function toCacheWord(uint256 minAnswer_, uint256 maxAnswer_) pure returns (CacheWord) {
    return
        CacheWord.wrap(
            (CompactFloat.packUp(minAnswer_, BOUND_BITS) << 200) |
                (CompactFloat.packDown(maxAnswer_, BOUND_BITS) << 224)
        );
}

/// In 1e-12 USD per quote.
function quotePicoUsd(CacheWord word) pure returns (uint256) {
    return uint64(CacheWord.unwrap(word));
}

function quoteAt(CacheWord word) pure returns (uint256) {
    return uint32(CacheWord.unwrap(word) >> 64);
}

/// WAD.
function average(CacheWord word) pure returns (uint256) {
    return CompactFloat.unpack(uint48(CacheWord.unwrap(word) >> 96));
}

function averageAt(CacheWord word) pure returns (uint256) {
    return uint32(CacheWord.unwrap(word) >> 144);
}

function cacheMaxAge(CacheWord word) pure returns (uint256) {
    return uint24(CacheWord.unwrap(word) >> 176);
}

/// Of the base feed's answer, both outside.
function bounds(CacheWord word) pure returns (uint256 minAnswer, uint256 maxAnswer) {
    minAnswer = CompactFloat.unpack(uint24(CacheWord.unwrap(word) >> 200));
    maxAnswer = CompactFloat.unpack(uint24(CacheWord.unwrap(word) >> 224));
}

/// @param picoUsd < 2^64
function withQuote(CacheWord word, uint256 picoUsd, uint256 time) pure returns (CacheWord) {
    return CacheWord.wrap(_put(CacheWord.unwrap(word), 0, 96, picoUsd | (uint256(uint32(time)) << 64)));
}

/// @param price < 2^128
function withAverage(CacheWord word, uint256 price, uint256 time) pure returns (CacheWord) {
    uint256 packed = CompactFloat.packDown(price, AVERAGE_BITS) | (uint256(uint32(time)) << 48);
    return CacheWord.wrap(_put(CacheWord.unwrap(word), 96, 80, packed));
}

function withMaxAge(CacheWord word, uint256 age) pure returns (CacheWord) {
    return CacheWord.wrap(_put(CacheWord.unwrap(word), 176, 24, age));
}

// ------------------------------------------------------------------------------------------------------------------- the graces

function toGraceWord(address sequencer_) pure returns (GraceWord) {
    return GraceWord.wrap(uint160(sequencer_));
}

function sequencer(GraceWord word) pure returns (address) {
    return address(uint160(GraceWord.unwrap(word)));
}

function sequencerGrace(GraceWord word) pure returns (uint256) {
    return uint24(GraceWord.unwrap(word) >> 160);
}

function reducingGrace(GraceWord word) pure returns (uint256) {
    return uint24(GraceWord.unwrap(word) >> 184);
}

function aliveGrace(GraceWord word) pure returns (uint256) {
    return uint24(GraceWord.unwrap(word) >> 208);
}

function withGraces(GraceWord word, ISpotOracle.Limits calldata limits) pure returns (GraceWord) {
    uint256 graces =
        limits.sequencerGrace | (uint256(limits.reducingGrace) << 24) | (uint256(limits.aliveGrace) << 48);
    return GraceWord.wrap(_put(GraceWord.unwrap(word), 160, 72, graces));
}

/// @dev The word with `value` (< 2^width) in `width` bits from `shift` up.
function _put(uint256 word, uint256 shift, uint256 width, uint256 value) pure returns (uint256) {
    uint256 mask = ((1 << width) - 1) << shift;
    return (word & ~mask) | (value << shift);
}

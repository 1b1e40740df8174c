/** The words of the book as contracts/types/{Book*,Expiry*}.sol and StrikePosition.sol have them; amounts in WAD. */
import { WAD } from "../wad.ts";

/** The words have quote in millionths and base in billionths; here in WAD. */
export const QUOTE_UNIT = 10n ** 12n;
export const BASE_UNIT = 10n ** 9n;
const SPOT_UNIT = 10n ** 9n;
const BPS = 10n ** 14n;

/** Fields of 64 bits, the first lowest. */
const unsignedAt = (word: bigint, place: number): bigint => BigInt.asUintN(64, word >> BigInt(64 * place));
const signedAt = (word: bigint, place: number): bigint => BigInt.asIntN(64, word >> BigInt(64 * place));

/** Sums over all expiries; delta of the options. */
export const decodeRisk = (word: bigint) => ({
  vega: signedAt(word, 0) * QUOTE_UNIT,
  gamma: signedAt(word, 1) * QUOTE_UNIT,
  delta: signedAt(word, 2) * BASE_UNIT,
});

export const decodeFunds = (word: bigint) => ({
  equityLow: BigInt.asUintN(40, word) * WAD,
  equityHigh: BigInt.asUintN(40, word >> 40n) * WAD,
  reserve: BigInt.asUintN(64, word >> 80n) * QUOTE_UNIT,
  epochOutflow: BigInt.asUintN(56, word >> 144n) * QUOTE_UNIT,
  epochExits: BigInt.asIntN(56, word >> 200n) * QUOTE_UNIT,
});

export const decodeClaims = (word: bigint) => ({
  baseSum: unsignedAt(word, 0) * BASE_UNIT,
  quoteSum: unsignedAt(word, 1) * QUOTE_UNIT,
  claimBase: unsignedAt(word, 2) * BASE_UNIT,
  claimQuote: unsignedAt(word, 3) * QUOTE_UNIT,
});

export const decodeMargins = (word: bigint) => ({
  pendingBase: unsignedAt(word, 0) * BASE_UNIT,
  pendingQuote: unsignedAt(word, 1) * QUOTE_UNIT,
  band: unsignedAt(word, 2) * BASE_UNIT,
  shortVol: BigInt.asUintN(16, word >> 192n) * BPS,
  isWoundDown: BigInt.asUintN(1, word >> 208n) === 1n,
  isMoved: BigInt.asUintN(1, word >> 209n) === 1n,
  baseUse: BigInt.asUintN(14, word >> 212n) * BPS,
  quoteUse: BigInt.asUintN(14, word >> 226n) * BPS,
});

/** Exposures of one expiry, weighted; `mark` tells of its refresh and of the rent that is not released. */
export const decodeExpiry = (risk: bigint, mark: bigint) => ({
  vega: signedAt(risk, 0) * QUOTE_UNIT,
  vegaSkew: signedAt(risk, 1) * QUOTE_UNIT,
  gamma: signedAt(risk, 2) * QUOTE_UNIT,
  delta: signedAt(risk, 3) * BASE_UNIT,
  weight: BigInt.asUintN(22, mark) * QUOTE_UNIT,
  refreshedAt: Number(BigInt.asUintN(32, mark >> 22n)),
  refreshedSpot: BigInt.asUintN(64, mark >> 54n) * SPOT_UNIT,
  rentSince: Number(BigInt.asUintN(32, mark >> 118n)),
  rentBase: BigInt.asUintN(53, mark >> 150n) * QUOTE_UNIT,
  rentQuote: (mark >> 203n) * QUOTE_UNIT,
});

/** What an account has of both series at one strike; written amounts are negative. */
export const decodeStrikePosition = (word: bigint) => ({
  strike: (word >> 192n) * BASE_UNIT,
  call: BigInt.asIntN(96, word),
  put: BigInt.asIntN(96, word >> 96n),
});

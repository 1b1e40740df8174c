/**
 * The smile of one expiry as the 256-bit word that the contracts store (contracts/types/Slice.sol draws it): raw SVI with w(0) in
 * place of a, the basis ln(F/S) and the time of the report. Lengths count in one power of two, U = 2^(exponent - 16), chosen such
 * that U <= sqrt(w(0)) < 2U.
 */
import { type SviParams, totalVariance } from "./svi.ts";

interface Field {
  readonly name: string;
  readonly shift: bigint;
  readonly bits: bigint;
  readonly signed: boolean;
}

const unsigned = (name: string, shift: bigint, bits: bigint): Field => ({ name, shift, bits, signed: false });
const signed = (name: string, shift: bigint, bits: bigint): Field => ({ name, shift, bits, signed: true });

/** Where each field lies; the units are those of contracts/types/Slice.sol. */
const ATM_VARIANCE = unsigned("w(0)", 0n, 32n);
const REPORT_AT = unsigned("report time", 32n, 32n);
const FLAGS = unsigned("flags", 64n, 19n);
const BASIS = signed("basis", 83n, 32n);
const EXPONENT = unsigned("exponent", 115n, 5n);
const RHO = signed("rho", 120n, 32n);
const B = unsigned("b", 152n, 36n);
const SIGMA = unsigned("sigma", 188n, 34n);
const M = signed("m", 222n, 34n);

const EXPONENT_BIAS = 16;

const read = (word: bigint, { shift, bits, signed }: Field): bigint => {
  const value = word >> shift;
  return signed ? BigInt.asIntN(Number(bits), value) : BigInt.asUintN(Number(bits), value);
};

/** w(0) in U^2 / 2^30. */
export const atmVariance = (word: bigint): bigint => read(word, ATM_VARIANCE);
/** Unix seconds. */
export const reportAt = (word: bigint): bigint => read(word, REPORT_AT);
export const flags = (word: bigint): bigint => read(word, FLAGS);
/** ln(F/S) in 1 / 2^31. */
export const basis = (word: bigint): bigint => read(word, BASIS);
/** The unit is U = 2^(exponent - 16). */
export const exponent = (word: bigint): bigint => read(word, EXPONENT);
/** rho in 1 / 2^31. */
export const rho = (word: bigint): bigint => read(word, RHO);
/** b in U / 2^29. */
export const b = (word: bigint): bigint => read(word, B);
/** sigma in U / 2^28. */
export const sigma = (word: bigint): bigint => read(word, SIGMA);
/** m in U / 2^28. */
export const m = (word: bigint): bigint => read(word, M);

/** A slice that the word cannot hold: which field, its value, and the reason. */
export class SliceRangeError extends RangeError {
  override readonly name = "SliceRangeError";
  readonly field: string;
  readonly value: number;

  constructor(field: string, value: number, reason: string) {
    super(`slice: ${field} = ${value} ${reason}`);
    this.field = field;
    this.value = value;
  }
}

/** The field's bits for an integer count, or a clear refusal. */
function place(field: Field, count: number, value: number): bigint {
  const bits = Number(field.bits);
  const [low, end] = field.signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1)] : [0, 2 ** bits];
  if (!(count >= low && count < end)) throw new SliceRangeError(field.name, value, "does not fit its field");
  return BigInt.asUintN(bits, BigInt(count)) << field.shift;
}

/**
 * The word of a slice, every field rounded to the nearest. Throws `SliceRangeError` for what the word cannot hold: w(0) <= 0 or
 * beyond the exponents, b < 0, |rho| >= 1, sigma <= 0, |m| >= 32 U, sigma >= 64 U (both at least 16 sd), |basis| >= 1.
 */
export function quantise(params: SviParams, basis: number, reportAt = 0): bigint {
  const variance = totalVariance(params, 0);
  if (!(variance > 0 && variance < Infinity)) throw new SliceRangeError("w(0)", variance, "is not positive");

  // U <= sd < 2U; rounding w(0) up to 4 U^2 would leave the field, so it stops one step below, an error of half a step more.
  const scale = Math.floor(Math.log2(variance) / 2);
  const unit = 2 ** scale;
  const w0 = Math.min(Math.max(Math.round((variance / unit ** 2) * 2 ** 30), 2 ** 30), 2 ** 32 - 1);

  const rhoCount = Math.round(params.rho * 2 ** 31);
  if (!(Math.abs(rhoCount) < 2 ** 31))
    throw new SliceRangeError("rho", params.rho, "is not between -1 and 1");
  const sigmaCount = Math.round((params.sigma / unit) * 2 ** 28);
  if (!(sigmaCount > 0)) throw new SliceRangeError("sigma", params.sigma, "rounds to zero or less");

  return (
    place(ATM_VARIANCE, w0, variance) |
    place(REPORT_AT, reportAt, reportAt) |
    place(BASIS, Math.round(basis * 2 ** 31), basis) |
    place(EXPONENT, scale + EXPONENT_BIAS, variance) |
    place(RHO, rhoCount, params.rho) |
    place(B, Math.round((params.b / unit) * 2 ** 29), params.b) |
    place(SIGMA, sigmaCount, params.sigma) |
    place(M, Math.round((params.m / unit) * 2 ** 28), params.m)
  );
}

/** What a word says, in float64: the inverse of `quantise` up to rounding. */
export interface UnpackedSlice {
  readonly params: SviParams;
  /** w(0), exactly as stored; `params.a` is rounded. */
  readonly level: number;
  /** ln(F/S) at the time of the report. */
  readonly basis: number;
  /** Unix seconds. */
  readonly reportAt: number;
  readonly flags: number;
}

export function unquantise(word: bigint): UnpackedSlice {
  const unit = 2 ** (Number(exponent(word)) - EXPONENT_BIAS);
  const fields = {
    b: (Number(b(word)) * unit) / 2 ** 29,
    rho: Number(rho(word)) / 2 ** 31,
    m: (Number(m(word)) * unit) / 2 ** 28,
    sigma: (Number(sigma(word)) * unit) / 2 ** 28,
  };
  const level = (Number(atmVariance(word)) * unit ** 2) / 2 ** 30;
  const a = level - totalVariance({ a: 0, ...fields }, 0);
  return {
    params: { a, ...fields },
    level,
    basis: Number(basis(word)) / 2 ** 31,
    reportAt: Number(reportAt(word)),
    flags: Number(flags(word)),
  };
}

/** The same word with other flags (19 bits). */
export function withFlags(word: bigint, bits: number): bigint {
  return (word & ~(0x7ffffn << FLAGS.shift)) | place(FLAGS, bits, bits);
}

/** The same word with another report time, unix seconds. */
export function withReportAt(word: bigint, time: number): bigint {
  return (word & ~(0xffffffffn << REPORT_AT.shift)) | place(REPORT_AT, time, time);
}

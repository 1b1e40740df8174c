/**
 * The twin of contracts/pricing/Numerics.sol, step by step and equal to the last unit. Numbers carry 96 fractional bits (X96).
 * Inside the domains that the contract states no word overflows, so unbounded integers give what 256-bit words give: `>>` floors
 * like SHR and SAR, `/` truncates towards zero like DIV and SDIV.
 */
import * as C from "./coefficients.ts";

export const ONE = 1n << 96n;
const HALF = 1n << 95n;
const FRACTION = ONE - 1n;

/** ln(high / low) / 2 for 1 <= high / low <= 16, X192. */
export function halfLogRatio(low: bigint, high: bigint): bigint {
  const fourLow = low << 2n;
  const y = ((high - fourLow) << 96n) / (high + fourLow);
  const square = (y * y) >> 96n;
  let f = C.ATANH_A5 - square;
  f = C.ATANH_A4 - square - C.ATANH_C5 / f;
  f = C.ATANH_A3 - square - C.ATANH_C4 / f;
  f = C.ATANH_A2 - square - C.ATANH_C3 / f;
  f = C.ATANH_A1 - square - C.ATANH_C2 / f;
  f = C.ATANH_A0 + C.ATANH_C1 / f;
  return C.LN2 + y * f;
}

/** As DIV: nothing is zero. Only roots of tiny numbers, which no price inside the domain takes, come to it. */
const divide = (x: bigint, y: bigint): bigint => (y === 0n ? 0n : x / y);

/** 2 sqrt(x): five steps of Newton's method r -> (r + x / r) / 2, taken in pairs, the last one undivided. */
export function twiceSqrt(x: bigint): bigint {
  const leadingZeros = x === 0n ? 256n : 256n - BigInt(x.toString(2).length);
  let r = C.SQRT2_X127 >> (leadingZeros >> 1n);
  let s = r + divide(x, r);
  r = (s >> 2n) + divide(x, s);
  s = r + divide(x, r);
  r = (s >> 2n) + divide(x, s);
  return r + divide(x, r);
}

/** sqrt(x), for x = 0 and x >= 2^16 never below the floor, and above it by less than 1e-24 of itself and one unit. */
export function sqrt(x: bigint): bigint {
  return twiceSqrt(x) >> 1n;
}

/** The normal density phi(z) = exp(-z^2 / 2) / sqrt(2 pi), X64. */
export function density(z: bigint): bigint {
  const y = (z * z) / C.LN4;
  const r = (y & FRACTION) - HALF;
  const square = (r * r) >> 96n;
  let g = square + C.EXP2_A1 - C.EXP2_C2 / (square + C.EXP2_A2);
  g = C.EXP2_A0 - C.EXP2_C1 / g;
  return ((C.DENSITY * (g - r)) / (g + r)) >> (y >> 96n);
}

/** Mills' ratio M(z) = Phi(-z) / phi(z) for z >= 0, X64; z itself is X96. */
export function mills(z: bigint): bigint {
  let d = z + C.MILLS_A9;
  d = z + C.MILLS_A8 + C.MILLS_C9 / d;
  d = z + C.MILLS_A7 + C.MILLS_C8 / d;
  d = z + C.MILLS_C7 / d - C.MILLS_A6;
  d = z + C.MILLS_A5 - C.MILLS_C6 / d;
  d = z + C.MILLS_A4 + C.MILLS_C5 / d;
  d = z + C.MILLS_A3 - C.MILLS_C4 / d;
  d = z + C.MILLS_C3 / d - C.MILLS_A2;
  d = z + C.MILLS_A1 + C.MILLS_C2 / d;
  return C.MILLS_C1 / d - C.MILLS_A0;
}

/** amount exp(-x) for |x| <= 1, rounded down. */
export function discount(amount: bigint, x: bigint): bigint {
  const square = (x * x) >> 96n;
  let g = square + C.EXP_A2 - C.EXP_C3 / (square + C.EXP_A3);
  g = square + C.EXP_A1 - C.EXP_C2 / g;
  g = C.EXP_A0 - C.EXP_C1 / g;
  return (amount * (g - x)) / (g + x);
}

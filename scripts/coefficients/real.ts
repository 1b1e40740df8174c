/**
 * Real numbers as bigints with 640 fractional bits (192 decimal digits): enough for 50 correct digits after every cancellation in
 * the fits and in the pricing reference. All operations round down; speed does not matter here.
 */
export const BITS = 640n;
export const ONE = 1n << BITS;

export const fromInteger = (value: number | bigint): bigint => BigInt(value) << BITS;
export const fromRatio = (numerator: bigint, denominator: bigint): bigint =>
  (numerator << BITS) / denominator;
export const multiply = (x: bigint, y: bigint): bigint => (x * y) >> BITS;
export const divide = (x: bigint, y: bigint): bigint => (x << BITS) / y;
export const absolute = (x: bigint): bigint => (x < 0n ? -x : x);

/** A float of full range; the result is good to 1e-15 relative. For reports only. */
export function toNumber(x: bigint): number {
  const length = absolute(x).toString(2).length;
  const shift = Math.max(0, length - 60);
  return Number(x >> BigInt(shift)) * 2 ** (shift - Number(BITS));
}

/** floor(sqrt(n)) of an integer. */
export function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export const sqrt = (x: bigint): bigint => integerSqrt(x << BITS);

/** arctan(1/n) by its series. */
function arctanInverse(n: bigint): bigint {
  let power = ONE / n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power = -power / (n * n);
    sum += power / k;
  }
  return sum;
}

/** pi by Machin's formula. */
export const PI = 4n * (4n * arctanInverse(5n) - arctanInverse(239n));

/** atanh(x) by its series, for |x| well below 1. */
export function atanh(x: bigint): bigint {
  const square = multiply(x, x);
  let power = x;
  let sum = x;
  for (let k = 3n; power !== 0n && power !== -1n; k += 2n) {
    power = multiply(power, square);
    sum += power / k;
  }
  return sum;
}

export const LN2 = 2n * atanh(ONE / 3n);

/** exp(x): x = n ln 2 + r, then the Taylor series of exp(r / 2^16), squared 16 times. */
export function exp(x: bigint): bigint {
  const n = x / LN2;
  const small = (x - n * LN2) >> 16n;
  let term = ONE;
  let sum = ONE;
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = multiply(term, small) / k;
    sum += term;
  }
  for (let i = 0; i < 16; i++) sum = multiply(sum, sum);
  return n >= 0n ? sum << n : sum >> -n;
}

/** ln(x) for x > 0: x = 2^n y with y in [2/3, 4/3), then 2 atanh((y - 1) / (y + 1)). */
export function ln(x: bigint): bigint {
  let n = BigInt(x.toString(2).length) - BITS - 1n;
  let y = n >= 0n ? x >> n : x << -n;
  if (3n * y >= 4n * ONE) {
    n += 1n;
    y >>= 1n;
  }
  return n * LN2 + 2n * atanh(divide(y - ONE, y + ONE));
}

/** coth(x) for x > 0. */
export function coth(x: bigint): bigint {
  const e = exp(2n * x);
  return divide(e + ONE, e - ONE);
}

/**
 * Mills' ratio (1 - Phi(z)) / phi(z) for 0 <= z <= 16, as sqrt(pi/2) exp(z^2/2) - sum z^(2k+1) / (2k+1)!!: the two terms cancel to
 * about exp(-z^2/2), so 56 of the 192 digits are lost at z = 16.
 */
export function mills(z: bigint): bigint {
  const square = multiply(z, z);
  let term = z;
  let sum = z;
  for (let k = 3n; term !== 0n; k += 2n) {
    term = multiply(term, square) / k;
    sum += term;
  }
  return multiply(sqrt(PI / 2n), exp(square / 2n)) - sum;
}

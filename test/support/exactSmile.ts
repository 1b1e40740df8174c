/** A slice word evaluated to about 90 digits, straight from the formulas: the judge of the contract's arithmetic. */
import { atmVariance, b, exponent, m, rho, sigma } from "@meniscus/sdk/slice";

/** Numbers are integers in 2^-BITS. */
const BITS = 320n;
const ONE = 1n << BITS;

const mul = (x: bigint, y: bigint): bigint => (x * y) >> BITS;
const div = (x: bigint, y: bigint): bigint => (x << BITS) / y;
/** count 2^power. */
const scaled = (count: bigint, power: bigint): bigint => count << (BITS + power);

function sqrt(x: bigint): bigint {
  const square = x << BITS;
  if (square === 0n) return 0n;
  let root = 1n << BigInt((square.toString(2).length + 1) >> 1);
  for (let next = (root + square / root) >> 1n; next < root; next = (root + square / root) >> 1n) root = next;
  return root;
}

/** w, w' and w'' at `k` (WAD). */
export function exactSmile(
  word: bigint,
  k: bigint,
): { k: bigint; w: bigint; slope: bigint; curvature: bigint } {
  const e = exponent(word);
  const parts = {
    w0: scaled(atmVariance(word), 2n * e - 62n),
    b: scaled(b(word), e - 45n),
    m: scaled(m(word), e - 44n),
    sigma: scaled(sigma(word), e - 44n),
    rho: scaled(rho(word), -31n),
  };
  const at = (k * ONE) / 10n ** 18n;
  const x = at - parts.m;
  const h = sqrt(mul(x, x) + mul(parts.sigma, parts.sigma));
  const h0 = sqrt(mul(parts.m, parts.m) + mul(parts.sigma, parts.sigma));
  return {
    k: at,
    w: parts.w0 + mul(parts.b, mul(parts.rho, at) + h - h0),
    slope: mul(parts.b, parts.rho + div(x, h)),
    curvature: div(mul(parts.b, mul(parts.sigma, parts.sigma)), mul(h, mul(h, h))),
  };
}

/** g(k) of the slice with its total variance times `ageing` (in 2^-20, at most 2^20), as a float. */
export function exactButterfly(word: bigint, k: bigint, ageing = 1 << 20): number {
  const fresh = exactSmile(word, k);
  const age = (x: bigint) => (x * BigInt(ageing)) >> 20n;
  const [w, slope, curvature] = [age(fresh.w), age(fresh.slope), age(fresh.curvature)];
  const factor = ONE - div(mul(fresh.k, slope), 2n * w);
  const square = mul(slope, slope);
  return toFloat(mul(factor, factor) - mul(square, div(ONE, w) + ONE / 4n) / 4n + curvature / 2n);
}

/** By how much the longer slice lies below the shorter at `k` (WAD), relative to the shorter; negative where it lies above. */
export function exactCalendar(shorter: bigint, longer: bigint, k: bigint): number {
  const high = exactSmile(shorter, k).w;
  return toFloat(div(high - exactSmile(longer, k).w, high));
}

export function toFloat(x: bigint): number {
  return Number((x << 80n) / ONE) / 2 ** 80;
}

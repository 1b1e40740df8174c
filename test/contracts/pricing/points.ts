/** Random points of the pricing domain: seeded, so that a failure repeats. */
import { quantise } from "@meniscus/sdk/slice";

const WAD = 10n ** 18n;

/** Splitmix64: uniform numbers in [0, 1) from a seed. */
export function uniform(seed: bigint): () => number {
  let state = seed;
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return Number((z ^ (z >> 31n)) >> 11n) / 2 ** 53;
  };
}

/** A WAD from a float, with 53 significant bits. */
export function toWad(value: number): bigint {
  if (value === 0) return 0n;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const mantissa = BigInt(Math.round(value * 2 ** (52 - exponent)));
  const shift = BigInt(52 - exponent);
  return shift >= 0n ? (mantissa * WAD) >> shift : (mantissa * WAD) << -shift;
}

const geometric = (next: () => number, low: number, high: number): number => low * (high / low) ** next();

/** A strike for a forward: half the points within 4 sd of the money, half anywhere in [1/16, 16]. */
function strikeFor(next: () => number, forward: number, sd: number): number {
  const limit = 2.772588;
  const k = next() < 0.5 ? (next() - 0.5) * 8 * sd : (next() - 0.5) * 2 * limit;
  return forward * Math.exp(Math.max(-limit, Math.min(limit, k)));
}

/** [spot, forward, strike, totalVariance]. */
export function forwardPoint(next: () => number): [bigint, bigint, bigint, bigint] {
  const forward = geometric(next, 0.01, 1e7);
  const sd = geometric(next, 1.0001e-3, 5.9999);
  const spot = forward * Math.exp((next() - 0.5) * 0.2);
  return [toWad(spot), toWad(forward), toWad(strikeFor(next, forward, sd)), toWad(sd * sd)];
}

/** [spot, strike, tau, vol, rate]. */
export function spotPoint(next: () => number): [bigint, bigint, bigint, bigint, bigint] {
  const tau = geometric(next, 1.9026e-6, 4);
  const sd = geometric(next, 1.0001e-3, Math.min(5.9999, 8 * Math.sqrt(tau)));
  const rate = (next() - 0.5) * 0.4;
  const spot = geometric(next, 0.01, 1e7);
  const strike = strikeFor(next, spot * Math.exp(rate * tau), sd);
  return [toWad(spot), toWad(strike), toWad(tau), toWad(sd / Math.sqrt(tau)), toWad(rate)];
}

/** The word of a plausible smile whose least standard deviation is `sd`, with its basis. */
export function slicePoint(next: () => number, sd: number): bigint {
  const b = sd * geometric(next, 0.005, 0.3);
  const rho = (next() - 0.5) * 1.8;
  const m = (next() - 0.5) * 2 * sd;
  const sigma = sd * geometric(next, 0.1, 14);
  const a = sd * sd - b * sigma * Math.sqrt(1 - rho * rho);
  return quantise({ a, b, rho, m, sigma }, (next() - 0.5) * 0.2, 1_800_000_000);
}

/** [slice, forward, strike, ageing]: strikes within 8 sd, ageing such that the standard deviation stays inside its domain. */
export function sliceInput(next: () => number): [bigint, bigint, bigint, bigint] {
  const sd = geometric(next, 0.01, 1);
  const forward = geometric(next, 0.01, 1e7);
  const strike = forward * Math.exp(Math.max(-2.5, Math.min(2.5, (next() - 0.5) * 16 * sd)));
  const ageing = 0.2 + 0.8 * next();
  return [slicePoint(next, sd), toWad(forward), toWad(strike), BigInt(Math.round(ageing * 2 ** 53)) << 43n];
}

/** [slice, spot, strike, tau, tauAtReport]. */
export function surfaceInput(next: () => number): [bigint, bigint, bigint, bigint, bigint] {
  const [slice, spot, strike, ageing] = sliceInput(next);
  const tauAtReport = toWad(geometric(next, 1e-4, 2));
  return [slice, spot, (strike * 95n) / 100n, (tauAtReport * ageing) >> 96n, tauAtReport];
}

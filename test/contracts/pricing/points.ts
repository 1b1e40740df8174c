/** Random points of the pricing domain: seeded, so that a failure repeats. */
import { quantise, unquantise } from "@meniscus/sdk/slice";
import { totalVariance } from "@meniscus/sdk/svi";

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

/** Standard deviations just inside the domain. */
const SD = [1.0001e-3, 5.9999] as const;

/** A strike for a forward: half the points within 4 sd of the money, half anywhere in [1/16, 16]. */
function strikeFor(next: () => number, forward: number, sd: number): number {
  const limit = 2.772588;
  const k = next() < 0.5 ? (next() - 0.5) * 8 * sd : (next() - 0.5) * 2 * limit;
  return forward * Math.exp(Math.max(-limit, Math.min(limit, k)));
}

/** [spot, forward, strike, totalVariance]. */
export function forwardPoint(next: () => number): [bigint, bigint, bigint, bigint] {
  const forward = geometric(next, 0.01, 1e7);
  const sd = geometric(next, ...SD);
  const spot = forward * Math.exp((next() - 0.5) * 0.2);
  return [toWad(spot), toWad(forward), toWad(strikeFor(next, forward, sd)), toWad(sd * sd)];
}

/** [spot, strike, tau, vol, rate]: from a minute to a century, |rate| up to 100 and |rate tau| up to 1. */
export function spotPoint(next: () => number): [bigint, bigint, bigint, bigint, bigint] {
  const tau = geometric(next, 1.9026e-6, 99.99);
  const sd = geometric(next, ...SD);
  const rate = (next() - 0.5) * 2 * Math.min(99.99, 0.9999 / tau);
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

/**
 * [slice, forward, strike, ageing]: the standard deviation at the strike, when it has aged, is anywhere in its domain, and so is the strike. Of
 * half the points the smile is as flat and as old as it may be, of the others its least variance is up to ten thousand times what is left of it.
 */
export function sliceInput(next: () => number): [bigint, bigint, bigint, bigint] {
  const sd = geometric(next, ...SD);
  const word = slicePoint(next, next() < 0.5 ? sd : sd * geometric(next, 1, 100));
  const forward = geometric(next, 0.01, 1e7);
  const strike = strikeFor(next, forward, sd);
  const variance = totalVariance(unquantise(word).params, Math.log(strike / forward));
  const ageing = Math.min(1, (sd * sd) / variance);
  return [word, toWad(forward), toWad(strike), BigInt(Math.round(ageing * 2 ** 96))];
}

/** [slice, spot, strike, tau, tauAtReport]: the strike of a {@link sliceInput} on the forward that its basis gives. */
export function surfaceInput(next: () => number): [bigint, bigint, bigint, bigint, bigint] {
  const [slice, spot, strike, ageing] = sliceInput(next);
  // Of seconds, 2^64 to one: a ratio as fine as the factor itself.
  const tauAtReport = BigInt(Math.round(geometric(next, 3600, 6e7))) << 64n;
  const growth = unquantise(slice).basis * (Number(ageing) / 2 ** 96);
  return [
    slice,
    spot,
    toWad((Number(strike) / 1e18) * Math.exp(growth)),
    (tauAtReport * ageing) >> 96n,
    tauAtReport,
  ];
}

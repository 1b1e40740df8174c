/**
 * What the price of a trade rests on: legs, surface, spots and the book, in float64. Amounts in options of one base unit, money in
 * quote, vols as decimals, times in unix seconds.
 */
import type { Report } from "../report.ts";
import { type UnpackedSlice, unquantise } from "../slice.ts";

/** So many options of a series; positive: the taker buys. */
export interface Leg {
  readonly expiryAt: number;
  readonly strike: number;
  readonly isPut: boolean;
  readonly amount: number;
}

/** Slices by expiry. */
export type Slices = ReadonlyMap<number, UnpackedSlice>;

export interface PoolSurface {
  readonly spot: number;
  readonly reportAt: number;
  readonly slices: Slices;
  /** In the block of a post: the slices before it, which count as well. */
  readonly previous?: Slices;
}

/** The oracle's answer that the trade uses. */
export interface Spots {
  readonly low: number;
  readonly high: number;
  /** Whether the signed spot is in it. */
  readonly hasSigned: boolean;
  /** Relative move that the feed may not show yet; counts where the signed spot is not in. */
  readonly deviation: number;
  /** Of the oldest observation behind it. */
  readonly observedAt: number;
}

/** Exposures of one expiry: what the vault is short, times `weight` as of the refresh. */
export interface ExpiryExposure {
  readonly vega: number;
  readonly vegaSkew: number;
  readonly gamma: number;
  readonly weight: number;
}

export interface Book {
  /** X: sum of the weighted vegas. */
  readonly vega: number;
  /** G: sum of the gammas, damped below a standard deviation of 3 %. */
  readonly gamma: number;
  /** The vault's own: a short call is negative. */
  readonly optionsDelta: number;
  /** B of the account; b and q: what the tranches are owed. */
  readonly base: number;
  readonly claimBase: number;
  readonly claimQuote: number;
  /** U and M: plain sums of what the account's positions need of base and quote. */
  readonly baseSum: number;
  readonly quoteSum: number;
  /** What of the free claims those sums were as of the last refresh of the whole book: rent goes by it until the next. */
  readonly baseUse: number;
  readonly quoteUse: number;
  /** H as of the last refresh, base units. */
  readonly band: number;
  readonly reserve: number;
  readonly equityLow: number;
  readonly equityHigh: number;
  /** At-the-money vol of the shortest expiry as of the last refresh. */
  readonly shortestVol: number;
  readonly expiries: ReadonlyMap<number, ExpiryExposure>;
  /** The account's positions by `seriesKey`; a negative amount is written. */
  readonly positions: ReadonlyMap<string, Leg>;
}

export const seriesKey = ({ expiryAt, strike, isPut }: Omit<Leg, "amount">): string =>
  `${expiryAt}-${strike}-${isPut ? "P" : "C"}`;

/** The slices of a report. */
export const slicesOf = ({ slices }: Pick<Report, "slices">): Slices =>
  new Map(slices.map(({ expiryAt, word }) => [expiryAt, unquantise(word)]));

/** A surface from the words of its slices. */
export function surfaceOfWords(
  spot: number,
  reportAt: number,
  words: Iterable<readonly [expiryAt: number, word: bigint]>,
): PoolSurface {
  return {
    spot,
    reportAt,
    slices: new Map([...words].map(([expiryAt, word]) => [expiryAt, unquantise(word)])),
  };
}

/** A book without a position, half of its equity in each asset. */
export function emptyBook(equity: number, spot: number, shortestVol: number, bandShare: number): Book {
  const half = equity / 2;
  return {
    vega: 0,
    gamma: 0,
    optionsDelta: 0,
    base: half / spot,
    claimBase: half / spot,
    claimQuote: half,
    baseSum: 0,
    quoteSum: 0,
    baseUse: 0,
    quoteUse: 0,
    band: (bandShare * equity) / spot,
    reserve: 0,
    equityLow: equity,
    equityHigh: equity,
    shortestVol,
    expiries: new Map(),
    positions: new Map(),
  };
}

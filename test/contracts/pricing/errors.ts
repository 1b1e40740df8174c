/** The errors of the four quotes over their domain, against the 50-digit reference. */

import { atmVariance, b, basis, exponent, m, quantise, rho, sigma } from "@meniscus/sdk/slice";
import type { BaseContract } from "ethers";
import {
  absolute,
  BITS,
  exp,
  fromRatio,
  ln,
  multiply,
  toNumber,
} from "../../../scripts/coefficients/real.ts";
import {
  blackScholes,
  fromForward,
  fromSpot,
  fromWad,
  type Reference,
  sliceSd,
} from "../../support/reference.ts";
import { packSlice } from "../../support/slices.ts";
import { callBatch, type Row } from "./batch.ts";
import { forwardPoint, sliceInput, spotPoint, surfaceInput, toWad, uniform } from "./points.ts";

const WAD = 10n ** 18n;

/** Last places that rounding may take from any output: its own, and that of the discounted strike, twice over. */
const UNITS = 3n;

/**
 * Largest errors beyond rounding; prices and vega over spot, delta and vega (per unit of standard deviation) times the standard deviation. `at`
 * is the point of the worst price.
 */
export interface QuoteErrors {
  maxError: number;
  /** Where the price exceeds 1e-6 of spot. */
  maxRelativeError: number;
  maxDeltaError: number;
  maxVegaError: number;
  at: Row;
}

type Point = [bigint, bigint, bigint, bigint];

const SPOT = 3000n * WAD;
/** Standard deviations at whose corners the quotes are looked at, from the least to the greatest. */
const SDS = [WAD / 1000n, WAD / 100n, WAD / 10n, WAD / 2n, WAD, 3n * WAD, 6n * WAD];
/** The ends of the strikes, and about the money. */
const STRIKES = [
  ...[1n, 2n, 4n, 8n].flatMap((n) => [(SPOT * n) / 16n, (SPOT * 16n) / n]),
  ...[0n, 1n, 10n ** 9n, 10n ** 17n, 10n ** 18n, 3n * 10n ** 18n].flatMap((d) => [SPOT + d, SPOT - d]),
];
const ONE = 1n << 96n;

/** The corners of the domain, and the money at the least and the greatest standard deviation. */
const corners = <R extends Row>(row: (sd: bigint, strike: bigint) => R): R[] =>
  SDS.flatMap((sd) => STRIKES.map((strike) => row(sd, strike)));

/** A smile without a wing, as near to a standard deviation as a word can have it and inside the domain. */
function flatWord(sd: bigint): bigint {
  const inside = sd < WAD ? 1 + 1e-8 : 1 - 1e-8;
  const variance = (Number(sd) / 1e18) ** 2 * inside;
  return quantise({ a: variance, b: 0, rho: 0, m: 0, sigma: Math.sqrt(variance) }, 0);
}

/** Points with S >= 1, whose last place is then at most 1e-18 of spot. */
function sample<R extends Row>(count: number, point: (next: () => number) => R, spotAt: number): R[] {
  const next = uniform(0x6d656e6973637573n);
  const rows: R[] = [];
  while (rows.length < count) {
    const row = point(next);
    if (row[spotAt]! >= WAD) rows.push(row);
  }
  return rows;
}

const fields = (word: bigint) => ({
  w0: atmVariance(word),
  b: b(word),
  rho: rho(word),
  m: m(word),
  sigma: sigma(word),
  exponent: exponent(word),
});

function fromSlice([word, forward, strike, ageing]: Point): Reference {
  const sd = sliceSd(fields(word), ln(fromRatio(strike, forward)), ageing);
  return blackScholes(fromWad(forward), fromWad(strike), sd);
}

function fromSurface([word, spot, strike, tau, tauAtReport]: [...Point, bigint]): Reference {
  const ageing = (tau << 96n) / tauAtReport;
  const growth = (basis(word) * ageing) << (BITS - 127n);
  const discounted = multiply(fromWad(strike), exp(-growth));
  const sd = sliceSd(fields(word), ln(fromRatio(discounted, fromWad(spot))), ageing);
  return blackScholes(fromWad(spot), discounted, sd);
}

/** The error beyond `UNITS` last places. */
function beyondRounding(value: bigint, exact: bigint): number {
  const error = absolute(fromWad(value) - exact) - fromWad(UNITS);
  return error > 0n ? toNumber(error) : 0;
}

async function errorsOf<R extends Row>(
  harness: BaseContract,
  method: string,
  rows: R[],
  exactAt: (row: R) => Reference & { readonly vega?: bigint; readonly rootTau?: bigint },
  spotAt: number,
): Promise<QuoteErrors> {
  const worst: QuoteErrors = {
    maxError: 0,
    maxRelativeError: 0,
    maxDeltaError: 0,
    maxVegaError: 0,
    at: rows[0]!,
  };
  const quotes = await callBatch(harness, method, rows);
  rows.forEach((row, i) => {
    const exact = exactAt(row);
    const spot = fromWad(row[spotAt]!);
    const [call, put, delta, vega] = quotes[i]! as Point;
    for (const [value, reference] of [
      [call, exact.call],
      [put, exact.put],
    ] as const) {
      const error = beyondRounding(value, reference);
      if (error / toNumber(spot) > worst.maxError) [worst.maxError, worst.at] = [error / toNumber(spot), row];
      if (reference * 1_000_000n > spot)
        worst.maxRelativeError = Math.max(worst.maxRelativeError, error / toNumber(reference));
    }
    const sd = toNumber(exact.sd);
    worst.maxDeltaError = Math.max(worst.maxDeltaError, sd * beyondRounding(delta, exact.delta));
    // Per 1.00 of vol it is that per unit of standard deviation times the root of the time.
    const root = exact.rootTau === undefined ? 1 : Math.max(1, toNumber(exact.rootTau));
    const vegaError = beyondRounding(vega, exact.vega ?? exact.vegaSd) / toNumber(spot);
    worst.maxVegaError = Math.max(worst.maxVegaError, (sd * vegaError) / root);
  });
  return worst;
}

/**
 * What a slice is off by whose b is the largest that a word holds, 128 U, about its kink: there the logarithm's error counts through the
 * smile's slope as well.
 */
export async function measureSteep(harness: BaseContract): Promise<QuoteErrors> {
  const next = uniform(0x7374656570n);
  const words = [7n, 8n, 9n].flatMap((power) =>
    [1n, 1n << 20n, 1n << 28n].map((width) =>
      packSlice({
        ...{ atmVariance: 1n << 30n, reportAt: 1_800_000_000n, flags: 0n, basis: 0n, exponent: power },
        ...{ rho: 0n, b: (1n << 36n) - 1n, sigma: width, m: 0n },
      }),
    ),
  );
  const rows = words.flatMap((word) =>
    Array.from({ length: 40 }, (): Point => {
      const k = (next() - 0.5) * 10 ** (-7 * next());
      return [word, SPOT, toWad(3000 * Math.exp(k)), ONE];
    }),
  );
  return errorsOf(harness, "manyFromSlice", rows, fromSlice, 1);
}

/** Errors of all four, over `count` random points each; `harness` is a `PricingHarness`. */
export async function measureErrors(
  harness: BaseContract,
  count: number,
): Promise<Record<string, QuoteErrors>> {
  const forwards = [
    ...corners((sd, strike): Point => [SPOT, SPOT, strike, (sd * sd) / WAD]),
    ...sample(count, forwardPoint, 0),
  ];
  const spots = [
    // At 6 itself the root of the time, rounded up, would be beyond the end.
    ...corners((sd, strike): [...Point, bigint] => [SPOT, strike, WAD, sd === 6n * WAD ? sd - 1n : sd, 0n]),
    ...sample(count, spotPoint, 0),
  ];
  const slices = [
    ...corners((sd, strike): Point => [flatWord(sd), SPOT, strike, ONE]),
    ...sample(count, sliceInput, 1),
  ];
  const surfaces = [
    ...corners((sd, strike): [...Point, bigint] => [flatWord(sd), SPOT, strike, ONE - 1n, ONE - 1n]),
    ...sample(count, surfaceInput, 1),
  ];
  return {
    quoteFromSpot: await errorsOf(harness, "manyFromSpot", spots, (row) => fromSpot(...row), 0),
    quoteFromForward: await errorsOf(harness, "manyFromForward", forwards, (row) => fromForward(...row), 0),
    quoteFromSlice: await errorsOf(harness, "manyFromSlice", slices, fromSlice, 1),
    quoteFromSurface: await errorsOf(harness, "manyFromSurface", surfaces, fromSurface, 1),
  };
}

/** The errors of the four quotes over their domain, against the 50-digit reference. */

import { atmVariance, b, basis, exponent, m, rho, sigma } from "@meniscus/sdk/slice";
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
import { callBatch, type Row } from "./batch.ts";
import { forwardPoint, sliceInput, spotPoint, surfaceInput, uniform } from "./points.ts";

const WAD = 10n ** 18n;

/** Last places that rounding may take from any output: its own, and that of the discounted strike, twice over. */
const UNITS = 3n;

/** Largest errors beyond rounding; prices and vega over spot. `at` is the point of the worst price. */
export interface QuoteErrors {
  maxError: number;
  /** Where the price exceeds 1e-6 of spot. */
  maxRelativeError: number;
  maxDeltaError: number;
  maxVegaError: number;
  at: Row;
}

type Point = [bigint, bigint, bigint, bigint];

/** The corners of the domain, and the money at the least and the greatest standard deviation. */
function corners(): Point[] {
  const spot = 3000n * WAD;
  const variances = [10n ** 12n, 10n ** 14n, 10n ** 16n, WAD / 4n, WAD, 9n * WAD, 36n * WAD];
  const strikes = [
    ...[1n, 2n, 4n, 8n].flatMap((n) => [(spot * n) / 16n, (spot * 16n) / n]),
    ...[0n, 1n, 10n ** 9n, 10n ** 17n, 10n ** 18n, 3n * 10n ** 18n].flatMap((d) => [spot + d, spot - d]),
  ];
  return variances.flatMap((w) => strikes.map((strike): Point => [spot, spot, strike, w]));
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
  exactAt: (row: R) => Reference & { readonly vega?: bigint },
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
    worst.maxDeltaError = Math.max(worst.maxDeltaError, beyondRounding(delta, exact.delta));
    const vegaError = beyondRounding(vega, exact.vega ?? exact.vegaSd) / toNumber(spot);
    worst.maxVegaError = Math.max(worst.maxVegaError, vegaError);
  });
  return worst;
}

/** Errors of all four, over `count` random points each; `harness` is a `PricingHarness`. */
export async function measureErrors(
  harness: BaseContract,
  count: number,
): Promise<Record<string, QuoteErrors>> {
  const forwards = [...corners(), ...sample(count, forwardPoint, 0)];
  const [spots, slices, surfaces] = [
    sample(count, spotPoint, 0),
    sample(count, sliceInput, 1),
    sample(count, surfaceInput, 1),
  ];
  return {
    quoteFromSpot: await errorsOf(harness, "manyFromSpot", spots, (row) => fromSpot(...row), 0),
    quoteFromForward: await errorsOf(harness, "manyFromForward", forwards, (row) => fromForward(...row), 0),
    quoteFromSlice: await errorsOf(harness, "manyFromSlice", slices, fromSlice, 1),
    quoteFromSurface: await errorsOf(harness, "manyFromSurface", surfaces, fromSurface, 1),
  };
}

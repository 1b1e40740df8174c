/**
 * A whole surface from a clean chain: prepare each slice, fit all jointly under the no-arbitrage rows, quantise to the on-chain word,
 * and let nothing out that is not free of arbitrage as quantised. Pure: no clock, no randomness, no I/O.
 */
import { quantise, unquantise } from "@meniscus/sdk/slice";
import { type SviParams, totalVariance } from "@meniscus/sdk/svi";
import { countArbitrage } from "../arbitrage.ts";
import type { CleanChain } from "../chain.ts";
import { MARGINS, type Margins } from "./constraints.ts";
import { fitJoint } from "./joint.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { median } from "./quotes.ts";
import { SIZE, smileOf, toSvi } from "./smile.ts";
import { risingLevels, ssviCoordinates, ssviShape } from "./ssvi.ts";
import type { FittedSlice, Quality, RefusedExpiry, Surface } from "./surface.ts";

export interface FitOptions {
  /** The surface before this one: a start, a shape for thin slices, and the source of carried-over ones. */
  readonly last?: Surface;
}

/** Never throws for a chain of finite numbers: every expiry is a slice or a stated refusal. */
export function fitSurface(chain: CleanChain, { last }: FitOptions = {}): Surface {
  const prepared = prepare(chain.expiries, last);
  const slices: Prepared[] = [];
  const refused: RefusedExpiry[] = [];
  prepared.forEach((item, i) => {
    if (typeof item === "string") refused.push({ expiryAt: chain.expiries[i]!.expiryAt, reason: item });
    else slices.push(item);
  });
  const { params, isFallback } = solve(slices);
  return {
    source: chain.source,
    currency: chain.currency,
    snapshotAt: chain.snapshotAt,
    spot: chain.spot,
    slices: slices.map((slice, i) => judge(slice, params[i]!, isFallback ? "fallback" : slice.quality)),
    refused,
  };
}

interface Solution {
  readonly params: SviParams[];
  readonly isFallback: boolean;
}

/** Margins widen from try to try; the last resort is the SSVI surface itself, which has no arbitrage by its construction. */
function solve(slices: readonly Prepared[]): Solution {
  if (slices.length === 0) return { params: [], isFallback: false };
  const free = concat(slices.map((slice) => slice.start));
  const ssvi = ssviStart(slices);
  const attempts: [start: Float64Array, margins: Margins][] = [
    [free, MARGINS],
    [free, widened(MARGINS, 4)],
    [ssvi, widened(MARGINS, 4)],
  ];
  const data = slices.map((slice) => slice.data);
  for (const [start, margins] of attempts) {
    const { x, violation } = fitJoint(data, start, { margins });
    if (violation > 1e-4) continue;
    const params = quantised(slices, x);
    if (params !== undefined && isClean(params)) return { params, isFallback: false };
  }
  return { params: quantised(slices, ssvi)!, isFallback: true };
}

function widened(margins: Margins, factor: number): Margins {
  return {
    ...margins,
    butterfly: margins.butterfly * factor,
    calendar: margins.calendar * factor,
    slope: margins.slope * factor,
  };
}

function concat(starts: readonly Float64Array[]): Float64Array {
  const x = new Float64Array(starts.length * SIZE);
  starts.forEach((start, i) => {
    x.set(start, i * SIZE);
  });
  return x;
}

/** The slices as the word holds them; undefined when one does not fit. */
function quantised(slices: readonly Prepared[], x: Float64Array): SviParams[] | undefined {
  try {
    return slices.map(
      ({ data, expiry }, i) => unquantise(quantise(toSvi(x, i * SIZE, data.scale), expiry.basis)).params,
    );
  } catch {
    return undefined;
  }
}

function isClean(params: readonly SviParams[]): boolean {
  const { butterfly, calendar } = countArbitrage(params);
  return butterfly + calendar === 0;
}

/** SSVI through the slices' own levels, in order, with the median skew and curvature. */
function ssviStart(slices: readonly Prepared[]): Float64Array {
  const smiles = slices.map((slice) => smileOf(slice.start));
  const levels = risingLevels(
    slices.map(({ data }, i) => Math.max(smiles[i]!.theta, 0.05) * data.scale ** 2),
    slices.map(({ data }) => data.count + 1),
  );
  const shape = ssviShape(
    median(smiles.map((p) => p.skew)),
    median(smiles.map((p) => p.curvature)),
    levels.at(-1)!,
  );
  const x = new Float64Array(slices.length * SIZE);
  slices.forEach(({ data }, i) => {
    ssviCoordinates(shape, levels[i]!, data.scale, x, i);
  });
  return x;
}

function judge(
  { expiry, used, outliers, counted }: Prepared,
  params: SviParams,
  quality: Quality,
): FittedSlice {
  let squares = 0;
  let inside = 0;
  for (const quote of counted) {
    const vol = Math.sqrt(totalVariance(params, quote.k) / expiry.tau);
    squares += (100 * (vol - quote.midVol)) ** 2;
    if (vol >= quote.bidVol && vol <= quote.askVol) inside++;
  }
  return {
    expiryAt: expiry.expiryAt,
    tau: expiry.tau,
    forward: expiry.forward,
    basis: expiry.basis,
    params,
    quality,
    quotes: used.length,
    outliers,
    rmse: counted.length === 0 ? 0 : Math.sqrt(squares / counted.length),
    inside,
    counted: counted.length,
  };
}

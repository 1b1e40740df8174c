/** Why a slice is far from its mids, as far as its own quotes and the free fit of them tell. */
import { counted } from "@meniscus/sdk/counted";
import type { CleanQuote } from "../chain/chain.ts";
import { halfSpread } from "../fit/quotes.ts";
import { upperMedian } from "../median.ts";
import { isInside, VOL_POINTS } from "./statistics.ts";

/** A quote of the fit filter beside our vol and the free fit's; vols as 1 = 100 %. */
export interface FarQuote extends CleanQuote {
  readonly vol: number;
  readonly freeVol: number;
}

interface FarSlice {
  /** Ascending by strike. */
  readonly quotes: readonly FarQuote[];
  /** In vol points, unweighted. */
  readonly rmse: number;
  readonly freeRmse: number;
  /** Quotes that the fit left out as outliers. */
  readonly outliers: number;
}

/** The quotes that decide are the fewest that make up this share of the squared error. */
const DECIDING = 0.75;
/** How many of them the reason names. */
const NAMED = 3;
/** From this multiple of the others' half-spread on it is the width that tells them apart. */
const WIDER = 2;
/** Below this share of our error the free fit's is another matter: constraints cost the rest. */
const AS_FAR = 0.8;

/**
 * Which quotes decide, where they lie and how wide they are; how the slice is quoted as a whole; and how far the free fit is. One line
 * for people: `+` is a mid above our smile.
 */
export function reasonOf({ quotes, rmse, freeRmse, outliers }: FarSlice): string {
  const deciding = decidingOf(quotes);
  const share = squaresOf(deciding.map((i) => quotes[i]!)) / squaresOf(quotes);
  const named = [...deciding]
    .sort((left, right) => Math.abs(errorOf(quotes[right]!)) - Math.abs(errorOf(quotes[left]!)))
    .slice(0, NAMED)
    .map((i) => describe(quotes[i]!));
  const isInsideAll = quotes.filter(isInside).length;
  const free = `the free SVI fit's error is ${((100 * freeRmse) / rmse).toFixed(0)} % of it`;
  return [
    ...(outliers > 0 ? [`${counted(outliers, "quote")} left out as off the smile, and counted here`] : []),
    `${(100 * share).toFixed(0)} % of the squared error in ${deciding.length} of ${counted(quotes.length, "quote")}, ${placeOf(quotes, deciding)}`,
    `farthest ${named.join(", ")}`,
    widthOf(quotes, deciding),
    `${isInsideAll} of ${quotes.length} have the smile inside, median half-spread ${spreadOf(quotes)} vp`,
    freeRmse > AS_FAR * rmse
      ? free
      : `${free}: its quotes contradict the neighbours' (calendar) or themselves (butterfly)`,
  ].join("; ");
}

/** Mid above our smile, in vol points. */
function errorOf({ midVol, vol }: FarQuote): number {
  return VOL_POINTS * (midVol - vol);
}

function squaresOf(quotes: readonly FarQuote[]): number {
  return quotes.reduce((sum, quote) => sum + errorOf(quote) ** 2, 0);
}

/** Places among the quotes, ascending. */
function decidingOf(quotes: readonly FarQuote[]): number[] {
  const byError = quotes
    .map((quote, i) => ({ i, square: errorOf(quote) ** 2 }))
    .sort((left, right) => right.square - left.square);
  let missing = DECIDING * squaresOf(quotes);
  const chosen: number[] = [];
  for (const { i, square } of byError) {
    if (missing <= 0) break;
    chosen.push(i);
    missing -= square;
  }
  return chosen.sort((left, right) => left - right);
}

function describe(quote: FarQuote): string {
  const error = errorOf(quote);
  const spreads = (Math.abs(error) / halfSpread(quote)).toFixed(2);
  return `${quote.strike} ${quote.type} ${error < 0 ? "" : "+"}${error.toFixed(1)} vp (${spreads} half-spreads)`;
}

/** Wings are the outer quarters of the quotes; neighbours that are off to the same side are a kink; all else is scattered. */
function placeOf(quotes: readonly FarQuote[], deciding: readonly number[]): string {
  const isLow = (i: number) => i < quotes.length / 4;
  const isHigh = (i: number) => i >= (3 * quotes.length) / 4;
  if (deciding.every(isLow)) return "in the wing of low strikes";
  if (deciding.every(isHigh)) return "in the wing of high strikes";
  if (deciding.every((i) => isLow(i) || isHigh(i))) return "in both wings";
  if (deciding.length === 1) return "alone among its neighbours";
  const isRun = deciding.every(
    (i, n) => n === 0 || (deciding[n - 1] === i - 1 && errorOf(quotes[i]!) * errorOf(quotes[i - 1]!) > 0),
  );
  const [first, last] = [deciding[0]!, deciding.at(-1)!];
  return isRun ? `a kink at ${quotes[first]!.strike} to ${quotes[last]!.strike}` : "scattered";
}

/** Whether the deciding quotes hold the smile, and whether it is by their width that they differ from the others. */
function widthOf(quotes: readonly FarQuote[], deciding: readonly number[]): string {
  const far = deciding.map((i) => quotes[i]!);
  const others = quotes.filter((_, i) => !deciding.includes(i));
  const outside = far.filter((quote) => !isInside(quote)).length;
  const spreads = `${spreadOf(far)} vp wide each way${others.length === 0 ? "" : `, the others ${spreadOf(others)}`}`;
  if (outside > far.length / 2) return `${spreads}: no smile of this shape meets them`;
  const isWider = others.length > 0 && medianSpread(far) >= WIDER * medianSpread(others);
  return `${spreads}: ${isWider ? "their mids say little, and weigh little" : "mids are known no better anywhere in the slice"}`;
}

function medianSpread(quotes: readonly FarQuote[]): number {
  return upperMedian(quotes.map(halfSpread));
}

function spreadOf(quotes: readonly FarQuote[]): string {
  return medianSpread(quotes).toFixed(1);
}

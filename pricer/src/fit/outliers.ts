/**
 * Quotes that no smile can mean: found by the redescending fit of `robust.ts`, from the best of several starts, and left out.
 *
 * Only a slice whose least-squares fit leaves a suspicious residual, or has bent into an odd shape to leave none, is looked at this
 * way, so clean slices pay nothing and lose nothing. A quote is an outlier when it stays farther from the robust smile than every bound of
 * `WILD`; once a slice is known to hold one, its other quotes are held to `BESIDE_WILD`.
 */
import { MAD_TO_SIGMA, upperMedian } from "../median.ts";
import { fitFree } from "./free.ts";
import { halfSpread, packQuotes, type QuoteSet, type VolQuote } from "./quotes.ts";
import {
  deletionStarts,
  LEANING,
  levelled,
  oddity,
  raised,
  residuals,
  robustCost,
  robustFit,
  unitOf,
} from "./robust.ts";

/** Bounds on a quote's distance from the smile: in robust scales of the slice's residuals, in its own half-spreads, in `unitOf` the slice. */
interface Bounds {
  readonly scales: number;
  readonly halves: number;
  readonly units: number;
}

const SUSPICIOUS: Bounds = { scales: 0, halves: 1.5, units: 2 };
const WILD: Bounds = { scales: 6, halves: 2, units: 2 };
/** Wild quotes seldom come alone, and small ones hide behind large. On recorded chains as they are it leaves out hardly anything more. */
const BESIDE_WILD: Bounds = { scales: 4, halves: 1, units: 1 };
/** More than this share of outliers is no contamination but a slice that contradicts itself: nothing is left out. */
const LARGEST_SHARE = 0.4;
/**
 * From this `oddity` on a plain fit may have bent towards a wild quote at the end of its slice. 8 and 10 do the
 * same on 210 recorded chains: no outlier more as they are, fewer missed once contaminated. 4 calls sound slices odd.
 */
const ODD = 8;

/** Fewer outliers on end are no wing. */
const LEAST_WING = 3;

/** What a slice is expected to look like. */
export interface Expectation {
  /** Shape in units of its own at-the-money sd. */
  readonly shape: Float64Array;
  /** At-the-money vol, where something is known of it. */
  readonly vol?: number;
}

interface Screened {
  readonly kept: readonly VolQuote[];
  /** Whether the plain fit left a residual, or took a shape, that only an outlier or an unusual smile gives it. */
  readonly isSuspicious: boolean;
  /** Whether a wing is left out because a fresh smile does not have it. That smile must not be renewed without it, or the wing would wait for ever. */
  readonly isWaiting: boolean;
}

/** Which quotes to keep; the search leans on each of what is expected in turn, and the best explanation counts. */
export function withoutOutliers(
  quotes: readonly VolQuote[],
  tau: number,
  expectations: readonly [Expectation, ...Expectation[]],
): Screened {
  if (quotes.length < 4) return { kept: quotes, isSuspicious: false, isWaiting: false };
  // The median of the mids near the money is a scale that one wild quote cannot move.
  const scale = robustScale(quotes) * Math.sqrt(tau);
  const data = packQuotes(quotes, tau, scale);
  const spreads = quotes.map(halfSpread);
  const leanings = expectations.map(({ shape }) => ({
    ...data,
    prior: { centre: shape, stiffness: LEANING },
  }));
  const [{ shape: likely, vol: fresh }] = expectations;
  const start = fresh === undefined ? undefined : raised(likely, ((fresh * Math.sqrt(tau)) / scale) ** 2);
  const plain = fitFree(leanings[0]!, start).x;
  const isOdd = oddity(leanings[0]!, plain) > ODD;
  if (!isOdd && outliers(data, plain, spreads, SUSPICIOUS).length === 0)
    return { kept: quotes, isSuspicious: false, isWaiting: false };

  const most = Math.floor(LARGEST_SHARE * quotes.length);
  let best = { x: plain, cost: Number.POSITIVE_INFINITY, leaning: leanings[0]! };
  expectations.forEach(({ shape, vol }, i) => {
    const leaning = leanings[i]!;
    const starts = [plain, levelled(data, shape), ...deletionStarts(leaning, plain, most)];
    if (vol !== undefined) starts.push(raised(shape, ((vol * Math.sqrt(tau)) / scale) ** 2));
    for (const start of starts) {
      const x = robustFit(leaning, start);
      const cost = robustCost(leaning, x);
      if (cost < best.cost) best = { x, cost, leaning };
    }
  });
  const found = settled(best.leaning, spreads, outliers(data, best.x, spreads, WILD));
  if (found.size > 0) addSmaller(found, best.leaning, spreads, most);
  const wings = wingsMet(found, best.leaning, spreads);
  // A fresh smile says whether there was a wing a moment ago: a new one waits until that smile is no longer fresh.
  const unexpected = start === undefined ? [] : outliers(data, start, spreads, WILD);
  const known = wings.filter((wing) => !wing.some((i) => unexpected.includes(i)));
  const wild = known.length === 0 ? found : settled(best.leaning, spreads, [...without(found, known.flat())]);
  const isContradiction = wild.size > most;
  const kept = isContradiction ? quotes : quotes.filter((_, i) => !wild.has(i));
  return { kept, isSuspicious: true, isWaiting: known.length < wings.length && !isContradiction };
}

/** Least squares without the outliers found, and they judged by it: what was left out wrongly comes back. */
function settled(data: QuoteSet, spreads: readonly number[], first: readonly number[]): Set<number> {
  let found = new Set(first);
  for (let round = 0; round < 3 && found.size > 0; round++) {
    const still = outliers(data, fitWithout(data, found), spreads, WILD).filter((i) => found.has(i));
    if (still.length === found.size) break;
    found = new Set(still);
  }
  return found;
}

/** Adds to the outliers found what is too far from the least squares without them, as long as they stay few. */
function addSmaller(found: Set<number>, data: QuoteSet, spreads: readonly number[], most: number): void {
  let left = new Set(found);
  for (let round = 0; round < 3; round++) {
    const next = new Set(outliers(data, fitWithout(data, left), spreads, BESIDE_WILD));
    if (next.size > most) break;
    const isSame = next.size === left.size && [...next].every((i) => left.has(i));
    left = next;
    if (isSame) break;
  }
  for (const i of left) found.add(i);
}

/**
 * The outliers that are wings after all. Quotes are wild one by one: three or more on end at an end of the slice, all above the smile and in line with
 * each other and with the sound quote beside them, are a wing steeper than expected. Each is judged by itself: it is one where a smile meets it. Two
 * may be in line by chance or by intent, and a smile bends to meet them, so they are none.
 */
function wingsMet(found: ReadonlySet<number>, data: QuoteSet, spreads: readonly number[]): number[][] {
  return wingsAmong(found, data, spreads).filter((wing) => {
    const x = fitWithout(data, without(found, wing));
    return !outliers(data, x, spreads, WILD).some((i) => wing.includes(i));
  });
}

function without(found: ReadonlySet<number>, some: readonly number[]): Set<number> {
  return new Set([...found].filter((i) => !some.includes(i)));
}

/**
 * Runs of outliers from an end on, `LEAST_WING` or more, each above the smile and, but for the last, with the line between its neighbours inside its
 * bid and ask.
 */
function wingsAmong(found: ReadonlySet<number>, data: QuoteSet, spreads: readonly number[]): number[][] {
  if (found.size < LEAST_WING) return [];
  const away = residuals(data, fitWithout(data, found));
  const last = data.count - 1;
  const isBent = (i: number) => {
    const share = (data.z[i]! - data.z[i - 1]!) / (data.z[i + 1]! - data.z[i - 1]!);
    const line = away[i - 1]! + share * (away[i + 1]! - away[i - 1]!);
    return Math.abs(away[i]! - line) > spreads[i]!;
  };
  const runFrom = (end: number, step: number) => {
    const run: number[] = [];
    for (let i = end; found.has(i) && away[i]! < 0; i += step) run.push(i);
    return run;
  };
  return [runFrom(0, 1), runFrom(last, -1)].filter(
    (run) => run.length >= LEAST_WING && run.length <= last && !run.slice(1).some(isBent),
  );
}

/** Least squares without these quotes. */
function fitWithout(data: QuoteSet, left: ReadonlySet<number>): Float64Array {
  return fitFree({ ...data, weight: data.weight.map((weight, i) => (left.has(i) ? 0 : weight)) }).x;
}

/** Median mid vol of the (up to) seven quotes nearest the money. */
function robustScale(quotes: readonly VolQuote[]): number {
  const nearest = [...quotes].sort((left, right) => Math.abs(left.k) - Math.abs(right.k)).slice(0, 7);
  return upperMedian(nearest.map((quote) => quote.midVol));
}

function outliers(
  data: QuoteSet,
  x: Float64Array,
  spreads: readonly number[],
  { scales, halves, units }: Bounds,
): number[] {
  const away = residuals(data, x).map(Math.abs);
  const scale = MAD_TO_SIGMA * upperMedian(away);
  const least = units * unitOf(data);
  const found: number[] = [];
  away.forEach((distance, i) => {
    if (distance > Math.max(scales * scale, halves * spreads[i]!, least)) found.push(i);
  });
  return found;
}

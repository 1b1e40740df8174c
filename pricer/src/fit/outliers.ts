/**
 * Quotes that no smile can mean: found by a redescending (Geman-McClure) fit, from the best of several starts, and left out.
 *
 * Only a slice whose least-squares fit leaves a suspicious residual, or has bent into an odd shape to leave none, is looked at this
 * way, so clean slices pay nothing and lose nothing. A quote is an outlier when it stays farther from the robust smile than every one
 * of: the robust scale of the slice's residuals times `SCALES`, its own half-spread times `HALF_SPREADS`, and `VOL_POINTS`.
 */
import { fitFree } from "./free.ts";
import { halfSpread, median, packQuotes, type QuoteSet, type VolQuote } from "./quotes.ts";
import { SIZE, smileOf, smileVariance } from "./smile.ts";

const SCALES = 6;
const HALF_SPREADS = 2;
const VOL_POINTS = 2;
/** More than this share of outliers is no contamination but a slice that contradicts itself: nothing is left out. */
const LARGEST_SHARE = 0.4;
const ROUNDS = 12;
/**
 * From this `oddity` on a plain fit may have bent towards a wild quote at the end of its slice. 8 and 10 do the
 * same on 210 recorded chains: no outlier more as they are, fewer missed once contaminated. 4 calls sound slices odd.
 */
const ODD = 8;

/** What a slice is expected to look like. */
export interface Expectation {
  /** Shape in units of its own at-the-money sd. */
  readonly shape: Float64Array;
  /** At-the-money vol, where something is known of it. */
  readonly vol?: number;
}

export interface Screened {
  readonly kept: readonly VolQuote[];
  /** Whether the plain fit left a residual, or took a shape, that only an outlier or an unusual smile gives it. */
  readonly isSuspicious: boolean;
}

/** Which quotes to keep; the search leans on each of what is expected in turn, and the best explanation counts. */
export function withoutOutliers(
  quotes: readonly VolQuote[],
  tau: number,
  expectations: readonly [Expectation, ...Expectation[]],
): Screened {
  if (quotes.length < 4) return { kept: quotes, isSuspicious: false };
  // The median of the mids near the money is a scale that one wild quote cannot move.
  const scale = robustScale(quotes) * Math.sqrt(tau);
  const data = packQuotes(quotes, tau, scale);
  const spreads = quotes.map(halfSpread);
  const leanings = expectations.map(({ shape }) => ({
    ...data,
    prior: { centre: shape, stiffness: LEANING },
  }));
  const [{ shape: likely, vol: known }] = expectations;
  const start = known === undefined ? undefined : raised(likely, ((known * Math.sqrt(tau)) / scale) ** 2);
  const plain = fitFree(leanings[0]!, start).x;
  const isOdd = oddity(leanings[0]!, plain) > ODD;
  if (!isOdd && outliers(data, plain, spreads, 0, 1.5).length === 0)
    return { kept: quotes, isSuspicious: false };

  let best = { x: plain, cost: Number.POSITIVE_INFINITY, leaning: leanings[0]! };
  expectations.forEach(({ shape, vol }, i) => {
    const leaning = leanings[i]!;
    const starts = [plain, levelled(data, shape)];
    if (vol !== undefined) starts.push(raised(shape, ((vol * Math.sqrt(tau)) / scale) ** 2));
    for (const start of starts) {
      const x = robustFit(leaning, start);
      const cost = robustCost(leaning, x);
      if (cost < best.cost) best = { x, cost, leaning };
    }
  });
  const found = settled(best.leaning, spreads, outliers(data, best.x, spreads, SCALES, HALF_SPREADS));
  const isContradiction = found.size > LARGEST_SHARE * quotes.length;
  return { kept: isContradiction ? quotes : quotes.filter((_, i) => !found.has(i)), isSuspicious: true };
}

/** Least squares without the outliers found, and they judged by it: what was left out wrongly comes back. */
function settled(data: QuoteSet, spreads: readonly number[], first: readonly number[]): Set<number> {
  let found = new Set(first);
  for (let round = 0; round < 3 && found.size > 0; round++) {
    const weight = data.weight.map((w, i) => (found.has(i) ? 0 : w));
    const x = fitFree({ ...data, weight }).x;
    const still = outliers(data, x, spreads, SCALES, HALF_SPREADS).filter((i) => found.has(i));
    if (still.length === found.size) break;
    found = new Set(still);
  }
  return found;
}

/** Median mid vol of the (up to) seven quotes nearest the money. */
function robustScale(quotes: readonly VolQuote[]): number {
  const nearest = [...quotes].sort((left, right) => Math.abs(left.k) - Math.abs(right.k)).slice(0, 7);
  return median(nearest.map((quote) => quote.midVol));
}

/** How firmly the robust fit leans on the reference shape: enough not to bend towards a wild quote, 1 / deviation^2. */
const LEANING = Float64Array.of(0, 25, 4, 4, 1);

function residuals(data: QuoteSet, x: Float64Array): number[] {
  const p = smileOf(x);
  return Array.from(
    data.z,
    (z, i) => data.volPoints * (Math.sqrt(Math.max(smileVariance(p, z), 0)) - data.target[i]!),
  );
}

function outliers(
  data: QuoteSet,
  x: Float64Array,
  spreads: readonly number[],
  scales: number,
  halves: number,
): number[] {
  const away = residuals(data, x).map(Math.abs);
  const scale = 1.4826 * median(away);
  const found: number[] = [];
  away.forEach((distance, i) => {
    if (distance > Math.max(scales * scale, halves * spreads[i]!, VOL_POINTS)) found.push(i);
  });
  return found;
}

/** The expected shape at the level where the median residual vanishes. */
function levelled(data: QuoteSet, shape: Float64Array): Float64Array {
  const p = smileOf(shape);
  return raised(
    shape,
    median(Array.from(data.z, (z, i) => data.target[i]! ** 2 / Math.max(smileVariance(p, z), 1e-3))),
  );
}

/** v times a level. */
function raised(shape: Float64Array, level: number): Float64Array {
  const x = Float64Array.from(shape);
  x[0]! *= level;
  x[1]! *= level;
  x[2]! += Math.log(level);
  return x;
}

/** Geman-McClure by reweighting, its scale shrinking from the start's to twice the median residual (at least 0.5 vp). */
function robustFit(data: QuoteSet, start: Float64Array): Float64Array {
  let x = start;
  let width = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const away = residuals(data, x);
    width = Math.min(width, Math.max(3 * median(away.map(Math.abs)), MIN_WIDTH));
    const weight = Float64Array.from(data.weight, (w, i) => w / (1 + (away[i]! / width) ** 2));
    const next = fitFree({ ...data, weight }, x).x;
    let moved = 0;
    for (let a = 0; a < SIZE; a++) moved = Math.max(moved, Math.abs(next[a]! - x[a]!));
    x = next;
    if (moved < 1e-3) break;
  }
  return x;
}

const MIN_WIDTH = 1;

/** Sum of r^2 / (r^2 + 3^2), what a smile leaves unexplained whatever its size, and how odd the smile is. */
function robustCost(data: QuoteSet, x: Float64Array): number {
  const unexplained = residuals(data, x).reduce((sum, r) => sum + (r * r) / (r * r + 9), 0);
  return unexplained + ODDITY_WEIGHT * oddity(data, x);
}

/** How far a smile is from the expected shape, in deviations of `LEANING`, squared. */
function oddity(data: QuoteSet, x: Float64Array): number {
  const { centre, stiffness } = data.prior!;
  return stiffness.reduce((sum, s, a) => sum + s * (x[a]! - centre[a]!) ** 2, 0);
}

const ODDITY_WEIGHT = 0.05;

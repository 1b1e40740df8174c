/**
 * Quotes that no smile can mean: found by a redescending (Geman-McClure) fit, from the best of several starts, and left out.
 *
 * Only a slice whose least-squares fit leaves a suspicious residual is looked at this way, so clean slices pay nothing and lose
 * nothing. A quote is an outlier when it stays farther from the robust smile than every one of: the robust scale of the slice's
 * residuals times `SCALES`, its own half-spread times `HALF_SPREADS`, and `VOL_POINTS`.
 */
import { fitFree } from "./free.ts";
import { halfSpread, median, type Prior, packQuotes, type QuoteSet, type VolQuote } from "./quotes.ts";
import { SIZE, smileOf, smileVariance } from "./smile.ts";

const SCALES = 6;
const HALF_SPREADS = 2;
const VOL_POINTS = 2;
/** More than this share of outliers is no contamination but a slice that contradicts itself: nothing is left out. */
const LARGEST_SHARE = 0.4;
const ROUNDS = 12;

/** Which quotes to keep. `reference` are coordinates that a smile of this slice is expected near, in sd units. */
export function withoutOutliers(
  quotes: readonly VolQuote[],
  tau: number,
  reference: Float64Array,
): VolQuote[] {
  if (quotes.length < 4) return [...quotes];
  // The median of the mids near the money is a scale that one wild quote cannot move.
  const data = { ...packQuotes(quotes, tau, robustScale(quotes) * Math.sqrt(tau)), prior: gentle(reference) };
  const spreads = quotes.map(halfSpread);
  const plain = fitFree(data).x;
  if (outliers(data, plain, spreads, 4, 1).length === 0) return [...quotes];

  let best = plain;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const start of [plain, levelled(data, reference)]) {
    const x = robustFit(data, start);
    const cost = robustCost(data, x);
    if (cost < bestCost) {
      bestCost = cost;
      best = x;
    }
  }
  const found = new Set(outliers(data, best, spreads, SCALES, HALF_SPREADS));
  return found.size > LARGEST_SHARE * quotes.length ? [...quotes] : quotes.filter((_, i) => !found.has(i));
}

/** Median mid vol of the (up to) seven quotes nearest the money. */
function robustScale(quotes: readonly VolQuote[]): number {
  const nearest = [...quotes].sort((left, right) => Math.abs(left.k) - Math.abs(right.k)).slice(0, 7);
  return median(nearest.map((quote) => quote.midVol));
}

/** Enough pull to settle the shape where few quotes are left, far too little to move a quoted smile. */
function gentle(reference: Float64Array): Prior {
  return { centre: reference, stiffness: Float64Array.of(0, 0.05, 0.05, 0.05, 0.05) };
}

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

/** The reference shape at the level (and with it the scale) where the median residual vanishes. */
function levelled(data: QuoteSet, reference: Float64Array): Float64Array {
  const x = Float64Array.from(reference);
  const p = smileOf(x);
  const ratios = Array.from(data.z, (z, i) => data.target[i]! ** 2 / Math.max(smileVariance(p, z), 1e-3));
  const level = median(ratios);
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

/** Mean of r^2 / (r^2 + 3^2): what a smile leaves unexplained, whatever its size. */
function robustCost(data: QuoteSet, x: Float64Array): number {
  return residuals(data, x).reduce((sum, r) => sum + (r * r) / (r * r + 9), 0);
}

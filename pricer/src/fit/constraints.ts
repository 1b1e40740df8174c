/**
 * No-arbitrage as inequality rows of a quadratic programme: at the worst points of each slice's butterfly function and of each
 * pair's calendar distance, the value and its gradient by the coordinates of `smile.ts`.
 *
 * A row reads value + gradient . step >= 0 and touches the five coordinates of one slice, or the ten of two neighbours. Continuous
 * conditions enter through their local minima on a scan grid (an exchange method for semi-infinite programmes); the wings through
 * exact slope rows. Scanning finds where to look; that nothing was missed is shown afterwards by the certificate, not here.
 */
import { butterflyGradient, smileButterfly } from "./butterflyRows.ts";
import type { Margins } from "./margins.ts";
import { addRow, type Rows } from "./rows.ts";
import { fillGrid, gather, grid, type Memory, values } from "./scanGrid.ts";
import { boxRows, flattestRow, steepestRow, varianceRow, wingGradient, wordRows } from "./shapeRows.ts";
import { SIZE, type Smile, smileGradient, smileOf, smileVariance, THETA, WINGS, wingSlope } from "./smile.ts";

/** The state of one iterate: coordinates, scales and unpacked slices. */
interface Iterate {
  readonly x: Float64Array;
  readonly scales: Float64Array;
  readonly smiles: Smile[];
}

export function iterateOf(x: Float64Array, scales: Float64Array): Iterate {
  const smiles: Smile[] = [];
  for (let i = 0; i < scales.length; i++) smiles.push(smileOf(x, i * SIZE));
  return { x, scales, smiles };
}

/** Butterfly rows are gathered below this value, calendar rows below this distance: beyond, a step cannot reach zero at once. */
const BUTTERFLY_NEAR = 0.12;
const CALENDAR_NEAR = 0.08;
/** Share of v(0). */
const LEAST_VARIANCE = 0.02;

/**
 * Gathers into `rows` (when given) every row near or beyond its bound, and returns the sum over slices and pairs of their largest
 * violations, in the units of the rows.
 */
export function scan(iterate: Iterate, margins: Margins, memory?: Memory, rows?: Rows): number {
  if (rows !== undefined) rows.count = 0;
  let violation = 0;
  const count = iterate.smiles.length;
  for (let i = 0; i < count; i++) {
    violation += scanSlice(iterate, i, margins, memory, rows);
    if (i + 1 < count) violation += scanPair(iterate, i, margins, memory, rows);
  }
  return violation;
}

function scanSlice(iterate: Iterate, i: number, margins: Margins, memory?: Memory, rows?: Rows): number {
  const p = iterate.smiles[i]!;
  const scale = iterate.scales[i]!;
  const points = fillGrid(memory?.fine ?? false, p, 1);
  let worst = 0;
  for (let j = 0; j < points; j++) {
    const g = smileButterfly(p, grid[j]!, scale) - margins.butterfly;
    values[j] = g;
    if (-g > worst) worst = -g;
  }
  const at = (z: number) => smileButterfly(p, z, scale);
  gather(memory, 2 * i, points, BUTTERFLY_NEAR, at, (z, current) => {
    const g = smileButterfly(p, z, scale);
    worst = Math.max(worst, margins.butterfly - g);
    if (rows === undefined || !(current || g < BUTTERFLY_NEAR)) return;
    const v = smileVariance(p, z);
    if (v < LEAST_VARIANCE * p.theta) {
      // Where the variance itself is about to vanish g is no guide: ask for variance first.
      const at = addRow(rows, i, v - LEAST_VARIANCE * p.theta);
      smileGradient(p, z, rows.gradient, at);
      rows.gradient[at + THETA]! -= LEAST_VARIANCE;
    } else butterflyGradient(p, z, scale, rows.gradient, addRow(rows, i, g - margins.butterfly));
  });
  const steepest = (2 * (1 - margins.wing)) / scale;
  for (const wing of WINGS) worst = Math.max(worst, steepestRow(rows, i, p, wing, steepest));
  const flattest = margins.slope * p.b;
  for (const wing of WINGS) worst = Math.max(worst, flattestRow(rows, i, p, wing, flattest));
  if (rows !== undefined) boxRows(rows, i, iterate.x);
  worst = Math.max(worst, wordRows(rows, i, p));
  return Math.max(worst, varianceRow(rows, i, p, margins));
}

/** Calendar rows of the pair (i, i+1), in k units of the geometric mean of the scales. */
function scanPair(iterate: Iterate, i: number, margins: Margins, memory?: Memory, rows?: Rows): number {
  const p = iterate.smiles[i]!;
  const q = iterate.smiles[i + 1]!;
  const unit = Math.sqrt(iterate.scales[i]! * iterate.scales[i + 1]!);
  const toFirst = unit / iterate.scales[i]!;
  const toSecond = unit / iterate.scales[i + 1]!;
  const first2 = 1 / (toFirst * toFirst);
  const second2 = 1 / (toSecond * toSecond);
  const points = fillGrid(memory?.fine ?? false, p, 1 / toFirst, q, 1 / toSecond);
  let worst = 0;
  // Far out the distance is measured in units of the distance from the money, as the slopes are; the margin is in the same unit, or
  // what the search leaves as rounding would outgrow it there.
  const distance = (u: number) =>
    (second2 * smileVariance(q, u * toSecond) - first2 * smileVariance(p, u * toFirst)) /
      (1 + 0.1 * Math.abs(u)) -
    margins.calendar;
  for (let j = 0; j < points; j++) {
    values[j] = distance(grid[j]!);
    if (-values[j]! > worst) worst = -values[j]!;
  }
  gather(memory, 2 * i + 1, points, CALENDAR_NEAR, distance, (u, current) => {
    const value = distance(u);
    worst = Math.max(worst, -value);
    if (rows === undefined || !(current || value < CALENDAR_NEAR)) return;
    const weight = 1 / (1 + 0.1 * Math.abs(u));
    const at = addRow(rows, i, value);
    smileGradient(p, u * toFirst, rows.gradient, at);
    smileGradient(q, u * toSecond, rows.gradient, at + SIZE);
    for (let a = 0; a < SIZE; a++) {
      rows.gradient[at + a]! *= -first2 * weight;
      rows.gradient[at + SIZE + a]! *= second2 * weight;
    }
  });
  for (const wing of WINGS) {
    const short = wingSlope(p, wing) / toFirst;
    const long = wingSlope(q, wing) / toSecond;
    const value = long - short * (1 + margins.slope) - margins.slope;
    if (-value > worst) worst = -value;
    if (rows !== undefined && value < 0.3 * short + 0.05) {
      const at = addRow(rows, i, value);
      wingGradient(p, wing, -(1 + margins.slope) / toFirst, rows.gradient, at);
      wingGradient(q, wing, 1 / toSecond, rows.gradient, at + SIZE);
    }
  }
  return worst;
}

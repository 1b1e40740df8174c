/**
 * No-arbitrage as inequality rows of a quadratic programme: at the worst points of each slice's butterfly function and of each
 * pair's calendar distance, the value and its gradient by the coordinates of `smile.ts`.
 *
 * A row reads value + gradient . step >= 0 and touches the five coordinates of one slice, or the ten of two neighbours. Continuous
 * conditions enter through their local minima on a scan grid (an exchange method for semi-infinite programmes); the wings through
 * exact slope rows. Scanning finds where to look; that nothing was missed is shown afterwards by the certificate, not here.
 */
import { HIGHEST, LOWEST } from "./box.ts";
import { LOG_CURVATURE, SIZE, type Smile, smileGradient, smileOf, smileVariance } from "./smile.ts";

/** What is kept from the strict inequality, so that quantisation and rounding cannot cross it. */
export interface Margins {
  /** Least butterfly value g. */
  readonly butterfly: number;
  /** Least w2 - w1, in units of the product of the two scales. */
  readonly calendar: number;
  /** Least relative growth of wing slopes with expiry, and least share of b in either wing (1 - |rho|). */
  readonly slope: number;
  /** Wing slopes of w stay below 2 (1 - wing). */
  readonly wing: number;
  /** Least minimum of v over v(0). */
  readonly variance: number;
}

export const MARGINS: Margins = {
  butterfly: 5e-4,
  calendar: 1e-5,
  slope: 1e-5,
  wing: 0.005,
  variance: 1e-3,
};

/**
 * Where worst points have been seen. A step that moves a function's minimum elsewhere would otherwise be found again and again
 * (the exchange method would cycle), so each programme also holds the points of the scans before it.
 */
export interface Memory {
  /** Whether scans use the fine grid. */
  fine: boolean;
  /** Abscissae by function: slice i at 2 i, pair (i, i+1) at 2 i + 1. */
  readonly points: number[][];
}

export function emptyMemory(slices: number): Memory {
  return { fine: false, points: Array.from({ length: 2 * slices }, () => []) };
}

const REMEMBERED = 24;

/** Adds an abscissa; it takes the place of a near one, else of the oldest when the list is full. */
function remember(memory: Memory, index: number, at: number): void {
  const list = memory.points[index]!;
  for (let j = 0; j < list.length; j++) {
    if (Math.abs(list[j]! - at) <= 0.004 * (1 + Math.abs(at))) {
      list.splice(j, 1);
      break;
    }
  }
  if (list.length === REMEMBERED) list.shift();
  list.push(at);
}

/** Rows gathered for one quadratic programme. */
export interface Rows {
  count: number;
  /** First slice of each row. */
  readonly slice: Int32Array;
  /** Ten coefficients a row; the last five are zero for a row of one slice. */
  readonly gradient: Float64Array;
  readonly value: Float64Array;
}

const CAPACITY = 2048;

export function emptyRows(): Rows {
  return {
    count: 0,
    slice: new Int32Array(CAPACITY),
    gradient: new Float64Array(CAPACITY * 2 * SIZE),
    value: new Float64Array(CAPACITY),
  };
}

/** Scan abscissae in sd units: dense at the money, geometric to 150 on either side. */
const SCAN = scanGrid(40);
/** The same range eight times as fine: to confirm what the coarse scan found clean. */
const FINE_SCAN = scanGrid(320);

function scanGrid(half: number): Float64Array {
  return Float64Array.from(
    { length: 2 * half + 1 },
    (_, j) => 0.75 * Math.sinh((j / half - 1) * Math.asinh(400)),
  );
}

/** Further abscissae around a slice's own bend, in units of its sigma. */
const BEND = [-6, -3, -2, -1.4, -1, -0.7, -0.4, -0.2, 0, 0.2, 0.4, 0.7, 1, 1.4, 2, 3, 6];

/** Far wings, where a small difference of slopes still has to make up for the intercepts. */
const FAR = [-1e6, -1e5, -2e4, -5e3, -1500, -600, 600, 1500, 5e3, 2e4, 1e5, 1e6];

const grid = new Float64Array(FINE_SCAN.length + FAR.length + 2 * BEND.length);
const values = new Float64Array(grid.length);

/** Fills `grid` with the scan points and those around the given bends; returns their number. Sorted. */
function fillGrid(fine: boolean, first: Smile, firstScale: number, second?: Smile, secondScale = 1): number {
  const points = fine ? FINE_SCAN : SCAN;
  grid.set(points);
  grid.set(FAR, points.length);
  let count = points.length + FAR.length;
  for (const u of BEND) grid[count++] = (first.m + u * first.sigma) * firstScale;
  if (second !== undefined) for (const u of BEND) grid[count++] = (second.m + u * second.sigma) * secondScale;
  grid.subarray(0, count).sort();
  return count;
}

/** Butterfly value g(z) of a slice whose w = scale^2 v. */
export function smileButterfly(p: Smile, z: number, scale: number): number {
  const x = z - p.m;
  const r2 = x * x + p.sigma * p.sigma;
  const r = Math.sqrt(r2);
  const v = p.theta + z * (p.skew + (p.curvature * z * p.radius) / (p.radius + p.mu * z + r));
  if (!(v > 1e-6)) return -10 + Math.min(v, 0);
  const slope = p.skew + p.b * (x / r - p.mu);
  const h = 1 - (z * slope) / (2 * v);
  return (
    h * h - 0.25 * slope * slope * (1 / v + 0.25 * scale * scale) + (0.5 * p.b * p.sigma * p.sigma) / (r2 * r)
  );
}

const dv = new Float64Array(SIZE);

/** g(z) with its gradient at `out[at..]`. */
function butterflyGradient(p: Smile, z: number, scale: number, out: Float64Array, at: number): number {
  const v = smileGradient(p, z, dv, 0);
  const x = z - p.m;
  const r2 = x * x + p.sigma * p.sigma;
  const r = Math.sqrt(r2);
  const s2 = p.sigma * p.sigma;
  const cube = s2 / (r2 * r);
  const lean = p.b * (x / r - p.mu);
  const slope = p.skew + lean;
  const curvature = p.b * cube;
  const h = 1 - (z * slope) / (2 * v);
  const quarter = 0.25 * scale * scale;
  const byValue = (h * z * slope) / (v * v) + (0.25 * slope * slope) / (v * v);
  const bySlope = (-h * z) / v - 0.5 * slope * (1 / v + quarter);
  out[at] = byValue;
  out[at + 1] = byValue * dv[1]! + bySlope;
  out[at + 2] = byValue * dv[2]! + bySlope * lean + 0.5 * curvature;
  const leanByY = 3 * p.mu * lean + p.b * (p.radius * cube - (1 - p.mu * p.mu));
  out[at + 3] = byValue * dv[3]! + bySlope * leanByY + 1.5 * curvature * (p.mu - (x * p.radius) / r2);
  out[at + 4] =
    byValue * dv[4]! + bySlope * (lean - p.b * z * cube) + 1.5 * curvature * (1 - (s2 - p.m * x) / r2);
  return h * h - 0.25 * slope * slope * (1 / v + quarter) + 0.5 * curvature;
}

/** The state of one iterate: coordinates, scales and unpacked slices. */
export interface Iterate {
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
    const at = newRow(rows, i);
    const v = smileGradient(p, z, rows.gradient, at);
    if (v < 0.02 * p.theta) {
      // Where the variance itself is about to vanish g is no guide: ask for variance first.
      rows.gradient[at]! -= 0.02;
      rows.value[rows.count - 1] = v - 0.02 * p.theta;
    } else {
      rows.value[rows.count - 1] = butterflyGradient(p, z, scale, rows.gradient, at) - margins.butterfly;
    }
  });
  worst = Math.max(worst, slopeRow(rows, i, p, 1, 0, (2 * (1 - margins.wing)) / scale, -1));
  worst = Math.max(worst, slopeRow(rows, i, p, -1, 0, (2 * (1 - margins.wing)) / scale, -1));
  const floor = margins.slope * p.b;
  worst = Math.max(worst, slopeRow(rows, i, p, 1, floor, 0, 1));
  worst = Math.max(worst, slopeRow(rows, i, p, -1, floor, 0, 1));
  if (rows !== undefined) boxRows(rows, i, iterate.x);
  worst = Math.max(worst, wordRows(rows, i, p));
  return Math.max(worst, varianceRow(rows, i, p, margins));
}

/** Visits the current minima, and what the memory holds elsewhere; then the memory takes up the current minima. */
function gather(
  memory: Memory | undefined,
  index: number,
  points: number,
  near: number,
  value: (at: number) => number,
  visit: (at: number, current: boolean) => void,
): void {
  const minima: number[] = [];
  for (let j = 1; j + 1 < points; j++) {
    const here = values[j]!;
    if (!(here < near) || here > values[j - 1]! || here >= values[j + 1]!) continue;
    const at = refined(j, value);
    minima.push(at);
    visit(at, true);
    if (at !== grid[j]!) visit(grid[j]!, true);
  }
  if (memory === undefined) return;
  for (const at of memory.points[index]!) {
    if (!minima.some((other) => Math.abs(other - at) <= 0.002 * (1 + Math.abs(at)))) visit(at, false);
  }
  for (const at of minima) remember(memory, index, at);
}

/** The minimum between three neighbouring scan points, by two steps of parabolic interpolation. */
function refined(j: number, value: (at: number) => number): number {
  let [left, here, right] = [grid[j - 1]!, grid[j]!, grid[j + 1]!];
  let [atLeft, atHere, atRight] = [values[j - 1]!, values[j]!, values[j + 1]!];
  for (let round = 0; round < 2; round++) {
    const s1 = (atHere - atLeft) / (here - left);
    const s2 = (atRight - atHere) / (right - here);
    const next = 0.5 * (left + here) - (s1 * (right - left)) / (2 * (s2 - s1));
    if (!(next > left && next < right && next !== here)) break;
    const atNext = value(next);
    const [lower, upper] = next < here ? [next, here] : [here, next];
    const [atLower, atUpper] = next < here ? [atNext, atHere] : [atHere, atNext];
    if (atNext < atHere) {
      if (next < here) [right, atRight] = [upper, atUpper];
      else [left, atLeft] = [lower, atLower];
      [here, atHere] = [next, atNext];
    } else if (next < here) [left, atLeft] = [lower, atLower];
    else [right, atRight] = [upper, atUpper];
  }
  return here;
}

/** Reserves a zeroed row of slice i; returns where its gradient starts. */
function newRow(rows: Rows, i: number): number {
  if (rows.count === CAPACITY)
    throw new RangeError("Fit_TooManyRows: the scan found more rows than a programme holds");
  const at = rows.count * 2 * SIZE;
  rows.gradient.fill(0, at, at + 2 * SIZE);
  rows.slice[rows.count] = i;
  rows.count++;
  return at;
}

/**
 * Row sign (slope - bound) >= floor on one wing (side 1 right, -1 left), gathered when near; slopes in v per z.
 * d(right)/d(ln c) = b (1 - mu), by y: b (1 - mu)(3 mu - (1 + mu)), by ln s: b (1 - mu); the left wing mirrors it.
 */
function slopeRow(
  rows: Rows | undefined,
  i: number,
  p: Smile,
  side: 1 | -1,
  floor: number,
  bound: number,
  sign: 1 | -1,
): number {
  const slope = side === 1 ? p.rightSlope : p.leftSlope;
  const value = sign * (slope - bound) - floor;
  if (rows !== undefined && value < 0.5 * (bound + Math.abs(slope)) + 0.05) {
    const at = newRow(rows, i);
    wingGradient(p, side, sign, rows.gradient, at);
    rows.value[rows.count - 1] = value;
  }
  return value < 0 ? -value : 0;
}

function wingGradient(p: Smile, side: 1 | -1, factor: number, out: Float64Array, at: number): void {
  const slope = side === 1 ? p.rightSlope : p.leftSlope;
  const stretch = slope - side * p.skew;
  out[at + 1] = factor * side;
  out[at + 2] = factor * stretch;
  out[at + 3] = factor * stretch * (2 * p.mu - side);
  out[at + 4] = factor * stretch;
}

/** Rows that keep a step inside the box of `box.ts`; an iterate is never outside it, so they carry no violation. */
function boxRows(rows: Rows, i: number, x: Float64Array): void {
  for (let a = LOG_CURVATURE; a < SIZE; a++) {
    for (const side of [1, -1] as const) {
      const room = side === 1 ? HIGHEST[a]! - x[i * SIZE + a]! : x[i * SIZE + a]! - LOWEST[a]!;
      if (room > 1.5) continue;
      const at = newRow(rows, i);
      rows.gradient[at + a] = -side;
      rows.value[rows.count - 1] = room;
    }
  }
}

/**
 * What the contracts and the word can hold, in units of sd = sqrt(w(0)), with room: sigma <= 16 sd, |m| < 16 sd, b < 64 sd (for v:
 * b in units of sqrt(theta) below 64). Rows ln(bound sqrt(theta) / value) >= 0.
 */
function wordRows(rows: Rows | undefined, i: number, p: Smile): number {
  const theta = Math.max(p.theta, 1e-6);
  const level = 0.5 * Math.log(theta);
  const sigma = Math.log(15 / p.sigma) + level;
  const m = Math.log(15 / Math.max(Math.abs(p.m), 1e-3)) + level;
  const b = Math.log(50 / p.b) + level;
  if (rows !== undefined) {
    if (sigma < 0.7) logRow(rows, i, theta, sigma, 0, 0, -1);
    if (m < 0.7) logRow(rows, i, theta, m, 0, -1 / p.mu, -1);
    if (b < 0.7) logRow(rows, i, theta, b, -1, -3 * p.mu, -1);
  }
  return Math.max(0, -sigma, -m, -b);
}

function logRow(
  rows: Rows,
  i: number,
  theta: number,
  value: number,
  byC: number,
  byY: number,
  bySigma: number,
): void {
  const at = newRow(rows, i);
  rows.gradient[at] = 0.5 / theta;
  rows.gradient[at + 2] = byC;
  rows.gradient[at + 3] = byY;
  rows.gradient[at + 4] = bySigma;
  rows.value[rows.count - 1] = value;
}

/** Row: minimum of v >= margin v(0), by the envelope theorem the gradient at the minimiser. */
function varianceRow(rows: Rows | undefined, i: number, p: Smile, margins: Margins): number {
  if (!(p.rightSlope > 0 && p.leftSlope > 0)) return 0;
  const rho = (p.rightSlope - p.leftSlope) / (p.rightSlope + p.leftSlope);
  const z = p.m - (p.sigma * rho) / Math.sqrt(1 - rho * rho);
  const value = smileVariance(p, z) - margins.variance * p.theta;
  if (rows !== undefined && value < 0.3 * p.theta) {
    const at = newRow(rows, i);
    smileGradient(p, z, rows.gradient, at);
    rows.gradient[at]! -= margins.variance;
    rows.value[rows.count - 1] = value;
  }
  return value < 0 ? -value : 0;
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
  // Far out the distance is measured in units of the distance from the money, as the slopes are.
  const distance = (u: number) =>
    (second2 * smileVariance(q, u * toSecond) - first2 * smileVariance(p, u * toFirst) - margins.calendar) /
    (1 + 0.1 * Math.abs(u));
  for (let j = 0; j < points; j++) {
    values[j] = distance(grid[j]!);
    if (-values[j]! > worst) worst = -values[j]!;
  }
  gather(memory, 2 * i + 1, points, CALENDAR_NEAR, distance, (u, current) => {
    const value = distance(u);
    worst = Math.max(worst, -value);
    if (rows === undefined || !(current || value < CALENDAR_NEAR)) return;
    const weight = 1 / (1 + 0.1 * Math.abs(u));
    const at = newRow(rows, i);
    smileGradient(p, u * toFirst, rows.gradient, at);
    smileGradient(q, u * toSecond, rows.gradient, at + SIZE);
    for (let a = 0; a < SIZE; a++) {
      rows.gradient[at + a]! *= -first2 * weight;
      rows.gradient[at + SIZE + a]! *= second2 * weight;
    }
    rows.value[rows.count - 1] = value;
  });
  for (const side of [1, -1] as const) {
    const short = (side === 1 ? p.rightSlope : p.leftSlope) / toFirst;
    const long = (side === 1 ? q.rightSlope : q.leftSlope) / toSecond;
    const value = long - short * (1 + margins.slope) - margins.slope * 0.1;
    if (-value > worst) worst = -value;
    if (rows !== undefined && value < 0.3 * short + 0.05) {
      const at = newRow(rows, i);
      wingGradient(p, side, -(1 + margins.slope) / toFirst, rows.gradient, at);
      wingGradient(q, side, 1 / toSecond, rows.gradient, at + SIZE);
      rows.value[rows.count - 1] = value;
    }
  }
  return worst;
}

/**
 * Where the scans look: a grid over a function of log-moneyness, its local minima, and a memory of minima seen before.
 */
import type { Smile } from "./smile.ts";

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

/** Far wings, where a small difference of slopes still has to make up for the intercepts. */
const FAR = [-1e6, -1e5, -2e4, -5e3, -1500, -600, 600, 1500, 5e3, 2e4, 1e5, 1e6];

function withFar(points: Float64Array): Float64Array {
  return Float64Array.of(...points, ...FAR).sort();
}

/** Scan abscissae in sd units: dense at the money, geometric to 300 on either side. */
const SCAN = withFar(scanGrid(40));
/** The same range eight times as fine: to confirm what the coarse scan found clean. */
const FINE_SCAN = withFar(scanGrid(320));

function scanGrid(half: number): Float64Array {
  return Float64Array.from(
    { length: 2 * half + 1 },
    (_, j) => 0.75 * Math.sinh((j / half - 1) * Math.asinh(400)),
  );
}

/** Further abscissae around a slice's own bend, in units of its sigma. */
const BEND = [-6, -3, -2, -1.4, -1, -0.7, -0.4, -0.2, 0, 0.2, 0.4, 0.7, 1, 1.4, 2, 3, 6];

export const grid = new Float64Array(FINE_SCAN.length + 2 * BEND.length);
/** Values at the grid points, for `gather`. */
export const values = new Float64Array(grid.length);

/** Fills `grid` with the scan points and those around the given bends; returns their number. Sorted. */
export function fillGrid(
  fine: boolean,
  first: Smile,
  firstScale: number,
  second?: Smile,
  secondScale = 1,
): number {
  const points = fine ? FINE_SCAN : SCAN;
  grid.set(points);
  const count = merge(points.length, first, firstScale);
  return second === undefined ? count : merge(count, second, secondScale);
}

/** Merges the bend of a smile into the first `count` of `grid`, both ascending; returns how many there are now. */
function merge(count: number, { m, sigma }: Smile, scale: number): number {
  let from = count - 1;
  let to = count + BEND.length - 1;
  for (let j = BEND.length - 1; j >= 0; j--) {
    const at = (m + BEND[j]! * sigma) * scale;
    while (from >= 0 && grid[from]! > at) grid[to--] = grid[from--]!;
    grid[to--] = at;
  }
  return count + BEND.length;
}

/** Visits the current minima, and what the memory holds elsewhere; then the memory takes up the current minima. */
export function gather(
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

/**
 * The eSSVI surface nearest to the quotes, by the cost of the joint fit: Gauss-Newton steps under the conditions of `essvi.ts` as rows of
 * the quadratic programme. Every iterate is led back to where there is no arbitrage, so that the search can be stopped anywhere, and
 * cannot fail: it is what remains when raw SVI does.
 */
import { costOf, normalEquations } from "./cost.ts";
import {
  arbitrageFree,
  ESSVI_SIZE,
  type EssviSlice,
  essviCoordinates,
  essviOf,
  JACOBIAN_SIZE,
} from "./essvi.ts";
import { essviRows } from "./essviRows.ts";
import { risingLevels } from "./isotonic.ts";
import { solveProgramme } from "./programme.ts";
import type { QuoteSet } from "./quotes.ts";
import { emptyRows } from "./rows.ts";
import { SIZE } from "./smile.ts";

interface EssviFit {
  /** Coordinates of `smile.ts`, 5 a slice. */
  readonly x: Float64Array;
  readonly cost: number;
  readonly iterations: number;
}

const MAX_ITERATIONS = 40;
/** Relative change of the cost that ends the search. */
const SETTLED = 1e-6;
/** Far above any multiplier of rows that a point without arbitrage meets. */
const PENALTY = 1e6;
/** A small stiffness that keeps directions without data where they are. */
const STIFFNESS = 1e-6;

/** Fits all slices (ascending expiry); the level, skew and curvature of the smiles at `start` (5 coordinates a slice) are the start. */
export function fitEssvi(data: readonly QuoteSet[], start: Float64Array): EssviFit {
  const scales = Float64Array.from(data, (set) => set.scale);
  const rows = emptyRows(data.length);
  let current = at(data, firstSlices(data, start, scales), scales);
  let damping = 1e-3;
  let iterations = 0;
  while (iterations < MAX_ITERATIONS && damping < 1e6) {
    iterations++;
    const { hessian, gradient } = model(data, current.slices, damping);
    essviRows(current.slices, scales, rows);
    const { step } = solveProgramme({ hessian, gradient, rows, penalty: PENALTY });
    const asked = current.slices.map(({ theta, psi, chi }, i) => ({
      theta: theta + step[i * SIZE]!,
      psi: psi + step[i * SIZE + 1]!,
      chi: chi + step[i * SIZE + 2]!,
    }));
    const trial = at(data, asked, scales);
    if (trial.cost < current.cost) {
      const gain = current.cost - trial.cost;
      current = trial;
      damping = Math.max(1e-8, damping * 0.2);
      if (gain <= SETTLED * (1 + trial.cost)) break;
    } else damping *= 8;
  }
  return { x: current.x, cost: current.cost, iterations };
}

interface Point {
  readonly slices: readonly EssviSlice[];
  readonly x: Float64Array;
  readonly cost: number;
}

/** The point without arbitrage that the slices asked for lead to. */
function at(data: readonly QuoteSet[], asked: readonly EssviSlice[], scales: Float64Array): Point {
  const slices = arbitrageFree(asked, scales);
  const x = new Float64Array(data.length * SIZE);
  let cost = 0;
  data.forEach((set, i) => {
    essviCoordinates(slices[i]!, x, i * SIZE);
    cost += costOf(set, x, i * SIZE);
  });
  return { slices, x, cost };
}

/** The start's slices, on levels brought into order. */
function firstSlices(data: readonly QuoteSet[], start: Float64Array, scales: Float64Array): EssviSlice[] {
  const slices = data.map((_, i) => essviOf(start, i * SIZE));
  const levels = risingLevels(
    slices.map(({ theta }, i) => theta * scales[i]! ** 2),
    data.map(({ count }) => count + 1),
  );
  return slices.map((slice, i) => ({ ...slice, theta: levels[i]! / scales[i]! ** 2 }));
}

/** Damped Gauss-Newton system in (theta, psi, chi); the last two of a block's five coordinates rest. */
function model(data: readonly QuoteSet[], slices: readonly EssviSlice[], damping: number) {
  const hessian = new Float64Array(data.length * SIZE * SIZE);
  const gradient = new Float64Array(data.length * SIZE);
  const x = new Float64Array(SIZE);
  const jacobian = new Float64Array(JACOBIAN_SIZE);
  const full = new Float64Array(SIZE * SIZE);
  const slope = new Float64Array(SIZE);
  data.forEach((set, i) => {
    essviCoordinates(slices[i]!, x, 0, jacobian);
    normalEquations(set, x, 0, full, slope);
    const block = hessian.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE);
    for (let a = 0; a < SIZE; a++) block[a * SIZE + a] = a < ESSVI_SIZE ? STIFFNESS * (1 + 1e3 * damping) : 1;
    for (let a = 0; a < ESSVI_SIZE; a++) {
      for (let c = 0; c < SIZE; c++) {
        const byC = jacobian[c * ESSVI_SIZE + a]!;
        gradient[i * SIZE + a]! += byC * slope[c]!;
        for (let b = 0; b < ESSVI_SIZE; b++)
          for (let d = 0; d < SIZE; d++)
            block[a * SIZE + b]! += byC * full[c * SIZE + d]! * jacobian[d * ESSVI_SIZE + b]!;
      }
    }
    for (let a = 0; a < ESSVI_SIZE; a++) block[a * SIZE + a]! *= 1 + damping;
  });
  return { hessian, gradient };
}

/**
 * The joint arbitrage-free fit: sequential quadratic programming over all slices at once, Gauss-Newton Hessians, the rows of
 * `constraints.ts`, an exact penalty for globalisation and Levenberg-Marquardt damping in place of a trust region.
 *
 * The free fit is the start; most slices hardly move, because free SVI violates no-arbitrage in the wings only.
 */

import { clampToBox } from "./box.ts";
import { emptyMemory, emptyRows, iterateOf, MARGINS, type Margins, scan } from "./constraints.ts";
import { costOf, normalEquations } from "./free.ts";
import { norm, rowTimes, solveProgramme } from "./programme.ts";
import type { QuoteSet } from "./quotes.ts";
import { SIZE } from "./smile.ts";

export interface JointFit {
  readonly x: Float64Array;
  readonly cost: number;
  /** Sum of the largest violations of the margins on the scan grid: 0 up to rounding when the fit is feasible. */
  readonly violation: number;
  readonly iterations: number;
}

const MAX_ITERATIONS = 60;
const FEASIBLE = 3e-6;

/** Weight of each slice's cost: 1 unless given. */
export interface JointOptions {
  readonly margins?: Margins;
  readonly maxIterations?: number;
  /** Look once more on the fine grid before stopping; without it a narrow violation between scan points may be left. */
  readonly confirm?: boolean;
}

/** Fits all slices (ascending expiry) from the start coordinates `start` (5 a slice). */
export function fitJoint(
  data: readonly QuoteSet[],
  start: Float64Array,
  options: JointOptions = {},
): JointFit {
  const margins = options.margins ?? MARGINS;
  const maxIterations = options.maxIterations ?? MAX_ITERATIONS;
  const count = data.length;
  const size = count * SIZE;
  const scales = Float64Array.from(data, (set) => set.scale);
  let x: Float64Array = Float64Array.from(start);
  const hessian = new Float64Array(size * SIZE);
  const damped = new Float64Array(size * SIZE);
  const gradient = new Float64Array(size);
  const rows = emptyRows();
  const trialRows = emptyRows();
  const memory = emptyMemory(count);
  let penalty = INITIAL_PENALTY;
  let damping = 1e-3;
  let cost = assemble(data, x, hessian, gradient);
  let violation = scan(iterateOf(x, scales), margins, memory, rows);
  const filter = new Filter();
  let iterations = 0;
  /** Looks once more on the fine grid; what it finds is remembered, and the search goes on. */
  const isConfirmed = (): boolean => {
    if (options.confirm === false) return true;
    memory.fine = true;
    violation = scan(iterateOf(x, scales), margins, memory, rows);
    memory.fine = false;
    return violation <= FEASIBLE;
  };
  while (iterations < maxIterations) {
    iterations++;
    for (let r = 0; r < size; r++) {
      for (let c = 0; c < SIZE; c++) damped[r * SIZE + c] = hessian[r * SIZE + c]!;
      damped[r * SIZE + (r % SIZE)]! +=
        damping * hessian[r * SIZE + (r % SIZE)]! + DIAGONAL[r % SIZE]! * (1 + 1e3 * damping);
    }
    const solution = solveProgramme({ hessian: damped, gradient, rows, penalty });
    if (solution.largestMultiplier > 0.3 * penalty && penalty < 1e8) {
      penalty *= 5;
      continue;
    }
    let step = solution.step;
    let trial = moved(x, step, count);
    let trialCost = totalCost(data, trial);
    let trialViolation =
      trialCost === Number.POSITIVE_INFINITY
        ? trialCost
        : scan(iterateOf(trial, scales), margins, memory, trialRows);
    if (!filter.accepts(cost, violation, trialCost, trialViolation) && trialViolation < 1) {
      // Second-order correction: the rows as they are at the trial point, seen from x.
      for (let j = 0; j < trialRows.count; j++) trialRows.value[j]! -= rowTimes(trialRows, j, step);
      step = solveProgramme({ hessian: damped, gradient, rows: trialRows, penalty }).step;
      trial = moved(x, step, count);
      trialCost = totalCost(data, trial);
      trialViolation =
        trialCost === Number.POSITIVE_INFINITY ? trialCost : scan(iterateOf(trial, scales), margins, memory);
    }
    // A part of the step leaves the linear model less far behind.
    for (
      let part = 0.5;
      part > 0.1 && !filter.accepts(cost, violation, trialCost, trialViolation);
      part /= 2
    ) {
      trial = moved(x, solution.step, count, part);
      trialCost = totalCost(data, trial);
      trialViolation =
        trialCost === Number.POSITIVE_INFINITY ? trialCost : scan(iterateOf(trial, scales), margins, memory);
    }
    if (filter.accepts(cost, violation, trialCost, trialViolation)) {
      filter.add(cost, violation);
      const gain = Math.abs(cost - trialCost);
      x = trial;
      cost = assemble(data, x, hessian, gradient);
      violation = scan(iterateOf(x, scales), margins, memory, rows);
      damping = Math.max(1e-8, damping * 0.2);
      if (violation <= FEASIBLE && gain <= 1e-4 * (1 + cost) && isConfirmed()) break;
    } else {
      if (violation <= FEASIBLE && norm(step) < 1e-5 && isConfirmed()) break;
      if (damping > 1e6) break;
      damping = Math.max(damping * 8, 1e-4);
      // The trial points' worst places are in the memory now.
      violation = scan(iterateOf(x, scales), margins, memory, rows);
    }
  }
  return { x, cost, violation, iterations };
}

/**
 * Which trial points are progress. Far from feasible: those that lower the violation. Near it: those that, against every point left
 * behind, lower the violation or the cost (Fletcher, Leyffer 2002); unlike a penalty, that lets a full step pass that leaves the
 * feasible set a little, as steps along curved bounds do.
 */
class Filter {
  readonly #entries: [cost: number, violation: number][] = [];

  /** Whether to go from the current point (cost, violation) to a trial point. */
  accepts(cost: number, violation: number, trialCost: number, trialViolation: number): boolean {
    if (!(trialCost < Number.POSITIVE_INFINITY)) return false;
    if (violation > NEAR) return trialViolation <= 0.95 * violation;
    return (
      trialViolation <= NEAR &&
      [...this.#entries, [cost, violation] as const].every(
        ([otherCost, other]) =>
          trialViolation < 0.9 * other ||
          trialCost < otherCost - COST_PER_VIOLATION * trialViolation - 1e-9 * otherCost,
      )
    );
  }

  add(cost: number, violation: number): void {
    if (violation <= NEAR) this.#entries.push([cost, violation]);
  }
}

/** Violations up to here are near feasible. */
const NEAR = 0.2;
const COST_PER_VIOLATION = 0.5;

/** Multipliers are of the order of 1 to 10 (cost per unit of a row). */
const INITIAL_PENALTY = 20;
/** Longest step in one coordinate. */
const LONGEST_STEP = 1;

/** x + step, shortened as a whole to LONGEST_STEP and kept in the box. */
function moved(x: Float64Array, step: Float64Array, count: number, part = 1): Float64Array {
  const factor = part * Math.min(1, LONGEST_STEP / (norm(step) + 1e-300));
  const out = new Float64Array(x.length);
  for (let r = 0; r < x.length; r++) out[r] = x[r]! + factor * step[r]!;
  for (let i = 0; i < count; i++) clampToBox(out, i * SIZE);
  return out;
}

/** A small stiffness that keeps directions without data where they are. */
const DIAGONAL = [1e-6, 1e-6, 1e-4, 1e-4, 1e-4];

const block = new Float64Array(SIZE * SIZE);
const part = new Float64Array(SIZE);

function assemble(
  data: readonly QuoteSet[],
  x: Float64Array,
  hessian: Float64Array,
  gradient: Float64Array,
): number {
  let cost = 0;
  for (let i = 0; i < data.length; i++) {
    cost += normalEquations(data[i]!, x, i * SIZE, block, part);
    hessian.set(block, i * SIZE * SIZE);
    gradient.set(part, i * SIZE);
  }
  return cost;
}

function totalCost(data: readonly QuoteSet[], x: Float64Array): number {
  let cost = 0;
  for (let i = 0; i < data.length; i++) cost += costOf(data[i]!, x, i * SIZE);
  return cost;
}

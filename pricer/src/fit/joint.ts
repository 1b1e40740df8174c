/**
 * The joint arbitrage-free fit: sequential quadratic programming over all slices at once, with Gauss-Newton Hessians, the rows of
 * `constraints.ts`, a filter for globalisation and Levenberg-Marquardt damping in place of a trust region.
 *
 * The free fit is the start; most slices hardly move, because free SVI violates no-arbitrage in the wings only. Measured on 210 recorded
 * chains: 9 programmes a surface; on 70 of them, none of 560 other starts found a cost lower by 0.1 %.
 */
import { clampToBox } from "./box.ts";
import { iterateOf, scan } from "./constraints.ts";
import { costOf, normalEquations } from "./cost.ts";
import { Filter, type Merit } from "./filter.ts";
import { MARGINS, type Margins } from "./margins.ts";
import { norm, solveProgramme } from "./programme.ts";
import type { QuoteSet } from "./quotes.ts";
import { type Rows, rowTimes, workRows } from "./rows.ts";
import { emptyMemory } from "./scanGrid.ts";
import { SIZE } from "./smile.ts";

export interface JointFit {
  readonly x: Float64Array;
  readonly cost: number;
  /** Sum of the largest violations of the margins on the scan grid: 0 up to rounding when the fit is feasible. */
  readonly violation: number;
  readonly iterations: number;
}

export interface JointOptions {
  readonly margins?: Margins;
  readonly maxIterations?: number;
  /** Look once more on the fine grid before stopping; without it a narrow violation between scan points may be left. */
  readonly confirm?: boolean;
}

/** Violations up to here are rounding: a search that leaves no more has met the constraints. */
export const FEASIBLE = 3e-6;
/** Relative change of the cost that ends the search. */
const SETTLED = 1e-4;
/** Multipliers are of the order of 1 to 10 (cost per unit of a row). */
const INITIAL_PENALTY = 20;
const LARGEST_PENALTY = 1e8;
/** Longest step in one coordinate. */
const LONGEST_STEP = 1;
/** A small stiffness that keeps directions without data where they are. */
const STIFFNESS = [1e-6, 1e-6, 1e-4, 1e-4, 1e-4];

interface Point extends Merit {
  readonly x: Float64Array;
}

/** Fits all slices (ascending expiry) from the start coordinates `start` (5 a slice). */
export function fitJoint(
  data: readonly QuoteSet[],
  start: Float64Array,
  { margins = MARGINS, maxIterations = 60, confirm = true }: JointOptions = {},
): JointFit {
  const scales = Float64Array.from(data, (set) => set.scale);
  const rows = workRows(0, data.length);
  const trialRows = workRows(1, data.length);
  const memory = emptyMemory(data.length);
  const model = new Model(data);
  const filter = new Filter();

  const violationAt = (x: Float64Array, into?: Rows) => scan(iterateOf(x, scales), margins, memory, into);
  /** A step, or a part of it, taken from a point. */
  const after = (point: Point, step: Float64Array, part = 1, into?: Rows): Point => {
    const x = moved(point.x, step, part);
    const cost = totalCost(data, x);
    return { x, cost, violation: cost < Number.POSITIVE_INFINITY ? violationAt(x, into) : cost };
  };
  /** Looks once more on the fine grid; what it finds is remembered, and the search goes on. */
  const confirmed = (point: Point): Point => {
    if (!confirm) return point;
    memory.fine = true;
    const violation = violationAt(point.x, rows);
    memory.fine = false;
    return { ...point, violation };
  };

  let current: Point = { x: start, cost: model.linearise(start), violation: violationAt(start, rows) };
  let penalty = INITIAL_PENALTY;
  let damping = 1e-3;
  let iterations = 0;
  while (iterations < maxIterations) {
    iterations++;
    const quadratic = model.damped(damping);
    const { step, multipliers } = solveProgramme({ ...quadratic, rows, penalty });
    if (norm(multipliers) > 0.3 * penalty && penalty < LARGEST_PENALTY) {
      penalty *= 5;
      continue;
    }
    let trial = after(current, step, 1, trialRows);
    if (!filter.accepts(current, trial) && trial.violation < 1) {
      // Second-order correction: the rows as they are at the trial point, seen from the current one.
      for (let j = 0; j < trialRows.count; j++) trialRows.value[j]! -= rowTimes(trialRows, j, step);
      trial = after(current, solveProgramme({ ...quadratic, rows: trialRows, penalty }).step);
    }
    // A part of the step leaves the linear model less far behind.
    for (let part = 0.5; part > 0.1 && !filter.accepts(current, trial); part /= 2) {
      trial = after(current, step, part);
    }
    let isSettled: boolean;
    if (filter.accepts(current, trial)) {
      filter.leave(current);
      isSettled = Math.abs(current.cost - trial.cost) <= SETTLED * (1 + trial.cost);
      model.linearise(trial.x);
      current = { ...trial, violation: violationAt(trial.x, rows) };
      damping = Math.max(1e-8, damping * 0.2);
    } else {
      if (damping > 1e6) break;
      isSettled = norm(step) < 1e-5;
      damping = Math.max(damping * 8, 1e-4);
      // The trial points' worst places are in the memory now.
      current = { ...current, violation: violationAt(current.x, rows) };
    }
    if (isSettled && current.violation <= FEASIBLE) {
      current = confirmed(current);
      if (current.violation <= FEASIBLE) break;
    }
  }
  return { x: current.x, cost: current.cost, violation: current.violation, iterations };
}

/** The Gauss-Newton model of the cost at the current point. */
class Model {
  readonly #data: readonly QuoteSet[];
  readonly #hessian: Float64Array;
  readonly #damped: Float64Array;
  readonly #gradient: Float64Array;

  constructor(data: readonly QuoteSet[]) {
    this.#data = data;
    this.#hessian = new Float64Array(data.length * SIZE * SIZE);
    this.#damped = new Float64Array(data.length * SIZE * SIZE);
    this.#gradient = new Float64Array(data.length * SIZE);
  }

  /** Moves the model to x; returns the cost there. */
  linearise(x: Float64Array): number {
    let cost = 0;
    this.#data.forEach((set, i) => {
      const hessian = this.#hessian.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE);
      cost += normalEquations(set, x, i * SIZE, hessian, this.#gradient.subarray(i * SIZE, (i + 1) * SIZE));
    });
    return cost;
  }

  damped(damping: number): { hessian: Float64Array; gradient: Float64Array } {
    this.#damped.set(this.#hessian);
    for (let r = 0; r < this.#gradient.length; r++) {
      const a = r % SIZE;
      this.#damped[r * SIZE + a]! +=
        damping * this.#hessian[r * SIZE + a]! + STIFFNESS[a]! * (1 + 1e3 * damping);
    }
    return { hessian: this.#damped, gradient: this.#gradient };
  }
}

/** x + part of the step, shortened as a whole to LONGEST_STEP and kept in the box. */
function moved(x: Float64Array, step: Float64Array, part: number): Float64Array {
  const factor = part * Math.min(1, LONGEST_STEP / Math.max(norm(step), LONGEST_STEP));
  const out = x.map((value, r) => value + factor * step[r]!);
  for (let offset = 0; offset < x.length; offset += SIZE) clampToBox(out, offset);
  return out;
}

function totalCost(data: readonly QuoteSet[], x: Float64Array): number {
  let cost = 0;
  for (let i = 0; i < data.length; i++) cost += costOf(data[i]!, x, i * SIZE);
  return cost;
}

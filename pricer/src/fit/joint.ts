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
import { norm, type Programme, solveProgramme } from "./programme.ts";
import type { QuoteSet } from "./quotes.ts";
import { type Rows, rowTimes, workRows } from "./rows.ts";
import { emptyMemory, type Memory } from "./scanGrid.ts";
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
/** A step that is no progress, and in no coordinate as long as this, ends the search as well. */
const SETTLED_STEP = 1e-5;
/** Multipliers are of the order of 1 to 10 (cost per unit of a row). */
const INITIAL_PENALTY = 20;
const LARGEST_PENALTY = 1e8;
const PENALTY_GROWTH = 5;
/** A multiplier beyond this share of the penalty is held down by it, so that the rows might give way: the penalty has to grow. */
const LARGEST_MULTIPLIER = 0.3;
/** The damping, in units of the Hessian's diagonal, shrinks with every step that is progress and grows with every one that is not. */
const INITIAL_DAMPING = 1e-3;
const SMALLEST_DAMPING = 1e-8;
const DAMPING_SHRINKAGE = 0.2;
const DAMPING_GROWTH = 8;
/** The least after a step that was no progress: from the smallest damping it would take many of them to matter. */
const DAMPING_AFTER_REFUSAL = 1e-4;
/** Beyond this a step is too short to be progress: the search gives up. */
const LARGEST_DAMPING = 1e6;
/** A trial point of a larger violation is too far away for the rows there to correct the step. */
const LARGEST_CORRECTED = 1;
/** Parts of a step are tried, each half of the one before, while they are larger than this. */
const SMALLEST_PART = 0.1;
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
  const search = new Search(data, start, margins);
  let iterations = 0;
  while (iterations < maxIterations) {
    iterations++;
    const state = search.advance();
    if (state === "stuck") break;
    if (state === "settled" && search.isFeasible) {
      if (confirm) search.lookFinely();
      if (search.isFeasible) break;
    }
  }
  const { x, cost, violation } = search.current;
  return { x, cost, violation, iterations };
}

/** Where the search is, and what the next step starts from. */
class Search {
  current: Point;
  readonly #data: readonly QuoteSet[];
  readonly #margins: Margins;
  readonly #scales: Float64Array;
  /** Those at the current point, and at a trial point. */
  readonly #rows: Rows;
  readonly #trialRows: Rows;
  readonly #memory: Memory;
  readonly #model: Model;
  readonly #filter = new Filter();
  #penalty = INITIAL_PENALTY;
  #damping = INITIAL_DAMPING;

  constructor(data: readonly QuoteSet[], start: Float64Array, margins: Margins) {
    [this.#data, this.#margins] = [data, margins];
    this.#scales = Float64Array.from(data, (set) => set.scale);
    [this.#rows, this.#trialRows] = [workRows(0, data.length), workRows(1, data.length)];
    this.#memory = emptyMemory(data.length);
    this.#model = new Model(data);
    this.current = {
      x: start,
      cost: this.#model.linearise(start),
      violation: this.#violationAt(start, this.#rows),
    };
  }

  get isFeasible(): boolean {
    return this.current.violation <= FEASIBLE;
  }

  /** Solves a programme and goes where it leads, if that is progress: "settled" once it leads no farther, "stuck" when nothing does. */
  advance(): "on its way" | "settled" | "stuck" {
    const quadratic = this.#model.damped(this.#damping);
    const programme = { ...quadratic, rows: this.#rows, penalty: this.#penalty };
    const { step, multipliers } = solveProgramme(programme);
    if (norm(multipliers) > LARGEST_MULTIPLIER * this.#penalty && this.#penalty < LARGEST_PENALTY) {
      this.#penalty *= PENALTY_GROWTH;
      return "on its way";
    }
    const trial = this.#trialOf(step, programme);
    if (this.#filter.accepts(this.current, trial)) {
      const isSettled = Math.abs(this.current.cost - trial.cost) <= SETTLED * (1 + trial.cost);
      this.#goTo(trial);
      return isSettled ? "settled" : "on its way";
    }
    if (this.#damping > LARGEST_DAMPING) return "stuck";
    this.#damping = Math.max(this.#damping * DAMPING_GROWTH, DAMPING_AFTER_REFUSAL);
    // The trial points' worst places are in the memory now.
    this.current = { ...this.current, violation: this.#violationAt(this.current.x, this.#rows) };
    return norm(step) < SETTLED_STEP ? "settled" : "on its way";
  }

  /** Looks once more on the fine grid; what it finds is remembered, and the search goes on. */
  lookFinely(): void {
    this.#memory.fine = true;
    this.current = { ...this.current, violation: this.#violationAt(this.current.x, this.#rows) };
    this.#memory.fine = false;
  }

  /** The end of the step, else a corrected one, else a part of the step: the first that is progress, or the last that was tried. */
  #trialOf(step: Float64Array, programme: Programme): Point {
    let trial = this.#after(step, 1, this.#trialRows);
    if (!this.#filter.accepts(this.current, trial) && trial.violation < LARGEST_CORRECTED) {
      // Second-order correction: the rows as they are at the trial point, seen from the current one.
      const rows = this.#trialRows;
      for (let j = 0; j < rows.count; j++) rows.value[j]! -= rowTimes(rows, j, step);
      trial = this.#after(solveProgramme({ ...programme, rows }).step);
    }
    // A part of the step leaves the linear model less far behind.
    for (let part = 0.5; part > SMALLEST_PART && !this.#filter.accepts(this.current, trial); part /= 2) {
      trial = this.#after(step, part);
    }
    return trial;
  }

  /** A step, or a part of it, taken from the current point. */
  #after(step: Float64Array, part = 1, into?: Rows): Point {
    const x = moved(this.current.x, step, part);
    const cost = totalCost(this.#data, x);
    return { x, cost, violation: cost < Number.POSITIVE_INFINITY ? this.#violationAt(x, into) : cost };
  }

  #goTo(point: Point): void {
    this.#filter.leave(this.current);
    this.#model.linearise(point.x);
    this.current = { ...point, violation: this.#violationAt(point.x, this.#rows) };
    this.#damping = Math.max(SMALLEST_DAMPING, this.#damping * DAMPING_SHRINKAGE);
  }

  #violationAt(x: Float64Array, into?: Rows): number {
    return scan(iterateOf(x, this.#scales), this.#margins, this.#memory, into);
  }
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

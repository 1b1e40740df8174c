/**
 * The joint arbitrage-free fit: sequential quadratic programming over all slices at once, Gauss-Newton Hessians, the rows of
 * `constraints.ts`, an exact penalty for globalisation and Levenberg-Marquardt damping in place of a trust region.
 *
 * The free fit is the start; most slices hardly move, because free SVI violates no-arbitrage in the wings only.
 */
import { emptyMemory, emptyRows, iterateOf, type Margins, MARGINS, scan } from "./constraints.ts";
import { clampToBox } from "./box.ts";
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
const FEASIBLE = 1e-7;

/** Weight of each slice's cost: 1 unless given. */
export interface JointOptions {
  readonly margins?: Margins;
  readonly maxIterations?: number;
}

/** Fits all slices (ascending expiry) from the start coordinates `start` (5 a slice). */
export function fitJoint(data: readonly QuoteSet[], start: Float64Array, options: JointOptions = {}): JointFit {
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
  let iterations = 0;
  while (iterations < maxIterations) {
    iterations++;
    for (let r = 0; r < size; r++) {
      for (let c = 0; c < SIZE; c++) damped[r * SIZE + c] = hessian[r * SIZE + c]!;
      damped[r * SIZE + (r % SIZE)]! += damping * hessian[r * SIZE + (r % SIZE)]! + DIAGONAL[r % SIZE]! * (1 + 1e3 * damping);
    }
    const solution = solveProgramme({ hessian: damped, gradient, rows, penalty });
    if (solution.largestMultiplier > 0.3 * penalty && penalty < 1e8) {
      penalty *= 5;
      continue;
    }
    let step = solution.step;
    let trial = moved(x, step, count);
    let trialCost = totalCost(data, trial);
    let trialViolation = trialCost === Number.POSITIVE_INFINITY ? trialCost : scan(iterateOf(trial, scales), margins, memory, trialRows);
    const merit = cost + penalty * violation;
    if (process.env.DBG) console.log(iterations, "cost", cost.toFixed(6), "viol", violation.toExponential(2), "trial", trialCost.toFixed(6), trialViolation.toExponential(2), "len", norm(step).toExponential(1), "damp", damping.toExponential(1), "pen", penalty, "rows", rows.count, "mult", solution.largestMultiplier.toFixed(1));
    if (!(trialCost + penalty * trialViolation < merit) && trialViolation < Number.POSITIVE_INFINITY) {
      // Second-order correction: the rows as they are at the trial point, seen from x.
      for (let j = 0; j < trialRows.count; j++) trialRows.value[j]! -= rowTimes(trialRows, j, step);
      step = solveProgramme({ hessian: damped, gradient, rows: trialRows, penalty }).step;
      trial = moved(x, step, count);
      trialCost = totalCost(data, trial);
      trialViolation = trialCost === Number.POSITIVE_INFINITY ? trialCost : scan(iterateOf(trial, scales), margins, memory);
      if (process.env.DBG) console.log("   soc", trialCost.toFixed(6), trialViolation.toExponential(2));
    }
    const trialMerit = trialCost + penalty * trialViolation;
    if (trialMerit < merit) {
      const gain = merit - trialMerit;
      x = trial;
      cost = assemble(data, x, hessian, gradient);
      violation = scan(iterateOf(x, scales), margins, memory, rows);
      damping = Math.max(1e-8, damping * 0.2);
      if (violation <= FEASIBLE && gain <= 1e-4 * (1 + cost)) break;
    } else {
      if (damping > 1e8 || (norm(step) < 1e-7 && violation <= FEASIBLE)) break;
      damping = Math.max(damping * 6, 1e-4);
      // The trial points' worst places are in the memory now.
      scan(iterateOf(x, scales), margins, memory, rows);
    }
  }
  return { x, cost, violation, iterations };
}

/** Multipliers are of the order of 1 to 10 (cost per unit of a row). */
const INITIAL_PENALTY = 20;
/** Longest step in one coordinate. */
const LONGEST_STEP = 1;

/** x + step, shortened as a whole to LONGEST_STEP and kept in the box. */
function moved(x: Float64Array, step: Float64Array, count: number): Float64Array {
  const factor = Math.min(1, LONGEST_STEP / (norm(step) + 1e-300));
  const out = new Float64Array(x.length);
  for (let r = 0; r < x.length; r++) out[r] = x[r]! + factor * step[r]!;
  for (let i = 0; i < count; i++) clampToBox(out, i * SIZE);
  return out;
}

/** A small stiffness that keeps directions without data where they are. */
const DIAGONAL = [1e-6, 1e-6, 1e-4, 1e-4, 1e-4];

const block = new Float64Array(SIZE * SIZE);
const part = new Float64Array(SIZE);

function assemble(data: readonly QuoteSet[], x: Float64Array, hessian: Float64Array, gradient: Float64Array): number {
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

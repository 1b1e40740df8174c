/**
 * The quadratic programme of one step of the joint fit,
 *
 *   minimise 1/2 d'H d + g'd + penalty sum(t)   subject to   A d + value + t >= 0,  t >= 0,
 *
 * H block diagonal (one 5 x 5 block a slice), each row of A over one slice or two neighbours: so the matrices are banded and a solve
 * costs O(slices). Solved by a primal-dual interior-point method with Mehrotra's predictor and corrector; the elastic variables t
 * make it feasible always, and vanish whenever the multipliers stay below the penalty.
 */
import { addOuter, factorise, loadHessian, newBandMatrix, solveFactored } from "./bandMatrix.ts";
import type { Rows } from "./rows.ts";
import { SIZE } from "./smile.ts";

const MAX_ITERATIONS = 40;

export interface Programme {
  /** 25 numbers a slice. */
  readonly hessian: Float64Array;
  /** 5 numbers a slice. */
  readonly gradient: Float64Array;
  readonly rows: Rows;
  readonly penalty: number;
}

export interface Solution {
  readonly step: Float64Array;
  /** Largest multiplier of a row: the penalty must exceed it for the elastic variables to vanish. */
  readonly largestMultiplier: number;
}

/** Solves the programme to a relative complementarity of 1e-9. */
export function solveProgramme({ hessian, gradient, rows, penalty }: Programme): Solution {
  const size = gradient.length;
  const m = rows.count;
  const d = new Float64Array(size);
  const matrix = newBandMatrix(size);
  const rhs = new Float64Array(size);
  const affine = new Float64Array(size);
  const dual = new Float64Array(size);
  const lambda = new Float64Array(m);
  const s = new Float64Array(m);
  const t = new Float64Array(m);
  const weight = new Float64Array(m);
  const shift = new Float64Array(m);
  const dLambda = new Float64Array(m);
  const correctS = new Float64Array(m);
  const correctT = new Float64Array(m);
  const residual = new Float64Array(m);

  const start = Math.min(1, 0.1 * penalty);
  for (let j = 0; j < m; j++) {
    lambda[j] = start;
    s[j] = Math.max(rows.value[j]!, 1e-2);
    t[j] = Math.max(-rows.value[j]!, 1e-3);
  }
  let objectiveScale = 1 + norm(gradient);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    let gap = 0;
    let infeasible = 0;
    hessianTimes(hessian, d, dual);
    objectiveScale = Math.max(objectiveScale, norm(dual));
    for (let a = 0; a < size; a++) dual[a]! += gradient[a]!;
    for (let j = 0; j < m; j++) {
      addRow(rows, j, -lambda[j]!, dual);
      residual[j] = rowTimes(rows, j, d) + rows.value[j]! + t[j]! - s[j]!;
      gap += s[j]! * lambda[j]! + t[j]! * (penalty - lambda[j]!);
      infeasible = Math.max(infeasible, Math.abs(residual[j]!));
    }
    const mu = m === 0 ? 0 : gap / (2 * m);
    const scaledMu = mu / objectiveScale;
    if (iteration > 0 && scaledMu <= 1e-13) break;
    if (iteration > 0 && scaledMu <= 1e-9 && infeasible <= 1e-9 && norm(dual) <= 1e-7 * objectiveScale) break;

    loadHessian(hessian, matrix, size);
    for (let j = 0; j < m; j++) {
      weight[j] = 1 / (t[j]! / (penalty - lambda[j]!) + s[j]! / lambda[j]!);
      addOuter(rows, j, weight[j]!, matrix);
    }
    factorise(matrix, size);

    // Predictor: aim at complementarity 0.
    for (let j = 0; j < m; j++) shift[j] = residual[j]! - t[j]! + s[j]!;
    direction(rows, m, weight, shift, dual, matrix, rhs, affine, dLambda);
    let reach = 1;
    for (let j = 0; j < m; j++) {
      const ds = -s[j]! - (s[j]! / lambda[j]!) * dLambda[j]!;
      const dt = -t[j]! + (t[j]! / (penalty - lambda[j]!)) * dLambda[j]!;
      correctS[j] = ds * dLambda[j]!;
      correctT[j] = -dt * dLambda[j]!;
      reach = Math.min(reach, limit(s[j]!, ds), limit(t[j]!, dt));
      reach = Math.min(reach, limit(lambda[j]!, dLambda[j]!), limit(penalty - lambda[j]!, -dLambda[j]!));
    }
    // Mehrotra's centring: the emptier the predictor leaves the gap, the less centring.
    const centre = mu * (1 - reach) ** 3 + (1 - reach) * 1e-3 * mu;

    // Corrector.
    for (let j = 0; j < m; j++) {
      const upper = penalty - lambda[j]!;
      shift[j] =
        residual[j]! + (centre - correctT[j]!) / upper - t[j]! - (centre - correctS[j]!) / lambda[j]! + s[j]!;
    }
    direction(rows, m, weight, shift, dual, matrix, rhs, affine, dLambda);
    let length = 1;
    for (let j = 0; j < m; j++) {
      const upper = penalty - lambda[j]!;
      const ds = (centre - correctS[j]!) / lambda[j]! - s[j]! - (s[j]! / lambda[j]!) * dLambda[j]!;
      const dt = (centre - correctT[j]!) / upper - t[j]! + (t[j]! / upper) * dLambda[j]!;
      correctS[j] = ds;
      correctT[j] = dt;
      length = Math.min(length, 0.995 * limit(s[j]!, ds), 0.995 * limit(t[j]!, dt));
      length = Math.min(length, 0.995 * limit(lambda[j]!, dLambda[j]!), 0.995 * limit(upper, -dLambda[j]!));
    }
    for (let a = 0; a < size; a++) d[a]! += length * affine[a]!;
    for (let j = 0; j < m; j++) {
      s[j]! += length * correctS[j]!;
      t[j]! += length * correctT[j]!;
      lambda[j]! += length * dLambda[j]!;
    }
  }
  let largestMultiplier = 0;
  for (let j = 0; j < m; j++) largestMultiplier = Math.max(largestMultiplier, lambda[j]!);
  return { step: d, largestMultiplier };
}

/** Newton direction for the given complementarity shifts: `step` and `dLambda`. */
function direction(
  rows: Rows,
  m: number,
  weight: Float64Array,
  shift: Float64Array,
  dual: Float64Array,
  matrix: Float64Array,
  rhs: Float64Array,
  step: Float64Array,
  dLambda: Float64Array,
): void {
  for (let a = 0; a < rhs.length; a++) rhs[a] = -dual[a]!;
  for (let j = 0; j < m; j++) addRow(rows, j, -weight[j]! * shift[j]!, rhs);
  solveFactored(matrix, rhs, step);
  for (let j = 0; j < m; j++) dLambda[j] = -weight[j]! * (shift[j]! + rowTimes(rows, j, step));
}

/** Largest multiple of `change` that keeps `value` >= 0, at most 1. */
function limit(value: number, change: number): number {
  return change < 0 && -value > change ? -value / change : 1;
}

/** gradient . d of row j. */
export function rowTimes(rows: Rows, j: number, d: Float64Array): number {
  const at = j * 2 * SIZE;
  const offset = rows.slice[j]! * SIZE;
  const end = Math.min(2 * SIZE, d.length - offset);
  let sum = 0;
  for (let a = 0; a < end; a++) sum += rows.gradient[at + a]! * d[offset + a]!;
  return sum;
}

function addRow(rows: Rows, j: number, factor: number, out: Float64Array): void {
  const at = j * 2 * SIZE;
  const offset = rows.slice[j]! * SIZE;
  const end = Math.min(2 * SIZE, out.length - offset);
  for (let a = 0; a < end; a++) out[offset + a]! += factor * rows.gradient[at + a]!;
}

function hessianTimes(hessian: Float64Array, d: Float64Array, out: Float64Array): void {
  for (let r = 0; r < d.length; r++) {
    const block = Math.trunc(r / SIZE) * SIZE;
    let sum = 0;
    for (let c = 0; c < SIZE; c++) sum += hessian[r * SIZE + c]! * d[block + c]!;
    out[r] = sum;
  }
}

/** Largest magnitude. */
export function norm(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

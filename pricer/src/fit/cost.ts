/** The least-squares cost of one slice and its Gauss-Newton system, shared by the free and the joint fit. */
import { factorise, loadHessian, newBandMatrix, solveFactored } from "./bandMatrix.ts";
import type { QuoteSet } from "./quotes.ts";
import { SIZE, smileGradient, smileOf, smileVariance } from "./smile.ts";

const VARIANCE_FLOOR = 1e-8;

/** Half the weighted sum of squares at x; Infinity where the variance is not positive at a quote. */
export function costOf(data: QuoteSet, x: Float64Array, offset = 0): number {
  const p = smileOf(x, offset);
  let sum = 0;
  for (let i = 0; i < data.count; i++) {
    const v = smileVariance(p, data.z[i]!);
    if (!(v > VARIANCE_FLOOR)) return Number.POSITIVE_INFINITY;
    const residual = data.weight[i]! * data.volPoints * (Math.sqrt(v) - data.target[i]!);
    sum += residual * residual;
  }
  if (data.prior !== undefined) {
    const { centre, stiffness } = data.prior;
    for (let a = 0; a < SIZE; a++) sum += stiffness[a]! * (x[offset + a]! - centre[a]!) ** 2;
  }
  return 0.5 * sum;
}

const row = new Float64Array(SIZE);

/**
 * Gauss-Newton system at x: `hessian` (25, row-major, symmetric) = J'J and `gradient` (5) = J'r; returns the cost.
 * `x` must have a finite cost.
 */
export function normalEquations(
  data: QuoteSet,
  x: Float64Array,
  offset: number,
  hessian: Float64Array,
  gradient: Float64Array,
): number {
  const p = smileOf(x, offset);
  hessian.fill(0);
  gradient.fill(0);
  let sum = 0;
  for (let i = 0; i < data.count; i++) {
    const v = Math.max(smileGradient(p, data.z[i]!, row, 0), VARIANCE_FLOOR);
    const sd = Math.sqrt(v);
    const weight = data.weight[i]! * data.volPoints;
    const residual = weight * (sd - data.target[i]!);
    const half = (0.5 * weight) / sd;
    sum += residual * residual;
    for (let a = 0; a < SIZE; a++) {
      const ja = half * row[a]!;
      gradient[a]! += ja * residual;
      for (let b = 0; b <= a; b++) hessian[a * SIZE + b]! += ja * half * row[b]!;
    }
  }
  if (data.prior !== undefined) {
    const { centre, stiffness } = data.prior;
    for (let a = 0; a < SIZE; a++) {
      const away = x[offset + a]! - centre[a]!;
      hessian[a * SIZE + a]! += stiffness[a]!;
      gradient[a]! += stiffness[a]! * away;
      sum += stiffness[a]! * away * away;
    }
  }
  for (let a = 0; a < SIZE; a++) for (let b = 0; b < a; b++) hessian[b * SIZE + a] = hessian[a * SIZE + b]!;
  return 0.5 * sum;
}

/**
 * How much the least cost falls when one quote is left out, for each: r^2 / (2 (1 - h)), with h its leverage J H^-1 J'. Exact for a linear
 * model, and to second order for this one at its least cost x.
 */
export function leaveOneOut(data: QuoteSet, x: Float64Array): number[] {
  const hessian = new Float64Array(SIZE * SIZE);
  const solution = new Float64Array(SIZE);
  normalEquations(data, x, 0, hessian, solution);
  const matrix = newBandMatrix(SIZE);
  loadHessian(hessian, matrix, SIZE);
  factorise(matrix, SIZE);
  const p = smileOf(x);
  return Array.from(data.z, (z, i) => {
    const sd = Math.sqrt(Math.max(smileGradient(p, z, row, 0), VARIANCE_FLOOR));
    const weight = data.weight[i]! * data.volPoints;
    solveFactored(matrix, row, solution);
    const leverage =
      ((0.5 * weight) / sd) ** 2 * row.reduce((sum, value, a) => sum + value * solution[a]!, 0);
    const residual = weight * (sd - data.target[i]!);
    return (0.5 * residual * residual) / Math.max(1 - leverage, LEAST_FREEDOM);
  });
}

/** A quote that alone determines a coordinate has no residual, and rounding must not make one. */
const LEAST_FREEDOM = 1e-3;

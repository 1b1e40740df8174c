/**
 * Unconstrained raw SVI of one slice: Levenberg-Marquardt on weighted vol residuals, with the analytic Jacobian in the coordinates
 * of `smile.ts` and a box that ends SVI's flat valley (s <= 12 sd, |y| <= 4).
 *
 * The start is the best of a few (y, s) nodes, in each of which (theta, skew, c) solve a linear 3 x 3 least-squares problem.
 */
import { clampToBox, pressed } from "./box.ts";
import type { QuoteSet } from "./quotes.ts";
import { SIZE, smileGradient, smileOf, smileVariance } from "./smile.ts";

export interface FreeFit {
  readonly x: Float64Array;
  /** Half the sum of squared weighted residuals. */
  readonly cost: number;
  readonly iterations: number;
}

const VARIANCE_FLOOR = 1e-8;
const MAX_ITERATIONS = 100;

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

/** The converged free fit; `start` (copied) is taken instead of the node search when given. */
export function fitFree(data: QuoteSet, start?: Float64Array): FreeFit {
  const x = start === undefined ? nodeStart(data) : Float64Array.from(start);
  const trial = new Float64Array(SIZE);
  const hessian = new Float64Array(SIZE * SIZE);
  const gradient = new Float64Array(SIZE);
  const step = new Float64Array(SIZE);
  let cost = normalEquations(data, x, 0, hessian, gradient);
  let damping = 1e-3;
  let iterations = 0;
  while (iterations < MAX_ITERATIONS) {
    iterations++;
    const predicted = dampedStep(hessian, gradient, damping, x, step);
    for (let a = 0; a < SIZE; a++) trial[a] = x[a]! + step[a]!;
    clampToBox(trial);
    const next = costOf(data, trial);
    if (next < cost) {
      const gain = cost - next;
      x.set(trial);
      cost = normalEquations(data, x, 0, hessian, gradient);
      damping = Math.max(damping * (gain > 0.5 * predicted ? 0.1 : 0.5), 1e-12);
      if (gain <= 1e-7 * cost + 1e-14) break;
    } else {
      if (predicted <= 1e-9 * cost + 1e-14 || damping > 1e12) break;
      damping *= 8;
    }
  }
  return { x, cost, iterations };
}

const factor = new Float64Array(SIZE * SIZE);

/**
 * Solves (H + damping diag H) step = -gradient over the coordinates that are not pressed against the box (projected step); returns
 * the decrease that the quadratic model predicts.
 */
function dampedStep(
  hessian: Float64Array,
  gradient: Float64Array,
  damping: number,
  x: Float64Array,
  step: Float64Array,
): number {
  for (let a = 0; a < SIZE; a++) {
    const held = pressed(x, gradient, a);
    for (let b = 0; b <= a; b++) {
      let value = held || pressed(x, gradient, b) ? 0 : hessian[a * SIZE + b]!;
      if (a === b) value = held ? 1 : value * (1 + damping) + 1e-12;
      for (let c = 0; c < b; c++) value -= factor[a * SIZE + c]! * factor[b * SIZE + c]!;
      factor[a * SIZE + b] = a === b ? Math.sqrt(Math.max(value, 1e-30)) : value / factor[b * SIZE + b]!;
    }
    let rhs = held ? 0 : -gradient[a]!;
    for (let c = 0; c < a; c++) rhs -= factor[a * SIZE + c]! * step[c]!;
    step[a] = rhs / factor[a * SIZE + a]!;
  }
  let predicted = 0;
  for (let a = 0; a < SIZE; a++) predicted += 0.5 * step[a]! * step[a]!;
  for (let a = SIZE - 1; a >= 0; a--) {
    let value = step[a]!;
    for (let c = a + 1; c < SIZE; c++) value -= factor[c * SIZE + a]! * step[c]!;
    step[a] = value / factor[a * SIZE + a]!;
  }
  return predicted;
}

const NODES_Y = [-0.8, 0, 0.8];
const NODES_LOG_SIGMA = [Math.log(0.4), Math.log(1.2), Math.log(4)];

/** The best node of the (y, s) grid, with its linear least-squares level, skew and curvature. */
function nodeStart(data: QuoteSet): Float64Array {
  const best = new Float64Array(SIZE);
  const x = new Float64Array(SIZE);
  let bestCost = Number.POSITIVE_INFINITY;
  for (const y of NODES_Y) {
    for (const logSigma of NODES_LOG_SIGMA) {
      x.set([1, 0, 0, y, logSigma]);
      linearSolve(data, x);
      const cost = costOf(data, x);
      if (cost < bestCost) {
        bestCost = cost;
        best.set(x);
      }
    }
  }
  if (bestCost === Number.POSITIVE_INFINITY) best.set([1, 0, Math.log(0.1), 0, 0]);
  return best;
}

/** Replaces theta, skew and ln c of x by the least-squares solution on total variance at x's (y, s). */
function linearSolve(data: QuoteSet, x: Float64Array): void {
  const p = smileOf(x);
  let [s00, s01, s02, s11, s12, s22, t0, t1, t2] = [1e-9, 0, 0, 1e-9, 0, 1e-9, 1e-9, 0, 0];
  for (let i = 0; i < data.count; i++) {
    const z = data.z[i]!;
    const sd = data.target[i]!;
    const weight = (data.weight[i]! * data.volPoints) / sd;
    const u = weight * weight;
    const bend = smileVariance(p, z) - 1;
    const v = sd * sd;
    s00 += u;
    s01 += u * z;
    s02 += u * bend;
    s11 += u * z * z;
    s12 += u * z * bend;
    s22 += u * bend * bend;
    t0 += u * v;
    t1 += u * v * z;
    t2 += u * v * bend;
  }
  const l10 = s01 / s00;
  const l20 = s02 / s00;
  const d1 = s11 - l10 * s01;
  const e12 = s12 - l10 * s02;
  const l21 = e12 / d1;
  const d2 = s22 - l20 * s02 - l21 * e12;
  const y1 = t1 - l10 * t0;
  const curvature = Math.max((t2 - l20 * t0 - l21 * y1) / d2, 1e-4);
  const skew = y1 / d1 - l21 * curvature;
  x[2] = Math.log(curvature);
  x[1] = skew;
  x[0] = (t0 - s01 * skew - s02 * curvature) / s00;
}

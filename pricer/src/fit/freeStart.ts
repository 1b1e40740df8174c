/** Where a free fit starts: the best of a few (y, s) nodes, in each of which (theta, skew, c) solve a linear least-squares problem. */
import { costOf } from "./cost.ts";
import type { QuoteSet } from "./quotes.ts";
import { LOG_CURVATURE, SIZE, SKEW, smileOf, smileVariance, THETA } from "./smile.ts";

const NODES_Y = [-0.8, 0, 0.8];
const NODES_LOG_SIGMA = [Math.log(0.4), Math.log(1.2), Math.log(4)];

/** The best node of the (y, s) grid, with its linear least-squares level, skew and curvature. */
export function nodeStart(data: QuoteSet): Float64Array {
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
  x[LOG_CURVATURE] = Math.log(curvature);
  x[SKEW] = skew;
  x[THETA] = (t0 - s01 * skew - s02 * curvature) / s00;
}

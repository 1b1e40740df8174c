/**
 * Unconstrained raw SVI of one slice: Levenberg-Marquardt on weighted vol residuals, with the analytic Jacobian in the coordinates
 * of `smile.ts` and a box that ends SVI's flat valley (s <= 12 sd, |y| <= 4).
 */
import { clampToBox, pressed } from "./box.ts";
import { costOf, normalEquations } from "./cost.ts";
import { nodeStart } from "./freeStart.ts";
import type { QuoteSet } from "./quotes.ts";
import { SIZE } from "./smile.ts";

interface FreeFit {
  readonly x: Float64Array;
  /** Half the sum of squared weighted residuals. */
  readonly cost: number;
  readonly iterations: number;
}

const MAX_ITERATIONS = 100;

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

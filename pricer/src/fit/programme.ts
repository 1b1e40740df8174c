/**
 * The quadratic programme of one step of the joint fit,
 *
 *   minimise 1/2 d'H d + g'd + penalty sum(t)   subject to   A d + value + t >= 0,  t >= 0,
 *
 * H block diagonal (one 5 x 5 block a slice), each row of A over one slice or two neighbours: so the matrices are banded and a solve
 * costs O(slices). The elastic variables t make it feasible always, and vanish whenever the multipliers stay below the penalty.
 *
 * Primal-dual interior point with Mehrotra's predictor and corrector. The corrector can cycle, on rows of tiny coefficients above
 * all: a step that leaves the gap no smaller is replaced by one towards the central path, shortened until the gap falls.
 */
import { Interior } from "./interior.ts";
import type { Rows } from "./rows.ts";

const MAX_ITERATIONS = 60;
/** Of the cost: duality gap, unsolved part of the gradient and penalty of what rows are short by. */
const TOLERANCE = 1e-9;
/** Share of the way to the nearest bound that a step may take. */
const NEAREST = 0.995;
/** Centring of the step that is safe. */
const SAFE_CENTRE = 0.5;

export interface Programme {
  /** 25 numbers a slice, positive definite. */
  readonly hessian: Float64Array;
  /** 5 numbers a slice. */
  readonly gradient: Float64Array;
  readonly rows: Rows;
  readonly penalty: number;
}

interface Solution {
  readonly step: Float64Array;
  /** Of the rows, from 0 to the penalty, which must exceed them all for the elastic variables to vanish. */
  readonly multipliers: Float64Array;
}

/** Solves the programme to a cost at most 1e-9 above the least, relative to 1 + |cost|; rows that leave no room inside are met to 1e-9. */
export function solveProgramme(programme: Programme): Solution {
  const point = new Interior(programme);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const { gap, mu, error, cost } = point.measure();
    if (iteration > 0 && gap + error <= TOLERANCE * (1 + Math.abs(cost))) break;
    point.factorise();
    point.centre(0);
    const reach = Math.min(1, point.reach());
    // Mehrotra's centring: the emptier the predictor leaves the gap, the less centring.
    point.correct(mu * (1 - reach) ** 3 + (1 - reach) * 1e-3 * mu);
    let length = Math.min(1, NEAREST * point.reach());
    if (point.gapAfter(length) > gap) {
      point.centre(SAFE_CENTRE * mu);
      length = Math.min(1, NEAREST * point.reach());
      while (length > 1e-6 && point.gapAfter(length) > (1 - 0.1 * length) * gap) length /= 2;
    }
    point.move(length);
  }
  return { step: point.d, multipliers: point.multipliers };
}

/** Largest magnitude. */
export function norm(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

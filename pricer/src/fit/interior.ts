/**
 * The iterate of the interior-point method of `programme.ts`: the step d, slacks s and elastic variables t of the rows,
 * A d + value + t - s = 0, and their multipliers lambda and penalty - lambda. All four stay positive.
 */
import {
  addOuter,
  curvature,
  factorise,
  hessianTimes,
  loadHessian,
  newBandMatrix,
  rowSquare,
  solveFactored,
} from "./bandMatrix.ts";
import type { Programme } from "./programme.ts";
import { addTimes, rowTimes } from "./rows.ts";

/**
 * A row gives way by this share of a'diag(H)^-1 a per unit of its multiplier's change, so that the matrix stays positive definite in
 * floating point where more rows bind than there are coordinates. It slows the last digits; it moves no solution.
 */
const GIVING = 1e-13;
/** The start is on the central path, this many times the largest possible gap out. */
const START = 10;
/** So that a start is inside where no row is violated and no gradient left. */
const LEAST_GAP = 0.1;

/** A number a row each; room is penalty - lambda, kept apart because the difference would lose its digits near 0. */
const COLUMNS = [
  ...(["lambda", "room", "s", "t"] as const),
  ...(["dLambda", "dS", "dT", "aimS", "aimT"] as const),
  ...(["residual", "weight", "giving"] as const),
];

type Columns = Readonly<Record<(typeof COLUMNS)[number], Float64Array>>;

export class Interior {
  readonly d: Float64Array;
  readonly #programme: Programme;
  readonly #columns: Columns;
  readonly #dD: Float64Array;
  readonly #dual: Float64Array;
  readonly #rhs: Float64Array;
  readonly #matrix: Float64Array;

  constructor(programme: Programme) {
    const size = programme.gradient.length;
    this.#programme = programme;
    this.#columns = Object.fromEntries(
      COLUMNS.map((name) => [name, new Float64Array(programme.rows.count)]),
    ) as Columns;
    this.d = new Float64Array(size);
    this.#dD = new Float64Array(size);
    this.#dual = new Float64Array(size);
    this.#rhs = new Float64Array(size);
    this.#matrix = newBandMatrix(size);
    this.#start();
  }

  get multipliers(): Float64Array {
    return this.#columns.lambda;
  }

  /** d = 0, and every row on the central path: s lambda = t room = mu, s - t = value. */
  #start(): void {
    const { hessian, rows, penalty } = this.#programme;
    const { lambda, room, s, t, giving } = this.#columns;
    let violation = 0;
    for (let j = 0; j < rows.count; j++) violation += Math.max(0, -rows.value[j]!);
    const mu = (START * (LEAST_GAP + this.#largestGain() + penalty * violation)) / Math.max(1, rows.count);
    for (let j = 0; j < rows.count; j++) {
      const value = rows.value[j]!;
      // The smaller of lambda and room by the formula without cancellation.
      const away = Math.abs(value) * penalty + 2 * mu;
      const smaller = (2 * mu * penalty) / (away + Math.sqrt((value * penalty) ** 2 + 4 * mu * mu));
      lambda[j] = value >= 0 ? smaller : penalty - smaller;
      room[j] = value >= 0 ? penalty - smaller : smaller;
      s[j] = mu / lambda[j]!;
      t[j] = mu / room[j]!;
      giving[j] = GIVING * rowSquare(rows, j, hessian);
    }
  }

  #largestGain(): number {
    const { hessian, gradient } = this.#programme;
    loadHessian(hessian, this.#matrix, gradient.length);
    factorise(this.#matrix, gradient.length);
    solveFactored(this.#matrix, gradient, this.#rhs);
    let gain = 0;
    for (let a = 0; a < gradient.length; a++) gain += 0.5 * this.#rhs[a]! * gradient[a]!;
    return gain;
  }

  /**
   * The gap, sum s lambda + t room: how far the cost may be above the least, once the error is 0; mu, the mean of its products; the
   * error: what is left of the gradient, in cost, and the penalty of the largest residual of a row.
   */
  measure(): { gap: number; mu: number; error: number; cost: number } {
    const { hessian, gradient, rows, penalty } = this.#programme;
    const { lambda, room, s, t, residual } = this.#columns;
    const dual = this.#dual;
    let [gap, cost, error, short] = [0, 0, 0, 0];
    hessianTimes(hessian, this.d, dual);
    for (let a = 0; a < dual.length; a++) {
      cost += this.d[a]! * (0.5 * dual[a]! + gradient[a]!);
      dual[a]! += gradient[a]!;
    }
    for (let j = 0; j < rows.count; j++) {
      addTimes(rows, j, -lambda[j]!, dual);
      residual[j] = rowTimes(rows, j, this.d) + rows.value[j]! + t[j]! - s[j]!;
      gap += s[j]! * lambda[j]! + t[j]! * room[j]!;
      cost += penalty * t[j]!;
      short = Math.max(short, Math.abs(residual[j]!));
    }
    for (let a = 0; a < dual.length; a++) error += dual[a]! ** 2 / curvature(hessian, a);
    return { gap, mu: gap / Math.max(1, 2 * rows.count), error: error + penalty * short, cost };
  }

  factorise(): void {
    const { hessian, rows } = this.#programme;
    const { lambda, room, s, t, weight, giving } = this.#columns;
    loadHessian(hessian, this.#matrix, this.d.length);
    for (let j = 0; j < rows.count; j++) {
      weight[j] = 1 / (t[j]! / room[j]! + s[j]! / lambda[j]! + giving[j]!);
      addOuter(rows, j, weight[j]!, this.#matrix);
    }
    factorise(this.#matrix, this.d.length);
  }

  /** The direction to all products `product`. */
  centre(product: number): void {
    this.#columns.aimS.fill(product);
    this.#columns.aimT.fill(product);
    this.#direct();
  }

  /** As `centre`, less the second-order part of the direction before. */
  correct(product: number): void {
    const { dLambda, dS, dT, aimS, aimT } = this.#columns;
    for (let j = 0; j < dS.length; j++) {
      aimS[j] = product - dS[j]! * dLambda[j]!;
      aimT[j] = product + dT[j]! * dLambda[j]!;
    }
    this.#direct();
  }

  #direct(): void {
    const { rows } = this.#programme;
    const { lambda, room, s, t, dLambda, dS, dT, aimS, aimT, residual, weight } = this.#columns;
    for (let a = 0; a < this.#rhs.length; a++) this.#rhs[a] = -this.#dual[a]!;
    for (let j = 0; j < rows.count; j++) {
      dS[j] = aimS[j]! / lambda[j]! - s[j]!;
      dT[j] = aimT[j]! / room[j]! - t[j]!;
      addTimes(rows, j, -weight[j]! * (residual[j]! + dT[j]! - dS[j]!), this.#rhs);
    }
    solveFactored(this.#matrix, this.#rhs, this.#dD);
    for (let j = 0; j < rows.count; j++) {
      dLambda[j] = -weight[j]! * (residual[j]! + dT[j]! - dS[j]! + rowTimes(rows, j, this.#dD));
      dS[j]! -= (s[j]! / lambda[j]!) * dLambda[j]!;
      dT[j]! += (t[j]! / room[j]!) * dLambda[j]!;
    }
  }

  /** Largest multiple of the direction that crosses no bound. */
  reach(): number {
    const { lambda, room, s, t, dLambda, dS, dT } = this.#columns;
    let reach = Number.POSITIVE_INFINITY;
    for (let j = 0; j < s.length; j++) {
      reach = Math.min(reach, limit(s[j]!, dS[j]!), limit(t[j]!, dT[j]!));
      reach = Math.min(reach, limit(lambda[j]!, dLambda[j]!), limit(room[j]!, -dLambda[j]!));
    }
    return reach;
  }

  gapAfter(length: number): number {
    const { lambda, room, s, t, dLambda, dS, dT } = this.#columns;
    let gap = 0;
    for (let j = 0; j < s.length; j++) {
      gap += (s[j]! + length * dS[j]!) * (lambda[j]! + length * dLambda[j]!);
      gap += (t[j]! + length * dT[j]!) * (room[j]! - length * dLambda[j]!);
    }
    return gap;
  }

  move(length: number): void {
    const { lambda, room, s, t, dLambda, dS, dT } = this.#columns;
    for (let a = 0; a < this.d.length; a++) this.d[a]! += length * this.#dD[a]!;
    for (let j = 0; j < s.length; j++) {
      s[j]! += length * dS[j]!;
      t[j]! += length * dT[j]!;
      lambda[j]! += length * dLambda[j]!;
      room[j]! -= length * dLambda[j]!;
    }
  }
}

/** Largest multiple of `change` that keeps `value` >= 0. */
function limit(value: number, change: number): number {
  return change < 0 ? -value / change : Number.POSITIVE_INFINITY;
}

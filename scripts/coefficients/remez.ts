/** Minimax rational functions by Remez' exchange, and their continued fractions. */
import { absolute, divide, fromRatio, multiply, ONE } from "./real.ts";

/** p(x) / q(x), coefficients of rising powers; the highest of q is 1. */
export interface Rational {
  readonly p: bigint[];
  readonly q: bigint[];
}

export interface FitProblem {
  readonly name: string;
  readonly target: (x: bigint) => bigint;
  /** The weight of the error; the fit makes the largest |weight (fit - target)| as small as it can be. */
  readonly weight: (x: bigint) => bigint;
  /** The interval is [0, end]. */
  readonly end: bigint;
  readonly degreeP: number;
  readonly degreeQ: number;
}

const GRID = 1200;

export function evaluate(coefficients: bigint[], x: bigint): bigint {
  return coefficients.reduceRight((sum, coefficient) => multiply(sum, x) + coefficient, 0n);
}

/** Solves a square linear system by elimination with row pivots; destroys its arguments. */
function solve(matrix: bigint[][], right: bigint[]): bigint[] {
  const n = right.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++)
      if (absolute(matrix[row]![column]!) > absolute(matrix[pivot]![column]!)) pivot = row;
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    [right[column], right[pivot]] = [right[pivot]!, right[column]!];
    for (let row = column + 1; row < n; row++) {
      const factor = divide(matrix[row]![column]!, matrix[column]![column]!);
      for (let j = column; j < n; j++) matrix[row]![j]! -= multiply(factor, matrix[column]![j]!);
      right[row]! -= multiply(factor, right[column]!);
    }
  }
  const solution = new Array<bigint>(n).fill(0n);
  for (let row = n - 1; row >= 0; row--) {
    let rest = right[row]!;
    for (let j = row + 1; j < n; j++) rest -= multiply(matrix[row]![j]!, solution[j]!);
    solution[row] = divide(rest, matrix[row]![row]!);
  }
  return solution;
}

interface Sample {
  readonly x: bigint;
  readonly target: bigint;
  readonly weight: bigint;
}

/** Points of the interval, dense at its ends as Chebyshev's. */
function chebyshev(problem: FitProblem, count: number): Sample[] {
  return Array.from({ length: count }, (_, i) => {
    const t = (1 - Math.cos((Math.PI * i) / (count - 1))) / 2;
    const x = multiply(problem.end, fromRatio(BigInt(Math.round(t * 2 ** 52)), 1n << 52n));
    return { x, target: problem.target(x), weight: problem.weight(x) };
  });
}

/**
 * The rational function whose weighted error alternates between +E and -E over the reference points: p(x) = (f(x) + s E / w(x)) q(x),
 * s = +-1. The product E q is bilinear, so it is linearised about the last solution until E stands.
 */
function alternate(problem: FitProblem, reference: Sample[]): { fit: Rational; error: bigint } {
  const { degreeP, degreeQ } = problem;
  const n = degreeP + degreeQ + 2;
  let error = 0n;
  let q = [...new Array<bigint>(degreeQ).fill(0n), ONE];
  for (let round = 0; ; round++) {
    const matrix: bigint[][] = [];
    const right: bigint[] = [];
    reference.forEach(({ x, target, weight }, i) => {
      const share = divide(i % 2 === 0 ? ONE : -ONE, weight);
      const level = target + multiply(error, share);
      const powers = [ONE];
      while (powers.length <= Math.max(degreeP, degreeQ)) powers.push(multiply(powers.at(-1)!, x));
      const slope = multiply(share, evaluate(q, x));
      matrix.push([
        ...powers.slice(0, degreeP + 1),
        ...powers.slice(0, degreeQ).map((power) => -multiply(level, power)),
        -slope,
      ]);
      right.push(multiply(level, powers[degreeQ]!) - multiply(slope, error));
    });
    const solution = solve(matrix, right);
    const next = solution[n - 1]!;
    const change = absolute(next - error);
    error = next;
    q = [...solution.slice(degreeP + 1, n - 1), ONE];
    if (round > 40) throw new Error(`remez: ${problem.name} does not settle`);
    if (round > 0 && change * 10n ** 30n <= absolute(error))
      return { fit: { p: solution.slice(0, degreeP + 1), q }, error };
  }
}

/** The largest error of each run of equal signs; of more runs than wanted the smaller end goes. */
function extrema(errors: { sample: Sample; error: bigint }[], wanted: number): Sample[] {
  const runs: { sample: Sample; error: bigint }[] = [];
  for (const entry of errors) {
    const last = runs.at(-1);
    if (last && last.error >= 0n === entry.error >= 0n) {
      if (absolute(entry.error) > absolute(last.error)) runs[runs.length - 1] = entry;
    } else runs.push(entry);
  }
  while (runs.length > wanted) {
    if (absolute(runs[0]!.error) < absolute(runs.at(-1)!.error)) runs.shift();
    else runs.pop();
  }
  if (runs.length < wanted) throw new Error(`remez: ${runs.length} alternations instead of ${wanted}`);
  return runs.map(({ sample }) => sample);
}

/** The minimax fit, to 0.01 % of its error. */
export function minimax(problem: FitProblem): { fit: Rational; error: bigint } {
  const wanted = problem.degreeP + problem.degreeQ + 2;
  const grid = chebyshev(problem, GRID);
  let reference = chebyshev(problem, wanted);
  for (let round = 0; round < 30; round++) {
    const { fit, error } = alternate(problem, reference);
    const errors = grid.map((sample) => {
      const value = divide(evaluate(fit.p, sample.x), evaluate(fit.q, sample.x));
      return { sample, error: multiply(value - sample.target, sample.weight) };
    });
    const largest = errors.reduce(
      (most, entry) => (absolute(entry.error) > most ? absolute(entry.error) : most),
      0n,
    );
    if (largest * 10_000n <= absolute(error) * 10_001n) return { fit, error: largest };
    reference = extrema(errors, wanted);
  }
  throw new Error(`remez: ${problem.name} does not converge`);
}

/** a0 + c1 / (x + a1 + c2 / (x + a2 + ...)): the first entry is a0, the others pairs. */
export interface ContinuedFraction {
  readonly constant: bigint;
  readonly stages: { readonly c: bigint; readonly a: bigint }[];
}

/** Euclid's algorithm on p and q of equal degree. */
export function continuedFraction({ p, q }: Rational): ContinuedFraction {
  const constant = divide(p.at(-1)!, q.at(-1)!);
  let rest = p.map((coefficient, i) => coefficient - multiply(constant, q[i]!)).slice(0, -1);
  let divisor = [...q];
  const stages: { c: bigint; a: bigint }[] = [];
  while (rest.length > 0) {
    const c = divide(rest.at(-1)!, divisor.at(-1)!);
    const monic = rest.map((coefficient) => divide(coefficient, rest.at(-1)!));
    const scaled = divisor.map((coefficient) => divide(coefficient, divisor.at(-1)!));
    // scaled = (x + a) monic + remainder
    const lower = scaled.map((coefficient, i) => coefficient - (i > 0 ? monic[i - 1]! : 0n)).slice(0, -1);
    const a = lower.at(-1)!;
    const remainder = lower.map((coefficient, i) => coefficient - multiply(a, monic[i]!)).slice(0, -1);
    stages.push({ c, a });
    [divisor, rest] = [monic, remainder];
  }
  return { constant, stages };
}

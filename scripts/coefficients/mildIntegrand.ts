/**
 * The rational fits behind pricer/src/impliedVol/mildIntegrand.ts, in float64:
 *
 *   G(v) = Y'(2 - 1/v) / v^2 on [0, 5/8],   Y(z) = Phi(z) / phi(z),   Y'(z) = 1 + z Y(z),
 *
 * on three pieces, each in x = v - its lower end, with the least relative error.
 */
import { divide, exp, fromInteger, fromRatio, mills, multiply, ONE, PI, sqrt, toNumber } from "./real.ts";
import { evaluate, type FitProblem, minimax, type Rational } from "./remez.ts";

export const MILD_INTEGRAND_FILE = "pricer/src/impliedVol/mildIntegrand.ts";

/** From z = -12 down the asymptotic series of Y' is good to exp(-72). */
const FAR = fromInteger(12);

/** G(v) to 30 digits. */
export function mildIntegrand(v: bigint): bigint {
  const room = ONE - 2n * v;
  if (multiply(FAR, v) < room) {
    const ratio = divide(v, room);
    return divide(farDerivative(multiply(ratio, ratio)), multiply(room, room));
  }
  // z = -p.
  const p = divide(room, v);
  const derivative = ONE - multiply(p, p >= 0n ? mills(p) : millsOfNegative(-p));
  return divide(derivative, multiply(v, v));
}

/** p^2 Y'(-p) = 1 - 3!! / p^2 + 5!! / p^4 - ..., up to its least term, of square = 1/p^2. */
function farDerivative(square: bigint): bigint {
  let term = ONE;
  let sum = 0n;
  for (let odd = 3n; term !== 0n && term !== -1n; odd += 2n) {
    sum += term;
    const next = -multiply(term, odd * square);
    if (next * next >= term * term) break;
    term = next;
  }
  return sum;
}

/** Mills' ratio of -z, z > 0: sqrt(2 pi) exp(z^2 / 2) less that of z. */
function millsOfNegative(z: bigint): bigint {
  return multiply(sqrt(2n * PI), exp(multiply(z, z) / 2n)) - mills(z);
}

/** Name and bounds in sixteenths of each piece. */
const PIECES: readonly (readonly [string, bigint, bigint])[] = [
  ["low", 0n, 2n],
  ["middle", 2n, 5n],
  ["high", 5n, 10n],
];
/** The least degree of both polynomials that keeps every piece below 2^-54, a quarter of a unit of rounding. */
const DEGREE = 7;

export interface PieceFit {
  readonly name: string;
  readonly from: bigint;
  readonly fit: Rational;
  readonly error: bigint;
}

export function fitMildIntegrand(): PieceFit[] {
  return PIECES.map(([name, low, high]) => {
    const from = fromRatio(low, 16n);
    const problem: FitProblem = {
      name: `${name} piece of the mild integrand`,
      target: (x) => mildIntegrand(from + x),
      weight: (x) => divide(ONE, mildIntegrand(from + x)),
      end: fromRatio(high - low, 16n),
      degreeP: DEGREE,
      degreeQ: DEGREE,
    };
    return { name, from, ...minimax(problem) };
  });
}

/** The fit in exact arithmetic. */
export const pieceValue = ({ fit, from }: PieceFit, v: bigint): bigint =>
  divide(evaluate(fit.p, v - from), evaluate(fit.q, v - from));

const HEADER = `/**
 * G(v) = Y'(2 - 1/v) / v^2, Y(z) = Phi(z) / phi(z), Y'(z) = 1 + z Y(z): what the normalised Black price integrates. It rises from 1
 * at v = 0 by way of 4 at 1/2.
 *
 * Written by scripts/coefficients/main.ts (npm run coefficients); do not edit. The numbers stand in the code, because constants of
 * a module make the implied vol 15 % slower.
 */

/**
 * G(v) for 0 <= v <= 5/8: on each of three pieces a rational minimax fit in the distance from its lower end; relative error below
 * 2^-54 before rounding.
 */
export function mildIntegrand(v: number): number {
  if (v < 0.125) return low(v);
  return v < 0.3125 ? middle(v - 0.125) : high(v - 0.3125);
}
`;

/** The module of the pricer, as text; both polynomials over q(0), which leaves the fraction as it is. */
export function mildIntegrandFile(fits: readonly PieceFit[]): string {
  const pieces = fits.map(({ name, fit, error }) => {
    const [p, q] = [fit.p, fit.q].map((polynomial) =>
      polynomial.map((coefficient) => toNumber(divide(coefficient, fit.q[0]!))),
    );
    return `
/** Relative error ${toNumber(error).toExponential(1)}. */
function ${name}(x: number): number {
${[...horner("p", p!), ...horner("q", q!)].join("\n")}
  return p / q;
}
`;
  });
  return [HEADER, ...pieces].join("");
}

/** Statements that leave the polynomial at x in the variable. */
function horner(variable: string, coefficients: readonly number[]): string[] {
  const [first, ...rest] = [...coefficients].reverse();
  const steps = rest.map(
    (value) => `  ${variable} = ${variable} * x ${value < 0 ? "-" : "+"} ${Math.abs(value)};`,
  );
  return [`  let ${variable} = ${first};`, ...steps];
}

/** The functions behind contracts/pricing/Numerics.sol, and the integers that stand for them there. */
import {
  absolute,
  atanh,
  BITS,
  coth,
  divide,
  exp,
  fromInteger,
  fromRatio,
  LN2,
  mills,
  multiply,
  ONE,
  PI,
  sqrt,
} from "./real.ts";
import { type ContinuedFraction, continuedFraction, type FitProblem, minimax } from "./remez.ts";

const FLOOR = ONE / 1000n;

/** atanh(y) / y of y^2 in [0, 9/25]; weighted 2 y, so that its error is that of a logarithm. */
const ATANH: FitProblem = {
  name: "ATANH",
  target: (square) => (square === 0n ? ONE : divide(atanh(sqrt(square)), sqrt(square))),
  weight: (square) => 2n * sqrt(square) + 10n * FLOOR,
  end: fromRatio(9n, 25n),
  degreeP: 5,
  degreeQ: 5,
};

/** x coth(x ln(base) / 2) of x^2, which makes base^-x = (g - x) / (g + x); weighted by the derivative of that. */
function exponential(name: string, lnBase: bigint, end: bigint, degree: number): FitProblem {
  const target = (square: bigint): bigint => {
    const x = sqrt(square);
    return square === 0n ? divide(2n * ONE, lnBase) : multiply(x, coth(multiply(x, lnBase) / 2n));
  };
  const weight = (square: bigint): bigint => {
    const rest = target(square) - sqrt(square);
    return divide(2n * sqrt(square), multiply(rest, rest)) + FLOOR;
  };
  return { name, target, weight, end, degreeP: degree, degreeQ: degree };
}

/** 2^-r for |r| <= 1/2, and exp(-x) for |x| <= 1. */
const EXP2 = exponential("EXP2", LN2, ONE / 4n, 2);
const EXP = exponential("EXP", ONE, ONE, 3);

/**
 * Mills' ratio on [0, 9]. Beyond 5 its error may grow as exp((z - 5)^2 / 2): it counts times phi(u) with u >= z - 6, and the bit of
 * freedom keeps all stages of the fraction above 1/2 (the minimax fit without it has stages that cross zero).
 */
const MILLS: FitProblem = {
  name: "MILLS",
  target: mills,
  weight: (z) => {
    const beyond = z - fromInteger(5);
    return beyond <= 0n ? ONE : exp(-multiply(beyond, beyond) / 2n);
  },
  end: fromInteger(9),
  degreeP: 9,
  degreeQ: 9,
};

export interface Fit {
  readonly name: string;
  readonly error: bigint;
  readonly fraction: ContinuedFraction;
}

export function fitAll(): Fit[] {
  return [ATANH, EXP2, MILLS, EXP].map((problem) => {
    const { fit, error } = minimax(problem);
    return { name: problem.name, error, fraction: continuedFraction(fit) };
  });
}

/** The nearest integer of |x| 2^bits. */
const scale = (x: bigint, bits: bigint): bigint => ((absolute(x) >> (BITS - bits - 1n)) + 1n) >> 1n;

/** Name and value of every constant. MILLS yields X64, so its outermost stage is scaled 32 bits lower. */
export function constants(fits: Fit[]): [string, bigint][] {
  const rows: [string, bigint][] = [];
  for (const { name, fraction } of fits) {
    const output = name === "MILLS" ? 64n : 96n;
    rows.push([`${name}_A0`, scale(fraction.constant, output)]);
    fraction.stages.forEach(({ c, a }, i) => {
      rows.push([`${name}_C${i + 1}`, scale(c, i === 0 ? output + 96n : 192n)]);
      rows.push([`${name}_A${i + 1}`, scale(a, 96n)]);
    });
  }
  rows.push(["LN2", scale(LN2, 192n)]);
  rows.push(["LN4", scale(2n * LN2, 96n)]);
  rows.push(["DENSITY", scale(divide(ONE, sqrt(4n * PI)), 64n)]);
  rows.push(["SQRT2_X127", scale(sqrt(2n * ONE), 127n)]);
  return rows;
}

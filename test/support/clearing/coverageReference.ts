/**
 * Coverage as its definition has it, slow and obviously right: what is owed is computed from every option by itself, at every
 * strike and at both ends, in exact fractions; nothing is carried from one price to the next.
 */

/** One strike: WAD strike, written less deposited in WAD. */
export interface Leg {
  strike: bigint;
  written: bigint;
}

/** A number of WAD base units as a fraction; the denominator is positive. */
export interface Fraction {
  numerator: bigint;
  denominator: bigint;
}

/** Base that calls owe at a settlement price S: sum of n (1 - K/S)+, times S over S. */
export function owedByCalls(legs: Leg[], price: bigint): Fraction {
  const paying = legs.filter(({ strike }) => price > strike);
  return {
    numerator: paying.reduce((sum, { strike, written }) => sum + written * (price - strike), 0n),
    denominator: price,
  };
}

/** Quote (WAD * WAD) that puts owe at a settlement price S: sum of n (K - S)+. */
export function owedByPuts(legs: Leg[], price: bigint): bigint {
  return legs
    .filter(({ strike }) => strike > price)
    .reduce((sum, { strike, written }) => sum + written * (strike - price), 0n);
}

/** The least whole number that is not below a fraction. */
export function ceiling({ numerator, denominator }: Fraction): bigint {
  const quotient = numerator / denominator;
  return numerator > 0n && numerator % denominator !== 0n ? quotient + 1n : quotient;
}

/** The maximum over every strike and both ends: S = 0 for puts, S to infinity (where every call pays one) for calls. */
export function coverageBySearch(legs: Leg[]): { calls: bigint; puts: bigint } {
  const prices = legs.map(({ strike }) => strike);
  const atInfinity = legs.reduce((sum, { written }) => sum + written, 0n);
  const max = (values: bigint[]) => values.reduce((best, value) => (value > best ? value : best), 0n);
  return {
    calls: max([atInfinity, ...prices.map((price) => ceiling(owedByCalls(legs, price)))]),
    puts: max([0n, ...prices].map((price) => owedByPuts(legs, price))),
  };
}

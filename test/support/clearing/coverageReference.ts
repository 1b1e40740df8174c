/**
 * Coverage as its definition has it, slow and obviously right: what is owed is computed from every option by itself, at every
 * strike, beside and between them and at both ends, in exact fractions; nothing is carried from one price to the next.
 */

/** One strike: WAD strike, written less deposited in WAD. */
export interface Leg {
  strike: bigint;
  written: bigint;
}

/** A number of WAD base units as a fraction; the denominator is positive. */
interface Fraction {
  numerator: bigint;
  denominator: bigint;
}

/** Base that calls owe at a settlement price S: sum of n (1 - K/S)+, times S over S. */
function owedByCalls(legs: Leg[], price: bigint): Fraction {
  const paying = legs.filter(({ strike }) => price > strike);
  return {
    numerator: paying.reduce((sum, { strike, written }) => sum + written * (price - strike), 0n),
    denominator: price,
  };
}

/** Quote (WAD * WAD) that puts owe at a settlement price S: sum of n (K - S)+. */
function owedByPuts(legs: Leg[], price: bigint): bigint {
  return legs
    .filter(({ strike }) => strike > price)
    .reduce((sum, { strike, written }) => sum + written * (strike - price), 0n);
}

/** The least whole number that is not below a fraction. */
function ceiling({ numerator, denominator }: Fraction): bigint {
  const quotient = numerator / denominator;
  return numerator > 0n && numerator % denominator !== 0n ? quotient + 1n : quotient;
}

/** Every strike, one beside it on either side, halfway to the next; almost nothing (0+) and far out. */
function pricesOf(legs: Leg[]): bigint[] {
  const strikes = legs.map(({ strike }) => strike);
  const between = strikes.slice(1).map((strike, i) => (strike + strikes[i]!) / 2n);
  const beside = strikes.flatMap((strike) => [strike - 1n, strike, strike + 1n]);
  return [1n, ...beside, ...between, 2n ** 160n].filter((price) => price > 0n);
}

/** The most that is owed at any of these prices and at both ends: S = 0 for puts, S to infinity (where every call pays one) for calls. */
export function coverageBySearch(legs: Leg[]): { calls: bigint; puts: bigint } {
  const prices = pricesOf(legs);
  const atInfinity = legs.reduce((sum, { written }) => sum + written, 0n);
  const max = (values: bigint[]) => values.reduce((best, value) => (value > best ? value : best), 0n);
  return {
    calls: max([atInfinity, ...prices.map((price) => ceiling(owedByCalls(legs, price)))]),
    puts: max([0n, ...prices].map((price) => owedByPuts(legs, price))),
  };
}

/**
 * Static arbitrage of a surface counted on a dense grid: a measurement, not a proof (the proof is `certificate/`).
 *
 * Butterfly: g(k) < 0, or a wing slope of 2 or more. Calendar: w of the longer expiry below w of the shorter one at the same
 * forward log-moneyness, or its wing slope below. Grid per slice in units of its at-the-money sd: |z| <= 15 by 0.02, then geometric by
 * 1 % to 150. The wings' slopes are compared exactly.
 */
import { butterfly, type SviParams, totalVariance } from "@meniscus/sdk/svi";

interface ArbitrageCount {
  /** Points, wings included, where a slice's density is negative. */
  readonly butterfly: number;
  /** Points, wings included, where a longer expiry has less total variance. */
  readonly calendar: number;
}

const NEAR = 15;
const NEAR_STEP = 0.02;
const FAR = 150;
const FAR_RATIO = 1.01;

/** The grid in sd units, ascending. */
const GRID: readonly number[] = (() => {
  const half: number[] = [];
  for (let i = 1; i * NEAR_STEP <= NEAR + 1e-9; i++) half.push(i * NEAR_STEP);
  for (let z = NEAR * FAR_RATIO; z < FAR; z *= FAR_RATIO) half.push(z);
  half.push(FAR);
  return [...half.map((z) => -z).reverse(), 0, ...half];
})();

/** Violations of the slices, given in ascending order of expiry. */
export function countArbitrage(slices: readonly SviParams[]): ArbitrageCount {
  let butterflies = 0;
  let calendars = 0;
  for (let i = 0; i < slices.length; i++) {
    butterflies += butterflyViolations(slices[i]!);
    if (i > 0) calendars += calendarViolations(slices[i - 1]!, slices[i]!);
  }
  return { butterfly: butterflies, calendar: calendars };
}

/** Grid points of one slice with negative variance or negative density, and wings of slope 2 or more. */
export function butterflyViolations(params: SviParams): number {
  const sd = Math.sqrt(Math.max(totalVariance(params, 0), 0));
  let count = 0;
  for (const slope of wingSlopes(params)) if (!(slope < 2)) count++;
  for (const z of GRID) {
    const k = z * sd;
    if (!(totalVariance(params, k) > 0 && butterfly(params, k) >= 0)) count++;
  }
  return count;
}

/** Grid points (in the sd of either slice) and wings where `longer` has less total variance than `shorter`. */
export function calendarViolations(shorter: SviParams, longer: SviParams): number {
  const short = wingSlopes(shorter);
  const long = wingSlopes(longer);
  let count = (long[0] < short[0] ? 1 : 0) + (long[1] < short[1] ? 1 : 0);
  for (const params of [shorter, longer]) {
    const sd = Math.sqrt(Math.max(totalVariance(params, 0), 0));
    for (const z of GRID) if (!(totalVariance(longer, z * sd) >= totalVariance(shorter, z * sd))) count++;
  }
  return count;
}

/** Asymptotic slopes of w to the left and to the right, as positive numbers: b (1 - rho), b (1 + rho). */
function wingSlopes({ b, rho }: SviParams): [left: number, right: number] {
  return [b * (1 - rho), b * (1 + rho)];
}

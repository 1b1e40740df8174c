/**
 * The exact cost function that the quadratic potential in vega stands for, where nothing but vega counts:
 *
 *   C(q) = max over s in [slopeLow, slopeHigh] of sum q_i V_i(sigma_i + w_e s) - E s^2 / (2 lambda)
 *
 * Its marginal prices are those of a shifted surface, so they are never at odds with each other. A trade costs C(held and q) - C(held).
 */
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { tauAt } from "@meniscus/sdk/clock";
import type { Leg, PoolSurface } from "@meniscus/sdk/pool/book";
import { ageing, priceOption } from "@meniscus/sdk/pool/exposure";
import type { PotentialParameters } from "@meniscus/sdk/pool/parameters";

export interface ExactCost {
  readonly cost: number;
  /** The s that the maximum is at, with the trade. */
  readonly shift: number;
  /**
   * Between which two C lies above what it is where every V is linear in s, as for the potential: by what each is beyond its tangent, at
   * the shift of the one and of the other.
   */
  readonly aboveLinear: readonly [least: number, most: number];
}

/** What options are worth on a surface that is shifted, and the shifts that matter of it. */
interface Maximum {
  readonly cost: number;
  readonly shift: number;
  /** sum q V, at the shift of the linear maximum and at the exact one, beyond its tangent in 0. */
  readonly beyondTangent: readonly [linear: number, exact: number];
}

const DAYS_30 = 30 / 365;
/** docs/QUANT.md's own, so that none of the potential's goes unseen. */
const weightOf = (tau: number): number => Math.min(Math.max(Math.sqrt(DAYS_30 / tau), 0.28), 2.7);

function maximumOf(
  legs: readonly Leg[],
  surface: PoolSurface,
  spot: number,
  now: number,
  equity: number,
  { lambda, slopeLow, slopeHigh }: PotentialParameters,
): Maximum {
  const priced = legs.map((leg) => {
    const slice = surface.slices.get(leg.expiryAt)!;
    const tau = tauAt(leg.expiryAt, now);
    const { vol } = priceOption(leg, slice, spot, now, 1);
    const forward = spot * Math.exp(slice.basis * ageing(slice, leg.expiryAt, now));
    const at = (shift: number) => {
      const totalVariance = (vol + weightOf(tau) * shift) ** 2 * tau;
      const { call, put, vegaSd } = blackScholes({ spot, forward, strike: leg.strike, totalVariance });
      return { value: leg.isPut ? put : call, slope: weightOf(tau) * vegaSd * Math.sqrt(tau) };
    };
    return { amount: leg.amount, at };
  });
  const worth = (shift: number) => priced.reduce((sum, { amount, at }) => sum + amount * at(shift).value, 0);
  const slope = priced.reduce((sum, { amount, at }) => sum + amount * at(0).slope, 0);
  const costAt = (shift: number) => worth(shift) - (equity * shift * shift) / (2 * lambda);
  // Concave while the volga of the trade is below E / lambda.
  let [low, high] = [slopeLow, slopeHigh];
  for (let step = 0; step < 100; step++) {
    const third = (high - low) / 3;
    if (costAt(low + third) < costAt(high - third)) low += third;
    else high -= third;
  }
  const linear = Math.min(Math.max((lambda * slope) / equity, slopeLow), slopeHigh);
  const beyond = (shift: number) => worth(shift) - worth(0) - slope * shift;
  return { cost: costAt(low), shift: low, beyondTangent: [beyond(linear), beyond(low)] };
}

/** `held` is what takers hold of the vault already: negative what the vault holds. */
export function exactCost(
  legs: readonly Leg[],
  surface: PoolSurface,
  spot: number,
  now: number,
  equity: number,
  parameters: PotentialParameters,
  held: readonly Leg[] = [],
): ExactCost {
  const [before, after] = [held, [...held, ...legs]].map((all) =>
    maximumOf(all, surface, spot, now, equity, parameters),
  ) as [Maximum, Maximum];
  // No maximum is less than its own terms at the other's shift.
  const [linear, exact] = [0, 1] as const;
  return {
    cost: after.cost - before.cost,
    shift: after.shift,
    aboveLinear: [
      after.beyondTangent[linear] - before.beyondTangent[exact],
      after.beyondTangent[exact] - before.beyondTangent[linear],
    ],
  };
}

/**
 * The exact cost function that the quadratic potential in vega stands for, from a flat book and where nothing but vega counts:
 *
 *   C(q) = max over s in [slopeLow, slopeHigh] of sum q_i V_i(sigma_i + w_e s) - E s^2 / (2 lambda)
 *
 * Its marginal prices are those of a shifted surface, so they are never at odds with each other.
 */
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { tauAt } from "@meniscus/sdk/clock";
import type { Leg, PoolSurface } from "@meniscus/sdk/pool/book";
import { ageing, potentialWeight, priceOption } from "@meniscus/sdk/pool/exposure";
import type { PotentialParameters } from "@meniscus/sdk/pool/parameters";

export interface ExactCost {
  readonly cost: number;
  /** The s that the maximum is at. */
  readonly shift: number;
}

export function exactCost(
  legs: readonly Leg[],
  surface: PoolSurface,
  spot: number,
  now: number,
  equity: number,
  { lambda, slopeLow, slopeHigh }: PotentialParameters,
): ExactCost {
  const priced = legs.map((leg) => {
    const slice = surface.slices.get(leg.expiryAt)!;
    const tau = tauAt(leg.expiryAt, now);
    const { vol } = priceOption(leg, slice, spot, now, 1);
    const forward = spot * Math.exp(slice.basis * ageing(slice, leg.expiryAt, now));
    return { leg, tau, vol, forward };
  });
  const at = (shift: number) =>
    priced.reduce((sum, { leg, tau, vol, forward }) => {
      const totalVariance = (vol + potentialWeight(tau) * shift) ** 2 * tau;
      const { call, put } = blackScholes({ spot, forward, strike: leg.strike, totalVariance });
      return sum + leg.amount * (leg.isPut ? put : call);
    }, 0) -
    (equity * shift * shift) / (2 * lambda);
  // Concave while the volga of the trade is below E / lambda.
  let [low, high] = [slopeLow, slopeHigh];
  for (let step = 0; step < 200; step++) {
    const third = (high - low) / 3;
    if (at(low + third) < at(high - third)) low += third;
    else high -= third;
  }
  return { cost: at(low), shift: low };
}

/** How far two surfaces are apart, in what an option costs. */
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { type UnpackedSlice, unquantise } from "@meniscus/sdk/slice";
import { totalVarianceFromLevel } from "@meniscus/sdk/svi";

/** Strikes are compared out to so many standard deviations, in halves. */
const FARTHEST = 3;

/**
 * The largest difference between what two slices of one expiry say that an option out of the money is worth, as a share of what the first
 * says of the one at its forward; strikes by their ratio to spot, so the bases count and the spots do not. In the money, by parity,
 * {@link basisDistanceBps} of the strike's present value comes on top.
 */
export function priceDistance(word: bigint, other: bigint): number {
  const [slice, second] = [unquantise(word), unquantise(other)];
  const sd = Math.sqrt(slice.level);
  const atTheMoney = value(slice, Math.exp(slice.basis), true);
  let largest = 0;
  for (let step = -2 * FARTHEST; step <= 2 * FARTHEST; step++) {
    const strike = Math.exp(slice.basis + (step / 2) * sd);
    const isCall = step >= 0;
    const apart = Math.abs(value(slice, strike, isCall) - value(second, strike, isCall)) / atTheMoney;
    // Not a number is as far as anything.
    if (!(apart <= largest)) largest = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
  }
  return largest;
}

/** How far the forwards of two slices of one expiry are apart, each as a ratio to its spot, in basis points. */
export const basisDistanceBps = (word: bigint, other: bigint): number =>
  Math.abs(unquantise(word).basis - unquantise(other).basis) * 10_000;

/** In units of spot. */
function value({ params, level, basis }: UnpackedSlice, strike: number, isCall: boolean): number {
  const variance = totalVarianceFromLevel(level, params, Math.log(strike) - basis);
  const { call, put } = blackScholes({
    spot: 1,
    forward: Math.exp(basis),
    strike,
    totalVariance: Math.max(variance, 0),
  });
  return isCall ? call : put;
}

/** |ln(one / other)| in basis points. */
export const spotDistanceBps = (one: number, other: number): number =>
  Math.abs(Math.log(one / other)) * 10_000;

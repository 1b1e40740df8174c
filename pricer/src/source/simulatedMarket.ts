/**
 * The truth behind the simulated source: spot, carry and an arbitrage-free surface, drawn from a seed.
 *
 * Every smile is a slice of SSVI, w(k) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)), with
 * phi(theta) = eta / sqrt(theta (1 + theta)) and theta rising in time: free of butterfly and calendar arbitrage when
 * eta (1 + |rho|) <= 2 (Gatheral, Jacquier, "Arbitrage-free SVI volatility surfaces", 2014, section 4). theta is the variance of an
 * instantaneous variance that reverts from its level today to a long one.
 */

import { calendarYears, SETTLEMENT_WINDOW_SECONDS, tauAt } from "@meniscus/sdk/clock";
import type { SviParams } from "@meniscus/sdk/svi";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { skipN } from "pure-rand/utils/skipN";
import { ChainError } from "../chain/chain.ts";
import { venueExpiries } from "./venueCalendar.ts";

export interface SimulatedExpiry {
  readonly expiryAt: number;
  readonly forward: number;
  readonly smile: SviParams;
}

export interface SimulatedMarket {
  readonly currency: string;
  readonly snapshotAt: number;
  readonly spot: number;
  readonly expiries: readonly SimulatedExpiry[];
}

/** Long-run vol and spot of the currencies that can be simulated. */
const MARKETS: Record<string, { vol: number; spot: number }> = {
  ETH: { vol: 0.62, spot: 3000 },
  BTC: { vol: 0.44, spot: 90_000 },
};

/** Independent draws in a fixed order: the same seed, the same market. */
export interface Random {
  /** In [low, high). */
  uniform(low: number, high: number): number;
  /** Standard normal, by Box and Muller. */
  normal(): number;
}

export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  // The first draws of small seeds are alike.
  skipN(generator, 64);
  const uniform = (low: number, high: number) => low + (high - low) * uniformFloat64(generator);
  return {
    uniform,
    // 1 - u lies in (0, 1], where the logarithm is finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform(0, 1))) * Math.cos(uniform(0, 2 * Math.PI)),
  };
}

/** Throws `ChainError` for a currency that has no simulated market. */
export function simulatedMarket(currency: string, snapshotAt: number, random: Random): SimulatedMarket {
  const market = MARKETS[currency];
  if (market === undefined) {
    throw new ChainError(
      `There is no simulated market of ${currency}: choose one of ${Object.keys(MARKETS).join(", ")}.`,
    );
  }
  const spot = round(market.spot * Math.exp(0.1 * random.normal()), 2);
  const longVariance = (market.vol * Math.exp(0.1 * random.normal())) ** 2;
  const shortVariance = longVariance * random.uniform(0.6, 1.5);
  const reversion = random.uniform(4, 12);
  const rho = random.uniform(-0.35, -0.05);
  const eta = random.uniform(0.9, 1.2);
  const [carry, bend] = [random.uniform(0.02, 0.06), random.uniform(-0.01, 0.01)];
  const expiries = venueExpiries(snapshotAt)
    .filter((expiryAt) => expiryAt - snapshotAt > SETTLEMENT_WINDOW_SECONDS)
    .map((expiryAt) => {
      const years = calendarYears(expiryAt, snapshotAt);
      const tau = tauAt(expiryAt, snapshotAt);
      const reverted = -Math.expm1(-reversion * tau) / reversion;
      const theta = longVariance * tau + (shortVariance - longVariance) * reverted;
      const noise = 1e-4 * random.normal();
      const forward = round(spot * Math.exp(carry * years + bend * years * years + noise), 2);
      return { expiryAt, forward, smile: ssviSlice(theta, rho, eta) };
    });
  return { currency, snapshotAt, spot, expiries };
}

/** SSVI's slice in raw SVI: a = theta (1 - rho^2)/2, b = theta phi/2, m = -rho/phi, sigma = sqrt(1 - rho^2)/phi. */
export function ssviSlice(theta: number, rho: number, eta: number): SviParams {
  const phi = eta / Math.sqrt(theta * (1 + theta));
  const rest = 1 - rho * rho;
  return { a: (theta * rest) / 2, b: (theta * phi) / 2, rho, m: -rho / phi, sigma: Math.sqrt(rest) / phi };
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** One expiry with a flat smile: for what is asked of a tenor or a vol, not of a chain. */
import { tauAt } from "@meniscus/sdk/clock";
import type { PoolSurface } from "@meniscus/sdk/pool/book";

export function flatSurface(spot: number, vol: number, reportAt: number, expiryAt: number): PoolSurface {
  const level = vol * vol * tauAt(expiryAt, reportAt);
  const params = { a: level, b: 0, rho: 0, m: 0, sigma: Math.sqrt(level) };
  return {
    spot,
    reportAt,
    slices: new Map([[expiryAt, { params, level, basis: 0, reportAt, flags: 0 }]]),
  };
}

/** The grid on which gas is judged: S = 3000, 11 strikes from 0.3 S to 3 S, vol 0.1 to 2, 1 hour to 2 years, rates 0 to 10 %. */
import { quantise } from "@meniscus/sdk/slice";

export interface GridPoint {
  readonly spot: bigint;
  readonly strike: bigint;
  readonly tau: bigint;
  readonly vol: bigint;
  readonly rate: bigint;
  readonly totalVariance: bigint;
  /** A smile around `vol` with the basis `rate tau`. */
  readonly slice: bigint;
}

const SPOT = 3000;
const MONEYNESS = [0.3, 0.45, 0.6, 0.75, 0.9, 1, 1.1, 1.3, 1.7, 2.3, 3];
const VOLS = [0.1, 0.25, 0.5, 1, 2];
const HOUR = 1 / 8760;
const TAUS = [HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, 0.25, 1, 2];
const RATES = [0, 0.05, 0.1];

/** A WAD with 12 decimals of the float. */
const wad = (value: number): bigint => BigInt(Math.round(value * 1e12)) * 1_000_000n;

/** Wings up to w'(k) = 0.05 sd a unit of log-moneyness: even 20 sd away the smile stays inside the domain. */
function smile(sd: number, basis: number): bigint {
  return quantise(
    { a: 1.02 * sd * sd, b: 0.03 * sd, rho: -0.3, m: 0.1 * sd, sigma: 1.5 * sd },
    basis,
    1_800_000_000,
  );
}

export function gasGrid(): GridPoint[] {
  const points: GridPoint[] = [];
  for (const moneyness of MONEYNESS)
    for (const vol of VOLS)
      for (const tau of TAUS)
        for (const rate of RATES) {
          const sd = vol * Math.sqrt(tau);
          points.push({
            spot: wad(SPOT),
            strike: wad(SPOT * moneyness),
            tau: wad(tau),
            vol: wad(vol),
            rate: wad(rate),
            totalVariance: wad(sd * sd),
            slice: smile(sd, rate * tau),
          });
        }
  return points;
}

/** S6 on the sdk's twin, which equals the contract to the unit (test/contracts/pricing/twin.test.ts). */

import { quoteFromSlice } from "@meniscus/sdk/fixed/svi";
import { quantise } from "@meniscus/sdk/slice";
import { type SviParams, totalVariance } from "@meniscus/sdk/svi";
import { expect } from "chai";
import fc from "fast-check";

const FORWARD = 3000n * 10n ** 18n;
const ONE = 1n << 96n;

/** Two prices apart by no more than this are equal: 2e-17 of the forward and two units, each. */
const TOLERANCE = (4n * FORWARD) / 10n ** 17n + 8n;

/**
 * The SSVI slice of at-the-money variance theta with phi = eta / sqrt(theta (1 + theta)): free of both kinds of arbitrage for
 * eta (1 + |rho|) <= 2 (Gatheral, Jacquier 2014, Remark 4.4).
 */
function ssvi(theta: number, rho: number, eta: number): SviParams {
  const phi = eta / Math.sqrt(theta * (1 + theta));
  const root = Math.sqrt(1 - rho * rho);
  return {
    a: (theta / 2) * (1 - rho * rho),
    b: (theta * phi) / 2,
    rho,
    m: -rho / phi,
    sigma: root / phi,
  };
}

const strikeAt = (k: number): bigint => (FORWARD * BigInt(Math.round(Math.exp(k) * 2 ** 50))) >> 50n;

/** Strikes over four standard deviations on both sides, inside the domain. */
function strikes(sd: number): bigint[] {
  const width = Math.min(4 * sd, 2.7);
  return Array.from({ length: 41 }, (_, i) => strikeAt(((i - 20) * width) / 20));
}

/** The least of the slopes' increases C[i-1] C[i] C[i+1] over the strikes, times the product of the gaps; below zero: butterfly. */
function leastConvexity(word: bigint, ageing: bigint, grid: bigint[]): bigint {
  const calls = grid.map((strike) => quoteFromSlice(word, FORWARD, strike, ageing).call);
  let least = FORWARD;
  for (let i = 1; i + 1 < grid.length; i++) {
    const [left, right] = [grid[i]! - grid[i - 1]!, grid[i + 1]! - grid[i]!];
    // C is convex if C[i] is below the chord of its neighbours.
    const chord = (calls[i - 1]! * right + calls[i + 1]! * left) / (left + right);
    least = chord - calls[i]! < least ? chord - calls[i]! : least;
  }
  return least;
}

const surfaces = fc
  .record({
    tau: fc.double({ min: 1 / 365, max: 1, noNaN: true }),
    ratio: fc.double({ min: 1.02, max: 4, noNaN: true }),
    vol: fc.double({ min: 0.2, max: 1.5, noNaN: true }),
    growth: fc.double({ min: 1, max: 1.5, noNaN: true }),
    rho: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
    slack: fc.double({ min: 0.2, max: 0.99, noNaN: true }),
    left: fc.double({ min: 0.002, max: 1, noNaN: true }),
  })
  .filter(({ vol, tau, left }) => vol * Math.sqrt(tau * left) > 0.0015);

describe("S6: ageing a surface", () => {
  it("leaves every slice free of butterflies and every pair free of calendars, close to expiry too", () => {
    fc.assert(
      fc.property(surfaces, ({ tau, ratio, vol, growth, rho, slack, left }) => {
        const eta = (2 * slack) / (1 + Math.abs(rho));
        const theta = vol * vol * tau;
        const [near, far] = [ssvi(theta, rho, eta), ssvi(theta * ratio * growth, rho, eta)].map((params) =>
          quantise(params, 0),
        ) as [bigint, bigint];
        // The same time passes for both: it takes a larger share of the shorter one.
        const share = (remaining: number): bigint => BigInt(Math.round(remaining * 2 ** 52)) << 44n;
        const [nearAge, farAge] = [share(left), share((ratio - (1 - left)) / ratio)];
        const grid = strikes(Math.sqrt(totalVariance(ssvi(theta, rho, eta), 0) * left));
        expect(leastConvexity(near, nearAge, grid) >= -TOLERANCE, "butterfly, near").to.equal(true);
        expect(leastConvexity(far, farAge, grid) >= -TOLERANCE, "butterfly, far").to.equal(true);
        for (const strike of grid) {
          const [short, long] = [
            quoteFromSlice(near, FORWARD, strike, nearAge),
            quoteFromSlice(far, FORWARD, strike, farAge),
          ];
          expect(long.call + TOLERANCE >= short.call, `calendar at ${strike}`).to.equal(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("the same measure sees the butterfly of Vogt's slice at k = 0.879, fresh, and none in its repair", () => {
    const vogt = quantise({ a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 }, 0);
    const repaired = quantise(
      {
        a: -0.030519911031910985,
        b: 0.1027167817813802,
        rho: 0.10071761320291084,
        m: 0.2723441929253749,
        sigma: 0.41239814691108884,
      },
      0,
    );
    const grid = [0.859, 0.879, 0.899].map(strikeAt);
    expect(leastConvexity(vogt, ONE, grid) < -1000n * TOLERANCE).to.equal(true);
    expect(leastConvexity(repaired, ONE, grid) > 0n).to.equal(true);
  });
});

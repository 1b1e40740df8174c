/** The chain of the fit bench: 12 expiries of 40 quotes on an SSVI surface, with noise and spreads of a seeded generator. */
import type { CleanChain, CleanExpiry } from "@meniscus/pricer/chain/chain";
import { SECONDS_PER_DAY, tauAt } from "@meniscus/sdk/clock";
import { uniforms } from "./statistics.ts";

const SNAPSHOT_AT = 1_770_000_000;
const DAYS = [1, 2, 3, 7, 14, 21, 30, 60, 90, 180, 270, 360];
const QUOTES = 40;
const REACH = 2.8;
const RHO = -0.2;
const ETA = 0.7;

/** `move` shifts all vols by a share: the same market a little later. */
export function benchChain(seed: number, move = 0): CleanChain {
  const random = uniforms(seed);
  // A sum of twelve uniforms: a normal deviate, good enough.
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  const expiries = DAYS.map((days): CleanExpiry => {
    const expiryAt = SNAPSHOT_AT + days * SECONDS_PER_DAY;
    const tau = tauAt(expiryAt, SNAPSHOT_AT);
    const theta = 0.36 * tau;
    const atmSd = Math.sqrt(theta);
    const quotes = Array.from({ length: QUOTES }, (_, i) => {
      const k = ((2 * i) / (QUOTES - 1) - 1) * REACH * atmSd;
      const y = (ETA / atmSd) * k;
      const variance = (theta / 2) * (1 + RHO * y + Math.sqrt((y + RHO) ** 2 + 1 - RHO * RHO));
      const midVol = Math.sqrt(variance / tau) * (1 + move) + 0.002 * normal();
      const half = 0.005 + 0.005 * random();
      const [bidVol, askVol] = [midVol - half, midVol + half];
      return {
        strike: 2000 * Math.exp(k),
        type: k >= 0 ? ("C" as const) : ("P" as const),
        k,
        bid: 0.01,
        ask: 0.011,
        bidVol,
        askVol,
        midVol,
      };
    });
    return { expiryAt, tau, forward: 2000, forwardFrom: "venue", basis: 0, atmSd, quotes, dropped: {} };
  });
  return {
    source: "bench",
    currency: "ETH",
    snapshotAt: SNAPSHOT_AT,
    spot: 2000,
    expiries,
    dropped: {},
    notes: [],
  };
}

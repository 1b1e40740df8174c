/** Clean chains made by rule, for tests of the fitter: an SSVI surface of known shape, quoted with a spread around it. */
import type { CleanChain, CleanExpiry, CleanQuote } from "@meniscus/pricer/chain/chain";
import { SECONDS_PER_DAY, tauAt } from "@meniscus/sdk/clock";

export const SNAPSHOT_AT = 1_770_000_000;

const RHO = -0.2;
const ETA = 0.7;

/** Total variance of the surface that the quotes are made from; free of arbitrage. */
export function trueVariance(tau: number, k: number): number {
  const theta = 0.36 * tau;
  const y = (ETA / Math.sqrt(theta)) * k;
  return (theta / 2) * (1 + RHO * y + Math.sqrt((y + RHO) ** 2 + 1 - RHO * RHO));
}

/** A two-sided quote of the given mid vol, `spread` vol wide in all; prices are placeholders, the fitter looks at vols. */
export function quoteAt(k: number, midVol: number, spread = 0.01): CleanQuote {
  const [bidVol, askVol] = [midVol - spread / 2, midVol + spread / 2];
  return {
    strike: 2000 * Math.exp(k),
    type: k >= 0 ? "C" : "P",
    k,
    bid: 0.01,
    ask: 0.011,
    bidVol,
    askVol,
    midVol,
  };
}

/** `count` quotes within `reach` sds of the money at `days` to expiry. */
export function expiryAt(days: number, count = 20, reach = 2.5): CleanExpiry {
  const at = SNAPSHOT_AT + days * SECONDS_PER_DAY;
  const tau = tauAt(at, SNAPSHOT_AT);
  const sd = Math.sqrt(trueVariance(tau, 0));
  const quotes = Array.from({ length: count }, (_, i) => {
    const k = count === 1 ? 0.1 * sd : (2 * i) / (count - 1) - 1;
    const place = count === 1 ? k : k * reach * sd;
    return quoteAt(place, Math.sqrt(trueVariance(tau, place) / tau));
  });
  return { expiryAt: at, tau, forward: 2000, forwardFrom: "venue", basis: 0, atmSd: sd, quotes, dropped: {} };
}

export function chainOf(expiries: readonly CleanExpiry[]): CleanChain {
  const sorted = [...expiries].sort((left, right) => left.expiryAt - right.expiryAt);
  return {
    source: "made by rule",
    currency: "ETH",
    snapshotAt: SNAPSHOT_AT,
    spot: 2000,
    expiries: sorted,
    dropped: {},
    notes: [],
  };
}

/** The same expiry with its quotes changed. */
export function changed(
  expiry: CleanExpiry,
  change: (quotes: readonly CleanQuote[]) => CleanQuote[],
): CleanExpiry {
  return { ...expiry, quotes: change(expiry.quotes) };
}

/** The quote with its vols moved by a factor. */
export function moved(quote: CleanQuote, factor: number): CleanQuote {
  return {
    ...quote,
    bidVol: quote.bidVol * factor,
    askVol: quote.askVol * factor,
    midVol: quote.midVol * factor,
  };
}

/** A generator of numbers in [0, 1) that gives the same ones for the same seed. */
export function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

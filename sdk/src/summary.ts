/**
 * What `npm start -- --json FILE` writes: the run's figures as data. Exactly these keys, so that other tools may rely on them.
 */
import type { SviParams } from "./svi.ts";

/** How far a slice is to be trusted, or why an expiry is not on the surface. */
export type SliceQuality = "good" | "thin" | "fallback" | "carried over" | `left out: ${string}`;

/** One expiry of the chain. */
export interface ExpirySummary {
  /** Moment of expiry, ISO 8601 in UTC. */
  expiry: string;
  /** Forward of the carry curve, in quote units per base unit. */
  forward: number;
  /** Quotes that the smile was fitted to: two-sided, out of the money, clean, no outliers; of an expiry left out all but outliers. */
  quotes: number;
  /** Rows that are not among them, counted by reason. */
  dropped: Record<string, number>;
  /** Root of the mean squared distance to the market's mid, unweighted, in vol points, over the fit filter; null without quotes. */
  rmse: number | null;
  /** Share inside the market's bid and ask over the fit filter, 0..100; null without quotes. */
  inside: number | null;
  /** Raw SVI as it stands on chain, after quantisation; null when the expiry was left out. */
  params: SviParams | null;
  quality: SliceQuality;
}

/** The whole run. */
export interface Summary {
  /** Where the chain came from, in one line. */
  source: string;
  /** When the run began, ISO 8601 in UTC. */
  startedAt: string;
  /** How long it took. */
  seconds: number;
  /** Quotes inside the fit filter, over which `insideBidAskPct` and `rmseVolPoints` are taken. */
  quotes: number;
  /** Share of those that our vol prices inside the market's bid and ask, 0..100; null without such quotes. */
  insideBidAskPct: number | null;
  /** Pooled, unweighted, against mid, in vol points; null without such quotes. */
  rmseVolPoints: number | null;
  perExpiry: ExpirySummary[];
  /** Points of a dense grid at which the surface as posted violates no-arbitrage. */
  arbitrage: { butterfly: number; calendar: number };
  /** The transaction that put the surface on chain, and who had signed it. */
  post: { gas: number; signers: string[] };
  /** Largest |contract - float64| / spot over the quotes read back and printed, both from the quantised slice. */
  maxOnChainErrorVsTs: number;
}

/**
 * What `meniscus start --json` prints, or writes into the file it is given: the run's figures as data. Exactly these keys, so
 * that other tools may rely on them.
 */
import type { SviParams } from "@meniscus/sdk/svi";
import type { Attribution } from "@meniscus/sdk/vault/attribution";

/** How far a slice is to be trusted, or why an expiry is not on the surface. */
export type SliceQuality = "good" | "thin" | "fallback" | "carried over" | `left out: ${string}`;

/** One expiry of the chain. */
export interface ExpirySummary {
  /** Moment of expiry, ISO 8601 in UTC. */
  expiry: string;
  /** Forward of the carry curve, in quote units per base unit. */
  forward: number;
  /** Whose forward the vols are on: the venue's, put-call parity's, or a guess, that of the curve through the other expiries. */
  forwardFrom: "venue" | "parity" | "curve";
  /** Quotes that the smile was fitted to; of an expiry left out those that are two-sided, out of the money and clean. */
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

/** What the book's exposures come to: amounts that the vault is short are positive, but its delta is its own. */
export interface Greeks {
  /** Quote per 1.00 of vol, weighted to 30 days. */
  vega: number;
  /** Sum of vega / (vol tau): S^2 times the gamma of the options, quote. */
  gamma: number;
  /** Of the options alone, base units. */
  delta: number;
  /** Impact taken in and not given back, quote. */
  reserve: number;
  /** What the potential is worth where the book stands, quote. */
  potential: number;
}

/** One series of a trade, per option where it says so. */
export interface TradedLeg {
  /** `ETH-27FEB26-1900-C`. */
  series: string;
  side: "buy" | "sell";
  amount: number;
  /** V per option, quote. */
  value: number;
  /** Of the smile at the strike, 1.00 = 100 %. */
  vol: number;
}

/** A trade against the pool; amounts in quote. */
export interface TradeSummary {
  by: string;
  /** ISO 8601 in UTC. */
  at: string;
  legs: TradedLeg[];
  /** Paid (positive) or received, all in; of one leg `price` is that per option, of several null. */
  cost: number;
  price: number | null;
  notional: number;
  /** What the cost is made of: these six sum to it up to its rounding. */
  value: number;
  impact: number;
  spread: number;
  fee: number;
  rentBase: number;
  rentQuote: number;
  gas: number;
}

/** What was traded against the pool, and what it did to the book. */
export interface PoolSummary {
  /** Quote behind the book. */
  equity: number;
  trades: TradeSummary[];
  /** What the pool would not have done, and why. */
  refusals: { series: string; side: "buy" | "sell"; amount: number; reason: string }[];
  /** The book before the first trade, after the last, and recomputed from its positions. */
  greeks: { before: Greeks; after: Greeks; refreshed: Greeks };
}

/** A fill of the auction of the vault's delta. */
export interface HedgeSummary {
  /** ISO 8601 in UTC. */
  at: string;
  /** From the auction's opening to the fill. */
  minutes: number;
  /** Bought (positive) or sold by the vault, base units, at `price`; `spot` is the report's. */
  base: number;
  price: number;
  spot: number;
  /** Against the report's spot, quote; negative: the vault gained. */
  cost: number;
  band: number;
  delta: { before: number; after: number };
  gas: number;
}

/** One tranche at an epoch's end, in its own asset. */
export interface TrancheSummary {
  claim: { before: number; after: number };
  /** Assets per share. */
  nav: { entry: number; mid: number; exit: number };
  entered: number;
  left: number;
  /** What neither cover nor a hedge needs. */
  idle: number;
}

/** Where an epoch's result came from, quote: all but `premium` sum to `total` (sdk/src/vault/attribution.ts). */
export type AttributionSummary = Record<keyof Attribution, number>;

/** An epoch that ended with a mark; one that ended without is part of the next. */
export interface EpochSummary {
  number: number;
  /** Of the mark's report, ISO 8601 in UTC. */
  at: string;
  spot: number;
  /** After flows, quote. */
  equity: number;
  /** By which both claims were multiplied. */
  factor: number;
  base: TrancheSummary;
  quote: TrancheSummary;
  attribution: AttributionSummary;
  gas: number;
}

/** What a provider brought and got back, in the own asset, and shares that are in the vault still. */
export interface ProviderSummary {
  brought: number;
  got: number;
  waiting: number;
}

/** Providers of both assets through the vault's epochs. */
export interface ProvidingSummary {
  epochs: EpochSummary[];
  providers: { base: ProviderSummary; quote: ProviderSummary };
}

/** The vault at a report, before anybody acts on it. */
export interface DaySummary {
  /** Of the report, ISO 8601 in UTC. */
  at: string;
  kind: "opening" | "evening" | "cut-off";
  spot: number;
  /** At mid, quote. */
  equity: number;
  /** By which both claims would be multiplied now. */
  factor: number;
  /** What a share is worth now in the own asset. */
  nav: { base: number; quote: number };
  /** Of the whole vault, base units. */
  delta: number;
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
  /** Null where the chain has no expiry that may be listed and traded. */
  pool: PoolSummary | null;
  /** Every fill, in order: none where the delta stayed inside its band, or nobody could fill at the bound. */
  hedges: HedgeSummary[];
  /** The vault from the morning's trades to the last epoch's end; empty where there is no pool. */
  days: DaySummary[];
  /** Null where there is no pool. */
  providing: ProvidingSummary | null;
  /** Ids of the invariants that were checked at the end (cli/src/verbs/start/invariants/checks.ts says how), and of those found broken. */
  invariantsChecked: string[];
  invariantsBroken: string[];
}

/**
 * What `meniscus simulate --json` prints: variants of one market through one path, as data. Money in quote, times ISO 8601 in UTC;
 * shares are decimals. Exactly these keys, so that other tools may rely on them.
 */
import type { AttributionSummary } from "./summary.ts";

/** One tranche from the seed to the last epoch's end, in its own asset. */
export interface TrancheOutcome {
  /** Of a share at mid. */
  return: number;
  /** In at the first ask and out at the last bid. */
  returnOfProvider: number;
  /** Largest fall of a share at mid, from one epoch's end to a later one. */
  drawdown: number;
}

/** The vault after a step's trades and hedge, marked at the posted report. */
export interface SimulationSample {
  at: string;
  spot: number;
  /** With rents that are due; those that are not are left out, as at an epoch's end. */
  equity: number;
  /** Less what the seed would be worth had it been held. */
  profit: number;
  /** Base units: of the options, and of the vault with what it holds beyond its claims. */
  optionsDelta: number;
  delta: number;
  vega: number;
  gamma: number;
  /** Change of equity against the claims, in an instant move of spot by a fifth, vols sticky in moneyness; share of equity. */
  gapDown: number;
  gapUp: number;
}

/** One epoch's end, with a mark; an epoch that ended without is part of the next. */
export interface SimulationEpoch {
  at: string;
  spot: number;
  equity: number;
  navBase: number;
  navQuote: number;
  attribution: AttributionSummary;
}

export interface SimulatedTrades {
  count: number;
  notional: number;
  /** Of the uninformed's notional: bought less sold by the takers, over both. */
  netOverGross: number;
  /** Fee, spread and rent, and impact paid less impact paid out. */
  charges: number;
  /** What the pool would not do, by its own word, and what the uninformed found too dear. */
  refused: Record<string, number>;
  /** Trades, of anybody, at a price worse for the vault than the value at the newest vols and spot. */
  pickedOff: { count: number; loss: number };
  /** `won`: those of his trades that brought him something at that value. */
  informed: { looks: number; count: number; won: number; profit: number };
}

export interface SimulatedHedge {
  fills: number;
  /** Auctions that nobody filled. */
  missed: number;
  /** Quote traded. */
  turnover: number;
  /** Against the report's spot. */
  cost: number;
  slippageBps: number;
  /** Root mean square of net delta times the move of spot to the next step, share of equity. */
  error: number;
}

export interface SimulationVariant {
  name: string;
  about: string;
  base: TrancheOutcome;
  quote: TrancheOutcome;
  /** What the vault made against holding its claims. */
  profit: number;
  /** Of equity over what the seed would be worth: largest fall, from step to step. */
  drawdown: number;
  /** Standard deviation of a step's profit over equity. */
  deviation: number;
  /** Of all epochs. */
  attribution: AttributionSummary;
  trades: SimulatedTrades;
  hedge: SimulatedHedge;
  /** Notional over equity a day; `breakEven`: at which the charges per notional measured would have paid for all else. */
  turnover: { perDay: number; chargesBps: number; breakEven: number };
  /** Worst of the samples, either way. */
  gapLoss: number;
  samples: SimulationSample[];
  epochs: SimulationEpoch[];
}

export interface Simulation {
  currency: string;
  from: string;
  to: string;
  stepHours: number;
  seed: number;
  equity: number;
  /** Where surfaces and prices came from. */
  surfaces: string[];
  spotFile: string;
  spotMove: { low: number; high: number; end: number; vol: number };
  /** All that is not recorded. */
  assumptions: string[];
  variants: SimulationVariant[];
}

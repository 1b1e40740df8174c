/**
 * The shapes an option chain passes through: raw as a source gives it, clean as the fitter takes it.
 *
 * Prices are in the coin (1 per 1 unit of the base asset, the inverse-option convention of Deribit and OKX: V/S), vols are decimals
 * (0.55 = 55 %), strikes and forwards USD, times unix seconds unless the name says otherwise.
 */

export type OptionType = "C" | "P";

/** One row of a source, unjudged: null = not given, NaN = given but no number. */
export interface RawQuote {
  readonly instrument: string;
  readonly expiryAt: number;
  readonly strike: number;
  readonly type: OptionType;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly mark: number | null;
  readonly markVol: number | null;
  readonly forward: number | null;
  readonly index: number | null;
  readonly atMs: number;
}

/** What was left out and why: reason -> number of rows. */
export type Dropped = Record<string, number>;

export interface Chain {
  /** One line for people. */
  readonly source: string;
  readonly currency: string;
  readonly snapshotAt: number;
  readonly quotes: readonly RawQuote[];
  /** Rows that are no option quotes at all. */
  readonly unread: Dropped;
}

/** A two-sided quote out of the money, bid <= ask. */
export interface CleanQuote {
  readonly strike: number;
  readonly type: OptionType;
  /** ln(K/F). */
  readonly k: number;
  readonly bid: number;
  readonly ask: number;
  readonly bidVol: number;
  readonly askVol: number;
  /** (bidVol + askVol)/2. */
  readonly midVol: number;
}

/** Vols from 1 % to 1000 %: beyond, a quote is a mistake, and its slice would leave the on-chain word. */
export function isPriceable({ midVol }: Pick<CleanQuote, "midVol">): boolean {
  return midVol >= 0.01 && midVol <= 10;
}

/** The reason under which cleaning counts quotes that are not priceable. */
export const VOL_OUT_OF_RANGE = "vol out of range";

export interface CleanExpiry {
  readonly expiryAt: number;
  /** Years on the variance clock. */
  readonly tau: number;
  readonly forward: number;
  /** Where the forward comes from: the venue, put-call parity, or the carry curve of the other expiries. */
  readonly forwardFrom: "venue" | "parity" | "curve";
  /** ln(F/S). */
  readonly basis: number;
  /** The venue's standard deviation at the money, for the fit filter; NaN in an expiry without quotes and marks. */
  readonly atmSd: number;
  /** Sorted by strike; may be empty. */
  readonly quotes: readonly CleanQuote[];
  readonly dropped: Dropped;
}

export interface CleanChain {
  readonly source: string;
  readonly currency: string;
  readonly snapshotAt: number;
  readonly spot: number;
  /** Sorted by expiry. */
  readonly expiries: readonly CleanExpiry[];
  /** Rows that belong to none of `expiries`. */
  readonly dropped: Dropped;
  /** What was taken otherwise than the source says, or could not be verified: a line each, for people. */
  readonly notes: readonly string[];
}

/** A chain that cannot be had or used. The message is one line for people and says what to do. */
export class ChainError extends Error {
  override readonly name = "ChainError";
}

/** Counts rows dropped for a reason. */
export function drop(dropped: Dropped, reason: string, rows = 1): void {
  dropped[reason] = (dropped[reason] ?? 0) + rows;
}

/** `crossed: 470, no bid: 12`: several counts added up, for people. */
export function describeDrops(counts: readonly Dropped[]): string {
  const total: Dropped = {};
  for (const [reason, rows] of counts.flatMap((dropped) => Object.entries(dropped)))
    drop(total, reason, rows);
  return Object.entries(total)
    .map(([reason, rows]) => `${reason}: ${rows}`)
    .join(", ");
}

/** The rows of a chain by expiry: one row per option of every expiry that is still to be priced, and what the rows say of its forward. */

import { calendarYears, SETTLEMENT_WINDOW_SECONDS } from "@meniscus/sdk/clock";
import { isExpiry } from "@meniscus/sdk/series";
import { lowerMedian } from "../median.ts";
import { type Dropped, drop, type RawQuote } from "./chain.ts";
import { coinPrices, type ParityForward, parityForward } from "./parity.ts";

/** A row this much older than a recorded snapshot, which takes up to 8 minutes, is of another market. */
const STALE_SECONDS = 3600;

/** An earlier expiry is a mistake, as of seconds taken for milliseconds. */
export const EARLIEST_EXPIRY = Date.UTC(2000, 0) / 1000;

/** A later expiry is a mistake, as of milliseconds taken for seconds: venues list little more than a year. */
const FARTHEST_YEARS = 5;

/**
 * The least and the largest strike, forward or index that is taken for a price. Within it the contracts hold a spot (96 bits of 18
 * decimals: up to 7.9e10, which leaves room for the largest plausible carry), and their last unit, 1e-18, stays within 1e-15 of spot.
 */
const PRICE_RANGE = { least: 1e-3, largest: 1e8 } as const;

/** Whether a strike, a forward or an index can be one; not of NaN. */
function isPrice(value: number | null): value is number {
  return value !== null && value >= PRICE_RANGE.least && value <= PRICE_RANGE.largest;
}

/** The strikes that the rows list for an expiry, rising: those that cleaning knows, whether they are quoted or not. */
export function listedStrikes(quotes: readonly RawQuote[], expiryAt: number): number[] {
  const strikes = quotes.filter((quote) => quote.expiryAt === expiryAt).map(({ strike }) => strike);
  return [...new Set(strikes)].filter(isPrice).sort((one, other) => one - other);
}

/** An expiry to come: one row per option, the median of their forwards, and the forward that put-call parity implies. */
export interface ListedExpiry {
  readonly expiryAt: number;
  readonly years: number;
  readonly rows: readonly RawQuote[];
  readonly dropped: Dropped;
  readonly venue: number | null;
  readonly parity: ParityForward | null;
  /** What its calls and puts say one coin costs in the unit of their prices: about 1. */
  readonly coinPrices: readonly number[];
}

/**
 * The rows of one moment and the time of the newest. A row farther than `seconds` from the median row is counted in `dropped`: by its
 * time the snapshot would be dated, and all others be stale.
 */
export function ofOneMoment(
  quotes: readonly RawQuote[],
  dropped: Dropped,
  seconds = STALE_SECONDS,
): { quotes: readonly RawQuote[]; newestMs: number } {
  const middle = lowerMedian(quotes.map(({ atMs }) => atMs));
  const together = quotes.filter(({ atMs }) => Math.abs(atMs - middle) <= seconds * 1000);
  if (together.length < quotes.length)
    drop(dropped, "time far from the others", quotes.length - together.length);
  return { quotes: together, newestMs: together.reduce((newest, { atMs }) => Math.max(newest, atMs), 0) };
}

/** The expiries to come, in order of time; rows of no such expiry are counted in `dropped`. */
export function expiriesToCome(
  quotes: readonly RawQuote[],
  snapshotAt: number,
  dropped: Dropped,
): ListedExpiry[] {
  const groups = Map.groupBy(quotes, (quote) => quote.expiryAt);
  const listed: ListedExpiry[] = [];
  for (const [expiryAt, group] of groups) {
    const refusal = refusalOfExpiry(expiryAt, snapshotAt);
    if (refusal === null) listed.push(listedExpiry(expiryAt, group, snapshotAt));
    else drop(dropped, refusal, group.length);
  }
  return listed.sort((left, right) => left.expiryAt - right.expiryAt);
}

function refusalOfExpiry(expiryAt: number, snapshotAt: number): string | null {
  if (!Number.isFinite(expiryAt)) return "expiry not a number";
  if (expiryAt < EARLIEST_EXPIRY) return "expiry_ms not in milliseconds";
  if (expiryAt <= snapshotAt) return "expired";
  if (calendarYears(expiryAt, snapshotAt) > FARTHEST_YEARS) return "expiry too far";
  if (expiryAt - snapshotAt <= SETTLEMENT_WINDOW_SECONDS) return "in the settlement window";
  return isExpiry(expiryAt) ? null : "not at 08:00 UTC";
}

/** One row per option: the newest, of equals the later one. */
function listedExpiry(expiryAt: number, group: readonly RawQuote[], snapshotAt: number): ListedExpiry {
  const dropped: Dropped = {};
  const newest = new Map<string, RawQuote>();
  for (const row of group) {
    const refusal = refusalOfRow(row, snapshotAt);
    const key = `${row.strike} ${row.type}`;
    const earlier = newest.get(key);
    if (refusal !== null) drop(dropped, refusal);
    else if (earlier !== undefined) drop(dropped, "duplicate instrument");
    if (refusal === null && (earlier === undefined || row.atMs >= earlier.atMs)) newest.set(key, row);
  }
  const rows = [...newest.values()];
  const venue = medianPrice(rows.map((row) => row.forward));
  return {
    expiryAt,
    years: calendarYears(expiryAt, snapshotAt),
    rows,
    dropped,
    venue,
    parity: parityForward(rows),
    coinPrices: coinPrices(rows),
  };
}

function refusalOfRow({ strike, atMs }: RawQuote, snapshotAt: number): string | null {
  if (!(strike > 0 && strike < Number.POSITIVE_INFINITY)) return "strike not a positive number";
  if (!isPrice(strike)) return `strike outside ${PRICE_RANGE.least} to ${PRICE_RANGE.largest}`;
  return atMs >= (snapshotAt - STALE_SECONDS) * 1000 ? null : "stale";
}

/** The median of the prices among the values; null when there is none. */
export function medianPrice(values: readonly (number | null)[]): number | null {
  const usable = values.filter(isPrice);
  return usable.length === 0 ? null : lowerMedian(usable);
}

/** The rows of a chain by expiry: one row per option of every expiry that is still to be priced, and what the rows say of its forward. */
import { type Dropped, drop, type RawQuote } from "./chain.ts";
import { calendarYears, SETTLEMENT_WINDOW_SECONDS } from "./clock.ts";
import { median } from "./forward.ts";
import { parityForward } from "./parity.ts";

/** A row this much older than the snapshot is of another market (recorded snapshots take up to 8 minutes). */
const STALE_SECONDS = 3600;

/** A later expiry is a mistake, as of milliseconds taken for seconds: venues list little more than a year. */
const FARTHEST_YEARS = 5;

/** An expiry to come: one row per option, the median of their forwards, and the forward that put-call parity implies. */
export interface ListedExpiry {
  readonly expiryAt: number;
  readonly years: number;
  readonly rows: readonly RawQuote[];
  readonly dropped: Dropped;
  readonly venue: number | null;
  readonly parity: number | null;
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
  if (expiryAt <= snapshotAt) return "expired";
  if (calendarYears(expiryAt, snapshotAt) > FARTHEST_YEARS) return "expiry too far";
  return expiryAt - snapshotAt <= SETTLEMENT_WINDOW_SECONDS ? "in the settlement window" : null;
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
  const venue = medianOf(rows.map((row) => row.forward));
  return {
    expiryAt,
    years: calendarYears(expiryAt, snapshotAt),
    rows,
    dropped,
    venue,
    parity: parityForward(rows),
  };
}

function refusalOfRow({ strike, atMs }: RawQuote, snapshotAt: number): string | null {
  if (!(strike > 0 && strike < Number.POSITIVE_INFINITY)) return "strike not a positive number";
  return atMs >= (snapshotAt - STALE_SECONDS) * 1000 ? null : "stale";
}

/** The median of the positive numbers among the values; null when there is none. */
export function medianOf(values: readonly (number | null)[]): number | null {
  const usable = values.filter((value) => value !== null && value > 0 && value < Number.POSITIVE_INFINITY);
  return usable.length === 0 ? null : median(usable as number[]);
}

/** A recorded path of spot: bars in CSV, plain or gzip, with `timestamp_ms` (open of the bar), `open`, `high` and `low`. */

import path from "node:path";
import { isoTime } from "@meniscus/sdk/clock";
import { parse } from "csv-parse/sync";
import { ChainError } from "../chain/chain.ts";
import { readRecorded } from "./recorded.ts";

const COLUMNS = ["timestamp_ms", "open", "high", "low"] as const;
/** Parkinson (1980): the mean squared range of a Brownian path is 4 ln 2 of its variance. */
const RANGE_VARIANCE = 4 * Math.LN2;

/** A bar's first price, and how wild it was. */
export interface SpotBar {
  /** Unix seconds. */
  readonly at: number;
  readonly price: number;
  /** Standard deviation of the log price per square root of a second, by the bar's range. */
  readonly deviation: number;
}

export interface SpotPath {
  readonly name: string;
  /** By rising time; two at least. */
  readonly bars: readonly SpotBar[];
}

export async function readSpotPath(file: string): Promise<SpotPath> {
  return parseSpotPath(await readRecorded(file), path.basename(file));
}

function parseSpotPath(text: string, name: string): SpotPath {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { bom: true, columns: true, trim: true, skip_empty_lines: true });
  } catch {
    throw new ChainError(`${name} is not CSV: give bars of spot with the columns ${COLUMNS.join(", ")}.`);
  }
  const missing = COLUMNS.filter((column) => rows[0]?.[column] === undefined);
  if (missing.length > 0)
    throw new ChainError(
      `${name} holds no path of spot: it lacks ${rows.length === 0 ? "rows" : missing.join(", ")}.`,
    );
  const read = rows.map(
    (row) => COLUMNS.map((column) => Number(row[column])) as [number, number, number, number],
  );
  const broken = read.findIndex(
    ([at, open, high, low], i) =>
      !(at > (read[i - 1]?.[0] ?? 0) && low > 0 && open >= low && high >= open && Number.isFinite(high)),
  );
  if (broken >= 0 || read.length < 2)
    throw new ChainError(
      `${name}: row ${broken + 2} is no bar after the one before it, or there is one only.`,
    );
  const bars = read.map(([ms, price, high, low], i): SpotBar => {
    const seconds = ((read[i + 1]?.[0] ?? 2 * ms - read[i - 1]![0]) - ms) / 1000;
    return { at: ms / 1000, price, deviation: Math.log(high / low) / Math.sqrt(RANGE_VARIANCE * seconds) };
  });
  return { name, bars };
}

/** The bar in which a time lies, the last one's length taken as its neighbour's; throws a RangeError outside. */
export function barAt({ bars, name }: SpotPath, at: number): number {
  if (!(at >= bars[0]!.at && at <= bars.at(-1)!.at))
    throw new RangeError(`${isoTime(at)} is outside ${name}`);
  let [low, high] = [0, bars.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (bars[middle]!.at <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Between two bars' first prices, in proportion to time. */
export function priceAt(spot: SpotPath, at: number): number {
  const i = barAt(spot, at);
  const [bar, next] = [spot.bars[i]!, spot.bars[i + 1]];
  if (next === undefined) return bar.price;
  return bar.price + ((next.price - bar.price) * (at - bar.at)) / (next.at - bar.at);
}

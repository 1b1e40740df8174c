/**
 * Recorded chains: CSV with a header, plain or gzip (told by its first bytes, never by its name). Prices in the coin, vols decimal,
 * times in milliseconds; an empty field was not in the source.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { parse } from "csv-parse/sync";
import { type Chain, ChainError, type Dropped, describeDrops, drop, type RawQuote } from "../chain/chain.ts";
import { EARLIEST_EXPIRY, ofOneMoment } from "../chain/expiries.ts";
import { parseInstrument } from "./instrument.ts";
import type { Source } from "./source.ts";

/** The columns without which there is no chain. */
const REQUIRED = [
  "timestamp_ms",
  "currency",
  "instrument",
  "expiry_ms",
  "strike",
  "type",
  "bid_price",
  "ask_price",
] as const;
/** Those that are used where they are given. */
const OPTIONAL = ["mark_price", "mark_iv", "underlying_price", "index_price"] as const;

type Row = Record<string, string | undefined>;

/** The chain in `file`; `currency` may be left out when the file holds one only. */
export function recordedSource(file: string, currency?: string): Source {
  const name = path.basename(file);
  return {
    async read(signal) {
      return parseRecordedChain(await readRecorded(file, signal), name, currency);
    },
  };
}

/** The text of a recorded file, plain or gzip. */
export async function readRecorded(file: string, signal?: AbortSignal): Promise<string> {
  return (await decompress(await readBytes(file, signal), path.basename(file))).toString("utf8");
}

async function readBytes(file: string, signal?: AbortSignal): Promise<Buffer> {
  try {
    return await readFile(file, signal === undefined ? {} : { signal });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new ChainError(`There is no file ${file}: check the path.`);
    if (code === "EISDIR") throw new ChainError(`${file} is a folder: name one file in it.`);
    if (code === "EACCES") throw new ChainError(`${file} may not be read: check its permissions.`);
    if (signal?.aborted) throw error;
    throw new ChainError(`${file} cannot be read (${code}): name a chain file.`);
  }
}

async function decompress(bytes: Buffer, name: string): Promise<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch {
    throw new ChainError(`${name} is a damaged or truncated gzip file: fetch it again.`);
  }
}

/** The chain in CSV text; `name` stands for the file in errors. */
export function parseRecordedChain(text: string, name: string, currency?: string): Chain {
  const unread: Dropped = {};
  const table = parseRows(text, name);
  const rows = table.filter((row) => !isHeader(row));
  if (rows.length < table.length) drop(unread, "header again", table.length - rows.length);
  const wanted = chooseCurrency(rows, name, currency);
  const read: RawQuote[] = [];
  for (const row of rows) {
    if (currencyOf(row) !== wanted) continue;
    const quote = readQuote(row);
    if (typeof quote === "string") drop(unread, quote);
    else read.push(quote);
  }
  if (read.length === 0)
    throw new ChainError(
      `${name} has no readable ${wanted} row (${describeDrops([unread])}): write times in milliseconds since 1970, as 1781092800000, and the type as C or P.`,
    );
  const { quotes, newestMs } = ofOneMoment(read, unread);
  return {
    source: `recorded chain ${name} (${wanted}, ${new Date(newestMs).toISOString()})`,
    currency: wanted,
    snapshotAt: Math.ceil(newestMs / 1000),
    quotes,
    unread,
  };
}

/** The text of a file that {@link parseRecordedChain} makes the same quotes of; rows that were no quotes are not in it. */
export function formatRecordedChain({ currency, quotes }: Chain): string {
  const row = (quote: RawQuote): (string | number | null)[] => {
    const { instrument, type, strike, bid, ask, mark, markVol, forward, index } = quote;
    const prices = [bid, ask, mark, markVol, forward, index];
    return [quote.atMs, currency, instrument, quote.expiryAt * 1000, strike, type, ...prices];
  };
  const rows = [[...REQUIRED, ...OPTIONAL], ...quotes.map(row)];
  return rows.map((fields) => `${fields.join(",")}\n`).join("");
}

function parseRows(text: string, name: string): Row[] {
  if (text.includes("\0") || text.includes("\uFFFD"))
    throw new ChainError(`${name} is no text: give a chain as CSV, plain or gzip.`);
  if (text.trim() === "") throw new ChainError(`${name} is empty: give a chain file with a header and rows.`);
  let header: string[] = [];
  let rows: Row[];
  try {
    rows = parse(text, {
      bom: true,
      columns: (names: string[]) => {
        header = names.map((column) => column.trim());
        return header;
      },
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
    });
  } catch (error) {
    // The parser's message would echo the file's bytes.
    const { code, lines } = error as { code?: string; lines?: number };
    throw new ChainError(`${name} is not CSV: line ${lines ?? "unknown"}, ${code ?? "unreadable"}.`);
  }
  const missing = REQUIRED.filter((column) => !header.includes(column));
  if (header.length === 1 && header[0]!.split(/[;\t|]/).length >= REQUIRED.length)
    throw new ChainError(
      `${name} is not separated by commas: put one between its columns, and a point in decimals.`,
    );
  if (missing.length > 0) {
    throw new ChainError(`${name} lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}.`);
  }
  if (rows.length === 0) throw new ChainError(`${name} has a header but no rows.`);
  return rows;
}

function chooseCurrency(rows: readonly Row[], name: string, currency?: string): string {
  const there = [...new Set(rows.map(currencyOf))].filter((code) => code !== "").sort();
  if (currency !== undefined) {
    const wanted = currency.toUpperCase();
    if (there.includes(wanted)) return wanted;
    assertPrintable(there, name);
    throw new ChainError(
      `${name} has no rows of ${wanted}; it has ${there.join(", ") || "no currency at all"}.`,
    );
  }
  assertPrintable(there, name);
  if (there.length === 1) return there[0]!;
  throw new ChainError(
    there.length === 0
      ? `${name} names no currency in any row.`
      : `${name} holds ${there.join(" and ")}: choose one by --currency.`,
  );
}

/** Currencies are printed, and a terminal would obey what is no character in them. */
function assertPrintable(currencies: readonly string[], name: string): void {
  if (currencies.some((code) => /\p{C}/u.test(code)))
    throw new ChainError(
      `${name} has control characters in its currency column: write a currency in letters and digits.`,
    );
}

/** Whether the row is the header once more, as in files that were put together of several. */
function isHeader(row: Row): boolean {
  return REQUIRED.every((column) => row[column] === column);
}

function currencyOf(row: Row): string {
  return (row.currency ?? "").toUpperCase();
}

/** The quote of a row, or the reason why it is none. */
function readQuote(row: Row): RawQuote | string {
  const type = (row.type ?? "").toUpperCase();
  if (type !== "C" && type !== "P") return "type neither C nor P";
  const atMs = number(row.timestamp_ms);
  if (atMs === null || Number.isNaN(new Date(atMs).getTime())) return "time not a number";
  const quote: RawQuote = {
    instrument: row.instrument ?? "",
    expiryAt: (number(row.expiry_ms) ?? Number.NaN) / 1000,
    strike: number(row.strike) ?? Number.NaN,
    type,
    bid: number(row.bid_price),
    ask: number(row.ask_price),
    mark: number(row.mark_price),
    markVol: number(row.mark_iv),
    forward: number(row.underlying_price),
    index: number(row.index_price),
    atMs,
  };
  return contradictsName(quote) ? "name contradicts its columns" : quote;
}

/** Spelt in decimals, both are the same number; written by way of floats, a strike may be off in its last places. */
const STRIKE_TOLERANCE = 1e-6;

/**
 * Whether the name spells another option than the columns say: which of them is right cannot be told. A name in no known spelling says
 * nothing; what cleaning refuses anyway, such as a strike that is no positive number or an expiry in seconds, it names better.
 */
function contradictsName({ instrument, expiryAt, strike, type }: RawQuote): boolean {
  const named = parseInstrument(instrument);
  if (named === null) return false;
  const dayOf = (at: number) => Math.floor(at / SECONDS_PER_DAY);
  return (
    named.type !== type ||
    (strike > 0 && Math.abs(strike / named.strike - 1) > STRIKE_TOLERANCE) ||
    (expiryAt >= EARLIEST_EXPIRY &&
      expiryAt < Number.POSITIVE_INFINITY &&
      dayOf(expiryAt) !== dayOf(named.expiryAt))
  );
}

/** Null for an empty field, NaN for a field that is no number. */
function number(field: string | undefined): number | null {
  return field === undefined || field === "" ? null : Number(field);
}

/**
 * Symbols of series, spelt as on Deribit: `ETH-27DEC26-4000-C`, and with `d` for the decimal point where a strike has
 * one: `XRP_USDC-30JUN23-0d625-C`. A series has one symbol: no leading zero in the day, no superfluous zero in the strike.
 */

import { EXPIRY_SECOND_OF_DAY, isExpiry } from "./series.ts";

/** A series by the name of its market instead of its number. `strike` in WAD, `expiryAt` in unix seconds. */
export interface NamedSeries {
  market: string;
  expiryAt: number;
  strike: bigint;
  isPut: boolean;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const MARKET = /^[A-Z0-9]+(?:_[A-Z0-9]+)*$/;
const SYMBOL = /^([A-Z0-9_]+)-(\d{1,2})([A-Z]{3})(\d{2})-(\d+)(?:d(\d{1,18}))?-([CP])$/;
const WAD_DIGITS = 18;

/** The symbol of a series. Throws a RangeError for a market name, expiry or strike that no symbol can say. */
export function formatSymbol(series: NamedSeries): string {
  if (!MARKET.test(series.market)) throw new RangeError(`"${series.market}" is not a market name`);
  return [
    series.market,
    formatExpiry(series.expiryAt),
    formatStrike(series.strike),
    series.isPut ? "P" : "C",
  ].join("-");
}

/** The series of a symbol. Throws a RangeError for anything that {@link formatSymbol} would not print. */
export function parseSymbol(symbol: string): NamedSeries {
  const parts = SYMBOL.exec(symbol);
  if (!parts) throw new RangeError(`"${symbol}" is not a symbol like ETH-27DEC26-4000-C`);
  const [, market, day, month, year, whole, fraction = "", side] = parts as unknown as [string, ...string[]];
  const expiryAt =
    Date.UTC(2000 + Number(year), MONTHS.indexOf(month!), Number(day)) / 1000 + EXPIRY_SECOND_OF_DAY;
  const strike = BigInt(whole! + fraction.padEnd(WAD_DIGITS, "0"));
  const series = { market: market!, expiryAt, strike, isPut: side === "P" };
  // Refuses 31FEB, 00JAN, XXX, 007 and 0d50 at once: each would be printed otherwise.
  if (strike === 0n || formatSymbol(series) !== symbol)
    throw new RangeError(`"${symbol}" is not how a series is spelt`);
  return series;
}

/** `27DEC26` for 08:00 UTC of that day. */
export function formatExpiry(expiryAt: number): string {
  const date = new Date(expiryAt * 1000);
  const year = date.getUTCFullYear();
  if (!isExpiry(expiryAt) || year < 2000 || year > 2099) {
    throw new RangeError(`${expiryAt} is not 08:00 UTC of a day of this century`);
  }
  return `${date.getUTCDate()}${MONTHS[date.getUTCMonth()]}${String(year % 100).padStart(2, "0")}`;
}

/** A WAD strike with `d` for the decimal point: `4000`, `0d625`. */
export function formatStrike(strike: bigint): string {
  if (strike <= 0n) throw new RangeError(`strike ${strike} is not above zero`);
  const digits = strike.toString().padStart(WAD_DIGITS + 1, "0");
  const fraction = digits.slice(-WAD_DIGITS).replace(/0+$/, "");
  const whole = digits.slice(0, -WAD_DIGITS);
  return fraction === "" ? whole : `${whole}d${fraction}`;
}

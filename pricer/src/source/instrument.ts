/**
 * How venues spell an option:
 *
 * | venue   | spelling                               | settled in                    |
 * |---------|----------------------------------------|-------------------------------|
 * | Deribit | ETH-27DEC26-4000-C, XRP_USDC-30JUN23-0d625-C | the coin; USDC where named |
 * | OKX     | ETH-USD-261227-4000-C                  | the coin; USDC or USDT where named |
 * | Binance | ETH-261227-4000-C                      | USDT                          |
 * | Derive  | ETH-20261227-4000-C, ETH-20261227-4000_5-C | USDC                      |
 * | ccxt    | ETH/USD:ETH-261227-4000-C              | the currency after the colon  |
 *
 * All expire at 08:00 UTC of the day named. Only options settled in their base are quoted in the coin.
 */
import { EXPIRY_SECOND_OF_DAY } from "@meniscus/sdk/series";
import { formatStrike, parseSymbol } from "@meniscus/sdk/symbol";
import type { OptionType } from "../chain/chain.ts";

export interface Instrument {
  readonly venue: "deribit" | "okx" | "binance" | "derive" | "ccxt";
  readonly base: string;
  readonly quote: string;
  readonly settle: string;
  readonly expiryAt: number;
  readonly strike: number;
  readonly type: OptionType;
}

const COIN = "([A-Z0-9]+)";
const DATE = "(\\d{2})(\\d{2})(\\d{2})";
const TAIL = "(\\d+(?:\\.\\d+)?)-([CP])$";
const OKX = new RegExp(`^${COIN}-(USD|USDC|USDT)-${DATE}-${TAIL}`);
const BINANCE = new RegExp(`^${COIN}-${DATE}-${TAIL}`);
const DERIVE = new RegExp(`^${COIN}-20${DATE}-(\\d+(?:_\\d+)?)-([CP])$`);
const CCXT = new RegExp(`^${COIN}/${COIN}:${COIN}-${DATE}-${TAIL}`);

/** The option that a name spells, or null when it spells none: a future, a combination, an impossible date. */
export function parseInstrument(name: string): Instrument | null {
  return parseOkx(name) ?? parseBinance(name) ?? parseDerive(name) ?? parseCcxt(name) ?? parseDeribit(name);
}

function parseOkx(name: string): Instrument | null {
  const [, base, quote, ...terms] = OKX.exec(name) ?? [];
  return base === undefined || quote === undefined
    ? null
    : withTerms({ venue: "okx", base, quote, settle: quote === "USD" ? base : quote }, terms);
}

function parseBinance(name: string): Instrument | null {
  const [, base, ...terms] = BINANCE.exec(name) ?? [];
  return base === undefined
    ? null
    : withTerms({ venue: "binance", base, quote: "USDT", settle: "USDT" }, terms);
}

function parseDerive(name: string): Instrument | null {
  const [, base, ...terms] = DERIVE.exec(name) ?? [];
  return base === undefined
    ? null
    : withTerms({ venue: "derive", base, quote: "USDC", settle: "USDC" }, terms);
}

function parseCcxt(name: string): Instrument | null {
  const [, base, quote, settle, ...terms] = CCXT.exec(name) ?? [];
  return base === undefined || quote === undefined || settle === undefined
    ? null
    : withTerms({ venue: "ccxt", base, quote, settle }, terms);
}

function parseDeribit(name: string): Instrument | null {
  try {
    const { market, expiryAt, strike, isPut } = parseSymbol(name);
    const [base, quote] = market.split("_") as [string, string | undefined];
    return {
      venue: "deribit",
      base,
      quote: quote ?? "USD",
      settle: quote ?? base,
      expiryAt,
      // By way of the decimal digits: a quotient of two numbers beyond 2^53 would be off by one in the last place.
      strike: Number(formatStrike(strike).replace("d", ".")),
      type: isPut ? "P" : "C",
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function withTerms(
  named: Pick<Instrument, "venue" | "base" | "quote" | "settle">,
  [year, month, day, strike, type]: string[],
): Instrument | null {
  const date = new Date(Date.UTC(2000 + Number(year), Number(month) - 1, Number(day)));
  // A day or month that does not exist lands in another month: 31 February in March.
  const exists = date.getUTCMonth() === Number(month) - 1;
  const price = Number(strike!.replace("_", "."));
  if (!exists || !(price > 0)) return null;
  const expiryAt = date.getTime() / 1000 + EXPIRY_SECOND_OF_DAY;
  return { ...named, expiryAt, strike: price, type: type as OptionType };
}

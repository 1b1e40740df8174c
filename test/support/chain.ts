/** A small sound chain, to be spoilt by tests: flat vol, a carry of 5 % a year, strikes of 80 to 120 % of spot. */

import type { Chain, CleanChain, RawQuote } from "@meniscus/pricer/chain/chain";
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { calendarYears, tauAt } from "@meniscus/sdk/clock";
import { formatExpiry } from "@meniscus/sdk/symbol";

export const SNAPSHOT_AT = Date.UTC(2026, 0, 13, 12) / 1000;
export const SPOT = 2000;
const VOL = 0.6;
const STRIKES = [0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2].map((share) => share * SPOT);

/** 08:00 UTC, `days` calendar days after the day of the snapshot. */
export function expiryIn(days: number): number {
  return Date.UTC(2026, 0, 13 + days, 8) / 1000;
}

export function forwardAt(expiryAt: number): number {
  return SPOT * Math.exp(0.05 * calendarYears(expiryAt, SNAPSHOT_AT));
}

/** Calls and puts of one expiry, quoted half a vol point around VOL. */
export function soundExpiry(expiryAt: number): RawQuote[] {
  const forward = forwardAt(expiryAt);
  const tau = tauAt(expiryAt, SNAPSHOT_AT);
  return STRIKES.flatMap((strike) =>
    (["C", "P"] as const).map((type) => {
      const price = (vol: number) => {
        const value = blackScholes({ spot: 1, forward, strike, totalVariance: vol * vol * tau });
        return type === "C" ? value.call : value.put;
      };
      return {
        instrument: `ETH-${formatExpiry(expiryAt)}-${strike}-${type}`,
        expiryAt,
        strike,
        type,
        bid: price(VOL - 0.005),
        ask: price(VOL + 0.005),
        mark: price(VOL),
        markVol: VOL,
        forward,
        index: SPOT,
        atMs: SNAPSHOT_AT * 1000 - 500,
      };
    }),
  );
}

export function chainOf(quotes: readonly RawQuote[]): Chain {
  return { source: "test chain", currency: "ETH", snapshotAt: SNAPSHOT_AT, quotes, unread: {} };
}

/** Five expiries of a day to half a year. */
export function soundQuotes(): RawQuote[] {
  return [1, 7, 30, 90, 180].flatMap((days) => soundExpiry(expiryIn(days)));
}

/** Rows kept and rows counted as dropped, in the whole chain. */
export function accountOf(clean: CleanChain): { kept: number; dropped: number } {
  const sum = (counts: Record<string, number>) =>
    Object.values(counts).reduce((total, rows) => total + rows, 0);
  return {
    kept: clean.expiries.reduce((total, expiry) => total + expiry.quotes.length, 0),
    dropped: clean.expiries.reduce((total, expiry) => total + sum(expiry.dropped), sum(clean.dropped)),
  };
}

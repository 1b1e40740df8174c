/** A trade as its events tell it. */
import { isoTime } from "@meniscus/sdk/clock";
import { seriesOfId } from "@meniscus/sdk/series";
import { formatSymbol } from "@meniscus/sdk/symbol";
import { fromWad } from "@meniscus/sdk/wad";
import type { TransactionReceipt } from "ethers";
import type { TradedLeg, TradeSummary } from "../../../json/summary.ts";
import { eventsOf } from "../../../localMarket/contract.ts";
import type { Session } from "../../../localMarket/session.ts";

/** Its figures, and the amount of its first leg, WAD, not below 0. */
export function tradeSummary(
  { pool, stage, currency }: Pick<Session, "pool" | "stage" | "currency">,
  by: string,
  at: number,
  receipt: TransactionReceipt,
): { trade: TradeSummary; amount: bigint } {
  const events = eventsOf(pool.pool, receipt.logs);
  const { premium, notional, parts } = events.find(({ name }) => name === "Traded")!.args;
  const told = events.filter(({ name }) => name === "LegTraded").map(({ args }) => args);
  const legs = told.map(({ series, amount, leg }): TradedLeg => {
    const { expiryAt, strike, isPut } = seriesOfId(series);
    return {
      series: formatSymbol({ market: currency, expiryAt, strike, isPut }),
      side: amount < 0n ? "sell" : "buy",
      amount: Math.abs(fromWad(amount)),
      value: fromWad(leg.value),
      vol: fromWad(leg.vol),
    };
  });
  const cost = Number(premium) / 10 ** stage.quote.decimals;
  const trade: TradeSummary = {
    by,
    at: isoTime(at),
    legs,
    cost,
    price: legs.length === 1 ? Math.abs(cost) / legs[0]!.amount : null,
    notional: fromWad(notional),
    value: fromWad(parts.value),
    impact: fromWad(parts.impact),
    spread: fromWad(parts.spread),
    fee: fromWad(parts.fee),
    rentBase: fromWad(parts.rentBase),
    rentQuote: fromWad(parts.rentQuote),
    gas: Number(receipt.gasUsed),
  };
  const { amount } = told[0]!;
  return { trade, amount: amount < 0n ? -amount : amount };
}

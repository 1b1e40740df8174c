/** The pool on a terminal: what it asks and bids, the blotter of what was traded, and what that did to the book. */
import { VOL_POINTS } from "@meniscus/pricer/evaluation/statistics";
import type { Greeks, PoolSummary, TradeSummary } from "../../../json/summary.ts";
import { fixed, money } from "../../../terminal/figures.ts";
import type { PoolQuote } from "../trading/poolChain.ts";
import { tableOf } from "./table.ts";

const vol = (value: number): string => (value * 100).toFixed(2);
/** Both sides of every listed strike of an expiry, per option; the reason where the pool would not trade. */
export function poolChainTable(quotes: readonly PoolQuote[]): string {
  const head = ["strike", "vol", "call bid", "call ask", "put bid", "put ask"];
  const side = (price: number | string) => (typeof price === "string" ? price : money(price));
  const rows = quotes.map(({ strike, vol: mid, call, put }) => [
    strike,
    mid === null ? "-" : vol(mid),
    ...[call.bid, call.ask, put.bid, put.ask].map(side),
  ]);
  return tableOf(head, [], rows);
}

/** A line for every leg; what belongs to the trade as a whole stands beside its first. */
export function blotterTable({ trades }: PoolSummary): string {
  const head = [
    "time",
    "by",
    "side",
    "amount",
    "series",
    "value",
    "vol",
    "price",
    "net",
    "fee",
    "impact",
    "spread",
  ];
  return tableOf(head, [0, 1, 2, 4], trades.flatMap(rowsOf));
}

function rowsOf({ at, by, legs, price, cost, fee, impact, spread }: TradeSummary): string[][] {
  const whole = [price === null ? "" : money(price), ...[cost, fee, impact, spread].map(money)];
  return legs.map((leg, i) => [
    ...(i === 0 ? [at.slice(5, 19).replace("T", " "), by] : ["", ""]),
    ...[leg.side, String(Number(leg.amount.toFixed(4))), leg.series, money(leg.value), vol(leg.vol)],
    ...(i === 0 ? whole : whole.map(() => "")),
  ]);
}

/** The book before, after, and as its positions alone give it. */
export function greeksTable({ greeks }: PoolSummary): string {
  const row = (name: string, { vega, gamma, delta, reserve, potential }: Greeks) => [
    name,
    money(vega / VOL_POINTS),
    money(gamma),
    fixed(delta, 4),
    money(reserve),
    money(potential),
  ];
  const head = ["book", "vega of 30 d per vp", "gamma S^2", "options' delta", "reserve", "potential"];
  const rows = [
    row("before", greeks.before),
    row("after", greeks.after),
    row("recomputed", greeks.refreshed),
  ];
  return tableOf(head, [0], rows);
}

/** What the pool would not do, a line each. */
export const refusalLines = ({ refusals }: PoolSummary): string[] =>
  refusals.map(
    ({ side, amount, series, reason }) => `to ${side} ${amount} ${series} would be refused: ${reason}`,
  );

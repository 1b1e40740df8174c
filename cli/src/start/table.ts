/** The option chain on a terminal, as a trader knows it. */
import { styleText } from "node:util";
import type { ExpirySummary, Summary } from "@meniscus/sdk/summary";
import Table from "cli-table3";
import { formatUnits } from "ethers";
import type { Holding } from "./clearingStage.ts";
import type { ClearingStory } from "./clearingStory.ts";
import { isInside, type QuoteRow } from "./optionChain.ts";

const HEAD = ["strike", "", "mkt bid", "mkt ask", "our vol", "our price", "delta", "vega", "inside"];

/** Columns without lines. */
const PLAIN = {
  style: { head: [], border: [], compact: true, "padding-left": 1, "padding-right": 1 },
  chars: Object.fromEntries(
    ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
      .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"])
      .map((position) => [position, ""]),
  ),
};

const percent = (vol: number) => (vol * 100).toFixed(2);
const amount = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(3));

function insideMark(row: QuoteRow): string {
  const inside = isInside(row);
  if (inside === null) return "";
  return inside ? styleText("green", "yes") : styleText("red", "no");
}

/** The chain of one expiry, a line per listed strike. */
export function chainTable(rows: readonly QuoteRow[]): string {
  const table = new Table({
    head: HEAD,
    colAligns: ["right", "left", "right", "right", "right", "right", "right", "right", "right"],
    ...PLAIN,
  });
  for (const row of rows) {
    table.push([
      String(row.strike),
      row.type,
      row.market ? percent(row.market.bidVol) : "-",
      row.market ? percent(row.market.askVol) : "-",
      percent(row.vol),
      amount(row.price),
      row.delta.toFixed(3),
      amount(row.vega),
      insideMark(row),
    ]);
  }
  return table.toString();
}

/** `13.0 d`, `5.2 h`: calendar time from `fromAt` (unix seconds) to an ISO date. */
function timeTo(expiry: string, fromAt: number): string {
  const days = (Date.parse(expiry) / 1000 - fromAt) / 86_400;
  return days < 1 ? `${(days * 24).toFixed(1)} h` : `${days.toFixed(1)} d`;
}

/** One line on the fit of an expiry. */
export function fitLine(expiry: ExpirySummary, snapshotAt: number): string {
  const reasons = Object.entries(expiry.dropped).map(([reason, count]) => `${count} ${reason}`);
  const parts = [
    timeTo(expiry.expiry, snapshotAt),
    `forward ${expiry.forward.toFixed(2)}`,
    `${expiry.quotes} quotes`,
    expiry.rmse === null ? null : `rmse ${expiry.rmse.toFixed(3)} vp`,
    expiry.inside === null ? null : `inside ${expiry.inside.toFixed(1)} %`,
    expiry.quality,
    reasons.length === 0 ? null : `dropped: ${reasons.join(", ")}`,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

/** The whole run in one line. */
export function summaryLine(summary: Summary): string {
  return [
    `${summary.quotes} quotes`,
    `inside bid-ask ${summary.insideBidAskPct.toFixed(2)} %`,
    `rmse ${summary.rmseVolPoints.toFixed(3)} vp`,
    `arbitrage butterfly ${summary.arbitrage.butterfly} calendar ${summary.arbitrage.calendar}`,
    `post ${summary.post.gas.toLocaleString("en")} gas, ${summary.post.signers.length} signers`,
    `on-chain error ${summary.maxOnChainErrorVsTs.toExponential(1)} of spot`,
    `${summary.seconds.toFixed(1)} s`,
  ].join(" · ");
}

/** What everybody had before and after, and that nothing came or went. */
export function balancesTable({ before, after, base, quote }: ClearingStory): string {
  const table = new Table({
    head: ["", `${base.symbol} before`, "after", "change", `${quote.symbol} before`, "after", "change"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right"],
    ...PLAIN,
  });
  const cells = (side: "base" | "quote", from: bigint, to: bigint) =>
    [from, to, to - from].map((value) => formatUnits(value, (side === "base" ? base : quote).decimals));
  const line = (who: string, from: Holding, to: Holding) => [
    who,
    ...cells("base", from.base, to.base),
    ...cells("quote", from.quote, to.quote),
  ];
  const sum = (rows: readonly Holding[]): Holding => ({
    who: "sum",
    base: rows.reduce((total, row) => total + row.base, 0n),
    quote: rows.reduce((total, row) => total + row.quote, 0n),
  });
  for (const [i, row] of before.entries()) table.push(line(row.who, row, after[i]!));
  table.push(line("sum", sum(before), sum(after)));
  return table.toString();
}

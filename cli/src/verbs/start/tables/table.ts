/** The option chain on a terminal, as a trader knows it. */

import { styleText } from "node:util";
import { isInside } from "@meniscus/pricer/evaluation/statistics";
import { counted } from "@meniscus/sdk/counted";
import Table from "cli-table3";
import type { Summary } from "../../../json/summary.ts";
import { fitFigures } from "../../../market/expirySummary.ts";
import type { QuoteRow } from "../surface/optionChain.ts";

const HEAD = ["strike", "", "bid vol", "ask vol", "our vol", "our price", "delta", "vega", "inside"];

/** A table of columns without lines. */
export const PLAIN_COLUMNS = {
  style: { head: [], border: [], compact: true, "padding-left": 1, "padding-right": 1 },
  chars: Object.fromEntries(
    ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
      .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"])
      .map((position) => [position, ""]),
  ),
};

/** Rows under a head; the columns named in `left` are set to the left, all others to the right. */
export function tableOf(head: string[], left: number[], rows: readonly (readonly string[])[]): string {
  const colAligns = head.map((_, i) => (left.includes(i) ? ("left" as const) : ("right" as const)));
  const table = new Table({ head, colAligns, ...PLAIN_COLUMNS });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

const percent = (vol: number) => (vol * 100).toFixed(2);
const amount = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(3));

function insideMark({ market, vol }: QuoteRow): string {
  if (market === null) return "";
  return isInside({ ...market, vol }) ? styleText("green", "yes") : styleText("red", "no");
}

/** The chain of one expiry, a line per listed strike. */
export function chainTable(rows: readonly QuoteRow[]): string {
  const table = new Table({
    head: HEAD,
    colAligns: ["right", "left", "right", "right", "right", "right", "right", "right", "right"],
    ...PLAIN_COLUMNS,
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

/** The whole run in one line. */
export function summaryLine(summary: Summary): string {
  return [
    `${counted(summary.quotes, "quote")} judged`,
    fitFigures(summary.rmseVolPoints, summary.insideBidAskPct),
    `arbitrage butterfly ${summary.arbitrage.butterfly} calendar ${summary.arbitrage.calendar}`,
    `first post ${summary.post.gas.toLocaleString("en")} gas, ${counted(summary.post.signers.length, "signer")}`,
    `on-chain error ${summary.maxOnChainErrorVsTs.toExponential(1)} of spot`,
    `${summary.seconds.toFixed(1)} s`,
  ].join(" · ");
}

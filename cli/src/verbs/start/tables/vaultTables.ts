/** The vault on a terminal: its days, hedges, epochs by tranche, where their results came from, and what providers got. */

import { styleText } from "node:util";
import { counted } from "@meniscus/sdk/counted";
import { SIDES, type Side } from "@meniscus/sdk/sides";
import type { EpochSummary, HedgeSummary, ProvidingSummary, TrancheSummary } from "../../../json/summary.ts";
import { fixed, HELD_NOTE, money, PARTS, PARTS_NOTE, PREMIUM_TITLE } from "../../../terminal/figures.ts";
import type { Days as PlayedDays } from "../story/daysStage.ts";
import type { Unhedged } from "../story/hedgeStage.ts";
import { tableOf } from "./table.ts";

type Days = Omit<PlayedDays, "clearing" | "trades">;

export interface Symbols {
  base: string;
  quote: string;
}

const share = (value: number): string => value.toFixed(6);
const assets = (value: number): string => (value >= 1000 ? value.toFixed(2) : value.toFixed(4));

const moment = (at: string): string => at.slice(5, 16).replace("T", " ");

/** The vault at each report: where spot stands, and what a share of either tranche is worth. */
function daysTable({ days }: Days, symbols: Symbols): string {
  const head = ["UTC", "", "spot", "equity", "factor", `share of ${symbols.base}`, symbols.quote, "delta"];
  const rows = days.map(({ at, kind, spot, equity, factor, nav, delta }) => [
    ...[moment(at), kind, money(spot), money(equity), share(factor)],
    ...[share(nav.base), share(nav.quote), delta.toFixed(4)],
  ]);
  return tableOf(head, [0, 1], rows);
}

/** The delta before and after each fill of the auction. */
function hedgesTable(hedges: readonly HedgeSummary[]): string {
  const head = [
    "UTC",
    "min",
    "vault",
    "amount",
    "price",
    "bp off spot",
    "delta",
    "-> after",
    "band",
    "cost",
    "gas",
  ];
  const rows = hedges.map(({ at, minutes, base, price, spot, delta, band, cost, gas }) => [
    ...[moment(at), String(minutes), base > 0 ? "buys" : "sells", Math.abs(base).toFixed(4), money(price)],
    ...[((price / spot - 1) * 10_000).toFixed(1), delta.before.toFixed(4), delta.after.toFixed(4)],
    ...[band.toFixed(4), money(cost), gas.toLocaleString("en")],
  ]);
  return tableOf(head, [0, 2], rows);
}

/** A line for each tranche at each epoch's end. */
function epochsTable({ epochs }: ProvidingSummary, symbols: Symbols): string {
  const head = [
    "epoch",
    "spot",
    "factor",
    "tranche",
    "claim",
    "-> after",
    "NAV in",
    "mid",
    "out",
    "came",
    "left",
  ];
  const row = (epoch: EpochSummary, side: Side) => {
    const { claim, nav, entered, left }: TrancheSummary = epoch[side];
    const first =
      side === "base" ? [String(epoch.number), money(epoch.spot), share(epoch.factor)] : ["", "", ""];
    return [
      ...first,
      symbols[side],
      ...[claim.before, claim.after].map(assets),
      ...[nav.entry, nav.mid, nav.exit].map(share),
      ...[entered, left].map(assets),
    ];
  };
  return tableOf(
    head,
    [0, 3],
    epochs.flatMap((epoch) => [row(epoch, "base"), row(epoch, "quote")]),
  );
}

/** Parts of each epoch's result, their sum, and the premium beside it. */
export function attributionTable({ epochs }: Pick<ProvidingSummary, "epochs">): string {
  const rows = epochs.map(({ number, attribution }) => [
    String(number),
    ...PARTS.map(([part]) => money(attribution[part])),
    money(attribution.total),
    money(attribution.premium),
  ]);
  return tableOf(["epoch", ...PARTS.map(([, title]) => title), "total", PREMIUM_TITLE], [0], rows);
}

/** What each provider brought, and what came back. */
export function providerLines({ providers }: ProvidingSummary, symbols: Symbols): string[] {
  return SIDES.map((side) => {
    const { brought, got, waiting } = providers[side];
    const [symbol, digits] = [symbols[side], side === "base" ? 4 : 2];
    const amount = (value: number) => `${fixed(value, digits)} ${symbol}`;
    const rest = waiting === 0 ? "" : `, ${assets(waiting)} shares are in the vault still`;
    return `provider of ${symbol}: brought ${amount(brought)}, got back ${amount(got)}${rest}`;
  });
}

/** What came of it all, in the lines that are read first. */
export function resultLines({ hedges, providing }: Days, symbols: Symbols): string[] {
  const { epochs } = providing;
  const made = epochs.reduce((sum, { attribution }) => sum + attribution.total, 0);
  return [
    `the vault, over ${counted(epochs.length, "epoch")} and ${counted(hedges.length, "hedge")}: ${money(made)} ${symbols.quote} against holding its claims`,
    ...providerLines(providing, symbols),
  ];
}

/** Why a look hedged nothing, in words. */
const UNHEDGED: Readonly<Record<Unhedged, string>> = {
  InsideBand: "its delta was inside the band",
  Unfilled: "nobody could fill the auction, even at its bound",
  ExposuresOld: "the book's exposures were too old",
  NotRealized: "the book had an expiry to realize",
  TradedInBlock: "the pool had traded in the block",
  SpotOld: "the report's spot was too old",
  SpotSilent: "the spot oracle gave no price",
  SpotsDisagree: "report and spot oracle disagreed",
  NoFreeBase: "no base was free to sell",
  NoFreeQuote: "no quote was free to spend",
};

/** How often nothing was hedged, and why; null where every look hedged. */
export function unhedgedLine(unhedged: readonly Unhedged[]): string | null {
  const counts = (Object.keys(UNHEDGED) as Unhedged[])
    .map((reason) => [UNHEDGED[reason], unhedged.filter((each) => each === reason).length] as const)
    .filter(([, count]) => count > 0);
  if (counts.length === 0) return null;
  return `Looks that hedged nothing: ${counts.map(([reason, count]) => `${count} (${reason})`).join(", ")}.`;
}

/** What providers did; who was let in by the last epoch's end has not asked to leave. */
export function providersLine({ providers }: ProvidingSummary): string {
  const haveLeft = providers.base.waiting === 0 && providers.quote.waiting === 0;
  return haveLeft
    ? "Providers of both assets ask to enter, are in after an epoch, and leave after the last one."
    : "Providers of both assets ask to enter, and are in after an epoch; the last one is over before they could ask to leave.";
}

export function printDays(played: Days | null, symbols: Symbols): void {
  console.log(`\n${styleText("bold", "Vault")}`);
  if (played === null) {
    console.log("No days are played: the nearer expiry is over too soon.");
    return;
  }
  const { hedges, unhedged, providing } = played;
  console.log(providersLine(providing));
  console.log("Spot walks at the surface's vol; before anybody acts, each report finds the vault at:");
  console.log(daysTable(played, symbols));
  if (hedges.length > 0) {
    console.log("Whenever its delta leaves the band it is auctioned, and filled from Uniswap:");
    console.log(hedgesTable(hedges));
  }
  const left = unhedgedLine(unhedged);
  if (left !== null) console.log(left);
  console.log("The epochs' ends; both tranches' claims are multiplied by the factor:");
  console.log(epochsTable(providing, symbols));
  console.log(`Where each epoch's result came from, in ${symbols.quote}:`);
  console.log(attributionTable(providing));
  console.log(`${PARTS_NOTE} ${HELD_NOTE}`);
}

export function printInvariants(checked: readonly string[], broken: readonly string[]): void {
  console.log(`\n${styleText("bold", "Invariants")}`);
  const verdict =
    broken.length === 0
      ? styleText("green", "none broken")
      : styleText("red", `broken: ${broken.join(", ")}`);
  console.log(
    `recomputed from the chain: ${checked.join(", ")}: ${verdict}; what each says: docs/INVARIANTS.md`,
  );
}

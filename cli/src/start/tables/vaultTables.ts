/** The vault on a terminal: its days, hedges, epochs by tranche, where their results came from, and what providers got. */
import { styleText } from "node:util";
import type { EpochSummary, HedgeSummary, ProvidingSummary, TrancheSummary } from "@meniscus/sdk/summary";
import type { Days as PlayedDays } from "../story/daysStage.ts";
import { tableOf } from "./table.ts";

type Days = Omit<PlayedDays, "clearing" | "trades">;

interface Symbols {
  base: string;
  quote: string;
}

const money = (value: number): string => value.toFixed(2);
const share = (value: number): string => value.toFixed(6);
const assets = (value: number): string => (value >= 1000 ? value.toFixed(2) : value.toFixed(4));

const moment = (at: string): string => at.slice(5, 16).replace("T", " ");

/** The vault at each report: where spot stands, and what a share of either tranche is worth. */
function daysTable({ days }: Days, symbols: Symbols): string {
  const head = ["UTC", "", "spot", "equity", "g", `share of ${symbols.base}`, symbols.quote, "delta"];
  const rows = days.map(({ at, kind, spot, equity, factor, nav, delta }) => [
    ...[moment(at), kind, money(spot), money(equity), share(factor)],
    ...[share(nav.base), share(nav.quote), delta.toFixed(4)],
  ]);
  return tableOf(head, [0, 1], rows);
}

/** The delta before and after each fill of the auction. */
export function hedgesTable(hedges: readonly HedgeSummary[]): string {
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
export function epochsTable({ epochs }: ProvidingSummary, symbols: Symbols): string {
  const head = ["epoch", "spot", "g", "tranche", "claim", "-> after", "NAV in", "mid", "out", "came", "left"];
  const row = (epoch: EpochSummary, side: "base" | "quote") => {
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

const PARTS = ["fees", "rent", "impact", "hedging", "delta", "gammaAndTheta", "vega", "residual"] as const;

/** Parts of each epoch's result, and their sum. */
export function attributionTable({ epochs }: ProvidingSummary): string {
  const rows = epochs.map(({ number, attribution }) => [
    String(number),
    ...PARTS.map((part) => money(attribution[part])),
    money(attribution.total),
  ]);
  return tableOf(["epoch", ...PARTS, "total"], [0], rows);
}

/** What each provider brought, and what came back. */
export function providerLines({ providers }: ProvidingSummary, symbols: Symbols): string[] {
  return (["base", "quote"] as const).map((side) => {
    const { brought, got, waiting } = providers[side];
    const rest = waiting === 0 ? "" : `, and ${assets(waiting)} shares are in the vault still`;
    return `provider of ${symbols[side]}: brought ${assets(brought)}, left with ${assets(got)}${rest}`;
  });
}

export function printDays(played: Days | null, symbols: Symbols): void {
  console.log(`\n${styleText("bold", "Vault")}`);
  if (played === null) {
    console.log("No days are played: the nearer expiry is over too soon.");
    return;
  }
  const { hedges, providing } = played;
  console.log("Providers of both assets ask to enter, are in after an epoch, and leave after the last one.");
  console.log("Spot walks at the surface's vol; before anybody acts, each report finds the vault at:");
  console.log(daysTable(played, symbols));
  console.log(
    hedges.length === 0
      ? "Its delta stays inside the band: no hedge."
      : "Whenever its delta leaves the band it is auctioned, and filled from Uniswap:",
  );
  if (hedges.length > 0) console.log(hedgesTable(hedges));
  console.log("The epochs' ends:");
  console.log(epochsTable(providing, symbols));
  console.log("Where each epoch's result came from, in USDC:");
  console.log(attributionTable(providing));
  for (const line of providerLines(providing, symbols)) console.log(line);
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

/** The vault on a terminal: a hedge, epochs by tranche, where their results came from, and what providers got. */
import type { EpochSummary, HedgeSummary, ProvidingSummary, TrancheSummary } from "@meniscus/sdk/summary";
import { tableOf } from "./table.ts";

const money = (value: number): string => value.toFixed(2);
const share = (value: number): string => value.toFixed(6);
const assets = (value: number): string => (value >= 1000 ? value.toFixed(2) : value.toFixed(4));

/** One fill of the auction, in a sentence. */
export function hedgeLine(
  { minutes, base, price, spot, cost, band, delta, gas }: HedgeSummary,
  symbol: string,
): string {
  const bought = `${base > 0 ? "buys" : "sells"} ${Math.abs(base).toFixed(4)} ${symbol}`;
  const away = ((price / spot - 1) * 10_000).toFixed(1);
  return (
    `The vault ${bought} at ${money(price)} (${away} bp from spot) by auction, filled from Uniswap after ${minutes} min: ` +
    `delta ${delta.before.toFixed(4)} -> ${delta.after.toFixed(4)}, band ${band.toFixed(4)}, cost ${money(cost)} USDC, ${gas.toLocaleString("en")} gas`
  );
}

/** A line for each tranche at each epoch's end. */
export function epochsTable({ epochs }: ProvidingSummary, symbols: { base: string; quote: string }): string {
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
export function providerLines(
  { providers }: ProvidingSummary,
  symbols: { base: string; quote: string },
): string[] {
  return (["base", "quote"] as const).map((side) => {
    const { brought, got, waiting } = providers[side];
    const rest = waiting === 0 ? "" : `, and ${assets(waiting)} shares wait for the next epoch`;
    return `provider of ${symbols[side]}: brought ${assets(brought)}, left with ${assets(got)}${rest}`;
  });
}

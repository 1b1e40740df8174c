/** A variant's figures out of what happened in it. */
import type { Side } from "@meniscus/sdk/sides";
import type {
  SimulatedHedge,
  SimulatedTrades,
  SimulationVariant,
  TrancheOutcome,
} from "../../json/simulation.ts";
import type { AttributionSummary } from "../../json/summary.ts";
import type { Hedged } from "./keepers.ts";
import type { Played } from "./record.ts";

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((all, item) => all + of(item), 0);

/** Throws where no epoch ended with a mark: then nothing says what the vault made. */
export function outcomeOf(played: Played): SimulationVariant {
  const { variant, samples, days, epochs, trades, seed } = played;
  if (epochs.length === 0)
    throw new Error(
      `variant "${variant.name}": every epoch ended without a mark; simulate more days, or other vols and spots`,
    );
  const attribution = summed(epochs.map((epoch) => epoch.attribution));
  const equities = samples.map(({ equity, spot }) => equity / (seed.base * spot + seed.quote));
  const last = epochs.at(-1)!;
  const charged = attribution.fees + attribution.rent + attribution.impact;
  const meanEquity = sum(samples, ({ equity }) => equity) / samples.length;
  const notional = sum(trades, (trade) => trade.notional);
  const others = charged - attribution.total;
  return {
    name: variant.name,
    about: variant.about,
    base: trancheOf(played, "base"),
    quote: trancheOf(played, "quote"),
    profit: attribution.total,
    drawdown: drawdownOf([1, ...equities, last.equity / (seed.base * last.spot + seed.quote)]),
    deviation: deviationOf(equities.map((each, i) => each - (equities[i - 1] ?? 1))),
    attribution,
    trades: tradesOf(played),
    hedge: hedgeOf(played),
    turnover: {
      perDay: notional / meanEquity / days,
      chargesBps: notional === 0 ? 0 : (1e4 * charged) / notional,
      breakEven: charged <= 0 ? 0 : Math.max(others, 0) / (charged / notional) / meanEquity / days,
    },
    gapLoss: -Math.min(0, ...samples.flatMap(({ gapDown, gapUp }) => [gapDown, gapUp])),
    samples,
    epochs: epochs.map(({ navs, ...epoch }) => epoch),
  };
}

function summed(parts: readonly AttributionSummary[]): AttributionSummary {
  const [first] = parts;
  const names = Object.keys(first!) as (keyof AttributionSummary)[];
  return Object.fromEntries(
    names.map((name) => [name, sum(parts, (part) => part[name])]),
  ) as AttributionSummary;
}

/** Largest fall from a value to a later one, share of the former. */
function drawdownOf(values: readonly number[]): number {
  let [highest, worst] = [Number.NEGATIVE_INFINITY, 0];
  for (const value of values) {
    highest = Math.max(highest, value);
    worst = Math.max(worst, 1 - value / highest);
  }
  return worst;
}

function deviationOf(values: readonly number[]): number {
  const mean = sum(values, (value) => value) / values.length;
  return Math.sqrt(sum(values, (value) => (value - mean) ** 2) / values.length);
}

function trancheOf({ epochs }: Played, side: Side): TrancheOutcome {
  const navs = epochs.map(({ navBase, navQuote }) => (side === "base" ? navBase : navQuote));
  const [entry, exit] = [epochs[0]!.navs[side].entry, epochs.at(-1)!.navs[side].exit];
  return { return: navs.at(-1)! - 1, returnOfProvider: exit / entry - 1, drawdown: drawdownOf([1, ...navs]) };
}

function tradesOf({ trades, refused, looks }: Played): SimulatedTrades {
  const picked = trades.filter(({ edge }) => edge < 0);
  const informed = trades.filter(({ by }) => by === "informed");
  const notional = sum(trades, (trade) => trade.notional);
  const flow = trades.filter(({ by }) => by !== "informed");
  const gross = sum(flow, (trade) => trade.notional);
  const counts: Record<string, number> = {};
  for (const reason of refused) counts[reason] = (counts[reason] ?? 0) + 1;
  return {
    count: trades.length,
    notional,
    netOverGross: gross === 0 ? 0 : sum(flow, (each) => Math.sign(each.amount) * each.notional) / gross,
    charges: sum(trades, ({ charges }) => charges),
    refused: counts,
    pickedOff: { count: picked.length, loss: -sum(picked, ({ edge }) => edge) },
    informed: {
      looks,
      count: informed.length,
      won: informed.filter(({ edge }) => edge < 0).length,
      profit: -sum(informed, ({ edge }) => edge),
    },
  };
}

function hedgeOf({ hedges, samples, epochs }: Played): SimulatedHedge {
  const fills = hedges.filter((hedged): hedged is Hedged => typeof hedged === "object");
  const turnover = sum(fills, ({ base, spot }) => Math.abs(base) * spot);
  const cost = sum(fills, (fill) => fill.cost);
  const lastSpot = epochs.at(-1)!.spot;
  const errors = samples.map(
    ({ delta, spot, equity }, i) => (delta * ((samples[i + 1]?.spot ?? lastSpot) - spot)) / equity,
  );
  return {
    fills: fills.length,
    missed: hedges.filter((hedged) => hedged === "missed").length,
    turnover,
    cost,
    slippageBps: turnover === 0 ? 0 : (1e4 * cost) / turnover,
    error: Math.sqrt(sum(errors, (error) => error ** 2) / errors.length),
  };
}

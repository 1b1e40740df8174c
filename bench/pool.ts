/**
 * Economics of the pool's prices on recorded chains: `npm run bench -- pool [--all] [--sensitivity] [--json]`. Every 10th chain, both
 * currencies, or all; the looks of informed takers over every 4th return, or all.
 */
import { DEFAULT_PARAMETERS } from "@meniscus/sdk/pool/parameters";
import { atLimits, crossingsOf, depthOf, type Width, widthsOf } from "./poolEconomics.ts";
import { AGES, looksAt, measuredMoves } from "./poolLooks.ts";
import { type Beside, besideMarket, recordedMarkets } from "./poolMarkets.ts";
import { type Sensitivity, sensitivities } from "./poolSensitivity.ts";
import { quantile } from "./statistics.ts";

const GOALS = { crossingPct: 0.5, depth: 180_000 } as const;

const SELECTIONS: Readonly<Record<string, (beside: Beside) => boolean>> = {
  "ETH calm": ({ currency, isCrash }) => currency === "ETH" && !isCrash,
  "ETH crash": ({ currency, isCrash }) => currency === "ETH" && isCrash,
  "BTC calm": ({ currency, isCrash }) => currency === "BTC" && !isCrash,
  "BTC crash": ({ currency, isCrash }) => currency === "BTC" && isCrash,
};

async function measurePool(all: boolean) {
  const markets = await recordedMarkets(all ? 1 : 10);
  const besides = markets.flatMap((market) => besideMarket(market, DEFAULT_PARAMETERS));
  const withIndex = markets.flatMap((market) => besideMarket(market, DEFAULT_PARAMETERS, market.index));
  const depths = markets.map((market) => depthOf(market, DEFAULT_PARAMETERS));
  const moves = measuredMoves(all ? 1 : 4);
  const median = (of: "vega" | "gamma" | "delta") =>
    quantile(
      depths.map((depth) => depth[of]),
      0.5,
    );
  const bySelection = <T>(of: (own: Beside[], indexed: Beside[]) => T): Record<string, T> =>
    Object.fromEntries(
      Object.entries(SELECTIONS).map(([name, selected]) => [
        name,
        of(besides.filter(selected), withIndex.filter(selected)),
      ]),
    );
  return {
    markets,
    moves,
    pool: {
      chains: markets.length,
      widths: bySelection((own, indexed) =>
        widthsOf(own).map((width, i) => ({ ...width, withIndex: widthsOf(indexed)[i]!.ours })),
      ),
      crossings: {
        all: crossingsOf(besides),
        fitFilter: crossingsOf(besides.filter(({ inFilter }) => inFilter)),
        withIndex: crossingsOf(withIndex),
        ...bySelection(crossingsOf),
      },
      depth: { vega: median("vega"), gamma: median("gamma"), delta: median("delta"), goal: GOALS.depth },
      looks: AGES.map((age) => looksAt(age, moves, DEFAULT_PARAMETERS)),
      returns: moves.length,
      atLimits: [0.6, 0.4, 0.3].flatMap((vol) => atLimits(vol, DEFAULT_PARAMETERS)),
    },
  };
}

/** Numbers of a row to so many digits that a table can be read. */
function rounded<T extends object>(row: T): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value !== "number" || Number.isInteger(value)
        ? value
        : Math.abs(value) >= 1000
          ? Math.round(value)
          : Number(value.toPrecision(3)),
    ]),
  );
}

export interface PoolBenchOptions {
  readonly json: boolean;
  /** All recorded chains and returns in place of a sample. */
  readonly all: boolean;
  /** What takes longest, besides: every parameter at half and at double. */
  readonly sensitivity: boolean;
}

export async function benchPool({ json, all, sensitivity }: PoolBenchOptions): Promise<void> {
  const { markets, moves, pool } = await measurePool(all);
  const tested: Sensitivity[] = sensitivity ? sensitivities(markets, moves) : [];
  if (json) {
    console.log(
      JSON.stringify({ pool: { ...pool, ...(sensitivity ? { sensitivity: tested } : {}) } }, null, 2),
    );
    return;
  }
  for (const [name, widths] of Object.entries(pool.widths)) {
    console.log(`\nFull width in vp, ours / market (ours with the venue's index as feed): ${name}`);
    console.table(tableOf(widths));
  }
  console.log(
    `\nFresh quotes that cross the market, goal below ${GOALS.crossingPct} %: ${pool.chains} chains`,
  );
  console.table(
    Object.fromEntries(Object.entries(pool.crossings).map(([name, crossings]) => [name, rounded(crossings)])),
  );
  console.log("\nDepth until the next option costs 1 vp of impact, USD at the money, 30 days, per million");
  console.table(rounded(pool.depth));
  console.log(
    `\nExpected loss of an informed look over the fee, vp, 30 days at the money, ${pool.returns} returns`,
  );
  console.table(pool.looks.map(rounded));
  console.log("\nPrice over value with the book at its limits, flat smile, within 2 sd");
  console.table(pool.atLimits.map(rounded));
  if (!sensitivity) return;
  console.log("\nParameters at half and double, by what gets worst");
  console.table(tested.map(rounded));
}

function tableOf(widths: readonly (Width & { withIndex: number })[]) {
  const rows: Record<string, Record<string, string>> = {};
  for (const { days, delta, market, ours, withIndex } of widths) {
    rows[days] = {
      ...rows[days],
      [delta]: `${ours.toFixed(1)} / ${market.toFixed(1)} (${withIndex.toFixed(1)})`,
    };
  }
  return rows;
}

/** The story on one chain along one path of spot: a morning of trades, options written, and the days until they settle and providers leave. */

import type { Surface } from "@meniscus/pricer/fit/surface";
import { counted } from "@meniscus/sdk/counted";
import { totalVariance } from "@meniscus/sdk/svi";
import type { LocalChain } from "../../../hardhat/localChain.ts";
import type { Posted } from "../../../localMarket/surfaceOnChain.ts";
import { step } from "../../../terminal/progress.ts";
import { brokenInvariants, CHECKS } from "../invariants/checks.ts";
import { readAll } from "../invariants/readings.ts";
import type { Played } from "../surface/readChains.ts";
import { printClearing } from "../tables/clearingTable.ts";
import { printDays, printInvariants, resultLines, type Symbols } from "../tables/vaultTables.ts";
import { type OpenMarket, printTrading, type Trading, tradeAgainstPool } from "../trading/trading.ts";
import { type ClearingStory, settleWritten, write } from "./clearingStory.ts";
import { type Days, playDays } from "./daysStage.ts";
import { spotPath } from "./spotPath.ts";

interface Story {
  trading: Trading | null;
  clearing: ClearingStory | null;
  days: Omit<Days, "clearing" | "trades"> | null;
  /** Ids. */
  checked: string[];
  broken: string[];
}

interface Terms {
  currency: string;
  /** The report's, WAD. */
  spot: bigint;
  posted: Posted;
  surface: Surface;
  /** Of the path. */
  seed: number;
}

const NOTHING_CHECKED = { checked: [], broken: [] };

export async function playStory(chain: LocalChain, market: OpenMarket, terms: Terms): Promise<Story> {
  const { currency, spot, posted, surface, seed } = terms;
  const { clearing: stage, others, session } = market;
  const trading = await step("Trading against the pool", () => tradeAgainstPool(market, posted));
  const all = surface.slices.map(({ expiryAt }) => expiryAt);
  const hasPool = session !== null && trading !== null;
  const expiries = hasPool ? session.pool.expiries.slice(0, 1) : all;
  const written = await step("Writing options", () =>
    write(chain, stage, { currency, spot, expiries, others }),
  );
  if (!hasPool || written === null) {
    const clearing = await step("Settling and redeeming them", async () =>
      written === null ? null : settleWritten(chain, stage, written, spot),
    );
    return { trading, clearing, days: null, ...NOTHING_CHECKED };
  }
  const { timestamp } = (await chain.provider.getBlock("latest"))!;
  const { expiryAt } = written.cast;
  const path = spotPath(timestamp, expiryAt, spot, volatilityOf(surface, expiryAt), seed);
  const { clearing, trades, ...days } = await step(
    `Playing ${counted(path.length, "moment")} until the expiry`,
    () => playDays(session, posted.report, path, written),
  );
  const readings = await step("Checking the invariants", () => readAll(session));
  const broken = brokenInvariants(readings);
  const summary = { ...trading.summary, trades: [...trading.summary.trades, ...trades] };
  return { trading: { ...trading, summary }, clearing, days, checked: Object.keys(CHECKS), broken };
}

/** At the money, a year. */
function volatilityOf({ slices }: Surface, expiryAt: number): number {
  const { params, tau } = slices.find((slice) => slice.expiryAt === expiryAt)!;
  return Math.sqrt(totalVariance(params, 0) / tau);
}

/** As data. */
export const told = ({ trading, days, checked, broken }: Story): Played => ({
  pool: trading?.summary ?? null,
  hedges: days?.hedges ?? [],
  days: days?.days ?? [],
  providing: days?.providing ?? null,
  invariantsChecked: checked,
  invariantsBroken: broken,
});

/** What came of it, before all else is told. */
export function printResult({ trading, days, checked, broken }: Story, symbols: Symbols): void {
  if (trading !== null) console.log(`${counted(trading.summary.trades.length, "trade")} against the pool`);
  if (days === null) return;
  for (const line of resultLines(days, symbols)) console.log(line);
  console.log(
    `${counted(checked.length, "invariant")} recomputed from the chain: ${broken.join(", ") || "none"} broken`,
  );
}

export function printStory({ trading, clearing, days, checked, broken }: Story, symbols: Symbols): void {
  printTrading(trading);
  printClearing(clearing);
  if (trading !== null) printDays(days, symbols);
  if (days !== null) printInvariants(checked, broken);
}

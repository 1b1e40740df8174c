/** The market that is traded: opened before the report, traded after it, and told on the terminal. */

import { styleText } from "node:util";
import { counted } from "@meniscus/sdk/counted";
import { formatExpiry } from "@meniscus/sdk/symbol";
import { fromWad } from "@meniscus/sdk/wad";
import type { Addressable } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { LocalChain } from "../../../hardhat/localChain.ts";
import type { PoolSummary } from "../../../json/summary.ts";
import type { Session } from "../../../localMarket/session.ts";
import { type Stage, setStage } from "../../../localMarket/stages/clearingStage.ts";
import type { OracleStage } from "../../../localMarket/stages/oracleStage.ts";
import { EQUITY, type PoolStage, setPool } from "../../../localMarket/stages/poolStage.ts";
import type { Posted, SurfaceOnChain } from "../../../localMarket/surfaceOnChain.ts";
import { blotterTable, greeksTable, poolChainTable, refusalLines } from "../tables/tradingTables.ts";
import { type PoolQuote, readPoolChain } from "./poolChain.ts";
import { openSession, playSession } from "./tradingSession.ts";

export interface OpenMarket {
  clearing: Stage;
  pool: PoolStage;
  /** Null where no expiry may be listed. */
  session: Session | null;
  /** Who has an account in the Clearinghouse beside those of the story of clearing. */
  others: Addressable[];
}

export interface Trading {
  summary: PoolSummary;
  /** The nearer expiry after the last trade, and for how many options its prices hold. */
  quotes: PoolQuote[];
  symbol: string;
  unit: number;
}

/** Clearing, pool and customers, in the hour before the report. */
export async function openMarket(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  surface: SurfaceOnChain,
  oracles: OracleStage,
  terms: { currency: string; spot: bigint; expiries: readonly number[] },
): Promise<OpenMarket> {
  const clearing = await setStage(hardhat, chain, surface, oracles, terms);
  const pool = await setPool(hardhat, chain, clearing, terms.expiries, terms.spot);
  if (pool.expiries.length === 0) return { clearing, pool, session: null, others: [pool.book] };
  const session = await openSession(chain, surface, clearing, pool, terms);
  return { clearing, pool, session, others: [pool.book, ...Object.values(session.accounts)] };
}

/** Plays the session over the expiries that the surface took; null where it took none of those listed. */
export async function tradeAgainstPool({ session }: OpenMarket, posted: Posted): Promise<Trading | null> {
  if (session === null || session.pool.expiries.some((expiryAt) => posted.refused.has(expiryAt))) return null;
  const summary = await playSession(session, posted, Number(EQUITY));
  const { surface, stage, pool, unit, currency } = session;
  const expiryAt = pool.expiries[0]!;
  const quotes = await readPoolChain(surface.lens, stage, pool, expiryAt, unit);
  return { summary, quotes, symbol: `${currency}-${formatExpiry(expiryAt)}`, unit: fromWad(unit) };
}

export function printTrading(trading: Trading | null): void {
  console.log(`\n${styleText("bold", "Pool")}`);
  if (trading === null) {
    console.log("No expiry of this chain may be listed and traded.");
    return;
  }
  const { summary, quotes, symbol, unit } = trading;
  const { trades, equity } = summary;
  console.log(
    `The vault is seeded with ${equity.toLocaleString("en")} USDC, half of it in base; ${counted(trades.length, "trade")}:`,
  );
  console.log(blotterTable(summary));
  for (const line of refusalLines(summary)) console.log(line);
  console.log(greeksTable(summary));
  console.log(`What it asks and bids afterwards for ${unit} of each of ${symbol}, per option:`);
  console.log(poolChainTable(quotes));
}

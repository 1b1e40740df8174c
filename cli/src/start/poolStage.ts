/** Where trades are made: book, pool and Router of the market, an owner's money behind them, and strikes to trade. */

import { BOOK_LIMITS, BOOK_TERMS, POOL_PARAMETERS, POOL_REFUSALS } from "@meniscus/sdk/pool/terms";
import type { EncodedReport } from "@meniscus/sdk/report";
import { WAD } from "@meniscus/sdk/series";
import { strikeDown } from "@meniscus/sdk/strikeGrid";
import type { Greeks } from "@meniscus/sdk/summary";
import { HEDGER_PARAMETERS } from "@meniscus/sdk/vault/hedge";
import { type Contract, formatUnits, isError, MaxUint256 } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { deployModule } from "../deployment.ts";
import { bind, send } from "../local/contract.ts";
import type { LocalChain } from "../localChain.ts";
import type { Stage } from "./clearingStage.ts";

/** Quote behind the book, half of it in base. */
export const EQUITY = 1_000_000n;
/** Days ahead of the expiries that are traded, or as near as the chain has them. */
const TENORS = [30, 90];
/** Strikes in percent of spot. */
export const STRIKES = [85n, 90n, 95n, 100n, 105n, 110n, 115n];
const DAY = 86_400;

export interface PoolStage {
  book: Contract;
  pool: Contract;
  vault: Contract;
  router: Contract;
  /** Listed and traded, rising. */
  expiries: number[];
  /** The strike at one of {@link STRIKES}. */
  strikeAt(percent: bigint): bigint;
}

/** Deploys and funds; lists strikes at up to two of `expiries`. */
export async function setPool(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  stage: Stage,
  expiries: readonly number[],
  spot: bigint,
): Promise<PoolStage> {
  const { market, deployer, oracles } = stage;
  const parameters = {
    ...stage.parameters,
    OptionPool: { market, terms: BOOK_TERMS, parameters: POOL_PARAMETERS },
    DeltaHedger: { parameters: HEDGER_PARAMETERS },
    Router: { uniswapFactory: await oracles.uniswap.pool.getFunction("factory")() },
  };
  const deployed = await deployModule(hardhat, chain, "LocalVault", parameters);
  const { router } = await deployModule(hardhat, chain, "Router", parameters);
  const bound = (name: string) => bind(deployed[name]!, deployer);
  const [book, pool, vault] = [await bound("book"), await bound("pool"), await bound("vault")];
  const half = EQUITY / 2n;
  const funds = {
    base: (half * WAD * 10n ** BigInt(stage.base.decimals)) / spot,
    quote: half * 10n ** BigInt(stage.quote.decimals),
  };
  for (const side of ["base", "quote"] as const) {
    const token = stage[side].contract;
    await send(token, deployer, "mint", deployer, funds[side]);
    await send(token, deployer, "approve", vault, MaxUint256);
    await send(vault, deployer, "fund", token, funds[side]);
  }
  const strikeAt = (percent: bigint) => strikeDown((spot * percent) / 100n);
  const strikes = STRIKES.map(strikeAt);
  const { timestamp } = (await chain.provider.getBlock("latest"))!;
  const listed: number[] = [];
  for (const tenor of TENORS) {
    const nearest = [...expiries].sort((one, other) => {
      const distance = (expiryAt: number) => Math.abs(expiryAt - timestamp - tenor * DAY);
      return distance(one) - distance(other);
    });
    for (const expiryAt of nearest) {
      if (listed.includes(expiryAt) || !(await list(stage, expiryAt, strikes))) continue;
      listed.push(expiryAt);
      break;
    }
  }
  const traded = listed.sort((one, other) => one - other);
  return { book, pool, vault, router: await bind(router!, deployer), expiries: traded, strikeAt };
}

/** False where an expiry may not be listed, or not at these strikes. */
async function list(
  { market, clearinghouse, deployer }: Stage,
  expiryAt: number,
  strikes: readonly bigint[],
): Promise<boolean> {
  try {
    for (const strike of strikes)
      await clearinghouse.getFunction("list").staticCall(market, expiryAt, strike, 0);
  } catch (error) {
    if (!isError(error, "CALL_EXCEPTION")) throw error;
    return false;
  }
  for (const strike of strikes) await send(clearinghouse, deployer, "list", market, expiryAt, strike, 0);
  return true;
}

/** The vault's mark at a report, and every expiry recomputed. */
export async function markAndRefresh(stage: Stage, pool: PoolStage, report: EncodedReport): Promise<void> {
  await send(pool.vault, stage.deployer, "mark", report);
  await refresh(stage, pool);
}

export async function refresh(
  { market, clearinghouse, deployer }: Stage,
  { book }: PoolStage,
): Promise<void> {
  const expiries: bigint[] = [...(await clearinghouse.getFunction("expiries")(market))];
  await send(book, deployer, "refresh", expiries);
}

const float = (wad: bigint): number => Number(formatUnits(wad));

/** What the book's words say of its risk (contracts/types/BookWords.sol). */
export async function readGreeks({ book }: PoolStage): Promise<Greeks> {
  const { risk, funds } = await book.getFunction("read")([]);
  const signed = (place: bigint) => BigInt.asIntN(64, risk >> (64n * place));
  return {
    vega: Number(signed(0n)) / 1e6,
    gamma: Number(signed(1n)) / 1e6,
    delta: Number(signed(2n)) / 1e9,
    reserve: Number(BigInt.asUintN(64, funds >> 80n)) / 1e6,
    potential: float(await book.getFunction("potential")()),
  };
}

/** Why a quote would be refused, in the contracts' own words; null where it would pass. */
export function refusalOf({ refusal, limit }: { refusal: bigint; limit: bigint }): string | null {
  const name = POOL_REFUSALS[Number(refusal)]!;
  if (name === "None") return null;
  return name === "BookLimit" ? BOOK_LIMITS[Number(limit)]! : name;
}

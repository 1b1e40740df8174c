/** Where trades are made: book, pool and Router of the market, the vault behind them with its tranches and its hedger, and strikes to trade. */
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import type { Leg } from "@meniscus/sdk/pool/book";
import { decodeFunds, decodeRisk, decodeStrikePosition } from "@meniscus/sdk/pool/bookWords";
import { BOOK_LIMITS, BOOK_TERMS, POOL_PARAMETERS, POOL_REFUSALS } from "@meniscus/sdk/pool/terms";
import type { Report } from "@meniscus/sdk/report";
import { SIDES, type Side } from "@meniscus/sdk/sides";
import { strikeDown } from "@meniscus/sdk/strikeGrid";
import { HEDGER_PARAMETERS } from "@meniscus/sdk/vault/hedge";
import { trancheTerms, VAULT_TERMS } from "@meniscus/sdk/vault/terms";
import { fromWad, WAD } from "@meniscus/sdk/wad";
import { type Contract, isError, MaxUint256, type TransactionReceipt } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { deployModule } from "../../hardhat/deployment.ts";
import type { LocalChain } from "../../hardhat/localChain.ts";
import type { Greeks } from "../../json/summary.ts";
import { type AnyContract, bind, send } from "../contract.ts";
import { UNISWAP_FEE } from "../pool.ts";
import type { Tokens } from "../tokens.ts";
import type { Stage } from "./clearingStage.ts";

/** Quote that the vault is seeded with, half of it in base. */
export const EQUITY = 1_000_000n;
/** Days ahead of the expiries that are traded, or as near as the chain has them. */
const TENORS = [7, 30];
/** Strikes in percent of spot. */
const STRIKES = [85n, 90n, 95n, 100n, 105n, 110n, 115n];

export interface PoolStage {
  book: Contract;
  pool: Contract;
  vault: Contract;
  tranches: { base: Contract; quote: Contract };
  hedger: Contract;
  filler: Contract;
  router: Contract;
  /** The report of the vault's first mark, and what the seed did; null before. */
  seeded: { report: Report; receipt: TransactionReceipt } | null;
  /** Listed and traded, rising. */
  expiries: number[];
  /** The strike at one of {@link STRIKES}. */
  strikeAt(percent: bigint): bigint;
}

/** Deploys, and brings what the vault is to be seeded with; lists strikes at up to two of `expiries`. */
export async function setPool(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  stage: Stage,
  expiries: readonly number[],
  spot: bigint,
): Promise<PoolStage> {
  const { deployer } = stage;
  const { permit2 } = await deployModule(hardhat, chain, "LocalPermit2", {}, "permit2");
  const parameters = await poolParameters(stage, permit2!);
  const deployed = {
    ...(await deployModule(hardhat, chain, "Vault", parameters)),
    ...(await deployModule(hardhat, chain, "UniswapFiller", parameters)),
    ...(await deployModule(hardhat, chain, "Router", parameters)),
  };
  const bound = (name: string) => bind(deployed[name]!, deployer);
  const vault = await bound("vault");
  for (const side of SIDES) {
    await send(stage[side].contract, deployer, "mint", deployer, seedOf(stage, spot)[side]);
    await send(stage[side].contract, deployer, "approve", vault, MaxUint256);
  }
  const strikeAt = (percent: bigint) => strikeDown((spot * percent) / 100n);
  const { timestamp } = (await chain.provider.getBlock("latest"))!;
  return {
    expiries: await listTenors(stage, expiries, STRIKES.map(strikeAt), timestamp),
    book: await bound("book"),
    pool: await bound("pool"),
    vault,
    tranches: { base: await bound("baseTranche"), quote: await bound("quoteTranche") },
    hedger: await bound("hedger"),
    filler: await bound("filler"),
    router: await bound("router"),
    seeded: null,
    strikeAt,
  };
}

/** What the modules so far were given, and those of pool and vault are. */
async function poolParameters(stage: Stage, permit2: Contract): Promise<Record<string, object>> {
  const { market, oracles } = stage;
  const uniswapFactory = await oracles.uniswap.pool.getFunction("factory")();
  const tranche = (side: Side) => ({
    [side]: stage[side].contract.target,
    [`${side}Name`]: `Meniscus ${stage[side].symbol} provider`,
    [`${side}Symbol`]: `m${stage[side].symbol}`,
    [`${side}Terms`]: trancheTerms(side, stage[side].decimals),
  });
  return {
    ...stage.parameters,
    OptionPool: { market, terms: BOOK_TERMS, parameters: POOL_PARAMETERS },
    DeltaHedger: { parameters: HEDGER_PARAMETERS },
    Vault: { ...tranche("base"), ...tranche("quote"), terms: VAULT_TERMS },
    UniswapFiller: { uniswapFactory, fee: UNISWAP_FEE },
    Router: { uniswapFactory, permit2: permit2.target },
  };
}

/** Lists strikes at the expiry nearest to each of {@link TENORS} from `now` that may be listed; gives those listed, rising. */
async function listTenors(
  stage: Stage,
  expiries: readonly number[],
  strikes: readonly bigint[],
  now: number,
): Promise<number[]> {
  const listed: number[] = [];
  for (const tenor of TENORS) {
    const distance = (expiryAt: number) => Math.abs(expiryAt - now - tenor * SECONDS_PER_DAY);
    const nearest = [...expiries].sort((one, other) => distance(one) - distance(other));
    for (const expiryAt of nearest) {
      if (listed.includes(expiryAt) || !(await list(stage, expiryAt, strikes))) continue;
      listed.push(expiryAt);
      break;
    }
  }
  return listed.sort((one, other) => one - other);
}

/** {@link EQUITY} at `spot`, half in each asset, in the assets' own decimals. */
export function seedOf({ base, quote }: Tokens, spot: bigint): { base: bigint; quote: bigint } {
  const half = EQUITY / 2n;
  return {
    base: (half * WAD * 10n ** BigInt(base.decimals)) / spot,
    quote: half * 10n ** BigInt(quote.decimals),
  };
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

/** The vault's first assets and mark at the report that was just posted, and every expiry computed. */
export async function seedAndRefresh(stage: Stage, pool: PoolStage, report: Report): Promise<void> {
  const { base, quote } = seedOf(stage, report.spot);
  const sent = await pool.vault.getFunction("seed")(base, quote);
  pool.seeded = { report, receipt: await sent.wait() };
  await refresh(stage, pool);
}

export async function refresh(
  { market, clearinghouse, deployer }: Stage,
  { book }: PoolStage,
): Promise<void> {
  const expiries: bigint[] = [...(await clearinghouse.getFunction("expiries")(market))];
  await send(book, deployer, "refresh", expiries);
}

/** What the book's words say of its risk. */
export async function readGreeks({ book }: PoolStage): Promise<Greeks> {
  const { risk, funds } = await book.getFunction("read")([]);
  const { vega, gamma, delta } = decodeRisk(risk);
  return {
    vega: fromWad(vega),
    gamma: fromWad(gamma),
    delta: fromWad(delta),
    reserve: fromWad(decodeFunds(funds).reserve),
    potential: fromWad(await book.getFunction("potential")()),
  };
}

/** What the vault holds and has written at its expiries, as of a block; written amounts are negative. */
export async function readPositions(
  { market, clearinghouse }: Pick<Stage, "market"> & { clearinghouse: AnyContract },
  { book, expiries }: { book: AnyContract; expiries: readonly number[] },
  blockTag: number | "latest" = "latest",
): Promise<Leg[]> {
  const legs: Leg[] = [];
  for (const expiryAt of expiries) {
    const read = clearinghouse.getFunction("positions");
    for (const word of (await read(book, market, expiryAt, { blockTag })) as bigint[]) {
      const { strike, call, put } = decodeStrikePosition(word);
      const option = { expiryAt, strike: fromWad(strike) };
      if (call !== 0n) legs.push({ ...option, isPut: false, amount: fromWad(call) });
      if (put !== 0n) legs.push({ ...option, isPut: true, amount: fromWad(put) });
    }
  }
  return legs;
}

/** Why a quote would be refused, in the contracts' own words; null where it would pass. */
export function refusalOf({ refusal, limit }: { refusal: bigint; limit: bigint }): string | null {
  const name = POOL_REFUSALS[Number(refusal)]!;
  if (name === "None") return null;
  return name === "BookLimit" ? BOOK_LIMITS[Number(limit)]! : name;
}

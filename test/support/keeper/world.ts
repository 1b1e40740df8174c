/**
 * A market on a local chain behind a JSON-RPC server, as `meniscus start` deploys it, whose vault is short of delta: what keepers keep going.
 * Blocks are mined by hand, so the chain's clock is the test's.
 */
import { withJournals } from "@meniscus/cli/hardhat/deployment";
import { type LocalChain, loadHardhat, startLocalChain } from "@meniscus/cli/hardhat/localChain";
import { send } from "@meniscus/cli/localMarket/contract";
import { laterReport } from "@meniscus/cli/localMarket/laterReport";
import { addLiquidity } from "@meniscus/cli/localMarket/pool";
import { type Stage, setStage } from "@meniscus/cli/localMarket/stages/clearingStage";
import { type OracleStage, setOracles } from "@meniscus/cli/localMarket/stages/oracleStage";
import { type PoolStage, seedAndRefresh, setPool } from "@meniscus/cli/localMarket/stages/poolStage";
import {
  deploySurface,
  post,
  postSurface,
  type SurfaceOnChain,
} from "@meniscus/cli/localMarket/surfaceOnChain";
import { tauAt } from "@meniscus/sdk/clock";
import type { Report } from "@meniscus/sdk/report";
import { seriesId } from "@meniscus/sdk/series";
import { WAD } from "@meniscus/sdk/wad";
import { MaxUint256 } from "ethers";
import { smileWord } from "../slices.ts";

const START = Date.UTC(2027, 0, 4, 10, 30) / 1000;
export const SPOT = 3000n * WAD;
/** 8 January, a Friday, and 29 January, the last one of the month. */
export const EXPIRIES = [8, 29].map((day) => Date.UTC(2027, 0, day, 8) / 1000);
const VOL = 0.6;
const RHYTHM = 660;
/** Base of liquidity beside what the stage's pool has. */
const DEPTH = 100_000n;

export interface World {
  chain: LocalChain;
  surface: SurfaceOnChain;
  oracles: OracleStage;
  stage: Stage;
  pool: PoolStage;
  first: Report;
  /** Goes back to before the vault was seeded, for good. */
  unseed(): Promise<void>;
  /** The chain's clock. */
  now(): Promise<number>;
  /** A report of now and both feeds at this spot, in their own blocks. */
  report(at: number, spot?: bigint): Promise<Report>;
  close(): Promise<void>;
}

/** Deploys, seeds, and has a trader buy calls. */
export async function openWorld(): Promise<World> {
  const hardhat = await loadHardhat();
  const chain = await startLocalChain(hardhat, { startAt: START - 3600, port: 0 });
  return withJournals(chain, async () => {
    const surface = await deploySurface(hardhat, chain);
    const terms = { currency: "ETH", spot: SPOT };
    const oracles = await setOracles(hardhat, chain, surface, terms);
    const stage = await setStage(hardhat, chain, surface, oracles, terms);
    const pool = await setPool(hardhat, chain, stage, EXPIRIES, SPOT);
    const slices = EXPIRIES.map((expiryAt) => ({
      expiryAt,
      word: smileWord({ vol: VOL, tau: tauAt(expiryAt, START), reportAt: START }),
    }));
    const { report: first } = await postSurface(surface, chain, { reportAt: START, spot: SPOT, slices });
    const now = async () => (await chain.provider.getBlock("latest"))!.timestamp;
    const report = async (at: number, spot = SPOT) => {
      const later = laterReport(first, at, spot);
      await post(surface.volSurface, chain, later);
      return later;
    };
    // A second report proves the slices, a third is what the vault is seeded at.
    await report(START + RHYTHM);
    await renewFeeds(oracles);
    const opening = await report(START + 2 * RHYTHM);
    const unseeded = await chain.provider.send("evm_snapshot", []);
    await seedAndRefresh(stage, pool, opening);
    await deepen(stage);
    await buyCalls(stage, pool, 20n * WAD);
    return {
      ...{ chain, surface, oracles, stage, pool, first, now, report },
      unseed: async () => void (await chain.provider.send("evm_revert", [unseeded])),
      close: () => chain.close(),
    };
  });
}

/** A round of each feed, and the cache with them. */
export async function renewFeeds({ feeds, spotOracle, parameters }: OracleStage, spot = SPOT): Promise<void> {
  const { answer } = await feeds.quote.proxy.getFunction("latestRoundData")();
  const quoteUsd = BigInt(answer) * 10n ** 10n;
  await feeds.quote.transmit(quoteUsd);
  await feeds.base.transmit((spot * quoteUsd) / WAD);
  const { market } = parameters.Oracles as { market: number };
  await (await spotOracle.getFunction("poke")(market)).wait();
}

/** A pool that a hedge moves by less than the auction's bound leaves. */
async function deepen({ base, quote, deployer, oracles }: Stage): Promise<void> {
  const amounts = [
    [base.contract, DEPTH * WAD],
    [quote.contract, (DEPTH * SPOT * 10n ** BigInt(quote.decimals)) / WAD],
  ] as const;
  for (const [token, amount] of amounts) await send(token, deployer, "mint", deployer, 2n * amount);
  await addLiquidity(oracles.uniswap, deployer, amounts);
}

/** The trader buys calls at the money, of the later expiry unless told: the vault is short of delta then. */
export async function buyCalls(
  { quote, deployer, market, clearinghouse }: Stage,
  pool: PoolStage,
  amount: bigint,
  expiryAt = EXPIRIES[1]!,
) {
  const series = seriesId({ market, expiryAt, strike: pool.strikeAt(100n), isPut: false });
  await send(quote.contract, deployer, "mint", deployer, 10n ** 13n);
  await send(quote.contract, deployer, "approve", pool.pool, MaxUint256);
  await send(clearinghouse, deployer, "setOperator", pool.pool, true);
  await send(pool.pool, deployer, "trade", [{ series, amount }], 2n ** 200n, 2n ** 40n, deployer, "0x");
}

/**
 * Where spot and settlement come from on the local chain: two Chainlink feeds with oracles of our own, a Uniswap v3 pool with liquidity
 * and half an hour of history, and both oracles above them.
 */
import {
  AVERAGE_WINDOW,
  FALLBACK_DELAY,
  SPOT_LIMITS,
  SPOT_REASONS,
  settlementFeeds,
  spotFeeds,
} from "@meniscus/sdk/oracles";
import type { Side } from "@meniscus/sdk/sides";
import { WAD } from "@meniscus/sdk/wad";
import { type Contract, type JsonRpcSigner, parseUnits, ZeroAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { deployModule } from "../../hardhat/deployment.ts";
import type { LocalChain } from "../../hardhat/localChain.ts";
import { bind, send } from "../contract.ts";
import { feedParameters, TRANSMITTERS, transmitNext } from "../feed.ts";
import { addLiquidity, approveRouter, averageOf, type PoolContracts, poolParameters, swap } from "../pool.ts";
import type { SurfaceOnChain } from "../surfaceOnChain.ts";
import type { Token, Tokens } from "../tokens.ts";

const FEED_DECIMALS = 8;
/** WAD per unit of a feed of 8 decimals. */
const WAD_PER_ANSWER = WAD / 10n ** BigInt(FEED_DECIMALS);
/** Base units of liquidity in the pool: a hedge of a few of them stays within a basis point or two. */
const DEPTH = 20_000n;
/** USD per quote on the local chain: a stable coin is rarely at one. */
const QUOTE_USD = (9_998n * WAD) / 10_000n;

interface Feed {
  proxy: Contract;
  /** Signs and transmits a round, in USD, WAD. */
  transmit(price: bigint): Promise<void>;
}

/** What a public network has already: tokens, a pool of them, and feeds. */
export interface Sources extends Tokens {
  uniswap: PoolContracts;
  feeds: { base: Feed; quote: Feed };
}

export interface OracleStage extends Sources {
  /** What the modules so far were given. */
  parameters: Record<string, object>;
  spotOracle: Contract;
  settlementOracle: Contract;
}

/** One answer of the spot oracle, and what it is called. */
export interface SpotAnswer {
  question: string;
  low: bigint;
  high: bigint;
  reason: (typeof SPOT_REASONS)[number];
}

async function deployFeed(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  side: string,
): Promise<Feed> {
  const parameters = { LocalFeed: feedParameters(FEED_DECIMALS) };
  const { aggregator, proxy } = await deployModule(hardhat, chain, "LocalFeed", parameters, `feed-${side}`);
  const transmitter = await chain.provider.getSigner(TRANSMITTERS[0]!.address);
  const [own, read] = [await bind(aggregator!, transmitter), await bind(proxy!, transmitter)];
  return { proxy: read, transmit: (price) => transmitNext(own, price / WAD_PER_ANSWER) };
}

/** A pool at `price` quote per base, WAD, that has remembered it for the whole window. */
async function deployPool(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  deployer: JsonRpcSigner,
  { base, quote }: Tokens,
  price: bigint,
): Promise<PoolContracts> {
  const deployed = await deployModule(
    hardhat,
    chain,
    "LocalPool",
    { LocalPool: poolParameters(base, quote, price) },
    "pool",
  );
  const pool: PoolContracts = {
    pool: await bind(deployed.pool!, deployer),
    router: await bind(deployed.router!, deployer),
    manager: await bind(deployed.manager!, deployer),
  };
  const amounts = [
    [base, DEPTH * 10n ** BigInt(base.decimals)],
    [quote, (DEPTH * price * 10n ** BigInt(quote.decimals)) / WAD],
  ] as const;
  for (const [token, amount] of amounts) await send(token.contract, deployer, "mint", deployer, 4n * amount);
  await addLiquidity(
    pool,
    deployer,
    amounts.map(([token, amount]) => [token.contract, amount] as const),
  );
  // A first trade, so that there is an observation to remember, and a window of it.
  await approveRouter(pool, deployer, [base.contract, quote.contract]);
  const sold = await swap(pool, deployer, base.contract, quote.contract, parseUnits("0.01", base.decimals));
  await sold.wait();
  const { timestamp } = (await chain.provider.getBlock("latest"))!;
  await chain.mineBlockAt(timestamp + AVERAGE_WINDOW + 1);
  return pool;
}

/** Deploys what oracles read, at `spot` quote per base, WAD. Takes {@link AVERAGE_WINDOW} of the chain's time. */
export async function setSources(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  { currency, spot }: { currency: string; spot: bigint },
): Promise<Sources> {
  const deployer = await chain.provider.getSigner(0);
  // As their usual tokens have them: WBTC 8.
  const decimals = { base: currency === "BTC" ? 8 : 18, quote: 6 };
  const assets = await deployModule(hardhat, chain, "LocalAssets", {
    LocalAssets: {
      baseSymbol: currency,
      baseDecimals: decimals.base,
      quoteSymbol: "USDC",
      quoteDecimals: decimals.quote,
    },
  });
  const token = async (side: Side, symbol: string): Promise<Token> => ({
    contract: await bind(assets[side]!, deployer),
    symbol,
    decimals: decimals[side],
  });
  const tokens: Tokens = { base: await token("base", currency), quote: await token("quote", "USDC") };
  const pool = await deployPool(hardhat, chain, deployer, tokens, spot);
  const feeds = {
    base: await deployFeed(hardhat, chain, "base"),
    quote: await deployFeed(hardhat, chain, "quote"),
  };
  await feeds.base.transmit((spot * QUOTE_USD) / WAD);
  await feeds.quote.transmit(QUOTE_USD);
  return { ...tokens, uniswap: pool, feeds };
}

/** Deploys {@link setSources}, and above them both oracles for the surface's market, with the Clearinghouse that keeps what settles. */
export async function setOracles(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  { market, parameters }: SurfaceOnChain,
  terms: { currency: string; spot: bigint },
): Promise<OracleStage> {
  const sources = await setSources(hardhat, chain, terms);
  const { feeds, uniswap } = sources;
  const proxies = [feeds.base.proxy.target as string, feeds.quote.proxy.target as string] as const;
  const settlement = settlementFeeds(...proxies);
  const given = {
    ...parameters,
    Clearing: { quote: sources.quote.contract.target, quoteDecimals: sources.quote.decimals },
    Oracles: {
      market,
      settlementBase: settlement.base,
      settlementQuote: settlement.quote,
      fallbackDelay: FALLBACK_DELAY,
      sources: {
        ...spotFeeds(...proxies),
        average: averageOf(uniswap, sources.base, sources.quote, AVERAGE_WINDOW),
        hasSigned: true,
        sequencer: ZeroAddress,
      },
      limits: SPOT_LIMITS,
    },
  };
  const deployer = await chain.provider.getSigner(0);
  const oracles = await deployModule(hardhat, chain, "Oracles", given);
  return {
    ...sources,
    parameters: given,
    spotOracle: await bind(oracles.spotOracle!, deployer),
    settlementOracle: await bind(oracles.settlementOracle!, deployer),
  };
}

/** The three answers about a market, now. */
export async function spotAnswers({ spotOracle }: OracleStage, market: number): Promise<SpotAnswer[]> {
  const reading = await spotOracle.getFunction("read")(market);
  return ["opening", "reducing", "alive"].map((question) => {
    const { low, high, reason } = reading[question];
    return { question, low, high, reason: SPOT_REASONS[Number(reason)]! };
  });
}

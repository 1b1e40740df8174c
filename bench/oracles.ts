/**
 * Gas of the oracles over genuine feeds and a genuine pool. Reads without the transaction's 21,000; fixing as whole transactions.
 */
import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import type { ContractTransactionResponse } from "ethers";
import { deployFeed, deployUptimeFeed } from "../test/support/oracle/chainlink.ts";
import {
  baseFeedOf,
  deploy,
  deployOracles,
  HOUR,
  LIMITS,
  NO_ADDRESS,
  NO_AVERAGE,
  quoteFeedOf,
  USD,
  WAD,
} from "../test/support/oracle/fixture.ts";
import { roundId } from "../test/support/oracle/settlement.ts";
import { deployPool } from "../test/support/oracle/uniswap.ts";
import { deployParts } from "../test/support/pool/fixture.ts";
import { DAY, freshSurface, MARKET, networkHelpers, post, START } from "../test/support/surface.ts";

export interface OracleGas {
  /** The proxied feed alone: what no reader can save. */
  feedAlone: number;
  /** The three answers as a trade that carries a report reads them: feed, cache and signed spot, the surface warm. */
  readInTrade: number;
  /** The same with nothing warm. */
  read: number;
  /** With the sequencer-uptime feed on top. */
  readInTradeLayer2: number;
  poke: number;
  /** Fixing and settling an expiry, in one, where both feeds only have their carry-in round. */
  settle: number;
  /** For each further round. */
  perRound: number;
}

const EXPIRY = Math.floor(START / DAY) * DAY + DAY + 8 * HOUR;
const FEW = 2;
const MANY = 22;

const gasOf = async (sent: Promise<ContractTransactionResponse>): Promise<number> =>
  Number((await (await sent).wait())!.gasUsed);

/** The oracles over genuine feeds and pool, poked. */
async function setUp() {
  const surface = await freshSurface();
  const base = await deployFeed(8, 3000n * USD);
  const quote = await deployFeed(8, USD);
  const oracles = await deployOracles(surface, base.proxy, quote.proxy, await deploy("SettledPrices"));
  const pool = await deployPool(3000, 10_000n * 10n ** 18n);
  const sources = {
    base: baseFeedOf(base.proxy),
    quote: quoteFeedOf(quote.proxy),
    average: pool.average,
    hasSigned: true,
    sequencer: NO_ADDRESS,
  };
  await oracles.spot.setSources!(MARKET, sources, LIMITS);
  await oracles.spot.poke!(MARKET);
  return { ...oracles, sources, baseFeed: base };
}

/** A walk of the whole window in one transaction, with so many rounds of the base feed, and another expiry that stays live. */
async function settleGas(rounds: number): Promise<number> {
  const market = await deployParts();
  const { baseFeed, quoteFeed, settlement, clearinghouse } = market;
  await post(market, { at: (await networkHelpers.time.latest()) + 1, tenors: [25, 88], spot: 3000n * WAD });
  for (const expiryAt of [EXPIRY, EXPIRY + DAY]) await clearinghouse.list!(MARKET, expiryAt, 3000n * WAD, 0);
  await quoteFeed.transmit(USD, EXPIRY - 2 * HOUR);
  await baseFeed.transmit(3000n * USD, EXPIRY - HOUR);
  for (let round = 1; round < rounds; round += 1) {
    await baseFeed.transmit(BigInt(3000 + round) * USD, EXPIRY - 1800 + 50 * round);
  }
  await networkHelpers.time.increaseTo(EXPIRY + ROUND_LAG_SECONDS);
  // 0: the latest, where no other came since the window opened.
  const start = rounds === 1 ? 0 : roundId(1, 2);
  return gasOf(settlement.walk!(MARKET, EXPIRY, start, 0, 100));
}

/** Measures everything. */
export async function measureOracles(): Promise<OracleGas> {
  const [few, many, settle] = [await settleGas(FEW), await settleGas(MANY), await settleGas(1)];
  const oracles = await setUp();
  const { spot, surface, base, baseFeed, sources } = oracles;
  const meter = await deploy("OracleMeter");
  const report = async () =>
    post(oracles, { at: (await networkHelpers.time.latest()) + 1, tenors: [25, 88], spot: 3000n * WAD });
  await report();
  const read = async (name: string, ...parameters: unknown[]) => Number(await meter[name]!(...parameters));
  const [feedAlone, cold, inTrade] = [
    await read("readProxy", base),
    await read("read", spot, MARKET),
    await read("readInTrade", spot, surface, MARKET),
  ];
  const poke = await gasOf(spot.poke!(MARKET));
  const { feed } = await deployUptimeFeed([spot]);
  await spot.setSources!(MARKET, { ...sources, average: NO_AVERAGE, sequencer: feed.target }, LIMITS);
  await spot.poke!(MARKET);
  // A round from before the sequencer's return is late.
  await baseFeed.transmit(3000n * USD);
  await report();
  return {
    feedAlone,
    readInTrade: inTrade,
    read: cold,
    readInTradeLayer2: await read("readInTrade", spot, surface, MARKET),
    poke,
    settle,
    perRound: (many - few) / (MANY - FEW),
  };
}

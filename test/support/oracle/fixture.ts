/** Both oracles above a surface, with feeds written by the test. Genuine feeds and pool: chainlink.ts, uniswap.ts. */
import { NO_AVERAGE, SPOT_LIMITS, SPOT_REASONS, settlementFeeds, spotFeeds } from "@meniscus/sdk/oracles";
import {
  type AnyContract,
  ethers,
  freshSurface,
  MARKET,
  networkHelpers,
  post,
  type Fixture as SurfaceFixture,
} from "../surface.ts";

export const WAD = 10n ** 18n;
export const HOUR = 3600;
export const USD = 10n ** 8n;

export const REASONS = SPOT_REASONS;
export const LIMITS = SPOT_LIMITS;
export { NO_AVERAGE };
export const NO_ADDRESS = NO_AVERAGE.pool;

/** ETH/USD and USDC/USD as they are proposed to be registered. */
export const baseFeedOf = (proxy: AnyContract) => spotFeeds(proxy.target, proxy.target).base;
export const quoteFeedOf = (proxy: AnyContract) => spotFeeds(proxy.target, proxy.target).quote;

/** A market's sources over two feeds: the signed spot too, neither pool nor sequencer, but for `changes`. */
export const sourcesOf = (base: AnyContract, quote: AnyContract, changes: object = {}) => ({
  base: baseFeedOf(base),
  quote: quoteFeedOf(quote),
  average: NO_AVERAGE,
  hasSigned: true,
  sequencer: NO_ADDRESS,
  ...changes,
});

/** The same for settlement. */
export const settlementFeedOf = (proxy: AnyContract, maxSilence: number) => ({
  ...settlementFeeds(proxy.target, proxy.target).base,
  maxSilence,
});

export async function deploy(name: string, ...parameters: unknown[]): Promise<AnyContract> {
  return (await ethers.deployContract(name, parameters)) as unknown as AnyContract;
}

/** The average of a scripted pool at 3000, of base, 18 decimals and its first token, and quote, 6. */
export async function scriptedAverage() {
  const [base, quote] = [await deploy("TestToken", 18), await deploy("TestToken", 6)];
  const pool = await deploy("ScriptedPool", base, quote);
  await pool.setTick!(-196_256);
  return { pool, window: 1800, baseIsToken0: true, baseDecimals: 18, quoteDecimals: 6 };
}

export interface Oracles extends SurfaceFixture {
  spot: AnyContract;
  settlement: AnyContract;
  /** Keeps settlement prices. */
  clearinghouse: AnyContract;
  base: AnyContract;
  quote: AnyContract;
}

/** Both oracles of a market over two scripted feeds of 8 decimals at 3000 and 1 USD, poked. */
export async function deployScripted(): Promise<Oracles> {
  const surface = await freshSurface();
  const base = await deploy("ScriptedFeed", 8, 3000n * USD);
  const quote = await deploy("ScriptedFeed", 8, USD);
  return deployOracles(surface, base, quote, await deploy("SettledPrices"));
}

/** The oracles above two feeds; `clearinghouse`: the genuine one, or what keeps prices in its place. */
export async function deployOracles(
  surface: SurfaceFixture,
  base: AnyContract,
  quote: AnyContract,
  clearinghouse: AnyContract,
): Promise<Oracles> {
  const spot = await deploy("SpotOracle", surface.control, surface.surface);
  const settlement = await deploy("SettlementOracle", surface.control, surface.surface, clearinghouse);
  if ("serve" in clearinghouse) await clearinghouse.serve!(settlement);
  await settlement.setFeeds!(
    MARKET,
    settlementFeedOf(base, 3 * HOUR),
    settlementFeedOf(quote, 26 * HOUR),
    25 * HOUR,
  );
  await spot.setSources!(MARKET, sourcesOf(base, quote), LIMITS);
  await spot.poke!(MARKET);
  return { ...surface, spot, settlement, clearinghouse, base, quote };
}

/** {@link deployScripted} above the surface's fixture, anew for every test: a fixture within a fixture loses its snapshot. */
export const scripted = deployScripted;

/** Time of the latest block. */
export const now = () => networkHelpers.time.latest();

/** Gives a scripted feed one round, of now where no time is named. */
export async function set(feed: AnyContract, answer: bigint, at?: number): Promise<void> {
  await feed.load!([[[answer, at ?? (await now())]]], [8]);
}

/** Posts a report of this spot in the next second. */
export async function signedSpot(oracles: Oracles, spot: bigint): Promise<void> {
  await post(oracles, { at: (await now()) + 1, tenors: [25, 88], spot });
}

export interface Answer {
  low: bigint;
  high: bigint;
  reason: (typeof REASONS)[number];
  deviation: bigint;
  observedAt: number;
}

/** The three answers, reasons by name. */
export async function answers(spot: AnyContract): Promise<Record<"opening" | "reducing" | "alive", Answer>> {
  const reading = await spot.read!(MARKET);
  const answer = (name: string): Answer => ({
    low: reading[name].low,
    high: reading[name].high,
    reason: REASONS[Number(reading[name].reason)]!,
    deviation: reading[name].deviation,
    observedAt: Number(reading[name].observedAt),
  });
  return { opening: answer("opening"), reducing: answer("reducing"), alive: answer("alive") };
}

/** The three reasons. */
export async function reasons(spot: AnyContract): Promise<string[]> {
  const { opening, reducing, alive } = await answers(spot);
  return [opening.reason, reducing.reason, alive.reason];
}

/** What runs beside the traders: signers, arbitrageur, feeds, hedger, settlement and the end of an epoch. */
import { hedgeOrder } from "@meniscus/keeper/order";
import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { encodeReport, type Report } from "@meniscus/sdk/report";
import { HEDGE_OBSTACLES, type HedgeObstacle } from "@meniscus/sdk/vault/hedge";
import { fromWad, WAD } from "@meniscus/sdk/wad";
import { concat, isError, type Result } from "ethers";
import { eventsOf } from "../../localMarket/contract.ts";
import { moveTo } from "../../localMarket/pool.ts";
import type { Session } from "../../localMarket/session.ts";
import { carried } from "../../localMarket/surfaceOnChain.ts";
import type { Clockwork, Receipt } from "./clockwork.ts";

/** Rounds of the feed before an expiry, seconds; the first is in force when the window of the average opens. */
const ROUNDS = [2400, 1800, 1500, 1200, 900, 600, 300, 60];
const ENOUGH = 50;
/** Seconds from the auction's opening to each try of the keeper who fills it on Uniswap; at 300 the price is at its bound. */
const TRIES = [170, 210, 250, 290, 320];
const QUOTE_USD = (9_998n * WAD) / 10_000n;

export interface Playing extends Session {
  clock: Clockwork;
}

/** Posts a report, signed by all three, in the next block. */
export async function postReport(playing: Playing, report: Report): Promise<void> {
  const { clock, surface, stage } = playing;
  const { volSurface } = surface;
  const { selector } = volSurface.interface.getFunction("postIfNewer")!;
  await clock.sendData(volSurface, stage.deployer, concat([selector, await carried(volSurface, report)]));
}

/** Who keeps Uniswap at spot and fills auctions: the customer of the story that trades no options here. */
const keeperOf = ({ accounts }: Playing) => accounts.insurer;

/** Moves the Uniswap pool and both feeds to `spot`, quote per base, WAD. */
export async function moveSpot(playing: Playing, spot: bigint): Promise<void> {
  const { clock, stage } = playing;
  const { uniswap, feeds } = stage.oracles;
  await clock.tick();
  await moveTo(uniswap, keeperOf(playing), stage.base, stage.quote, spot);
  await transmit(clock, feeds.quote, QUOTE_USD);
  await transmit(clock, feeds.base, (spot * QUOTE_USD) / WAD);
}

async function transmit(
  clock: Clockwork,
  feed: { transmit(price: bigint): Promise<void> },
  price: bigint,
): Promise<void> {
  await clock.tick();
  await feed.transmit(price);
}

/** All live expiries of the book, recomputed. */
export async function refreshBook({ clock, stage, pool }: Playing): Promise<void> {
  const live: bigint[] = [...(await stage.clearinghouse.getFunction("expiries")(stage.market))];
  await clock.send(pool.book, stage.deployer, "refresh", live);
}

export interface Hedged {
  base: number;
  price: number;
  spot: number;
  cost: number;
}

/** What became of a hedge: filled, nobody found it worth it, or none was to be made. */
export type HedgeOutcome = Hedged | "missed" | HedgeObstacle;

/** Auctions what is outside the band; a keeper fills it on Uniswap as soon as that pays him. `reportAt` gives the report of a time. */
export async function hedge(playing: Playing, reportAt: (at: number) => Report): Promise<HedgeOutcome> {
  const { clock, stage, pool } = playing;
  const keeper = keeperOf(playing);
  const plan = await pool.hedger.getFunction("plan")();
  const obstacle = HEDGE_OBSTACLES[Number(plan.obstacle)]!;
  if (obstacle !== "None") return obstacle;
  await clock.send(pool.hedger, keeper, "open");
  const openedAt = clock.now();
  const order = hedgeOrder(plan, {
    minimumProfit: 1n,
    receiver: keeper.address,
    report: "0x",
    decimals: { base: stage.base.decimals, quote: stage.quote.decimals },
  });
  for (const seconds of TRIES) {
    clock.at(openedAt + seconds);
    await postReport(playing, reportAt(openedAt + seconds));
    try {
      const { logs } = await clock.send(pool.filler, keeper, "fill", order);
      return hedgedOf(eventsOf(pool.hedger, logs).find(({ name }) => name === "Hedged")!.args);
    } catch (error) {
      if (!isRevert(error)) throw error;
    }
  }
  return "missed";
}

/** Of a call, by ethers' word; of a transaction, by the node's. */
export const isRevert = (error: unknown): boolean =>
  isError(error, "CALL_EXCEPTION") || (error instanceof Error && /revert/i.test(error.message));

const hedgedOf = ({ base, price, spot, cost }: Result): Hedged => ({
  base: fromWad(base),
  price: fromWad(price),
  spot: fromWad(spot),
  cost: fromWad(cost),
});

/** The feeds bring the rounds of an expiry, it passes, and somebody walks them. `priceAt`: quote per base, WAD. */
export async function settle(
  playing: Playing,
  expiryAt: number,
  priceAt: (at: number) => bigint,
): Promise<void> {
  const { clock, stage, accounts } = playing;
  const { feeds, settlementOracle } = stage.oracles;
  const starts: bigint[] = [];
  for (const before of ROUNDS) {
    clock.at(expiryAt - before);
    if (before === ROUNDS[0]) await transmit(clock, feeds.quote, QUOTE_USD);
    await transmit(clock, feeds.base, (priceAt(expiryAt - before) * QUOTE_USD) / WAD);
    starts.push((await feeds.base.proxy.getFunction("latestRoundData")()).roundId);
  }
  const { roundId: quoteStart } = await feeds.quote.proxy.getFunction("latestRoundData")();
  clock.at(expiryAt + ROUND_LAG_SECONDS);
  const walk = [stage.market, expiryAt, starts[0], quoteStart, ENOUGH];
  await clock.send(settlementOracle, accounts.trader, "walk", ...walk);
}

/** Ends the epoch at the report that was just posted. */
export async function closeEpoch(
  { clock, pool, stage }: Playing,
  report: Report,
): Promise<{ receipt: Receipt; result: Result }> {
  const receipt = await clock.send(pool.vault, stage.deployer, "closeEpoch", encodeReport(report));
  const closed = eventsOf(pool.vault, receipt.logs).find(({ name }) => name === "EpochClosed")!;
  return { receipt, result: closed.args.result };
}

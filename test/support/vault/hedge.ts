/** A market whose book can be hedged: a genuine Uniswap v3 pool of its base and quote, the filler over it, and a filler with money of its own. */
import { HEDGE_OBSTACLES, HEDGER_PARAMETERS, type HedgeObstacle } from "@meniscus/sdk/vault/hedge";
import { expect } from "chai";
import { AbiCoder, type TransactionReceipt } from "ethers";
import { deploy } from "../oracle/fixture.ts";
import { deployPool, type Pool } from "../oracle/uniswap.ts";
import {
  type AnyContract,
  as,
  ethers,
  leg,
  type Market,
  networkHelpers,
  openMarket,
  post,
  refreshAll,
  trade,
  USD,
  WAD,
} from "../pool/fixture.ts";
import { renewFeeds } from "../pool/situations.ts";
import { eventsOf } from "../pool/words.ts";
import { surfaceLoads } from "../surface.ts";
import { tenorsAt } from "./market.ts";

export { HEDGER_PARAMETERS };

export const NO_LIMIT_BUYING = 0n;
export const NO_LIMIT_SELLING = 2n ** 256n - 1n;
export const ALL = 2n ** 255n - 1n;
export const PPM = 1_000_000n;

export interface HedgeMarket extends Market {
  uniswap: Pool;
  filler: AnyContract;
  own: AnyContract;
}

/** The market of the pool's tests with a Uniswap pool of `depth` base at spot, both fillers, a young report and a refreshed book. */
export async function openHedgeMarket(depth = 20_000n * WAD, market?: Market): Promise<HedgeMarket> {
  const base = market ?? (await openMarket());
  const { baseToken, quoteToken, hedger, clearinghouse, surface } = base;
  const uniswap = await deployPool(3000, depth, [baseToken, quoteToken]);
  const filler = await deploy("UniswapFiller", hedger, clearinghouse, surface, uniswap.factory, 500);
  const own = await deploy("TestFiller", hedger);
  await baseToken.mint!(own, 100_000n * WAD);
  await quoteToken.mint!(own, 10n ** 15n);
  const hedge = { ...base, uniswap, filler, own };
  await renewFeeds(hedge, (await networkHelpers.time.latest()) + 1);
  await renew(hedge);
  return hedge;
}

let loaded: { market: HedgeMarket; loads: number; restore: () => Promise<void> } | undefined;

/** {@link openHedgeMarket} with its defaults, made once and restored for every test. */
export async function readyToHedge(): Promise<HedgeMarket> {
  if (loaded?.loads === surfaceLoads()) {
    await loaded.restore();
  } else {
    const market = await openHedgeMarket();
    const snapshot = await networkHelpers.takeSnapshot();
    loaded = { market, loads: surfaceLoads(), restore: () => snapshot.restore() };
  }
  await networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + 1);
  return loaded.market;
}

/** The next block a second after the last, however long the machine takes: a report must not age by it. */
export const tick = async (): Promise<void> =>
  networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + 1);

/** A report of now at `spot`, and the whole book refreshed a second later: both six seconds old in the next block. */
export async function renew(market: Market, spot = 3000, vol = 0.6, tenors?: number[]): Promise<void> {
  const at = (await networkHelpers.time.latest()) + 1;
  await post(market, { at, vol, spot: toWad(spot), tenors: tenors ?? tenorsAt(at) });
  await tick();
  await refreshAll(market);
}

/** The trader buys options (or sells what he has), and the book is looked at anew. */
export async function traded(market: Market, series: bigint, amount: number): Promise<void> {
  await tick();
  await trade(market, market.trader, [leg(series, amount)]);
  await tick();
  await networkHelpers.mine();
  await renew(market);
}

/** The book's account: base and what is locked of it, quote and what is locked of it. */
export async function accountOf({ clearinghouse, book, baseToken, quoteToken }: Market): Promise<bigint[]> {
  const pairs = await Promise.all(
    [baseToken, quoteToken].map((token) => clearinghouse.collateral!(book, token)),
  );
  return pairs.flatMap((pair) => [...pair]);
}

/** The feeds at another price and a report with them. */
export async function gapTo(market: Market, spot: number): Promise<void> {
  const now = await networkHelpers.time.latest();
  await market.baseFeed.transmit((toWad(spot) * USD) / WAD, now + 1);
  await market.quoteFeed.transmit(USD, now + 2);
  await market.spot.poke!(1);
  await renew(market, spot);
}

export const toWad = (value: number): bigint => (BigInt(Math.round(value * 1e9)) * WAD) / 10n ** 9n;

export interface Plan {
  obstacle: HedgeObstacle;
  delta: bigint;
  band: bigint;
  amount: bigint;
  minimum: bigint;
  spot: bigint;
  price: bigint;
  bound: bigint;
  openedAt: number;
  isPastLossCap: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: what ethers gives back of a struct
const planFrom = (plan: any): Plan => ({
  ...plan.toObject(),
  obstacle: HEDGE_OBSTACLES[Number(plan.obstacle)]!,
  openedAt: Number(plan.openedAt),
});

/** The plan in the next block, which is `at` that time or a second after the last. */
export async function planAt({ hedger }: Market, at?: number): Promise<Plan> {
  await networkHelpers.time.setNextBlockTimestamp(at ?? (await networkHelpers.time.latest()) + 1);
  return planFrom(await hedger.plan!.staticCall({ blockTag: "pending" }));
}

/** H4: the plan, and in the same state a fill of all of it on either side, which succeeds if and only if the plan says so. */
export async function expectPlanIsTrue(market: HedgeMarket, at?: number): Promise<Plan> {
  await networkHelpers.time.setNextBlockTimestamp(at ?? (await networkHelpers.time.latest()) + 1);
  const found = await market.own.probe!.staticCall({ blockTag: "pending" });
  const plan = planFrom(found.plan);
  const refused = (why: string) => market.hedger.interface.parseError(why);
  if (plan.obstacle === "None") {
    expect(found.filled[0], "the other side").to.equal(false);
    expect(refused(found.why[0])!.name).to.equal("Hedger_AmountInvalid");
    expect(found.filled[1], `a plan that is none: ${found.why[1]}`).to.equal(true);
    const base = (found.base as bigint) * market.scale.base;
    const quote = (found.quote as bigint) * market.scale.quote;
    expect(base).to.equal(plan.amount);
    const worth = plan.amount * plan.price;
    // Out of the account rounded down, into it up, by less than a unit of quote.
    expect(quote * WAD + worth).to.be.within(0n, 10n ** 12n * WAD);
  } else {
    expect(plan.amount).to.equal(0n);
    for (const why of found.why) {
      const error = refused(why)!;
      expect([error.name, HEDGE_OBSTACLES[Number(error.args[0])]]).to.deep.equal([
        "Hedger_Refused",
        plan.obstacle,
      ]);
    }
  }
  return plan;
}

/** What a fill's receipt tells. */
export interface Hedged {
  base: bigint;
  quote: bigint;
  price: bigint;
  spot: bigint;
  cost: bigint;
  deltaBefore: bigint;
  deltaAfter: bigint;
}

export function hedgedOf({ hedger }: Market, receipt: TransactionReceipt): Hedged {
  const event = eventsOf(hedger, receipt).find(({ name }) => name === "Hedged");
  return event!.args.toObject() as unknown as Hedged;
}

/** A fill of up to `amount` by the filler with money of its own. */
export async function fill(market: HedgeMarket, amount: bigint): Promise<Hedged> {
  const limit = amount > 0n ? NO_LIMIT_BUYING : NO_LIMIT_SELLING;
  await tick();
  const sent = await market.own.fill!(amount, limit, market.own);
  return hedgedOf(market, (await sent.wait()) as TransactionReceipt);
}

/** A fill through Uniswap, by the trader, who gets the profit. */
export async function fillOnUniswap(market: HedgeMarket, amount: bigint, minimumProfit = 0n, report = "0x") {
  const order = { amount, minimumProfit, receiver: market.trader, report };
  await tick();
  const sent = await as(market.trader, market.filler).fill!(order);
  const receipt = (await sent.wait()) as TransactionReceipt;
  const paidIn = amount > 0n ? market.quoteToken : market.baseToken;
  const paid = eventsOf(paidIn, receipt).at(-1)!.args;
  const profit: bigint = paid[0] === market.filler.target && paid[1] === market.trader.address ? paid[2] : 0n;
  return { ...hedgedOf(market, receipt), profit, receipt };
}

/** Lets the clock go to its end, with a report and a refresh after it. */
export async function waitForBound(market: HedgeMarket, spot = 3000): Promise<Plan> {
  await tick();
  await market.hedger.open!();
  await networkHelpers.time.increase(HEDGER_PARAMETERS.duration);
  await renew(market, spot);
  return planAt(market);
}

export const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
export const coder = AbiCoder.defaultAbiCoder();
export { ethers };

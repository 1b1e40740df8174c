/** Situations in which a pool refuses, made by what makes them in life, and what must hold in each. */
import { SLICE_STATUSES } from "@meniscus/sdk/pool/terms";
import { expect } from "chai";
import type { TransactionReceipt } from "ethers";
import { LIMITS, REASONS, scriptedAverage, sourcesOf } from "../oracle/fixture.ts";
import {
  type Account,
  as,
  call,
  DEADLINE,
  ethers,
  expiryIn,
  LIMITS_OF_BOOK,
  leg,
  MARKET,
  type Market,
  NO_LIMIT,
  networkHelpers,
  put,
  REFUSALS,
  ready,
  trade,
  USD,
} from "./fixture.ts";
import { eventsOf, readBook } from "./words.ts";

export const FAR = expiryIn(88);
/** Series of both sides, at the money and away from it, near and far. */
export const HELD = [
  ...[2400, 3000, 3800].map((strike) => call(strike)),
  ...[2400, 3000, 3800].map((strike) => put(strike)),
  ...[call(3000, FAR), put(3000, FAR)],
];

/** A market whose trader has bought three of each of {@link HELD}. */
export async function holding(): Promise<Market> {
  const market = await ready();
  for (const series of HELD) await trade(market, market.trader, [leg(series, 3)]);
  return market;
}

export interface Legs extends ReadonlyArray<{ series: bigint; amount: bigint }> {}

export interface Expected {
  refusal: (typeof REFUSALS)[number];
  spotReason?: (typeof REASONS)[number];
  sliceStatus?: (typeof SLICE_STATUSES)[number];
  limit?: (typeof LIMITS_OF_BOOK)[number];
}

/** The quote in the next block, which is `at` that time or a second after the last. */
export async function quoteAt(market: Market, legs: Legs, at?: number) {
  await networkHelpers.time.setNextBlockTimestamp(at ?? (await networkHelpers.time.latest()) + 1);
  return market.pool.quote!.staticCall([...legs], { blockTag: "pending" });
}

/** Expects the quote to name the refusal with its details, and the trade to revert with the same. */
export async function expectRefused(market: Market, legs: Legs, expected: Expected, at?: number) {
  const quoted = await quoteAt(market, legs, at);
  const named: Expected = { refusal: REFUSALS[Number(quoted.refusal)]! };
  if (quoted.spotReason !== 0n) named.spotReason = REASONS[Number(quoted.spotReason)]!;
  if (quoted.sliceStatus !== 0n) named.sliceStatus = SLICE_STATUSES[Number(quoted.sliceStatus)]!;
  if (quoted.limit !== 0n) named.limit = LIMITS_OF_BOOK[Number(quoted.limit)]!;
  expect(named).to.deep.equal(expected);
  const attempt = as(market.trader, market.pool).trade!([...legs], NO_LIMIT, DEADLINE, market.trader, "0x");
  // What is not listed and what is beyond the book's limits is refused by those who keep them.
  if (expected.refusal === "SeriesNotListed") await expect(attempt).to.be.revert(ethers);
  else if (expected.refusal === "BookLimit")
    await expect(attempt)
      .to.be.revertedWithCustomError(market.book, "Book_LimitExceeded")
      .withArgs(quoted.limit);
  else
    await expect(attempt)
      .to.be.revertedWithCustomError(market.pool, "Pool_Refused")
      .withArgs(quoted.refusal, quoted.spotReason, quoted.sliceStatus, quoted.limit);
  await networkHelpers.mine(); // A refused transaction is never sent, so that time stands still.
}

/** What a trade took or gave, out of its receipt. */
export function tradedOf(market: Market, receipt: TransactionReceipt) {
  const { premium, baseProceeds, isFloor, parts } = eventsOf(market.pool, receipt).find(
    ({ name }) => name === "Traded",
  )!.args;
  return {
    cost: premium as bigint,
    baseProceeds: baseProceeds as bigint,
    isFloor: isFloor as boolean,
    parts,
  };
}

/** Sells back all of each series that `account` holds, one by one. */
export async function sellBack(market: Market, account: Account, series: readonly bigint[]) {
  const sold = [];
  for (const one of series) {
    const amount: bigint = await market.clearinghouse.balanceOf!(account, one);
    expect(amount, "something to sell").to.be.greaterThan(0n);
    sold.push(tradedOf(market, await trade(market, account, [{ series: one, amount: -amount }])));
  }
  return sold;
}

/** New rounds of both feeds and the cache renewed, from `at` on. */
export async function renewFeeds(market: Market, at: number, price = 3000n * USD) {
  await market.baseFeed.transmit(price, at);
  await market.quoteFeed.transmit(USD, at + 1);
  await networkHelpers.time.setNextBlockTimestamp(at + 2);
  await market.spot.poke!(MARKET);
}

/** Names a pool as a third source of spot, beside `others`, and returns what sets its average in dollars, and pokes but where told not to. */
export async function withAverage(
  market: Market,
  others: object = {},
): Promise<(dollars: number, pokes?: boolean) => Promise<void>> {
  const average = await scriptedAverage();
  const sources = sourcesOf(market.baseFeed.proxy, market.quoteFeed.proxy, { average, ...others });
  const setTo = async (dollars: number, pokes = true) => {
    await average.pool.setTick!(Math.round(Math.log(dollars * 1e-12) / Math.log(1.0001)));
    if (pokes) await market.spot.poke!(MARKET);
  };
  await market.spot.setSources!(MARKET, sources, LIMITS);
  return setTo;
}

/** Pending withdrawals of both sides, WAD, told by the tranches as shares of one unit each. */
export async function pend(market: Market, base: bigint, quote: bigint): Promise<void> {
  const { claimBase, claimQuote } = await readBook(market);
  // A supply by which, with its virtual shares, a share is worth a unit.
  await as(market.baseTranche, market.book).setPending!(0, base, claimBase - 1000n);
  await as(market.quoteTranche, market.book).setPending!(1, quote, claimQuote - 1000n);
}

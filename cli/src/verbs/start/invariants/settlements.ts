/** Expiries that are settled, as the feeds' rounds and the Clearinghouse's events tell of them. */
import { SETTLEMENT_WINDOW_SECONDS } from "@meniscus/sdk/clock";
import { seriesOfId } from "@meniscus/sdk/series";
import { WAD } from "@meniscus/sdk/wad";
import type { Contract, LogDescription } from "ethers";
import type { Session } from "../../../localMarket/session.ts";

export interface Settlement {
  expiryAt: number;
  /** As stored, and as the rounds give it, WAD. */
  price: bigint;
  average: bigint;
  /** What holders were paid, and what accounts' balances rose by (they fall where these owed), in the tokens' units. */
  redeemed: { base: bigint; quote: bigint };
  realized: { base: bigint; quote: bigint };
  payments: bigint;
  /** Tokens that nobody has redeemed; what is locked; positions that stand. */
  supply: bigint;
  stillLocked: bigint;
  openPositions: number;
}

export async function settlementsOf(
  { stage }: Session,
  events: readonly LogDescription[],
  accounts: readonly string[],
): Promise<Settlement[]> {
  const { market, clearinghouse, oracles } = stage;
  const named = (name: string) => events.filter((event) => event.name === name).map(({ args }) => args);
  const call = (method: string, ...values: unknown[]) => clearinghouse.getFunction(method)(...values);
  const settlements: Settlement[] = [];
  for (const { expiryAt: at, price } of named("Settled")) {
    const expiryAt = Number(at);
    const paid = named("Redeemed").filter(({ series }) => seriesOfId(series).expiryAt === expiryAt);
    const realized = named("Realized").filter((args) => Number(args.expiryAt) === expiryAt);
    const redeemed = (isPut: boolean): bigint =>
      paid.reduce((all, { series, assets }) => (seriesOfId(series).isPut === isPut ? all + assets : all), 0n);
    const ids = new Set(named("PositionMoved").map(({ series }): bigint => series));
    let supply = 0n;
    for (const id of ids) if (seriesOfId(id).expiryAt === expiryAt) supply += await call("totalSupply", id);
    let [stillLocked, openPositions] = [0n, 0];
    for (const account of accounts) {
      const { baseAssets, quoteAssets } = await call("coverage", account, market, expiryAt);
      stillLocked += baseAssets + quoteAssets;
      openPositions += (await call("positions", account, market, expiryAt)).length;
    }
    const [base, quote] = [
      await integralOf(oracles.feeds.base.proxy, expiryAt),
      await integralOf(oracles.feeds.quote.proxy, expiryAt),
    ];
    settlements.push({
      expiryAt,
      price,
      average: (base * WAD) / quote,
      redeemed: { base: redeemed(false), quote: redeemed(true) },
      realized: {
        base: realized.reduce((all, { baseAssets }) => all + baseAssets, 0n),
        quote: realized.reduce((all, { quoteAssets }) => all + quoteAssets, 0n),
      },
      payments: BigInt(paid.length + realized.length),
      supply,
      stillLocked,
      openPositions,
    });
  }
  return settlements;
}

/** Answer times seconds over the window, from the feed's rounds backwards. */
async function integralOf(proxy: Contract, expiryAt: number): Promise<bigint> {
  let { roundId, answer, updatedAt } = await proxy.getFunction("latestRoundData")();
  let [until, integral] = [BigInt(expiryAt), 0n];
  const opens = BigInt(expiryAt - SETTLEMENT_WINDOW_SECONDS);
  while (until > opens) {
    const from = updatedAt > opens ? updatedAt : opens;
    if (from < until) {
      integral += answer * (until - from);
      until = from;
    }
    if (updatedAt <= opens) break;
    ({ answer, updatedAt } = await proxy.getFunction("getRoundData")(--roundId));
  }
  return integral;
}

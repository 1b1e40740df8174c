/** How an expiry settles on the local chain: the feeds bring rounds, the expiry passes, and whoever comes walks them. */
import { isoTime, ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { seriesId } from "@meniscus/sdk/series";
import { WAD } from "@meniscus/sdk/wad";
import { formatUnits } from "ethers";
import type { LocalChain } from "../../../hardhat/localChain.ts";
import { send } from "../../../localMarket/contract.ts";
import type { Session } from "../../../localMarket/session.ts";
import type { Stage } from "../../../localMarket/stages/clearingStage.ts";

/** Rounds of the base feed: seconds before the expiry, and ten-thousandths of spot. The first is in force when the window opens. */
const ROUNDS = [
  [2400, 10_000n],
  [1200, 10_040n],
  [600, 9_970n],
  [120, 10_010n],
] as const;
const ENOUGH = 50;

/** An expiry must be so far ahead, seconds, that its rounds can be brought. */
export const LEAD = 3600;

/** Brings the rounds, lets the expiry pass, and walks them; a line for each thing that happened. */
export async function settleExpiry(
  { market, clearinghouse, oracles: { feeds, settlementOracle }, dealer }: Stage,
  chain: LocalChain,
  { expiryAt, spot }: { expiryAt: number; spot: bigint },
): Promise<string[]> {
  await chain.mineBlockAt(expiryAt - LEAD);
  const { answer: quoteAnswer } = await feeds.quote.proxy.getFunction("latestRoundData")();
  const quoteUsd = BigInt(quoteAnswer) * 10n ** 10n;
  await feeds.quote.transmit(quoteUsd);
  const starts: bigint[] = [];
  const told: string[] = [];
  for (const [before, tenThousandths] of ROUNDS) {
    await chain.mineBlockAt(expiryAt - before - 1);
    await feeds.base.transmit((((spot * tenThousandths) / 10_000n) * quoteUsd) / WAD);
    const { roundId, answer, updatedAt } = await feeds.base.proxy.getFunction("latestRoundData")();
    starts.push(roundId);
    told.push(
      `${Number(formatUnits(answer, 8)).toFixed(2)} from ${isoTime(Number(updatedAt)).slice(11, 19)}`,
    );
  }
  const { roundId: quoteStart } = await feeds.quote.proxy.getFunction("latestRoundData")();
  await chain.mineBlockAt(expiryAt + ROUND_LAG_SECONDS);
  await send(settlementOracle, dealer, "walk", market, expiryAt, starts[0], quoteStart, ENOUGH);
  const price: bigint = await clearinghouse.getFunction("settlementPrice")(market, expiryAt);
  return [
    `the feed's rounds, in USD: ${told.join(", ")}; USDC at ${formatUnits(quoteUsd)}`,
    `expiry passes; their average over the last 30 minutes settles it at ${Number(formatUnits(price)).toFixed(4)} USDC`,
  ];
}

/** Customers of the pool redeem what they hold of a settled expiry and realize what they wrote, and one of them the vault's. */
export async function leaveExpiry({ stage, pool, accounts }: Session, expiryAt: number): Promise<void> {
  const { market, clearinghouse } = stage;
  const strikes: bigint[] = [...(await clearinghouse.getFunction("strikes")(market, expiryAt))];
  for (const account of Object.values(accounts)) {
    for (const strike of strikes.filter((each) => each > 0n)) {
      for (const isPut of [false, true]) {
        const id = seriesId({ market, expiryAt, strike, isPut });
        const held: bigint = await clearinghouse.getFunction("balanceOf")(account, id);
        if (held > 0n) await send(clearinghouse, account, "redeem", id, held, account, account);
      }
    }
    await send(clearinghouse, account, "realize", account, market, expiryAt);
  }
  await send(pool.book, accounts.trader, "realize", expiryAt);
}

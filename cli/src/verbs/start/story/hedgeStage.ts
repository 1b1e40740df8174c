/** The vault's delta, auctioned: a report each minute, and whoever finds the price good enough on Uniswap fills. */

import { hedgeOrder } from "@meniscus/keeper/order";
import { isoTime } from "@meniscus/sdk/clock";
import type { Report } from "@meniscus/sdk/report";
import { HEDGE_OBSTACLES, type HedgeObstacle } from "@meniscus/sdk/vault/hedge";
import { fromWad, WAD } from "@meniscus/sdk/wad";
import { isError, type TransactionReceipt } from "ethers";
import type { HedgeSummary } from "../../../json/summary.ts";
import { eventsOf, send } from "../../../localMarket/contract.ts";
import { laterReport } from "../../../localMarket/laterReport.ts";
import { priceOf } from "../../../localMarket/pool.ts";
import type { Session } from "../../../localMarket/session.ts";
import { refresh } from "../../../localMarket/stages/poolStage.ts";
import { carried, post } from "../../../localMarket/surfaceOnChain.ts";

const MINUTE = 60;
/** The auction runs five minutes; then its price is at its bound. */
const MOST_STEPS = 7;

/** Why nothing was hedged: the hedger would not, or nobody could fill at the bound. */
export type Unhedged = Exclude<HedgeObstacle, "None"> | "Unfilled";

/** Hedges to the band's edge, from the minute after the last block on. */
export async function hedge(session: Session, first: Report): Promise<HedgeSummary | Unhedged> {
  const { chain, stage, pool, surface, accounts } = session;
  const { oracles } = stage;
  let at = (await chain.provider.getBlock("latest"))!.timestamp;
  const next = async () => {
    at += MINUTE;
    // Whoever trades on Uniswap sees its price; the signers' is the same by then.
    const spot = BigInt(Math.round((await priceOf(oracles.uniswap, stage.base, stage.quote)) * 1e6));
    return laterReport(first, at, (spot * WAD) / 1_000_000n);
  };
  await post(surface.volSurface, chain, await next());
  await refresh(stage, pool);
  const plan = await pool.hedger.getFunction("plan")();
  const obstacle = HEDGE_OBSTACLES[Number(plan.obstacle)]!;
  if (obstacle !== "None") return obstacle;
  await send(pool.hedger, accounts.trader, "open");

  for (let step = 0; step < MOST_STEPS; step++) {
    const report = await carried(surface.volSurface, await next());
    const order = hedgeOrder(plan, {
      minimumProfit: 1n,
      receiver: accounts.trader.address,
      report,
      decimals: { base: stage.base.decimals, quote: stage.quote.decimals },
    });
    await chain.mineBlockAt(at);
    const fill = pool.filler.connect(accounts.trader) as typeof pool.filler;
    try {
      await fill.getFunction("fill").staticCall(order);
    } catch (error) {
      // Not yet: the auction's price has to move on.
      if (!isError(error, "CALL_EXCEPTION")) throw error;
      continue;
    }
    const sent = await fill.getFunction("fill")(order);
    return told(session, (await sent.wait()) as TransactionReceipt, {
      at,
      band: plan.band,
      minutes: step + 1,
    });
  }
  return "Unfilled";
}

function told(
  { pool }: Session,
  receipt: TransactionReceipt,
  { at, band, minutes }: { at: number; band: bigint; minutes: number },
): HedgeSummary {
  const { args } = eventsOf(pool.hedger, receipt.logs).find(({ name }) => name === "Hedged")!;
  return {
    at: isoTime(at),
    minutes,
    base: fromWad(args.base),
    price: fromWad(args.price),
    spot: fromWad(args.spot),
    cost: fromWad(args.cost),
    band: fromWad(band),
    delta: { before: fromWad(args.deltaBefore), after: fromWad(args.deltaAfter) },
    gas: Number(receipt.gasUsed),
  };
}

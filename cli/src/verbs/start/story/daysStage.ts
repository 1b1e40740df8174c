/**
 * The days from the morning's trades to the expiry of the nearer options and the cut-off after it, on one chain: spot moves on Uniswap
 * and at the feeds, the signers report it, epochs end, keepers hedge, the expiry settles, and providers come and go.
 */
import { isoTime } from "@meniscus/sdk/clock";
import { encodeReport, type Report } from "@meniscus/sdk/report";
import { SIDES, type Side } from "@meniscus/sdk/sides";
import { fromWad, WAD } from "@meniscus/sdk/wad";
import type { LocalChain } from "../../../hardhat/localChain.ts";
import type { DaySummary, HedgeSummary, ProvidingSummary, TradeSummary } from "../../../json/summary.ts";
import { send } from "../../../localMarket/contract.ts";
import { laterReport } from "../../../localMarket/laterReport.ts";
import { moveTo } from "../../../localMarket/pool.ts";
import type { Session } from "../../../localMarket/session.ts";
import type { Stage } from "../../../localMarket/stages/clearingStage.ts";
import { refresh } from "../../../localMarket/stages/poolStage.ts";
import { post } from "../../../localMarket/surfaceOnChain.ts";
import { EVENING_ORDERS } from "../trading/tradingScript.ts";
import { tradeInTheEvening } from "../trading/tradingSession.ts";
import { type ClearingStory, settleWritten, type Written } from "./clearingStory.ts";
import { type Epochs, openEpochs } from "./epochStage.ts";
import { hedge, type Unhedged } from "./hedgeStage.ts";
import { leaveExpiry } from "./settlementStage.ts";
import type { PathPoint } from "./spotPath.ts";

/** Uniswap's price stands for longer than the window over which it is averaged, before anybody reports it. */
const SETTLES = 2100;
/** Seconds before a report in which the feed's round comes. */
const ROUND = 30;

export interface Days {
  /** Of the evenings. */
  trades: TradeSummary[];
  days: DaySummary[];
  hedges: HedgeSummary[];
  /** Of each look that hedged nothing. */
  unhedged: Unhedged[];
  providing: ProvidingSummary;
  clearing: ClearingStory;
}

/** Plays every point of the path; `written` is what settles at its expiry. */
export async function playDays(
  session: Session,
  first: Report,
  path: readonly PathPoint[],
  written: Written,
): Promise<Days> {
  const { chain, stage, pool, surface } = session;
  const epochs = await openEpochs(session, first);
  const days: DaySummary[] = [];
  const hedges: HedgeSummary[] = [];
  const unhedged: Unhedged[] = [];
  const hedgeNow = async () => {
    const outcome = await hedge(session, first);
    if (typeof outcome === "string") unhedged.push(outcome);
    else hedges.push(outcome);
  };
  days.push(await observe(session, epochs.last, "opening"));
  await hedgeNow();
  let clearing: ClearingStory | null = null;
  const trades: TradeSummary[] = [];
  let evenings = 0;
  const lastCutOff = path.findLastIndex(({ kind }) => kind === "cut-off");
  for (const [i, { at, spot, kind }] of path.entries()) {
    if (kind === "expiry") {
      clearing = await settleWritten(chain, stage, written, spot);
      await leaveExpiry(session, written.cast.expiryAt);
      continue;
    }
    await moveSpot(chain, stage, at, spot);
    const report = laterReport(first, at, spot);
    if (i === lastCutOff) await epochs.askToLeave();
    await post(surface.volSurface, chain, report);
    await refresh(stage, pool);
    days.push(await observe(session, report, kind));
    if (kind === "cut-off") {
      await closeEpoch(session, epochs, report);
      await refresh(stage, pool);
    } else {
      const order = EVENING_ORDERS[evenings++ % EVENING_ORDERS.length]!;
      const trade = await tradeInTheEvening(session, order, report);
      if (trade !== null) trades.push(trade);
    }
    await hedgeNow();
  }
  return { trades, days, hedges, unhedged, providing: await epochs.finish(), clearing: clearing! };
}

async function closeEpoch({ pool }: Session, epochs: Epochs, report: Report): Promise<void> {
  const sent = await pool.vault.getFunction("closeEpoch")(encodeReport(report));
  await epochs.ended(await sent.wait(), report);
}

/** An arbitrageur brings Uniswap to `spot`, and a round brings the feed there, before `at`; a keeper pokes what the spot oracle caches. */
async function moveSpot(
  chain: LocalChain,
  { market, deployer, oracles }: Stage,
  at: number,
  spot: bigint,
): Promise<void> {
  const { uniswap, base, quote, feeds, spotOracle } = oracles;
  await chain.setNextBlockAt(at - SETTLES);
  await moveTo(uniswap, await chain.provider.getSigner(0), base, quote, spot);
  await chain.mineBlockAt(at - ROUND);
  const { answer } = await feeds.quote.proxy.getFunction("latestRoundData")();
  const quoteUsd = BigInt(answer) * 10n ** 10n;
  await feeds.base.transmit((spot * quoteUsd) / WAD);
  await feeds.quote.transmit(quoteUsd);
  await send(spotOracle, deployer, "poke", market);
}

/** What the book is worth at a report, and each tranche's share of it, before anything is done about it. */
async function observe(
  { pool, stage }: Session,
  report: Report,
  kind: DaySummary["kind"],
): Promise<DaySummary> {
  const mark = await pool.book.getFunction("mark")(encodeReport(report));
  const { delta } = await pool.hedger.getFunction("plan")();
  const worth: Record<Side, number> = { base: 0, quote: 0 };
  const claims: Record<Side, number> = { base: 0, quote: 0 };
  for (const side of SIDES) {
    const { contract, decimals } = { contract: pool.tranches[side], decimals: stage[side].decimals };
    const unit = 10n ** BigInt(decimals);
    claims[side] = Number(await contract.getFunction("totalAssets")()) / 10 ** decimals;
    worth[side] = Number(await contract.getFunction("convertToAssets")(unit)) / 10 ** decimals;
  }
  const owed = claims.base * fromWad(report.spot) + claims.quote;
  const factor = fromWad(mark.equity) / owed;
  return {
    at: isoTime(report.reportAt),
    kind,
    spot: fromWad(report.spot),
    equity: fromWad(mark.equity),
    factor,
    nav: { base: worth.base * factor, quote: worth.quote * factor },
    delta: fromWad(delta),
  };
}

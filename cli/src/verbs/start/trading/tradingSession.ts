/** Ten minutes of trades against the pool, each with a fresh signed report, and what they did to the book. */
import type { Report } from "@meniscus/sdk/report";
import { fromWad, WAD } from "@meniscus/sdk/wad";
import { type Contract, type JsonRpcSigner, MaxUint256, type TransactionReceipt } from "ethers";
import type { LocalChain } from "../../../hardhat/localChain.ts";
import type { PoolSummary, TradeSummary } from "../../../json/summary.ts";
import { FOR_EVER, send } from "../../../localMarket/contract.ts";
import { laterReport } from "../../../localMarket/laterReport.ts";
import { UNISWAP_FEE } from "../../../localMarket/pool.ts";
import { ACCOUNTS, type Session, type Who } from "../../../localMarket/session.ts";
import type { Stage } from "../../../localMarket/stages/clearingStage.ts";
import {
  type PoolStage,
  readGreeks,
  refresh,
  seedAndRefresh,
} from "../../../localMarket/stages/poolStage.ts";
import { carried, type Posted, post, type SurfaceOnChain } from "../../../localMarket/surfaceOnChain.ts";
import { tradeSummary } from "./tradeSummary.ts";
import { askTooMuch, holdsWhatIsSold, type Leg, legOf, refusalFor } from "./tradingOrders.ts";
import { HOLDINGS, ORDERS, type ScriptOrder, SPOT_PATH } from "./tradingScript.ts";

/** Quote worth of options that one unit of the script is, about. */
const UNIT_WORTH = 20_000;
/** Seconds from one report to the next, and from a report to the block of its trade. */
const RHYTHM = 60;
const LATENCY = 5;
const NO_LIMIT = 2n ** 200n;

/** Makes the customers rich, and the writer write: all that lies before the first order. */
export async function openSession(
  chain: LocalChain,
  surface: SurfaceOnChain,
  stage: Stage,
  pool: PoolStage,
  { currency, spot }: { currency: string; spot: bigint },
): Promise<Session> {
  const signers = await Promise.all(
    Object.entries(ACCOUNTS).map(async ([who, index]) => [who, await chain.provider.getSigner(index)]),
  );
  const accounts = Object.fromEntries(signers) as Record<Who, JsonRpcSigner>;
  const exact = UNIT_WORTH / fromWad(spot);
  const digit = 10 ** Math.floor(Math.log10(exact));
  const unit = (BigInt(Math.round(Math.round(exact / digit) * digit * 1e6)) * WAD) / 1_000_000n;
  const session = { chain, surface, stage, pool, accounts, currency, unit };
  const { clearinghouse, deployer, base, quote } = stage;
  const worth = BigInt(UNIT_WORTH) * 10n * 10n ** BigInt(quote.decimals);
  const cover = (10n * unit * 10n ** BigInt(base.decimals)) / WAD;
  for (const account of Object.values(accounts)) {
    await send(quote.contract, deployer, "mint", account, 2n * worth);
    await send(base.contract, deployer, "mint", account, cover);
    for (const spender of [pool.pool, pool.router, clearinghouse])
      await send(quote.contract, account, "approve", spender, MaxUint256);
    await send(base.contract, account, "approve", clearinghouse, MaxUint256);
    for (const operator of [pool.pool, pool.router])
      await send(clearinghouse, account, "setOperator", operator, true);
  }
  for (const by of ["writer", "insurer"] as const) {
    await send(clearinghouse, accounts[by], "deposit", quote.contract, worth, accounts[by]);
    await send(clearinghouse, accounts[by], "deposit", base.contract, cover, accounts[by]);
  }
  for (const { by, leg } of HOLDINGS) {
    const { series, amount } = legOf(session, leg);
    await send(clearinghouse, accounts[by], "mint", series, amount, accounts[by], accounts[by]);
  }
  return session;
}

/** Proves the slices by a second report, a quarantine after the first, seeds the vault, opens the book, and plays every order. */
export async function playSession(session: Session, posted: Posted, equity: number): Promise<PoolSummary> {
  const { chain, stage, pool, surface } = session;
  const first = posted.report;
  const { quarantine } = await surface.volSurface.terms!(surface.market);
  const openAt = first.reportAt + Number(quarantine) + RHYTHM;
  const opening = laterReport(first, openAt, first.spot);
  await post(surface.volSurface, chain, opening);
  await seedAndRefresh(stage, pool, opening);
  const before = await readGreeks(pool);
  const trades: TradeSummary[] = [];
  const refusals = await askTooMuch(session);
  let bought = 0n;
  for (const [i, order] of ORDERS.entries()) {
    if (!(await holdsWhatIsSold(session, order))) continue;
    const refusal = await refusalFor(session, order.legs);
    if (refusal !== null) {
      refusals.push(refusal);
      continue;
    }
    const at = openAt + RHYTHM * (i + 1);
    const spot = (first.spot * (10_000n + SPOT_PATH[i % SPOT_PATH.length]!)) / 10_000n;
    const report = await carried(surface.volSurface, laterReport(first, at, spot));
    const receipt = await place(session, order, report, at + LATENCY, bought);
    const summary = tradeSummary(session, order.by, at + LATENCY, receipt);
    if (order.budget) bought = summary.amount;
    trades.push(summary.trade);
  }
  const after = await readGreeks(pool);
  await refresh(stage, pool);
  return { equity, trades, refusals, greeks: { before, after, refreshed: await readGreeks(pool) } };
}

/** One order of an evening, at the report that stands; null where it is refused. */
export async function tradeInTheEvening(
  session: Session,
  order: ScriptOrder,
  report: Report,
): Promise<TradeSummary | null> {
  const refusal = await refusalFor(session, order.legs);
  if (refusal !== null || !(await holdsWhatIsSold(session, order))) return null;
  const at = report.reportAt + LATENCY;
  const receipt = await place(session, order, "0x", at, 0n);
  return tradeSummary(session, order.by, at, receipt).trade;
}

/** Sends one order in the block of `at`. */
async function place(
  session: Session,
  { by, legs, budget }: ScriptOrder,
  report: string,
  at: number,
  bought: bigint,
): Promise<TransactionReceipt> {
  const { chain, pool, accounts } = session;
  const account = accounts[by];
  const asked = legs.map((leg) => legOf(session, leg));
  const to = (contract: Contract, method: string) =>
    (contract.connect(account) as Contract).getFunction(method);
  const arguments_ =
    budget === undefined
      ? [asked, NO_LIMIT, FOR_EVER, account, report]
      : await routed(session, account, asked[0]!, budget, report, bought);
  const method = budget === undefined ? "trade" : budget > 0n ? "buy" : "sell";
  await chain.setNextBlockAt(at);
  const sent = await to(budget === undefined ? pool.pool : pool.router, method)(...arguments_);
  return (await sent.wait()) as TransactionReceipt;
}

/** What the Router is asked: to buy within a budget, or to sell all that was bought. */
async function routed(
  { stage, pool }: Session,
  receiver: JsonRpcSigner,
  { series, amount }: Leg,
  budget: bigint,
  report: string,
  bought: bigint,
): Promise<unknown[]> {
  const order = { pool: pool.pool, series, volLimit: 0, receiver, deadline: FOR_EVER, report };
  if (budget === 0n)
    return [
      { ...order, least: bought, most: bought },
      { minimum: 0, minimumPrice: 0, fee: UNISWAP_FEE },
    ];
  const most = budget * 10n ** BigInt(stage.quote.decimals);
  const { cost } = await pool.pool.getFunction("quote")([{ series, amount }]);
  // A fifth more than the budget buys at the price of one unit: the search ends well inside.
  const guess = (amount * most * 12n) / (cost * 10n);
  return [
    { ...order, least: WAD / 100n, most: guess },
    { most, by: 0, nonce: 0, deadline: 0, signature: "0x" },
  ];
}

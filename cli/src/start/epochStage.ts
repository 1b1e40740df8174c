/** Providers of both assets: they ask to enter, an epoch ends, they are in; they ask to leave, the next one ends, they are out. */
import { encodeReport, type Report } from "@meniscus/sdk/report";
import type { EpochSummary, ProvidingSummary, TrancheSummary } from "@meniscus/sdk/summary";
import { type JsonRpcSigner, MaxUint256, type Result, type TransactionReceipt } from "ethers";
import { eventsOf, send } from "../local/contract.ts";
import { attributionOf, startOf } from "./attribution.ts";
import { laterReport } from "./laterReport.ts";
import { post } from "./surfaceOnChain.ts";
import type { Session } from "./tradingOrders.ts";

const SIDES = ["base", "quote"] as const;
type Side = (typeof SIDES)[number];
/** Accounts of the development chain. */
const PROVIDERS = { base: 19, quote: 10 } as const;
/** Quote worth of what each brings. */
const BROUGHT = 250_000n;
const DAY = 86_400;
/** 09:00 UTC. */
const CUT_OFF = 9 * 3600;
/** Seconds from a cut-off to the report that marks it. */
const LATENCY = 5;
/** Spot at the marks, ten-thousandths of the first report's. */
const SPOTS = [10_120n, 10_060n];

type Providers = Record<Side, { account: JsonRpcSigner; assets: bigint }>;

/** Both ask to enter, before the cut-off. */
export async function askToEnter(session: Session, first: Report): Promise<Providers> {
  const { chain, stage, pool } = session;
  const provider = async (side: Side) => {
    const token = stage[side];
    const unit = 10n ** BigInt(token.decimals);
    const assets = side === "quote" ? BROUGHT * unit : (BROUGHT * unit * 10n ** 18n) / first.spot;
    const account = await chain.provider.getSigner(PROVIDERS[side]);
    await send(token.contract, stage.deployer, "mint", account, assets);
    await send(token.contract, account, "approve", pool.tranches[side], MaxUint256);
    await send(pool.tranches[side], account, "requestDeposit", assets, account, account);
    return { account, assets };
  };
  return { base: await provider("base"), quote: await provider("quote") };
}

/** Ends two epochs: into the first the providers enter, at the second they leave. Null where an expiry of the book is over before. */
export async function playEpochs(
  session: Session,
  first: Report,
  providers: Providers,
): Promise<ProvidingSummary | null> {
  const { chain, pool, stage } = session;
  const now = (await chain.provider.getBlock("latest"))!.timestamp;
  const cutOff = Math.ceil((now + 1 - CUT_OFF) / DAY) * DAY + CUT_OFF;
  if (pool.seeded === null || pool.expiries.some((expiryAt) => expiryAt <= cutOff + DAY)) return null;
  let start = await startOf(session, pool.seeded.report, pool.seeded.block);
  const epochs: EpochSummary[] = [];
  for (const [i, tenThousandths] of SPOTS.entries()) {
    const at = cutOff + i * DAY + LATENCY;
    const report = laterReport(first, at, (first.spot * tenThousandths) / 10_000n);
    const receipt = await endEpoch(session, report);
    epochs.push(await told(session, receipt, report, start));
    start = await startOf(session, report, receipt.blockNumber);
    for (const side of SIDES) {
      const { account, assets } = providers[side];
      const tranche = pool.tranches[side];
      const read = (method: string) => tranche.getFunction(method)(account);
      if (i === 0) {
        await send(tranche, account, "deposit(uint256,address,address)", assets, account, account);
        await send(tranche, account, "requestRedeem", await read("balanceOf"), account, account);
      } else {
        const shares: bigint = await read("maxRedeem");
        if (shares > 0n) await send(tranche, account, "redeem", shares, account, account);
      }
    }
  }
  const outcome = async (side: Side) => {
    const { account, assets } = providers[side];
    const unit = 10 ** stage[side].decimals;
    const [got, waiting] = [
      await stage[side].contract.getFunction("balanceOf")(account),
      await pool.tranches[side].getFunction("pendingRedeemRequest")(0, account),
    ];
    return { brought: Number(assets) / unit, got: Number(got) / unit, waiting: Number(waiting) / unit };
  };
  return { epochs, providers: { base: await outcome("base"), quote: await outcome("quote") } };
}

async function endEpoch({ chain, pool, surface }: Session, report: Report): Promise<TransactionReceipt> {
  await post(surface.volSurface, chain, report);
  const sent = await pool.vault.getFunction("closeEpoch")(encodeReport(report));
  return (await sent.wait()) as TransactionReceipt;
}

async function told(
  session: Session,
  receipt: TransactionReceipt,
  report: Report,
  start: Awaited<ReturnType<typeof startOf>>,
): Promise<EpochSummary> {
  const { pool, stage } = session;
  const { result } = eventsOf(pool.vault, receipt.logs).find(({ name }) => name === "EpochClosed")!.args;
  const float = (wad: bigint) => Number(wad) / 1e18;
  const tranche = (side: Side, of: Result): TrancheSummary => {
    const assets = (amount: bigint) => Number(amount) / 10 ** stage[side].decimals;
    return {
      claim: { before: float(of.claimBefore), after: float(of.claimAfter) },
      nav: { entry: float(of.navEntry), mid: float(of.navMid), exit: float(of.navExit) },
      entered: assets(of.depositAssets),
      left: assets(of.paidAssets),
      idle: float(of.idle),
    };
  };
  return {
    number: Number(result.epoch),
    at: new Date(report.reportAt * 1000).toISOString(),
    spot: float(result.mark.spot),
    equity: float(result.equity),
    factor: float(result.factor),
    base: tranche("base", result.base),
    quote: tranche("quote", result.quote),
    attribution: await attributionOf(session, start, report, receipt, result.mark),
    gas: Number(receipt.gasUsed),
  };
}

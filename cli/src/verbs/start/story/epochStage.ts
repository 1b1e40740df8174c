/** Providers of both assets through the vault's epochs: they ask to enter, are in after the first end, ask to leave, and are out after the last. */
import { isoTime } from "@meniscus/sdk/clock";
import type { Report } from "@meniscus/sdk/report";
import { SIDES, type Side } from "@meniscus/sdk/sides";
import { fromWad, WAD } from "@meniscus/sdk/wad";
import { type Contract, type JsonRpcSigner, MaxUint256, type Result, type TransactionReceipt } from "ethers";
import type {
  EpochSummary,
  ProviderSummary,
  ProvidingSummary,
  TrancheSummary,
} from "../../../json/summary.ts";
import { attributionOf, attributionSummary, contractsOf, startOf } from "../../../localMarket/attribution.ts";
import { eventsOf, send } from "../../../localMarket/contract.ts";
import type { Session } from "../../../localMarket/session.ts";

/** Accounts of the development chain. */
export const PROVIDERS = { base: 19, quote: 10 } as const;
/** Quote worth of what each brings. */
const BROUGHT = 250_000n;

type Providers = Record<Side, { account: JsonRpcSigner; assets: bigint }>;

export interface Epochs {
  /** The report of the last mark. */
  readonly last: Report;
  /** What an epoch's end did; after the first one the providers claim their shares. */
  ended(receipt: TransactionReceipt, report: Report): Promise<void>;
  /** Of all shares. */
  askToLeave(): Promise<void>;
  /** They claim what was paid. */
  finish(): Promise<ProvidingSummary>;
}

/** Both ask to enter the running epoch. */
export async function openEpochs(session: Session, first: Report): Promise<Epochs> {
  const { pool } = session;
  const providers = await askToEnter(session, first);
  const seeded = pool.seeded!;
  let last = seeded.report;
  let start = await startOf(contractsOf(session), seeded.report, seeded.receipt);
  const epochs: EpochSummary[] = [];
  const forBoth = async (act: (tranche: Contract, account: JsonRpcSigner) => Promise<void>) => {
    for (const side of SIDES) await act(pool.tranches[side], providers[side].account);
  };
  return {
    get last() {
      return last;
    },
    ended: async (receipt, report) => {
      const epoch = await told(session, receipt, report, start);
      // Without a mark nobody came or went, and what began before goes on.
      if (epoch === null) return;
      epochs.push(epoch);
      start = await startOf(contractsOf(session), report, receipt);
      last = report;
      await forBoth(claimShares);
    },
    askToLeave: () => forBoth(requestAll),
    finish: async () => {
      await forBoth(claimAssets);
      const outcome = (side: Side) => outcomeOf(session, side, providers[side]);
      return { epochs, providers: { base: await outcome("base"), quote: await outcome("quote") } };
    },
  };
}

/** The shares of a provider who was let in. */
async function claimShares(tranche: Contract, account: JsonRpcSigner): Promise<void> {
  const assets: bigint = await tranche.getFunction("maxDeposit")(account);
  if (assets > 0n) await send(tranche, account, "deposit(uint256,address,address)", assets, account, account);
}

/** Asks for what all of a provider's shares are worth. */
async function requestAll(tranche: Contract, account: JsonRpcSigner): Promise<void> {
  const shares: bigint = await tranche.getFunction("balanceOf")(account);
  if (shares > 0n) await send(tranche, account, "requestRedeem", shares, account, account);
}

/** The assets of a provider who was let out. */
async function claimAssets(tranche: Contract, account: JsonRpcSigner): Promise<void> {
  const shares: bigint = await tranche.getFunction("maxRedeem")(account);
  if (shares > 0n) await send(tranche, account, "redeem", shares, account, account);
}

async function outcomeOf(
  { pool, stage }: Session,
  side: Side,
  { account, assets }: Providers[Side],
): Promise<ProviderSummary> {
  const unit = 10 ** stage[side].decimals;
  const [got, held, pending]: bigint[] = await Promise.all([
    stage[side].contract.getFunction("balanceOf")(account),
    pool.tranches[side].getFunction("balanceOf")(account),
    pool.tranches[side].getFunction("pendingRedeemRequest")(0, account),
  ]);
  // Who was let in by the last epoch's end has not asked to leave.
  const waiting = held! + pending!;
  return { brought: Number(assets) / unit, got: Number(got) / unit, waiting: Number(waiting) / unit };
}

async function askToEnter(session: Session, first: Report): Promise<Providers> {
  const { chain, stage, pool } = session;
  const provider = async (side: Side) => {
    const token = stage[side];
    const unit = 10n ** BigInt(token.decimals);
    const assets = side === "quote" ? BROUGHT * unit : (BROUGHT * unit * WAD) / first.spot;
    const account = await chain.provider.getSigner(PROVIDERS[side]);
    await send(token.contract, stage.deployer, "mint", account, assets);
    await send(token.contract, account, "approve", pool.tranches[side], MaxUint256);
    await send(pool.tranches[side], account, "requestDeposit", assets, account, account);
    return { account, assets };
  };
  return { base: await provider("base"), quote: await provider("quote") };
}

/** Null where the end had no mark. */
async function told(
  session: Session,
  receipt: TransactionReceipt,
  report: Report,
  start: Awaited<ReturnType<typeof startOf>>,
): Promise<EpochSummary | null> {
  const { pool, stage } = session;
  const { result } = eventsOf(pool.vault, receipt.logs).find(({ name }) => name === "EpochClosed")!.args;
  const parts = await attributionOf(contractsOf(session), start, report, receipt, result);
  if (parts === null) return null;
  const tranche = (side: Side, of: Result): TrancheSummary => {
    const assets = (amount: bigint) => Number(amount) / 10 ** stage[side].decimals;
    return {
      claim: { before: fromWad(of.claimBefore), after: fromWad(of.claimAfter) },
      nav: { entry: fromWad(of.navEntry), mid: fromWad(of.navMid), exit: fromWad(of.navExit) },
      entered: assets(of.depositAssets),
      left: assets(of.paidAssets),
      idle: fromWad(of.idle),
    };
  };
  return {
    number: Number(result.epoch),
    at: isoTime(report.reportAt),
    spot: fromWad(result.mark.spot),
    equity: fromWad(result.equity),
    factor: fromWad(result.factor),
    base: tranche("base", result.base),
    quote: tranche("quote", result.quote),
    attribution: attributionSummary(parts),
    gas: Number(receipt.gasUsed),
  };
}

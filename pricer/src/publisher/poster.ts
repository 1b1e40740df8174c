/**
 * Sends signed reports. What must hold: no transaction is sent that is not an intent on the disk; after a crash the chain says what became
 * of it. A report that was lost is not sent again, for a minute later nobody would take it: the next one has its nonce, and outbids it. What
 * a node refused for good no node has: there is nothing to outbid. What has the nonce of another transaction that was mined never will be, and
 * is lost at once.
 */
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { REPORT_AGE_MAX } from "@meniscus/sdk/report";
import { revertOf } from "@meniscus/sdk/revert";
import { formatUnits, isError, keccak256, type TransactionReceipt, type Wallet } from "ethers";
import type { Clock } from "../service/clock.ts";
import { affordableFees, feesAbove, firstFees } from "../service/fees.ts";
import { firstLine } from "../service/firstLine.ts";
import type { Intent, SignedReport, Store } from "../store/store.ts";
import { overBudget } from "./budget.ts";
import type { Reason } from "./rules.ts";
import { type SurfaceChain, storingGas } from "./surfaceChain.ts";

/** All in wei. */
export interface SpendingLimits {
  /** Of a gas unit. */
  readonly feeCap: bigint;
  /** The most of the node's tip that is taken for one, where there is a base fee. */
  readonly priorityFee: bigint;
  /** Of 24 hours; the last tenth for marks. */
  readonly dailyBudget: bigint;
}

export interface PosterParts {
  readonly chain: SurfaceChain;
  readonly wallet: Wallet;
  readonly store: Store;
  readonly clock: Clock;
  readonly chainId: number;
  readonly limits: SpendingLimits;
  /** Told at each step, before the next. */
  readonly onStep?: (step: PostStep) => void;
}

export type PostStep = "intended" | "sent" | "mined";

export type Posted =
  | { readonly kind: "mined" | "outrun" | "reverted"; readonly intent: Intent; readonly gas: number }
  | { readonly kind: "pending" }
  /** Not sent, for the node knows no block yet that would take the report. */
  | { readonly kind: "early"; readonly reason: string }
  | { readonly kind: "unsent" | "refused" | "doubtful" | "lost"; readonly reason: string };

const WAIT_MS = 10_000;
const POLL_MS = 150;
const EARLY_MS = 400;
const EARLY_TRIES = 6;
/** Seconds for which a nonce is used up whatever the node says: if it takes the block back, or begins anew, it is believed after that. */
const NONCE_SECONDS = 120;
/**
 * Answers to a transaction that say that the node does not have it: there is no money for it, or its form is one that no node takes. With any
 * other, a time-out above all, it may have come all the same; one that is underpriced has to be outbid as if it had.
 */
const REFUSALS =
  /insufficient ?funds|(not|n't have) enough (funds|balance)|exceeds (account balance|(the )?block gas limit)|intrinsic gas|invalid sender|chain ?id/i;
/** Answers of a node that has it, as those say that give no transaction by its hash before it is mined. */
const KNOWN =
  /already ?(known|imported|exists|in (the )?(mem)?pool)|known transaction|existing (tx|txn|transaction) with same hash/i;

export class Poster {
  readonly #parts: PosterParts;
  /** What the node said of the intent that was sent last, where it did not say that it took it. */
  #objection: { readonly hash: string; readonly reason: string } | null = null;
  #balance: bigint | null = null;
  #gasUsed = 0;

  constructor(parts: PosterParts) {
    this.#parts = parts;
  }

  /** What the account had when a transaction was prepared last, wei; null before that. */
  get balance(): bigint | null {
    return this.#balance;
  }

  /** By all that was mined since the start, whatever became of it. */
  get gasUsed(): number {
    return this.#gasUsed;
  }

  /** Asks the chain about every open intent; gives what became of those that are closed now, and what is said of one still on its way. */
  async settle(): Promise<{ closed: Posted[]; waiting: Posted | null }> {
    const { chain, store, clock } = this.#parts;
    const closed: Posted[] = [];
    let waiting: Posted | null = null;
    const open = await store.openIntents();
    // What is signed for one chain is nothing to send to a node of another.
    if (open.length > 0) await chain.assertMarket();
    for (const intent of open) {
      // The crash may have come before the sending; a node that has it already says so, and nothing else happens.
      const over =
        (await this.#decided(intent)) ?? (await this.#lost(intent)) ?? (await this.#broadcast(intent));
      if (over === null) waiting = this.#waiting(intent);
      else closed.push(over);
    }
    await store.forgetIntents(clock());
    return { closed, waiting };
  }

  /** @param why it is published: the last of the budget is for some only */
  async post(signed: SignedReport, why: Reason): Promise<Posted> {
    let prepared: { intent: Intent; most: bigint } | string;
    try {
      prepared = await this.#prepare(signed, why);
    } catch (error) {
      return { kind: this.#isFromTheFuture(error) ? "early" : "unsent", reason: this.#reasonOf(error) };
    }
    if (typeof prepared === "string") return { kind: "unsent", reason: prepared };
    const { store, onStep } = this.#parts;
    const { intent, most } = prepared;
    try {
      await store.intend(intent, most);
    } catch (error) {
      return { kind: "unsent", reason: `the intent cannot be recorded: ${firstLine(error)}` };
    }
    onStep?.("intended");
    let refused: Posted | null;
    try {
      refused = await this.#broadcast(intent);
    } catch (error) {
      return { kind: "unsent", reason: `the node's refusal cannot be recorded: ${firstLine(error)}` };
    }
    onStep?.("sent");
    if (refused !== null) return refused;
    for (const end = Date.now() + WAIT_MS; Date.now() < end; ) {
      const posted = await this.#decided(intent).catch(() => null);
      if (posted !== null) return posted;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return this.#waiting(intent);
  }

  /** Sends it, once more or at first. Null where it stands; else the node has refused it for good, and it is closed. */
  async #broadcast(intent: Intent): Promise<Posted | null> {
    const { chain, store } = this.#parts;
    const { hash, nonce, raw } = intent;
    this.#objection = null;
    try {
      await chain.provider.broadcastTransaction(raw);
      return null;
    } catch (error) {
      // What the node has, whatever it says of it, is not refused, and may be mined.
      if ((await chain.provider.getTransaction(hash).catch(() => null)) !== null) return null;
      const reason = firstLine(error);
      if (REFUSALS.test(reason)) {
        await store.closeIntent(intent, "refused");
        return { kind: "refused", reason: `the node refuses it: ${reason}` };
      }
      if (KNOWN.test(reason)) return null;
      if (await this.#isUsedUp(intent, error).catch(() => false)) {
        await store.closeIntent(intent, "lost");
        const why = `another transaction of the account has its nonce ${nonce}`;
        return { kind: "lost", reason: `${hash} cannot be mined: ${why}` };
      }
      // Whatever else it says, the intent stands: the chain is asked.
      this.#objection = { hash, reason };
      return null;
    }
  }

  /** Whether another transaction has the nonce of one that the node did not take and does not have. */
  async #isUsedUp({ hash, nonce }: Intent, error: unknown): Promise<boolean> {
    const { chain, wallet } = this.#parts;
    const isSo =
      isError(error, "NONCE_EXPIRED") ||
      (await chain.provider.getTransactionCount(wallet.address, "latest")) > nonce;
    return isSo && (await chain.provider.getTransactionReceipt(hash)) === null;
  }

  #waiting({ hash }: Intent): Posted {
    const reason = this.#objectionTo(hash);
    return reason === null
      ? { kind: "pending" }
      : { kind: "doubtful", reason: `the node may not have ${hash}: ${reason}` };
  }

  #objectionTo(hash: string): string | null {
    return this.#objection?.hash === hash ? this.#objection.reason : null;
  }

  /** Closes what the contract would not take any more; null while it would. */
  async #lost(intent: Intent): Promise<Posted | null> {
    const { store, clock } = this.#parts;
    const { hash, signed } = intent;
    if (clock() <= signed.report.reportAt + REPORT_AGE_MAX) return null;
    await store.closeIntent(intent, "lost");
    const why = this.#objectionTo(hash);
    const reason = `${hash} was not mined within ${REPORT_AGE_MAX} s`;
    return { kind: "lost", reason: why === null ? reason : `${reason}: ${why}` };
  }

  /** The signed transaction and the most that it can cost, wei, or why it should not be. */
  async #prepare(signed: SignedReport, why: Reason): Promise<{ intent: Intent; most: bigint } | string> {
    const { chain, wallet, store, clock, chainId, limits } = this.#parts;
    const { provider } = chain;
    const to = await chain.contract.getAddress();
    const data = chain.postData(signed);
    const [estimate, nonce, block, offered, balance] = await Promise.all([
      this.#estimate({ from: wallet.address, to, data }),
      this.#nextNonce(),
      provider.getBlock("latest"),
      provider.getFeeData(),
      provider.getBalance(wallet.address, "latest"),
    ]);
    this.#balance = balance;
    const baseFee = block?.baseFeePerGas ?? 0n;
    // Where there is no base fee ethers gives no tip: all that is paid is one.
    const asked = offered.maxPriorityFeePerGas ?? offered.gasPrice ?? limits.priorityFee;
    const { feeCap } = limits;
    // And that is bounded by the cap alone: below the price of gas nothing is mined.
    const priorityFee = baseFee > 0n && asked > limits.priorityFee ? limits.priorityFee : asked;
    const first = firstFees(baseFee, { feeCap, priorityFee });
    if (first === null) {
      const [dear, cap] = [baseFee + priorityFee, feeCap].map((wei) => Number(formatUnits(wei, "gwei")));
      return `gas is dearer than the cap: ${dear} gwei of ${cap}`;
    }
    const wanted = feesAbove(await store.offersAt(nonce), first, limits);
    // The estimate may be of a report that is skipped, for another is before it in the block to come, and may not be when it is mined.
    const gasLimit = (estimate * 13n) / 10n + storingGas(signed);
    const fees = affordableFees(wanted, baseFee, balance / gasLimit);
    if (fees === null)
      return `out of funds: ${balance} wei, at most ${gasLimit * wanted.maxFeePerGas} needed`;
    const most = gasLimit * fees.maxFeePerGas;
    const costs = await store.costsSince(Math.floor(clock()) - SECONDS_PER_DAY);
    const over = overBudget({ nonce, wei: most, why }, costs, limits.dailyBudget);
    if (over !== null) return over;
    const raw = await wallet.signTransaction({ type: 2, chainId, nonce, to, data, gasLimit, ...fees });
    return { intent: { hash: keccak256(raw), nonce, raw, ...fees, signed, state: "open" }, most };
  }

  /** The least that is not used up, by the node or by what is known here: one node of several behind a URL may be some blocks late. */
  async #nextNonce(): Promise<number> {
    const { chain, wallet, store, clock } = this.#parts;
    const counted = await chain.provider.getTransactionCount(wallet.address, "latest");
    const mined = await store.highestMinedNonce(Math.floor(clock()) - NONCE_SECONDS);
    return mined === null ? counted : Math.max(counted, mined + 1);
  }

  /** A chain whose clock is late by a second or two refuses at first what it takes when that has passed. */
  async #estimate(call: { from: string; to: string; data: string }): Promise<bigint> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#gasIn(call);
      } catch (error) {
        if (tries === EARLY_TRIES || !this.#isFromTheFuture(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, EARLY_MS));
      }
    }
  }

  /** The gas in the block to come: told no block, geth estimates in the latest, which a report of now is later than. */
  async #gasIn(call: { from: string; to: string; data: string }): Promise<bigint> {
    const { provider } = this.#parts.chain;
    try {
      return BigInt(await provider.send("eth_estimateGas", [provider.getRpcTransaction(call), "pending"]));
    } catch (error) {
      // What the contract says is an answer; else the node may know no such block.
      if (!isError(error, "CALL_EXCEPTION") || error.data !== null) throw error;
      return provider.estimateGas(call);
    }
  }

  #isFromTheFuture(error: unknown): boolean {
    if (!isError(error, "CALL_EXCEPTION") || !error.data) return false;
    const { selector } = this.#parts.chain.contract.interface.getError("VolSurface_FromTheFuture")!;
    return error.data.startsWith(selector);
  }

  /** What the chain has decided of an intent; null while it has not. */
  async #decided(intent: Intent): Promise<Posted | null> {
    const { chain, store, onStep } = this.#parts;
    const receipt = await chain.provider.getTransactionReceipt(intent.hash);
    if (receipt === null) return null;
    onStep?.("mined");
    const kind = receipt.status !== 1 ? "reverted" : this.#hasStored(receipt) ? "mined" : "outrun";
    await store.closeIntent(intent, kind, receipt.fee);
    const gas = Number(receipt.gasUsed);
    this.#gasUsed += gas;
    return { kind, intent, gas };
  }

  /** `postIfNewer` goes through, and stores nothing, where a newer report was there first. */
  #hasStored({ logs }: TransactionReceipt): boolean {
    const { topicHash } = this.#parts.chain.contract.interface.getEvent("ReportPosted")!;
    return logs.some(({ topics }) => topics[0] === topicHash);
  }

  #reasonOf(error: unknown): string {
    if (!isError(error, "CALL_EXCEPTION") || error.data === null) return firstLine(error);
    return `the contract refuses it: ${revertOf(error.data)}`;
  }
}

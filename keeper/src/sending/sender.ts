/**
 * Sends deeds, one a nonce. What must hold:
 *
 * - nothing is sent that is not in the intent log, on the disk;
 * - a nonce serves one deed for good: it is sent again, dearer, or used up by nothing, never by another deed;
 * - a gap before an open nonce is filled, so nothing waits for ever;
 * - no version offers more than the cap, and the day's sum of what was and may be spent stays within the budget;
 * - mark and poke may use only part of the budget, apart from each one's first in a day; hedge must leave the last part to settle and epoch.
 */
import { firstFees, replacingFees } from "@meniscus/pricer/service/fees";
import { refusedCall } from "@meniscus/pricer/service/refusedCall";
import { withHostsOnly } from "@meniscus/pricer/service/withHostsOnly";
import { isError, type JsonRpcProvider, type TransactionReceipt } from "ethers";
import type { Config, JobName } from "../config.ts";
import type { Deed } from "../deed.ts";
import type { Event } from "../event.ts";
import { isOfItsBlock } from "../nextBlock.ts";
import type { Reason } from "../reason.ts";
import type { Head } from "../view.ts";
import { type Cost, type Open, openNonces, overBudget, spentSince, worstCost } from "./account.ts";
import { Counts } from "./counts.ts";
import { estimateGas, gasLimitOf, gasLimitOfNothing } from "./gas.ts";
import type { Intent, Journal } from "./journal.ts";
import { Outbox, type OutboxParts } from "./outbox.ts";

type Limits = Pick<
  Config,
  "chainId" | "stuckBlocks" | "finalBlocks" | "feeCap" | "priorityFee" | "dailyBudget"
>;

/** Gaps that are filled at most in one look: the rest waits for what the next one sees. */
const GAPS_A_LOOK = 4;
/** Blocks, and looks after the first, that a node may take to know the receipt of what it counts as mined: of fast blocks one look sees many. */
const SIGHT = 2;
const TAKEN =
  "it is used up, and the node has no receipt of ours: another transaction of this account has it, or the node lost sight of it";

export class Sender {
  /** Hashes whose mining was told already, with the time of their block; 0 where they are not what was mined. */
  readonly #told = new Map<string, number>();
  /** Of each job the last version that did it, with the time of its block. */
  readonly #done = new Map<Deed["job"], { hash: string; at: number }>();
  /** Of open nonces that are used up, the number of the head at which that was seen first, and looks after it that found no receipt. */
  readonly #usedSince = new Map<number, { number: number; looks: number }>();
  readonly #account: string;
  readonly #outbox: Outbox;
  readonly #counts: Counts;
  readonly #provider: JsonRpcProvider;
  readonly #journal: Journal;
  readonly #limits: Limits;
  readonly #notify: (event: Event) => void;

  constructor({ config, ...parts }: Omit<OutboxParts, "chainId"> & { config: Limits }) {
    [this.#account, this.#provider, this.#journal] = [parts.wallet.address, parts.provider, parts.journal];
    [this.#limits, this.#notify] = [config, parts.notify];
    this.#counts = new Counts(parts.provider, this.#account, parts.journal.entries);
    this.#outbox = new Outbox({ ...parts, chainId: config.chainId });
  }

  get open(): Open[] {
    return openNonces(this.#journal.entries);
  }

  spent(at: number): bigint {
    return spentSince(this.#journal.entries, at);
  }

  /** Holds the open nonces against the chain: what is mined is told, what is lost is sent again, what is stuck is raised, gaps are filled. @throws where the node's count is not believed, too */
  async reconcile(head: Head): Promise<void> {
    const next = await this.#counts.ask(head);
    for (const open of this.open) {
      if (open.nonce < next) await this.#settled(open, head);
      else await this.#unmined(open, head);
    }
    await this.#fillGaps(next, head);
  }

  /** Time of the block in which the last deed of a job was done, unix seconds; null where none was since the start, or it was undone. */
  doneAt(job: JobName): number | null {
    return this.#done.get(job)?.at ?? null;
  }

  /** Why a job is not to be decided anew: its last deed is still on its way, or the chain's clock still stands at it. Null where it is. */
  busyWith(job: JobName, head: Head): string | null {
    const isMined = ({ hash }: Intent) => this.#told.has(hash);
    const isOver = ({ hash }: Intent) => (this.#told.get(hash) ?? Number.POSITIVE_INFINITY) < head.timestamp;
    const busy = this.open.filter(
      ({ latest, versions }) => latest.deed.job === job && !versions.some(isOver),
    );
    if (busy.length === 0) return null;
    return busy.every(({ versions }) => versions.some(isMined))
      ? "its last deed was mined, and the chain's clock still stands at that block"
      : "its last deed is not mined yet";
  }

  /** Signs, logs, sends. Gives the reason where nothing was logged, so nothing sent. */
  async send(deed: Deed, head: Head): Promise<Reason | null> {
    const fees = firstFees(head.baseFee, this.#limits);
    if (fees === null) return this.#dearerThanCap(head);
    const next = await this.#counts.at(head);
    const nonce = Math.max(next, ...this.open.map((open) => open.nonce + 1));
    const estimate = await estimateGas(this.#provider, this.#account, deed);
    const gasLimit = gasLimitOf(estimate);
    const likely = estimate * (head.baseFee + fees.maxPriorityFeePerGas);
    const obstacle = await this.#cannotAfford(deed, { most: gasLimit * fees.maxFeePerGas, likely }, head);
    if (obstacle !== null) return obstacle;
    const intent = await this.#outbox.intend(deed, nonce, gasLimit, fees, head);
    await this.#outbox.broadcast(intent, "sent");
    return null;
  }

  #dearerThanCap({ baseFee }: Head): Reason {
    const { priorityFee, feeCap } = this.#limits;
    const fees = `base fee ${baseFee}, priority fee ${priorityFee}, cap ${feeCap} wei`;
    return { reason: `gas is dearer than the cap: ${fees}`, trouble: "gas" };
  }

  async #cannotAfford(deed: Deed, cost: Cost, head: Head): Promise<Reason | null> {
    const { dailyBudget } = this.#limits;
    const over = overBudget(deed, cost, { entries: this.#journal.entries, at: head.timestamp, dailyBudget });
    if (over !== null) return { reason: over, trouble: "budget" };
    const balance = await this.#provider.getBalance(this.#account, head.number);
    if (balance >= cost.most) return null;
    return { reason: `out of funds: ${balance} wei, at most ${cost.most} needed`, trouble: "funds" };
  }

  /** The nonce is used up: by one of ours, or by who else has the key. */
  async #settled({ nonce, versions, latest }: Open, head: Head): Promise<void> {
    const since = this.#usedSince.get(nonce) ?? { number: head.number, looks: -1 };
    this.#usedSince.set(nonce, since);
    for (const intent of [...versions].reverse()) {
      const receipt = await this.#provider.getTransactionReceipt(intent.hash);
      if (receipt === null) continue;
      if (!this.#told.get(intent.hash)) await this.#tellMined(intent, receipt, versions);
      if (head.number - receipt.blockNumber >= this.#limits.finalBlocks)
        this.#final(nonce, intent.hash, await this.#costOf(receipt), head);
      return;
    }
    // A node that lost sight of the receipt may find it again; one of another sender's never comes. Deciding anew is harmless: the views say
    // what is done.
    since.looks++;
    const waited = head.number - since.number;
    if (waited < SIGHT || since.looks < SIGHT) return;
    if (!this.#told.has(latest.hash)) {
      this.#told.set(latest.hash, 0);
      this.#notify({ kind: "taken", nonce, reason: TAKEN });
    }
    // It may have been one of ours after all, at the dearest.
    if (waited >= this.#limits.finalBlocks) this.#final(nonce, null, worstCost(versions), head);
  }

  /** @throws where the node does not say all of it, before anything is told: the next look asks again */
  async #tellMined(intent: Intent, receipt: TransactionReceipt, versions: readonly Intent[]): Promise<void> {
    const cost = await this.#costOf(receipt);
    const block = await this.#provider.getBlock(receipt.blockNumber);
    if (block === null)
      throw new Error(`the node has a receipt of block ${receipt.blockNumber}, and no block`);
    this.#told.set(intent.hash, block.timestamp);
    this.#undo(versions);
    const { job, data } = intent.deed;
    if (receipt.status === 1 && data !== "0x")
      this.#done.set(job, { hash: intent.hash, at: block.timestamp });
    this.#notify({ kind: "mined", intent, receipt, cost });
  }

  /**
   * Gas, and what a layer 2 takes beside it for its layer 1, which only the node's own words of a receipt tell.
   * @throws where the node has lost sight of the receipt again
   */
  async #costOf({ hash, fee }: TransactionReceipt): Promise<bigint> {
    const raw = await this.#provider.send("eth_getTransactionReceipt", [hash]);
    if (raw === null) throw new Error(`the node gave the receipt of ${hash}, and then none`);
    return fee + BigInt(raw.l1Fee ?? 0);
  }

  #final(nonce: number, hash: string | null, cost: bigint, { timestamp }: Head): void {
    this.#journal.append({ type: "final", nonce, hash, cost: String(cost), at: timestamp });
    this.#usedSince.delete(nonce);
  }

  /** Forgets that one of these did its job: the chain was reorganised. */
  #undo(versions: readonly Intent[]): void {
    for (const { hash, deed } of versions)
      if (this.#done.get(deed.job)?.hash === hash) this.#done.delete(deed.job);
  }

  /** Sends again what the node does not know, raises what waits for too long, and uses the nonce up where the deed would not go through any more, or not pay for its gas. */
  async #unmined({ nonce, versions, latest }: Open, head: Head): Promise<void> {
    // Mined before, and not any more: the chain was reorganised.
    this.#usedSince.delete(nonce);
    for (const { hash } of versions) this.#told.delete(hash);
    this.#undo(versions);
    const known = await this.#provider.getTransaction(latest.hash);
    const waited = head.number - latest.block;
    // A head that went back counts as no wait.
    const isStuck = waited >= this.#limits.stuckBlocks;
    if (known !== null && !isStuck) return;
    const answer = await this.#isWanted(latest);
    // The nonce keeps what it is for, and nothing else waits for it.
    if (typeof answer === "string") return this.#notify({ kind: "waiting", nonce, reason: answer });
    const { paysUpTo } = latest.deed;
    const price = head.baseFee + this.#limits.priorityFee;
    const isWanted = answer && (paysUpTo === undefined || price <= BigInt(paysUpTo));
    const isCheap = BigInt(latest.maxFeePerGas) < head.baseFee;
    if (isWanted && known === null && !isCheap && !isStuck) return this.#outbox.broadcast(latest, "resent");
    const fees = replacingFees(
      {
        maxFeePerGas: BigInt(latest.maxFeePerGas),
        maxPriorityFeePerGas: BigInt(latest.maxPriorityFeePerGas),
      },
      head.baseFee,
      this.#limits,
    );
    if (fees === null) {
      this.#notify({ kind: "waiting", nonce, reason: "the cap allows no dearer version" });
      if (known === null) await this.#outbox.broadcast(latest, "resent");
      return;
    }
    const gasLimit = await (isWanted ? this.#gasLimitAgain(latest) : this.#gasLimitOfNothing());
    const deed = isWanted ? latest.deed : this.#nothing(latest.deed);
    const raised = gasLimit * fees.maxFeePerGas;
    // Of a nonce the worst version counts, and that is in the sum already. A share holds no raise back: all later nonces wait for it.
    const more = raised - BigInt(latest.gasLimit) * BigInt(latest.maxFeePerGas);
    const left = this.#limits.dailyBudget - this.spent(head.timestamp);
    if (more > left) {
      this.#notify({ kind: "waiting", nonce, reason: "a dearer version is over the day's gas budget" });
      return;
    }
    const intent = await this.#outbox.intend(deed, nonce, gasLimit, fees, head);
    await this.#outbox.broadcast(intent, isWanted ? "replaced" : "cancelled");
  }

  /** The limit of a version that replaces this one: no lower, and higher where more is used by now, or the first estimate was wrong. */
  async #gasLimitAgain({ deed, gasLimit }: Intent): Promise<bigint> {
    const before = BigInt(gasLimit);
    // Of a node that does not say, the limit stays.
    const again =
      deed.data === "0x"
        ? await this.#gasLimitOfNothing()
        : gasLimitOf(await estimateGas(this.#provider, this.#account, deed).catch(() => 0n));
    return again > before ? again : before;
  }

  #gasLimitOfNothing(): Promise<bigint> {
    return gasLimitOfNothing(this.#provider, this.#account);
  }

  /** Whether the deed would still go through; of a node that refuses to say, its words. */
  async #isWanted({ deed }: Intent): Promise<boolean | string> {
    if (deed.job === "gap" || deed.data === "0x") return true;
    try {
      await this.#provider.call({ from: this.#account, to: deed.to, data: deed.data });
      return true;
    } catch (error) {
      if (!isError(error, "CALL_EXCEPTION")) throw error;
      // The block to come may take it; there it would be asked after itself.
      if (isOfItsBlock(error)) return true;
      const refused = refusedCall(error);
      return refused !== null && withHostsOnly(refused);
    }
  }

  /** Nonces below an open one that nothing is known of: the log is of another machine, or a transaction was taken back by a reorg. */
  async #fillGaps(next: number, head: Head): Promise<void> {
    const nonces = this.open.map(({ nonce }) => nonce);
    const last = Math.max(next - 1, ...nonces);
    let filled = 0;
    for (let nonce = next; nonce < last && filled < GAPS_A_LOOK; nonce++) {
      if (nonces.includes(nonce)) continue;
      filled++;
      const fees = firstFees(head.baseFee, this.#limits);
      if (fees === null) return this.#notify({ kind: "waiting", nonce, ...this.#dearerThanCap(head) });
      const deed: Deed = { job: "gap", what: "fill a gap", to: this.#account, data: "0x" };
      const gasLimit = await this.#gasLimitOfNothing();
      const most = gasLimit * fees.maxFeePerGas;
      const obstacle = await this.#cannotAfford(deed, { most, likely: most }, head);
      if (obstacle !== null) return this.#notify({ kind: "waiting", nonce, ...obstacle });
      await this.#outbox.broadcast(await this.#outbox.intend(deed, nonce, gasLimit, fees, head), "sent");
    }
  }

  #nothing({ job, what }: Deed): Deed {
    return { job, what: `nothing, in place of: ${what}`, to: this.#account, data: "0x" };
  }
}

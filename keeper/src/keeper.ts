/** The keeper: a look at the chain every few seconds, by loops that each say yes or no and why. All that it remembers is the intent log. */

import { firstLine } from "@meniscus/pricer/service/firstLine";
import { assertChain } from "@meniscus/pricer/service/node";
import type { EncodedReport } from "@meniscus/sdk/report";
import { systemReason } from "@meniscus/sdk/systemReason";
import type { JsonRpcProvider, Wallet } from "ethers";
import { type Config, ConfigError, type JobName } from "./config.ts";
import { type Contracts, findContracts } from "./contracts.ts";
import { type Deed, skip } from "./deed.ts";
import type { Event } from "./event.ts";
import { epoch } from "./jobs/epoch.ts";
import { hedge } from "./jobs/hedge.ts";
import { mark } from "./jobs/mark.ts";
import { poke } from "./jobs/poke.ts";
import { settle } from "./jobs/settle.ts";
import type { Reason } from "./reason.ts";
import { fetchReport } from "./reports.ts";
import type { Journal } from "./sending/journal.ts";
import { Sender } from "./sending/sender.ts";
import { type Head, type Job, revertIn, type View } from "./view.ts";

/** Each loop's judgement of a view. */
export const LOOPS: Readonly<Record<JobName, Job>> = { poke, mark, settle, epoch, hedge };

/** What a look found, of one job or of the whole. */
export type Finding =
  | ({ kind: "skip"; job: JobName } & Reason)
  | { kind: "failed"; job: JobName; reason: string }
  | { kind: "would"; job: JobName; what: string }
  | { kind: "blind"; reason: string }
  | { kind: "looked"; head: Head; balance: bigint; open: number; budgetLeft: bigint }
  | Event;

interface KeeperParts {
  config: Config;
  jobs: readonly JobName[];
  wallet: Wallet;
  provider: JsonRpcProvider;
  journal: Journal;
  /** Looks and decides, sends nothing. */
  dryRun: boolean;
  /** Our clock, unix seconds. */
  now: () => number;
  notify: (finding: Finding) => void;
}

/** Looks for which a lower head than one seen is not believed; then the chain is taken for shorter than it was. */
const PATIENCE = 20;

export class Keeper {
  readonly #parts: KeeperParts;
  readonly #sender: Sender;
  readonly #keptReports = new Map<string, EncodedReport>();
  #contracts: Contracts | null = null;
  #isChainKnown = false;
  #highest = 0;
  #lower = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#sender = new Sender(parts);
  }

  /**
   * One look. Never throws for what the outside does; a look that fails is told, and the next one is another chance.
   * @throws ConfigError where the node is of another chain or the contracts are not those of a market, which no later look changes
   */
  async look(): Promise<void> {
    const { notify, jobs, dryRun } = this.#parts;
    try {
      await this.#assertChain();
      const head = await this.#head();
      if (typeof head === "string") {
        notify({ kind: "blind", reason: head });
        return;
      }
      if (!dryRun) await this.#sender.reconcile(head);
      const view = await this.#view(head);
      for (const job of jobs) {
        // What stands in one job's way is no reason not to do the others.
        await this.#judge(job, view).catch((error) =>
          notify({ kind: "failed", job, reason: firstLine(error) }),
        );
      }
      await this.#tellState(head);
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      notify({ kind: "blind", reason: firstLine(error) });
    }
  }

  async #judge(job: JobName, view: View): Promise<void> {
    const { notify, dryRun } = this.#parts;
    const busy = this.#sender.busyWith(job, view.head);
    const decision = busy === null ? await LOOPS[job](view) : skip(busy);
    if ("act" in decision && dryRun) {
      notify({ kind: "would", job, what: decision.act.what });
      return;
    }
    if ("act" in decision) {
      const reason = await this.#carryOut(decision.act, view.head);
      if (reason !== null) notify({ kind: "skip", job, ...reason });
    } else {
      const { skip: reason, ...trouble } = decision;
      notify({ kind: "skip", job, reason, ...trouble });
    }
  }

  /** Sends; the reason where nothing was sent. */
  async #carryOut(deed: Deed, head: Head): Promise<Reason | null> {
    try {
      return await this.#sender.send(deed, head);
    } catch (error) {
      // The disk: nothing was sent, and nothing will be until there is room.
      if (isSystemError(error))
        return { reason: `the intent log cannot be written: ${systemReason(error)}`, trouble: "log" };
      return { reason: `somebody else was first: ${revertIn(error)}` };
    }
  }

  /**
   * At each look, before anything is sent: what is signed for one chain is nothing to show to a node of another, and behind one URL may be several.
   * A node that was of this chain before ends nothing.
   */
  async #assertChain(): Promise<void> {
    const { provider, config } = this.#parts;
    try {
      await assertChain(provider, config.rpc, config.chainId);
    } catch (error) {
      if (error instanceof ConfigError && this.#isChainKnown) throw new Error(error.message);
      throw error;
    }
    this.#isChainKnown = true;
  }

  /** The head to act on, or why there is none. */
  async #head(): Promise<Head | string> {
    const { provider, config, now } = this.#parts;
    const block = await provider.getBlock("latest");
    if (block === null) return "the node has no head";
    if (block.number < this.#highest && ++this.#lower < PATIENCE)
      return `the head ${block.number} is behind ${this.#highest}, seen before`;
    [this.#highest, this.#lower] = [block.number, 0];
    const age = now() - block.timestamp;
    if (config.headMaxAgeSeconds > 0 && age > config.headMaxAgeSeconds)
      return (
        `the head is ${Math.round(age)} s old, and headMaxAgeSeconds allows ${config.headMaxAgeSeconds}: wait for the node to catch up or name ` +
        "another, or set headMaxAgeSeconds to 0 where the chain keeps a time of its own"
      );
    const { number, timestamp, hash } = block;
    return { number, timestamp, hash: hash!, baseFee: block.baseFeePerGas ?? 0n };
  }

  async #view(head: Head): Promise<View> {
    const { provider, config, wallet } = this.#parts;
    this.#contracts ??= await findContracts(provider, config);
    const contracts = this.#contracts;
    const { reportUrl, rpcSeconds, minimumProfit, priorityFee } = config;
    const newestReport = async () => (reportUrl === undefined ? null : fetchReport(reportUrl, rpcSeconds));
    const keptReports = this.#keptReports;
    return {
      ...{ contracts, provider, head, account: wallet.address, newestReport, keptReports },
      doneAt: (job) => this.#sender.doneAt(job),
      ...{ minimumProfit, gasPrice: head.baseFee + priorityFee },
    };
  }

  async #tellState(head: Head): Promise<void> {
    const { provider, wallet, config, notify } = this.#parts;
    const balance = await provider.getBalance(wallet.address);
    const budgetLeft = config.dailyBudget - this.#sender.spent(head.timestamp);
    notify({ kind: "looked", head, balance, open: this.#sender.open.length, budgetLeft });
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === "number";

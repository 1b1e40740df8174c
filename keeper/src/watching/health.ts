/** Whether the keeper is well, from its findings alone. */
import type { Health } from "@meniscus/pricer/service/endpoint";
import type { Event } from "../event.ts";
import type { Finding } from "../keeper.ts";
import type { Reason, Trouble } from "../reason.ts";

/** Looks without a sound one between them, of the whole, a job or a nonce, after which it is sick. */
const SICK_LOOKS = 5;
/**
 * What passes by itself most often, with the next heads: it is counted by time, not by looks, of which one head may see several. It is sick after these
 * seconds over which looks found no change in it, but for others' reasons between them of less than `gap` seconds.
 */
const PASSING: { readonly [trouble in Trouble]?: { seconds: number; gap: number; advice: string } } = {
  gas: { seconds: 600, gap: 0, advice: "" },
  // A hedge waits for reports, too, between looks at what it would earn.
  unpaid: {
    seconds: 3600,
    gap: 600,
    advice:
      "; for an hour gas alone was in its way: wait for cheaper gas, fill it at a loss if the delta matters, or raise minimumProfit if it does not",
  },
};
const passingOf = (trouble: Trouble | undefined) => (trouble === undefined ? undefined : PASSING[trouble]);

/** Transactions of a job that reverted one after another, none done between them, after which it is sick: each has cost its gas for nothing. */
const SICK_REVERTS = 5;
/** Seconds after which a revert counts no more: where another keeper is always first, this one may have none to do well. */
const REVERT_SECONDS = 86_400;

interface Repeated extends Reason {
  /** Of a nonce: the node did not take it. */
  isUnsent: boolean;
  looks: number;
  /** Of the first and the last of these looks, unix seconds. */
  firstAt: number;
  lastAt: number;
}

const isLasting = ({ trouble, looks, firstAt, lastAt }: Repeated): boolean => {
  const passing = passingOf(trouble);
  return passing === undefined ? looks >= SICK_LOOKS : lastAt - firstAt >= passing.seconds;
};

export class HealthBook {
  readonly #interval: number;
  readonly #now: () => number;
  #blind: string[] = [];
  #lookedAt: number;
  /** Of jobs in trouble that does not pass by itself: nothing opens before an epoch's mark. */
  readonly #skips = new Map<string, string>();
  readonly #passing = new Map<string, Repeated>();
  readonly #failed = new Map<string, Repeated>();
  readonly #stuck = new Map<number, Repeated>();
  /** Of jobs, when their transactions reverted since the last one that was done. */
  readonly #reverts = new Map<string, number[]>();

  /** @param interval seconds between two looks; `now` in unix seconds */
  constructor(interval: number, now: () => number) {
    [this.#interval, this.#now, this.#lookedAt] = [interval, now, now()];
  }

  note(finding: Finding): void {
    switch (finding.kind) {
      case "blind":
        this.#blind.push(finding.reason);
        break;
      case "looked":
        [this.#blind, this.#lookedAt] = [[], this.#now()];
        break;
      case "failed":
        this.#repeat(this.#failed, finding.job, finding);
        break;
      case "skip":
        this.#noteSkip(finding);
        break;
      case "would":
        this.#forget(finding.job);
        break;
      default:
        this.#noteDeed(finding);
    }
  }

  #noteSkip(finding: Extract<Finding, { kind: "skip" }>): void {
    const { job, reason, trouble } = finding;
    this.#failed.delete(job);
    const passing = passingOf(trouble);
    const before = this.#passing.get(job);
    if (before !== undefined && before.trouble !== trouble) {
      const { gap } = passingOf(before.trouble)!;
      if (passing !== undefined || this.#now() - before.lastAt >= gap) this.#passing.delete(job);
    }
    if (passing !== undefined) this.#repeat(this.#passing, job, finding);
    if (trouble === undefined || passing !== undefined) this.#skips.delete(job);
    else this.#skips.set(job, reason);
  }

  #repeat<Key>(
    book: Map<Key, Repeated>,
    key: Key,
    { kind, reason, trouble }: { kind: string } & Reason,
  ): void {
    const lastAt = this.#now();
    const { looks, firstAt } = book.get(key) ?? { looks: 0, firstAt: lastAt };
    const isUnsent = kind === "unsent";
    book.set(key, { reason, ...(trouble && { trouble }), isUnsent, looks: looks + 1, firstAt, lastAt });
  }

  #noteDeed(event: Event): void {
    if (event.kind === "waiting" || event.kind === "unsent") {
      this.#repeat(this.#stuck, event.nonce, event);
      return;
    }
    const nonce = "nonce" in event ? event.nonce : event.intent.nonce;
    // Sent again as it was, it still waits for what it waited for.
    if (event.kind !== "resent" || this.#stuck.get(nonce)?.isUnsent) this.#stuck.delete(nonce);
    if (event.kind === "mined") this.#noteMined(event);
    if (event.kind !== "sent") return;
    this.#forget(event.intent.deed.job);
  }

  #noteMined({ intent: { deed }, receipt }: Extract<Event, { kind: "mined" }>): void {
    // What only uses a nonce up says nothing of its job.
    if (deed.data === "0x") return;
    const before = receipt.status === 1 ? null : (this.#reverts.get(deed.job) ?? []);
    this.#reverts.set(deed.job, before === null ? [] : [...before, this.#now()]);
  }

  /** What was in a job's way is not any more. */
  #forget(job: string): void {
    this.#skips.delete(job);
    this.#passing.delete(job);
    this.#failed.delete(job);
  }

  read(): Health {
    const reasons: string[] = [];
    if (this.#blind.length >= SICK_LOOKS) reasons.push(`blind: ${this.#blind.at(-1)}`);
    const silence = this.#now() - this.#lookedAt;
    // A request may take its time, thrice; below a minute nobody needs to be woken.
    if (silence > Math.max(60, 10 * this.#interval))
      reasons.push(`no sound look for ${Math.round(silence)} s`);
    for (const [job, reason] of this.#skips) reasons.push(`${job}: ${reason}`);
    for (const [job, passing] of this.#passing)
      if (isLasting(passing))
        reasons.push(`${job}: ${passing.reason}${passingOf(passing.trouble)?.advice ?? ""}`);
    for (const [job, failed] of this.#failed)
      if (isLasting(failed)) reasons.push(`${job} fails: ${failed.reason}`);
    for (const [job, revertedAt] of this.#reverts) {
      const { length } = revertedAt.filter((at) => at > this.#now() - REVERT_SECONDS);
      if (length >= SICK_REVERTS) reasons.push(`${job}: its last ${length} transactions reverted`);
    }
    for (const [nonce, stuck] of this.#stuck)
      if (isLasting(stuck)) reasons.push(`nonce ${nonce}: ${stuck.reason}`);
    return { isWell: reasons.length === 0, reasons };
  }
}

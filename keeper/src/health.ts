/** Whether the keeper is well, from its findings alone. */
import type { Health } from "@meniscus/pricer/service/endpoint";
import { type Event, UNTAKEN } from "./event.ts";
import type { Finding } from "./keeper.ts";

/** Looks without a sound one between them, of the whole, a job or a nonce, after which it is sick. */
const SICK_LOOKS = 5;
/** What is no obstacle of the market's but one of the keeper's own, or one that somebody should see to: nothing opens before an epoch's mark. */
const SICK_SKIPS = [
  /^out of funds/,
  /^over the day's gas budget/,
  /^over mark's and poke's share of the day's gas budget/,
  /^the intent log cannot/,
  /^no mark yet/,
];
/** What passes by itself most often, with the next heads: it is counted by time, not by looks, of which one head may see several. */
const PASSING = /^gas is dearer than the cap/;
/** Seconds over which looks found no change in it, after which it is sick. */
const SICK_SECONDS = 600;

interface Repeated {
  reason: string;
  looks: number;
  /** Of the first and the last of these looks, unix seconds. */
  firstAt: number;
  lastAt: number;
}

const isLasting = ({ reason, looks, firstAt, lastAt }: Repeated): boolean =>
  PASSING.test(reason) ? lastAt - firstAt >= SICK_SECONDS : looks >= SICK_LOOKS;

export class HealthBook {
  readonly #interval: number;
  readonly #now: () => number;
  #blind: string[] = [];
  #lookedAt: number;
  readonly #skips = new Map<string, string>();
  readonly #passing = new Map<string, Repeated>();
  readonly #failed = new Map<string, Repeated>();
  readonly #stuck = new Map<number, Repeated>();

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
        this.#repeat(this.#failed, finding.job, finding.reason);
        break;
      case "skip":
        this.#skips.set(finding.job, finding.reason);
        if (PASSING.test(finding.reason)) this.#repeat(this.#passing, finding.job, finding.reason);
        else this.#passing.delete(finding.job);
        this.#failed.delete(finding.job);
        break;
      case "would":
        this.#forget(finding.job);
        break;
      default:
        this.#noteDeed(finding);
    }
  }

  #repeat<Key>(book: Map<Key, Repeated>, key: Key, reason: string): void {
    const lastAt = this.#now();
    const { looks, firstAt } = book.get(key) ?? { looks: 0, firstAt: lastAt };
    book.set(key, { reason, looks: looks + 1, firstAt, lastAt });
  }

  #noteDeed(event: Event): void {
    if (event.kind === "waiting" || event.kind === "unsent") {
      this.#repeat(this.#stuck, event.nonce, event.reason);
      return;
    }
    const nonce = "nonce" in event ? event.nonce : event.intent.nonce;
    // Sent again as it was, it still waits for what it waited for.
    if (event.kind !== "resent" || this.#stuck.get(nonce)?.reason.startsWith(UNTAKEN))
      this.#stuck.delete(nonce);
    if (event.kind !== "sent") return;
    this.#forget(event.intent.deed.job);
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
    for (const [job, reason] of this.#skips)
      if (SICK_SKIPS.some((pattern) => pattern.test(reason))) reasons.push(`${job}: ${reason}`);
    for (const [job, passing] of this.#passing)
      if (isLasting(passing)) reasons.push(`${job}: ${passing.reason}`);
    for (const [job, failed] of this.#failed)
      if (isLasting(failed)) reasons.push(`${job} fails: ${failed.reason}`);
    for (const [nonce, stuck] of this.#stuck)
      if (isLasting(stuck)) reasons.push(`nonce ${nonce}: ${stuck.reason}`);
    return { isWell: reasons.length === 0, reasons };
  }
}

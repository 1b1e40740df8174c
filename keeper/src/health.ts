/** Whether the keeper is well, from its findings alone. */
import type { Health } from "@meniscus/pricer/service/endpoint";
import { type Event, UNTAKEN } from "./event.ts";
import type { Finding } from "./keeper.ts";

/** Looks without a sound one between them, of the whole, a job or a nonce, after which it is sick. */
const SICK_LOOKS = 5;
/** What is no obstacle of the market's but one of the keeper's own. */
const SICK_SKIPS = [
  /^out of funds/,
  /^over the day's gas budget/,
  /^over mark's and poke's share of the day's gas budget/,
  /^the intent log cannot/,
];
/** What passes by itself most often: one of the keeper's own once it has been so for as many looks. */
const PASSING_SKIP = /^gas is dearer than the cap/;

interface Repeated {
  reason: string;
  looks: number;
}

function repeat<Key>(book: Map<Key, Repeated>, key: Key, reason: string): void {
  book.set(key, { reason, looks: (book.get(key)?.looks ?? 0) + 1 });
}

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
        repeat(this.#failed, finding.job, finding.reason);
        break;
      case "skip":
        this.#skips.set(finding.job, finding.reason);
        if (PASSING_SKIP.test(finding.reason)) repeat(this.#passing, finding.job, finding.reason);
        else this.#passing.delete(finding.job);
        this.#failed.delete(finding.job);
        break;
      case "would":
        this.#failed.delete(finding.job);
        break;
      default:
        this.#noteDeed(finding);
    }
  }

  #noteDeed(event: Event): void {
    if (event.kind === "waiting" || event.kind === "unsent") {
      repeat(this.#stuck, event.nonce, event.reason);
      return;
    }
    const nonce = "nonce" in event ? event.nonce : event.intent.nonce;
    // Sent again as it was, it still waits for what it waited for.
    if (event.kind !== "resent" || this.#stuck.get(nonce)?.reason.startsWith(UNTAKEN))
      this.#stuck.delete(nonce);
    if (event.kind !== "sent") return;
    this.#skips.delete(event.intent.deed.job);
    this.#passing.delete(event.intent.deed.job);
    this.#failed.delete(event.intent.deed.job);
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
    for (const [job, { reason, looks }] of this.#passing)
      if (looks >= SICK_LOOKS) reasons.push(`${job}: ${reason}`);
    for (const [job, { reason, looks }] of this.#failed)
      if (looks >= SICK_LOOKS) reasons.push(`${job} fails: ${reason}`);
    for (const [nonce, { reason, looks }] of this.#stuck)
      if (looks >= SICK_LOOKS) reasons.push(`nonce ${nonce}: ${reason}`);
    return { isWell: reasons.length === 0, reasons };
  }
}

/** Whether the keeper is well, from its findings alone. */
import type { Finding } from "./keeper.ts";

/** Looks without a sound one between them after which it is sick. */
const BLIND_LOOKS = 5;
/** What is no obstacle of the market's but one of the keeper's own. */
const SICK_SKIPS = [/^out of funds/, /^over the day's gas budget/, /^the intent log cannot/];

export interface Health {
  isWell: boolean;
  reasons: string[];
}

export class HealthBook {
  readonly #interval: number;
  readonly #now: () => number;
  #blind: string[] = [];
  #lookedAt: number;
  readonly #skips = new Map<string, string>();
  readonly #stuck = new Map<number, { reason: string; looks: number }>();

  /** @param interval seconds between two looks; `now` in unix seconds */
  constructor(interval: number, now: () => number) {
    [this.#interval, this.#now, this.#lookedAt] = [interval, now, now()];
  }

  note(finding: Finding): void {
    if (finding.kind === "blind") this.#blind.push(finding.reason);
    if (finding.kind === "skip") this.#skips.set(finding.job, finding.reason);
    if (finding.kind === "sent") this.#skips.delete(finding.intent.deed.job);
    if (finding.kind === "waiting" || finding.kind === "unsent") {
      const looks = (this.#stuck.get(finding.nonce)?.looks ?? 0) + 1;
      this.#stuck.set(finding.nonce, { reason: finding.reason, looks });
    }
    if (finding.kind === "mined") this.#stuck.delete(finding.intent.nonce);
    if (finding.kind === "looked") [this.#blind, this.#lookedAt] = [[], this.#now()];
  }

  read(): Health {
    const reasons: string[] = [];
    if (this.#blind.length >= BLIND_LOOKS) reasons.push(`blind: ${this.#blind.at(-1)}`);
    const silence = this.#now() - this.#lookedAt;
    // A request may take its time, thrice; below a minute nobody needs to be woken.
    if (silence > Math.max(60, 10 * this.#interval))
      reasons.push(`no sound look for ${Math.round(silence)} s`);
    for (const [job, reason] of this.#skips)
      if (SICK_SKIPS.some((pattern) => pattern.test(reason))) reasons.push(`${job}: ${reason}`);
    for (const [nonce, { reason, looks }] of this.#stuck)
      if (looks >= BLIND_LOOKS) reasons.push(`nonce ${nonce}: ${reason}`);
    return { isWell: reasons.length === 0, reasons };
  }
}

/** Expiries that some signers cannot judge, or judge otherwise: what is proposed without them so that the rest is signed. */
import type { Surface } from "../fit/surface.ts";
import { markSlotOf } from "../service/clock.ts";
import type { BoundsConfig } from "../service/config.ts";
import { type Drafted, draftReport } from "./draft.ts";
import { judgeDraft } from "./judgements.ts";
import { awaitedBy, type Decision } from "./rules.ts";
import type { AskOptions, Collected, Declined } from "./signers.ts";
import type { ChainState } from "./surfaceChain.ts";

/** A draft of everything, and what it is of. */
export interface Whole {
  readonly fresh: Drafted;
  readonly surface: Surface;
  readonly state: ChainState;
}

export class Disputes {
  readonly #asked: AskOptions;
  readonly #vol: BoundsConfig["vol"];
  /** Whether expiries kept a quorum from signing: the next draft is judged before it is proposed. */
  #isOpen = false;
  /** What the last judgement left out. */
  #leftOut: readonly number[] = [];
  /** Who said at the last judgement that it would sign what is proposed, by URL. */
  #willing: readonly string[] = [];
  /** Who said so, gave no signature that counts, and has given none since. */
  readonly #doubted = new Set<string>();

  /** @param vol what a draft may state of one at the money */
  constructor(asked: AskOptions, vol: BoundsConfig["vol"]) {
    [this.#asked, this.#vol] = [asked, vol];
  }

  /** Counts again on one who gave a signature that counts, whenever it came. */
  trust(url: string): void {
    this.#doubted.delete(url);
  }

  /** Learns from what the signers said to the draft that was proposed. */
  learn(collected: Collected): void {
    for (const { url } of collected.declined) if (this.#willing.includes(url)) this.#doubted.add(url);
    // Some would have signed without some expiries, and a quorum was missed.
    if (collected.kind === "short" && collected.isDisputed) this.#isOpen = true;
  }

  /** The draft that is proposed if the signers judge as they did last. */
  likely(whole: Whole): Drafted {
    const draft = this.#without(this.#leftOut, whole);
    return typeof draft === "string" ? whole.fresh : draft;
  }

  /**
   * The draft to propose, why there is none, or what the signers said where they would sign nothing. They are asked in a dispute, and in a slot,
   * where a signature under a report that gets no quorum is lost.
   */
  async judged(
    whole: Whole,
    why: Decision["why"],
  ): Promise<Drafted | string | { readonly declined: readonly Declined[] }> {
    const { fresh, state } = whole;
    this.#willing = [];
    if (!this.#isOpen && markSlotOf(fresh.report.reportAt) === null) return fresh;
    const { size } = state.quorum;
    const { leftOut, willing, declined } = await judgeDraft(fresh, size, this.#doubted, this.#asked);
    if (leftOut === null) return { declined };
    this.#isOpen = leftOut.length > 0;
    if (why === "mark") {
      const awaited = awaitedBy(fresh.report, state.last);
      if (leftOut.some((each) => awaited.has(each))) return { declined };
    }
    [this.#leftOut, this.#willing] = [leftOut, willing];
    return this.#without(leftOut, whole);
  }

  #without(leftOut: readonly number[], { fresh, surface, state }: Whole): Drafted | string {
    if (leftOut.length === 0) return fresh;
    const rest = [...state.listed].filter((expiryAt) => !leftOut.includes(expiryAt));
    const draft = draftReport(surface, fresh.report.market, new Set(rest), this.#vol);
    if (typeof draft === "string") return draft;
    const disputed = leftOut.map((expiryAt) => ({ expiryAt, why: "no quorum of signers would sign it" }));
    return { ...draft, leftOut: [...draft.leftOut, ...disputed] };
  }
}

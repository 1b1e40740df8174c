/** One step of the pricer: look, decide, ask the signers, post. Every step ends in one result, and the next begins with nothing but the store and the chain. */
import { type EncodedReport, REPORT_AGE_MAX } from "@meniscus/sdk/report";
import { parseEther, parseUnits } from "ethers";
import type { Surface } from "../fit/surface.ts";
import { type BoundsRefusal, boundsRefusal } from "../service/bounds.ts";
import { markSlotOf } from "../service/clock.ts";
import type { PricerConfig } from "../service/config.ts";
import { firstLine } from "../service/firstLine.ts";
import type { MarketView } from "../service/view.ts";
import type { SignedReport } from "../store/store.ts";
import { Disputes } from "./disputes.ts";
import { type Drafted, draftReport, type LeftOut, leftOutText } from "./draft.ts";
import { type Posted, Poster, type PosterParts, type PostStep, type SpendingLimits } from "./poster.ts";
import { awaitedBy, type Decision, decide, type Expiries, type Reason } from "./rules.ts";
import { type AskOptions, collectSignatures, type Declined } from "./signers.ts";
import type { ChainState } from "./surfaceChain.ts";

export type Result =
  | { readonly kind: "blind"; readonly reason: string }
  | {
      readonly kind: "stuck";
      readonly at: "settle" | "store" | "chain" | "draft" | "post";
      readonly reason: string;
    }
  | { readonly kind: "implausible"; readonly refusal: BoundsRefusal }
  /**
   * Early: signed, and posted once the node knows a block that would take it. Slot spent: no quorum is left for this slot's report, and none
   * is on the chain.
   */
  | { readonly kind: "quiet"; readonly why: Decision["why"] | "pending" | "early" | "outrun" | "slot spent" }
  | {
      readonly kind: "unsigned";
      readonly signed: number;
      readonly declined: readonly Declined[];
      /** Where nobody was asked. */
      readonly reason?: string;
    }
  | {
      readonly kind: "published";
      /** Late: mined when the step that sent it was over. */
      readonly why: Decision["why"] | "late";
      readonly reportAt: number;
      /** How many expiries it holds; those that are listed and not in it close. */
      readonly slices: number;
      readonly hash: string;
      readonly gas: number;
      readonly declined: readonly Declined[];
      /** Of what is listed. None, and none declined, where it was not proposed here since the start. */
      readonly leftOut: readonly LeftOut[];
    };

/** Where a step is, in order; told before the next begins. */
export type Step = "fitted" | "kept" | "drafted" | "signed" | PostStep;

export interface PublisherParts extends Omit<PosterParts, "chainId" | "limits" | "onStep"> {
  readonly config: PricerConfig;
  readonly view: MarketView;
  readonly onStep?: (step: Step) => void;
}

/** What is told of a report that was proposed. */
interface Proposal {
  readonly reportAt: number;
  readonly declined: readonly Declined[];
  readonly leftOut: readonly LeftOut[];
}

/** Seconds for which a draft that too few have signed is proposed again: later the others' own data are of another moment. */
const AGAIN_SECONDS = 15;

export class Publisher {
  readonly #parts: PublisherParts;
  readonly #poster: Poster;
  readonly #asked: AskOptions;
  readonly #disputes: Disputes;
  /** The last draft, where too few have signed it, but some have or may have. */
  #short: Drafted | null = null;
  /** Of the report that went to the chain last, which may be mined some steps later. */
  #proposal: Proposal | null = null;
  /** What is signed, and later than any block that the node knows, with the contract's answer. */
  #early: { readonly signed: SignedReport; readonly reason: string } | null = null;
  /** Of the last report that was sent because an expiry came or went; after a restart there is none. */
  #shiftedAt: number | null = null;
  /** The slot in which so many have signed another report that no quorum is left. */
  #spentSlot: number | null = null;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    const { market, signers, signerSeconds, bounds } = parts.config;
    this.#asked = { urls: signers, market, seconds: signerSeconds };
    this.#disputes = new Disputes(this.#asked, bounds.vol);
    this.#poster = new Poster({ ...parts, chainId: market.chainId, limits: limitsOf(parts.config) });
  }

  /** Never throws. */
  async step(): Promise<Result> {
    const { view, store, onStep } = this.#parts;
    let waiting: Posted | null;
    try {
      const settled = await this.#poster.settle();
      ({ waiting } = settled);
      const results = settled.closed.map((posted) => resultOf(posted, "late", this.#proposal));
      // One is open at a time, but for another process with this key and this store.
      if (results.length > 0) return results.find(({ kind }) => kind === "stuck") ?? results.at(-1)!;
    } catch (error) {
      return stuck("settle", error);
    }
    const again = waiting === null ? await this.#postAgain() : null;
    if (again !== null) return again;
    const look = await view.look();
    if (look.kind === "blind") return look;
    onStep?.("fitted");
    try {
      if (look.isNew) await store.keepSurface(look.surface);
    } catch (error) {
      return stuck("store", error);
    }
    onStep?.("kept");
    if (waiting !== null) return resultOf(waiting, "late", null);
    let state: ChainState;
    try {
      state = await this.#parts.chain.read();
    } catch (error) {
      return stuck("chain", error);
    }
    try {
      return await this.#propose(look.surface, state);
    } catch (error) {
      return stuck("draft", error);
    }
  }

  /** The newest report with its signatures, posted or not, for those who carry it into a trade or a hedge. */
  lastSigned(): Promise<SignedReport | null> {
    return this.#parts.store.lastSigned();
  }

  /** What the account had when a transaction was prepared last, wei; null before that. */
  get balance(): bigint | null {
    return this.#poster.balance;
  }

  /** By all that was mined since the start, whatever became of it. */
  get gasUsed(): number {
    return this.#poster.gasUsed;
  }

  async #propose(surface: Surface, state: ChainState): Promise<Result> {
    const { config, onStep } = this.#parts;
    const { market, bounds, rules } = config;
    const fresh = draftReport(surface, market.id, state.listed, bounds.vol);
    if (typeof fresh === "string") return { kind: "stuck", at: "draft", reason: fresh };
    // What was left out last is most likely left out again: that it is missing is no reason to publish.
    const likely = this.#disputes.likely({ fresh, surface, state });
    const decision = decide(likely.report, state.last, rules, this.#expiriesOf(state));
    if (!decision.publish) return { kind: "quiet", why: decision.why };
    const slot = markSlotOf(fresh.report.reportAt);
    if (slot !== null && slot === this.#spentSlot) return { kind: "quiet", why: "slot spent" };
    // Of nobody a quorum is nobody, and what it signs the contract refuses.
    if (state.quorum.size === 0)
      return { kind: "unsigned", signed: 0, declined: [], reason: "the market has no signers" };
    const refusal = boundsRefusal(fresh.report, bounds, givenOf(state.last));
    if (refusal !== null) return { kind: "implausible", refusal };
    onStep?.("drafted");
    const begun = slot === null ? null : this.#begunOf(slot, fresh);
    if (begun === null && decision.why === "mark") {
      const awaited = awaitedBy(fresh.report, state.last);
      const missing = fresh.leftOut.filter(({ expiryAt }) => awaited.has(expiryAt));
      const reason = `the mark waits until 09:01 UTC for what the last report had: ${leftOutText(missing)}`;
      if (missing.length > 0) return { kind: "unsigned", signed: 0, declined: [], reason };
    }
    const draft = begun ?? (await this.#disputes.judged({ fresh, surface, state }, decision.why));
    if (typeof draft === "string") return { kind: "stuck", at: "draft", reason: draft };
    if ("declined" in draft) return { kind: "unsigned", signed: 0, declined: draft.declined };
    const collected = await collectSignatures(draft, state.quorum, this.#asked, (url) =>
      this.#disputes.trust(url),
    );
    const { declined } = collected;
    this.#disputes.learn(collected);
    // What one has signed it has signed, though it does not answer the next time.
    const isBegun = collected.kind === "short" && (collected.isBegun || draft === this.#short);
    this.#short = isBegun ? draft : null;
    if (collected.kind === "short") {
      if (collected.isSpent) this.#spentSlot = slot;
      if (collected.instead === null || !this.#isPostable(collected.instead.report, state.last))
        return { kind: "unsigned", signed: collected.signed, declined };
    }
    const [signed, leftOut] =
      collected.kind === "short"
        ? [collected.instead!, []]
        : [{ report: draft.report, signatures: collected.signatures }, draft.leftOut];
    try {
      // Before it is posted: whoever carries it need not wait for that.
      await this.#parts.store.keepSigned(signed);
    } catch (error) {
      return stuck("store", error);
    }
    onStep?.("signed");
    this.#proposal = { reportAt: signed.report.reportAt, declined, leftOut };
    return this.#post(signed, decision.why);
  }

  /**
   * Posts what a quorum has signed and the contract does not have: of a slot, for the signers sign no other, and what was early, for the next
   * would be too. That needs no view. Null where there is nothing of that kind that the contract would take.
   */
  async #postAgain(): Promise<Result | null> {
    const { chain, clock, config } = this.#parts;
    let signed: SignedReport | null;
    try {
      signed = this.#early?.signed ?? (await this.#lastOfSlot());
    } catch (error) {
      return stuck("store", error);
    }
    if (signed === null) return null;
    if (clock() > signed.report.reportAt + REPORT_AGE_MAX) return this.#giveUp();
    let state: ChainState;
    try {
      state = await chain.read();
    } catch (error) {
      return stuck("chain", error);
    }
    const decision = decide(signed.report, state.last, config.rules, this.#expiriesOf(state));
    if (decision.publish) return this.#post(signed, decision.why);
    this.#early = null;
    return null;
  }

  /** The newest report with its signatures, where it is of a slot. */
  async #lastOfSlot(): Promise<SignedReport | null> {
    const signed = await this.lastSigned();
    return signed === null || markSlotOf(signed.report.reportAt) === null ? null : signed;
  }

  /** What is said of a report that was early until it was too old; null where none was. */
  #giveUp(): Result | null {
    const early = this.#early;
    this.#early = null;
    if (early === null) return null;
    const { reportAt } = early.signed.report;
    const reason = `no block came within ${REPORT_AGE_MAX} s that would take the report of ${reportAt}: ${early.reason}`;
    return { kind: "stuck", at: "post", reason };
  }

  /** Whether what signers have signed for another pricer may go to the contract in place of one's own: what is withheld is worth nothing then. */
  #isPostable(report: EncodedReport, last: ChainState["last"]): boolean {
    const { clock, config } = this.#parts;
    if (report.market !== config.market.id || clock() > report.reportAt + REPORT_AGE_MAX) return false;
    if (last !== null && report.reportAt <= last.reportAt) return false;
    return boundsRefusal(report, config.bounds, givenOf(last)) === null;
  }

  /** What some have, or may have, signed of this slot, for they sign no other; null once the rest cannot join them. */
  #begunOf(slot: number, { report }: Drafted): Drafted | null {
    const short = this.#short;
    if (short === null || markSlotOf(short.report.reportAt) !== slot) return null;
    return report.reportAt - short.report.reportAt <= AGAIN_SECONDS ? short : null;
  }

  #expiriesOf({ unknown }: ChainState): Expiries {
    return { shiftedAt: this.#shiftedAt, unknown };
  }

  async #post(signed: SignedReport, why: Reason): Promise<Result> {
    const posted = await this.#poster.post(signed, why);
    this.#early = posted.kind === "early" ? { signed, reason: posted.reason } : null;
    if (why === "expiries" && isSent(posted)) this.#shiftedAt = signed.report.reportAt;
    return resultOf(posted, why, this.#proposal);
  }
}

const limitsOf = ({ feeCapGwei, priorityFeeGwei, dailyBudgetEther }: PricerConfig): SpendingLimits => ({
  feeCap: parseUnits(feeCapGwei.toFixed(9), "gwei"),
  priorityFee: parseUnits(priorityFeeGwei.toFixed(9), "gwei"),
  dailyBudget: parseEther(dailyBudgetEther.toFixed(18)),
});

/** Whether a transaction may cost something. */
const isSent = ({ kind }: Posted): boolean => kind !== "unsent" && kind !== "early" && kind !== "refused";

/** What a step ends in by what became of a transaction. */
function resultOf(posted: Posted, why: Decision["why"] | "late", proposal: Proposal | null): Result {
  switch (posted.kind) {
    case "mined": {
      const { gas, intent } = posted;
      const { hash, signed } = intent;
      const { reportAt, slices } = signed.report;
      const { declined, leftOut } =
        proposal?.reportAt === reportAt ? proposal : { declined: [], leftOut: [] };
      return { kind: "published", why, reportAt, slices: slices.length, hash, gas, declined, leftOut };
    }
    case "pending":
    case "early":
    case "outrun":
      return { kind: "quiet", why: posted.kind };
    case "reverted":
      return { kind: "stuck", at: "post", reason: `${posted.intent.hash} reverted` };
    case "doubtful":
    case "lost":
    case "refused":
    case "unsent":
      return { kind: "stuck", at: "post", reason: posted.reason };
  }
}

/** The contract's report as the bounds compare with it. */
const givenOf = (last: ChainState["last"]) => (last === null ? null : { ...last, digest: "" });

const stuck = (at: "settle" | "store" | "chain" | "draft", error: unknown): Result => ({
  kind: "stuck",
  at,
  reason: firstLine(error),
});

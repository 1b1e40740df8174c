/** A signer: the key, its own view, its memory, and one question answered. */
import { type EncodedReport, type ReportSignature, reportDigest, signReport } from "@meniscus/sdk/report";
import type { AbstractSigner } from "ethers";
import { z } from "zod";
import { type Clock, markSlotOf } from "../service/clock.ts";
import type { SignerConfig } from "../service/config.ts";
import { firstLine } from "../service/firstLine.ts";
import type { MarketView } from "../service/view.ts";
import type { Given, Store } from "../store/store.ts";
import { isOfExpiries, joinedRefusal, type Refusal, refusalOfDistance, refusalOfProposal } from "./judge.ts";
import { type Proposal, ProposalSchema } from "./proposal.ts";

export interface SignerParts {
  readonly config: Pick<SignerConfig, "market" | "bounds" | "tolerance" | "lookSeconds">;
  readonly key: AbstractSigner;
  readonly view: MarketView;
  readonly store: Store;
  readonly clock: Clock;
}

export type SignerAnswer =
  | { readonly kind: "signed"; readonly signature: ReportSignature; readonly reportAt: number }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly kept?: KeptReport };

/** What it has signed in place of a report that it refuses so that whoever asked can post that: nobody gains by withholding it. */
export interface KeptReport {
  readonly report: EncodedReport;
  readonly signature: string;
}

export class Signer {
  readonly #parts: SignerParts;

  constructor(parts: SignerParts) {
    this.#parts = parts;
  }

  /** @param text the proposal, JSON */
  async answer(text: string): Promise<SignerAnswer> {
    const proposal = readProposal(text);
    if (typeof proposal === "string") return refused({ kind: "Malformed", reason: proposal });
    const refusal = await this.#refusalOf(proposal);
    return refusal === null ? this.#sign(proposal) : refused(refusal);
  }

  /** What it has against the proposal, null where nothing; signs nothing, and does not look whether it has signed another. */
  async judge(text: string): Promise<Refusal | null> {
    const proposal = readProposal(text);
    if (typeof proposal === "string") return { kind: "Malformed", reason: proposal };
    return this.#refusalOf(proposal);
  }

  async #refusalOf(proposal: Proposal): Promise<Refusal | null> {
    const { config, view, store, clock } = this.#parts;
    let last: Given | null;
    try {
      last = await store.lastGiven();
    } catch (error) {
      return { kind: "MemoryFailed", reason: firstLine(error) };
    }
    const refusal = refusalOfProposal(proposal, { ...config, last, now: clock() });
    // Of some expiries alone: what its own data say against others is to be known with it.
    if (refusal !== null && !isOfExpiries(refusal)) return refusal;
    // Own data are looked at anew for every proposal; a look that takes too long is none.
    const look = await within(Math.ceil(config.lookSeconds * 1000), (signal) => view.look(signal));
    if (look.kind === "blind") return { kind: "Blind", reason: look.reason };
    return joinedRefusal(refusal, refusalOfDistance(proposal.report, look.surface, config.tolerance));
  }

  /** Remembers first, and signs only what the memory allows: after a crash in between the same report may be asked for again. */
  async #sign({ report }: Proposal): Promise<SignerAnswer> {
    const { config, key, store } = this.#parts;
    const { chainId, contract } = config.market;
    const digest = reportDigest(report, { chainId, contract });
    const { reportAt, spot } = report;
    const sign = (each: EncodedReport) => signReport(each, { chainId, contract }, key);
    let instead: Awaited<ReturnType<Store["give"]>>;
    let kept: EncodedReport | null = null;
    try {
      instead = await store.give({ reportAt, digest, spot }, markSlotOf(reportAt));
      if (instead === null) await store.keepGivenReport(digest, report);
      else kept = await store.givenReport(instead.given.digest);
    } catch (error) {
      return refused({ kind: "MemoryFailed", reason: firstLine(error) });
    }
    if (instead === null) return { kind: "signed", signature: await sign(report), reportAt };
    const { of, given } = instead;
    const kind = of === "time" ? "SignedOther" : "MarkSigned";
    const answer = refused({ kind, reportAt: given.reportAt, digest: given.digest });
    if (kept === null) return answer;
    return { ...answer, kept: { report: kept, signature: (await sign(kept)).signature } };
  }
}

const refused = (refusal: Refusal) => ({ kind: "refused", refusal }) as const;

function readProposal(text: string): Proposal | string {
  try {
    return ProposalSchema.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof z.ZodError)) return "no JSON";
    const { path, message } = error.issues[0]!;
    return `${path.join(".")}: ${message}`;
  }
}

/** A source that hangs must not hang the signer: its look ends blind. */
async function within(
  milliseconds: number,
  look: (signal: AbortSignal) => ReturnType<MarketView["look"]>,
): ReturnType<MarketView["look"]> {
  const signal = AbortSignal.timeout(milliseconds);
  const late = new Promise<Awaited<ReturnType<MarketView["look"]>>>((resolve) => {
    const reason = `the source gave nothing within ${milliseconds} ms`;
    signal.addEventListener("abort", () => resolve({ kind: "blind", reason }), { once: true });
  });
  return Promise.race([look(signal), late]);
}

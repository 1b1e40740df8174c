/**
 * What the signers would refuse of a draft, asked before any of them signs, for of one time, and of one slot, a signer signs one report. From
 * their answers: the fewest expiries without which a quorum would sign.
 */
import { decodeReport } from "@meniscus/sdk/report";
import { z } from "zod";
import { firstLine } from "../service/firstLine.ts";
import type { Draft } from "./draft.ts";
import { type AskOptions, askSigner, type Declined, proposalOf, Unsigned } from "./signers.ts";

/** The expiries that a signer refuses, none where it would sign the whole; null where it would sign nothing whatever is left out. */
export type Judgement = readonly number[] | null;

export interface Judged {
  /** What to leave out; null where no quorum would sign, whatever that is. */
  readonly leftOut: readonly number[] | null;
  readonly declined: readonly Declined[];
}

const Answer = z.object({
  refusal: z.looseObject({ expiries: z.array(z.number().int()).optional() }).nullable(),
});

/** @param size of the quorum */
export async function judgeDraft(draft: Draft, size: number, options: AskOptions): Promise<Judged> {
  const { urls, market, seconds } = options;
  const body = proposalOf(draft, market);
  const judgements: Judgement[] = [];
  const declined: Declined[] = [];
  let unknown = 0;
  let willing = 0;
  const enough = Promise.withResolvers<void>();
  const asked = urls.map(async (url) => {
    try {
      const { refusal } = Answer.parse(await askSigner(url, "/judge", body, seconds));
      judgements.push(refusal === null ? [] : (refusal.expiries ?? null));
      if (refusal !== null) declined.push({ url, reason: `refuses: ${JSON.stringify(refusal)}` });
      else if (++willing >= size) enough.resolve();
    } catch (error) {
      declined.push({ url, reason: firstLine(error) });
      // One of an earlier version gives no judgement, and may sign all the same.
      if (!(error instanceof Unsigned)) unknown++;
    }
  });
  await Promise.race([enough.promise, Promise.all(asked)]);
  const expiries = decodeReport(draft.report).slices.map(({ expiryAt }) => expiryAt);
  const known = leastLeftOut(expiries, judgements, size);
  const leftOut = known ?? leastLeftOut(expiries, judgements, size - unknown);
  return { leftOut, declined: [...declined] };
}

/** The fewest of `expiries`, at most 16, without which so many would sign; null where they would not, or nothing were left to sign. */
export function leastLeftOut(
  expiries: readonly number[],
  judgements: readonly Judgement[],
  size: number,
): readonly number[] | null {
  const refused = expiries.filter((each) => judgements.some((judgement) => judgement?.includes(each)));
  let least: readonly number[] | null = null;
  for (let mask = 0; mask < 2 ** refused.length; mask++) {
    const leftOut = refused.filter((_, bit) => (mask >> bit) & 1);
    if (leftOut.length === expiries.length || leftOut.length >= (least?.length ?? Infinity)) continue;
    const isSigned = (judgement: Judgement) => judgement?.every((each) => leftOut.includes(each)) ?? false;
    if (judgements.filter(isSigned).length >= size) least = leftOut;
  }
  return least;
}

/**
 * What the signers would refuse of a draft, asked before any of them signs, for of one time, and of one slot, a signer signs one report. From
 * their answers: the fewest expiries without which a quorum would sign.
 */
import { decodeReport } from "@meniscus/sdk/report";
import { z } from "zod";
import type { Draft } from "./draft.ts";
import { type AskOptions, askAll, askSigner, type Declined, proposalOf, Unsigned } from "./signers.ts";

/** The expiries that a signer refuses, none where it would sign the whole; null where it would sign nothing whatever is left out. */
export type Judgement = readonly number[] | null;

export interface Judged {
  /** What to leave out; null where no quorum would sign, whatever that is. */
  readonly leftOut: readonly number[] | null;
  /** Who said that it would sign the rest, by URL. */
  readonly willing: readonly string[];
  readonly declined: readonly Declined[];
}

const Answer = z.object({
  refusal: z.looseObject({ expiries: z.array(z.number().int()).optional() }).nullable(),
});

/**
 * @param size of the quorum
 * @param doubted URLs of those whose word does not count while the others are a quorum
 */
export async function judgeDraft(
  draft: Draft,
  size: number,
  doubted: ReadonlySet<string>,
  { urls, market, seconds }: AskOptions,
): Promise<Judged> {
  const body = proposalOf(draft, market);
  const judgements = new Map<string, Judgement>();
  let unknown = 0;
  let willing = 0;
  const declined = await askAll(urls, async (url) => {
    const { refusal } = await askSigner(url, "/judge", body, seconds)
      .then(readAnswer)
      .catch((error) => {
        // One of an earlier version gives no judgement, and may sign all the same.
        if (!(error instanceof Unsigned) || error.status === 404) unknown++;
        throw error;
      });
    judgements.set(url, refusal === null ? [] : (refusal.expiries ?? null));
    if (refusal !== null) throw new Error(`refuses: ${JSON.stringify(refusal)}`);
    if (!doubted.has(url)) willing++;
    return willing >= size;
  });
  const expiries = decodeReport(draft.report).slices.map(({ expiryAt }) => expiryAt);
  const all = [...judgements];
  const trusted = all.filter(([url]) => !doubted.has(url));
  const leastOf = (counted: typeof all, least: number) =>
    leastLeftOut(
      expiries,
      counted.map(([, judgement]) => judgement),
      least,
    );
  const leftOut = leastOf(trusted, size) ?? leastOf(all, size) ?? leastOf(all, size - unknown);
  const wouldSign = (judgement: Judgement) => judgement?.every((each) => leftOut?.includes(each)) ?? false;
  return { leftOut, willing: all.flatMap(([url, each]) => (wouldSign(each) ? url : [])), declined };
}

function readAnswer(answer: unknown): z.infer<typeof Answer> {
  const read = Answer.safeParse(answer);
  if (!read.success) throw new Error("its answer is no judgement");
  return read.data;
}

/** The fewest of `expiries`, at most 16, without which so many would sign; null where they would not, or nothing were left to sign. */
export function leastLeftOut(
  expiries: readonly number[],
  judgements: readonly Judgement[],
  size: number,
): readonly number[] | null {
  const refused = expiries.filter((each) => judgements.some((judgement) => judgement?.includes(each)));
  // A bit for each of those; what is not in the draft cannot be left out of it.
  const masks = judgements
    .filter((judgement) => judgement?.every((each) => refused.includes(each)))
    .map((judgement) => judgement!.reduce((mask, each) => mask | (1 << refused.indexOf(each)), 0));
  let least: readonly number[] | null = null;
  for (let mask = 0; mask < 2 ** refused.length; mask++) {
    if (masks.filter((each) => (each & ~mask) === 0).length < size) continue;
    const leftOut = refused.filter((_, bit) => (mask >> bit) & 1);
    if (leftOut.length < expiries.length && leftOut.length < (least?.length ?? Infinity)) least = leftOut;
  }
  return least;
}

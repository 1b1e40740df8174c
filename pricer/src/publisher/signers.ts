/** Asks the signers, all at once, until a quorum has signed. */
import {
  type EncodedReport,
  joinSignatures,
  type ReportSignature,
  reportDigest,
  reportSigner,
} from "@meniscus/sdk/report";
import { z } from "zod";
import type { MarketConfig } from "../service/config.ts";
import { firstLine } from "../service/firstLine.ts";
import { textWithin } from "../service/textWithin.ts";
import type { SignedReport } from "../store/store.ts";
import { ReportSchema, stringifyWords } from "../store/words.ts";
import type { Draft } from "./draft.ts";

export interface Quorum {
  readonly size: number;
  isMember(signer: string): boolean | Promise<boolean>;
}

/** What a signer said when it gave no signature that counts. */
export interface Declined {
  readonly url: string;
  readonly reason: string;
}

export type Collected = {
  readonly declined: readonly Declined[];
} & (
  | { readonly kind: "quorum"; readonly signatures: string }
  | {
      readonly kind: "short";
      readonly signed: number;
      /** Whether one may have signed: it has, or gave no answer that tells. */
      readonly isBegun: boolean;
      /** Whether one would sign the report without some of its expiries. */
      readonly isDisputed: boolean;
      /** Whether too many have signed another report of its slot for a quorum. */
      readonly isSpent: boolean;
      /** What a quorum has signed in its place. */
      readonly instead: SignedReport | null;
    }
);

export interface AskOptions {
  readonly urls: readonly string[];
  readonly market: MarketConfig;
  readonly seconds: number;
}

/** The status of a signer's refusal. */
const REFUSED = 409;
/** Bytes; the longest that is due, of sixteen expiries, has some thousand. */
const ANSWER_LIMIT = 1 << 16;
/** Characters, of what somebody else says. */
const REASON_LIMIT = 500;

const Signature = z.object({ signer: z.string(), signature: z.string().regex(/^0x[0-9a-f]{128}$/) });
const Refusal = z.object({
  refusal: z.looseObject({ kind: z.string(), expiries: z.array(z.number().int()).optional() }),
  /** What the signer has signed in its place. */
  kept: z.object({ report: ReportSchema, signature: z.string() }).optional().catch(undefined),
});

/**
 * A signature counts by whom it recovers to, never by what its giver says of itself.
 * @param onGiver told the URL of each who gives one, also after a quorum has: the slowest never is among those
 * @throws RangeError of a quorum of nobody, which every report would have unsigned
 */
export async function collectSignatures(
  draft: Draft,
  quorum: Quorum,
  { urls, market, seconds }: AskOptions,
  onGiver: (url: string) => void = () => {},
): Promise<Collected> {
  if (quorum.size === 0) throw new RangeError("the market has no signers");
  const body = proposalOf(draft, market);
  const tally = new Tally(market, quorum);
  const own = tally.of(draft.report);
  let isUnsure = false;
  let spent = 0;
  let isDisputed = false;
  const declined = await askAll(urls, async (url) => {
    try {
      const { signature } = await askSignature(url, body, seconds);
      await tally.count(draft.report, signature);
      onGiver(url);
      return own.size >= quorum.size;
    } catch (error) {
      isUnsure ||= !(error instanceof Unsigned);
      const refusal = error instanceof Unsigned ? error.refusal : null;
      if (refusal?.kind === "MarkSigned") spent++;
      isDisputed ||= refusal?.expiries !== undefined;
      if (error instanceof Unsigned && error.kept !== null)
        await tally.count(error.kept.report, error.kept.signature);
      throw error;
    }
  });
  const { size } = own;
  if (size < quorum.size) {
    const isSpent = urls.length - spent < quorum.size;
    const isBegun = size > 0 || isUnsure;
    return { kind: "short", signed: size, isBegun, isDisputed, isSpent, instead: tally.complete(), declined };
  }
  return { kind: "quorum", signatures: joinSignatures([...own.values()]), declined };
}

/** Signatures by report and by whom they recover to. */
class Tally {
  readonly #market: MarketConfig;
  readonly #quorum: Quorum;
  readonly #reports = new Map<string, { report: EncodedReport; signatures: Map<string, ReportSignature> }>();

  constructor(market: MarketConfig, quorum: Quorum) {
    [this.#market, this.#quorum] = [market, quorum];
  }

  of(report: EncodedReport): ReadonlyMap<string, ReportSignature> {
    return this.#signaturesOf(report);
  }

  /** @throws Error where it is no signature of a signer of this market */
  async count(report: EncodedReport, signature: string): Promise<void> {
    const signer = recover(report, this.#market, signature);
    if (signer === null || !(await this.#quorum.isMember(signer)))
      throw new Error(`its signature is of ${signer ?? "nobody"}, who is no signer of this market`);
    this.#signaturesOf(report).set(signer, { signer, signature });
  }

  /** The report that has a quorum. */
  complete(): SignedReport | null {
    for (const { report, signatures } of this.#reports.values())
      if (signatures.size >= this.#quorum.size)
        return { report, signatures: joinSignatures([...signatures.values()]) };
    return null;
  }

  #signaturesOf(report: EncodedReport): Map<string, ReportSignature> {
    const digest = reportDigest(report, this.#market);
    const found = this.#reports.get(digest) ?? { report, signatures: new Map() };
    this.#reports.set(digest, found);
    return found.signatures;
  }
}

/** Asks each, all at once, until one's answer makes enough; gives what those said until then whose asking failed. */
export async function askAll(
  urls: readonly string[],
  /** Whether there is enough now. */
  ask: (url: string) => Promise<boolean>,
): Promise<readonly Declined[]> {
  const declined: Declined[] = [];
  const enough = Promise.withResolvers<void>();
  const asked = urls.map(async (url) => {
    try {
      if (await ask(url)) enough.resolve();
    } catch (error) {
      declined.push({ url, reason: firstLine(error).slice(0, REASON_LIMIT) });
    }
  });
  await Promise.race([enough.promise, Promise.all(asked)]);
  return [...declined];
}

/** What a signer is asked about. */
export const proposalOf = ({ report, certificate }: Draft, { chainId, contract }: MarketConfig): string =>
  stringifyWords({ chainId, contract, report, certificate });

/** A signer has certainly not signed. */
export class Unsigned extends Error {
  /** Null where it was not asked. */
  readonly refusal: z.infer<typeof Refusal>["refusal"] | null;
  /** Of HTTP, where it is no answer to the question; null elsewhere. */
  readonly status: number | null;
  /** What it has signed in place of what it refuses, by its own word. */
  readonly kept: NonNullable<z.infer<typeof Refusal>["kept"]> | null;

  constructor(message: string, { refusal = null, status = null, kept = null }: Partial<Unsigned> = {}) {
    super(message);
    [this.refusal, this.status, this.kept] = [refusal, status, kept];
  }
}

/** The JSON that it answers. @throws Unsigned where it does not listen, or does not take the question */
export async function askSigner(
  url: string,
  path: "/sign" | "/judge",
  body: string,
  seconds: number,
): Promise<unknown> {
  const response = await fetch(new URL(path, url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    redirect: "error",
    signal: AbortSignal.timeout(Math.ceil(seconds * 1000)),
  }).catch((error: Error & { cause?: { code?: unknown } }) => {
    // Whoever does not listen was not asked.
    throw error.cause?.code === "ECONNREFUSED" ? new Unsigned(firstLine(error)) : error;
  });
  const { status } = response;
  if (status !== 200 && status !== REFUSED) {
    await response.body?.cancel();
    const message = `answers ${status}`;
    throw status >= 400 && status < 500 ? new Unsigned(message, { status }) : new Error(message);
  }
  const text = await textWithin(response, ANSWER_LIMIT, "its");
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("its answer is no JSON");
  }
}

async function askSignature(url: string, body: string, seconds: number): Promise<ReportSignature> {
  const answer = await askSigner(url, "/sign", body, seconds);
  const refused = Refusal.safeParse(answer);
  if (refused.success) {
    const { refusal, kept = null } = refused.data;
    throw new Unsigned(`refused: ${JSON.stringify(refusal)}`, { refusal, kept });
  }
  const signed = Signature.safeParse(answer);
  if (!signed.success) throw new Error("its answer is no signature");
  return signed.data;
}

function recover(
  report: EncodedReport,
  { chainId, contract }: MarketConfig,
  signature: string,
): string | null {
  try {
    return reportSigner(report, { chainId, contract }, signature);
  } catch {
    return null;
  }
}

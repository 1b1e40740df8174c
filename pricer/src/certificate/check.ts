/**
 * Checks a certificate: that every slice of a surface has no butterfly and every pair of neighbours no calendar arbitrage, for all
 * log-moneyness k, of the slices exactly as their on-chain words say.
 *
 * A certificate is only a list of break points. Nothing in it is believed: the slices are read from the words, and on every piece and
 * both tails a lemma is proved anew. So this file, the lemmas and the interval arithmetic are all that a signer has to trust; they
 * share no code with the fitter, nor with the search that found the break points.
 */
import { atmVariance, b, exponent, m, rho, sigma } from "@meniscus/sdk/slice";
import {
  butterflyHolds,
  butterflyTailHolds,
  calendarHolds,
  calendarTailHolds,
  type ExactSlice,
  mirrored,
} from "./lemmas.ts";

/** Plain data: survives JSON. */
export interface Certificate {
  readonly version: 1;
  /** Ascending by expiry. */
  readonly slices: readonly CertifiedSlice[];
  /** For each slice but the last, where the calendar pieces with the next begin and end; the tails lie outside. */
  readonly calendar: readonly (readonly number[])[];
}

export interface CertifiedSlice {
  readonly expiryAt: number;
  /** The packed word, hexadecimal with 0x. */
  readonly word: string;
  /** Where the butterfly pieces begin and end: negative first, positive last. */
  readonly butterfly: readonly number[];
}

type Verdict =
  | { readonly valid: true; readonly pieces: number }
  | { readonly valid: false; readonly reason: string };

const EXPONENT_BIAS = 16;

/** The slice in a word, in floats without rounding: each field has at most 36 bits, times a power of two. */
export function exactSlice(word: bigint): ExactSlice {
  const unit = 2 ** (Number(exponent(word)) - EXPONENT_BIAS);
  return {
    w0: Number(atmVariance(word)) * unit * unit * 2 ** -30,
    b: Number(b(word)) * unit * 2 ** -29,
    rho: Number(rho(word)) * 2 ** -31,
    m: Number(m(word)) * unit * 2 ** -28,
    sigma: Number(sigma(word)) * unit * 2 ** -28,
  };
}

/** Whether a certificate is of these slices, word for word, whatever it proves of them. */
export function isCertificateOf(
  { slices: certified }: Certificate,
  slices: readonly { readonly expiryAt: number; readonly word: bigint }[],
): boolean {
  return (
    slices.length === certified.length &&
    slices.every(({ expiryAt, word }, i) => {
      const claim = certified[i]!;
      return claim.expiryAt === expiryAt && BigInt(claim.word) === word;
    })
  );
}

/** Never throws, whatever the input. */
export function checkCertificate(certificate: Certificate): Verdict {
  try {
    return check(certificate);
  } catch (error) {
    return { valid: false, reason: `malformed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function check({ version, slices, calendar }: Certificate): Verdict {
  if (version !== 1) return { valid: false, reason: `unknown version ${String(version)}` };
  if (calendar.length !== Math.max(0, slices.length - 1)) {
    return {
      valid: false,
      reason: `${slices.length} slices need ${slices.length - 1} pairs, not ${calendar.length}`,
    };
  }
  const exact = slices.map(({ word }) => exactSlice(BigInt(word)));
  let pieces = 0;
  for (let i = 0; i < slices.length; i++) {
    const { expiryAt, butterfly } = slices[i]!;
    const where = `expiry ${expiryAt}`;
    if (i > 0 && !(expiryAt > slices[i - 1]!.expiryAt))
      return { valid: false, reason: `${where}: not in order` };
    const shape = badShape(exact[i]!);
    if (shape !== null) return { valid: false, reason: `${where}: ${shape}` };
    const fault = badBreaks(butterfly) ?? butterflyFault(exact[i]!, butterfly);
    if (fault !== null) return { valid: false, reason: `${where}: butterfly ${fault}` };
    pieces += butterfly.length + 1;
    if (i === 0) continue;
    const breaks = calendar[i - 1]!;
    const pairFault = badBreaks(breaks) ?? calendarFault(exact[i - 1]!, exact[i]!, breaks);
    if (pairFault !== null) return { valid: false, reason: `${where}: calendar ${pairFault}` };
    pieces += breaks.length + 1;
  }
  return { valid: true, pieces };
}

/** What the lemmas presuppose of a slice. */
function badShape({ w0, b: wing, rho: lean, sigma: bend }: ExactSlice): string | null {
  return w0 > 0 && wing >= 0 && bend > 0 && Math.abs(lean) < 1 ? null : "not a slice of raw SVI";
}

function badBreaks(breaks: readonly number[]): string | null {
  const rising = breaks.every((k, j) => Number.isFinite(k) && (j === 0 || k > breaks[j - 1]!));
  return rising && breaks[0]! < 0 && breaks.at(-1)! > 0 ? null : "break points out of order";
}

function butterflyFault(slice: ExactSlice, breaks: readonly number[]): string | null {
  if (!butterflyTailHolds(mirrored(slice), -breaks[0]!)) return "not proved on the left tail";
  if (!butterflyTailHolds(slice, breaks.at(-1)!)) return "not proved on the right tail";
  const bad = breaks.findIndex((k, j) => j > 0 && !butterflyHolds(slice, breaks[j - 1]!, k));
  return bad < 0 ? null : `not proved on [${breaks[bad - 1]}, ${breaks[bad]}]`;
}

function calendarFault(shorter: ExactSlice, longer: ExactSlice, breaks: readonly number[]): string | null {
  if (!calendarTailHolds(mirrored(shorter), mirrored(longer), -breaks[0]!))
    return "not proved on the left tail";
  if (!calendarTailHolds(shorter, longer, breaks.at(-1)!)) return "not proved on the right tail";
  const bad = breaks.findIndex((k, j) => j > 0 && !calendarHolds(shorter, longer, breaks[j - 1]!, k));
  return bad < 0 ? null : `not proved on [${breaks[bad - 1]}, ${breaks[bad]}]`;
}

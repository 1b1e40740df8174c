/**
 * Finds a certificate: where each tail lemma takes over, and a subdivision of what lies between fine enough for the piece lemmas.
 * Bisection; a piece that stays unproved down to `FINEST` at-the-money sds makes a refusal that names it.
 */
import { type Certificate, type CertifiedSlice, exactSlice } from "./check.ts";
import { butterflyHolds, butterflyTailHolds, calendarHolds, calendarTailHolds, mirrored } from "./lemmas.ts";

interface WordedSlice {
  readonly expiryAt: number;
  readonly word: bigint;
}

/** What could not be proved, and where. */
interface Unproved {
  readonly expiryAt: number;
  readonly kind: "butterfly" | "calendar";
  readonly k: number;
}

type Certification =
  | { readonly certified: true; readonly certificate: Certificate }
  | { readonly certified: false; readonly unproved: Unproved };

/** Farthest start of a tail and finest piece, in at-the-money sds. */
const FARTHEST = 1e6;
const FINEST = 1e-6;
/** A claim that needs more pieces than this is as good as unproved. */
const MOST_PIECES = 20_000;

/** A certificate of the slices (ascending by expiry), or the first place that resists. */
export function certify(slices: readonly WordedSlice[]): Certification {
  const exact = slices.map(({ word }) => exactSlice(word));
  const certified: CertifiedSlice[] = [];
  const calendar: number[][] = [];
  for (let i = 0; i < slices.length; i++) {
    const { expiryAt, word } = slices[i]!;
    const slice = exact[i]!;
    const butterfly = breakPoints(
      Math.sqrt(slice.w0),
      (side, start) => butterflyTailHolds(side === 1 ? slice : mirrored(slice), start),
      (left, right) => butterflyHolds(slice, left, right),
    );
    if (typeof butterfly === "number") return refusal(expiryAt, "butterfly", butterfly);
    certified.push({ expiryAt, word: `0x${word.toString(16).padStart(64, "0")}`, butterfly });
    if (i === 0) continue;
    const before = exact[i - 1]!;
    const pair = breakPoints(
      Math.sqrt(slice.w0),
      (side, start) =>
        side === 1
          ? calendarTailHolds(before, slice, start)
          : calendarTailHolds(mirrored(before), mirrored(slice), start),
      (left, right) => calendarHolds(before, slice, left, right),
    );
    if (typeof pair === "number") return refusal(expiryAt, "calendar", pair);
    calendar.push(pair);
  }
  return { certified: true, certificate: { version: 1, slices: certified, calendar } };
}

function refusal(expiryAt: number, kind: Unproved["kind"], k: number): Certification {
  return { certified: false, unproved: { expiryAt, kind, k } };
}

/** The break points of one claim, or the k at which it could not be proved. */
function breakPoints(
  sd: number,
  tailHolds: (side: 1 | -1, start: number) => boolean,
  holds: (left: number, right: number) => boolean,
): number[] | number {
  const right = tailStart(sd, (start) => tailHolds(1, start));
  const left = tailStart(sd, (start) => tailHolds(-1, start));
  if (right === undefined) return Number.POSITIVE_INFINITY;
  if (left === undefined) return Number.NEGATIVE_INFINITY;

  // First pieces double in width away from the money; those that are not proved are halved.
  const first = [-left];
  for (let k = left / 2; k > sd / 4; k /= 2) first.push(-k);
  first.push(0);
  const outward: number[] = [right];
  for (let k = right / 2; k > sd / 4; k /= 2) outward.push(k);
  first.push(...outward.reverse());

  const breaks = [first[0]!];
  const pending: number[] = first.slice(1).reverse();
  while (pending.length > 0) {
    const from = breaks.at(-1)!;
    const to = pending.at(-1)!;
    if (holds(from, to)) {
      breaks.push(to);
      pending.pop();
    } else {
      if (to - from <= FINEST * sd || breaks.length > MOST_PIECES) return from;
      pending.push(from + (to - from) / 2);
    }
  }
  return breaks;
}

function tailStart(sd: number, holds: (start: number) => boolean): number | undefined {
  for (let start = 2 * sd; start <= FARTHEST * sd; start *= 1.5) if (holds(start)) return start;
  return undefined;
}

/**
 * A whole surface from a clean chain: prepare each slice, fit all jointly under the no-arbitrage rows, quantise to the on-chain word,
 * and let nothing out that is not free of arbitrage as quantised. Pure: no clock, no randomness, no I/O.
 */
import { EXPIRIES_MAX } from "@meniscus/sdk/report";
import { quantise, SliceRangeError } from "@meniscus/sdk/slice";
import { certify } from "../certificate/certify.ts";
import type { Certificate } from "../certificate/check.ts";
import type { CleanChain } from "../chain/chain.ts";
import { drawBack } from "./drawnBack.ts";
import { fitEssvi } from "./fitEssvi.ts";
import { FEASIBLE, fitJoint, type JointFit, type JointOptions } from "./joint.ts";
import { judge } from "./judge.ts";
import { MARGINS, type Margins } from "./margins.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { QuoteSet } from "./quotes.ts";
import { SIZE, toSvi } from "./smile.ts";
import type { RefusedExpiry, Surface } from "./surface.ts";

interface FitOptions {
  /** The surface before this one: a start, a shape for thin slices, and the source of carried-over ones. */
  readonly last?: Surface;
}

/**
 * Never throws for a chain of finite numbers: every expiry is a slice or a stated refusal. The slices are the nearest that can be fitted, as many
 * as a report carries: the time of the joint fit grows with the square of their number, and nobody could post the others.
 */
export function fitSurface(chain: CleanChain, { last }: FitOptions = {}): Surface {
  const prepared = prepare(chain.expiries, last);
  const slices: Prepared[] = [];
  const refused: RefusedExpiry[] = [];
  prepared.forEach((item, i) => {
    const { expiryAt } = chain.expiries[i]!;
    if (typeof item === "string") refused.push({ expiryAt, reason: item });
    else if (slices.length === EXPIRIES_MAX) refused.push({ expiryAt, reason: BEYOND_REPORT });
    else slices.push(item);
  });
  const { source, currency, snapshotAt, spot } = chain;
  const surface = { source, currency, snapshotAt, spot };
  const solution = solve(slices, snapshotAt);
  if (solution === undefined) {
    const reason = "no certificate could be found for any surface through these quotes";
    const all = chain.expiries.map(({ expiryAt }) => ({ expiryAt, reason }));
    return { ...surface, slices: [], refused: all, certificate: EMPTY };
  }
  const { words, certificate, isFallback } = solution;
  return {
    ...surface,
    slices: slices.map((slice, i) => judge(slice, words[i]!, isFallback ? "fallback" : slice.quality)),
    refused,
    certificate,
  };
}

const BEYOND_REPORT = `not among the ${EXPIRIES_MAX} nearest expiries, and a report carries no more`;

const EMPTY: Certificate = { version: 1, slices: [], calendar: [] };

interface Solution {
  readonly words: readonly bigint[];
  readonly certificate: Certificate;
  readonly isFallback: boolean;
}

/**
 * The certificate decides; what it refuses is tried again, more carefully from try to try: with a fine scan, with wider margins, from the
 * eSSVI surface, which at last is the answer itself, because it has no arbitrage by its construction. Undefined only when
 * a slice does not fit its word at all.
 */
function solve(slices: readonly Prepared[], snapshotAt: number): Solution | undefined {
  const free = concat(slices.map((slice) => slice.start));
  let data: readonly QuoteSet[] = slices.map((slice) => slice.data);
  let essvi: Float64Array | undefined;
  const feasible = (): Float64Array => {
    essvi ??= fitEssvi(data, free).x;
    return essvi;
  };
  let reached = free;
  const jointly = (start: Float64Array, options: JointOptions): Float64Array => {
    reached = fitJoint(data, start, options).x;
    return reached;
  };
  const wide = widened(MARGINS, 4);
  const first = (): Float64Array => {
    let best = fitJoint(data, free, { confirm: false });
    if (isDoubtful(best)) {
      const other = fitJoint(data, feasible(), { confirm: false });
      if (isBetter(other, best)) best = other;
    }
    const kept = drawBack(slices, data, best, (drawn, start) => fitJoint(drawn, start, { confirm: false }));
    [data, reached] = [kept.data, kept.x];
    return reached;
  };
  const attempts: (() => Float64Array)[] = [
    first,
    () => jointly(reached, {}),
    () => jointly(reached, { margins: wide }),
    () => jointly(feasible(), { margins: wide }),
    () => jointly(feasible(), { maxIterations: 200 }),
    feasible,
  ];
  for (const [i, attempt] of attempts.entries()) {
    const words = wordsOf(slices, attempt(), snapshotAt);
    if (words === undefined) continue;
    const result = certify(words.map((word, j) => ({ expiryAt: slices[j]!.expiry.expiryAt, word })));
    if (result.certified)
      return { words, certificate: result.certificate, isFallback: i === attempts.length - 1 };
  }
  return undefined;
}

/** A search that took more programmes began far from where it ends, and may have stopped at a worse one of several minima. */
const MOST_PROGRAMMES = 20;

const isDoubtful = ({ iterations, violation }: JointFit): boolean =>
  iterations > MOST_PROGRAMMES || violation > FEASIBLE;

function isBetter(one: JointFit, other: JointFit): boolean {
  if (Math.max(one.violation, other.violation) > FEASIBLE) return one.violation < other.violation;
  return one.cost < other.cost;
}

function widened(margins: Margins, factor: number): Margins {
  return {
    ...margins,
    butterfly: margins.butterfly * factor,
    calendar: margins.calendar * factor,
    slope: margins.slope * factor,
  };
}

function concat(starts: readonly Float64Array[]): Float64Array {
  const x = new Float64Array(starts.length * SIZE);
  starts.forEach((start, i) => {
    x.set(start, i * SIZE);
  });
  return x;
}

/** The slices as on-chain words; undefined when one does not fit its word. */
function wordsOf(slices: readonly Prepared[], x: Float64Array, snapshotAt: number): bigint[] | undefined {
  try {
    return slices.map(({ data, expiry }, i) =>
      quantise(toSvi(x, i * SIZE, data.scale), expiry.basis, snapshotAt),
    );
  } catch (error) {
    if (error instanceof SliceRangeError) return undefined;
    throw error;
  }
}

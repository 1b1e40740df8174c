/**
 * Least squares does not care where bid and ask are: where no-arbitrage, or what a thin slice leans on, moves a slice, it ends a little outside
 * of many quotes rather than farther outside of few. A quote that the smile has left, and its slice's free fit has not, then counts more, for a
 * target inside its spread, and the fit goes on.
 */
import type { JointFit } from "./joint.ts";
import type { Prepared } from "./prepare.ts";
import { halfSpread, type QuoteSet } from "./quotes.ts";
import { SIZE, type Smile, smileOf, smileVariance } from "./smile.ts";

/** How much more such a quote counts, each time that it is found outside. */
const MORE = 2;
/** The target, in half-spreads from the mid: just at the quote the smile would stay just outside. */
const TARGET = 0.9;
/** Times that quotes which the smile has left are drawn back. */
const MOST_ROUNDS = 8;
/** A point that breaks the margins by more is no surface yet: what it leaves says nothing about the one that will be found. */
const MOST_VIOLATION = 1e-3;

type Slices = readonly Pick<Prepared, "free" | "used">[];

interface Drawn {
  /** How many quotes the smiles have left. */
  readonly left: number;
  /** The problems with these drawn back. */
  readonly data: readonly QuoteSet[];
}

interface Kept {
  readonly data: readonly QuoteSet[];
  readonly x: Float64Array;
}

/**
 * The fit gone on with from `fit`, each time with the quotes that it has left drawn back: of all rounds the one that leaves the fewest, and the problems
 * that it solves. A round need not help: what draws one quote in can push others out, and a later round may yet draw these in as well.
 */
export function drawBack(
  slices: Slices,
  data: readonly QuoteSet[],
  fit: Pick<JointFit, "x" | "violation">,
  refit: (data: readonly QuoteSet[], start: Float64Array) => Pick<JointFit, "x" | "violation">,
): Kept {
  let kept: Kept = { data, x: fit.x };
  if (fit.violation > MOST_VIOLATION) return kept;
  let drawn = drawnBack(slices, data, fit.x);
  let fewest = drawn.left;
  let { x } = fit;
  for (let round = 0; round < MOST_ROUNDS && drawn.left > 0; round++) {
    const next = refit(drawn.data, x);
    if (next.violation > MOST_VIOLATION) break;
    const solved = drawn.data;
    x = next.x;
    drawn = drawnBack(slices, solved, x);
    if (drawn.left >= fewest) continue;
    fewest = drawn.left;
    kept = { data: solved, x };
  }
  return kept;
}

/** The quotes that the smiles at x have left and the free fits have not, and the problems with these drawn back. */
export function drawnBack(slices: Slices, data: readonly QuoteSet[], x: Float64Array): Drawn {
  let left = 0;
  const drawn = data.map((set, i) => {
    const { free, used } = slices[i]!;
    if (free === undefined) return set;
    const smile = smileOf(x, i * SIZE);
    const own = smileOf(free);
    const target = Float64Array.from(set.target);
    const weight = Float64Array.from(set.weight);
    used.forEach((quote, j) => {
      const half = halfSpread(quote);
      const away = distance(set, smile, j, quote.midVol);
      if (Math.abs(away) <= half || Math.abs(distance(set, own, j, quote.midVol)) > half) return;
      left++;
      const aim = (100 * quote.midVol + Math.sign(away) * TARGET * half) / set.volPoints;
      // Two targets with weights are one with their mean.
      target[j] = (target[j]! + (MORE - 1) * aim) / MORE;
      weight[j]! *= Math.sqrt(MORE);
    });
    return { ...set, target, weight };
  });
  return { left, data: drawn };
}

/** From a mid vol to the smile at quote j, in vol points. */
function distance({ z, volPoints }: QuoteSet, smile: Smile, j: number, midVol: number): number {
  return volPoints * Math.sqrt(Math.max(smileVariance(smile, z[j]!), 0)) - 100 * midVol;
}

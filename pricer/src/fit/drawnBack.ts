/**
 * Least squares does not care where bid and ask are: where no-arbitrage moves a slice, it ends a little outside of many quotes rather than
 * farther outside of few. A quote that the smile has left, and its slice's free fit has not, then counts more, for a target inside its
 * spread, and the fit goes on.
 */
import type { Prepared } from "./prepare.ts";
import { halfSpread, type QuoteSet } from "./quotes.ts";
import { SIZE, type Smile, smileOf, smileVariance } from "./smile.ts";

/** How much more such a quote counts, each time that it is found outside. */
const MORE = 4;
/** The target, in half-spreads from the mid: just at the quote the smile would stay just outside. */
const TARGET = 0.9;

/** The problems with such quotes drawn back; undefined where the smiles at x have left none. */
export function drawnBack(
  slices: readonly Prepared[],
  data: readonly QuoteSet[],
  x: Float64Array,
): QuoteSet[] | undefined {
  let isAny = false;
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
      isAny = true;
      const aim = (100 * quote.midVol + Math.sign(away) * TARGET * half) / set.volPoints;
      // Two targets with weights are one with their mean.
      target[j] = (target[j]! + (MORE - 1) * aim) / MORE;
      weight[j]! *= Math.sqrt(MORE);
    });
    return { ...set, target, weight };
  });
  return isAny ? drawn : undefined;
}

/** From a mid vol to the smile at quote j, in vol points. */
function distance({ z, volPoints }: QuoteSet, smile: Smile, j: number, midVol: number): number {
  return volPoints * Math.sqrt(Math.max(smileVariance(smile, z[j]!), 0)) - 100 * midVol;
}

import { drawBack, drawnBack } from "@meniscus/pricer/fit/drawnBack";
import { type Prepared, prepare } from "@meniscus/pricer/fit/prepare";
import type { QuoteSet } from "@meniscus/pricer/fit/quotes";
import { ASYMMETRY, SIZE, smileOf, smileVariance } from "@meniscus/pricer/fit/smile";
import { expect } from "chai";
import { changed, expiryAt, moved, quoteAt } from "../../support/cleanChain.ts";

/** Two expiries, and their free fits, which pass between bid and ask of all quotes. */
function twoSlices() {
  const slices = prepare([expiryAt(7), expiryAt(30)]) as Prepared[];
  const x = Float64Array.from(slices.flatMap(({ start }) => [...start]));
  return { slices, data: slices.map((slice) => slice.data), x };
}

describe("quotes that the joint fit has left", () => {
  it("are none where the smile passes between bid and ask", () => {
    const { slices, data, x } = twoSlices();
    expect(drawnBack(slices, data, x).left).equal(0);
  });

  it("count twice as much, for a target just within the side that the smile has left by", () => {
    const { slices, data, x } = twoSlices();
    // Up by 1 vp of 60: outside of spreads of half a vol point each way.
    const high = Float64Array.from(x);
    high[SIZE]! *= (61 / 60) ** 2;
    const { data: drawn, left: count } = drawnBack(slices, data, high);
    expect(drawn[0]).deep.equal(data[0]);
    const [before, after] = [data[1]!, drawn[1]!];
    const left = Array.from(before.z, (_, j) => after.weight[j] !== before.weight[j]);
    expect(left.filter(Boolean)).length(count).length.greaterThan(10);
    left.forEach((isLeft, j) => {
      const quote = slices[1]!.used[j]!;
      const vol = (before.volPoints / 100) * Math.sqrt(smileVariance(smileOf(high, SIZE), before.z[j]!));
      expect(isLeft).equal(vol > quote.askVol);
      if (!isLeft) return;
      expect(after.weight[j]! ** 2).closeTo(2 * before.weight[j]! ** 2, 1e-9);
      const aim = (quote.midVol + 0.9 * (quote.askVol - quote.midVol)) / (before.volPoints / 100);
      expect(after.target[j]).closeTo((before.target[j]! + aim) / 2, 1e-12);
    });
  });

  it("stay as they are where the slice's own fit has left them too", () => {
    const zigzag = changed(expiryAt(30), (quotes) =>
      quotes.map((q, i) => moved(q, i % 2 === 0 ? 1.03 : 0.97)),
    );
    const slices = prepare([zigzag]) as Prepared[];
    const [{ data, start }] = slices as [Prepared];
    expect(drawnBack(slices, [data], start).left).equal(0);
  });

  it("are known by the free fit itself, though the search starts from a rounder smile", () => {
    const { atmSd, tau } = expiryAt(30);
    const cliff = smileOf(Float64Array.of(1, -0.1, -1.6, 2, 0.2));
    const quoted = changed(expiryAt(30), (quotes) =>
      quotes.map(({ k }) =>
        quoteAt(k, (atmSd * Math.sqrt(smileVariance(cliff, k / atmSd))) / Math.sqrt(tau), 0.004),
      ),
    );
    const slices = prepare([quoted]) as Prepared[];
    const [{ data, free, start }] = slices as [Prepared];
    expect(start[ASYMMETRY]).not.equal(free![ASYMMETRY]);
    expect(drawnBack(slices, [data], free!).left).equal(0);
    expect(drawnBack(slices, [data], start).left).greaterThan(3);
  });

  describe("from round to round", () => {
    /** The smiles of the second expiry moved up by parts of 1 vp of 60 in turn, whatever the data: each leaves other quotes. */
    function rounds(ups: readonly number[], violation = 0) {
      const { slices, data, x } = twoSlices();
      const points = ups.map((up): Float64Array => {
        const high = Float64Array.from(x);
        high[SIZE]! *= (1 + up / 60) ** 2;
        return high;
      });
      let round = 0;
      const solved: (readonly QuoteSet[])[] = [data];
      const kept = drawBack(slices, data, { x: points[0]!, violation }, (drawn) => {
        solved.push(drawn);
        return { x: points[++round]!, violation: 0 };
      });
      return {
        round: points.indexOf(kept.x),
        isItsOwn: kept.data === solved[points.indexOf(kept.x)],
        refits: round,
      };
    }

    it("are drawn back while any is left, eight times at most", () => {
      expect(rounds([1, 0])).deep.equal({ round: 1, isItsOwn: true, refits: 1 });
      expect(rounds([1, 1, 1, 1, 1, 1, 1, 1, 1])).deep.equal({ round: 0, isItsOwn: true, refits: 8 });
    });

    it("stay with the round that leaves the fewest, and with its problems", () => {
      expect(rounds([0.7, 1, 0.6, 0.55, 1, 1, 1, 1, 1])).deep.equal({ round: 3, isItsOwn: true, refits: 8 });
    });

    it("are not looked for while the surface breaks its margins", () => {
      expect(rounds([1, 0], 0.01)).deep.equal({ round: 0, isItsOwn: true, refits: 0 });
    });
  });
});

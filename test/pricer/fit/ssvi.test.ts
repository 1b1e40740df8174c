import { countArbitrage } from "@meniscus/pricer/arbitrage";
import { SIZE, toSvi } from "@meniscus/pricer/fit/smile";
import { risingLevels, ssviCoordinates, ssviShape } from "@meniscus/pricer/fit/ssvi";
import { expect } from "chai";
import fc from "fast-check";

describe("SSVI fallback", () => {
  it("puts levels in strictly rising order and leaves rising ones alone", () => {
    expect(risingLevels([1, 2, 4], [1, 1, 1])).deep.equal([1, 2, 4]);
    const pooled = risingLevels([1, 3, 2, 5], [1, 1, 3, 1]);
    expect(pooled[1]).closeTo(2.25, 1e-12);
    expect(pooled[2]).greaterThan(pooled[1]!);
    expect(pooled[2]).below(2.26);
  });

  it("has no arbitrage for any levels, skew and curvature", () => {
    const level = fc.double({ min: 1e-5, max: 4, noNaN: true });
    const shape = fc.tuple(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 3, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 8 }), shape, (levels, [skew, curvature]) => {
        const rising = risingLevels(
          levels,
          levels.map(() => 1),
        );
        const form = ssviShape(skew, curvature, rising.at(-1)!);
        const x = new Float64Array(rising.length * SIZE);
        rising.forEach((theta, i) => {
          ssviCoordinates(form, theta, Math.sqrt(theta), x, i);
        });
        const slices = rising.map((theta, i) => toSvi(x, i * SIZE, Math.sqrt(theta)));
        expect(countArbitrage(slices)).deep.equal({ butterfly: 0, calendar: 0 });
      }),
    );
  });
});

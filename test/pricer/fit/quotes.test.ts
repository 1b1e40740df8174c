import { costOf, leaveOneOut } from "@meniscus/pricer/fit/cost";
import { fitFree } from "@meniscus/pricer/fit/free";
import { heldTo, packQuotes } from "@meniscus/pricer/fit/quotes";
import { smileOf, smileVariance } from "@meniscus/pricer/fit/smile";
import { expect } from "chai";
import fc from "fast-check";
import { expiryAt, moved } from "../../support/cleanChain.ts";

/** A slice of 30 days whose vols are off by up to 2 % each. */
const shaken = fc
  .array(fc.double({ min: -0.02, max: 0.02, noNaN: true }), { minLength: 20, maxLength: 20 })
  .map((shifts) => {
    const { quotes, tau } = expiryAt(30);
    return packQuotes(
      quotes.map((quote, i) => moved(quote, 1 + shifts[i]!)),
      tau,
    );
  });

describe("quotes of a slice", () => {
  it("held to their own free fit have the same free fit", () => {
    fc.assert(
      fc.property(shaken, fc.double({ min: 0.1, max: 10, noNaN: true }), (data, weight) => {
        const free = fitFree(data).x;
        const held = fitFree(heldTo(smileOf(free), data, weight)).x;
        for (const z of data.z)
          expect(Math.sqrt(smileVariance(smileOf(held), z))).closeTo(
            Math.sqrt(smileVariance(smileOf(free), z)),
            1e-4,
          );
      }),
      { numRuns: 50 },
    );
  });

  it("held to another smile lie between", () => {
    const { quotes, tau } = expiryAt(30);
    const data = packQuotes(quotes, tau);
    const higher = smileOf(fitFree(data).x);
    higher.theta *= 1.1;
    const held = fitFree(heldTo(higher, data, data.weight[0]!)).x;
    const between = data.target.map((mid, i) => (mid + Math.sqrt(smileVariance(higher, data.z[i]!))) / 2);
    data.z.forEach((z, i) => {
      expect(Math.sqrt(smileVariance(smileOf(held), z))).closeTo(between[i]!, 2e-3);
    });
  });

  it("lower the least cost when left out as much as foretold", () => {
    fc.assert(
      fc.property(shaken, fc.integer({ min: 0, max: 19 }), (data, i) => {
        const { x, cost } = fitFree(data);
        const without = { ...data, weight: data.weight.map((weight, j) => (j === i ? 0 : weight)) };
        const next = fitFree(without, x).x;
        const gain = cost - costOf(without, next);
        expect(leaveOneOut(data, x)[i]).closeTo(gain, 0.05 * gain + 0.02 * cost + 1e-9);
      }),
      { numRuns: 50 },
    );
  });
});

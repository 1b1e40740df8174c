import { costOf, leaveOneOut } from "@meniscus/pricer/fit/cost";
import { fitFree } from "@meniscus/pricer/fit/free";
import { heldTo, packQuotes } from "@meniscus/pricer/fit/quotes";
import { smileOf, smileVariance } from "@meniscus/pricer/fit/smile";
import { expect } from "chai";
import fc from "fast-check";
import { expiryAt, moved, quoteAt } from "../../support/cleanChain.ts";

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
        const held = fitFree(heldTo(smileOf(free), data, weight, 0)).x;
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
    const held = fitFree(heldTo(higher, data, data.weight[0]!, 0)).x;
    const between = data.target.map((mid, i) => (mid + Math.sqrt(smileVariance(higher, data.z[i]!))) / 2);
    data.z.forEach((z, i) => {
      expect(Math.sqrt(smileVariance(smileOf(held), z))).closeTo(between[i]!, 2e-3);
    });
  });

  it("held to a part of the way to the mids lie nearer to all of them alike, wide or tight", () => {
    const { quotes, tau } = expiryAt(30);
    // Tight and wide quotes by turns, whose mids contradict each other.
    const torn = quotes.map((quote, i) => {
      const { k, midVol } = moved(quote, i % 2 === 0 ? 1.02 : 0.98);
      return quoteAt(k, midVol, i % 2 === 0 ? 0.005 : 0.04);
    });
    const data = packQuotes(torn, tau);
    const free = fitFree(data).x;
    const rmseOf = (towardsMids: number) => {
      const smile = smileOf(fitFree(heldTo(smileOf(free), data, 2, towardsMids)).x);
      const squares = data.z.map((z, i) => (Math.sqrt(smileVariance(smile, z)) - data.target[i]!) ** 2);
      return data.volPoints * Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / data.count);
    };
    const [none, part, most] = [0, 0.3, 1].map(rmseOf) as [number, number, number];
    expect(part).below(0.96 * none);
    expect(most).below(part);
    const whole = heldTo(smileOf(free), data, 2, 1).target;
    whole.forEach((target, i) => {
      expect(target).closeTo(data.target[i]!, 1e-12);
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

import { readFileSync } from "node:fs";
import path from "node:path";
import { impliedSd, impliedVol } from "@meniscus/pricer/impliedVol/impliedVol";
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { expect } from "chai";
import fc from "fast-check";

type Row = [k: number, type: "C" | "P", sd: number, price: number, condition: number];

/**
 * By 60-digit arithmetic: prices of round sds, rounded; then, near a bound far from the money or among the subnormals, the sds of floats as they stand.
 * condition = 1 + price / (vega sd).
 */
const GOLDEN = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, "../../vectors/impliedVol.json"), "utf8"),
) as Row[];

/** The price less |exp(k) - 1|, |k| < 5, by 300 bits behind the point. */
function exactTimeValue(price: number, k: number): number {
  const one = 1n << 300n;
  const fixed = (value: number) => (BigInt(value * 2 ** 100) * one) / 2n ** 100n;
  let term = one;
  let sum = 0n;
  for (let n = 1n; term !== 0n; n++) {
    term = (term * fixed(k)) / (one * n);
    sum += term;
  }
  return Number(fixed(price) - (sum < 0n ? -sum : sum)) / 2 ** 300;
}

describe("implied volatility", () => {
  it("returns the sd of 329 exact prices within twice the attainable error", () => {
    expect(GOLDEN).length(329);
    for (const [k, type, sd, price, condition] of GOLDEN) {
      const found = impliedSd(price, k, type);
      expect(found, `${k} ${type} ${sd}`).a("number");
      const error = Math.abs((found as number) / sd - 1);
      expect(error / (Number.EPSILON * condition), `${k} ${type} ${sd}`).below(2);
    }
  });

  it("brings back the price that it is asked for, deep wings included", () => {
    const strike = fc.double({ min: -2.7, max: 2.7, noNaN: true });
    fc.assert(
      fc.property(strike, fc.double({ min: 1e-3, max: 5, noNaN: true }), (k, sd) => {
        const input = { spot: 1, forward: 1, strike: Math.exp(k), totalVariance: sd * sd };
        const { call, put } = blackScholes(input);
        const [type, price] = k > 0 ? (["C", call] as const) : (["P", put] as const);
        fc.pre(price > 1e-290 && price < Math.min(1, Math.exp(k)));
        const found = impliedSd(price, k, type);
        const again = blackScholes({ ...input, totalVariance: (found as number) ** 2 });
        expect((k > 0 ? again.call : again.put) / price).closeTo(1, 1e-9);
      }),
      { numRuns: 2000 },
    );
  });

  it("knows the time value of a price in the money to the last unit, and returns the sd of just that", () => {
    const strike = fc.double({ min: 1e-8, max: 4, noNaN: true });
    fc.assert(
      fc.property(strike, fc.constantFrom("C", "P"), fc.integer({ min: -2, max: 6 }), (size, type, units) => {
        const isCall = type === "C";
        const k = isCall ? -size : size;
        const intrinsic = Math.abs(Math.expm1(k));
        const price = intrinsic + units * 2 ** (Math.floor(Math.log2(intrinsic)) - 52);
        const timeValue = exactTimeValue(price, k);
        const found = impliedSd(price, k, type as "C" | "P");
        if (timeValue > 0)
          expect((found as number) / (impliedSd(timeValue, k, isCall ? "P" : "C") as number)).closeTo(
            1,
            1e-14,
          );
        else expect(found).oneOf([0, "below intrinsic"]);
      }),
      { numRuns: 2000 },
    );
  });

  it("rises with the price", () => {
    const share = fc.double({ min: 1e-12, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: -2, max: 2, noNaN: true }), share, (k, part) => {
        const maximum = Math.min(1, Math.exp(k));
        const type = k > 0 ? "C" : "P";
        const low = impliedSd(part * maximum, k, type) as number;
        const high = impliedSd(part * maximum * 1.0001, k, type) as number;
        expect(high, `k ${k}, share ${part}`).greaterThan(low);
      }),
    );
  });

  it("gives a typed reason outside its domain, and 0 at the intrinsic value", () => {
    expect(impliedSd(Number.NaN, 0, "C")).equal("not a number");
    expect(impliedSd(0.1, Number.POSITIVE_INFINITY, "C")).equal("not a number");
    for (const k of [600.1, -600.1]) expect(impliedSd(0.5, k, "C")).equal("strike too far");
    expect(impliedSd(0.5, 600, "C")).a("number");
    expect(impliedSd(-1e-300, 0.1, "C")).equal("below intrinsic");
    expect(impliedSd(0.3, -0.5, "C")).equal("below intrinsic");
    expect(impliedSd(0.6, 0.5, "P")).equal("below intrinsic");
    expect(impliedSd(1, 0.5, "C")).equal("above maximum");
    expect(impliedSd(Math.exp(0.5), 0.5, "P")).equal("above maximum");
    expect(impliedSd(0, 0.5, "C")).equal(0);
    // The float nearest to 1 - exp(-0.5) lies below it, the one nearest to 1 - exp(-0.4) above.
    expect(impliedSd(-Math.expm1(-0.5), -0.5, "C")).equal(0);
    expect(impliedSd(-Math.expm1(-0.4), -0.4, "C")).closeTo(0.051157760386865286, 1e-15);
  });

  it("never returns NaN, whatever the numbers", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), fc.constantFrom("C", "P"), (price, k, type) => {
        const found = impliedSd(price, k, type as "C" | "P");
        if (typeof found === "number") expect(found).at.least(0);
      }),
      { numRuns: 5000 },
    );
  });

  it("annualises by the square root of time", () => {
    expect(impliedVol(0.08, 0, "C", 0.25)).closeTo((impliedSd(0.08, 0, "C") as number) * 2, 1e-15);
    expect(impliedVol(2, 0, "C", 0.25)).equal("above maximum");
  });
});

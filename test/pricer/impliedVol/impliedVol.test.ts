import { readFileSync } from "node:fs";
import path from "node:path";
import { impliedSd, impliedVol } from "@meniscus/pricer/impliedVol/impliedVol";
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { expect } from "chai";
import fc from "fast-check";

type Row = [k: number, type: "C" | "P", sd: number, price: number, condition: number];

/** Prices by 60-digit arithmetic, rounded; condition = 1 + price / (vega sd). */
const GOLDEN = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, "../../vectors/impliedVol.json"), "utf8"),
) as Row[];

describe("implied volatility", () => {
  it("returns the sd of 287 exact prices within twice the attainable error", () => {
    expect(GOLDEN).length(287);
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
    expect(impliedSd(-1e-300, 0.1, "C")).equal("below intrinsic");
    expect(impliedSd(0.3, -0.5, "C")).equal("below intrinsic");
    expect(impliedSd(0.6, 0.5, "P")).equal("below intrinsic");
    expect(impliedSd(1, 0.5, "C")).equal("above maximum");
    expect(impliedSd(Math.exp(0.5), 0.5, "P")).equal("above maximum");
    expect(impliedSd(0, 0.5, "C")).equal(0);
    expect(impliedSd(-Math.expm1(-0.5), -0.5, "C")).equal(0);
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

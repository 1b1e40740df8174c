import { readFileSync } from "node:fs";
import { BlackScholesDomainError, blackScholes } from "@meniscus/sdk/blackScholes";
import { expect } from "chai";
import fc from "fast-check";
import { dataFile, itWithData } from "../support/data.ts";

function rowsOf(file: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(dataFile(`vectors/${file}`), "utf8")
    .trim()
    .split("\n");
  const names = head!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, i) => [names[i]!, value])));
}

const inputs = fc.record({
  spot: fc.double({ min: 0.5, max: 2, noNaN: true }),
  forward: fc.double({ min: 0.5, max: 2, noNaN: true }),
  strike: fc.double({ min: 0.05, max: 20, noNaN: true }),
  totalVariance: fc.double({ min: 1e-8, max: 16, noNaN: true }),
});

describe("Black-Scholes in float64", () => {
  itWithData("agrees with Haug's values", () => {
    const rows = rowsOf("haug_black_scholes.csv").filter((row) => row.quantity === "value");
    expect(rows.length).greaterThan(40);
    for (const row of rows) {
      const tau = Number(row.t_years);
      const yieldFactor = Math.exp(-Number(row.dividend_yield) * tau);
      const spot = Number(row.spot) * yieldFactor;
      const { call, put } = blackScholes({
        spot,
        forward: spot * Math.exp(Number(row.rate) * tau),
        strike: Number(row.strike),
        totalVariance: Number(row.vol) ** 2 * tau,
      });
      expect(row.type === "C" ? call : put).closeTo(Number(row.expected), Number(row.tolerance));
    }
  });

  itWithData("agrees with vollib's prices, deltas and vegas", () => {
    for (const row of rowsOf("vollib_black_scholes.csv")) {
      const tau = Number(row.t);
      const spot = Number(row.S);
      const forward = spot * Math.exp(Number(row.R) * tau);
      const value = blackScholes({
        spot,
        forward,
        strike: Number(row.K),
        totalVariance: Number(row.v) ** 2 * tau,
      });
      expect(value.call).closeTo(Number(row.bs_call), 1e-6);
      expect(value.put).closeTo(Number(row.bs_put), 1e-6);
      expect(value.delta).closeTo(Number(row.CD), 1e-8);
      expect(value.vegaSd * Math.sqrt(tau)).closeTo(Number(row.CV), 1e-6);
    }
  });

  itWithData("agrees with Strata's Black-76 prices to 16 digits", () => {
    for (const row of rowsOf("strata_black76.csv")) {
      const forward = Number(row.forward);
      const totalVariance = Number(row.vol) ** 2 * Number(row.t_years);
      const { call } = blackScholes({ spot: forward, forward, strike: Number(row.strike), totalVariance });
      expect(call).closeTo(Number(row.undiscounted_price), 1e-13 * forward);
    }
  });

  it("P2: keeps put-call parity and the bounds of both", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { call, put } = blackScholes(input);
        const strike = input.strike * (input.spot / input.forward);
        expect(call - put).closeTo(input.spot - strike, 4e-16 * (input.spot + strike) * 4);
        expect(call).within(Math.max(0, input.spot - strike) - 1e-15, input.spot * (1 + 1e-15));
        expect(put).within(Math.max(0, strike - input.spot) - 1e-14, strike * (1 + 1e-15));
      }),
    );
  });

  it("gives delta and vega as the derivatives of the price", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        fc.pre(input.totalVariance > 1e-3);
        const { delta, vegaSd } = blackScholes(input);
        const bumped = (h: number) =>
          blackScholes({ ...input, spot: input.spot * (1 + h), forward: input.forward * (1 + h) }).call;
        expect((bumped(1e-5) - bumped(-1e-5)) / (2e-5 * input.spot)).closeTo(delta, 1e-6);
        const sd = Math.sqrt(input.totalVariance);
        const at = (h: number) => blackScholes({ ...input, totalVariance: (sd + h) ** 2 }).call;
        expect((at(1e-6) - at(-1e-6)) / 2e-6).closeTo(vegaSd, 1e-6);
      }),
    );
  });

  it("returns intrinsic values at zero variance", () => {
    const input = { spot: 100, forward: 110, strike: 99, totalVariance: 0 };
    const { call, put, delta, vegaSd } = blackScholes(input);
    expect([call, put, delta, vegaSd]).deep.equal([100 - 99 * (100 / 110), 0, 1, 0]);
  });

  it("refuses what is not positive and finite", () => {
    const good = { spot: 1, forward: 1, strike: 1, totalVariance: 1 };
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      for (const key of Object.keys(good)) {
        expect(() => blackScholes({ ...good, [key]: bad }), `${key} = ${bad}`).throw(BlackScholesDomainError);
      }
    }
    for (const key of ["spot", "forward", "strike"]) {
      expect(() => blackScholes({ ...good, [key]: 0 }), `${key} = 0`).throw(BlackScholesDomainError);
    }
  });
});

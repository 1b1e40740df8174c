import { expect } from "chai";
import { network } from "hardhat";
import { itWithData } from "../../support/data.ts";
import { callBatch } from "./batch.ts";
import { readVectors } from "./csv.ts";
import { toWad } from "./points.ts";

const toNumber = (wad: bigint): number => Number(wad) / 1e18;

function expectClose(found: number | undefined, expected: number | undefined, tolerance: number): void {
  expect(Math.abs(found! - expected!), `${found} against ${expected}`).to.be.at.most(tolerance);
}

async function harness() {
  const { ethers } = await network.create();
  return ethers.deployContract("PricingHarness");
}

describe("published prices", () => {
  itWithData("Haug's values come out of the contract to his digits", async () => {
    const rows = readVectors("vectors/haug_black_scholes.csv")
      .filter(({ quantity }) => quantity === "value")
      .map(({ type, strike, spot, dividend_yield, rate, t_years, vol, expected, tolerance }) => ({
        column: type === "C" ? 0 : 1,
        strike: Number(strike),
        // S exp(-q T) in place of the spot turns the generalised model into ours.
        spot: Number(spot) * Math.exp(-Number(dividend_yield) * Number(t_years)),
        rate: Number(rate),
        tau: Number(t_years),
        vol: Number(vol),
        expected: Number(expected),
        tolerance: Number(tolerance),
      }));
    const inputs = rows.map((row) => [row.spot, row.strike, row.tau, row.vol, row.rate].map(toWad));
    const quotes = await callBatch(await harness(), "manyFromSpot", inputs);
    expect(rows.length).to.be.above(20);
    rows.forEach((row, i) => {
      expectClose(toNumber(quotes[i]![row.column]!), row.expected, row.tolerance);
    });
  });

  itWithData("vollib's prices, deltas and vegas come out of the contract to its digits", async () => {
    const rows = readVectors("vectors/vollib_black_scholes.csv").map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])),
    );
    const inside = rows.filter(({ S, K, R, t }) => {
      const ratio = (K! * Math.exp(-R! * t!)) / S!;
      return ratio < 16 && ratio > 1 / 16;
    });
    const inputs = inside.map(({ S, K, R, t, v }) => [toWad(S!), toWad(K!), toWad(t!), toWad(v!), toWad(R!)]);
    const quotes = await callBatch(await harness(), "manyFromSpot", inputs);
    expect(inside.length).to.be.above(40);
    inside.forEach(({ bs_call, bs_put, CD, CV }, i) => {
      const [call, put, delta, vega] = quotes[i]!.map(toNumber);
      expectClose(call, bs_call!, 1e-6);
      expectClose(put, bs_put!, 1e-6);
      expectClose(delta, CD!, 1e-8);
      expectClose(vega, CV!, 1e-6);
    });
  });

  itWithData(
    "Strata's 16-digit Black-76 prices come out of the contract to 1e-13 of the forward",
    async () => {
      const rows = readVectors("vectors/strata_black76.csv").map((row) => ({
        forward: Number(row.forward),
        strike: Number(row.strike),
        variance: Number(row.vol) ** 2 * Number(row.t_years),
        price: Number(row.undiscounted_price),
        put: row.type === "P" ? 1 : 0,
      }));
      const inputs = rows.map(({ forward, strike, variance }) => [
        toWad(forward),
        toWad(forward),
        toWad(strike),
        toWad(variance),
      ]);
      const quotes = await callBatch(await harness(), "manyFromForward", inputs);
      expect(rows.length).to.be.above(50);
      rows.forEach((row, i) => {
        expectClose(toNumber(quotes[i]![row.put]!), row.price, 1e-13 * row.forward);
      });
    },
  );
});

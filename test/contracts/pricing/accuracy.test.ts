import { atmVariance, b, basis, exponent, m, rho, sigma } from "@meniscus/sdk/slice";
import { expect } from "chai";
import { network } from "hardhat";
import {
  absolute,
  BITS,
  exp,
  fromRatio,
  ln,
  multiply,
  toNumber,
} from "../../../scripts/coefficients/real.ts";
import {
  blackScholes,
  fromForward,
  fromSpot,
  fromWad,
  type Reference,
  sliceSd,
} from "../../support/reference.ts";
import { callBatch, type Row } from "./batch.ts";
import { forwardPoint, sliceInput, spotPoint, surfaceInput, uniform } from "./points.ts";

const WAD = 10n ** 18n;

/** Largest errors of a run: call and put, delta, vega, each less the units that rounding may take, over spot where it is a price. */
class Worst {
  price = 0;
  delta = 0;
  vega = 0;
  relative = 0;

  /** `units` of the last place are allowed for: two of rounding, and more where the discounted strike is rounded. */
  add(quote: bigint[], exact: Reference & { vega?: bigint }, spot: bigint, units: bigint): void {
    const beyond = (value: bigint, reference: bigint): bigint => {
      const error = absolute(fromWad(value) - reference) - fromWad(units);
      return error > 0n ? error : 0n;
    };
    const overSpot = (error: bigint): number => toNumber(error) / toNumber(fromWad(spot));
    for (const [value, reference] of [
      [quote[0]!, exact.call],
      [quote[1]!, exact.put],
    ] as const) {
      const error = beyond(value, reference);
      this.price = Math.max(this.price, overSpot(error));
      if (reference * 1_000_000n > fromWad(spot)) {
        this.relative = Math.max(this.relative, toNumber(error) / toNumber(reference));
      }
    }
    this.delta = Math.max(this.delta, toNumber(beyond(quote[2]!, exact.delta)));
    this.vega = Math.max(this.vega, overSpot(beyond(quote[3]!, exact.vega ?? exact.vegaSd)));
  }

  expectBelow(price: number, relative: number): void {
    expect(this.price, "error of call and put over spot").to.be.below(price);
    expect(this.relative, "relative error where the price exceeds 1e-6 of spot").to.be.below(relative);
  }
}

/** Points with S >= 1, whose last place is then below 1e-18 of spot. */
function pointsOf<R extends Row>(
  count: number,
  seed: bigint,
  point: (next: () => number) => R,
  spotAt: number,
): R[] {
  const next = uniform(seed);
  const rows: R[] = [];
  while (rows.length < count) {
    const row = point(next);
    if (row[spotAt]! >= WAD) rows.push(row);
  }
  return rows;
}

/** The corners of the domain, and the neighbourhood of the money at the least and the greatest standard deviation. */
function corners(): [bigint, bigint, bigint, bigint][] {
  const spot = 3000n * WAD;
  const variances = [10n ** 12n, 10n ** 14n, 10n ** 16n, WAD / 4n, WAD, 9n * WAD, 36n * WAD];
  const strikes = [
    ...[1n, 2n, 4n, 8n].flatMap((n) => [(spot * n) / 16n, (spot * 16n) / n]),
    ...[0n, 1n, 10n ** 9n, 10n ** 17n, 10n ** 18n, 3n * 10n ** 18n].flatMap((d) => [spot + d, spot - d]),
  ];
  return variances.flatMap((w) =>
    strikes.map((strike): [bigint, bigint, bigint, bigint] => [spot, spot, strike, w]),
  );
}

const fields = (word: bigint) => ({
  w0: atmVariance(word),
  b: b(word),
  rho: rho(word),
  m: m(word),
  sigma: sigma(word),
  exponent: exponent(word),
});

async function harness() {
  const { ethers } = await network.create();
  return ethers.deployContract("PricingHarness");
}

describe("P1: the error of the contracts against a 50-digit reference", () => {
  it("stays below 2e-17 of spot from forward and variance, corners included", async () => {
    const rows = [...corners(), ...pointsOf(1500, 1n, forwardPoint, 0)];
    const quotes = await callBatch(await harness(), "manyFromForward", rows);
    const worst = new Worst();
    rows.forEach((row, i) => {
      worst.add(quotes[i]!, fromForward(...row), row[0], 3n);
    });
    if (process.env.SHOW) console.log(worst);
    worst.expectBelow(2e-17, 1e-11);
    expect(worst.vega).to.be.below(1e-14);
  });

  it("stays below 2e-17 of spot from spot, vol and rate", async () => {
    const rows = pointsOf(1000, 2n, spotPoint, 0);
    const quotes = await callBatch(await harness(), "manyFromSpot", rows);
    const worst = new Worst();
    rows.forEach((row, i) => {
      worst.add(quotes[i]!, fromSpot(...row), row[0], 3n);
    });
    if (process.env.SHOW) console.log(worst);
    worst.expectBelow(2e-17, 1e-11);
  });

  it("stays below 1e-16 of spot from a packed slice, quadratic smiles with cancelling terms included", async () => {
    const rows = pointsOf(600, 3n, sliceInput, 1);
    const quotes = await callBatch(await harness(), "manyFromSlice", rows);
    const worst = new Worst();
    rows.forEach(([word, forward, strike, ageing], i) => {
      const k = ln(fromRatio(strike, forward));
      const exact = blackScholes(fromWad(forward), fromWad(strike), sliceSd(fields(word), k, ageing));
      worst.add(quotes[i]!, exact, forward, 3n);
    });
    if (process.env.SHOW) console.log(worst);
    worst.expectBelow(1e-16, 1e-11);
  });

  it("stays below 1e-16 of spot from the surface, with basis and ageing", async () => {
    const rows = pointsOf(600, 4n, surfaceInput, 1);
    const quotes = await callBatch(await harness(), "manyFromSurface", rows);
    const worst = new Worst();
    rows.forEach(([word, spot, strike, tau, tauAtReport], i) => {
      const ageing = (tau << 96n) / tauAtReport;
      const growth = (basis(word) * ageing) << (BITS - 127n);
      const discounted = multiply(fromWad(strike), exp(-growth));
      const sd = sliceSd(fields(word), ln(fromRatio(discounted, fromWad(spot))), ageing);
      worst.add(quotes[i]!, blackScholes(fromWad(spot), discounted, sd), spot, 3n);
    });
    if (process.env.SHOW) console.log(worst);
    worst.expectBelow(1e-16, 1e-11);
  });
});

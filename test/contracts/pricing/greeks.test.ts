import { quantise } from "@meniscus/sdk/slice";
import { expect } from "chai";
import { network } from "hardhat";
import { divide, exp, ln, multiply, toNumber } from "../../../scripts/coefficients/real.ts";
import { itWithData } from "../../support/data.ts";
import { blackScholes, fromSpot, fromWad, type Reference } from "../../support/reference.ts";
import { callBatch, type Row } from "./batch.ts";
import { readVectors } from "./csv.ts";
import { spotPoint, toWad, uniform } from "./points.ts";

const WAD = 10n ** 18n;
const signed = (word: bigint): number => Number(BigInt.asIntN(256, word)) / 1e18;

async function harness() {
  const { ethers } = await network.create();
  return ethers.deployContract("PricingHarness");
}

/** (V(x + h) - V(x - h)) / 2h in 50 digits: h^2 is far below what is claimed. */
function slope(value: (step: bigint) => bigint, step: bigint): bigint {
  return divide(value(step) - value(-step), 2n * step);
}

/** Points around the money, where every greek is far above its last place. */
function points(count: number): Row[] {
  const next = uniform(99n);
  const rows: Row[] = [];
  while (rows.length < count) {
    const row = spotPoint(next);
    const { delta } = fromSpot(...row);
    const share = toNumber(delta);
    if (row[0] >= WAD && row[4] !== 0n && share > 0.05 && share < 0.95) rows.push(row);
  }
  return rows;
}

const expectRelative = (found: number, expected: number, tolerance: number, what: string): void => {
  expect(Math.abs(found - expected), `${what}: ${found} against ${expected}`).to.be.at.most(
    tolerance * Math.abs(expected) + 3e-18,
  );
};

describe("the further greeks", () => {
  it("equal differences of 50-digit prices: gamma by spot, decay by time, skew vega by its definition", async () => {
    const rows = points(150);
    const found = await callBatch(await harness(), "greeksFromSpot", rows);
    rows.forEach((row, i) => {
      const [spot, strike, tau, vol, rate] = row.map(fromWad) as [bigint, bigint, bigint, bigint, bigint];
      const sdOf = (time: bigint): bigint => multiply(vol, exp(ln(time) / 2n));
      const discount = (time: bigint): bigint => multiply(strike, exp(-multiply(rate, time)));
      const at = (price: bigint, time: bigint): Reference => blackScholes(price, discount(time), sdOf(time));
      const [step, moment] = [spot >> 70n, tau >> 70n];
      const gamma = slope((h) => at(spot + h, tau).delta, step);
      const decays = (["call", "put"] as const).map((side) =>
        multiply(
          tau,
          slope((h) => at(spot, tau + h)[side], moment),
        ),
      );
      const z = divide(ln(divide(discount(tau), spot)), sdOf(tau));
      const skewVega = multiply(z, multiply(at(spot, tau).vegaSd, exp(ln(tau) / 2n)));
      const [gammaFound, skewFound, callFound, putFound] = found[i]!.map(signed);
      const spotNumber = toNumber(spot);
      expect(Math.abs(gammaFound! - toNumber(gamma)) * spotNumber, `gamma of ${row}`).to.be.at.most(
        1e-9 * toNumber(gamma) * spotNumber + spotNumber * 3e-18,
      );
      expect(Math.abs(skewFound! - toNumber(skewVega)) / spotNumber, `skew of ${row}`).to.be.at.most(1e-9);
      expectRelative(callFound! / spotNumber, toNumber(decays[0]!) / spotNumber, 1e-8, `call of ${row}`);
      expect(Math.abs(putFound! - toNumber(decays[1]!)) / spotNumber, `put of ${row}`).to.be.at.most(1e-11);
    });
  });

  it("of a flat slice are those of its vol and carry", async () => {
    const contract = await harness();
    const tau = 0.25;
    const vol = 0.75;
    // sd = 0.375 and the basis 1/64 are exact in the word.
    const word = quantise({ a: vol * vol * tau, b: 0, rho: 0, m: 0, sigma: 0.5 }, 1 / 64);
    const strikes = [2000n, 2700n, 3000n, 3300n, 4200n].map((price) => price * WAD);
    const fromSlice = await callBatch(
      contract,
      "greeksFromSurface",
      strikes.map((strike) => [word, 3000n * WAD, strike, 25n, 50n]),
    );
    // Half the time is left: variance and basis are halved.
    const plain = await callBatch(
      contract,
      "greeksFromSpot",
      strikes.map((strike) => [3000n * WAD, strike, toWad(tau / 2), toWad(vol), toWad(1 / 16)]),
    );
    strikes.forEach((strike, i) => {
      const [a, b] = [fromSlice[i]!.map(signed), plain[i]!.map(signed)];
      expectRelative(a[0]!, b[0]!, 1e-12, `gamma at ${strike}`);
      // Per sd there, per vol here.
      expectRelative(a[1]! * Math.sqrt(tau / 2), b[1]!, 1e-9, `skew vega at ${strike}`);
      expectRelative(a[2]!, b[2]!, 1e-12, `call at ${strike}`);
      expectRelative(a[3]!, b[3]!, 1e-12, `put at ${strike}`);
    });
  });

  itWithData("equal vollib's gamma and thetas to its digits", async () => {
    const rows = readVectors("vectors/vollib_black_scholes.csv").map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])),
    );
    const inside = rows.filter(({ S, K }) => S! * 14 > K! && K! * 14 > S!);
    const inputs = inside.map(({ S, K, R, t, v }) => [S!, K!, t!, v!, R!].map(toWad));
    const found = await callBatch(await harness(), "greeksFromSpot", inputs);
    expect(inside.length).to.be.above(40);
    inside.forEach(({ CG, CT, PT, t }, i) => {
      const [gamma, , callDecay, putDecay] = found[i]!.map(signed);
      expect(Math.abs(gamma! - CG!)).to.be.at.most(1e-9);
      expect(Math.abs(-callDecay! / t! - CT!)).to.be.at.most(1e-6);
      expect(Math.abs(-putDecay! / t! - PT!)).to.be.at.most(1e-6);
    });
  });
});

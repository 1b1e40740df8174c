import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { SOLIDITY_FILE, solidity, TYPESCRIPT_FILE, typescript } from "../../scripts/coefficients/emit.ts";
import { type Fit, fitAll } from "../../scripts/coefficients/fits.ts";
import {
  fitMildIntegrand,
  MILD_INTEGRAND_FILE,
  mildIntegrand,
  mildIntegrandFile,
  type PieceFit,
  pieceValue,
} from "../../scripts/coefficients/mildIntegrand.ts";
import { divide, fromInteger, fromRatio, multiply, ONE, toNumber } from "../../scripts/coefficients/real.ts";
import type { ContinuedFraction } from "../../scripts/coefficients/remez.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

/** The denominators x + a1 + ..., x + a2 + ..., outermost first. */
function stages({ stages: pairs }: ContinuedFraction, x: bigint): bigint[] {
  const values: bigint[] = [];
  let rest = 0n;
  for (const { c, a } of [...pairs].reverse()) {
    const value = x + a + rest;
    values.unshift(value);
    rest = divide(c, value);
  }
  return values;
}

const value = (fraction: ContinuedFraction, x: bigint): bigint =>
  fraction.constant + divide(fraction.stages[0]!.c, stages(fraction, x)[0]!);

describe("scripts/coefficients", () => {
  let fits: Fit[];
  const fractionOf = (name: string): ContinuedFraction =>
    fits.find((candidate) => candidate.name === name)!.fraction;

  before(() => {
    fits = fitAll();
  });

  it("writes the committed coefficients of the contracts and of the sdk", () => {
    expect(solidity(fits)).to.equal(read(SOLIDITY_FILE));
    expect(typescript(fits)).to.equal(read(TYPESCRIPT_FILE));
  });

  it("reaches the errors that the contracts rely on", () => {
    const error = (name: string): number =>
      toNumber(fits.find((candidate) => candidate.name === name)!.error);
    expect(error("ATANH")).to.be.below(1.7e-17);
    expect(error("EXP2")).to.be.below(1.1e-18);
    expect(error("EXP")).to.be.below(2.6e-20);
    expect(error("MILLS")).to.be.below(2.6e-19);
  });

  // The least of each stage, as contracts/pricing/Numerics.sol states it, outermost first.
  const leasts: [string, bigint, number[]][] = [
    ["ATANH", fromRatio(9n, 25n), [4.41, 3.78, 1.7, 1.07, 0.77]],
    ["EXP2", ONE / 4n, [687, 95.3]],
    ["EXP", ONE, [1105, 124, 62.9]],
    ["MILLS", fromInteger(9), [0.79, 1.25, 2.1, 15.9, 3.85, 0.51, 66.9, 13.2, 0.59]],
  ];

  for (const [name, end, least] of leasts) {
    it(`keeps every stage of ${name} away from zero over its domain`, () => {
      const fraction = fractionOf(name);
      const smallest = least.map(() => Number.POSITIVE_INFINITY);
      for (let i = 0n; i <= 2000n; i++) {
        stages(fraction, (end * i) / 2000n).forEach((stage, j) => {
          const magnitude = toNumber(name === "ATANH" ? -stage : stage);
          smallest[j] = Math.min(smallest[j]!, magnitude);
        });
      }
      smallest.forEach((stage, j) => {
        expect(stage, `stage ${j + 1} of ${smallest}`).to.be.at.least(least[j]!);
      });
    });
  }

  it("keeps Mills' ratio falling and positive, and its stages positive, from 0 to beyond the greatest argument, 2^12", () => {
    const fraction = fractionOf("MILLS");
    let x = 0n;
    let before = stages(fraction, x);
    for (let i = 0; i < 4000; i++) {
      const next = x + multiply(x, fromRatio(1n, 300n)) + fromRatio(1n, 1000n);
      const now = stages(fraction, next);
      expect(
        value(fraction, next) > 0n && value(fraction, next) < value(fraction, x),
        `at ${toNumber(x)}`,
      ).to.equal(true);
      now.forEach((stage, j) => {
        expect(stage > 0n, `stage ${j + 1} at ${toNumber(x)}`).to.equal(true);
      });
      expect(now[0]! > before[0]!, `the outermost stage at ${toNumber(x)}`).to.equal(true);
      [x, before] = [next, now];
    }
    expect(x > fromInteger(4096)).to.equal(true);
  });

  describe("the mild integrand of the normalised Black price", () => {
    let pieces: PieceFit[];

    before(() => {
      pieces = fitMildIntegrand();
    });

    it("is written as the committed module of the pricer", () => {
      expect(mildIntegrandFile(pieces)).to.equal(read(MILD_INTEGRAND_FILE));
    });

    it("is fitted to below a quarter of a unit of rounding", () => {
      for (const { name, error } of pieces) expect(toNumber(error), name).to.be.below(2 ** -54);
    });

    it("has hardly a step where its pieces meet", () => {
      for (const [at, left, right] of [
        [2n, 0, 1],
        [5n, 1, 2],
      ] as const) {
        const v = fromRatio(at, 16n);
        const [below, above] = [pieceValue(pieces[left]!, v), pieceValue(pieces[right]!, v)];
        expect(Math.abs(toNumber(divide(below - above, above)))).to.be.below(2 ** -53);
      }
    });

    it("goes over from the asymptotic series to Mills' ratio without a step", () => {
      const seam = fromRatio(1n, 14n);
      const [below, above] = [mildIntegrand(seam - 1n), mildIntegrand(seam + 1n)];
      expect(Math.abs(toNumber(divide(above - below, above)))).to.be.below(1e-28);
      expect(toNumber(mildIntegrand(0n))).to.equal(1);
      // z = 0: Y' = 1, v = 1/2.
      expect(toNumber(mildIntegrand(ONE / 2n))).to.equal(4);
    });
  });
});

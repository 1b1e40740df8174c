import { OutOfDomainError } from "@meniscus/sdk/fixed/blackScholes";
import { quoteFromSurface } from "@meniscus/sdk/fixed/svi";
import { exponent } from "@meniscus/sdk/slice";
import { sliceProfile, sliceRefusal } from "@meniscus/sdk/sliceShape";
import { expect } from "chai";
import fc from "fast-check";
import { wordsAt } from "../../support/anyWord.ts";
import { exactButterfly, exactCalendar, exactSmile, toFloat } from "../../support/exactSmile.ts";
import { type AnyContract, ethers, START } from "../../support/surface.ts";
import { callBatch, type Row } from "./batch.ts";
import { toWad } from "./points.ts";

const WAD = 10n ** 18n;
const MARGIN = 1e-9;
/** Ten times the error that NoArbitrage states. */
const ERROR = 1e-11;

/** 2^12 U of a slice, in WAD: how far the contract evaluates. */
const reach = (word: bigint): bigint => (WAD << exponent(word)) >> 4n;

const accepted = wordsAt(START).filter((word) => sliceRefusal(word, START, null) === null);

/** A slice and a point of it: most within twenty sd, where traders look, some as far as the contract goes. */
const point = fc
  .tuple(accepted, fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 12 }))
  .map(([word, place, halvings]) => ({
    word,
    k: ((reach(word) >> BigInt(halvings)) * BigInt(place)) / 1_000_000n,
  }));

/** Of every word that has a butterfly on a grid, the grid's worst point. */
function worstPoints(numRuns: number, seed: number): { word: bigint; k: bigint }[] {
  return fc.sample(accepted, { numRuns, seed }).flatMap((word) => {
    const points = Array.from({ length: 33 }, (_, index) => {
      const step = BigInt(index - 16);
      const k = (reach(word) * step * step * step) / (4096n * 256n);
      return { word, k, g: exactButterfly(word, k) };
    });
    const worst = points.reduce((one, other) => (other.g < one.g ? other : one));
    return worst.g < 0 ? [worst] : [];
  });
}

describe("NoArbitrage", () => {
  let harness: AnyContract;
  before(async () => {
    harness = (await ethers.deployContract("NoArbitrageHarness")) as unknown as AnyContract;
  });

  const butterflies = async (points: { word: bigint; k: bigint }[]): Promise<boolean[]> =>
    harness.butterflies!(
      points.map(({ word }) => word),
      points.map(({ k }) => k),
    );

  it("finds a butterfly where the exact g is below the margin, and nowhere else: S5", async () => {
    const points = [...fc.sample(point, { numRuns: 2000, seed: 1 }), ...worstPoints(1500, 11)];
    const found = await butterflies(points);
    let violations = 0;
    for (const [index, { word, k }] of points.entries()) {
      const g = exactButterfly(word, k);
      if (g < -MARGIN - ERROR) violations += 1;
      if (Math.abs(g + MARGIN) > ERROR)
        expect(found[index], `g ${g} at ${k} of ${word}`).to.equal(g < -MARGIN);
    }
    expect(violations).to.be.greaterThan(30);
  });

  it("finds the border of every butterfly to within its stated error: S5", async () => {
    const borders = worstPoints(1500, 2)
      .slice(0, 100)
      .flatMap(({ word, k }) => {
        // Between k and 0, where g = 1 - w'^2 (1/w + 1/4) / 4 + w''/2 is most often positive.
        if (exactButterfly(word, 0n) <= 0) return [];
        let [guilty, clean] = [k, 0n];
        while (Math.abs(Number(guilty - clean)) > 1) {
          const middle = (guilty + clean) / 2n;
          if (exactButterfly(word, middle) < -MARGIN) guilty = middle;
          else clean = middle;
        }
        return [-1000n, -30n, -3n, 0n, 3n, 30n, 1000n].map((step) => ({ word, k: guilty + step }));
      });
    expect(borders.length).to.be.greaterThan(100);
    const found = await butterflies(borders);
    for (const [index, { word, k }] of borders.entries()) {
      const g = exactButterfly(word, k);
      if (Math.abs(g + MARGIN) > ERROR)
        expect(found[index], `g ${g} at ${k} of ${word}`).to.equal(g < -MARGIN);
    }
  });

  it("finds a calendar violation where the longer's exact variance is below the shorter's by the margin, and nowhere else: S5", async () => {
    const pairs = fc.sample(fc.tuple(accepted, point), { numRuns: 3000, seed: 3 });
    const near = pairs.map(([other, { word, k }], index) => {
      // Of half the pairs both are the same but for the last bits of a field, so that the margin itself is met.
      const longer =
        index % 2 === 0 ? other : word ^ (1n << BigInt([0, 152, 188, 222][index % 4]! + (index % 3)));
      const limit = reach(longer) < reach(word) ? reach(longer) : reach(word);
      return { shorter: word, longer, k: k % (limit + 1n) };
    });
    const sound = near.filter(({ longer }) => sliceRefusal(longer, START, null) === null);
    const found: boolean[] = await harness.calendars!(
      sound.map(({ shorter }) => shorter),
      sound.map(({ longer }) => longer),
      sound.map(({ k }) => k),
    );
    let violations = 0;
    for (const [index, { shorter, longer, k }] of sound.entries()) {
      const excess = exactCalendar(shorter, longer, k);
      if (excess > MARGIN) violations += 1;
      if (Math.abs(excess - MARGIN) > 1e-17)
        expect(found[index], `excess ${excess} at ${k}`).to.equal(excess > MARGIN);
    }
    expect(violations).to.be.within(sound.length / 10, (sound.length * 9) / 10);
  });

  it("refuses to look further than 2^12 units", async () => {
    const word = fc.sample(accepted, { numRuns: 1, seed: 4 })[0]!;
    const end = reach(word);
    await harness.butterflies!([word, word], [end, -end]);
    for (const k of [end + 1n, -end - 1n, 2n ** 255n - 1n, -(2n ** 255n)]) {
      await expect(harness.butterflies!([word], [k])).to.be.revertedWithCustomError(
        harness,
        "NoArbitrage_OutOfRange",
      );
    }
  });
});

describe("slices that are accepted", () => {
  it("have a variance above their floor and slopes below 2 on a dense grid: S4", () => {
    for (const word of fc.sample(accepted, { numRuns: 150, seed: 5 })) {
      const floor = toFloat(exactSmile(word, 0n).w) / 2 ** 16;
      for (let step = -200n; step <= 200n; step++) {
        const k = (reach(word) * step * step * step) / 8_000_000n;
        const { w, slope } = exactSmile(word, k);
        expect(toFloat(w), `w at ${k} of ${word}`).to.be.greaterThan(floor * (1 - 1e-3));
        expect(Math.abs(toFloat(slope)), `slope at ${k} of ${word}`).to.be.lessThan(2);
      }
    }
  });

  it("in expiry order have levels and wings in that order: S4", () => {
    let pairs = 0;
    for (const [shorter, longer] of fc.sample(fc.tuple(accepted, accepted), { numRuns: 2000, seed: 6 })) {
      if (sliceRefusal(longer, START, sliceProfile(shorter)) !== null) continue;
      pairs += 1;
      expect(exactCalendar(shorter, longer, 0n)).to.be.at.most(0);
      // Far out the wings decide: w grows by b (1 + rho) k to the right, by b (1 - rho) |k| to the left.
      const [one, other] = [exactSmile(shorter, 10n ** 40n).slope, exactSmile(longer, 10n ** 40n).slope];
      expect(toFloat(other - one)).to.be.at.least(-1e-15);
      const [left, right] = [
        exactSmile(shorter, -(10n ** 40n)).slope,
        exactSmile(longer, -(10n ** 40n)).slope,
      ];
      expect(toFloat(left - right)).to.be.at.least(-1e-15);
    }
    expect(pairs).to.be.greaterThan(100);
  });

  it("stay free of butterflies as they age, to the last millionth of their variance: S6", () => {
    let clean = 0;
    for (const word of fc.sample(accepted, { numRuns: 400, seed: 7 })) {
      const grid = Array.from({ length: 61 }, (_, index) => {
        const step = BigInt(index - 30);
        return (reach(word) * step * step * step) / (27_000n * 64n);
      });
      if (grid.some((k) => exactButterfly(word, k) < 0)) continue;
      clean += 1;
      for (const ageing of [1 << 19, 1000, 1]) {
        for (const k of grid) expect(exactButterfly(word, k, ageing), `${k} of ${word}`).to.be.at.least(0);
      }
    }
    expect(clean).to.be.greaterThan(40);
  });

  it("stay in calendar order as they age, near the shorter's expiry too: S6", async () => {
    // Without a basis, one strike is one k of both, and a call is dearer the more variance is left to it.
    const withoutBasis = (word: bigint) => word & ~(0xffff_ffffn << 83n);
    const spot = 3000n * WAD;
    const rows: { short: Row; long: Row }[] = [];
    for (const [shorter, longer, days, more] of fc.sample(
      fc.tuple(
        accepted,
        accepted,
        fc.double({ min: 0.02, max: 300, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
      ),
      { numRuns: 250, seed: 8 },
    )) {
      const grid = [-2.7, -1, -0.3, -0.05, 0, 0.05, 0.3, 1, 2.7];
      const places = grid.map((k) => BigInt(Math.round(k * 1e15)) * 1000n);
      if (places.some((k) => exactCalendar(shorter, longer, k) > 0)) continue;
      const seconds = (time: number) => BigInt(Math.round(time * 86_400));
      for (const left of [1, 0.9, 0.1, 1e-3, 1e-6]) {
        const passed = seconds(days * (1 - left));
        const aged = (word: bigint, strike: bigint, time: number): Row => [
          withoutBasis(word),
          spot,
          strike,
          seconds(time) - passed,
          seconds(time),
        ];
        for (const k of grid) {
          const strike = toWad(3000 * Math.exp(k));
          const pair = { short: aged(shorter, strike, days), long: aged(longer, strike, days + more) };
          if (isPriced(pair.short) && isPriced(pair.long)) rows.push(pair);
        }
      }
    }
    expect(rows.length).to.be.greaterThan(500);
    const harness = await ethers.deployContract("PricingHarness");
    const pricesOf = (all: Row[]) => callBatch(harness, "manyFromSurface", all);
    const [shorts, longs] = [
      await pricesOf(rows.map(({ short }) => short)),
      await pricesOf(rows.map(({ long }) => long)),
    ];
    let dearer = 0;
    for (const [index, { short, long }] of rows.entries()) {
      const excess = longs[index]![0]! - shorts[index]![0]!;
      // Twice what a price may be off by.
      expect(excess, `${short.join(", ")} and ${long.join(", ")}`).to.be.at.least(
        -2n * ((spot * 2n) / 10n ** 17n + 2n),
      );
      if (excess > spot / 10n ** 6n) dearer += 1;
    }
    expect(dearer, "most prices tell the two apart").to.be.greaterThan(rows.length / 2);
  });
});

/** Whether it is in the domain of the pricing. */
function isPriced(row: Row): boolean {
  try {
    quoteFromSurface(...(row as Parameters<typeof quoteFromSurface>));
    return true;
  } catch (error) {
    if (error instanceof OutOfDomainError) return false;
    throw error;
  }
}

import {
  SLICE_REFUSALS,
  type SliceRefusal,
  sliceProfile,
  sliceRefusal,
  splitRefused,
} from "@meniscus/sdk/sliceShape";
import { expect } from "chai";
import fc from "fast-check";
import { wordsAt } from "../../support/anyWord.ts";
import { packSlice, type SliceFields, smileFields, smileWord } from "../../support/slices.ts";
import { type AnyContract, ethers, expiryIn, START, tauAt } from "../../support/surface.ts";

const AT = START;
const anyWord = wordsAt(AT);

describe("SliceShape", () => {
  let harness: AnyContract;
  before(async () => {
    harness = (await ethers.deployContract("SliceShapeHarness")) as unknown as AnyContract;
  });

  const none = { level: 0n, leftWing: 0n, rightWing: 0n, skew: 0n };

  it("refuses the same slices for the same reasons as the sdk's twin, on 5,000 words", async () => {
    const seen = new Map<string, number>();
    for (let batch = 0; batch < 10; batch++) {
      const words = fc.sample(anyWord, { numRuns: 500, seed: batch });
      const shorterWord = smileWord({ vol: 0.2 + batch / 10, tau: 0.05, reportAt: AT });
      const shorter = batch % 2 === 0 ? null : sliceProfile(shorterWord);
      const { reasons, profiles } = await harness.refusals!(words, { ...none, ...shorter }, AT);
      for (const [index, word] of words.entries()) {
        const expected = sliceRefusal(word, AT, shorter) ?? "None";
        seen.set(expected, (seen.get(expected) ?? 0) + 1);
        expect(SLICE_REFUSALS[Number(reasons[index])], `word ${word}`).to.equal(expected);
        if (expected === "None") {
          const { level, leftWing, rightWing } = sliceProfile(word);
          expect([profiles[index].level, profiles[index].leftWing, profiles[index].rightWing]).to.deep.equal([
            level,
            leftWing,
            rightWing,
          ]);
        }
      }
    }
    // Every reason was met, and enough words were accepted.
    expect([...seen.keys()].sort()).to.deep.equal([...SLICE_REFUSALS].sort());
    expect(seen.get("None")).to.be.greaterThan(200);
  });

  it("measures the skew as d ln(vol) / dk at the money", async () => {
    for (const [rho, m] of [
      [-0.5, 0.2],
      [0.4, -0.7],
      [0, 0],
    ] as const) {
      const smile = { vol: 0.6, tau: 0.1, reportAt: AT, rho, m, wing: 0.2, sigma: 1.3 };
      const sd = 0.6 * Math.sqrt(0.1);
      const expected = (0.2 * (rho - m / Math.hypot(m, 1.3))) / (2 * sd);
      const { profiles } = await harness.refusals!([smileWord(smile)], none, AT);
      expect(Math.abs(Number(profiles[0].skew) / 256 - expected)).to.be.lessThan(1 / 256);
    }
  });

  const usual = smileFields({ vol: 0.6, tau: 0.1, reportAt: AT });
  const bad: [SliceRefusal, string, Partial<SliceFields>][] = [
    ["Stamp", "another time", { reportAt: BigInt(AT + 1) }],
    ["Stamp", "a flag", { flags: 1n }],
    ["NotNormal", "a level below its unit", { atmVariance: (1n << 30n) - 1n }],
    ["Level", "an sd below 1e-3", { exponent: 6n, atmVariance: 1n << 30n }],
    ["Level", "an sd above 6", { exponent: 18n, atmVariance: (1n << 31n) + (1n << 29n) }],
    ["Correlation", "a correlation of -1", { rho: -(1n << 31n) }],
    ["Curvature", "no curvature", { sigma: 0n }],
    ["Curvature", "17 sd of curvature", { sigma: (1n << 34n) - 1n }],
    ["WingSlope", "a wing slope of 2 and more", { b: (1n << 36n) - 1n }],
    ["Minimum", "a minimum below zero", { b: 1n << 31n, m: 1n << 30n }],
  ];
  for (const [reason, what, change] of bad) {
    it(`refuses ${what}: ${reason}`, () => {
      expect(sliceRefusal(packSlice(usual), AT, null)).to.equal(null);
      expect(sliceRefusal(packSlice({ ...usual, ...change }), AT, null)).to.equal(reason);
    });
  }

  it("leaves out the longer of two slices that contradict each other, and what expires within 30 minutes", () => {
    const at = expiryIn(1) - 1800;
    const slice = (days: number, vol: number) => ({
      expiryAt: expiryIn(days),
      word: smileWord({ vol, tau: tauAt(expiryIn(days), at), reportAt: at }),
    });
    const { accepted, refused } = splitRefused(
      [slice(4, 0.6), slice(1, 0.6), slice(2, 0.9), slice(3, 0.5)],
      at,
    );
    expect(accepted).to.deep.equal([slice(2, 0.9), slice(4, 0.6)]);
    expect(refused.map(({ slice: { expiryAt }, reason }) => [expiryAt, reason])).to.deep.equal([
      [expiryIn(1), "ExpiryOver"],
      [expiryIn(3), "CalendarLevel"],
    ]);
  });
});

import { strikeDown, strikeStep } from "@meniscus/sdk/strikeGrid";
import { expect } from "chai";
import fc from "fast-check";
import { deploy } from "../../support/clearing/fixture.ts";

const GREATEST = (2n ** 64n - 1n) * 10n ** 9n;

describe("the sdk's grid of strikes", () => {
  it("has the contract's step at every level", async () => {
    const rules = await deploy("ClearingHarness");
    const level = fc.oneof(
      fc.bigInt(1n, GREATEST),
      fc.nat(27).map((digits) => 10n ** BigInt(digits)),
    );
    await fc.assert(
      fc.asyncProperty(level, async (strike) => {
        expect(await rules.stepAt(strike)).to.equal(strikeStep(strike));
      }),
    );
  });

  it("gives a strike on the grid, less than a step below the level", () => {
    fc.assert(
      fc.property(fc.bigInt(10n ** 12n, GREATEST), (level) => {
        const strike = strikeDown(level);
        expect(strike % strikeStep(strike)).to.equal(0n);
        expect(level - strike < strikeStep(level)).to.equal(true);
      }),
    );
  });
});

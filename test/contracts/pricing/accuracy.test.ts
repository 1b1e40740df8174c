import { expect } from "chai";
import { network } from "hardhat";
import { measureErrors, measureSteep, type QuoteErrors } from "./errors.ts";

/** For each quote, besides the corners. */
const POINTS = process.env.MENISCUS_DEEP === "1" ? 50_000 : 1200;

describe("P1: the error of the contracts against a 50-digit reference", () => {
  let errors: Record<string, QuoteErrors>;
  let steep: QuoteErrors;

  before(async function measure() {
    this.timeout(30 * 60_000);
    const { ethers } = await network.create();
    const harness = await ethers.deployContract("PricingHarness");
    errors = await measureErrors(harness, POINTS);
    steep = await measureSteep(harness);
  });

  for (const method of ["quoteFromSpot", "quoteFromForward", "quoteFromSlice", "quoteFromSurface"]) {
    it(`of ${method} stays below 2e-17 of spot, and 1e-11 of any price above 1e-6 of spot`, () => {
      const { maxError, maxRelativeError, maxDeltaError, maxVegaError, at } = errors[method]!;
      expect(maxError, `at ${at.join(", ")}`).to.be.below(2e-17);
      expect(maxRelativeError).to.be.below(1e-11);
      // Both times the standard deviation.
      expect(maxDeltaError).to.be.below(2e-17);
      expect(maxVegaError).to.be.below(2e-17);
    });
  }

  it("P1: of the steepest slice that a word holds stays below 5e-16 of spot", () => {
    expect(steep.maxError, `at ${steep.at.join(", ")}`).to.be.within(2e-17, 5e-16);
  });
});

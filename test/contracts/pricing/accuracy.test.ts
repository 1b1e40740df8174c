import { expect } from "chai";
import { network } from "hardhat";
import { measureErrors, type QuoteErrors } from "./errors.ts";

/** For each quote, besides the corners. */
const POINTS = process.env.MENISCUS_DEEP === "1" ? 50_000 : 1200;

describe("P1: the error of the contracts against a 50-digit reference", () => {
  let errors: Record<string, QuoteErrors>;

  before(async function measure() {
    this.timeout(30 * 60_000);
    const { ethers } = await network.create();
    errors = await measureErrors(await ethers.deployContract("PricingHarness"), POINTS);
  });

  for (const method of ["quoteFromSpot", "quoteFromForward", "quoteFromSlice", "quoteFromSurface"]) {
    it(`of ${method} stays below 2e-17 of spot, and 1e-11 of any price above 1e-6 of spot`, () => {
      const { maxError, maxRelativeError, maxDeltaError, maxVegaError, at } = errors[method]!;
      expect(maxError, `at ${at.join(", ")}`).to.be.below(2e-17);
      expect(maxRelativeError).to.be.below(1e-11);
      // 2e-17 over the standard deviation, which is at least 1e-3.
      expect(maxDeltaError).to.be.below(2e-14);
      expect(maxVegaError).to.be.below(2e-14);
    });
  }
});

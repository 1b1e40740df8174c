import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { splitRefused } from "@meniscus/sdk/sliceShape";
import { expect } from "chai";
import { itWithData, recordedChains } from "../support/data.ts";

describe("slices of the fitter", () => {
  itWithData("are accepted by the surface's shape checks, on every twelfth recorded chain: S4", async () => {
    let accepted = 0;
    for (const file of recordedChains().filter((_, index) => index % 12 === 0)) {
      const surface = fitSurface(cleanChain(await recordedSource(file).read()));
      const parts = splitRefused(surface.slices, surface.snapshotAt);
      const reasons = parts.refused.map(({ reason }) => reason).filter((reason) => reason !== "ExpiryOver");
      expect(reasons, file).to.deep.equal([]);
      accepted += parts.accepted.length;
    }
    expect(accepted).to.be.greaterThan(100);
  });
});

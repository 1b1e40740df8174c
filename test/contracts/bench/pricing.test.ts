import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type GasSpread, measurePricingGas } from "../../../bench/pricing.ts";
import { SNAPSHOT_FILE } from "../../../bench/snapshot.ts";

describe("the gas of the quotes", () => {
  let measured: Record<string, GasSpread>;

  before(async () => {
    measured = await measurePricingGas();
  });

  it("equals the committed snapshot (npm run snapshot rewrites it when a change is meant)", () => {
    const snapshot: Record<string, GasSpread> = JSON.parse(readFileSync(SNAPSHOT_FILE, "utf8"));
    expect(measured).to.deep.equal(snapshot);
  });

  const goals: [string, number][] = [
    ["quoteFromSpot", 1600],
    ["quoteFromForward", 1300],
    ["quoteFromSlice", 1600],
    ["quoteFromSurface", 2000],
  ];

  for (const [method, goal] of goals) {
    it(`of ${method} stays within ${goal} on every point of the grid`, () => {
      expect(measured[method]!.max).to.be.at.most(goal);
    });
  }
});

import { lowerMedian, upperMedian } from "@meniscus/pricer/median";
import { expect } from "chai";

describe("medians", () => {
  it("are the middle value of an odd number", () => {
    for (const median of [lowerMedian, upperMedian]) expect(median([3, 1, 2])).to.equal(2);
  });

  it("are the lower or the upper middle value of an even number", () => {
    expect(lowerMedian([4, 1, 3, 2])).to.equal(2);
    expect(upperMedian([4, 1, 3, 2])).to.equal(3);
  });

  it("of nothing are no number, or nothing", () => {
    expect(lowerMedian([])).to.be.NaN;
    expect(upperMedian([])).to.equal(0);
  });
});

import { counted } from "@meniscus/sdk/counted";
import { expect } from "chai";

describe("what is counted", () => {
  it("is one thing or several", () => {
    expect([0, 1, 2].map((count) => counted(count, "slice"))).to.deep.equal([
      "0 slices",
      "1 slice",
      "2 slices",
    ]);
    expect([1, 12].map((count) => counted(count, "expiry", "expiries"))).to.deep.equal([
      "1 expiry",
      "12 expiries",
    ]);
  });
});

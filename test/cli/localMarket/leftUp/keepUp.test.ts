import { tellOnce } from "@meniscus/cli/localMarket/leftUp/keepUp";
import { expect } from "chai";

describe("what stops a kept chain", () => {
  it("is told once for as long as it lasts, whichever numbers its message names, and anew when it comes again", () => {
    const told: string[] = [];
    const tell = tellOnce((line) => told.push(line));
    for (const rho of [-1.2, -1.21, -13]) tell(`rho = ${rho} is not between -1 and 1`);
    tell("block 0xab12 is not known");
    tell("block 0x77 is not known");
    tell(null);
    tell("block 0x77 is not known");
    expect(told).to.deep.equal([
      "rho = -1.2 is not between -1 and 1",
      "block 0xab12 is not known",
      "block 0x77 is not known",
    ]);
  });
});

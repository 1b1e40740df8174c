import { readFileSync } from "node:fs";
import { systemReason } from "@meniscus/sdk/systemReason";
import { expect } from "chai";

describe("systemReason", () => {
  const reasonOf = (file: string): string => {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      return systemReason(error);
    }
  };

  it("puts the system's codes into words, and others as they are", () => {
    expect(reasonOf("/nowhere/at/all")).to.equal("there is no such file or folder");
    expect(reasonOf("/")).to.equal("it is a folder");
    expect(reasonOf(`${process.execPath}/x`)).to.equal("its path leads through a file");
    expect(systemReason({ code: "EWHATEVER", message: "EWHATEVER: odd" })).to.equal("EWHATEVER");
    expect(systemReason(new Error("odd"))).to.equal("odd");
  });
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { ABI_SOURCES, abiFile, abiText } from "../../../scripts/abi.ts";
import { filesBelow } from "../../support/filesBelow.ts";

const ARTIFACTS = path.resolve(import.meta.dirname, "../../../artifacts/contracts");

interface Compiled {
  contractName: string;
  abi: { type: string; name?: string; stateMutability?: string }[];
}

describe("abi", () => {
  for (const source of ABI_SOURCES) {
    it(`the sdk's ABI of ${source} is what the compiler gives: else run node scripts/abi.ts`, () => {
      expect(readFileSync(abiFile(source), "utf8")).to.equal(abiText(source));
    });
  }

  it("C6: nothing takes ether; what Control is sent with a delayed call it hands on, and so to nobody who takes it", () => {
    const compiled = filesBelow(ARTIFACTS, ".json").map(
      (file): Compiled => JSON.parse(readFileSync(file, "utf8")),
    );
    expect(compiled.map(({ contractName }) => contractName)).to.include.members(
      ABI_SOURCES.map((source) => path.basename(source)),
    );
    const payable = compiled.flatMap(({ contractName, abi }) =>
      abi
        .filter(({ stateMutability }) => stateMutability === "payable")
        .map(({ type, name }) => `${contractName}.${name ?? type}`),
    );
    expect(payable).to.deep.equal(["Control.execute"]);
  });
});

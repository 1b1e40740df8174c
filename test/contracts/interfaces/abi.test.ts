import { readFileSync } from "node:fs";
import { expect } from "chai";
import { ABI_SOURCES, abiFile, abiText } from "../../../scripts/abi.ts";

describe("abi", () => {
  for (const source of ABI_SOURCES) {
    it(`the sdk's ABI of ${source} is what the compiler gives: else run node scripts/abi.ts`, () => {
      expect(readFileSync(abiFile(source), "utf8")).to.equal(abiText(source));
    });
  }
});

import { readdirSync } from "node:fs";
import path from "node:path";
import { revertOf } from "@meniscus/sdk/revert";
import { expect } from "chai";
import { Interface } from "ethers";

const ABIS = path.resolve(import.meta.dirname, "../../sdk/src/abi");

describe("what a revert says", () => {
  it("is known of every error of every contract whose ABI the sdk has", async () => {
    for (const file of readdirSync(ABIS)) {
      const module: object = await import(path.join(ABIS, file));
      const abi = new Interface(Object.values(module)[0]);
      abi.forEachError((error) => {
        // Zeros are a value of every type.
        const data = `${error.selector}${"00".repeat(32 * 64)}`;
        expect(revertOf(data), `${file} ${error.format()}`).to.match(new RegExp(`^${error.name}\\(`));
      });
    }
  });

  it("carries the values, or what there is of it", () => {
    const data = new Interface(["error Book_LimitExceeded(uint8 limit)"]).encodeErrorResult(
      "Book_LimitExceeded",
      [4],
    );
    expect(revertOf(data)).to.equal("Book_LimitExceeded(4)");
    expect(revertOf("0x12345678")).to.equal("it reverted with 0x12345678");
    expect(revertOf("0x")).to.equal("it reverted without a word");
    expect(revertOf(null)).to.equal("it reverted without a word");
  });
});

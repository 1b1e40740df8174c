import { CliError } from "@meniscus/cli/cliError";
import { assertBuildable, loadHardhat } from "@meniscus/cli/hardhat/localChain";
import { expect } from "chai";

describe("the build", () => {
  it("says of a repository that is not this user's what it would write there", async () => {
    // Where even root makes no file.
    const refused = await assertBuildable("/sys").catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(CliError);
    expect(String(refused)).to.match(/repository \/sys cannot be written: .*artifacts and cache/);
  });

  it("tells warnings and errors of our own sources, and no warning of a dependency's", async () => {
    const { hooks } = await loadHardhat();
    const found = [
      {
        severity: "warning",
        formattedMessage: "Warning: a\n  --> ./node_modules/@openzeppelin/a.sol:1:1:\n",
      },
      { severity: "warning", formattedMessage: "Warning: b\n  --> contracts/book/Book.sol:1:1:\n" },
      { severity: "error", formattedMessage: "Error: c\n  --> ./node_modules/@openzeppelin/c.sol:1:1:\n" },
    ];
    // Of the job and its output only the errors count, which the last in the chain gives.
    const nothing = [{}, {}] as never;
    const told = await hooks.runHandlerChain(
      "solidity",
      "getCompilationJobErrors",
      nothing,
      async () => found as never,
    );
    expect(told).to.deep.equal(found.slice(1));
  });
});

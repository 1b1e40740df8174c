import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect } from "chai";

const SCRIPT = path.resolve(import.meta.dirname, "../../scripts/deep.ts");

describe("npm run test:deep", function () {
  this.timeout(60_000);

  /** Runs it with a `PATH` on which there is nothing to run, so that what is not refused ends at once too. */
  const deep = (...args: string[]) =>
    spawnSync(process.execPath, [SCRIPT, ...args], { encoding: "utf8", env: { PATH: "" } });

  it("runs nothing where the seeds are none, and says what they are", () => {
    const refused: [args: string[], reason: string][] = [
      [["--seeds", "x"], "--seeds is a whole number from 1 on.\n"],
      [["--seeds", "0"], "--seeds is a whole number from 1 on.\n"],
      [["--seeds", ""], "--seeds is a whole number from 1 on.\n"],
      [["--from", "1.5"], "--from is a whole number from 1 on.\n"],
      [["--from", "2147483647"], "--from and --seeds lead beyond 2147483647, the last seed.\n"],
      [["--only", "no such path"], '--only: no test in Solidity has "no such path" in its path.\n'],
    ];
    for (const [args, reason] of refused) {
      const { status, stderr, stdout } = deep(...args);
      expect([status, stdout, stderr], args.join(" ")).to.deep.equal([1, "", reason]);
    }
  });

  it("begins at the seed that --from names, however few there are to be", () => {
    expect(deep("--seeds", "2", "--from", "40").stdout).to.match(/^\n== test:offchain, seed 40\n/);
  });
});

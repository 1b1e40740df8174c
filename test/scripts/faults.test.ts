import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect } from "chai";

describe("npm run faults", function () {
  this.timeout(60_000);

  it("runs nothing for a kind or a name that there is none of, and says what there is", () => {
    const refused: [args: string[], reason: RegExp][] = [
      [["--of", "vneues"], /^--of is one of: chain, venues\n$/],
      [["--of", "venues", "--only", "no such fault"], /--only a part of: [^,]+, /],
    ];
    for (const [args, reason] of refused) {
      const script = path.resolve(import.meta.dirname, "../../scripts/faults.ts");
      const { status, stderr, stdout } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
      expect(stderr).to.match(reason);
      expect([status, stdout]).to.deep.equal([1, ""]);
    }
  });
});

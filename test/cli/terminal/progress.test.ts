import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect } from "chai";

const PROGRESS = path.resolve(import.meta.dirname, "../../../cli/src/terminal/progress.ts");

describe("step", () => {
  it("keeps standard output for results, whatever the work prints", () => {
    const script = `import { step } from ${JSON.stringify(PROGRESS)};
      console.log(await step("Working", async () => { console.log("noise"); return "result"; }));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
    });
    expect(stdout).to.equal("result\n");
    expect(stderr).to.match(/^- Working\nnoise\n✔ Working \(\d+\.\d s\)\n$/);
  });

  it("gives standard output back when the work fails", () => {
    const script = `import { step } from ${JSON.stringify(PROGRESS)};
      await step("Working", () => Promise.reject(new Error("no"))).catch(({ message }) => console.log(message));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
    });
    expect(stdout).to.equal("no\n");
  });
});

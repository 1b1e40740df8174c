import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";

const ROOT = path.resolve(import.meta.dirname, "..");

interface Manifest {
  workspaces?: string[];
  exports?: Record<string, string>;
}

describe("the workspaces", () => {
  it("export no file that does not exist", () => {
    const manifest = (folder: string): Manifest =>
      JSON.parse(readFileSync(path.join(ROOT, folder, "package.json"), "utf8"));
    const exported = manifest(".").workspaces!.flatMap((folder) =>
      Object.values(manifest(folder).exports ?? {}).map((target) => path.join(folder, target)),
    );
    expect(exported).to.not.be.empty;
    // A pattern stands for many files: its folder must be there.
    const missing = exported.filter((target) => !existsSync(path.join(ROOT, target.split("*")[0]!)));
    expect(missing).to.deep.equal([]);
  });
});

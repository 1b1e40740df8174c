import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { runProgram } from "../support/examples.ts";

const SDK = path.resolve(import.meta.dirname, "../../sdk");
const page = readFileSync(path.join(SDK, "README.md"), "utf8");

describe("the page of the sdk", () => {
  it("names every module, and every folder of modules", () => {
    const names = readdirSync(path.join(SDK, "src"), { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? entry.name : path.basename(entry.name, ".ts"),
    );
    expect(names).to.include("series");
    expect(names.filter((name) => !new RegExp(`\`${name}[\`/]`).test(page))).to.deep.equal([]);
  });

  it("has an example that prints what it says", async () => {
    const [, code] = /```ts\n([\s\S]*?)```/.exec(page)!;
    const [, printed] = /It prints `([^`]+)`/.exec(page)!;
    expect(await runProgram(code!, "ts")).to.equal(`${printed}\n`);
  });
});

import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CliError } from "@meniscus/cli/cliError";
import { assertWritable, writeOutput } from "@meniscus/cli/terminal/output";
import { expect } from "chai";

describe("writeOutput", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-output-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("makes the folder, writes the file and leaves no draft", async () => {
    const file = path.join(folder, "deep/er/file.txt");
    await assertWritable(file);
    expect(readdirSync(path.dirname(file))).to.deep.equal([]);
    await writeOutput(file, "first");
    await writeOutput(file, "second");
    expect(readFileSync(file, "utf8")).to.equal("second");
    expect(readdirSync(path.dirname(file))).to.deep.equal(["file.txt"]);
  });

  it("follows a link instead of replacing it", async () => {
    const [real, link] = [path.join(folder, "real"), path.join(folder, "link")];
    writeFileSync(real, "old");
    symlinkSync(real, link);
    await writeOutput(link, "new");
    expect(lstatSync(link).isSymbolicLink()).to.equal(true);
    expect(readFileSync(real, "utf8")).to.equal("new");
  });

  it("writes into a pipe instead of replacing it", async () => {
    const pipe = path.join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    // Opened for both, so that neither side waits for the other.
    const reader = await open(pipe, "r+");
    try {
      await assertWritable(pipe);
      await writeOutput(pipe, "through");
      const { buffer, bytesRead } = await reader.read(Buffer.alloc(16), 0, 16);
      expect(buffer.toString("utf8", 0, bytesRead)).to.equal("through");
      expect(lstatSync(pipe).isFIFO()).to.equal(true);
    } finally {
      await reader.close();
    }
  });

  it("refuses a folder, a place below a file, and one file for two outputs", async () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "kept");
    const refusals = [[folder], [path.join(file, "below")], [file, path.join(folder, "x/../file")]];
    for (const files of refusals) {
      const error = await assertWritable(...files).catch((reason: unknown) => reason);
      expect(error, files.join(" ")).to.be.instanceOf(CliError);
    }
    expect(readFileSync(file, "utf8")).to.equal("kept");
  });
});

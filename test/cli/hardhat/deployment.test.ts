import { mkdirSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { journalFolder, localJournal, withJournals } from "@meniscus/cli/hardhat/deployment";
import type { LocalChain } from "@meniscus/cli/hardhat/localChain";
import { expect } from "chai";

describe("the journals of a local chain", () => {
  it("are gone at the end of the work on it, although files are still written to them", async () => {
    const chain = { url: "http://127.0.0.1:1" } as LocalChain;
    const folder = journalFolder(localJournal(chain, "market"));
    for (let round = 0; round < 20; round++) {
      const written = await withJournals(chain, async () => {
        mkdirSync(path.join(folder, "artifacts"), { recursive: true });
        const write = (_: unknown, i: number) =>
          writeFile(path.join(folder, `artifacts/${i}.json`), "{}").catch(() => undefined);
        return { all: Promise.all(Array.from({ length: 100 }, write)) };
      });
      expect(readdirSync(path.dirname(folder)).filter((name) => name.startsWith("local-1-"))).to.deep.equal(
        [],
      );
      await written.all;
    }
  });
});

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { formatRecordedChain } from "@meniscus/pricer/source/recorded";
import { expect } from "chai";
import { chainOf, soundQuotes } from "../../support/chain.ts";
import { meniscus } from "../../support/cli.ts";
import { dataFile, itWithData } from "../../support/data.ts";

describe("meniscus replay", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-replay-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  itWithData(
    "fits every chain of a folder, names what it cannot read, and prints the totals as data",
    async () => {
      for (const name of ["deribit_BTC_20260113T153537Z.csv.gz", "deribit_ETH_20260205T212937Z.csv.gz"])
        cpSync(dataFile(`chains/${name}`), path.join(folder, name));
      writeFileSync(path.join(folder, "broken.csv"), "");
      const { code, stdout, stderr } = await meniscus(["replay", "--chains", folder, "--json"]);
      expect(code).to.equal(0);
      expect(stderr).to.match(/left out: broken\.csv/);
      const totals = JSON.parse(stdout);
      expect(totals).to.have.all.keys(
        [
          "surfaces",
          "slices",
          "quotes",
          "pooledRmseVolPoints",
          "medianSliceVolPoints",
          "p95SliceVolPoints",
        ].concat(["insideBidAskPct", "uncertified", "free", "over2vp", "refused", "leftOut"]),
      );
      expect(totals.surfaces).to.equal(2);
      expect(totals.leftOut).to.deep.equal([
        "broken.csv is empty: give a chain file with a header and rows.",
      ]);
      expect(totals.uncertified).to.equal(0);
      const file = path.join(folder, "totals.json");
      const beside = await meniscus(["replay", "--chains", folder, "--json", file]);
      expect(beside.code).to.equal(0);
      expect(readFileSync(file, "utf8")).to.equal(stdout);
      expect(beside.stdout).to.match(/^free: pooled/m);
    },
  );

  itWithData("prints tables by day and by regime", async () => {
    const name = "deribit_ETH_20260205T212937Z.csv.gz";
    cpSync(dataFile(`chains/${name}`), path.join(folder, name));
    const { code, stdout } = await meniscus(["replay", "--chains", folder, "--warm"]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/2026-02-05 ETH/);
    expect(stdout).to.match(/crash \(week 1\.3 times quarter\)/);
    expect(stdout).to.match(/^free: pooled/m);
  });

  it("ends with code 1, after all that it has to tell, if a surface is not certified", async () => {
    const write = (name: string, quotes: ReturnType<typeof soundQuotes>) =>
      writeFileSync(path.join(folder, name), formatRecordedChain(chainOf(quotes)));
    write("sound.csv", soundQuotes());
    const sound = await meniscus(["replay", "--chains", folder, "--json"]);
    expect([sound.code, sound.stderr]).to.deep.equal([0, ""]);
    // Nobody bids, so no price is known, and there is no surface before it to go by.
    const withoutBids = soundQuotes().map((quote) => ({ ...quote, bid: null }));
    write("withoutBids.csv", withoutBids);
    const { code, stdout, stderr } = await meniscus(["replay", "--chains", folder, "--json"]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^error: Without a certificate: 1 surface\.$/m);
    const { surfaces, uncertified, refused } = JSON.parse(stdout);
    expect({ surfaces, uncertified, refused: refused.length }).to.deep.equal({
      surfaces: 2,
      uncertified: 1,
      refused: 5,
    });
  });

  it("reads a file whose name ends in capitals, and of one with two currencies the one that is chosen", async () => {
    const both = `${formatRecordedChain(chainOf(soundQuotes()))}${formatRecordedChain({
      ...chainOf(soundQuotes()),
      currency: "BTC",
    })}`;
    writeFileSync(path.join(folder, "A.CSV"), both);
    const unchosen = await meniscus(["replay", "--chains", folder]);
    expect(unchosen.stderr).to.match(/^left out: A\.CSV holds BTC and ETH: choose one by --currency\.$/m);
    const chosen = await meniscus(["replay", "--chains", folder, "--currency", "eth", "--json"]);
    expect([chosen.code, chosen.stderr]).to.deep.equal([0, ""]);
    expect(JSON.parse(chosen.stdout)).to.deep.include({ surfaces: 1, leftOut: [] });
  });

  it("refuses a place for the data that cannot be written, before a chain is read", async () => {
    writeFileSync(path.join(folder, "broken.csv"), "");
    const place = path.join(folder, "broken.csv", "data.json");
    for (const verb of ["replay", "stickiness"]) {
      const { code, stderr } = await meniscus([verb, "--chains", folder, "--json", place]);
      expect(code, verb).to.equal(1);
      expect(stderr, verb).to.match(/^error: \S+data\.json cannot be written: [^\n]*\n$/);
    }
  });

  it("says when the folder is not there, is none, cannot be read, or holds no chain", async () => {
    const missing = await meniscus(["replay", "--chains", path.join(folder, "none")]);
    expect(missing.code).to.equal(1);
    expect(missing.stderr).to.match(/^error: There is no folder/m);
    const [file, ring] = [path.join(folder, "file"), path.join(folder, "ring")];
    writeFileSync(file, "");
    symlinkSync(ring, ring);
    for (const place of [file, path.join(file, "below")])
      expect((await meniscus(["replay", "--chains", place])).stderr).to.match(
        /^error: \S+ is no folder: name/,
      );
    const unread = await meniscus(["replay", "--chains", ring]);
    expect(unread.stderr).to.match(/^error: The folder \S+ring cannot be read: ELOOP\. Allow it, or/);
    mkdirSync(path.join(folder, "empty"));
    const empty = await meniscus(["replay", "--chains", path.join(folder, "empty")]);
    expect(empty.code).to.equal(1);
    expect(empty.stderr).to.match(/holds no recorded chain/);
    for (const verb of ["replay", "stickiness"]) {
      const { code, stderr } = await meniscus([verb, "--chains", ""]);
      expect([code, /option '--chains.*It is empty/.test(stderr)], verb).to.deep.equal([1, true]);
    }
    const unnamed = await meniscus(["replay"]);
    expect(unnamed.code).to.equal(1);
    expect(unnamed.stderr).to.match(/--chains/);
  });
});

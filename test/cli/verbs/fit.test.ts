import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkCertificate } from "@meniscus/pricer/certificate/check";
import { formatRecordedChain } from "@meniscus/pricer/source/recorded";
import { expect } from "chai";
import { chainOf, expiryIn, soundExpiry, soundQuotes } from "../../support/chain.ts";
import { COMMAND, meniscus } from "../../support/cli.ts";
import { dataFile, itWithData } from "../../support/data.ts";

describe("meniscus fit", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-fit-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("prints a line per expiry of the simulated market and says that it is simulated", async () => {
    const { code, stdout } = await meniscus(["fit"]);
    expect(code).to.equal(0);
    expect(stdout.split("\n")[0]).to.match(/simulated/);
    expect(
      stdout.match(/^ETH-\d+[A-Z]{3}\d\d · \d+\.\d [dh] · forward .* fitted to \d+ quotes · inside/gm),
    ).to.have.length(12);
    expect(stdout).to.match(/12 slices · certified, \d+ pieces · arbitrage butterfly 0 calendar 0/);
  });

  it("prints the surface as data, with a certificate that the independent checker accepts", async () => {
    const { code, stdout } = await meniscus(["fit", "--json", "--seed", "5"]);
    expect(code).to.equal(0);
    const surface = JSON.parse(stdout);
    expect(surface.slices).to.have.length(12);
    expect(checkCertificate(surface.certificate)).to.include({ valid: true });
    expect(surface.certificate.slices.map(({ word }: { word: string }) => word)).to.deep.equal(
      surface.slices.map(({ word }: { word: string }) => word),
    );
  });

  it("writes the data into a file beside the lines that it prints, or prints them alone", async () => {
    const file = path.join(folder, "data", "surface.json");
    const [beside, alone] = [
      await meniscus(["fit", "--seed", "5", "--json", file]),
      await meniscus(["fit", "--json", "--seed", "5"]),
    ];
    expect([beside.code, beside.stderr]).to.deep.equal([0, ""]);
    expect(beside.stdout).to.equal((await meniscus(["fit", "--seed", "5"])).stdout);
    expect(readFileSync(file, "utf8")).to.equal(alone.stdout);
  });

  it("says what stands behind a forward that is not the venue's, and calls no slice on a guess good", async () => {
    const told = async (keep: (type: string, strike: number) => boolean) => {
      const quotes = soundQuotes().filter(({ type, strike }) => keep(type, strike));
      const file = path.join(folder, "forwards.csv");
      writeFileSync(file, formatRecordedChain(chainOf(quotes.map((quote) => ({ ...quote, forward: null })))));
      const { stdout } = await meniscus(["fit", "--chain", file]);
      const { slices } = JSON.parse((await meniscus(["fit", "--json", "--chain", file])).stdout);
      const lines = stdout.split("\n").filter((line) => line.includes("· forward"));
      expect(lines).to.have.length(slices.length);
      return { lines, sources: slices.map(({ forwardFrom }: { forwardFrom: string }) => forwardFrom) };
    };
    const both = await told(() => true);
    expect(new Set(both.sources)).to.deep.equal(new Set(["parity"]));
    for (const line of both.lines) expect(line).to.match(/forward \d+\.\d\d by put-call parity · /);
    expect(both.lines.some((line) => line.includes("· good"))).to.equal(true);
    const single = await told((type, strike) => (type === "C") === strike >= 2000);
    expect(new Set(single.sources)).to.deep.equal(new Set(["curve"]));
    for (const line of single.lines)
      expect(line).to.match(/forward \d+\.\d\d guessed from the other expiries · .*· thin/);
  });

  it("refuses one place for data and pictures, before anything is fitted", async () => {
    const file = path.join(folder, "one");
    const { code, stdout, stderr } = await meniscus(["fit", "--json", file, "--plot", file]);
    expect([code, stdout]).to.deep.equal([1, ""]);
    expect(stderr).to.match(/^error: .*named twice/);
  });

  it("records the chain as it came, from which the same surface comes again", async () => {
    const file = path.join(folder, "chains", "now.csv");
    const [seen, json] = [["--seed", "5"], "--json"];
    const first = await meniscus(["fit", ...seen, json, "--record", file]);
    expect(first.code, first.stderr).to.equal(0);
    const again = await meniscus(["fit", json, "--chain", file]);
    expect(JSON.parse(again.stdout).certificate).to.deep.equal(JSON.parse(first.stdout).certificate);
    expect((await meniscus(["replay", "--chains", path.dirname(file)])).code).to.equal(0);
    const both = await meniscus(["fit", "--chain", file, "--record", file]);
    expect(both.stderr).to.match(/--record <file>' cannot be used with option '--chain <file>'/);
  });

  itWithData("writes the pictures of a recorded chain", async () => {
    const plot = path.join(folder, "fit.html");
    const chain = dataFile("chains/deribit_BTC_20260113T153537Z.csv.gz");
    const { code } = await meniscus(["fit", "--chain", chain, "--plot", plot]);
    expect(code).to.equal(0);
    expect(readFileSync(plot, "utf8")).to.match(/BTC-27MAR26/);
  });

  it("writes its certificate beside the pictures", async () => {
    const plot = path.join(folder, "certified.html");
    const { code, stdout } = await meniscus(["fit", "--plot", plot]);
    expect(code).to.equal(0);
    const view = JSON.parse(/^const view = (.*);$/m.exec(readFileSync(plot, "utf8"))![1]!);
    expect(view.lines[1]).to.match(/^12 slices · certified, \d+ pieces · arbitrage butterfly 0 calendar 0$/);
    expect(stdout).to.include(view.lines[1]);
    expect(stdout).to.match(new RegExp(`^page: ${plot}$`, "m"));
  });

  it("names the page that it wrote where it spoils no data", async () => {
    const plot = path.join(folder, "named.html");
    const alone = await meniscus(["fit", "--plot", plot, "--json"]);
    expect(() => JSON.parse(alone.stdout)).to.not.throw();
    expect(alone.stderr).to.equal(`page: ${plot}\n`);
    const streamed = await meniscus(["fit", "--plot", "/dev/stdout"]);
    expect(streamed.stdout).to.not.match(/^page: /m);
  });

  it("counts one slice as one", async () => {
    const chain = path.join(folder, "one.csv");
    writeFileSync(chain, formatRecordedChain(chainOf(soundExpiry(expiryIn(30)))));
    const { stdout } = await meniscus(["fit", "--chain", chain]);
    expect(stdout).to.match(/^1 slice · certified, \d+ pieces?/m);
  });

  it("prints the pictures to standard output before the lines, be that a file or not", async () => {
    const file = path.join(folder, "stdout.txt");
    const descriptor = openSync(file, "w");
    const { status } = spawnSync(process.execPath, [COMMAND, "fit", "--plot", "/dev/stdout"], {
      stdio: ["ignore", descriptor, "ignore"],
    });
    closeSync(descriptor);
    expect(status).to.equal(0);
    const piped = await meniscus(["fit", "--plot", "/dev/stdout"]);
    for (const output of [piped.stdout, readFileSync(file, "utf8")])
      expect(/^<!doctype html>.*<\/html>\s*Source: .* slices · certified/s.test(output)).to.equal(true);
  });

  it("refuses pictures in the midst of the data, whichever name standard output is given", async () => {
    for (const name of ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) {
      const { code, stdout, stderr } = await meniscus(["fit", "--json", "--plot", name]);
      expect([code, stdout], name).to.deep.equal([1, ""]);
      expect(stderr, name).to.match(
        /^error: .*the data of --json is printed there: name a file of its own\.\n$/,
      );
    }
  });

  const fullDevice = existsSync("/dev/full") ? it : it.skip;
  fullDevice("says in one line that its output cannot be written, and fails", () => {
    for (const args of [["fit"], ["fit", "--json"], ["fit", "--help"]]) {
      const full = openSync("/dev/full", "w");
      const { status, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
        stdio: ["ignore", full, "pipe"],
        encoding: "utf8",
      });
      closeSync(full);
      expect(stderr, args.join(" ")).to.match(/^error: .*cannot be written to \(the disk is full\)[^\n]*\n$/);
      expect(status, args.join(" ")).to.equal(1);
    }
  });

  const viewOf = (page: string) => JSON.parse(/^const view = (.*);$/m.exec(readFileSync(page, "utf8"))![1]!);

  it("tells of expiries that are left out and of rows in none, on the terminal, as data and on the page", async () => {
    const [chain, plot, data] = ["lost.csv", "lost.html", "lost.json"].map((name) => path.join(folder, name));
    const [stale, unquoted] = [soundExpiry(expiryIn(14)), soundExpiry(expiryIn(60))];
    const quotes = [
      ...soundQuotes(),
      ...stale.map((quote) => ({ ...quote, atMs: quote.atMs - 5 * 3_600_000 })),
      ...unquoted.map((quote) => ({ ...quote, bid: null })),
    ];
    writeFileSync(chain!, formatRecordedChain(chainOf(quotes)));
    const { stdout } = await meniscus(["fit", "--chain", chain!, "--plot", plot!, "--json", data!]);
    const told = stdout.split("\n").filter((line) => /left out|outside/.test(line));
    expect(told).to.have.length(2);
    expect(told[0]).to.match(
      /^ETH-14MAR26 · 59\.8 d · .* · 0 quotes · left out: no two-sided .* dropped: 9 in the money, 9 no bid$/,
    );
    expect(told[1]).to.equal("Rows outside these expiries: time far from the others: 18");
    expect(viewOf(plot!).lines.slice(2)).to.deep.equal(told);
    expect(JSON.parse(readFileSync(data!, "utf8")).dropped).to.deep.equal({ "time far from the others": 18 });
  });

  it("says to how many quotes it fitted, and of every other row why not", async () => {
    const [record, data] = [path.join(folder, "rows.csv"), path.join(folder, "rows.json")];
    const { stdout } = await meniscus(["fit", "--seed", "5", "--record", record, "--json", data]);
    const rows = readFileSync(record, "utf8").split("\n");
    const { slices } = JSON.parse(readFileSync(data, "utf8"));
    const lines = stdout.match(/^ETH-.* fitted to .*$/gm)!;
    expect(lines).to.have.length(12);
    for (const [i, line] of lines.entries()) {
      const [, symbol, fitted, dropped] = /^(\S+) .* fitted to (\d+) quotes .* dropped: (.*) · a b/.exec(
        line,
      )!;
      expect(Number(fitted), line).to.equal(slices[i].quotes);
      const others = dropped!.split(", ").reduce((sum, reason) => sum + Number.parseInt(reason, 10), 0);
      expect(Number(fitted) + others, line).to.equal(rows.filter((row) => row.includes(symbol!)).length);
    }
    expect(stdout).to.match(/too far out or too wide/);
  });

  it("counts bids that meet the ask apart, and in the figures of a few quotes what it draws as theirs", async () => {
    const [chain, plot] = [path.join(folder, "few.csv"), path.join(folder, "few.html")];
    const few = soundExpiry(expiryIn(30)).filter(({ type, strike }) => type === "C" && strike > 2100);
    const quotes = few.map((quote, i) => (i === 0 ? { ...quote, bid: quote.ask } : quote));
    writeFileSync(chain, formatRecordedChain(chainOf(quotes)));
    const { stdout } = await meniscus(["fit", "--chain", chain, "--plot", plot]);
    expect(stdout).to.match(/ fitted to 2 quotes · inside bid-ask 100\.00 % · .* · dropped: 1 locked · a b/);
    const [smile] = viewOf(plot).smiles;
    expect(smile.quotes.map(({ counts }: { counts: boolean }) => counts)).to.deep.equal([false, true, true]);
  });

  it("prints what docs/CLI.md shows", async () => {
    const page = readFileSync(path.resolve(import.meta.dirname, "../../../docs/CLI.md"), "utf8");
    const example = /^\$ npx --no-install meniscus fit --seed 5\n([\s\S]*?)\n```/m.exec(page)![1]!;
    const { stdout } = await meniscus(["fit", "--seed", "5"]);
    for (const line of example.split("\n")) expect(stdout).to.include(line.replace(/…$/, ""));
    expect(example.split("\n")).to.have.length.at.least(3);
  });

  it("names what was dropped when no expiry can be fitted", async () => {
    const crossed = soundQuotes().map((quote) => ({ ...quote, bid: quote.ask, ask: quote.bid }));
    const chain = path.join(folder, "crossed.csv");
    writeFileSync(chain, formatRecordedChain(chainOf(crossed)));
    const { code, stderr } = await meniscus(["fit", "--chain", chain]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^error: .*no expiry can be fitted \(.*\); dropped: .*crossed: 45/m);
  });

  it("refuses a file that is no chain, and writes no picture", async () => {
    const chain = path.join(folder, "no.csv");
    writeFileSync(chain, "a,b\n1,2\n");
    const plot = path.join(folder, "none.html");
    const { code, stderr } = await meniscus(["fit", "--chain", chain, "--plot", plot]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^error: .*column/m);
    expect(() => readFileSync(plot)).to.throw();
  });
});

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Summary } from "@meniscus/sdk/summary";
import { expect } from "chai";
import { JsonRpcProvider } from "ethers";
import { meniscus, meniscusUntil, type Run } from "../support/cli.ts";
import { dataFile, itWithData } from "../support/data.ts";

describe("meniscus start, from a chain to on-chain quotes", function () {
  this.timeout(300_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-flow-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs the whole way and returns what it printed and wrote. */
  async function run(...args: string[]): Promise<Run & { summary: Summary; page: string }> {
    const [json, html] = [path.join(folder, "summary.json"), path.join(folder, "surface.html")];
    const result = await meniscus(["start", "--json", json, "--html", html, ...args]);
    expect(result.code, result.stderr).to.equal(0);
    return { ...result, summary: JSON.parse(readFileSync(json, "utf8")), page: readFileSync(html, "utf8") };
  }

  /** What holds of every run. */
  function expectSound({ summary, stdout, page }: Awaited<ReturnType<typeof run>>): void {
    expect(summary).to.have.all.keys(
      ["source", "startedAt", "seconds", "quotes", "insideBidAskPct", "rmseVolPoints", "perExpiry"].concat([
        "arbitrage",
        "post",
        "maxOnChainErrorVsTs",
      ]),
    );
    for (const expiry of summary.perExpiry) {
      expect(expiry).to.have.all.keys(
        "expiry",
        "forward",
        "quotes",
        "dropped",
        "rmse",
        "inside",
        "params",
        "quality",
      );
    }
    expect(summary.arbitrage).to.deep.equal({ butterfly: 0, calendar: 0 });
    expect(summary.maxOnChainErrorVsTs).to.be.greaterThan(0).and.at.most(1e-15);
    expect(new Set(summary.post.signers).size).to.equal(3);
    expect(summary.post.gas).to.be.greaterThan(21_000);
    expect(stdout).to.match(
      new RegExp(`${summary.quotes} quotes · inside bid-ask ${summary.insideBidAskPct.toFixed(2)}`),
    );
    expect(stdout).to.match(/^ sum +30\.0 +30\.0 +0\.0 +(\S+) +\1 +0\.0 *$/m);
    expect(page).to.match(/Plotly/);
    expect(page).to.not.match(/<(script|link|img)[^>]*(src|href)=/);
  }

  it("takes a simulated market and says so in its first line", async () => {
    const result = await run();
    expectSound(result);
    expect(result.stdout.split("\n")[0]).to.match(/simulated/i);
    expect(result.summary.quotes).to.be.greaterThan(300);
    expect(result.summary.insideBidAskPct).to.be.greaterThan(95);
  });

  it("gives the same surface for the same seed, another for another", async () => {
    const surfaceOf = async (seed: string) => (await run("--seed", seed)).summary.perExpiry;
    const [first, again, other] = [await surfaceOf("3"), await surfaceOf("3"), await surfaceOf("4")];
    expect(again).to.deep.equal(first);
    expect(other).to.not.deep.equal(first);
  });

  itWithData(
    "takes a calm day of BTC: 95 % of its quotes are matched inside the market's spread",
    async () => {
      const result = await run("--chain", dataFile("chains/deribit_BTC_20260113T153537Z.csv.gz"));
      expectSound(result);
      expect(result.summary.insideBidAskPct).to.be.at.least(95);
      expect(result.stdout).to.match(/BTC-27MAR26/);
    },
  );

  itWithData("takes the February 2026 crash of ETH", async () => {
    const result = await run("--chain", dataFile("chains/deribit_ETH_20260205T212937Z.csv.gz"));
    expectSound(result);
    expect(result.summary.perExpiry).to.have.length(12);
    expect(result.summary.insideBidAskPct).to.be.at.least(90);
  });

  it("leaves the node up with --keep, and prints where it is", async () => {
    const html = path.join(folder, "kept.html");
    const node = await meniscusUntil(["start", "--keep", "--html", html], /^Node: (http:\/\/\S+)$/m);
    try {
      const provider = new JsonRpcProvider(node.match[1], undefined, { staticNetwork: true });
      expect(await provider.getBlockNumber()).to.be.greaterThan(0);
      provider.destroy();
    } finally {
      expect(await node.end()).to.equal(0);
    }
  });
});

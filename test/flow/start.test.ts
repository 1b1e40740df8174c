import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { PoolSummary, ProvidingSummary, Summary } from "@meniscus/cli/json/summary";
import type { LocalAddresses } from "@meniscus/cli/verbs/start/addresses";
import { CHECKS } from "@meniscus/cli/verbs/start/invariants/checks";
import type { RawQuote } from "@meniscus/pricer/chain/chain";
import { markSlotOf } from "@meniscus/pricer/service/clock";
import { formatRecordedChain } from "@meniscus/pricer/source/recorded";
import { formatExpiry } from "@meniscus/sdk/symbol";
import { expect } from "chai";
import { JsonRpcProvider } from "ethers";
import { chainOf, expiryIn, SPOT, soundExpiry, soundQuotes } from "../support/chain.ts";
import { meniscus, meniscusInterrupted, meniscusUntil } from "../support/cli.ts";
import { dataFile, itWithData } from "../support/data.ts";
import { bookSummary, envelope, json, startStub, withIndex } from "../support/deribitStub.ts";
import { runExamples } from "../support/examples.ts";

/** Of the table of an expiry's strikes. */
const STRIKES_HEAD = /^ strike +bid vol +ask vol /m;
const DEPLOYMENTS = path.resolve(import.meta.dirname, "../../deploy/deployments");
/** Of the local chain on a port: others may be deployed to at the same time. */
const journals = (port: number) =>
  existsSync(DEPLOYMENTS) ? readdirSync(DEPLOYMENTS).filter((name) => name.startsWith(`local-${port}-`)) : [];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe("meniscus start, from a chain to on-chain quotes", function () {
  this.timeout(900_000);
  let folder: string;
  let simulated: Told;
  let kept: Awaited<ReturnType<typeof meniscusUntil>>;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-flow-"));
    kept = await meniscusUntil(
      ["start", "--keep", "--addresses", addresses(), ...places()],
      /^Node: (http:\/\/\S+)$/m,
    );
    simulated = told(kept.output());
  });
  after(async () => {
    await kept?.end();
    rmSync(folder, { recursive: true });
  });

  /** What a run printed and wrote. */
  interface Told {
    stdout: string;
    summary: Summary;
    page: string;
    story: string;
  }

  const FILES = { "--json": "summary.json", "--plot": "surface.html", "--story": "story.html" };
  const addresses = () => path.join(folder, "addresses.json");
  const places = () => Object.entries(FILES).flatMap(([option, name]) => [option, path.join(folder, name)]);

  function told(stdout: string): Told {
    const [summary, page, story] = Object.values(FILES).map((name) =>
      readFileSync(path.join(folder, name), "utf8"),
    ) as [string, string, string];
    return { stdout, summary: JSON.parse(summary), page, story };
  }

  /** Runs the whole way. */
  async function run(...args: string[]): Promise<Told> {
    const { code, stdout, stderr } = await meniscus(["start", ...places(), ...args]);
    expect(code, stderr).to.equal(0);
    return told(stdout);
  }

  /** What holds of every run. */
  function expectSound({ summary, stdout, page, story }: Told): void {
    expect(summary).to.have.all.keys(
      ["source", "startedAt", "seconds", "quotes", "insideBidAskPct", "rmseVolPoints", "perExpiry"].concat([
        "arbitrage",
        "post",
        "maxOnChainErrorVsTs",
        "pool",
        "hedges",
        "days",
        "providing",
        "invariantsChecked",
        "invariantsBroken",
      ]),
    );
    const evenings = summary.days.filter(({ kind }) => kind === "evening").length;
    if (summary.pool !== null) expectTraded(summary.pool, evenings, stdout);
    if (summary.providing !== null) expectProvided(summary.providing, stdout);
    for (const expiry of summary.perExpiry) {
      expect(expiry).to.have.all.keys(
        "expiry",
        "forward",
        "forwardFrom",
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
      new RegExp(`${summary.quotes} quotes judged · inside bid-ask ${summary.insideBidAskPct!.toFixed(2)}`),
    );
    for (const { expiry, params } of summary.perExpiry) {
      const symbol = `"symbol":"${summary.source.includes("BTC") ? "BTC" : "ETH"}-${formatExpiry(Date.parse(expiry) / 1000)}"`;
      expect(page.includes(symbol), symbol).to.equal(params !== null);
    }
    expect(stdout).to.match(/^ sum +30\.0 +30\.0 +0\.0 +(\S+) +\1 +0\.0 *$/m);
    for (const each of [page, story]) expect(each).to.not.match(/<(script|link|img)[^>]*(src|href)=/);
    expectTold(summary, story);
    expect(summary.invariantsBroken).to.deep.equal([]);
    if (summary.days.length > 0) expect(summary.invariantsChecked).to.deep.equal(Object.keys(CHECKS));
  }

  /** The page of the story has every trade, hedge, report and epoch, and a place for each picture. */
  function expectTold({ pool, hedges, days, providing }: Summary, story: string): void {
    for (const id of ["values", "spot", "delta", "attribution", "smile", "blotter", "epochs", "providers"])
      expect(story).to.include(`id="${id}"`);
    const view = JSON.parse(/^const view = (.*);$/m.exec(story)![1]!);
    expect(view.trades).to.deep.equal(pool?.trades ?? []);
    expect(view.epochs).to.deep.equal(providing?.epochs ?? []);
    expect(view).to.deep.include({ hedges, days, surfaceFile: "surface.html" });
    const steps: { name: string; value: number }[] = view.waterfall;
    const total = steps.find(({ name }) => name === "total")!;
    const parts = steps.filter((step) => step !== total);
    expect(parts.reduce((sum, { value }) => sum + value, 0)).to.be.closeTo(total.value, 1e-6);
  }

  /** Every trade's parts make its cost, and the book moved by trades is the book that its positions give. */
  function expectTraded(
    { equity, trades, refusals, greeks }: PoolSummary,
    evenings: number,
    stdout: string,
  ): void {
    // Nine orders of the morning and one an evening, and two that are far too large; a short or lonely expiry bears less.
    expect(trades.length).to.be.within(1, 9 + evenings);
    for (const { cost, value, impact, spread, fee, rentBase, rentQuote, legs } of trades) {
      const parts = value + impact + spread + fee + rentBase + rentQuote;
      // The allowance for cuts and one unit of the quote asset, against the taker; dust may be bought in for nothing.
      if (cost !== 0) expect(cost - parts).to.be.within(-1e-9, 2e-6);
      // A sale that brings nothing is no part of a price.
      if (cost !== 0) expect(fee).to.be.greaterThan(0);
      for (const { series } of legs) expect(stdout).to.include(series);
    }
    expect(refusals.length).to.be.at.least(2);
    const { before, after, refreshed } = greeks;
    expect([before.vega, before.gamma, before.delta, before.reserve]).to.deep.equal([0, 0, 0, 0]);
    expect(after.vega).to.be.greaterThan(0);
    // Of a book whose trades nearly cancel the difference is compared with what stands behind it.
    const spot = trades[0]!.notional / trades[0]!.legs[0]!.amount;
    const small = { vega: equity / 10_000, gamma: equity / 1000, delta: equity / 2000 / spot };
    for (const name of ["vega", "gamma", "delta"] as const) {
      // Of a day's option the gamma grows by a tenth while the session lasts.
      const tolerance = Math.abs(refreshed[name]) * (name === "gamma" ? 0.15 : 0.05) + small[name];
      expect(after[name], name).to.be.closeTo(refreshed[name], tolerance);
    }
    expect(after.reserve).to.be.greaterThan(0);
  }

  /** Claims are equity, each result is the sum of its parts, and providers leave with what they brought, the vault's result included. */
  function expectProvided({ epochs, providers }: ProvidingSummary, stdout: string): void {
    expect(epochs).to.not.have.length(0);
    for (const { spot, equity, base, quote, attribution } of epochs) {
      expect(base.claim.after * spot + quote.claim.after).to.be.closeTo(equity, 1e-3);
      for (const { nav } of [base, quote]) {
        expect(nav.entry).to.be.at.least(nav.mid);
        expect(nav.mid).to.be.at.least(nav.exit);
      }
      const { premium: _, total, ...parts } = attribution;
      expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).to.be.closeTo(total, 1e-6);
      const gross = Object.values(parts).reduce((sum, part) => sum + Math.abs(part), 0);
      // All but what is bought in for nothing, or at another price than the sum of its parts.
      expect(Math.abs(parts.residual)).to.be.at.most(gross / 100);
    }
    for (const { brought, got, waiting } of [providers.base, providers.quote]) {
      expect(epochs[0]!.equity).to.be.greaterThan(0);
      if (waiting === 0) expect(got / brought).to.be.within(0.95, 1.05);
    }
    expect(stdout).to.match(/^provider of USDC: brought 250000\.00 USDC, got back /m);
  }

  /** From Monday noon to Friday's expiry: four epochs, providers in at the first and out at the last, and a vault that is hedged between. */
  function expectDays({ days, hedges, providing }: Summary): void {
    expect(hedges).to.not.have.length(0);
    for (const { delta, band } of hedges) {
      expect(Math.abs(delta.before)).to.be.greaterThan(band);
      expect(Math.abs(delta.after)).to.be.lessThan(Math.abs(delta.before));
    }
    expect(days.map(({ kind }) => kind)).to.deep.equal([
      "opening",
      ...["evening", "cut-off", "evening", "cut-off", "evening", "cut-off", "evening", "cut-off"],
    ]);
    expect(new Set(days.map(({ spot }) => spot)).size).to.equal(days.length);
    const { epochs, providers } = providing!;
    expect(epochs).to.have.length(4);
    expect(epochs[0]!.base.entered).to.be.closeTo(providers.base.brought, 1e-6);
    expect(epochs[0]!.quote.entered).to.be.closeTo(providers.quote.brought, 1e-6);
    for (const { got, waiting } of [providers.base, providers.quote]) {
      expect(got).to.be.greaterThan(0);
      expect(waiting).to.equal(0);
    }
    // What an epoch's end finds is what its report told before.
    const cutOffs = days.filter(({ kind }) => kind === "cut-off");
    for (const [i, { factor }] of epochs.entries()) expect(factor).to.be.closeTo(cutOffs[i]!.factor, 1e-5);
  }

  it("takes a simulated market and says so in its first line", async () => {
    const result = simulated;
    expectSound(result);
    // Nine in the morning, and one each of four evenings.
    expect(result.summary.pool!.trades).to.have.length(13);
    expectDays(result.summary);
    expect(result.stdout.split("\n")[0]).to.match(/simulated/i);
    // Results first, a line an expiry, and no table of strikes.
    const lines = result.stdout.slice(result.stdout.indexOf("\nResult\n") + 1).split("\n");
    expect(lines.slice(0, lines.indexOf("Surface"))).to.have.length.within(7, 9);
    expect(lines.slice(0, 8)).to.include("13 invariants recomputed from the chain: none broken");
    expect(lines.filter((line) => /^ETH-\w+ · \d+\.\d [dh] · forward /.test(line))).to.have.length(12);
    expect(result.stdout).to.not.match(STRIKES_HEAD);
    expect(lines.indexOf("Left up")).to.be.within(80, 130);
    expect(result.summary.quotes).to.be.greaterThan(300);
    expect(result.summary.insideBidAskPct).to.be.greaterThan(95);
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

  /** Runs on a recorded chain of these rows. */
  async function runOn(name: string, quotes: readonly RawQuote[], ...args: string[]) {
    const chain = path.join(folder, name);
    writeFileSync(chain, formatRecordedChain(chainOf(quotes)));
    return run("--chain", chain, ...args);
  }

  it("leaves out expiries that the contract refuses or that no one lists, and absurd rows, each with its reason", async () => {
    const days = [1, 2, 3, 10, 17, 24, 30, 38, 45, 52, 60, 75, 90, 120, 150, 450, 460];
    const sound = days.flatMap((day) => soundExpiry(expiryIn(day)));
    const odd = soundExpiry(expiryIn(20)).map((quote) => ({ ...quote, expiryAt: quote.expiryAt - 3600 }));
    const absurd = sound.slice(0, 4).map((quote, i) => ({
      ...quote,
      instrument: "absurd",
      strike: [1e25, 1e9, 1e-9, Number.POSITIVE_INFINITY][i]!,
    }));
    const tooFar = { ...sound[0]!, instrument: "absurd", expiryAt: sound[0]!.expiryAt * 1000 };
    const halfSecond = { ...sound[1]!, expiryAt: sound[1]!.expiryAt + 0.5 };
    const result = await runOn("many.csv", [...sound, ...odd, ...absurd, tooFar, halfSecond]);
    expectSound(result);
    const { perExpiry } = result.summary;
    expect(perExpiry).to.have.length(days.length);
    const reasons = perExpiry.map(({ quality }) => quality).filter((q) => /left out/.test(q));
    expect(reasons).to.deep.equal([
      "left out: it is over, or farther away than the contract lists (400 days)",
      "left out: not among the 16 nearest expiries, and a report carries no more",
    ]);
    expect(perExpiry[0]!.dropped).to.include({ "strike outside 0.001 to 100000000": 3 });
    expect(result.stdout).to.match(/Rows outside these expiries: not at 08:00 UTC: (18|19|20)/);
    const { lines } = JSON.parse(/^const view = (.*);$/m.exec(result.page)![1]!);
    expect(lines.slice(2).join("\n")).to.match(
      /^ETH-.* left out: it is over.*\nETH-.* left out: not among.*\nRows outside these expiries: [^\n]*$/,
    );
  });

  it("takes the venue's public API, spoken by a stub on loopback", async () => {
    const summaries = soundQuotes().map((quote) =>
      bookSummary(quote.instrument, {
        ...{ bid_price: quote.bid, ask_price: quote.ask, mark_price: quote.mark, mark_iv: 60 },
        ...{ underlying_price: quote.forward, creation_timestamp: quote.atMs },
      }),
    );
    const stub = await startStub(withIndex((_, response) => json(response, 200, envelope(summaries)), SPOT));
    try {
      const result = await run("--live", "deribit", "--deribit-url", stub.api);
      expectSound(result);
      expect(result.stdout.split("\n")[0]).to.match(
        /^Source: Deribit live, ETH \(2026-01-13T11:59:59\.500Z\)$/,
      );
      expect(result.summary.perExpiry).to.have.length(5);
      expect(result.summary.insideBidAskPct).to.be.greaterThan(95);
      expect(stub.requests).to.have.length(2);
    } finally {
      await stub.close();
    }
  });

  it("says that there is no quote to judge by where the fit filter leaves none", async () => {
    const few = soundQuotes().filter(({ strike }) => Math.abs(strike / SPOT - 1) < 0.06);
    const result = await runOn("few.csv", few, "--strikes");
    expect(result.stdout).to.match(STRIKES_HEAD);
    expect(result.summary).to.include({ quotes: 0, insideBidAskPct: null, rmseVolPoints: null });
    expect(result.stdout).to.match(/0 quotes judged · no quote to judge by/);
    expect(result.stdout).to.not.match(/NaN|rmse 0\.000/);
  });

  it("writes page and data, of another market for another seed, although the reader of its output closes early", async () => {
    const [data, page] = [path.join(folder, "early.json"), path.join(folder, "early.html")];
    const story = path.join(folder, "early-story.html");
    const { ended, stderr } = await meniscusInterrupted(
      ["start", "--seed", "3", "--json", data, "--plot", page, "--story", story],
      /Source:/,
      (child) => child.stdout.destroy(),
    );
    expect(stderr).to.not.match(/EPIPE|^\s+at /m);
    expect(ended).to.equal(0);
    const { quotes, perExpiry }: Summary = JSON.parse(readFileSync(data, "utf8"));
    expect(quotes).to.be.greaterThan(300);
    expect(perExpiry).to.not.deep.equal(simulated.summary.perExpiry);
    expect(existsSync(page)).to.equal(true);
  });

  it("prints the data alone with --json, and where the node is on stderr", async () => {
    const chain = path.join(folder, "alone.csv");
    writeFileSync(chain, formatRecordedChain(chainOf(soundQuotes())));
    const { ended, stdout, stderr } = await meniscusInterrupted(
      ["start", "--chain", chain, "--keep", "--addresses", addresses(), "--json", ...places().slice(2)],
      /^Node: http/m,
      (child) => child.kill("SIGTERM"),
    );
    expect(ended).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.include({ arbitrage: { butterfly: 0, calendar: 0 } });
    expect(stderr).to.match(/^Left up$.*^Node: http/ms);
  });

  it("leaves nothing behind when Ctrl-C comes while the contracts are deployed", async () => {
    const port = await freePort();
    const page = path.join(folder, "cut.html");
    const { ended } = await meniscusInterrupted(
      ["start", "--port", String(port), "--plot", page, "--story", path.join(folder, "cut-story.html")],
      /Deploying/,
      (child) => {
        const poll = setInterval(() => {
          if (journals(port).length === 0) return;
          clearInterval(poll);
          child.kill("SIGINT");
        }, 2);
        child.once("exit", () => clearInterval(poll));
      },
    );
    expect(ended).to.equal(130);
    expect(journals(port)).to.deep.equal([]);
    expect(readdirSync(folder).filter((name) => /draft|cut/.test(name))).to.deep.equal([]);
  });

  it("prints what docs/CLI.md shows, but for gas, seconds and amounts of money", () => {
    const blanked = (text: string) => text.replace(/[\d.,]*\d(?= (gas|s|ETH|USDC)\b)/g, "N").split("\n");
    const page = readFileSync(path.resolve(import.meta.dirname, "../../docs/CLI.md"), "utf8");
    const example = /^\$ npx --no-install meniscus start\n([\s\S]*?)^pages:/m.exec(page)![1]!;
    const shown = blanked(example.trimEnd());
    // Progress, which goes to stderr, stands between.
    const printed = blanked(simulated.stdout).filter((line) => !/^[-✔] /.test(line));
    expect(printed.slice(0, shown.length)).to.deep.equal(shown);
  });

  it("leaves the node up with --keep, prints and writes where everything is, and goes on, by days as docs/INTEGRATOR.md has it", async () => {
    const provider = new JsonRpcProvider(kept.match[1], undefined, { staticNetwork: true });
    const head = (await provider.getBlock("latest"))!;
    expect(head.number).to.be.greaterThan(0);
    expect(markSlotOf(head.timestamp), "in the minutes with one report each").to.equal(null);
    const printed = new Map(
      [...kept.output().matchAll(/^(\w+) +(0x\w{40})$/gm)].map(([, name, address]) => [name!, address!]),
    );
    expect([...printed.keys()]).to.include.members(
      ["control", "volSurface", "lens", "clearinghouse", "book", "optionPool", "liquidityVault"].concat([
        "baseTranche",
        "quoteTranche",
        "deltaHedger",
        "uniswapFiller",
        "router",
        "baseToken",
        "quoteToken",
        "optionERC20Factory",
      ]),
    );
    for (const [name, address] of printed) expect(await provider.getCode(address), name).to.not.equal("0x");
    const written: LocalAddresses = JSON.parse(readFileSync(addresses(), "utf8"));
    const places = Object.entries(written.contracts).map(([name, { address }]) => [name, address]);
    expect(places).to.deep.equal([...printed]);
    await provider.send("evm_increaseTime", [600]);
    const node = { rpc: kept.match[1]!, addresses: addresses() };
    await runExamples("examples", node);
    expect(await runExamples("day", node)).to.match(/^settled at \d+\.\d+\npaid [34]\.\d+ of base$/m);
    provider.destroy();
    expect(await kept.end()).to.equal(0);
  });
});

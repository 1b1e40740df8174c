/** The simulation over a simulated market: the contracts as they are, a path of spot of our own, few steps. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadHardhat } from "@meniscus/cli/hardhat/localChain";
import type { Simulation, SimulationVariant } from "@meniscus/cli/json/simulation";
import type { SimulationInput } from "@meniscus/cli/verbs/simulate/input";
import { simulate } from "@meniscus/cli/verbs/simulate/simulate";
import { VARIANTS } from "@meniscus/cli/verbs/simulate/variants";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { formatRecordedChain } from "@meniscus/pricer/source/recorded";
import { simulatedSource } from "@meniscus/pricer/source/simulated";
import type { SpotBar } from "@meniscus/pricer/source/spotPath";
import { expect } from "chai";
import { chainOf, SNAPSHOT_AT, SPOT, soundQuotes } from "../support/chain.ts";
import { meniscus } from "../support/cli.ts";

const DAY = 86_400;
const BAR = 1800;
const NAMES = ["reference", "unhedged", "stale vols", "no impact", "one-way"];

/**
 * Three days in which spot swings by a tenth, from Tuesday 5 May 2026, 09:00 UTC; a Friday's expiry settles on the last. On the second
 * there are new vols.
 */
async function swinging(): Promise<SimulationInput> {
  const surface = fitSurface(cleanChain(await simulatedSource().read()));
  const another = simulatedSource({ seed: 2, snapshotAt: surface.snapshotAt + 1.5 * DAY });
  const newer = fitSurface(cleanChain(await another.read()), { last: surface });
  const from = Date.UTC(2026, 4, 5, 9) / 1000;
  const to = from + 3 * DAY;
  const bars: SpotBar[] = [];
  for (let at = from - DAY; at <= to; at += BAR) {
    const price = surface.spot * (1 + 0.1 * Math.sin((9 * (at - from)) / DAY));
    bars.push({ at, price, deviation: 2e-4 });
  }
  return { currency: "ETH", from, to, surfaces: [surface, newer], spot: { name: "a swing", bars } };
}

describe("meniscus simulate", function () {
  this.timeout(600_000);
  let simulation: Simulation;
  let again: Simulation;
  before(async () => {
    const script = { input: await swinging(), stepHours: 12, seed: 1 };
    const hardhat = await loadHardhat();
    const variants = VARIANTS.filter(({ name }) => NAMES.includes(name));
    // The reference once more at the end, on a chain that has been through all others.
    const [reference] = variants;
    const played = await simulate(hardhat, script, [...variants, reference!]);
    simulation = { ...played, variants: played.variants.slice(0, -1) };
    again = { ...played, variants: played.variants.slice(-1) };
  });

  const of = (name: string): SimulationVariant =>
    simulation.variants.find((variant) => variant.name === name)!;

  it("gives the same figures for the same seed, whatever was played before", () => {
    expect(again.variants[0]).to.deep.equal(of("reference"));
  });

  it("attributes each epoch's result without a rest, and the epochs' results make the profit", () => {
    for (const { epochs, profit, name } of simulation.variants) {
      for (const { attribution } of epochs) {
        const { premium, total, ...parts } = attribution;
        expect(premium, name).to.be.a("number");
        const sum = Object.values(parts).reduce((all, part) => all + part, 0);
        expect(Math.abs(sum - total), name).to.be.lessThan(1e-6);
        // A swing and new vols are all in the named parts.
        expect(Math.abs(parts.residual), name).to.be.lessThan(1e-3);
      }
      const sum = epochs.reduce((all, { attribution }) => all + attribution.total, 0);
      expect(Math.abs(sum - profit), name).to.be.lessThan(1e-6);
    }
  });

  it("ends with the equity that the seed has grown to at both tranches' navs", () => {
    const { base, quote } = {
      base: simulation.equity / 2 / simulation.variants[0]!.samples[0]!.spot,
      quote: simulation.equity / 2,
    };
    for (const { epochs, name } of simulation.variants) {
      const last = epochs.at(-1)!;
      const claims = base * last.navBase * last.spot + quote * last.navQuote;
      expect(Math.abs(claims / last.equity - 1), name).to.be.lessThan(1e-3);
    }
  });

  it("trades in every variant, and sells nothing to the vault where flow is one-way", () => {
    for (const { trades, name } of simulation.variants) expect(trades.count, name).to.be.greaterThan(3);
    expect(of("one-way").trades.netOverGross).to.equal(1);
    expect(Math.abs(of("reference").trades.netOverGross)).to.be.lessThan(0.7);
  });

  it("lets the informed trade where the signers' vols are old, and only where it pays them", () => {
    expect(of("stale vols").trades.informed.count).to.be.greaterThan(of("reference").trades.informed.count);
    for (const { trades, name } of simulation.variants) {
      const { informed, pickedOff } = trades;
      expect(informed.won, name).to.equal(informed.count);
      expect(pickedOff.count, name).to.be.at.least(informed.won);
    }
  });

  it("carries more delta, and is hurt more by spot, where nobody hedges", () => {
    expect(of("unhedged").hedge.fills).to.equal(0);
    expect(of("reference").hedge.fills).to.be.greaterThan(0);
    expect(of("unhedged").hedge.error).to.be.greaterThan(of("reference").hedge.error);
  });

  it("charges less where the potential is the smallest", () => {
    expect(of("no impact").trades.charges).to.be.lessThan(of("reference").trades.charges);
  });
});

describe("meniscus simulate --json", function () {
  this.timeout(300_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-simulate-"));
    mkdirSync(path.join(folder, "chains"));
    writeFileSync(path.join(folder, "chains/eth.csv"), formatRecordedChain(chainOf(soundQuotes())));
    const bars = Array.from({ length: 4 * 48 }, (_, i) =>
      [(SNAPSHOT_AT - DAY + i * BAR) * 1000, SPOT, SPOT * 1.001, SPOT * 0.999].join(","),
    );
    writeFileSync(path.join(folder, "spot.csv"), `timestamp_ms,open,high,low\n${bars.join("\n")}\n`);
  });
  after(() => rmSync(folder, { recursive: true }));

  it("prints the figures alone, or writes them into a file beside the tables", async () => {
    const given = ["--chains", path.join(folder, "chains"), "--spot", path.join(folder, "spot.csv")];
    const asked = ["--from", "2026-01-14", "--days", "1", "--step-hours", "24", "--variants", "unhedged"];
    const alone = await meniscus(["simulate", ...given, ...asked, "--json"]);
    expect(alone.code, alone.stderr).to.equal(0);
    expect(JSON.parse(alone.stdout).variants).to.have.length(1);
    const file = path.join(folder, "figures.json");
    const plot = path.join(folder, "pictures.html");
    const beside = await meniscus(["simulate", ...given, ...asked, "--json", file, "--plot", plot]);
    expect(beside.code, beside.stderr).to.equal(0);
    expect(readFileSync(file, "utf8")).to.equal(alone.stdout);
    expect(beside.stdout).to.match(/^Assumed:$/m);
    expect(beside.stdout.endsWith(`\npage: ${plot}\n`)).to.equal(true);
    expect(beside.stdout).to.match(/; 1 recorded surface, spot of/);
  });
});

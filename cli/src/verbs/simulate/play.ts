/** One variant from the seed to the last epoch's end. */
import { type Random, seededRandom } from "@meniscus/pricer/source/simulatedMarket";
import { barAt } from "@meniscus/pricer/source/spotPath";
import { isoTime, SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { slicesOf } from "@meniscus/sdk/pool/book";
import type { Report } from "@meniscus/sdk/report";
import { fromWad, toWad } from "@meniscus/sdk/wad";
import {
  attributionOf,
  attributionSummary,
  type Beginning,
  contractsOf,
  startOf,
} from "../../localMarket/attribution.ts";
import type { Session } from "../../localMarket/session.ts";
import { seedOf } from "../../localMarket/stages/poolStage.ts";
import { startClockwork } from "./clockwork.ts";
import {
  drawOptions,
  type Option,
  type Placed,
  placeInformed,
  placeUninformed,
  strikeStepFor,
} from "./flow.ts";
import { closeEpoch, hedge, moveSpot, type Playing, postReport, refreshBook, settle } from "./keepers.ts";
import { measure } from "./measure.ts";
import type { Played, Script } from "./record.ts";
import type { Variant } from "./variants.ts";
import { type World, worldOf } from "./world.ts";

/** Seconds before a step at which spot goes where the step trades: the pool's average has to have seen half an hour of it. */
const APPROACH = 1900;
/** And at which the signers report what they report in the step, so that a jump is out of quarantine by then. */
const REHEARSAL = 1300;
/** From a step's time to its report, after the cut-off where it is one; and from the last trade to the hedger's report. */
const REPORT = 5;
const HEDGE = 60;

export async function play(session: Session, script: Script, variant: Variant): Promise<Played> {
  const { input, stepHours } = script;
  const clock = await startClockwork(session.chain);
  const playing: Playing = { ...session, pool: { ...session.pool, expiries: [], seeded: null }, clock };
  const world = worldOf(input, session.stage.market);
  const run = new Run(playing, world, script, variant);
  for (let at = input.from; at <= input.to; at += stepHours * 3600) await run.step(at);
  return run.played;
}

class Run {
  readonly played: Played;
  private readonly playing: Playing;
  private readonly world: World;
  private readonly script: Script;
  private beginning: Beginning | null = null;
  private shown = -1;

  constructor(playing: Playing, world: World, script: Script, variant: Variant) {
    this.playing = playing;
    this.world = world;
    this.script = script;
    const none = { trades: [], refused: [], looks: 0, hedges: [], samples: [], days: 0, epochs: [] };
    this.played = { variant, seed: { base: 0, quote: 0 }, ...none };
  }

  /** Spot arrives, the signers report, an epoch ends where it is due, customers trade, the keeper hedges. */
  async step(at: number): Promise<void> {
    const { input, seed } = this.script;
    const { clock } = this.playing;
    const random = seededRandom(seed * 100_003 + Math.round(at / 3600));
    const truth = this.world.spotAt(at);
    const reported = this.spotBefore(at, truth, random);
    await this.settleBefore(at);
    clock.at(at - APPROACH);
    await moveSpot(this.playing, toWad(reported));
    await this.rehearse(at, reported);

    const report = await this.report(at + REPORT, reported);
    await clock.send(
      this.playing.stage.oracles.spotOracle,
      this.playing.accounts.trader,
      "poke",
      this.playing.stage.market,
    );
    if (this.beginning === null) await this.begin(report);
    else if ((at - input.from) % SECONDS_PER_DAY === 0) await this.endEpoch(report);
    if (at === input.to) return;
    await refreshBook(this.playing);
    clock.at(report.reportAt + this.played.variant.spotAge);
    await this.trade(truth, report, random);
    await this.hedge(truth);
  }

  /** What spot was when the report was made: as wild as the recorded bar, over the report's age. */
  private spotBefore(at: number, truth: number, random: Random): number {
    const { spot } = this.script.input;
    const { deviation } = spot.bars[barAt(spot, at)]!;
    const move = deviation * Math.sqrt(this.played.variant.spotAge) * random.normal();
    return Math.round(truth * Math.exp(-move) * 100) / 100;
  }

  private async settleBefore(at: number): Promise<void> {
    for (const expiryAt of this.playing.pool.expiries)
      if (expiryAt <= at && expiryAt > at - this.script.stepHours * 3600)
        await settle(this.playing, expiryAt, (time) => toWad(this.world.spotAt(time)));
  }

  /** The report of a time, of listed expiries. */
  private reportOf(at: number, spot: number, behind = this.played.variant.chainsBehind) {
    const { report, which } = this.world.reportAt(at, spot, behind);
    const listed = report.slices.filter(({ expiryAt }) => this.playing.pool.expiries.includes(expiryAt));
    return { report: { ...report, slices: listed }, which };
  }

  private async report(at: number, spot: number): Promise<Report> {
    this.playing.clock.at(at + 1);
    const { report } = this.reportOf(at, spot);
    await postReport(this.playing, report);
    return report;
  }

  /** Lists what has come near, and reports early: twice where a slice may have been put in quarantine. */
  private async rehearse(at: number, spot: number): Promise<void> {
    const { clock, pool, stage, surface } = this.playing;
    const fresh = this.world.expiriesAt(at).filter((expiryAt) => !pool.expiries.includes(expiryAt));
    for (const expiryAt of fresh) {
      await clock.send(surface.volSurface, stage.deployer, "listExpiry", stage.market, expiryAt);
      pool.expiries.push(expiryAt);
    }
    await this.report(at - REHEARSAL, spot);
    const { which } = this.reportOf(at, spot);
    if (fresh.length > 0 || which !== this.shown) await this.report(clock.now(), spot);
    this.shown = which;
  }

  private async begin(report: Report): Promise<void> {
    const { pool, stage, clock } = this.playing;
    const { base, quote } = seedOf(stage, toWad(this.world.spotAt(report.reportAt - REPORT)));
    await clock.send(pool.book, stage.deployer, "setTerms", this.played.variant.terms);
    const receipt = await clock.send(pool.vault, stage.deployer, "seed", base, quote);
    this.beginning = await startOf(contractsOf(this.playing), report, receipt);
    const { claimBase, claimQuote } = this.beginning;
    this.played.seed = { base: fromWad(claimBase), quote: fromWad(claimQuote) };
  }

  /** An end without a mark is none here: what began before it goes on. */
  private async endEpoch(report: Report): Promise<void> {
    const { receipt, result } = await closeEpoch(this.playing, report);
    this.played.days += 1;
    const { base, quote } = result;
    const contracts = contractsOf(this.playing);
    const parts = await attributionOf(contracts, this.beginning!, report, receipt, result);
    if (parts === null) return;
    const nav = (of: typeof base) => ({ entry: fromWad(of.navEntry), exit: fromWad(of.navExit) });
    this.played.epochs.push({
      at: isoTime(report.reportAt),
      spot: fromWad(report.spot),
      equity: fromWad(result.equity),
      navBase: fromWad(base.navMid),
      navQuote: fromWad(quote.navMid),
      attribution: attributionSummary(parts),
      navs: { base: nav(base), quote: nav(quote) },
    });
    this.beginning = await startOf(contracts, report, receipt);
  }

  private async trade(spot: number, report: Report, random: Random): Promise<void> {
    const { clock, pool } = this.playing;
    const { report: newest } = this.reportOf(clock.next(), spot, 0);
    const truth = { spot, slices: slicesOf(newest) };
    const reported = { spot: fromWad(report.spot), slices: slicesOf(report) };
    const open = this.world
      .expiriesAt(report.reportAt)
      .filter((each) => pool.expiries.includes(each) && truth.slices.has(each) && reported.slices.has(each));
    if (open.length === 0) return;
    const strikeStep = strikeStepFor(spot);
    const strike = Math.round(spot / strikeStep) * strikeStep;
    const nearest = open.flatMap((expiryAt): Option[] =>
      [false, true].map((isPut) => ({ expiryAt, strike, isPut })),
    );
    this.played.looks += 1;
    this.played.trades.push(...(await placeInformed(this.playing, nearest, reported, truth)));
    for (const option of drawOptions(random, open, spot, strikeStep))
      this.note(await placeUninformed(this.playing, option, this.nextSide(), truth));
  }

  private note(placed: Placed): void {
    typeof placed === "string" ? this.played.refused.push(placed) : this.played.trades.push(placed);
  }

  /** Whichever side brings the uninformed flow nearer its net over gross. */
  private nextSide(): 1 | -1 {
    const flow = this.played.trades.filter(({ by }) => by !== "informed");
    const net = flow.reduce((all, { amount }) => all + Math.sign(amount), 0);
    return net > this.played.variant.netOverGross * flow.length ? -1 : 1;
  }

  private async hedge(spot: number): Promise<void> {
    await moveSpot(this.playing, toWad(spot));
    const report = await this.report(this.playing.clock.now() + HEDGE, spot);
    await refreshBook(this.playing);
    if (this.played.variant.isHedged)
      this.played.hedges.push(await hedge(this.playing, (at) => this.reportOf(at, spot).report));
    const last = this.reportOf(this.playing.clock.now(), spot).report;
    this.played.samples.push(
      await measure(this.playing, last.slices.length > 0 ? last : report, this.played.seed),
    );
  }
}

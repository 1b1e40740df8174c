import { readFileSync } from "node:fs";
import type { CleanChain } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { countArbitrage } from "@meniscus/pricer/evaluation/arbitrage";
import { fitFilter } from "@meniscus/pricer/evaluation/fitFilter";
import {
  judge,
  type ReplayedSurface,
  type ReplayOptions,
  replay,
  totalsOf,
} from "@meniscus/pricer/evaluation/replay";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { halfSpread, LEAST_HALF_SPREAD } from "@meniscus/pricer/fit/quotes";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { SECONDS_PER_YEAR } from "@meniscus/sdk/clock";
import { type SviParams, totalVariance } from "@meniscus/sdk/svi";
import { expect } from "chai";
import { chainOf, changed, expiryAt, moved, quoteAt, trueVariance } from "../../support/cleanChain.ts";
import { dataFile, itWithData, recordedChains } from "../../support/data.ts";

async function results(
  chains: AsyncIterable<CleanChain> | Iterable<CleanChain>,
  options: ReplayOptions = {},
): Promise<ReplayedSurface[]> {
  const all: ReplayedSurface[] = [];
  for await (const result of replay(chains, options)) all.push(result);
  return all;
}

async function* read(files: readonly string[]): AsyncGenerator<CleanChain> {
  for (const file of files) yield cleanChain(await recordedSource(file).read());
}

describe("replay", () => {
  it("scores both fits over the same quotes and adds up", async () => {
    const chain = chainOf([1, 7, 30].map((days) => expiryAt(days)));
    const totals = totalsOf(await results([chain, chain]));
    expect(totals).include({ surfaces: 2, slices: 6, quotes: 120, uncertified: 0 });
    expect(totals.insideBidAskPct!).equal(100);
    expect(totals.pooledRmseVolPoints!).below(0.02);
    expect(totals.free.pooledRmseVolPoints!).at.most(totals.pooledRmseVolPoints! + 1e-9);
    expect(totals.over2vp).deep.equal([]);
  });

  it("lists a slice worse than two vol points with its quotes and the reason", async () => {
    const shaken = changed(expiryAt(30), (quotes) =>
      quotes.map((q, i) => moved(q, i % 2 === 0 ? 1.08 : 0.92)),
    );
    const totals = totalsOf(await results([chainOf([expiryAt(7), shaken])]));
    expect(totals.over2vp).length(1);
    const [{ quotes, rmse, freeRmse, reason, listed }] = totals.over2vp as [(typeof totals.over2vp)[0]];
    expect(quotes).equal(20);
    expect(reason).match(/^\d+ % of the squared error in \d+ of 20 quotes, scattered; farthest \d+/);
    expect(reason).contain(`the free SVI fit's error is ${((100 * freeRmse) / rmse).toFixed(0)} % of it`);
    expect(freeRmse).above(0.8 * rmse);
    expect(listed.map(({ strike }) => strike)).deep.equal(shaken.quotes.map(({ strike }) => strike));
    const rmseOf = (vol: "vol" | "freeVol") =>
      100 * Math.sqrt(listed.reduce((sum, q) => sum + (q[vol] - (q.bidVol + q.askVol) / 2) ** 2, 0) / 20);
    expect(rmseOf("vol")).closeTo(rmse, 1e-3);
    expect(rmseOf("freeVol")).closeTo(freeRmse, 1e-3);
  });

  it("tells no figures where there is nothing to judge by", async () => {
    const { pooledRmseVolPoints, medianSliceVolPoints, p95SliceVolPoints, insideBidAskPct, free } = totalsOf(
      await results([chainOf([changed(expiryAt(30), (quotes) => quotes.slice(0, 3))])]),
    );
    const figures = [pooledRmseVolPoints, medianSliceVolPoints, p95SliceVolPoints, insideBidAskPct];
    expect([...figures, ...Object.values(free)]).deep.equal(Array(8).fill(null));
  });

  it("calls no surface certified that has no slice, and names what was refused with its quotes", async () => {
    const near = expiryAt(30);
    const absurd = changed(expiryAt(90), (quotes) => quotes.map(({ k }) => quoteAt(k, 20, 2)));
    const totals = totalsOf(await results([chainOf([absurd]), chainOf([near, absurd])]));
    expect(totals).include({ surfaces: 2, slices: 1, uncertified: 1 });
    const refused = {
      source: "made by rule",
      expiryAt: absurd.expiryAt,
      quotes: 20,
      reason: "no two-sided quote out of the money, and no earlier surface",
    };
    expect(totals.refused).deep.equal([refused, refused]);
  });

  it("starts no surface from one of the future, in whichever order chains come", async () => {
    const quoted = chainOf([expiryAt(30)]);
    const unquoted = chainOf([changed(expiryAt(30), () => [])]);
    const laterBy = (seconds: number) => ({ ...quoted, snapshotAt: quoted.snapshotAt + seconds });
    const qualityOf = async (first: CleanChain) =>
      (await results([first, unquoted], { warm: true }))[1]!.surface.slices.map(({ quality }) => quality);
    for (const seconds of [-60, 0]) expect(await qualityOf(laterBy(seconds))).deep.equal(["carried over"]);
    expect(await qualityOf(laterBy(60))).deep.equal([]);
  });

  it("scores a known error", () => {
    const { tau, quotes } = expiryAt(30);
    const higher = (k: number) => (Math.sqrt(trueVariance(tau, k) / tau) + 0.004) ** 2 * tau;
    expect(judge(quotes, higher, tau).rmse).closeTo(0.4, 1e-9);
    expect(judge(quotes, higher, tau).inside).equal(20);
    const highest = (k: number) => (Math.sqrt(trueVariance(tau, k) / tau) + 0.006) ** 2 * tau;
    expect(judge(quotes, highest, tau).inside).equal(0);
  });

  for (const warm of [false, true])
    itWithData(
      `S4: certifies all 215 recorded chains, hardly worse than the unconstrained fit, ${warm ? "from the chain before" : "cold"}`,
      async function () {
        this.timeout(180_000);
        const totals = totalsOf(await results(read(recordedChains()), { warm }));
        expect(totals).include({ surfaces: 215, slices: 2477, quotes: 65316 });
        expect(totals.uncertified).equal(0);
        expect(totals.pooledRmseVolPoints! / totals.free.pooledRmseVolPoints!).at.most(1);
        expect(totals.medianSliceVolPoints! / totals.free.medianSliceVolPoints!).at.most(1.025);
        expect(totals.p95SliceVolPoints! / totals.free.p95SliceVolPoints!).at.most(1.035);
        expect(totals.insideBidAskPct!).at.least(totals.free.insideBidAskPct! - 0.1);
        for (const slice of totals.over2vp) expect(slice.freeRmse).at.least(1.5);
      },
    );

  itWithData(
    "beats the published SVI fits of four Bitcoin chains, none of them free of arbitrage",
    async () => {
      const [head, ...lines] = readFileSync(
        dataFile("calibrations/btc_svi_sabr_20260120_20260123.csv"),
        "utf8",
      )
        .trim()
        .split("\n");
      const names = head!.split(",");
      const rows = lines.map((line) => {
        const values = line.split(",").map(Number);
        return Object.fromEntries(names.map((name, i) => [name, values[i]!])) as Record<string, number>;
      });
      const score = { ours: 0, theirs: 0, quotes: 0, better: 0, slices: 0, worst: 0 };
      for (const day of [20260120, 20260121, 20260122, 20260123]) {
        const chain = cleanChain(
          await recordedSource(dataFile(`chains/deribit_BTC_${day}_ticker.csv.gz`)).read(),
        );
        const surface = fitSurface(chain);
        const published: SviParams[] = [];
        for (const expiry of chain.expiries) {
          const row = rows.find((each) => each.snapshot === day && each.expiry_ms === expiry.expiryAt * 1000);
          const slice = surface.slices.find((each) => each.expiryAt === expiry.expiryAt);
          const quotes = fitFilter(expiry);
          if (row === undefined || slice === undefined || quotes.length === 0) continue;
          const params = {
            a: row.svi_a!,
            b: row.svi_b!,
            rho: row.svi_rho!,
            m: row.svi_m!,
            sigma: row.svi_sigma!,
          };
          // Theirs on their own forward, and on the calendar's clock.
          published.push(params);
          const shift = Math.log(expiry.forward / row.forward!);
          const clock = (expiry.tau * SECONDS_PER_YEAR) / (row.years_to_expiry! * SECONDS_PER_YEAR);
          const theirs = judge(quotes, (k) => totalVariance(params, k + shift) * clock, expiry.tau).rmse;
          const ours = judge(quotes, (k) => totalVariance(slice.params, k), expiry.tau).rmse;
          if (ours > theirs) {
            // The calendar, or the weights, take what theirs is nearer by: alone, by the weights of both, ours is the nearer.
            const alone = fitSurface({ ...chain, expiries: [expiry] }).slices[0]!.params;
            const weighted = (variance: (k: number) => number) =>
              quotes.reduce((sum, quote) => {
                const off = Math.sqrt(variance(quote.k) / expiry.tau) - quote.midVol;
                return sum + ((100 * off) / Math.max(halfSpread(quote), LEAST_HALF_SPREAD)) ** 2;
              }, 0);
            const best = weighted((k) => totalVariance(params, k + shift) * clock);
            expect(weighted((k) => totalVariance(alone, k))).at.most(1.001 * best);
            // And theirs among our neighbours would cross them.
            const i = surface.slices.indexOf(slice);
            const ourClock = { ...params, a: params.a * clock, b: params.b * clock, m: params.m - shift };
            const among = surface.slices.map((each, j) => (j === i ? ourClock : each.params));
            expect(countArbitrage(among.slice(Math.max(0, i - 1), i + 2)).calendar).greaterThan(0);
          }
          score.ours += ours ** 2 * quotes.length;
          score.theirs += theirs ** 2 * quotes.length;
          score.quotes += quotes.length;
          score.slices++;
          if (ours <= theirs) score.better++;
          score.worst = Math.max(score.worst, ours - theirs);
        }
        expect(countArbitrage(published).calendar).greaterThan(0);
      }
      expect(score.slices).greaterThan(35);
      expect(score.ours).below(score.theirs);
      // Where theirs is nearer, it is by less than the least half-spread that counts.
      expect(score.better / score.slices).at.least(0.85);
      expect(score.worst).below(0.25);
    },
  );
});

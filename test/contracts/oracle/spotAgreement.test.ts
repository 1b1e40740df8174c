import { SPOT_LIMITS } from "@meniscus/sdk/oracles";
import { expect } from "chai";
import fc from "fast-check";
import {
  answers,
  HOUR,
  NO_AVERAGE,
  scripted,
  scriptedAverage,
  sourcesOf,
  WAD,
} from "../../support/oracle/fixture.ts";
import { answersIn, type Seen } from "../../support/oracle/spot.ts";
import { DAY, MARKET, networkHelpers, post } from "../../support/surface.ts";

/** How many situations: some with `npm test`, thousands with `MENISCUS_HISTORIES=5000`. */
const SITUATIONS = Number(process.env.MENISCUS_HISTORIES ?? 120);
const HEARTBEAT = HOUR + 300;
/** Relative, of an average kept in 40 bits from a price by float64. */
const TOLERANCE = 1e-11;

/** Near each other, far apart, and right at the edges that matter. */
const age = (...edges: number[]) =>
  fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    ...edges.map((edge) => fc.integer({ min: edge - 2, max: edge + 2 })),
  );

const situations = fc.record({
  base: fc.integer({ min: 0, max: 600 }),
  quote: fc.integer({ min: 9_000, max: 10_500 }),
  signed: fc.option(fc.integer({ min: 0, max: 600 }), { freq: 2 }),
  tick: fc.integer({ min: -300, max: 300 }),
  /** Seconds from the poke to the report, from there to the end; age of the base round at the end. */
  poked: age(HOUR, HOUR + 30, 7 * HOUR, 73 * HOUR),
  wait: age(30, 6 * HOUR + 30),
  round: age(HEARTBEAT, HEARTBEAT + 6 * HOUR, HEARTBEAT + 72 * HOUR),
  limits: fc.record({
    agreementBps: fc.constantFrom(50, 200, 1000),
    cacheMaxAge: fc.constantFrom(HOUR, 6 * HOUR),
    reducingGrace: fc.constantFrom(HOUR, 6 * HOUR),
    aliveGrace: fc.constantFrom(DAY, 72 * HOUR),
  }),
});

const near = (one: bigint, other: bigint): boolean =>
  Math.abs(Number(one) - Number(other)) <= TOLERANCE * Number(other);

for (const hasAverage of [false, true]) {
  describe(`SpotOracle: ${SITUATIONS} situations ${hasAverage ? "with" : "without"} a pool`, () => {
    it("S8: the three answers are those of the independent computation", async () => {
      const oracles = await scripted();
      const { spot, base, quote } = oracles;
      const average = await scriptedAverage();
      const middle = Math.round(Math.log(3000e-12) / Math.log(1.0001));
      await average.pool.setTick!(middle);
      const sources = sourcesOf(base, quote, { average: hasAverage ? average : NO_AVERAGE });
      await spot.setSources!(MARKET, sources, SPOT_LIMITS);
      const seenReasons = new Set<string>();
      const beginning = await networkHelpers.takeSnapshot();
      const seen = (price: bigint, observedAt: number, freshUntil: number): Seen => ({
        price,
        observedAt,
        freshUntil,
      });

      await fc.assert(
        fc.asyncProperty(situations, async (given) => {
          await beginning.restore();
          const limits = { ...SPOT_LIMITS, ...given.limits };
          await spot.setLimits!(MARKET, limits);
          const quoteAnswer = BigInt(given.quote) * 10_000n;
          await quote.load!([[[quoteAnswer, await networkHelpers.time.latest()]]], [8]);
          await average.pool.setTick!(middle + given.tick);
          await spot.poke!(MARKET);
          const pokedAt = await networkHelpers.time.latest();
          const reportAt = pokedAt + given.poked + 1;
          let signed: Seen | null = null;
          if (given.signed !== null) {
            const signedSpot = (29_700n + BigInt(given.signed)) * (WAD / 10n);
            await post(oracles, { at: reportAt, tenors: [25, 88], spot: signedSpot });
            signed = seen(signedSpot, reportAt, reportAt + 30);
          }
          const now = reportAt + 10 + given.wait;
          const roundAt = now - given.round;
          const baseAnswer = (29_700n + BigInt(given.base)) * 10n ** 7n;
          await base.load!([[[baseAnswer, roundAt]]], [8]);
          await networkHelpers.time.increaseTo(now);

          const feed = seen(
            (baseAnswer * WAD) / quoteAnswer,
            Math.min(roundAt, pokedAt),
            Math.min(roundAt + HEARTBEAT, pokedAt + limits.cacheMaxAge),
          );
          // log1p, because 1.0001 is no float64.
          const mean =
            BigInt(Math.round(Math.exp((middle + given.tick) * Math.log1p(1e-4)) * 1e24)) * 10n ** 6n;
          const expected = answersIn({
            now,
            feed,
            signed,
            average: hasAverage ? seen(mean, pokedAt, pokedAt + limits.cacheMaxAge) : null,
            hasAverage,
            isQuoteLate: now > pokedAt + limits.cacheMaxAge,
            limits,
            deviationBps: 50,
          });
          const actual = await answers(spot);
          for (const question of ["opening", "reducing", "alive"] as const) {
            const [is, should] = [actual[question], expected[question]];
            seenReasons.add(is.reason);
            expect(is.reason, question).to.equal(should.reason);
            expect(is.observedAt, question).to.equal(should.observedAt);
            expect(Number(is.deviation) / 1e14, question).to.equal(should.deviationBps);
            expect(near(is.low, should.low), `${question} low ${is.low} ${should.low}`).to.equal(true);
            expect(near(is.high, should.high), `${question} high ${is.high} ${should.high}`).to.equal(true);
          }
        }),
        { numRuns: SITUATIONS, seed: 20_261_128 },
      );
      // None of the kinds is missing, or the agreement above would say less than it seems to.
      expect([...seenReasons]).to.include.members([
        "None",
        "FeedStale",
        "QuoteFeedStale",
        "NoLiveSource",
        "SourcesDisagree",
      ]);
    }).timeout(120_000 + 200 * SITUATIONS);
  });
}

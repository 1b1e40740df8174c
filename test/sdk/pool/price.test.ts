import { SECONDS_PER_YEAR, tauAt } from "@meniscus/sdk/clock";
import { type Leg, surfaceOfWords } from "@meniscus/sdk/pool/book";
import { refreshed } from "@meniscus/sdk/pool/move";
import { DEFAULT_PARAMETERS, type PoolParameters } from "@meniscus/sdk/pool/parameters";
import { ALLOWANCE, MissingSliceError, quote } from "@meniscus/sdk/pool/price";
import { unquantise } from "@meniscus/sdk/slice";
import { expect } from "chai";
import fc from "fast-check";
import { toNumber } from "../../../scripts/coefficients/real.ts";
import { asReference } from "../../support/pool/asReference.ts";
import {
  between,
  bookOf,
  EQUITY,
  expiryIn,
  legs,
  NOW,
  SPOT,
  spotsAround,
  surfaceAt,
  wordsOf,
} from "../../support/pool/market.ts";
import { referencePrice } from "../../support/pool/reference.ts";
import { smileWord } from "../../support/slices.ts";

/** What the two may differ by: the cuts of the exposures, which the float model leaves out, and float64. */
const tolerance = (size: number) => 6e-7 + 1e-11 * size;

const conditions = fc.record({
  age: fc.integer({ min: 0, max: 120 }),
  apart: between(0, 0.005),
  hasSigned: fc.boolean(),
  reserve: between(0, 1500),
  equityLow: between(0.5, 1),
  isPosting: fc.boolean(),
  use: between(0.3, 1.1),
});

describe("the pool's price in float64", () => {
  it("is that of the reference of 192 digits, part by part, for any trade on any book", () => {
    fc.assert(
      fc.property(
        legs(40, { min: 1, max: 4 }),
        legs(1500, { min: 0, max: 8 }),
        conditions,
        (trade, held, on) => {
          const words = new Map(wordsOf(on.age));
          const before = new Map(wordsOf(on.age + 60, undefined, 0.62));
          const surface = {
            ...surfaceAt(on.age),
            ...(on.isPosting
              ? { previous: new Map([...before].map(([at, word]) => [at, unquantise(word)])) }
              : {}),
          };
          const spots = { ...spotsAround(SPOT, on.apart), hasSigned: on.hasSigned, observedAt: NOW - 900 };
          const start = bookOf(held, surface, { reserve: on.reserve });
          const claims = { claimBase: Math.max(start.baseSum / on.use, 1) };
          const book = {
            ...refreshed({ ...start, ...claims }, surface, SPOT, NOW, DEFAULT_PARAMETERS),
            equityLow: EQUITY * on.equityLow,
          };
          const ours = quote(trade, book, surface, spots, DEFAULT_PARAMETERS, NOW);
          const report = { spot: SPOT, at: NOW - on.age, words };
          const exact = referencePrice(
            asReference(
              trade,
              book,
              report,
              spots,
              DEFAULT_PARAMETERS,
              NOW,
              on.isPosting ? before : undefined,
            ),
          );
          const size = trade.reduce((sum, { amount }) => sum + Math.abs(amount) * SPOT, 0);
          expect(ours.cost).to.be.closeTo(toNumber(exact.cost), tolerance(size));
          if (Math.abs(ours.paidShare - toNumber(exact.paidShare)) > 1e-9) return;
          for (const [name, part] of Object.entries(ours.parts))
            expect(part, name).to.be.closeTo(
              toNumber(exact[name as keyof typeof ours.parts]),
              tolerance(size),
            );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("takes the shortest vol half as high again from 13 to 18 UTC: as much of delta, and its square of convexity", () => {
    const surface = surfaceAt(30);
    const onlySpot: PoolParameters = {
      ...DEFAULT_PARAMETERS,
      // Where each strike keeps its vol, the delta that is told is the one that the spread goes by.
      potential: { ...DEFAULT_PARAMETERS.potential, stickiness: 1 },
      charges: { ...DEFAULT_PARAMETERS.charges, volOfVol: 0, displacement: 0 },
    };
    const quoteOf = (traded: readonly Leg[], now: number) =>
      quote(traded, bookOf([], surface), { ...surface, reportAt: now - 30 }, spotsAround(), onlySpot, now);
    const option = { expiryAt: expiryIn(30), amount: 1 };
    const deep = { ...option, strike: SPOT / 3, isPut: false };
    const midnight = Math.floor(NOW / 86_400) * 86_400;
    for (const [last, first, ratio] of [
      [13 * 3600 - 1, 13 * 3600, 1.5],
      [18 * 3600 - 1, 18 * 3600, 1 / 1.5],
    ] as const) {
      const of = (traded: readonly Leg[]) =>
        quoteOf(traded, midnight + first).parts.spread / quoteOf(traded, midnight + last).parts.spread;
      expect(of([deep])).to.be.closeTo(ratio, 1e-5);
      const [call, put] = [false, true].map((isPut) => ({ ...option, strike: SPOT, isPut })) as [Leg, Leg];
      const [up, down] = [call, put].map((leg) => quoteOf([leg], midnight + last).greeks.delta);
      const straddle = [call, { ...put, amount: -up! / down! }];
      expect(quoteOf(straddle, midnight + last).greeks.delta).to.be.closeTo(0, 1e-12);
      expect(of(straddle)).to.be.closeTo(ratio * ratio, 1e-3);
    }
  });

  it("adds up: the parts and the allowance of each expiry are the cost", () => {
    fc.assert(
      fc.property(legs(20, { min: 1, max: 4 }), (trade) => {
        const surface = surfaceAt();
        const { cost, parts, change } = quote(
          trade,
          bookOf([], surface),
          surface,
          spotsAround(),
          DEFAULT_PARAMETERS,
          NOW,
        );
        const sum = Object.values(parts).reduce((total, part) => total + part, 0);
        const isSale = trade.every(({ amount }) => amount < 0);
        const expected = sum + change.expiries.size * ALLOWANCE;
        expect(cost).to.be.closeTo(isSale ? Math.min(0, expected) : expected, 1e-8);
      }),
    );
  });

  it("has the greeks of its value, where the smile is flat", () => {
    const trade = [
      { expiryAt: expiryIn(30), strike: 2100, isPut: false, amount: 3 },
      { expiryAt: expiryIn(0.25), strike: 1980, isPut: true, amount: -2 },
    ];
    const flat = (vol: number) => {
      const words = [0.25, 30].map((days): [number, bigint] => [
        expiryIn(days),
        smileWord({ vol, tau: tauAt(expiryIn(days), NOW), reportAt: NOW, wing: 0 }),
      ]);
      return surfaceOfWords(SPOT, NOW, words);
    };
    const at = (spot: number, now = NOW, vol = 0.6) =>
      quote(trade, bookOf([], flat(0.6)), flat(vol), spotsAround(spot), DEFAULT_PARAMETERS, now);
    const valueAt = (spot: number, now = NOW, vol = 0.6) => at(spot, now, vol).parts.value;
    const { greeks } = at(SPOT);
    const [h, seconds] = [0.05, 6];
    const [up, here, down] = [valueAt(SPOT + h), valueAt(SPOT), valueAt(SPOT - h)];
    expect(greeks.delta).to.be.closeTo((up - down) / (2 * h), 1e-6);
    expect(greeks.gamma).to.be.closeTo((up - 2 * here + down) / (h * h), 1e-7);
    expect(greeks.vega).to.be.closeTo((valueAt(SPOT, NOW, 0.601) - valueAt(SPOT, NOW, 0.599)) / 0.002, 0.01);
    const decay =
      (valueAt(SPOT, NOW + seconds) - valueAt(SPOT, NOW - seconds)) / ((2 * seconds) / SECONDS_PER_YEAR);
    expect(greeks.theta / decay).to.be.closeTo(1, 1e-6);
  });

  it("refuses an expiry that the surface does not have", () => {
    const surface = surfaceAt(12, [7]);
    const leg = { expiryAt: expiryIn(30), strike: SPOT, isPut: false, amount: 1 };
    expect(() => quote([leg], bookOf([], surface), surface, spotsAround(), DEFAULT_PARAMETERS, NOW)).to.throw(
      MissingSliceError,
    );
  });
});

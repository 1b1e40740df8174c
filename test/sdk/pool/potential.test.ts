import type { Book } from "@meniscus/sdk/pool/book";
import { DEFAULT_PARAMETERS } from "@meniscus/sdk/pool/parameters";
import {
  type BoundedQuadratic,
  difference,
  type ExposureChange,
  hedgingBand,
  impactOf,
  slopeAlong,
  slopeAt,
  termsOf,
  valueAt,
} from "@meniscus/sdk/pool/potential";
import { expect } from "chai";
import fc from "fast-check";
import { between, bookOf, EQUITY, expiryIn, SPOT, surfaceAt } from "../../support/pool/market.ts";

const within = (most: number) => between(-most, most);
const EXPIRIES = [1, 7, 30, 90].map(expiryIn);

/** Random numbers, far beyond every limit too. */
const exposures: fc.Arbitrary<ExposureChange> = fc
  .record({
    optionsDelta: within(EQUITY / SPOT),
    expiries: fc.array(
      fc.record({
        vega: within(0.2 * EQUITY),
        vegaSkew: within(0.2 * EQUITY),
        gamma: within(8 * EQUITY),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ optionsDelta, expiries }) => ({
    vega: expiries.reduce((sum, { vega }) => sum + vega, 0),
    gamma: expiries.reduce((sum, { gamma }) => sum + gamma, 0),
    optionsDelta,
    expiries: new Map(expiries.map((exposure, i) => [EXPIRIES[i]!, { ...exposure, weight: 1 }])),
  }));

const books: fc.Arbitrary<Book> = fc
  .record({
    exposure: exposures,
    equityLow: between(0.3 * EQUITY, EQUITY),
    reserve: between(0, 5000),
  })
  .map(({ exposure, ...numbers }) => ({ ...bookOf([], surfaceAt()), ...exposure, ...numbers }));

const NOTHING = { vega: 0, vegaSkew: 0, gamma: 0 };

const combined = (one: ExposureChange, other: ExposureChange, share: number): ExposureChange => ({
  vega: share * one.vega + (1 - share) * other.vega,
  gamma: share * one.gamma + (1 - share) * other.gamma,
  optionsDelta: share * one.optionsDelta + (1 - share) * other.optionsDelta,
  expiries: new Map(
    EXPIRIES.map((expiryAt) => {
      const [a, b] = [one, other].map(({ expiries }) => expiries.get(expiryAt) ?? NOTHING);
      return [
        expiryAt,
        {
          vega: share * a!.vega + (1 - share) * b!.vega,
          vegaSkew: share * a!.vegaSkew + (1 - share) * b!.vegaSkew,
          gamma: share * a!.gamma + (1 - share) * b!.gamma,
          weight: 1,
        },
      ];
    }),
  ),
});

const impact = (book: Book, change: ExposureChange, t = 1) =>
  impactOf(book, change, SPOT, DEFAULT_PARAMETERS)(t);
const { potential, limits } = DEFAULT_PARAMETERS;

describe("the potential", () => {
  const f: BoundedQuadratic = { curvature: 0.5, low: -1, high: 3 };

  it("is quadratic between its slopes and goes on along the tangent beyond them", () => {
    expect([-2, 0, 2, 6].map((x) => valueAt(x, f))).to.deep.equal([1, 0, 1, 9]);
    expect(valueAt(10, f)).to.equal(9 + 4 * 3);
    expect(valueAt(-5, f)).to.equal(1 + 3);
    expect([-9, -1, 0, 4, 99].map((x) => slopeAt(x, f))).to.deep.equal([-1, -0.5, 0, 2, 3]);
  });

  it("falls a fifth as steeply below zero in gamma, vega and skew of an expiry as it rises above, and as steeply in delta", () => {
    const slopesAt = (x: number) => {
      const book = {
        ...bookOf([], surfaceAt()),
        gamma: x,
        optionsDelta: x,
        expiries: new Map([[expiryIn(30), { vega: x, vegaSkew: x, gamma: x, weight: 1 }]]),
      };
      const change = {
        vega: 0,
        gamma: 1,
        optionsDelta: 1,
        expiries: new Map([[expiryIn(30), { vega: 1, vegaSkew: 1, gamma: 1, weight: 1 }]]),
      };
      return termsOf(book, change, EQUITY, SPOT, DEFAULT_PARAMETERS)
        .slice(1)
        .map((term) => slopeAlong([term], 0));
    };
    const [ofExpiry, ofGamma, ofDelta] = [
      potential.mu * limits.vegaHigh,
      potential.theta * limits.gamma,
      potential.kappa * SPOT,
    ];
    expect(slopesAt(1e9)).to.deep.equal([ofExpiry, ofExpiry, ofGamma, ofDelta]);
    expect(slopesAt(-1e9)).to.deep.equal([-ofExpiry / 5, -ofExpiry / 5, -ofGamma / 5, -ofDelta]);
  });

  it("moves the quote by 1 vp for about 91 at-the-money 30-day options of ETH at 2000 per million", () => {
    const vega = 2000 * 0.39894 * Math.sqrt(30 / 365);
    const change: ExposureChange = {
      vega: 91 * vega,
      gamma: 0,
      optionsDelta: 0,
      expiries: new Map([[expiryIn(30), { vega: 91 * vega, vegaSkew: 0, gamma: 0, weight: 1 }]]),
    };
    const { slope } = impact(bookOf([], surfaceAt()), change);
    expect(slope / (91 * vega)).to.be.closeTo(0.01, 0.0001);
  });

  it("has a band of about 25 base units for 200 short at-the-money options of 30 days", () => {
    const sd = 0.6 * Math.sqrt(30 / 365);
    const gamma = (200 * 2000 * 0.39894) / sd;
    const bandOf = (damped: number, undamped: number) =>
      hedgingBand(damped, undamped, EQUITY, SPOT, potential);
    expect(bandOf(gamma, gamma)).to.be.closeTo(25, 1);
    expect(bandOf(0, 0)).to.equal((0.005 * EQUITY) / SPOT);
    expect(bandOf(1e3 * gamma, 1e3 * gamma)).to.equal((0.05 * EQUITY) / SPOT);
    // Whatever gamma is without its damping.
    for (const undamped of [-gamma / 10, 0, gamma])
      expect(bandOf(gamma, undamped)).to.equal(bandOf(gamma, gamma));
    expect(bandOf(gamma / 10, 9 * gamma)).to.be.closeTo(2 * bandOf(gamma / 10, gamma / 10), 1e-9);
  });

  it("P9 impact is convex in every direction tried, rewards out of the reserve included", () => {
    fc.assert(
      fc.property(books, exposures, exposures, between(0, 1), (book, a, b, t) => {
        const chord = t * impact(book, a).impact + (1 - t) * impact(book, b).impact;
        expect(impact(book, combined(a, b, t)).impact).to.be.at.most(chord + 1e-6);
      }),
      { numRuns: 2000 },
    );
  });

  it("P9 the slope of impact never falls with size, and is its derivative", () => {
    fc.assert(
      fc.property(books, exposures, (book, change) => {
        const terms = termsOf(book, change, EQUITY, SPOT, DEFAULT_PARAMETERS);
        const slopes = [0, 0.25, 0.5, 0.75, 1].map((t) => slopeAlong(terms, t));
        for (let i = 1; i < slopes.length; i++) expect(slopes[i]).to.be.at.least(slopes[i - 1]! - 1e-9);
        const numeric = (difference(terms, 0.5 + 1e-4) - difference(terms, 0.5 - 1e-4)) / 2e-4;
        expect(numeric).to.be.within(slopeAlong(terms, 0.4999) - 1e-2, slopeAlong(terms, 0.5001) + 1e-2);
      }),
    );
  });

  it("P9 impact is bounded by the slopes times the exposures", () => {
    fc.assert(
      fc.property(books, exposures, (book, change) => {
        const perExpiry = [...change.expiries.values()].reduce(
          (sum, { vega, vegaSkew }) => sum + Math.abs(vega) + Math.abs(vegaSkew),
          0,
        );
        const most =
          Math.max(potential.slopeHigh, -potential.slopeLow) * Math.abs(change.vega) +
          potential.mu * limits.vegaHigh * perExpiry +
          potential.theta * limits.gamma * Math.abs(change.gamma) +
          potential.kappa * SPOT * Math.abs(change.optionsDelta);
        expect(Math.abs(impact(book, change).impact)).to.be.at.most(most + 1e-6);
      }),
    );
  });

  it("P4 P9 two trades one after the other never pay less impact than both at once, and never draw more than the reserve", () => {
    fc.assert(
      fc.property(books, exposures, exposures, (book, a, b) => {
        const first = impact(book, a).impact;
        const after: Book = {
          ...book,
          vega: book.vega + a.vega,
          gamma: book.gamma + a.gamma,
          optionsDelta: book.optionsDelta + a.optionsDelta,
          reserve: book.reserve + first,
          expiries: new Map(
            EXPIRIES.map((expiryAt) => {
              const [held, added] = [book, a].map(({ expiries }) => expiries.get(expiryAt) ?? NOTHING);
              const exposure = {
                vega: held!.vega + added!.vega,
                vegaSkew: held!.vegaSkew + added!.vegaSkew,
                gamma: held!.gamma + added!.gamma,
                weight: 1,
              };
              return [expiryAt, exposure];
            }),
          ),
        };
        const both = combined(a, b, 0.5);
        const whole = impactOf(book, both, SPOT, DEFAULT_PARAMETERS)(2).impact;
        expect(first + impact(after, b).impact).to.be.at.least(whole - 1e-6);
        expect(after.reserve).to.be.at.least(-1e-9);
      }),
      { numRuns: 2000 },
    );
  });
});

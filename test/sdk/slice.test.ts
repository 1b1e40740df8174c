import { prepare } from "@meniscus/pricer/fit/prepare";
import { toSvi } from "@meniscus/pricer/fit/smile";
import {
  atmVariance,
  b,
  basis,
  exponent,
  flags,
  m,
  quantise,
  reportAt,
  rho,
  SliceRangeError,
  sigma,
  unquantise,
  withFlags,
  withReportAt,
} from "@meniscus/sdk/slice";
import { type SviParams, totalVariance } from "@meniscus/sdk/svi";
import { expect } from "chai";
import fc from "fast-check";
import { itWithData } from "../support/data.ts";
import { cleanRecordedChains } from "../support/recorded.ts";

const BASIS = 0.0123;
const REPORT_AT = 1_800_000_000;
const PLAIN: SviParams = { a: 0.01, b: 0.05, rho: -0.3, m: 0.02, sigma: 0.1 };

/** A smile in units of its sd, as the fitter's box allows it: sigma to 12 sd, |m| to 8, any slopes below 2 / sd. */
const smiles: fc.Arbitrary<SviParams> = fc
  .record({
    sd: fc.double({ min: 1e-3, max: 6, noNaN: true }),
    b: fc.double({ min: 1e-3, max: 2, noNaN: true }),
    rho: fc.double({ min: -0.99, max: 0.99, noNaN: true }),
    m: fc.double({ min: -8, max: 8, noNaN: true }),
    sigma: fc.double({ min: 0.05, max: 12, noNaN: true }),
  })
  .map(({ sd, b, rho, m, sigma }) => {
    const offset = b * (Math.hypot(m, sigma) - rho * m);
    return { a: sd * sd * (1 - offset), b: b * sd, rho, m: m * sd, sigma: sigma * sd };
  });

/** w(k) from w(0) and the difference of the roots written as a quotient: without the cancellation of a and b sigma. */
function varianceAt({ b, rho, m, sigma }: SviParams, w0: number, k: number): number {
  const roots = (k * (k - 2 * m)) / (Math.hypot(k - m, sigma) + Math.hypot(m, sigma));
  return w0 + b * (rho * k + roots);
}

const w0Of = (word: bigint): number => Number(atmVariance(word)) * 2 ** (2 * Number(exponent(word)) - 62);

/** The largest difference of vols, where they are at least half of that at the money, between a smile and its word over |k| <= `width` sd, relative to the vol there. */
function relativeVolError(params: SviParams, word: bigint, width: number): number {
  const w0 = totalVariance(params, 0);
  let worst = 0;
  for (let i = -60; i <= 60; i++) {
    const k = ((i * width) / 60) * Math.sqrt(w0);
    const exact = varianceAt(params, w0, k);
    if (exact < 0.25 * w0) continue;
    const held = varianceAt(unquantise(word).params, w0Of(word), k);
    worst = Math.max(worst, Math.abs(Math.sqrt(held / exact) - 1));
  }
  return worst;
}

describe("the packed slice", () => {
  it("keeps every field of a plain smile within half a step", () => {
    const word = quantise(PLAIN, BASIS, REPORT_AT);
    const held = unquantise(word);
    const unit = 2 ** (Number(exponent(word)) - 16);
    expect(Math.abs(held.params.b - PLAIN.b)).to.be.at.most(unit / 2 ** 30);
    expect(Math.abs(held.params.rho - PLAIN.rho)).to.be.at.most(1 / 2 ** 32);
    expect(Math.abs(held.params.m - PLAIN.m)).to.be.at.most(unit / 2 ** 29);
    expect(Math.abs(held.params.sigma - PLAIN.sigma)).to.be.at.most(unit / 2 ** 29);
    expect(Math.abs(held.basis - BASIS)).to.be.at.most(1 / 2 ** 32);
    expect(held.reportAt).to.equal(REPORT_AT);
    expect(held.flags).to.equal(0);
    const sd = Math.sqrt(totalVariance(PLAIN, 0));
    expect(sd / unit).to.be.within(1, 2);
  });

  it("gives the same word again for what a word says", () => {
    fc.assert(
      fc.property(smiles, (params) => {
        const word = quantise(params, BASIS, REPORT_AT);
        const held = unquantise(word);
        expect(quantise(held.params, held.basis, held.reportAt)).to.satisfy((again: bigint) => {
          // a, which stands for w(0), may be off by a step where it cancels against b sigma.
          const step = atmVariance(again) - atmVariance(word);
          return again - step === word && step * step <= 1n;
        });
      }),
    );
  });

  it("holds vols to 1e-8 of themselves inside 3 sd and to 1e-7 inside 10 sd, that is 1e-6 and 1e-5 vol points of 100 %", () => {
    fc.assert(
      fc.property(smiles, (params) => {
        const word = quantise(params, BASIS, REPORT_AT);
        expect(relativeVolError(params, word, 3)).to.be.below(1e-8);
        expect(relativeVolError(params, word, 10)).to.be.below(1e-7);
      }),
      { numRuns: 2000 },
    );
  });

  itWithData(
    "costs the smiles of recorded chains below 1e-6 vol points inside 3 sd and 1e-5 inside 10 sd",
    async () => {
      const recorded = await cleanRecordedChains();
      let slices = 0;
      for (const { name, clean } of recorded.filter((_, i) => i % 7 === 0)) {
        for (const prepared of prepare(clean.expiries)) {
          if (typeof prepared === "string") continue;
          const params = toSvi(prepared.start, 0, prepared.data.scale);
          // Some free fits are no smiles at all (|rho| >= 1); the joint fit never gives those.
          if (Math.abs(params.rho) >= 1) continue;
          const word = quantise(params, prepared.expiry.basis, clean.snapshotAt);
          const volPoints = 100 * Math.sqrt(totalVariance(params, 0) / prepared.expiry.tau);
          expect(volPoints * relativeVolError(params, word, 3), name).to.be.below(1e-6);
          expect(volPoints * relativeVolError(params, word, 10), name).to.be.below(1e-5);
          slices += 1;
        }
      }
      expect(slices).to.be.above(200);
    },
  );

  const refusals: [string, Partial<SviParams>, number, string][] = [
    ["a variance of zero", { a: -0.00504 - 0.0003, b: 0.05, m: 0 }, 0, "w(0)"],
    ["rho = 1", { rho: 1 }, 0, "rho"],
    ["rho = -1", { rho: -1 }, 0, "rho"],
    ["a negative b", { b: -0.01, a: 0.1 }, 0, "b"],
    ["a b of 128 U", { a: -1, b: 10, sigma: 0.1001, m: 0, rho: 0 }, 0, "b"],
    ["sigma = 0", { sigma: 0 }, 0, "sigma"],
    ["a negative sigma", { sigma: -0.1 }, 0, "sigma"],
    ["an m beyond 32 U", { m: 9, a: 0.01 - 0.05 * (0.3 * 9 + 9) }, 0, "m"],
    ["a basis of 1", {}, 1, "basis"],
    ["NaN", { a: Number.NaN }, 0, "w(0)"],
    ["infinity", { a: Number.POSITIVE_INFINITY }, 0, "w(0)"],
    ["a NaN among the others", { m: Number.NaN }, 0, "w(0)"],
  ];
  for (const [what, change, basis, field] of refusals) {
    it(`refuses ${what}, naming the field`, () => {
      expect(() => quantise({ ...PLAIN, ...change }, basis, REPORT_AT))
        .to.throw(SliceRangeError)
        .with.property("field", field);
    });
  }

  it("takes new flags and a new report time without touching anything else", () => {
    const word = quantise(PLAIN, BASIS, REPORT_AT);
    const changed = withReportAt(withFlags(word, 0x7ffff), REPORT_AT + 12);
    expect(flags(changed)).to.equal(0x7ffffn);
    expect(reportAt(changed)).to.equal(BigInt(REPORT_AT + 12));
    for (const field of [atmVariance, b, basis, exponent, m, rho, sigma])
      expect(field(changed)).to.equal(field(word));
    expect(withReportAt(withFlags(changed, 0), REPORT_AT)).to.equal(word);
    expect(() => withFlags(word, 1 << 19)).to.throw(SliceRangeError);
    expect(() => withReportAt(word, 2 ** 32)).to.throw(SliceRangeError);
  });
});

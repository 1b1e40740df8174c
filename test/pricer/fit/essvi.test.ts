import { certify } from "@meniscus/pricer/certificate/certify";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { arbitrageFree, type EssviSlice, essviCoordinates, essviOf } from "@meniscus/pricer/fit/essvi";
import { fitEssvi } from "@meniscus/pricer/fit/fitEssvi";
import { fitFree } from "@meniscus/pricer/fit/free";
import { risingLevels } from "@meniscus/pricer/fit/isotonic";
import { type Prepared, prepare } from "@meniscus/pricer/fit/prepare";
import { packQuotes, type QuoteSet } from "@meniscus/pricer/fit/quotes";
import { SIZE, smileOf, smileVariance, toSvi } from "@meniscus/pricer/fit/smile";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { quantise } from "@meniscus/sdk/slice";
import { expect } from "chai";
import fc from "fast-check";
import { expiryAt, quoteAt, SNAPSHOT_AT, trueVariance } from "../../support/cleanChain.ts";
import { itWithData, recordedChains } from "../../support/data.ts";

/** What the certificate says of slices with the coordinates x, as their words hold them. */
function expectCertified(x: Float64Array, scales: Float64Array): void {
  const slices = Array.from(scales, (scale, i) => ({
    expiryAt: SNAPSHOT_AT + 86_400 * (i + 1),
    word: quantise(toSvi(x, i * SIZE, scale), 0, SNAPSHOT_AT),
  }));
  const verdict = certify(slices);
  expect(
    verdict.certified,
    JSON.stringify(verdict, (_, v) => (typeof v === "bigint" ? `${v}` : v)),
  ).equal(true);
}

function coordinates(slices: readonly EssviSlice[]): Float64Array {
  const x = new Float64Array(slices.length * SIZE);
  slices.forEach((slice, i) => {
    essviCoordinates(slice, x, i * SIZE);
  });
  return x;
}

const DAYS = [1, 7, 30, 90, 250];
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe("eSSVI", () => {
  it("puts levels in strictly rising order and leaves rising ones alone", () => {
    expect(risingLevels([1, 2, 4], [1, 1, 1])).deep.equal([1, 2, 4]);
    const pooled = risingLevels([1, 3, 2, 5], [1, 1, 3, 1]);
    expect(pooled[1]).closeTo(2.25, 1e-12);
    expect(pooled[2]).greaterThan(pooled[1]!);
    expect(pooled[2]).below(2.26);
  });

  it("is the formula of its three numbers, in the coordinates of raw SVI", () => {
    const [theta, psi, chi] = [1.1, 0.8, -0.3];
    const p = smileOf(coordinates([{ theta, psi, chi }]));
    for (let z = -5; z <= 5; z += 0.25) {
      const line = theta + chi * z;
      const w = 0.5 * (line + Math.sqrt(line ** 2 + (psi ** 2 - chi ** 2) * z ** 2));
      expect(smileVariance(p, z)).closeTo(w, 1e-13);
    }
    const back = essviOf(coordinates([{ theta, psi, chi }]), 0);
    expect(back.theta).closeTo(theta, 1e-13);
    expect(back.psi).closeTo(psi, 1e-13);
    expect(back.chi).closeTo(chi, 1e-13);
  });

  it("has the derivatives of its coordinates that differences have", () => {
    const slice = fc.record({ theta: number(0.1, 3), psi: number(0.3, 2), chi: number(-0.25, 0.25) });
    fc.assert(
      fc.property(slice, (at) => {
        const jacobian = new Float64Array(3 * SIZE);
        essviCoordinates(at, new Float64Array(SIZE), 0, jacobian);
        (["theta", "psi", "chi"] as const).forEach((name, c) => {
          const [up, down] = [1e-6, -1e-6].map((step) => coordinates([{ ...at, [name]: at[name] + step }]));
          for (let a = 0; a < SIZE; a++)
            expect((up![a]! - down![a]!) / 2e-6).closeTo(
              jacobian[a * 3 + c]!,
              1e-6 * (1 + Math.abs(jacobian[a * 3 + c]!)),
            );
        });
      }),
    );
  });

  it("S4: is certified whatever is asked for", () => {
    const asked = fc.record({ theta: number(1e-3, 20), psi: number(1e-3, 10), chi: number(-10, 10) });
    const scale = number(0.003, 2);
    fc.assert(
      fc.property(fc.array(fc.tuple(asked, scale), { minLength: 1, maxLength: 10 }), (slices) => {
        const scales = Float64Array.from(slices, ([, s]) => s);
        expectCertified(
          coordinates(
            arbitrageFree(
              slices.map(([slice]) => slice),
              scales,
            ),
          ),
          scales,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("leaves alone what has no arbitrage", () => {
    const scales = Float64Array.of(0.1, 0.2, 0.4);
    const slices = [-0.1, -0.12, -0.15].map((chi) => ({ theta: 1, psi: 0.7, chi }));
    expect(arbitrageFree(slices, scales)).deep.equal(slices);
  });

  describe("fitted to quotes", () => {
    const dataOf = (vol: (k: number, tau: number) => number): QuoteSet[] =>
      DAYS.map((days) => {
        const { tau, quotes } = expiryAt(days);
        return packQuotes(
          quotes.map(({ k }) => quoteAt(k, vol(k, tau))),
          tau,
        );
      });
    const startOf = (data: readonly QuoteSet[]) =>
      Float64Array.from(data.flatMap((set) => [...fitFree(set).x]));

    it("finds the surface that they were made from", () => {
      const data = dataOf((k, tau) => Math.sqrt(trueVariance(tau, k) / tau));
      const { x, cost } = fitEssvi(data, startOf(data));
      expect(cost).below(1e-6);
      DAYS.forEach((_, i) => {
        expect(x[i * SIZE + 1]! / Math.sqrt(x[i * SIZE]!)).closeTo(-0.2 * 0.7, 1e-3);
      });
    });

    it("S4: is certified on random chains, and no random surface of its kind costs less", () => {
      const quote = fc.tuple(number(-3, 3), number(0.05, 3));
      const slices = fc.array(fc.array(quote, { minLength: 1, maxLength: 12 }), {
        minLength: 1,
        maxLength: 6,
      });
      fc.assert(
        fc.property(slices, fc.array(number(-1, 1), { minLength: 18, maxLength: 18 }), (chain, moves) => {
          const data = chain.map((quotes, i) => {
            const tau = 2 ** i / 180;
            const sorted = quotes.sort(([a], [b]) => a - b);
            return packQuotes(
              sorted.map(([z, vol]) => quoteAt(z * Math.sqrt(tau), vol, vol * 0.1)),
              tau,
            );
          });
          const scales = Float64Array.from(data, ({ scale }) => scale);
          const start = Float64Array.from(data.flatMap(() => [1, -0.08, -1.6, 0, 0.7]));
          const fit = fitEssvi(data, start);
          expectCertified(fit.x, scales);
          const elsewhere = start.map(
            (value, a) => value + (a % SIZE < 3 ? 0.5 * moves[3 * Math.trunc(a / SIZE) + (a % SIZE)]! : 0),
          );
          expect(fit.cost).at.most(fitEssvi(data, elsewhere).cost * 1.05 + 1e-3);
        }),
        { numRuns: 100 },
      );
    });

    itWithData("S4: is certified on every recorded Deribit chain", async () => {
      for (const file of recordedChains().filter((name) => name.includes("/deribit_"))) {
        const chain = cleanChain(await recordedSource(file).read());
        const slices = prepare(chain.expiries).filter(
          (slice): slice is Prepared => typeof slice !== "string",
        );
        const data = slices.map((slice) => slice.data);
        const { x } = fitEssvi(data, Float64Array.from(slices.flatMap(({ start }) => [...start])));
        expectCertified(
          x,
          Float64Array.from(data, ({ scale }) => scale),
        );
      }
    });
  });
});

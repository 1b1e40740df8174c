import { readFileSync } from "node:fs";
import path from "node:path";
import { certify } from "@meniscus/pricer/certificate/certify";
import { type Certificate, checkCertificate, exactSlice } from "@meniscus/pricer/certificate/check";
import {
  butterflyHolds,
  butterflyTailHolds,
  calendarHolds,
  calendarTailHolds,
} from "@meniscus/pricer/certificate/lemmas";
import { countArbitrage } from "@meniscus/pricer/evaluation/arbitrage";
import { quantise, unquantise } from "@meniscus/sdk/slice";
import { butterfly, type SviParams, totalVariance } from "@meniscus/sdk/svi";
import { expect } from "chai";
import fc from "fast-check";
import { GUARANTEED, OPTIMAL, VOGT } from "../../support/gatheralJacquier.ts";

const worded = (params: SviParams, expiryAt: number) => ({ expiryAt, word: quantise(params, 0) });
/** The same smile with `share` more total variance. */
const longer = (params: SviParams, share: number) => ({
  ...params,
  a: params.a * (1 + share),
  b: params.b * (1 + share),
});

function certificateOf(slices: readonly SviParams[]): Certificate {
  const result = certify(slices.map((params, i) => worded(params, i + 1)));
  if (!result.certified) throw new Error(JSON.stringify(result.unproved));
  return result.certificate;
}

describe("certificate", () => {
  it("S4: is refused to the Vogt slice, near k = 0.879", () => {
    const result = certify([worded(VOGT, 1)]);
    expect(result.certified).equal(false);
    if (result.certified) return;
    expect(result.unproved.kind).equal("butterfly");
    expect(butterfly(VOGT, result.unproved.k)).below(1e-3);
  });

  it("S4: is given to both published repairs", () => {
    for (const params of [GUARANTEED, OPTIMAL]) {
      expect(checkCertificate(certificateOf([params]))).property("valid", true);
    }
  });

  it("is refused to a slice whose density is negative by a hair, and given when it is positive by one", () => {
    // Between OPTIMAL and VOGT lies a slice whose least g is 0.
    const between = (t: number): SviParams => ({
      a: OPTIMAL.a + t * (VOGT.a - OPTIMAL.a),
      b: OPTIMAL.b + t * (VOGT.b - OPTIMAL.b),
      rho: OPTIMAL.rho + t * (VOGT.rho - OPTIMAL.rho),
      m: OPTIMAL.m + t * (VOGT.m - OPTIMAL.m),
      sigma: OPTIMAL.sigma + t * (VOGT.sigma - OPTIMAL.sigma),
    });
    const leastOf = (t: number) => {
      const { params } = unquantise(quantise(between(t), 0));
      let least = Number.POSITIVE_INFINITY;
      for (let k = -3; k <= 3; k += 0.0005) least = Math.min(least, butterfly(params, k));
      return least;
    };
    let [low, high] = [0, 1];
    for (let i = 0; i < 40; i++) {
      const t = (low + high) / 2;
      if (leastOf(t) > 1e-6) low = t;
      else high = t;
    }
    expect(certify([worded(between(low), 1)]).certified).equal(true);
    while (leastOf(high) > -1e-6) high += 1e-4;
    expect(certify([worded(between(high), 1)]).certified).equal(false);
  });

  it("is given to a longer slice that lies just above, and refused to one just below", () => {
    expect(certify([worded(OPTIMAL, 1), worded(longer(OPTIMAL, 1e-5), 2)]).certified).equal(true);
    expect(certify([worded(OPTIMAL, 1), worded(longer(OPTIMAL, -1e-5), 2)]).certified).equal(false);
  });

  it("is refused to slices that cross far out only, because of the slope of a wing", () => {
    const flatter = { ...OPTIMAL, a: OPTIMAL.a + 1, b: OPTIMAL.b * 0.999 };
    const result = certify([worded(OPTIMAL, 1), worded(flatter, 2)]);
    expect(result.certified ? undefined : result.unproved.kind).equal("calendar");
  });

  it("survives JSON", () => {
    const certificate = certificateOf([GUARANTEED, longer(GUARANTEED, 0.5)]);
    expect(checkCertificate(JSON.parse(JSON.stringify(certificate)) as Certificate)).property("valid", true);
  });

  describe("checker", () => {
    const good = certificateOf([GUARANTEED, longer(GUARANTEED, 0.3)]);
    const expectInvalid = (certificate: unknown, reason: RegExp) => {
      const verdict = checkCertificate(certificate as Certificate);
      expect(verdict.valid ? "valid" : verdict.reason).match(reason);
    };

    it("refuses another word under the same break points", () => {
      const slices = good.slices.map((slice) => ({ ...slice, word: `0x${quantise(VOGT, 0).toString(16)}` }));
      expectInvalid({ ...good, slices }, /butterfly not proved/);
    });

    it("refuses slices in another order", () => {
      const slices = [...good.slices].reverse();
      expectInvalid({ ...good, slices }, /not in order/);
      const renamed = slices.map((slice, i) => ({ ...slice, expiryAt: i }));
      expectInvalid({ ...good, slices: renamed }, /calendar not proved/);
    });

    it("refuses gaps: fewer break points, none, tails that start too early, NaN", () => {
      const withBreaks = (butterfly: number[]) => ({
        ...good,
        slices: good.slices.map((slice) => ({ ...slice, butterfly })),
      });
      const breaks = good.slices[0]!.butterfly;
      expectInvalid(withBreaks([breaks[0]!, breaks.at(-1)!]), /not proved on \[/);
      expectInvalid(withBreaks([]), /out of order/);
      expectInvalid(withBreaks([-1e-3, 1e-3]), /tail/);
      expectInvalid(withBreaks([breaks[0]!, Number.NaN, breaks.at(-1)!]), /out of order/);
      expectInvalid(withBreaks([...breaks].reverse()), /out of order/);
      expectInvalid({ ...good, calendar: [] }, /pairs/);
      expectInvalid({ ...good, calendar: [[-1e-3, 1e-3]] }, /calendar/);
    });

    it("stands on the lemmas, the intervals and the words alone", () => {
      const folder = path.resolve(import.meta.dirname, "../../../pricer/src/certificate");
      const importsOf = (file: string) =>
        [...readFileSync(path.join(folder, file), "utf8").matchAll(/from "([^"]+)"/g)].map(
          (match) => match[1]!,
        );
      expect(importsOf("check.ts").sort()).deep.equal(["./lemmas.ts", "@meniscus/sdk/slice"]);
      expect(importsOf("lemmas.ts")).deep.equal(["./interval.ts"]);
      expect(importsOf("interval.ts")).deep.equal([]);
    });

    it("refuses what is no certificate, without throwing", () => {
      for (const nothing of [
        {},
        { version: 2, slices: [], calendar: [] },
        null,
        { version: 1, slices: [{}], calendar: [] },
      ]) {
        expect(checkCertificate(nothing as unknown as Certificate).valid).equal(false);
      }
      const slices = [{ expiryAt: 1, word: "not a word", butterfly: [-1, 1] }];
      expectInvalid({ version: 1, slices, calendar: [] }, /malformed/);
    });
  });

  it("proves nothing that a dense grid refutes", () => {
    const params = fc.record({
      a: fc.double({ min: -0.05, max: 0.2, noNaN: true }),
      b: fc.double({ min: 0.01, max: 1, noNaN: true }),
      rho: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
      m: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      sigma: fc.double({ min: 0.02, max: 1, noNaN: true }),
    });
    let given = 0;
    let refused = 0;
    fc.assert(
      fc.property(params, params, fc.double({ min: 0, max: 0.5, noNaN: true }), (first, second, lift) => {
        const pair = [first, { ...second, a: second.a + lift }];
        fc.pre(pair.every((p) => totalVariance(p, 0) > 1e-4 && p.sigma < 8 * Math.sqrt(totalVariance(p, 0))));
        fc.pre(pair.every((p) => Math.abs(p.m) < 8 * Math.sqrt(totalVariance(p, 0))));
        const words = pair.map((p, i) => worded(p, i));
        const { butterfly: butterflies, calendar } = countArbitrage(
          words.map(({ word }) => unquantise(word).params),
        );
        if (certify(words).certified) {
          given++;
          expect(butterflies + calendar).equal(0);
        } else refused++;
      }),
      { numRuns: 400 },
    );
    expect(given).greaterThan(5);
    expect(refused).greaterThan(5);
  });

  it("has lemmas that prove nothing of a piece on which the claim is wrong at some point", () => {
    const words = [VOGT, OPTIMAL, GUARANTEED].map((params) => quantise(params, 0));
    // Doubles drawn by their bits would be next to nothing, most of them.
    const place = fc.integer({ min: -1500, max: 1500 }).map((value) => value / 1000);
    const width = fc.integer({ min: 1, max: 300 }).map((value) => value / 1000);
    const word = fc.constantFrom(...words);
    const counts = { proved: 0, wrong: 0 };
    const judged = (isProved: boolean, distances: readonly number[]): void => {
      const least = Math.min(...distances);
      if (isProved) expect(least).at.least(-1e-12);
      if (isProved) counts.proved++;
      else if (least < 0) counts.wrong++;
    };
    fc.assert(
      fc.property(word, word, place, width, (first, second, left, across) => {
        const [one, other] = [unquantise(first).params, unquantise(second).params];
        const right = left + across;
        const points = Array.from({ length: 9 }, (_, i) => left + (i / 8) * across);
        judged(
          butterflyHolds(exactSlice(first), left, right),
          points.map((k) => butterfly(one, k)),
        );
        judged(
          calendarHolds(exactSlice(first), exactSlice(second), left, right),
          points.map((k) => totalVariance(other, k) - totalVariance(one, k)),
        );
      }),
      { numRuns: 3000 },
    );
    for (const count of Object.values(counts)) expect(count).greaterThan(100);
  });

  it("has no tail lemma for a wing of slope 2, a negative start, or a steeper shorter slice", () => {
    const slice = exactSlice(quantise(OPTIMAL, 0));
    expect(butterflyTailHolds(slice, 3)).equal(true);
    expect(butterflyTailHolds(slice, -3)).equal(false);
    expect(butterflyTailHolds({ ...slice, b: 2 }, 1e6)).equal(false);
    expect(calendarTailHolds({ ...slice, b: slice.b * 1.001 }, { ...slice, w0: 10 }, 1e3)).equal(false);
  });
});

import { checkCertificate } from "@meniscus/pricer/certificate/check";
import type { CleanChain, CleanExpiry, CleanQuote } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { countArbitrage } from "@meniscus/pricer/evaluation/arbitrage";
import { costOf } from "@meniscus/pricer/fit/cost";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { fitFree } from "@meniscus/pricer/fit/free";
import { packQuotes } from "@meniscus/pricer/fit/quotes";
import { deletionStarts } from "@meniscus/pricer/fit/robust";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { totalVariance } from "@meniscus/sdk/svi";
import { expect } from "chai";
import fc from "fast-check";
import {
  chainOf,
  changed,
  expiryAt,
  lcg,
  moved,
  quoteAt,
  SNAPSHOT_AT,
  trueVariance,
} from "../../support/cleanChain.ts";
import { dataFile, itWithData } from "../../support/data.ts";

const DAYS = [1, 7, 30, 90, 250];

/** What holds of every surface: it is certified, on the words themselves, and every expiry is a slice or a stated refusal. */
function expectSound(chain: CleanChain, surface: Surface): void {
  const verdict = checkCertificate(surface.certificate);
  expect(verdict.valid, JSON.stringify(verdict)).equal(true);
  expect(surface.certificate.slices.map((slice) => BigInt(slice.word))).deep.equal(
    surface.slices.map((slice) => slice.word),
  );
  expect(countArbitrage(surface.slices.map((slice) => slice.params))).deep.equal({
    butterfly: 0,
    calendar: 0,
  });
  const told = [...surface.slices, ...surface.refused].map((item) => item.expiryAt).sort((a, b) => a - b);
  expect(told).deep.equal(chain.expiries.map((expiry) => expiry.expiryAt));
  for (const { reason } of surface.refused) expect(reason).not.equal("");
  for (const { params } of surface.slices) expect(Object.values(params).every(Number.isFinite)).equal(true);
}

function soundly(chain: CleanChain, last?: Surface): Surface {
  const surface = fitSurface(chain, last === undefined ? {} : { last });
  expectSound(chain, surface);
  return surface;
}

/** Largest distance from the true surface within `reach` sds, in vol points. */
function worstError(surface: Surface, reach = 2): number {
  let worst = 0;
  for (const { params, tau } of surface.slices) {
    const sd = Math.sqrt(trueVariance(tau, 0));
    for (let z = -reach; z <= reach; z += 0.25) {
      const vol = Math.sqrt(totalVariance(params, z * sd) / tau);
      worst = Math.max(worst, 100 * Math.abs(vol - Math.sqrt(trueVariance(tau, z * sd) / tau)));
    }
  }
  return worst;
}

describe("surface fit", () => {
  it("finds the surface that its quotes were made from", () => {
    const surface = soundly(chainOf(DAYS.map((days) => expiryAt(days))));
    expect(surface.slices.map((slice) => slice.quality)).deep.equal(DAYS.map(() => "good"));
    expect(worstError(surface)).below(0.02);
  });

  it("is the same for the same chain", () => {
    const chain = chainOf(DAYS.map((days) => expiryAt(days)));
    expect(fitSurface(chain)).deep.equal(fitSurface(chain));
  });

  describe("always has an answer", () => {
    it("without any expiry: an empty surface", () => {
      expect(soundly(chainOf([])).slices).length(0);
    });

    it("without a wing", () => {
      for (const keep of [(k: number) => k >= 0, (k: number) => k <= 0]) {
        const half = DAYS.map((days) =>
          changed(expiryAt(days), (quotes) => quotes.filter(({ k }) => keep(k))),
        );
        expect(soundly(chainOf(half)).slices).length(5);
      }
    });

    it("with three quotes, two and one: thin slices that lean on their neighbours", () => {
      for (const count of [3, 2, 1]) {
        const surface = soundly(chainOf(DAYS.map((days) => expiryAt(days, days === 30 ? count : 20, 1))));
        expect(surface.slices[2]!.quality).equal("thin");
        expect(worstError(surface), `${count} quotes`).below(2.5);
      }
    });

    it("with three to five quotes on one smile: the tighter they are, the nearer it is, up to half a vol point", () => {
      const smile = fc.record({
        days: fc.constantFrom(3, 30, 200),
        count: fc.integer({ min: 3, max: 5 }),
        skew: fc.double({ min: -0.2, max: 0.1, noNaN: true }),
        bend: fc.double({ min: 0.02, max: 0.07, noNaN: true }),
      });
      fc.assert(
        fc.property(smile, ({ days, count, skew, bend }) => {
          const { atmSd } = expiryAt(days);
          const errors = [4, 2, 1, 0.5, 0.25, 0.1].map((half) => {
            const quoted = changed(expiryAt(days, count, 2), (quotes) =>
              quotes.map(({ k }) => {
                const z = k / atmSd;
                return quoteAt(k, 0.6 * (1 + skew * z + bend * z * z), half / 50);
              }),
            );
            const [slice] = soundly(chainOf([quoted])).slices;
            expect(slice!.quality).equal("thin");
            return slice!.rmse;
          });
          for (const [i, error] of errors.entries())
            expect(error, errors.join(" ")).at.most(Math.min(...errors.slice(0, i + 1)) + 0.5);
        }),
        { numRuns: 40 },
      );
    });

    it("with one quote in the whole chain", () => {
      const surface = soundly(chainOf([expiryAt(30, 1)]));
      expect(surface.slices[0]!.quality).equal("thin");
      expect(surface.slices[0]!.rmse).below(1);
    });

    it("with no quotes at all: refused, or carried over from the last surface", () => {
      const full = chainOf(DAYS.map((days) => expiryAt(days)));
      const empty = chainOf(DAYS.map((days) => expiryAt(days, 0)));
      expect(soundly(empty).refused.map(({ reason }) => reason)).deep.equal(
        DAYS.map(() => "no two-sided quote out of the money, and no earlier surface"),
      );
      const carried = soundly(empty, fitSurface(full));
      expect(carried.slices.map((slice) => slice.quality)).deep.equal(DAYS.map(() => "carried over"));
      expect(worstError(carried)).below(0.1);
    });

    it("with most vols out of range: refused, or carried over, and not fitted to the few that are left", () => {
      const few = changed(expiryAt(30), (quotes) => quotes.slice(8, 10));
      const chain = chainOf([expiryAt(7), { ...few, dropped: { "vol out of range": 3 } }, expiryAt(90)]);
      const surface = soundly(chain);
      expect(surface.refused.map(({ reason }) => reason)).deep.equal(["vols outside 1 % to 1000 %"]);
      expect(soundly(chain, soundly(chainOf(DAYS.map((days) => expiryAt(days))))).slices[1]!.quality).equal(
        "carried over",
      );
      const half = chainOf([expiryAt(7), { ...few, dropped: { "vol out of range": 2 } }, expiryAt(90)]);
      expect(soundly(half).slices[1]).to.include({ quality: "thin", quotes: 2 });
    });

    it("with an hour to live, and none once the window has begun", () => {
      const surface = soundly(chainOf([expiryAt(1 / 24), expiryAt(7)]));
      expect(surface.slices.map((slice) => slice.quality)).deep.equal(["thin", "good"]);
      const late = { ...expiryAt(1), tau: 0, expiryAt: SNAPSHOT_AT + 1200 };
      expect(soundly(chainOf([late, expiryAt(7)])).refused[0]!.reason).equal("inside the settlement window");
    });

    it("with more expiries than a report carries: the nearest that can be fitted, and each other refused", () => {
      const chain = chainOf(Array.from({ length: 300 }, (_, i) => expiryAt(i + 1, i === 3 ? 0 : 12)));
      const { slices, refused } = soundly(chain);
      const times = chain.expiries.map((expiry) => expiry.expiryAt);
      expect(slices.map((slice) => slice.expiryAt)).deep.equal(times.slice(0, 17).toSpliced(3, 1));
      expect(refused.map((item) => item.expiryAt)).deep.equal([times[3], ...times.slice(17)]);
      for (const { reason } of refused.slice(1))
        expect(reason).equal("not among the 16 nearest expiries, and a report carries no more");
    });

    it("with crossed quotes and vols that are no numbers: they are not used", () => {
      const broken = changed(expiryAt(30), (quotes) =>
        quotes.map((quote, i) =>
          i === 3
            ? { ...quote, bidVol: quote.askVol, askVol: quote.bidVol, bid: 0.02, ask: 0.01 }
            : i === 5
              ? { ...quote, bidVol: Number.NaN, askVol: Number.NaN, midVol: Number.NaN }
              : quote,
        ),
      );
      const surface = soundly(chainOf([expiryAt(7), broken, expiryAt(90)]));
      expect(surface.slices[1]!.quotes).equal(18);
      expect(worstError(surface)).below(0.05);
    });

    it("with one expiry that contradicts itself and the others: the others do not pay for it", () => {
      const broken = changed(expiryAt(30), (quotes) =>
        quotes.map((q, i) => moved(q, i % 2 === 0 ? 2.5 : 0.4)),
      );
      const { slices } = soundly(chainOf(DAYS.map((days) => (days === 30 ? broken : expiryAt(days)))));
      expect(slices.map(({ quality }) => quality)).deep.equal(["good", "good", "thin", "good", "good"]);
      for (const { quality, rmse } of slices) if (quality === "good") expect(rmse).below(0.2);
    });

    it("with expiries that contradict each other", () => {
      const wild = chainOf(
        DAYS.map((days, i) =>
          changed(expiryAt(days), (quotes) => quotes.map((q) => moved(q, i % 2 === 0 ? 1.6 : 0.5))),
        ),
      );
      const { slices } = soundly(wild);
      expect(slices).length(5);
      for (const { quality, rmse } of slices) if (rmse > 2) expect(quality).equal("thin");
      expect(slices.some(({ rmse }) => rmse > 2)).equal(true);
    });

    const wildChain = (seed: number, most: number) => {
      const random = lcg(seed);
      return chainOf(
        [1, 2, 7, 30, 90, 250].map((days) =>
          changed(expiryAt(days, 12, 2.5), (quotes) =>
            quotes.map((q) => moved(q, Math.exp(most * (random() - 0.5)))),
          ),
        ),
      );
    };

    it("with quotes of no pattern at all, though a search from the free fits finds nothing: raw SVI from another start", () => {
      for (const seed of [30, 44])
        expect(soundly(wildChain(seed, 4)).slices.map(({ quality }) => quality)).not.to.include("fallback");
    });

    it("with quotes yet wilder, where no raw SVI is found: the eSSVI surface nearest to them", () => {
      for (const { quality } of soundly(wildChain(5, 10)).slices) expect(quality).to.equal("fallback");
    });

    it("with spreads of 7 to 22 vp each way and mids as far off: raw SVI, for costs count as in a tight market", () => {
      for (const seed of [13, 14, 20, 35]) {
        const random = lcg(seed * 7919);
        const wide = [1, 2, 3, 7, 14, 30, 60, 90, 180, 250].map((days) =>
          changed(expiryAt(days, 8, 2), (quotes) =>
            quotes.map(({ k, midVol }) => {
              const vol = midVol * Math.exp(0.7 * (random() - 0.5));
              return quoteAt(k, vol, 0.3 * (0.5 + random()));
            }),
          ),
        );
        expect(soundly(chainOf(wide)).slices.map(({ quality }) => quality)).not.to.include("fallback");
      }
    });

    it("with a search that ends short of its margins: what can be certified all the same", () => {
      const random = lcg(22 * 7919);
      const wild = [1, 2, 7, 30, 90, 250].map((days) =>
        changed(expiryAt(days, 6, 2.5), (quotes) =>
          quotes.map((q) => moved(q, Math.exp(2 * (random() - 0.5)))),
        ),
      );
      const { slices } = soundly(chainOf(wild));
      expect(slices.map(({ quality }) => quality)).deep.equal(wild.map(() => "thin"));
    });

    it("with vols of nothing and of everything, and an expiry in a second", () => {
      const strange = (days: number, vol: number) =>
        changed(expiryAt(days), (quotes) => quotes.map((q) => quoteAt(q.k, vol, vol * 0.1)));
      for (const vols of [
        [1e-9, 0.6, 1e9],
        [0.01, 10, 0.01],
        [10, 0.01, 10],
        [1e-9, 1e-9, 1e-9],
      ]) {
        soundly(chainOf([1, 30, 360].map((days, i) => strange(days, vols[i]!))));
      }
      const now = { ...expiryAt(1), expiryAt: SNAPSHOT_AT + 1201, tau: 1 / (365 * 86400) };
      expect(soundly(chainOf([now, expiryAt(30)])).refused).length(1);
    });

    it("with any quotes whatever", () => {
      const quote = fc.tuple(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 5, noNaN: true }),
      );
      fc.assert(
        fc.property(
          fc.array(fc.array(quote, { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
          (slices) => {
            const chain = chainOf(
              slices.map((quotes, i) =>
                changed(expiryAt(2 * 2 ** i), () =>
                  quotes.sort(([a], [b]) => a - b).map(([z, vol]) => quoteAt(z * 0.1, vol, vol * 0.1)),
                ),
              ),
            );
            soundly(chain);
          },
        ),
        { numRuns: 60 },
      );
    });
  });

  describe("outliers", () => {
    it("are looked for among more quotes than a call has arguments", () => {
      const { quotes, tau } = expiryAt(30, 150_000);
      const spoilt = quotes.map((q, i) => (i === 70_000 ? moved(q, 3) : q));
      const data = packQuotes(spoilt, tau);
      const plain = fitFree(data).x;
      const [without] = deletionStarts(data, plain, 1);
      const costOfAll = (x: Float64Array) => costOf(packQuotes(quotes, tau, data.scale), x);
      expect(costOfAll(without!)).below(costOfAll(plain));
    });

    it("are told from sound wings by the vol of the slice: 8 vp off are wild at a vol of 60, and 6 are not at 150", () => {
      const outliersAt = (level: number, off: number) => {
        const scaled = (days: number, count = 20) =>
          changed({ ...expiryAt(days), atmSd: expiryAt(days).atmSd * level }, () =>
            expiryAt(days, count).quotes.map(({ k, midVol }, i) => {
              const isLast = days === 30 && (i === 0 || i === count - 1);
              return quoteAt(k * level, level * midVol + (isLast ? off : 0), 0.02);
            }),
          );
        return soundly(chainOf([scaled(7), scaled(30, 14), scaled(90)])).slices[1]!.outliers;
      };
      expect([outliersAt(1, 0.08), outliersAt(2.5, 0.06), outliersAt(2.5, 0.2)]).deep.equal([2, 0, 2]);
    });

    it("leave the smile where it was", () => {
      const spoilt = DAYS.map((days) =>
        changed(expiryAt(days), (quotes) =>
          quotes.map((q, i) => (i === 4 ? moved(q, 1.5) : i === 13 ? moved(q, 0.7) : q)),
        ),
      );
      const surface = soundly(chainOf(spoilt));
      expect(surface.slices.map((slice) => slice.outliers)).deep.equal(DAYS.map(() => 2));
      expect(worstError(surface)).below(0.1);
    });
  });

  describe("wild quotes that hide each other", () => {
    /** A wide smile of one day, its spread a tenth of its vol. */
    const wide = changed(expiryAt(1, 12), (quotes) =>
      quotes.map(({ k }) => {
        const z = k / expiryAt(1).atmSd;
        const vol = 0.6 * (1 - 0.03 * z + 0.1 * z * z);
        return quoteAt(k, vol, 0.1 * vol);
      }),
    );
    const masks: Record<number, number>[] = [
      { 5: 0.63, 8: 0.46, 11: 1.34 },
      { 3: 0.78, 8: 0.64, 9: 1.37 },
      { 0: 0.75, 5: 1.48, 7: 0.73 },
    ];
    for (const factors of masks)
      it(`are found where quotes ${Object.keys(factors).join(", ")} of twelve are moved`, () => {
        const spoilt = changed(wide, (quotes) => quotes.map((q, i) => moved(q, factors[i] ?? 1)));
        const { slices } = soundly(chainOf([spoilt, ...[7, 30, 90, 250].map((days) => expiryAt(days))]));
        expect(slices.map((slice) => slice.outliers)).deep.equal([3, 0, 0, 0, 0]);
      });
  });

  describe("a wild quote at the end of a slice", () => {
    it("does not bend the smile into a kink that passes through it", () => {
      const spoilt = changed(expiryAt(4, 11, 1.5), (quotes) =>
        quotes.map((q, i) => (i === 0 ? moved(q, 1.4) : q)),
      );
      const surface = soundly(chainOf([expiryAt(1), spoilt, expiryAt(30)]));
      expect(surface.slices.map((slice) => slice.outliers)).deep.equal([0, 1, 0]);
      expect(worstError(surface, 1.5)).below(0.1);
    });
  });

  describe("a wing steeper than expected", () => {
    const { atmSd } = expiryAt(2);
    const steep = changed(expiryAt(2, 24), (quotes) =>
      quotes.map(({ k }) => {
        const z = k / atmSd;
        const ordinary = 0.6 * (1 - 0.05 * z + (z < 0 ? 0.06 : 0.03) * z * z);
        return quoteAt(k, ordinary + 0.24 * Math.max(0, z - 1.8) ** 1.5, 0.03);
      }),
    );
    const fitted = (expiry: CleanExpiry) =>
      soundly(chainOf([expiryAt(1), expiry, expiryAt(7), expiryAt(30)])).slices[1]!;

    it("is no run of wild quotes where they are in line with each other", () => {
      const { outliers, quality, rmse } = fitted(steep);
      expect({ outliers, quality }).deep.equal({ outliers: 0, quality: "good" });
      expect(rmse).below(2);
    });

    it("is none where two at the end are out of line, or only one is off", () => {
      const spoilt = (inner: number, outer: number) =>
        changed(expiryAt(2, 24), (quotes) =>
          quotes.map((q, i) => (i === 22 ? moved(q, inner) : i === 23 ? moved(q, outer) : q)),
        );
      expect([fitted(spoilt(1.5, 1.2)).outliers, fitted(spoilt(1, 1.5)).outliers]).deep.equal([2, 1]);
    });

    /** Quotes 3 vp wide. */
    const quoted = (days: number, up: (i: number) => number = () => 0) =>
      changed(expiryAt(days), (quotes) =>
        quotes.map(({ k, midVol }, i) => quoteAt(k, midVol + up(i) / 100, 0.03)),
      );
    for (const up of [15, 25])
      for (const isFresh of [false, true])
        it(`is no pair that somebody moved up by ${up} vp, at one end or both, ${isFresh ? "with" : "without"} a fresh smile`, () => {
          const last = isFresh ? fitSurface(chainOf([7, 30, 90].map((days) => quoted(days)))) : undefined;
          const ramp = [up, 0.55 * up];
          for (const ends of [1, 2]) {
            const spoilt = quoted(30, (i) => ramp[19 - i] ?? (ends === 2 ? (ramp[i] ?? 0) : 0));
            const surface = soundly(chainOf([quoted(7), spoilt, quoted(90)]), last);
            const { outliers, quality } = surface.slices[1]!;
            expect({ outliers, quality }).deep.equal({ outliers: 2 * ends, quality: "good" });
            expect(worstError(surface, 1)).below(0.1);
          }
        });

    it("is no three that somebody moved up by 25 vp while a fresh smile has them where they were", () => {
      const last = fitSurface(chainOf([7, 30, 90].map((days) => quoted(days))));
      const spoilt = quoted(30, (i) => [25, 16.5, 8.25][19 - i] ?? 0);
      const surface = soundly(chainOf([quoted(7), spoilt, quoted(90)]), last);
      expect(surface.slices[1]!.outliers).equal(3);
      expect(worstError(surface)).below(0.1);
    });

    it("is left out while a fresh smile has none, then let in, and stays", () => {
      const ordinary = changed(steep, (quotes) =>
        quotes.map(({ k, midVol }) => quoteAt(k, midVol - 0.24 * Math.max(0, k / atmSd - 1.8) ** 1.5, 0.03)),
      );
      /** The chain when so much of the time to the expiry is left. */
      const look = (expiry: CleanExpiry, left: number, last?: Surface) =>
        soundly(
          chainOf([expiryAt(1), { ...expiry, tau: left * expiry.tau }, expiryAt(7), expiryAt(30)]),
          last,
        );
      let last = look(ordinary, 1);
      const seen = [0.995, 0.99, 0.985, 0.975, 0.97, 0.965].map((left) => {
        last = look(steep, left, last);
        return last.slices[1]!.outliers;
      });
      expect(seen).deep.equal([3, 3, 3, 0, 0, 0]);
      expect(last.slices[1]!.lastGood!.params).deep.equal(last.slices[1]!.params);
    });
  });

  describe("a side without quotes", () => {
    for (const [name, side] of [
      ["calls", 1],
      ["puts", -1],
    ] as const)
      it(`leans on neighbours of another shape without leaving the seven ${name} that there are`, () => {
        const { atmSd } = expiryAt(30);
        const flat = changed(expiryAt(30, 7), (quotes) =>
          quotes
            .map((_, i) => quoteAt(side * (0.3 + (2.2 * i) / 6) * atmSd, 0.6))
            .sort((one, other) => one.k - other.k),
        );
        const { quality, inside, counted } = soundly(chainOf([expiryAt(7), flat, expiryAt(90)])).slices[1]!;
        expect({ quality, inside, counted }).deep.equal({ quality: "thin", inside: 7, counted: 7 });
      });

    for (const type of ["C", "P"] as const)
      itWithData(`makes no slice good that is far from what ${type} would have said`, async () => {
        const file = dataFile("chains/deribit_ETH_20260706T175005Z.csv.gz");
        const chain = await recordedSource(file).read();
        const whole = cleanChain(chain);
        const half = fitSurface(
          cleanChain({ ...chain, quotes: chain.quotes.filter((quote) => quote.type !== type) }),
        );
        expect(half.slices).length.greaterThan(8);
        for (const { expiryAt, params, tau, quality, forward } of half.slices) {
          const { quotes, atmSd } = whole.expiries.find((each) => each.expiryAt === expiryAt)!;
          const gone = quotes.filter((quote) => quote.type === type && Math.abs(quote.k) < 3 * atmSd);
          const squares = gone.map(({ strike, midVol }) => {
            const vol = Math.sqrt(totalVariance(params, Math.log(strike / forward)) / tau);
            return (100 * (vol - midVol)) ** 2;
          });
          const rmse = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / gone.length);
          if (quality === "good") expect(rmse).below(3);
        }
      });
  });

  describe("warm start", () => {
    const full = chainOf(DAYS.map((days) => expiryAt(days)));
    /** A fifth higher, and steeper by an eighth a standard deviation. */
    const steep = (q: CleanQuote, atmSd: number) => moved(q, 1.2 - (0.125 * q.k) / atmSd);

    it("stays near the last surface where the quotes say nothing", () => {
      const last = fitSurface(full);
      const narrow = chainOf(DAYS.map((days) => expiryAt(days, 8, 0.4)));
      const cold = worstError(soundly(narrow), 3);
      const warm = worstError(soundly(narrow, last), 3);
      expect(warm).below(0.25);
      expect(warm).at.most(cold + 1e-9);
    });

    for (const type of ["C", "P"] as const)
      itWithData(
        `stays near the last surface where ${type} has no quotes from one moment to the next`,
        async () => {
          const chain = await recordedSource(dataFile("chains/deribit_ETH_20260706T175005Z.csv.gz")).read();
          const last = fitSurface(cleanChain(chain));
          const half = cleanChain({ ...chain, quotes: chain.quotes.filter((quote) => quote.type !== type) });
          const moves = last.slices.flatMap(({ expiryAt, params, tau, quality }) => {
            const next = fitSurface(half, { last }).slices.find((slice) => slice.expiryAt === expiryAt)!;
            const sd = Math.sqrt(totalVariance(params, 0));
            const volOf = (of: typeof params, z: number) => 100 * Math.sqrt(totalVariance(of, z * sd) / tau);
            return quality === "good"
              ? [
                  Math.max(
                    ...[-2, -1, 0, 1, 2].map((z) => Math.abs(volOf(next.params, z) - volOf(params, z))),
                  ),
                ]
              : [];
          });
          expect(moves).length.greaterThan(8);
          expect(Math.max(...moves), "vol points within two sds").below(0.8);
        },
      );

    it("leans a thin slice on the neighbours of today when the last surface is old", () => {
      const high = DAYS.map((days) =>
        changed(expiryAt(days), (quotes) => quotes.map((q) => steep(q, expiryAt(days).atmSd))),
      );
      const last = fitSurface(chainOf(high));
      const aged = (by: number) => ({
        ...last,
        slices: last.slices.map((slice) => {
          const { tau, params } = slice.lastGood!;
          const older = { tau: tau * by, params: { ...params, a: params.a * by, b: params.b * by } };
          return { ...slice, lastGood: older };
        }),
      });
      const thin = chainOf(DAYS.map((days) => expiryAt(days, days === 30 ? 3 : 20, 1)));
      const [fresh, old] = [worstError(soundly(thin, aged(1))), worstError(soundly(thin, aged(4)))];
      expect(old).below(1);
      expect(old).below(0.5 * fresh);
    });

    for (const quotes of [0, 3])
      it(`does not take a smile for fresh that refits with ${quotes} quotes have handed on from day to day`, () => {
        const days = [40, 60, 90, 250];
        /** Each day the same expiries, nearer by a day. */
        const dayOf = (day: number, count: number) =>
          chainOf(
            days.map((each, i) => ({
              ...expiryAt(each - day, i === 0 ? count : 20, i === 0 ? 1 : 2.5),
              expiryAt: SNAPSHOT_AT + each * SECONDS_PER_DAY,
            })),
          );
        const first = chainOf(
          days.map((each) =>
            changed(expiryAt(each), (all) => all.map((q) => steep(q, expiryAt(each).atmSd))),
          ),
        );
        let last = fitSurface(first);
        for (let day = 1; day < 30; day++) last = fitSurface(dayOf(day, quotes), { last });
        expect(last.slices[0]!.quality).equal(quotes === 0 ? "carried over" : "thin");
        expect(last.slices[0]!.lastGood!.tau).equal(first.expiries[0]!.tau);
        expect(worstError(soundly(dayOf(30, 3), last))).below(1);
      });

    it("leans a thin slice on no thin answer: a hundred looks at one chain give what the first gave", () => {
      // Three quotes that tilt the smile, against what it leans on.
      const tilted = changed(expiryAt(30, 3, 0.5), (quotes) =>
        quotes.map((q, i) => moved(q, [0.97, 1, 1.03][i]!)),
      );
      const chain = chainOf([7, 14, 90, 250].map((days) => expiryAt(days)).concat(tilted));
      const vols = ({ slices }: Surface) =>
        [-2, -1, 0, 1, 2].map((z) => {
          const { params, tau } = slices[2]!;
          return 100 * Math.sqrt(totalVariance(params, z * tilted.atmSd) / tau);
        });
      for (const first of [undefined, fitSurface(full)]) {
        const cold = soundly(chain, first);
        expect(cold.slices[2]!.quality).equal("thin");
        let last = cold;
        for (let look = 0; look < 100; look++) last = fitSurface(chain, { last });
        vols(last).forEach((vol, i) => {
          expect(vol).closeTo(vols(cold)[i]!, 0.1);
        });
      }
    });

    it("gives what a cold start gives where the quotes say all", () => {
      const last = fitSurface(full);
      const higher = chainOf(
        full.expiries.map((expiry) => changed(expiry, (quotes) => quotes.map((q) => moved(q, 1.1)))),
      );
      const [warm, cold] = [soundly(higher, last), soundly(higher)];
      warm.slices.forEach((slice, i) => {
        expect(slice.rmse).closeTo(cold.slices[i]!.rmse, 0.01);
      });
    });
  });

  itWithData("reads the February 2026 crash without arbitrage", async () => {
    const file = dataFile("chains/deribit_ETH_20260205T212937Z.csv.gz");
    const chain = cleanChain(await recordedSource(file).read());
    const { slices } = soundly(chain);
    // The two longest expiries have no put beyond a third of a standard deviation: what lies there is not known.
    expect(slices.map(({ quality }) => quality)).deep.equal([...Array(10).fill("good"), "thin", "thin"]);
    // They still follow the quotes they have: wide ones, which free fits miss by 5.1 and 2.5 vp.
    for (const { inside, counted } of slices.slice(10)) expect(inside).equal(counted);
    expect(slices[10]!.rmse).below(5.6);
    expect(slices[11]!.rmse).below(2.65);
  });
});

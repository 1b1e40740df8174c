import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { expect } from "chai";
import { chainOf, changed, expiryAt, moved } from "../../support/cleanChain.ts";

describe("quality of a slice", () => {
  /** A slice of 1 vp half-spread whose mids lie `away` vp above and below the smile by turns. */
  const zigzag = (away: number, spread: number) =>
    changed(expiryAt(30, 40), (quotes) =>
      quotes.map((q, i) => {
        const midVol = q.midVol + (i % 2 === 0 ? 0.01 : -0.01) * away;
        return { ...q, midVol, bidVol: midVol - spread / 200, askVol: midVol + spread / 200 };
      }),
    );
  const qualityOf = (away: number, spread: number) =>
    fitSurface(chainOf([expiryAt(7), zigzag(away, spread)])).slices.map(({ quality }) => quality);

  it("is good where the smile passes between bid and ask", () => {
    expect(qualityOf(0.5, 2)).deep.equal(["good", "good"]);
  });

  it("is thin where it passes between bid and ask of hardly any quote, though near", () => {
    expect(qualityOf(1.2, 2)).deep.equal(["good", "thin"]);
  });

  it("is thin where it misses the quotes by more than two half-spreads", () => {
    expect(qualityOf(2.2, 2)).deep.equal(["good", "thin"]);
  });

  it("is thin where a wrong forward makes calls dear and puts cheap, which no smile is", () => {
    const torn = changed(expiryAt(30), (quotes) => quotes.map((q) => moved(q, q.k < 0 ? 0.4 : 1.6)));
    const [, slice] = fitSurface(chainOf([expiryAt(7), torn, expiryAt(90)])).slices;
    expect(slice!.rmse).greaterThan(5);
    expect(slice!.quality).equal("thin");
  });

  it("counts only the quotes that the fit kept: outliers left out do not spoil it", () => {
    const spoilt = changed(expiryAt(30), (quotes) =>
      quotes.map((q, i) => (i === 4 || i === 13 ? moved(q, 1.5) : q)),
    );
    const [, slice] = fitSurface(chainOf([expiryAt(7), spoilt])).slices;
    expect(slice).include({ quality: "good", outliers: 2 });
    expect(slice!.rmse).greaterThan(5);
  });

  it("is thin where more than a quarter of the quotes are left out, as when a side of them is mispriced", () => {
    const sided = (share: number) =>
      changed(expiryAt(30), (quotes) =>
        quotes.map((q, i) => (i >= quotes.length * (1 - share) ? moved(q, 0.7) : q)),
      );
    const sliceOf = (share: number) =>
      fitSurface(chainOf([expiryAt(7), sided(share), expiryAt(90)])).slices[1]!;
    expect(sliceOf(0.25)).include({ quality: "good", outliers: 5, inside: 15 });
    expect(sliceOf(0.3)).include({ quality: "thin", outliers: 6, inside: 14 });
  });

  it("is thin where the forward is a guess, whatever the quotes: they say which vols only with it", () => {
    const expiry = expiryAt(30);
    for (const [forwardFrom, quality] of [
      ["venue", "good"],
      ["parity", "good"],
      ["curve", "thin"],
    ] as const) {
      const [, slice] = fitSurface(chainOf([expiryAt(7), { ...expiry, forwardFrom }])).slices;
      expect(slice).include({ forwardFrom, quality });
    }
  });

  describe("of quotes that lie", () => {
    const placed = (keep: (z: number) => boolean) => {
      const kept = changed(expiryAt(30, 60, 3), (quotes) =>
        quotes.filter(({ k }) => keep(k / expiryAt(30).atmSd)),
      );
      expect(kept.quotes.length).greaterThan(7);
      return fitSurface(chainOf([expiryAt(7), kept, expiryAt(90)])).slices[1]!.quality;
    };

    it("on both sides of the money, or on both but not at it, is good", () => {
      expect(placed(() => true)).equal("good");
      expect(placed((z) => Math.abs(z) > 0.7)).equal("good");
      expect(placed((z) => z > -0.6)).equal("good");
    });

    it("on one side is thin: the other, and the level at the money, would be invention", () => {
      for (const from of [0, 0.6, 1]) {
        expect(placed((z) => z > from)).equal("thin");
        expect(placed((z) => z < -from)).equal("thin");
      }
    });

    it("on one side but for one quote is thin", () => {
      expect(placed((z) => z > 0.1 || Math.abs(z + 1.07) < 0.05)).equal("thin");
    });

    it("nowhere within a standard deviation of the money is thin: what lies between is invention", () => {
      expect(placed((z) => Math.abs(z) > 1.1)).equal("thin");
    });

    it("nowhere but at the money is thin", () => {
      expect(placed((z) => Math.abs(z) < 0.45)).equal("thin");
    });
  });
});

import type { CleanExpiry, CleanQuote } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitFilter, inFitFilter } from "@meniscus/pricer/evaluation/fitFilter";
import { expect } from "chai";
import { chainOf, expiryIn, SNAPSHOT_AT, soundExpiry } from "../../support/chain.ts";
import { itWithData } from "../../support/data.ts";
import { cleanRecordedChains } from "../../support/recorded.ts";

const expiry = cleanChain(chainOf(soundExpiry(expiryIn(30)))).expiries[0]!;
const quote = expiry.quotes[4]!;

describe("the fit filter", () => {
  it("counts a narrow quote near the money", () => {
    expect(inFitFilter(quote, expiry)).to.equal(true);
  });

  const refused: [string, Partial<CleanQuote>, Partial<CleanExpiry>][] = [
    ["more than three standard deviations up", { k: 3.01 * expiry.atmSd }, {}],
    ["more than three standard deviations down", { k: -3.01 * expiry.atmSd }, {}],
    ["wider than half of its mid vol", { bidVol: 0.44, askVol: 0.76, midVol: 0.6 }, {}],
    ["locked", { ask: quote.bid }, {}],
    ["a quarter of a day from expiry", {}, { tau: (0.25 * 86_400 - 1200) / (365 * 86_400) }],
    ["in an expiry without a standard deviation", {}, { atmSd: Number.NaN }],
  ];
  for (const [what, quoteChange, expiryChange] of refused) {
    it(`does not count a quote that is ${what}`, () => {
      expect(inFitFilter({ ...quote, ...quoteChange }, { ...expiry, ...expiryChange })).to.equal(false);
    });
  }

  it("counts a quote just inside each of its bounds", () => {
    const inside: [Partial<CleanQuote>, Partial<CleanExpiry>][] = [
      [{ k: 2.99 * expiry.atmSd }, {}],
      [{ bidVol: 0.451, askVol: 0.749, midVol: 0.6 }, {}],
      [{}, { tau: (0.2501 * 86_400 - 1200) / (365 * 86_400) }],
    ];
    for (const [quoteChange, expiryChange] of inside) {
      expect(inFitFilter({ ...quote, ...quoteChange }, { ...expiry, ...expiryChange })).to.equal(true);
    }
  });

  it("counts no slice of fewer than six quotes", () => {
    expect(fitFilter({ ...expiry, quotes: expiry.quotes.slice(0, 6) })).to.have.length(6);
    expect(fitFilter({ ...expiry, quotes: expiry.quotes.slice(0, 5) })).to.deep.equal([]);
  });

  it("is judged on the snapshot's clock", () => {
    expect(expiry.tau).to.be.closeTo((expiryIn(30) - 1200 - SNAPSHOT_AT) / (365 * 86_400), 1e-15);
  });

  itWithData(
    "counts 2,418 slices and 64,014 quotes in the 210 recorded Deribit chains that have mark vols",
    async () => {
      let [files, slices, quotes] = [0, 0, 0];
      for (const { name, clean } of await cleanRecordedChains()) {
        if (!name.startsWith("deribit") || name.includes("20240108")) continue;
        const counted = clean.expiries.map((slice) => fitFilter(slice).length);
        files += 1;
        slices += counted.filter((count) => count > 0).length;
        quotes += counted.reduce((sum, count) => sum + count, 0);
      }
      expect({ files, slices, quotes }).to.deep.equal({ files: 210, slices: 2418, quotes: 64_014 });
    },
  );
});

import { seriesKey } from "@meniscus/sdk/pool/book";
import { afterTrade, refreshed } from "@meniscus/sdk/pool/move";
import { DEFAULT_PARAMETERS } from "@meniscus/sdk/pool/parameters";
import { hedgingBand } from "@meniscus/sdk/pool/potential";
import { quote } from "@meniscus/sdk/pool/price";
import { expect } from "chai";
import fc from "fast-check";
import { bookOf, expiryIn, legs, NOW, SPOT, spotsAround, surfaceAt } from "../../support/pool/market.ts";

const surface = surfaceAt();

describe("the book", () => {
  it("is after trades what a refresh at once makes of its positions, the reserve their impact", () => {
    fc.assert(
      fc.property(legs(60, { min: 0, max: 6 }), legs(30, { min: 1, max: 4 }), (held, trade) => {
        const start = bookOf(held, surface);
        const price = quote(trade, start, surface, spotsAround(), DEFAULT_PARAMETERS, NOW);
        const moved = afterTrade(start, trade, price);
        const again = refreshed(moved, surface, SPOT, NOW, DEFAULT_PARAMETERS);
        for (const name of ["vega", "gamma", "optionsDelta"] as const)
          expect(moved[name]).to.be.closeTo(again[name], 1e-6);
        for (const [expiryAt, { vega, vegaSkew, weight }] of again.expiries) {
          expect(moved.expiries.get(expiryAt)!.vega).to.be.closeTo(vega, 1e-6);
          expect(moved.expiries.get(expiryAt)!.vegaSkew).to.be.closeTo(vegaSkew, 1e-6);
          expect(moved.expiries.get(expiryAt)!.weight).to.equal(weight);
        }
        expect(moved.reserve).to.equal(start.reserve + price.parts.impact);
        for (const leg of trade) {
          const before = start.positions.get(seriesKey(leg))?.amount ?? 0;
          expect(moved.positions.get(seriesKey(leg))!.amount).to.equal(before - leg.amount);
        }
      }),
    );
  });

  it("holds the uses of a refresh, in bps rounded up and at most all, through trades until the next", () => {
    const call = { expiryAt: expiryIn(30), strike: 2000, isPut: false };
    const start = {
      ...bookOf([{ ...call, amount: -70 }], surface),
      claimBase: 210,
      claimQuote: 1e5,
    };
    const book = refreshed(start, surface, SPOT, NOW, DEFAULT_PARAMETERS);
    expect([book.baseUse, book.quoteUse]).to.deep.equal([0.3334, 1]);
    const more = [{ ...call, amount: 35 }];
    const moved = afterTrade(book, more, quote(more, book, surface, spotsAround(), DEFAULT_PARAMETERS, NOW));
    expect([moved.baseUse, moved.quoteUse]).to.deep.equal([0.3334, 1]);
    expect(refreshed(moved, surface, SPOT, NOW, DEFAULT_PARAMETERS).baseUse).to.equal(0.5);
  });

  it("widens its band by the lower end of equity, as the contract does", () => {
    const call = { expiryAt: expiryIn(30), strike: 2000, isPut: false, amount: -70 };
    const start = { ...bookOf([call], surface), equityLow: 4e5, equityHigh: 9e5 };
    const { gamma, band } = refreshed(start, surface, SPOT, NOW, DEFAULT_PARAMETERS);
    expect(band).to.equal(hedgingBand(gamma, gamma, 4e5, SPOT, DEFAULT_PARAMETERS.potential));
    expect(band).to.be.below(hedgingBand(gamma, gamma, 9e5, SPOT, DEFAULT_PARAMETERS.potential));
  });

  it("counts what is written in both sums and what is held in the series' own", () => {
    const expiryAt = expiryIn(7);
    const call = { expiryAt, strike: 2000, isPut: false };
    const put = { expiryAt, strike: 2000, isPut: true };
    const sumsAfter = (amounts: [number, number]) => {
      const book = bookOf(
        [
          { ...call, amount: amounts[0] },
          { ...put, amount: amounts[1] },
        ],
        surface,
      );
      const one = [{ ...call, amount: 1 }];
      const { baseSum, quoteSum } = afterTrade(
        book,
        one,
        quote(one, book, surface, spotsAround(), DEFAULT_PARAMETERS, NOW),
      );
      return [book.baseSum, book.quoteSum, baseSum, quoteSum];
    };
    expect(sumsAfter([-2, 0])).to.deep.equal([2, 4000, 3, 6000]);
    expect(sumsAfter([2, 0])).to.deep.equal([2, 0, 1, 0]);
    expect(sumsAfter([0, -2])).to.deep.equal([2, 4000, 3, 6000]);
    expect(sumsAfter([0, 2])).to.deep.equal([0, 4000, 1, 6000]);
  });
});

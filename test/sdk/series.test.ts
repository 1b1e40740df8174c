import { expiryDay, expiryOfDay, isExpiry, type Series, seriesId, seriesOfId } from "@meniscus/sdk/series";
import { expect } from "chai";
import fc from "fast-check";

const anySeries: fc.Arbitrary<Series> = fc.record({
  market: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  expiryAt: fc.integer({ min: 0, max: 49_709 }).map(expiryOfDay),
  strike: fc.bigInt({ min: 1n, max: (1n << 128n) - 1n }),
  isPut: fc.boolean(),
});

describe("series", () => {
  it("reads back every series from its id", () => {
    fc.assert(
      fc.property(anySeries, (series) => {
        expect(seriesOfId(seriesId(series))).to.deep.equal(series);
      }),
    );
  });

  it("makes back every id that it reads, and refuses all others", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 194n) - 1n }), (id) => {
        let series: Series;
        try {
          series = seriesOfId(id);
        } catch (error) {
          expect(error).to.be.instanceOf(RangeError);
          return;
        }
        expect(seriesId(series)).to.equal(id);
      }),
    );
  });

  it("draws the bits as the contract does", () => {
    // The same word is asserted in test/contracts/types/SeriesId.t.sol.
    const series = { market: 7, expiryAt: 1_798_358_400, strike: 4000n * 10n ** 18n, isPut: true };
    expect(seriesId(series)).to.equal(0xed6618b0000000000000001b1ae4d6e2ef5000001n);
  });

  it("refuses parts that no id can say", () => {
    const series = { market: 7, expiryAt: expiryOfDay(20_000), strike: 1n, isPut: true };
    expect(() => seriesId({ ...series, market: 2 ** 32 })).to.throw(RangeError, "market");
    expect(() => seriesId({ ...series, market: 0.5 })).to.throw(RangeError, "market");
    expect(() => seriesId({ ...series, expiryAt: series.expiryAt - 1 })).to.throw(RangeError, "08:00");
    expect(() => seriesId({ ...series, strike: 0n })).to.throw(RangeError, "strike");
    expect(() => seriesId({ ...series, strike: 1n << 128n })).to.throw(RangeError, "strike");
  });

  it("counts days of expiries", () => {
    expect(expiryDay(1_798_358_400)).to.equal(20_814);
    expect(expiryOfDay(20_814)).to.equal(1_798_358_400);
    expect(isExpiry(1_798_358_401)).to.equal(false);
    expect(() => expiryDay(1_798_358_401)).to.throw(RangeError);
  });
});

import { formatSymbol, type NamedSeries, parseSymbol } from "@meniscus/sdk/symbol";
import { expect } from "chai";
import fc from "fast-check";

const TEN_TO_18 = 10n ** 18n;
const at = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day, 8) / 1000;

const anySeries: fc.Arbitrary<NamedSeries> = fc.record({
  market: fc.stringMatching(/^[A-Z0-9]{1,6}(_[A-Z0-9]{1,6})?$/),
  expiryAt: fc.integer({ min: 10_957, max: 47_481 }).map((day) => day * 86_400 + 28_800),
  strike: fc.oneof(
    fc.bigInt({ min: 1n, max: (1n << 128n) - 1n }),
    fc.bigInt({ min: 1n, max: 10n ** 7n }).map((strike) => strike * TEN_TO_18),
    fc.bigInt({ min: 1n, max: 10n ** 9n }).map((strike) => (strike * TEN_TO_18) / 10_000n),
  ),
  isPut: fc.boolean(),
});

describe("symbol", () => {
  it("spells series as Deribit does", () => {
    const series = { market: "ETH", expiryAt: at(2026, 12, 27), strike: 4000n * TEN_TO_18, isPut: false };
    expect(formatSymbol(series)).to.equal("ETH-27DEC26-4000-C");
    const xrp = { market: "XRP_USDC", expiryAt: at(2023, 6, 30), strike: 625n * 10n ** 15n, isPut: false };
    expect(formatSymbol(xrp)).to.equal("XRP_USDC-30JUN23-0d625-C");
    expect(parseSymbol("BTC-5DEC26-100000-P")).to.deep.equal({
      market: "BTC",
      expiryAt: at(2026, 12, 5),
      strike: 100_000n * TEN_TO_18,
      isPut: true,
    });
  });

  it("reads back every series that it prints", () => {
    fc.assert(
      fc.property(anySeries, (series) => {
        expect(parseSymbol(formatSymbol(series))).to.deep.equal(series);
      }),
      { numRuns: 2000 },
    );
  });

  it("prints back every symbol that it reads, so a series has one symbol", () => {
    const piece = fc.constantFrom(
      "ETH",
      "E_H",
      "_",
      "-",
      "0",
      "7",
      "27",
      "31",
      "DEC",
      "FEB",
      "26",
      "d",
      "0d50",
      "C",
      "P",
      "c",
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 5, maxLength: 12 }), (pieces) => {
        const symbol = pieces.join("");
        let series: NamedSeries;
        try {
          series = parseSymbol(symbol);
        } catch (error) {
          expect(error).to.be.instanceOf(RangeError);
          return;
        }
        expect(formatSymbol(series)).to.equal(symbol);
      }),
      { numRuns: 5000 },
    );
  });

  const misspelt = [
    "",
    "ETH",
    "ETH-27DEC26-4000",
    "ETH-27DEC26-4000-X",
    "eth-27DEC26-4000-C",
    "ETH-07DEC26-4000-C",
    "ETH-31FEB26-4000-C",
    "ETH-0JAN26-4000-C",
    "ETH-27DEZ26-4000-C",
    "ETH-27DEC2026-4000-C",
    "ETH-27DEC26-04000-C",
    "ETH-27DEC26-0-C",
    "ETH-27DEC26-0d50-C",
    "ETH-27DEC26-4000d-C",
    "ETH-27DEC26-4000.5-C",
    "ETH-27DEC26--4000-C",
    "_ETH-27DEC26-4000-C",
    "ETH-27DEC26-0d1234567890123456789-C",
    " ETH-27DEC26-4000-C",
    "ETH-27DEC26-4000-C\n",
  ];
  for (const symbol of misspelt) {
    it(`refuses ${JSON.stringify(symbol)}`, () => {
      expect(() => parseSymbol(symbol)).to.throw(RangeError);
    });
  }

  it("refuses series that have no symbol", () => {
    const series = { market: "ETH", expiryAt: at(2026, 12, 27), strike: TEN_TO_18, isPut: false };
    expect(() => formatSymbol({ ...series, market: "ETH-USD" })).to.throw(RangeError, "market");
    expect(() => formatSymbol({ ...series, strike: 0n })).to.throw(RangeError, "strike");
    expect(() => formatSymbol({ ...series, expiryAt: series.expiryAt + 1 })).to.throw(RangeError, "08:00");
  });
});

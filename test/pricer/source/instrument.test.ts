import { type Instrument, parseInstrument } from "@meniscus/pricer/source/instrument";
import { expect } from "chai";
import fc from "fast-check";

const EXPIRY = Date.UTC(2026, 11, 27, 8) / 1000;

describe("parseInstrument", () => {
  const spelt: [string, Omit<Instrument, "expiryAt">][] = [
    [
      "ETH-27DEC26-4000-C",
      { venue: "deribit", base: "ETH", quote: "USD", settle: "ETH", strike: 4000, type: "C" },
    ],
    [
      "XRP_USDC-27DEC26-0d625-P",
      { venue: "deribit", base: "XRP", quote: "USDC", settle: "USDC", strike: 0.625, type: "P" },
    ],
    [
      "BTC-USD-261227-90000-P",
      { venue: "okx", base: "BTC", quote: "USD", settle: "BTC", strike: 90_000, type: "P" },
    ],
    [
      "ETH-USDC-261227-4000-C",
      { venue: "okx", base: "ETH", quote: "USDC", settle: "USDC", strike: 4000, type: "C" },
    ],
    [
      "ETH-261227-4000-C",
      { venue: "binance", base: "ETH", quote: "USDT", settle: "USDT", strike: 4000, type: "C" },
    ],
    [
      "DOGE-261227-0.15-P",
      { venue: "binance", base: "DOGE", quote: "USDT", settle: "USDT", strike: 0.15, type: "P" },
    ],
    [
      "ETH-20261227-2400_5-C",
      { venue: "derive", base: "ETH", quote: "USDC", settle: "USDC", strike: 2400.5, type: "C" },
    ],
    [
      "BTC-20261227-90000-P",
      { venue: "derive", base: "BTC", quote: "USDC", settle: "USDC", strike: 90_000, type: "P" },
    ],
    [
      "BTC/USD:BTC-261227-90000-C",
      { venue: "ccxt", base: "BTC", quote: "USD", settle: "BTC", strike: 90_000, type: "C" },
    ],
    [
      "ETH/USDT:USDT-261227-1700.5-P",
      { venue: "ccxt", base: "ETH", quote: "USDT", settle: "USDT", strike: 1700.5, type: "P" },
    ],
  ];
  for (const [name, terms] of spelt) {
    it(`reads ${name} as ${terms.venue}'s`, () => {
      expect(parseInstrument(name)).to.deep.equal({ ...terms, expiryAt: EXPIRY });
    });
  }

  const others = [
    "",
    "ETH",
    "ETH-PERPETUAL",
    "ETH-27DEC26",
    "ETH-USDT-SWAP",
    "BTC-USD-261227",
    "ETH-27DEC26-4000-X",
    "ETH-27DEC26-4000",
    "ETH-31FEB26-4000-C",
    "ETH-USD-260231-4000-C",
    "ETH-261301-4000-C",
    "ETH-20260231-4000-C",
    "ETH-261227-0-C",
    "ETH-261227--4000-C",
    "ETH-261227-1e3-C",
    "BTC-FS-27DEC26_PERP",
    "BTC/USD:BTC-261227",
    " ETH-27DEC26-4000-C",
    "eth-27dec26-4000-c",
  ];
  it("takes nothing else for an option", () => {
    for (const name of others) expect(parseInstrument(name), name).to.equal(null);
  });

  it("reads every day of the century in every spelling as the same series", () => {
    const days = fc.integer({ min: 0, max: 36_524 });
    const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    fc.assert(
      fc.property(
        days,
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.constantFrom("C", "P"),
        (day, strike, type) => {
          const date = new Date(Date.UTC(2000, 0, 1 + day, 8));
          const two = (value: number) => String(value).padStart(2, "0");
          const year = two(date.getUTCFullYear() % 100);
          const numeric = `${year}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}`;
          const named = `${date.getUTCDate()}${months[date.getUTCMonth()]}${year}`;
          const names = [
            `ETH-${named}-${strike}-${type}`,
            `ETH-USD-${numeric}-${strike}-${type}`,
            `ETH-${numeric}-${strike}-${type}`,
            `ETH-20${numeric}-${strike}-${type}`,
            `ETH/USD:ETH-${numeric}-${strike}-${type}`,
          ];
          for (const name of names) {
            expect(parseInstrument(name), name).to.include({
              base: "ETH",
              expiryAt: date.getTime() / 1000,
              strike,
              type,
            });
          }
        },
      ),
    );
  });

  it("never throws, whatever the name", () => {
    fc.assert(
      fc.property(fc.string(), (name) => parseInstrument(name) === null || /^[A-Z0-9_/:.-]+[CP]$/.test(name)),
    );
  });
});

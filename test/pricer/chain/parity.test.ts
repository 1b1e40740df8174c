import type { RawQuote } from "@meniscus/pricer/chain/chain";
import { coinPrices, parityForward } from "@meniscus/pricer/chain/parity";
import { lowerMedian } from "@meniscus/pricer/median";
import { expect } from "chai";
import { expiryIn, forwardAt, soundExpiry } from "../../support/chain.ts";
import { itWithData } from "../../support/data.ts";
import { cleanRecordedChains } from "../../support/recorded.ts";

const EXPIRY = expiryIn(30);

const forwardOf = (quotes: readonly RawQuote[]) => parityForward(quotes)?.forward ?? null;

describe("parityForward", () => {
  it("recovers the forward from quotes around it", () => {
    expect(forwardOf(soundExpiry(EXPIRY))).to.be.closeTo(forwardAt(EXPIRY), 1e-3);
  });

  it("is not pulled by wrong quotes", () => {
    const quotes = soundExpiry(EXPIRY).map((quote) =>
      quote.type === "C" && (quote.strike === 1600 || quote.strike === 2000 || quote.strike === 2300)
        ? { ...quote, bid: quote.bid! * 1.5, ask: quote.ask! * 1.5 }
        : quote,
    );
    expect(forwardOf(quotes)).to.be.closeTo(forwardAt(EXPIRY), 1e-2);
  });

  it("is not pulled by crossed quotes, however tight they look together", () => {
    const quotes = soundExpiry(EXPIRY).map((quote) => {
      if (quote.strike > 1700) return quote;
      const { bid, ask } = { bid: quote.bid! * 1.2, ask: quote.ask! * 1.2 };
      return quote.type === "C"
        ? { ...quote, bid, ask }
        : { ...quote, bid: bid + (ask - bid) * 0.999, ask: bid };
    });
    expect(forwardOf(quotes)).to.be.closeTo(forwardAt(EXPIRY), 1e-3);
  });

  it("says nothing with fewer than three strikes quoted on all four sides", () => {
    const two = soundExpiry(EXPIRY).filter((quote) => quote.strike <= 1700);
    expect(forwardOf(two)).to.equal(null);
    const oneSided = soundExpiry(EXPIRY).map((quote) =>
      quote.strike > 1700 ? { ...quote, bid: null } : quote,
    );
    expect(forwardOf(oneSided)).to.equal(null);
    expect(forwardOf([])).to.equal(null);
  });

  it("does not listen to strikes whose spreads leave the forward open by more than 2 %", () => {
    const quotes = soundExpiry(EXPIRY).map((quote) =>
      quote.type === "C" && quote.strike < 1900 ? { ...quote, ask: quote.bid! + 0.05 } : quote,
    );
    expect(forwardOf(quotes)).to.be.closeTo(forwardAt(EXPIRY), 1e-3);
    const open = soundExpiry(EXPIRY).map((quote) => ({ ...quote, ask: quote.bid! + 0.05 }));
    expect(forwardOf(open)).to.equal(null);
  });

  it("ignores quotes that are crossed, empty or no numbers", () => {
    const quotes = soundExpiry(EXPIRY).map((quote, i) => {
      const spoilt = [
        { bid: 0 },
        { ask: Number.NaN },
        { bid: 0.9, ask: 0.1 },
        { ask: Number.POSITIVE_INFINITY },
      ];
      return i < 4 ? { ...quote, ...spoilt[i] } : quote;
    });
    expect(forwardOf(quotes)).to.be.closeTo(forwardAt(EXPIRY), 1e-3);
  });

  itWithData("lies within 2 bp of the venue's forward in the median, within 30 everywhere", async () => {
    const misses: number[] = [];
    for (const { name, chain, clean } of await cleanRecordedChains()) {
      if (!name.startsWith("deribit")) continue;
      for (const { expiryAt, forward } of clean.expiries) {
        const implied = forwardOf(chain.quotes.filter((quote) => quote.expiryAt === expiryAt));
        if (implied !== null) misses.push(Math.abs(Math.log(implied / forward)));
      }
    }
    expect(misses).to.have.length.greaterThan(2000);
    expect(lowerMedian(misses)).to.be.below(2e-4);
    expect(Math.max(...misses)).to.be.below(30e-4);
  });

  itWithData(
    "gives OKX files, which have no forward, forwards for every expiry on a smooth carry",
    async () => {
      const okx = (await cleanRecordedChains()).filter(({ name }) => name.startsWith("okx"));
      expect(okx).to.have.length(4);
      for (const { clean } of okx) {
        expect(clean.expiries).to.have.length(13);
        for (const expiry of clean.expiries) expect(expiry.forwardFrom).to.equal("parity");
        expect(clean.expiries.at(-1)!.basis).to.be.within(0.025, 0.045);
      }
    },
  );
});

describe("coinPrices", () => {
  it("are the unit of the prices, at each two strikes half the list apart, whatever the forward", () => {
    for (const unit of [0.5, 1, 3000]) {
      const quotes = soundExpiry(EXPIRY).map((quote) => ({
        ...quote,
        bid: quote.bid! * unit,
        ask: quote.ask! * unit,
      }));
      const answers = coinPrices(quotes);
      expect(answers).to.have.length(4);
      for (const answer of answers) expect(answer / unit).to.be.closeTo(1, 1e-4);
    }
  });

  it("are none where spreads leave it open, or a side is missing", () => {
    expect(
      coinPrices(soundExpiry(EXPIRY).map((quote) => ({ ...quote, ask: quote.bid! + 0.05 }))),
    ).to.deep.equal([]);
    expect(coinPrices(soundExpiry(EXPIRY).filter(({ type }) => type === "C"))).to.deep.equal([]);
    expect(coinPrices([])).to.deep.equal([]);
  });

  itWithData("are 1 in every recorded chain, within 2 %", async () => {
    for (const { name, chain, clean } of await cleanRecordedChains()) {
      const answers = clean.expiries.flatMap(({ expiryAt }) =>
        coinPrices(chain.quotes.filter((quote) => quote.expiryAt === expiryAt)),
      );
      if (answers.length > 0) expect(lowerMedian(answers), name).to.be.within(0.98, 1.02);
    }
  });
});

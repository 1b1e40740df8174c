import { type Chain, ChainError } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitFilter } from "@meniscus/pricer/evaluation/fitFilter";
import { parseInstrument } from "@meniscus/pricer/source/instrument";
import { SIMULATED_AT, simulatedSource } from "@meniscus/pricer/source/simulated";
import { seededRandom, simulatedMarket, ssviSlice } from "@meniscus/pricer/source/simulatedMarket";
import { butterfly, totalVariance } from "@meniscus/sdk/svi";
import { expect } from "chai";
import { accountOf } from "../../support/chain.ts";

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

function marketOf(chain: Chain, seed: number) {
  return simulatedMarket(chain.currency, chain.snapshotAt, seededRandom(seed));
}

describe("simulatedSource", () => {
  it("says that no price is real", async () => {
    const source = simulatedSource({ seed: 7 });
    expect((await source.read()).source).to.equal("simulated market, no real prices (ETH, seed 7)");
  });

  it("gives the same chain for the same seed and another for another", async () => {
    const chain = await simulatedSource({ seed: 3 }).read();
    expect(await simulatedSource({ seed: 3 }).read()).to.deep.equal(chain);
    expect((await simulatedSource({ seed: 4 }).read()).quotes[0]).not.to.deep.equal(chain.quotes[0]);
    expect(chain.snapshotAt).to.equal(SIMULATED_AT);
    expect((await simulatedSource({ seed: 3, snapshotAt: SIMULATED_AT + 60 }).read()).snapshotAt).to.equal(
      SIMULATED_AT + 60,
    );
  });

  it("looks like a venue: a dozen expiries, 30 strikes and more in each, named, on ticks, with gaps", async () => {
    for (const currency of ["ETH", "btc"]) {
      const chain = await simulatedSource({ currency }).read();
      const expiries = [...new Set(chain.quotes.map((quote) => quote.expiryAt))];
      expect(expiries).to.have.length(12);
      for (const expiryAt of expiries) {
        const strikes = new Set(
          chain.quotes.filter((quote) => quote.expiryAt === expiryAt).map((quote) => quote.strike),
        );
        expect(strikes.size).to.be.within(30, 100);
      }
      for (const { instrument, expiryAt, strike, type, bid, ask } of chain.quotes) {
        expect(parseInstrument(instrument)).to.include({ venue: "deribit", expiryAt, strike, type });
        for (const price of [bid, ask]) {
          if (price === null) continue;
          expect(price).to.be.greaterThan(0);
          const tick = price < 0.005 ? 1e-4 : 5e-4;
          expect(Math.abs(price / tick - Math.round(price / tick))).to.be.below(1e-6);
        }
      }
      const share = (empty: (quote: Chain["quotes"][number]) => boolean) =>
        chain.quotes.filter(empty).length / chain.quotes.length;
      expect(share((quote) => quote.ask === null)).to.be.within(0.005, 0.1);
      expect(share((quote) => quote.bid === null)).to.be.within(0.02, 0.3);
    }
  });

  it("writes SSVI's slice as raw SVI", () => {
    for (const [theta, rho, eta] of [
      [0.001, -0.3, 1.2],
      [0.04, 0.2, 0.9],
      [0.6, 0, 1],
    ] as const) {
      const phi = eta / Math.sqrt(theta * (1 + theta));
      for (const k of [-2, -0.3, 0, 0.1, 1.5]) {
        const ssvi = (theta / 2) * (1 + rho * phi * k + Math.sqrt((phi * k + rho) ** 2 + 1 - rho ** 2));
        expect(totalVariance(ssviSlice(theta, rho, eta), k)).to.be.closeTo(ssvi, 1e-14);
      }
    }
  });

  it("rests on a surface free of butterfly and calendar arbitrage", async () => {
    for (const seed of SEEDS) {
      const { expiries } = marketOf(await simulatedSource({ seed }).read(), seed);
      for (const [i, { smile }] of expiries.entries()) {
        const sd = Math.sqrt(totalVariance(smile, 0));
        for (let z = -15; z <= 15; z += 0.1) {
          expect(butterfly(smile, z * sd), `butterfly ${seed} ${i} ${z}`).to.be.greaterThan(0);
          const later = expiries[i + 1];
          if (later === undefined) continue;
          expect(totalVariance(later.smile, z * sd)).to.be.greaterThan(totalVariance(smile, z * sd));
        }
      }
    }
  });

  it("quotes around that surface: nine of ten mids within half a width, and cleaning loses nothing", async () => {
    for (const seed of SEEDS) {
      const chain = await simulatedSource({ seed, currency: seed % 2 === 0 ? "ETH" : "BTC" }).read();
      const market = marketOf(chain, seed);
      const clean = cleanChain(chain);
      expect(clean.expiries).to.have.length(market.expiries.length);
      const { kept, dropped } = accountOf(clean);
      expect(kept + dropped).to.equal(chain.quotes.length);
      expect(Math.abs(Math.log(clean.spot / market.spot))).to.be.below(3e-4);
      const [inside, all] = [0, 0].map((_, i) =>
        clean.expiries.reduce((sum, expiry, n) => {
          const { smile } = market.expiries[n]!;
          const quotes = fitFilter(expiry);
          const within = quotes.filter(({ k, bidVol, askVol }) => {
            const vol = Math.sqrt(totalVariance(smile, k) / expiry.tau);
            return vol >= bidVol && vol <= askVol;
          });
          return sum + (i === 0 ? within.length : quotes.length);
        }, 0),
      ) as [number, number];
      expect(all).to.be.greaterThan(300);
      expect(inside / all).to.be.greaterThan(0.95);
    }
  });

  it("has wider quotes, in vol, near expiry than far from it", async () => {
    const { expiries } = cleanChain(await simulatedSource().read());
    const widthOf = (expiry: (typeof expiries)[number]) => {
      const [nearest] = [...expiry.quotes].sort((left, right) => Math.abs(left.k) - Math.abs(right.k));
      return nearest!.askVol - nearest!.bidVol;
    };
    expect(widthOf(expiries[0]!)).to.be.greaterThan(2 * widthOf(expiries.at(-1)!));
  });

  it("leaves out an expiry inside its settlement window", async () => {
    const eight = Date.UTC(2026, 4, 5, 8) / 1000;
    const first = async (snapshotAt: number) =>
      (await simulatedSource({ snapshotAt }).read()).quotes[0]!.expiryAt;
    expect(await first(eight - 1801)).to.equal(eight);
    expect(await first(eight - 1800)).to.equal(eight + 86_400);
  });

  it("says in one line which currencies it can simulate", async () => {
    const error = await simulatedSource({ currency: "SOL" })
      .read()
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ChainError);
    expect((error as ChainError).message).to.equal(
      "There is no simulated market of SOL: choose one of ETH, BTC.",
    );
  });
});

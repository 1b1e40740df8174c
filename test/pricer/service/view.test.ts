import type { RawQuote } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { MarketView } from "@meniscus/pricer/service/view";
import { deribitChain } from "@meniscus/pricer/source/deribitQuotes";
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { tauAt } from "@meniscus/sdk/clock";
import { expect } from "chai";
import { chainOf, expiryIn, SNAPSHOT_AT, SPOT, soundExpiry, soundQuotes } from "../../support/chain.ts";
import { lcg, moved, expiryAt as smileOf } from "../../support/cleanChain.ts";
import { AT, sourceOf } from "../../support/pricer/draft.ts";

/** Quotes of no pattern at all, to which no certified raw SVI is found. */
function wildQuotes(): RawQuote[] {
  const random = lcg(24);
  return [1, 2, 7, 30, 90, 250].flatMap((days) => {
    const expiryAt = expiryIn(days);
    const tau = tauAt(expiryAt, SNAPSHOT_AT);
    const [like] = soundExpiry(expiryAt);
    return smileOf(days, 8, 2.5).quotes.map((smooth, i): RawQuote => {
      const { strike, type, bidVol, askVol } = moved(smooth, Math.exp(4 * (random() - 0.5)));
      const price = (vol: number) => {
        const { call, put } = blackScholes({
          spot: 1,
          forward: SPOT,
          strike,
          totalVariance: vol * vol * tau,
        });
        return type === "C" ? call : put;
      };
      const row = { instrument: `${days} ${i}`, strike, type, forward: SPOT, markVol: null };
      return { ...like!, ...row, bid: price(bidVol), ask: price(askVol) };
    });
  });
}

describe("a view of a market", () => {
  it("is blind, and takes nothing to start from, where the fit gives its fallback alone", async () => {
    let chain = chainOf(wildQuotes());
    const view = new MarketView({
      source: { read: async () => chain },
      clock: () => SNAPSHOT_AT,
      maxAge: 15,
    });
    const reason = "no smiles that follow the quotes can be certified, only the fallback";
    expect(await view.look()).to.deep.equal({ kind: "blind", reason });
    chain = chainOf(soundQuotes());
    const surface = fitSurface(cleanChain(chain));
    expect(await view.look()).to.deep.equal({ kind: "fitted", surface, isNew: true });
  });

  describe("of a venue whose rows have times of their own", () => {
    const AGE = 15;
    /** What is seen where the rows of these numbers were last touched so many seconds ago. */
    async function lookAt(secondsOf: (row: number, rows: number) => number, how: "live" | "stream" = "live") {
      const { quotes } = await sourceOf(1).read();
      const timed = quotes.map((quote, i) => ({
        ...quote,
        atMs: 1000 * (AT - secondsOf(i, quotes.length)),
      }));
      const source = { read: async () => deribitChain(how, "ETH", timed, {}) };
      return new MarketView({ source, clock: () => AT, maxAge: AGE }).look();
    }

    it("is blind where one row goes on, and most stand still", async () => {
      for (const still of [AGE + 1, 3000])
        expect(await lookAt((row) => (row === 0 ? 0 : still))).to.deep.equal({
          ...{ kind: "blind", reason: `the source's data are ${still} s old` },
        });
      const less = await lookAt((row, rows) => (row < 0.45 * rows ? 0 : 3000));
      expect(less).to.deep.include({ kind: "blind" });
    });

    it("sees a stream of which most rows had no change for some minutes, and not one of which most stand still", async () => {
      const look = (still: number) => lookAt((row) => (row === 0 ? 0 : still), "stream");
      expect(await look(170)).to.deep.include({ kind: "fitted" });
      expect(await look(3000)).to.deep.include({ kind: "blind" });
    });

    it("sees what most rows say where some stand still, or one is ahead", async () => {
      for (const off of [3000, AGE + 1, -3599]) {
        const look = await lookAt((row) => (row % 10 === 0 ? off : 0));
        expect(look.kind).to.equal("fitted");
        expect(look.kind === "fitted" && look.surface.snapshotAt).to.equal(AT);
      }
    });

    it("sees a quiet market, whose rows are touched every few seconds each, as one that is not", async () => {
      const [quiet, busy] = await Promise.all([lookAt((row) => row % 8), lookAt(() => 0)]);
      if (quiet.kind === "blind" || busy.kind === "blind") throw new Error("blind");
      expect(quiet.surface.slices).to.deep.equal(busy.surface.slices);
      expect(quiet.surface.snapshotAt).to.equal(AT);
    });
  });
});

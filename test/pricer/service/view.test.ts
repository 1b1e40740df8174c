import { cleanChain } from "@meniscus/pricer/clean";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { MarketView } from "@meniscus/pricer/service/view";
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { tauAt } from "@meniscus/sdk/clock";
import { expect } from "chai";
import type { RawQuote } from "../../../pricer/src/chain.ts";
import { chainOf, expiryIn, SNAPSHOT_AT, SPOT, soundExpiry, soundQuotes } from "../../support/chain.ts";
import { lcg, moved, expiryAt as smileOf } from "../../support/cleanChain.ts";

/** Quotes of no pattern at all, to which no certified raw SVI is found. */
function wildQuotes(): RawQuote[] {
  const random = lcg(8);
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
      const row = { instrument: `${days} ${i}`, strike, type, forward: SPOT };
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
});

import { blackScholes } from "@meniscus/sdk/blackScholes";
import { unquantise } from "@meniscus/sdk/slice";
import { totalVariance } from "@meniscus/sdk/svi";
import { expect } from "chai";
import {
  expiryIn,
  type Fixture,
  MARKET,
  networkHelpers,
  post,
  provenSurface,
  SPOT,
  START,
  STATUS,
  sampleReport,
  tauAt,
} from "../../support/surface.ts";

const wad = (value: number): bigint => BigInt(Math.round(value * 1e6)) * 10n ** 12n;
const float = (value: bigint): number => Number(value) / 1e18;

function expectNear(what: string, actual: bigint, expected: number, tolerance: number): void {
  expect(Math.abs(float(actual) - expected), `${what}: ${actual} against ${expected}`).to.be.lessThan(
    tolerance,
  );
}

/** Sixty strikes from a third to three times spot. */
const STRIKES = Array.from({ length: 60 }, (_, index) => wad(3000 * 3 ** ((index - 30) / 30)));

describe("Lens", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await provenSurface();
  });

  for (const wait of [60, 900, 20_000]) {
    it(`prices every strike of an expiry from its slice, aged by ${wait} s, as the sdk does`, async () => {
      const reportAt = START + 60;
      await networkHelpers.time.increaseTo(reportAt + wait);
      for (const days of [4, 88, 326]) {
        const expiryAt = expiryIn(days);
        const smile = await fixture.lens.quotes!(MARKET, expiryAt, STRIKES);
        const [tau, ageing] = [
          tauAt(expiryAt, reportAt + wait),
          tauAt(expiryAt, reportAt + wait) / tauAt(expiryAt, reportAt),
        ];
        const { word } = sampleReport({ at: reportAt, tenors: [days] }).slices[0]!;
        const { params, basis } = unquantise(word);
        const [spot, forward] = [float(SPOT), float(SPOT) * Math.exp(basis * ageing)];
        expectNear("tau", smile.tau, tau, 1e-15);
        expectNear("forward", smile.forward, forward, 1e-12 * forward);
        expect(smile.quotes).to.have.length(STRIKES.length);
        for (const [index, quote] of [...smile.quotes].entries()) {
          const strike = float(STRIKES[index]!);
          const variance = totalVariance(params, Math.log(strike / forward)) * ageing;
          const expected = blackScholes({ spot, forward, strike, totalVariance: variance });
          expectNear("call", quote.call, expected.call, 1e-14 * spot);
          expectNear("put", quote.put, expected.put, 1e-14 * spot);
          expectNear("delta", quote.delta, expected.delta, 1e-13);
          expectNear("vega", quote.vega, expected.vegaSd * Math.sqrt(tau), 1e-11 * spot);
          expectNear("vol", quote.vol, Math.sqrt(variance / tau), 1e-12);
        }
      }
    });
  }

  it("leaves a strike outside the pricing domain empty, and prices the others", async () => {
    const smile = await fixture.lens.quotes!(MARKET, expiryIn(88), [
      0n,
      wad(10),
      wad(3000),
      wad(90_000),
      2n ** 255n,
    ]);
    expect([...smile.quotes].map(({ vol }) => vol > 0n)).to.deep.equal([false, false, true, false, false]);
  });

  it("says what a price is good for, and why there is none: unlisted, or the clock has stopped", async () => {
    const quotes = (days: number) => fixture.lens.quotes!(MARKET, expiryIn(days), STRIKES);
    const unlisted = await quotes(9);
    expect([unlisted.status, unlisted.quotes.length]).to.deep.equal([STATUS.Unlisted, 0]);
    await post(fixture, { at: START + 120, tenors: [1, 2] });
    const omitted = await quotes(88);
    expect([omitted.status, omitted.isLive, omitted.quotes.length]).to.deep.equal([
      STATUS.Omitted,
      false,
      STRIKES.length,
    ]);
    await networkHelpers.time.increaseTo(expiryIn(1) - 1201);
    expect((await quotes(1)).quotes.length).to.equal(STRIKES.length);
    await networkHelpers.time.increaseTo(expiryIn(1) - 1200);
    const stopped = await quotes(1);
    expect([stopped.status, stopped.quotes.length]).to.deep.equal([STATUS.Closing, 0]);
  });

  it("gives the worse of old and new slice in the block of a post, and one value after it", async () => {
    const [days, strike] = [25, wad(3300)];
    const value = async () => (await fixture.lens.quotes!(MARKET, expiryIn(days), [strike])).quotes[0];
    await post(fixture, { at: START + 120, vol: 0.62 });
    const [callLow, callHigh, putLow, putHigh] = await fixture.lens.range!(MARKET, expiryIn(days), strike);
    const current = await value();
    // The new slice has the higher vol, so it is the dearer of the two.
    expect([callHigh, putHigh]).to.deep.equal([current.call, current.put]);
    const tauAtReport = BigInt(expiryIn(days) - 1200 - (START + 60));
    const tau = tauAtReport - 65n;
    const { word } = sampleReport({ at: START + 60, tenors: [days] }).slices[0]!;
    const before = await fixture.lens.quote!(word, SPOT, strike, tau, tauAtReport);
    expect([callLow, putLow]).to.deep.equal([before.call, before.put]);
    expect(callHigh > callLow && putHigh > putLow).to.equal(true);

    await networkHelpers.mine();
    const after = await value();
    expect([...(await fixture.lens.range!(MARKET, expiryIn(days), strike))]).to.deep.equal([
      after.call,
      after.call,
      after.put,
      after.put,
    ]);
  });
});

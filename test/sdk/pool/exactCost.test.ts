import { DEFAULT_PARAMETERS, type PoolParameters } from "@meniscus/sdk/pool/parameters";
import { quote } from "@meniscus/sdk/pool/price";
import { expect } from "chai";
import fc from "fast-check";
import { exactCost } from "../../support/pool/exactCost.ts";
import {
  bookOf,
  EQUITY,
  expiryIn,
  legs,
  NOW,
  SPOT,
  spotsAround,
  surfaceAt,
} from "../../support/pool/market.ts";

/** Only the vega term. */
const VEGA_ALONE: PoolParameters = {
  ...DEFAULT_PARAMETERS,
  potential: { ...DEFAULT_PARAMETERS.potential, mu: 0, theta: 0, kappa: 0 },
};

/** Float64 over sums of a million. */
const NOISE = 1e-5;
const RUNS = 300;

const surface = surfaceAt();
const call = (days: number, strike: number, amount: number) => ({
  expiryAt: expiryIn(days),
  strike,
  isPut: false,
  amount,
});

/** Exact cost less value and impact, and the shift behind it. */
function gap(trade: ReturnType<typeof call>[]): { gap: number; shift: number; impact: number } {
  const { parts } = quote(trade, bookOf([], surface), surface, spotsAround(), VEGA_ALONE, NOW);
  const exact = exactCost(trade, surface, SPOT, NOW, EQUITY, VEGA_ALONE.potential);
  return { gap: exact.cost - parts.value - parts.impact, shift: exact.shift, impact: parts.impact };
}

describe("the potential against the exact cost function C(q) = max over s of sum q V(sigma + w s) - E s^2 / (2 lambda)", () => {
  it("is the exact cost to 0.2 % of the impact at the money, for a trade that moves the quote by 1 vp", () => {
    const { gap: error, shift, impact } = gap([call(30, SPOT, 109)]);
    expect(shift).to.be.closeTo(0.01, 0.0005);
    expect(Math.abs(error)).to.be.below(0.002 * impact);
  });

  it("lies below the exact cost where volga is positive, and above it where the taker's volga is negative", () => {
    expect(gap([call(30, 2900, 400)]).gap).to.be.above(0);
    expect(gap([call(30, 2900, -100)]).gap).to.be.below(0);
    expect(gap([call(30, SPOT, 300), call(30, 2900, -300)]).gap).to.be.below(0);
  });

  it("is off by half the volga times the shift squared: eight times less for half the trade", () => {
    const [whole, half] = [gap([call(30, 2700, 80)]), gap([call(30, 2700, 40)])];
    expect(whole.gap / half.gap).to.be.closeTo(8, 0.5);
    const value = (shift: number) =>
      exactCost([call(30, 2700, 80)], surface, SPOT, NOW, EQUITY, {
        ...VEGA_ALONE.potential,
        lambda: 1e9,
        slopeLow: shift,
        slopeHigh: shift,
      }).cost;
    const volga = (value(0.001) - 2 * value(0) + value(-0.001)) / 1e-6;
    expect(whole.gap).to.be.closeTo((volga * whole.shift ** 2) / 2, 0.05 * whole.gap);
  });

  it("is the exact cost but for the volga, whatever the book and however many expiries the trade has", () => {
    let [sharp, atEnd] = [0, 0];
    const { slopeLow, slopeHigh } = VEGA_ALONE.potential;
    fc.assert(
      fc.property(legs(250, { min: 1, max: 8 }), legs(60, { min: 1, max: 6 }), (held, trade) => {
        // What takers hold the vault has written.
        const positions = held.map((leg) => ({ ...leg, amount: -leg.amount }));
        const book = bookOf(positions, surface, { reserve: EQUITY, parameters: VEGA_ALONE });
        const { parts, paidShare } = quote(trade, book, surface, spotsAround(), VEGA_ALONE, NOW);
        const paid = trade.map((leg) => ({ ...leg, amount: leg.amount * paidShare }));
        const exact = exactCost(paid, surface, SPOT, NOW, EQUITY, VEGA_ALONE.potential, held);
        const gap = exact.cost - parts.value - parts.impact;
        const [least, most] = exact.aboveLinear;
        expect(gap).to.be.within(least - NOISE, most + NOISE);
        const isOfOne = trade.every(({ expiryAt }) => expiryAt === trade[0]!.expiryAt);
        if (!isOfOne && most - least < 0.01 * Math.abs(parts.impact)) sharp += 1;
        if (Math.min(exact.shift - slopeLow, slopeHigh - exact.shift) < 1e-9) atEnd += 1;
      }),
      { numRuns: RUNS },
    );
    // Bounds that leave room, or one expiry alone, would tell nothing of the weights.
    expect(sharp, "trades of several expiries whose bounds are 1 % of the impact apart").to.be.at.least(
      RUNS / 2,
    );
    expect(atEnd, "trades to an end of the shift").to.be.at.least(RUNS / 20);
  });

  it("holds at both ends of the shift, where the exact cost is that of a surface moved by the whole of it", () => {
    for (const [amount, end] of [
      [900, VEGA_ALONE.potential.slopeHigh],
      [-600, VEGA_ALONE.potential.slopeLow],
    ] as const) {
      const { gap: error, shift, impact } = gap([call(30, SPOT, amount)]);
      expect(shift).to.be.closeTo(end, 1e-9);
      expect(Math.abs(error)).to.be.below(0.02 * impact);
    }
  });
});

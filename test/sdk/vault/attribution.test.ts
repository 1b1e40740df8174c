import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import type { Leg, Slices } from "@meniscus/sdk/pool/book";
import { priceOption } from "@meniscus/sdk/pool/exposure";
import { attribute, type EpochEvents, type EpochStart } from "@meniscus/sdk/vault/attribution";
import { expect } from "chai";
import fc from "fast-check";
import { between, expiryIn, NOW, SPOT, surfaceAt } from "../../support/pool/market.ts";

const LATER = NOW + SECONDS_PER_DAY;
const wad = (value: number): bigint => BigInt(Math.round(value * 1e9)) * 10n ** 9n;
const number = (value: bigint): number => Number(value) / 1e18;

const NOTHING: EpochEvents = { legs: [], charges: [], hedges: [], rent: 0n, impact: 0n };
const positions: Leg[] = [
  { expiryAt: expiryIn(30), strike: 2100, isPut: false, amount: -40 },
  { expiryAt: expiryIn(30), strike: 1800, isPut: true, amount: -25 },
  { expiryAt: expiryIn(7), strike: 2000, isPut: false, amount: 10 },
];
const slicesBefore = surfaceAt(0).slices;
const slicesAfter = surfaceAt(0, undefined, 0.66).slices;

const start: EpochStart = {
  spot: wad(SPOT),
  at: NOW,
  slices: slicesBefore,
  base: wad(250),
  claimBase: wad(260),
  claimQuote: wad(480_000),
  positions,
};

const worth = (slices: Slices, spot: number, at: number): number =>
  positions.reduce(
    (sum, leg) => sum + leg.amount * priceOption(leg, slices.get(leg.expiryAt)!, spot, at, 1).value,
    0,
  );

/** E at the second mark of a vault that did nothing but hold: its balances less its claims, and its options. */
function equityOf(spot: number, cash: number): bigint {
  const before = 260 * SPOT + 480_000 - 250 * SPOT - worth(slicesBefore, SPOT, NOW);
  return wad(250 * spot + before + worth(slicesAfter, spot, LATER) + cash);
}

describe("attribution of an epoch", () => {
  const end = (spot: number) => ({ spot: wad(spot), at: LATER, slices: slicesAfter });

  it("is delta, gamma and theta, and vega for a book that was only held, with nothing left over", () => {
    for (const spot of [1700, 1990, 2000, 2300]) {
      const parts = attribute(start, NOTHING, end(spot), equityOf(spot, 0));
      expect(number(parts.residual)).closeTo(0, 1e-5);
      expect(number(parts.vega)).below(0);
      expect(number(parts.total)).closeTo(
        number(parts.delta) + number(parts.gammaAndTheta) + number(parts.vega),
        1e-5,
      );
    }
  });

  it("gives theta where spot stands still, and nothing to delta", () => {
    const parts = attribute(start, NOTHING, end(SPOT), equityOf(SPOT, 0));
    expect(parts.delta).equal(0n);
    expect(number(parts.gammaAndTheta)).above(0);
  });

  it("counts a hedge at its cost and by what it then carried", () => {
    const [bought, spot, cost] = [12, 2010, 19];
    const hedges = [{ base: wad(bought), spot: wad(spot), cost: wad(cost) }];
    const plain = attribute(start, NOTHING, end(2200), equityOf(2200, 0));
    const hedged = attribute(
      start,
      { ...NOTHING, hedges },
      end(2200),
      equityOf(2200, bought * (2200 - spot) - cost),
    );
    expect(hedged.hedging).equal(-wad(cost));
    expect(number(hedged.delta - plain.delta)).closeTo(bought * (2200 - spot), 1e-6);
    expect(number(hedged.residual)).closeTo(number(plain.residual), 1e-6);
  });

  it("sums to the unit, whatever happened", () => {
    fc.assert(
      fc.property(
        fc.record({
          spot: between(500, 5000),
          equity: between(0, 3e6),
          charges: fc.array(between(0, 1e4), { maxLength: 4 }),
          rent: between(0, 1e3),
          impact: between(0, 1e3),
          hedges: fc.array(
            fc.record({ base: between(-50, 50), spot: between(1500, 2500), cost: between(-50, 50) }),
            { maxLength: 3 },
          ),
          legs: fc.array(
            fc.record({
              amount: between(-20, 20),
              value: between(0, 500),
              delta: between(-1, 1),
              spot: between(1500, 2500),
            }),
            { maxLength: 3 },
          ),
        }),
        ({ spot, equity, charges, rent, impact, hedges, legs }) => {
          const events: EpochEvents = {
            charges: charges.map(wad),
            rent: wad(rent),
            impact: wad(impact),
            hedges: hedges.map((hedge) => ({
              base: wad(hedge.base),
              spot: wad(hedge.spot),
              cost: wad(hedge.cost),
            })),
            legs: legs.map((leg) => ({
              amount: wad(leg.amount),
              value: wad(leg.value),
              delta: wad(leg.delta),
              spot: wad(leg.spot),
            })),
          };
          const { premium: _, total, ...parts } = attribute(start, events, end(spot), wad(equity));
          expect(Object.values(parts).reduce((sum, part) => sum + part, 0n)).equal(total);
          expect(total).equal(wad(equity) - (start.claimBase * wad(spot)) / 10n ** 18n - start.claimQuote);
        },
      ),
    );
  });

  it("counts an expiry that is over, or that the surface left out, at its intrinsic value", () => {
    const held = { ...start, positions: [{ expiryAt: NOW - 3600, strike: 1900, isPut: false, amount: -1 }] };
    const parts = attribute(held, NOTHING, end(2100), wad(0));
    expect(parts.gammaAndTheta).equal(0n);
    expect(parts.vega).equal(0n);
    expect(parts.delta).equal(-wad(11 * 100));
  });
});

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

const NOTHING: EpochEvents = {
  legs: [],
  trades: [],
  hedges: [],
  exits: [],
  settled: new Map(),
  rent: 0n,
  impact: 0n,
};
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

/** A trade of one option, and what it paid beyond its value. */
const randomTrade = fc.record({
  amount: between(-20, 20),
  strike: between(1500, 2500),
  isPut: fc.boolean(),
  spot: between(1500, 2500),
  vol: between(0.5, 0.8),
  hour: between(0, 24),
  worst: between(0, 5),
  spread: between(0, 50),
  fee: between(0, 50),
  /** Paid in base besides, for as much less quote. */
  base: between(0, 10),
});

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

  it("counts a leg that was traded at the first mark as a position that the epoch began with", () => {
    const [first, ...others] = positions;
    const { expiryAt, strike, isPut, amount } = first!;
    const value = wad(priceOption(first!, slicesBefore.get(expiryAt)!, SPOT, NOW, 1).value);
    const leg = { series: { expiryAt, strike: wad(strike), isPut }, amount: wad(-amount), value };
    const events = {
      ...NOTHING,
      legs: [{ ...leg, spot: start.spot, at: NOW, slices: slicesBefore }],
      trades: [
        { value: (wad(-amount) * value) / 10n ** 18n, spread: 0n, fee: 0n, base: 0n, spot: start.spot },
      ],
    };
    const equity = equityOf(2100, 0);
    const held = attribute(start, NOTHING, end(2100), equity);
    const traded = attribute({ ...start, positions: others }, events, end(2100), equity);
    for (const part of ["delta", "gammaAndTheta", "vega", "fees", "total", "residual"] as const)
      expect(number(traded[part]), part).closeTo(number(held[part]), 1e-5);
    expect(number(traded.premium)).closeTo(-amount * number(value), 1e-5);
  });

  it("takes the model's value of a leg that was not priced: what the floor paid less of is a fee, and no rest", () => {
    const series = { expiryAt: expiryIn(30), strike: 2100, isPut: false };
    const worth = priceOption(series, slicesBefore.get(series.expiryAt)!, SPOT, NOW, 1).value;
    const sale = { series: { ...series, strike: wad(2100) }, amount: -wad(10), value: 0n };
    const events = {
      ...NOTHING,
      legs: [{ ...sale, spot: start.spot, at: NOW, slices: slicesBefore }],
      trades: [{ value: -wad(150), spread: 0n, fee: 0n, base: 0n, spot: start.spot }],
    };
    // Written at the first mark, and bought back at once.
    const bought = 10 * priceOption(series, slicesAfter.get(series.expiryAt)!, 2100, LATER, 1).value - 150;
    const parts = attribute(start, events, end(2100), equityOf(2100, bought));
    expect(number(parts.residual)).closeTo(0, 1e-4);
    expect(number(parts.fees)).closeTo(10 * worth - 150, 1e-5);
    expect(number(parts.premium)).closeTo(-10 * worth, 1e-5);
  });

  it("leaves nothing to the residual, whatever was traded, charged, paid in base and hedged at prices that are the sum of their parts", () => {
    fc.assert(
      fc.property(
        fc.record({
          spot: between(1000, 4000),
          rent: between(0, 1e3),
          impact: between(0, 1e3),
          hedges: fc.array(
            fc.record({ base: between(-50, 50), spot: between(1500, 2500), cost: between(-50, 50) }),
            { maxLength: 3 },
          ),
          trades: fc.array(randomTrade, { maxLength: 3 }),
        }),
        ({ spot, rent, impact, hedges, trades }) => {
          // What the vault had in the end, by what it was paid and what it then held.
          let cash = rent + impact;
          for (const { base, spot: at, cost } of hedges) cash += base * (spot - at) - cost;
          const legs = trades.map(({ amount, strike, isPut, spot: at, vol, hour }) => {
            const option = { expiryAt: expiryIn(30), strike, isPut };
            const traded = { spot: at, at: NOW + 3600 * hour, slices: surfaceAt(0, undefined, vol).slices };
            const worthOf = (slices: Slices, price: number, time: number) =>
              priceOption(option, slices.get(option.expiryAt)!, price, time, 1).value;
            const value = worthOf(traded.slices, at, traded.at);
            cash += amount * (value - worthOf(slicesAfter, spot, LATER));
            const series = { ...option, strike: wad(strike) };
            return { ...traded, series, amount: wad(amount), value: wad(value), spot: wad(at) };
          });
          const charged = trades.map(({ worst, spread, fee, base, spot: at }, i) => {
            cash += worst + spread + fee + base * (at - spot);
            const value = (legs[i]!.amount * legs[i]!.value) / 10n ** 18n + wad(worst);
            return { value, spread: wad(spread), fee: wad(fee), base: wad(base), spot: wad(at) };
          });
          const events: EpochEvents = {
            ...NOTHING,
            legs,
            trades: charged,
            rent: wad(rent),
            impact: wad(impact),
            hedges: hedges.map((hedge) => ({
              base: wad(hedge.base),
              spot: wad(hedge.spot),
              cost: wad(hedge.cost),
            })),
          };
          const parts = attribute(start, events, end(spot), equityOf(spot, cash));
          expect(number(parts.residual)).closeTo(0, 1e-4);
          const { premium: _, total, ...summed } = parts;
          expect(Object.values(summed).reduce((sum, part) => sum + part, 0n)).equal(total);
        },
      ),
    );
  });

  it("counts a provider's exit at the floor by its claim and what it took: what stays is what was made", () => {
    const [spot, lowered, taken, other] = [1950, 20, 15, 7000];
    const exit = {
      claimBase: wad(lowered),
      claimQuote: 0n,
      base: wad(taken),
      quote: wad(other),
      spot: wad(spot),
    };
    const held = attribute(start, NOTHING, end(2200), equityOf(2200, 0));
    const left = attribute(
      start,
      { ...NOTHING, exits: [exit] },
      end(2200),
      equityOf(2200, -taken * 2200 - other),
    );
    expect(number(left.total - held.total)).closeTo((lowered - taken) * 2200 - other, 1e-5);
    expect(number(left.delta - held.delta)).closeTo((lowered - taken) * (2200 - spot), 1e-5);
    // What the leaver's claim was worth beyond what it took.
    expect(number(left.residual - held.residual)).closeTo((lowered - taken) * spot - other, 1e-5);
  });

  it("counts an expiry that was settled at what it paid, a call in base and a put in quote", () => {
    const expiryAt = NOW + 3600;
    const paid = (leg: Omit<Leg, "expiryAt">, equity: number) =>
      attribute(
        { ...start, base: wad(260), slices: surfaceAt(0).slices, positions: [{ expiryAt, ...leg }] },
        { ...NOTHING, settled: new Map([[expiryAt, wad(2000)]]) },
        end(2200),
        wad(260 * 2200 + 480_000 + equity),
      );
    // Out of the surface, each was worth its intrinsic value at the first mark: 100.
    const call = paid({ strike: 1900, isPut: false, amount: -1 }, 100 - (100 / 2000) * 2200);
    const put = paid({ strike: 2100, isPut: true, amount: -1 }, 0);
    for (const { residual } of [call, put]) expect(number(residual)).closeTo(0, 1e-5);
    expect(number(call.delta + call.gammaAndTheta)).closeTo(-10, 1e-5);
    expect(number(put.delta + put.gammaAndTheta)).closeTo(0, 1e-5);
  });

  it("counts an expiry that was settled after the report of the second mark at what it paid, too", () => {
    // The epoch ended a day late: its end realized an expiry of which the report still has a slice.
    const expiryAt = expiryIn(7);
    const before = priceOption(
      { expiryAt, strike: 2000, isPut: true },
      slicesBefore.get(expiryAt)!,
      SPOT,
      NOW,
      1,
    );
    const written = { expiryAt, strike: 2000, isPut: true, amount: -100 };
    const parts = attribute(
      { ...start, base: start.claimBase, positions: [written] },
      { ...NOTHING, settled: new Map([[expiryAt, wad(1800)]]) },
      end(2050),
      // The premium is in the balance.
      wad(260 * 2050 + 480_000 + 100 * before.value - 100 * 200),
    );
    expect(number(parts.residual)).closeTo(0, 1e-5);
    expect(number(parts.delta)).closeTo(-100 * before.plainDelta * 50, 1e-3);
    expect(parts.vega).equal(0n);
  });

  it("counts an expiry that is over, or that the surface left out, at its intrinsic value", () => {
    const held = { ...start, positions: [{ expiryAt: NOW - 3600, strike: 1900, isPut: false, amount: -1 }] };
    const parts = attribute(held, NOTHING, end(2100), wad(0));
    expect(parts.gammaAndTheta).equal(0n);
    expect(parts.vega).equal(0n);
    expect(parts.delta).equal(-wad(11 * 100));
  });
});

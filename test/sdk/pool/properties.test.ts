import { tauAt } from "@meniscus/sdk/clock";
import { type Book, type Leg, type Spots, seriesKey } from "@meniscus/sdk/pool/book";
import { potentialWeight, priceOption } from "@meniscus/sdk/pool/exposure";
import { afterTrade } from "@meniscus/sdk/pool/move";
import { DEFAULT_PARAMETERS } from "@meniscus/sdk/pool/parameters";
import { quote } from "@meniscus/sdk/pool/price";
import { expect } from "chai";
import fc from "fast-check";
import {
  between,
  bookOf,
  DAYS,
  EQUITY,
  expiryIn,
  legs,
  NOW,
  SPOT,
  spotsAround,
  surfaceAt,
} from "../../support/pool/market.ts";

/** What float64 may lose on a trade of a hundred options. */
const NOISE = 1e-6;
const surface = surfaceAt();

const priceIn = (book: Book, trade: readonly Leg[], spots: Spots = spotsAround()) =>
  quote(trade, book, surface, spots, DEFAULT_PARAMETERS, NOW);

/** The cost of a trade and the book after it. */
function traded(book: Book, trade: readonly Leg[], spots?: Spots) {
  const price = priceIn(book, trade, spots);
  return { cost: price.cost, paidShare: price.paidShare, book: afterTrade(book, trade, price) };
}

const times = (trade: readonly Leg[], factor: number): Leg[] =>
  trade.map((leg) => ({ ...leg, amount: factor * leg.amount }));

/** All legs in one trade, each series once. */
function together(...trades: readonly (readonly Leg[])[]): Leg[] {
  const sums = new Map<string, Leg>();
  for (const leg of trades.flat()) {
    const sum = (sums.get(seriesKey(leg))?.amount ?? 0) + leg.amount;
    sums.set(seriesKey(leg), { ...leg, amount: sum });
  }
  return [...sums.values()].filter(({ amount }) => amount !== 0);
}

const buys = (trade: readonly Leg[]): Leg[] => trade.map((leg) => ({ ...leg, amount: Math.abs(leg.amount) }));
const sales = (trade: readonly Leg[]): Leg[] => times(buys(trade), -1);

/** What a sale may be short of by the 2^-24 to which its best part is found: its proceeds rise no faster there than to there on average. */
const shortOf = ({ cost, paidShare }: { cost: number; paidShare: number }): number =>
  paidShare === 0 ? 0 : (2 ** -24 * -cost) / paidShare;

/** Books with positions either way, up to beyond every limit, a reserve, two equities, and any use of the capacity. */
const books: fc.Arbitrary<Book> = fc
  .record({
    positions: fc.constantFrom(150, 1500).chain((most) => legs(most, { min: 0, max: 8 })),
    reserve: between(0, 5000),
    equityLow: between(0.5 * EQUITY, EQUITY),
    baseUse: between(0, 1),
    quoteUse: between(0, 1),
  })
  .map(({ positions, reserve, ...numbers }) => ({ ...bookOf(positions, surface, { reserve }), ...numbers }));

const spots = between(0, 0.004).map((apart) => spotsAround(SPOT, apart));
const share = between(0.01, 0.99);
const trades = legs(60, { min: 1, max: 4 });

describe("the pool's price, from the last minute in which anything opens", () => {
  it("P4 a purchase in two parts costs no less than at once, rent included", () => {
    fc.assert(
      fc.property(books, trades, share, spots, (book, trade, part, at) => {
        const whole = buys(trade);
        const first = traded(book, times(whole, part), at);
        const second = traded(first.book, times(whole, 1 - part), at);
        expect(first.cost + second.cost).to.be.at.least(traded(book, whole, at).cost - NOISE);
      }),
      { numRuns: 3000 },
    );
  });

  it("P4 any two trades cost no less one after the other than as one, rent included, where no sale is cut short", () => {
    let compared = 0;
    fc.assert(
      fc.property(books, trades, trades, spots, (book, one, other, at) => {
        const first = traded(book, one, at);
        const second = traded(first.book, other, at);
        const both = together(one, other);
        if (both.length === 0 || first.paidShare < 1 || second.paidShare < 1) return;
        compared += 1;
        expect(first.cost + second.cost).to.be.at.least(traded(book, both, at).cost - NOISE);
      }),
      { numRuns: 3000 },
    );
    expect(compared).to.be.above(2000);
  });

  it("P4 a sale of one series in two parts brings no more than at once, rent included, cut short or not", () => {
    let cut = 0;
    fc.assert(
      fc.property(books, legs(1500, { min: 1, max: 1 }), share, spots, (book, trade, part, at) => {
        const whole = sales(trade);
        const first = traded(book, times(whole, part), at);
        const second = traded(first.book, times(whole, 1 - part), at);
        const once = traded(book, whole, at);
        if (once.paidShare < 1) cut += 1;
        expect(first.cost + second.cost).to.be.at.least(once.cost - NOISE - shortOf(once));
      }),
      { numRuns: 3000 },
    );
    expect(cut).to.be.above(300);
  });

  it("P3 trades that end where they began win nothing, in any order and any parts", () => {
    fc.assert(
      fc.property(
        books,
        fc.array(trades, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(), { minLength: 24, maxLength: 24 }),
        share,
        spots,
        (start, opened, order, part, at) => {
          const back = together(...opened).flatMap((leg) => times([leg, leg], -1));
          const closing = back
            .map((leg, i) => ({ ...leg, amount: leg.amount * (i % 2 === 0 ? part : 1 - part) }))
            .map((leg, i) => ({ leg, rank: order[i % order.length]! }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ leg }) => [leg]);
          let [book, paid] = [start, 0];
          for (const trade of [...opened, ...closing]) {
            const next = traded(book, trade, at);
            book = next.book;
            paid += next.cost;
          }
          expect(paid).to.be.at.least(-NOISE);
          expect(book.reserve).to.be.at.least(-NOISE);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("pays for a sale no less when it is larger, and never below zero", () => {
    fc.assert(
      fc.property(books, trades, spots, (book, trade, at) => {
        const sizes = [0.1, 0.3, 1, 3, 10, 100];
        const prices = sizes.map((size) => priceIn(book, times(sales(trade), size), at));
        for (const [i, price] of prices.entries())
          expect(-price.cost).to.be.at.least(i === 0 ? 0 : -prices[i - 1]!.cost - NOISE - shortOf(price));
      }),
      { numRuns: 200 },
    );
  });

  it("P5 asks at least value plus the fee and bids at most value less the fee, rewards for lower risk apart", () => {
    fc.assert(
      fc.property(books, legs(60, { min: 1, max: 1 }), spots, (book, [leg], at) => {
        const trade = [leg!];
        const { cost, parts, paidShare } = priceIn(book, trade, at);
        const option = priceOption(leg!, surface.slices.get(leg!.expiryAt)!, at.low, NOW, 1);
        const full = Math.max(0.005 * option.vega, 5e-4 * at.low);
        const least = leg!.amount > 0 ? full : Math.min(full, 0.125 * option.value);
        const reward = Math.max(0, -parts.impact);
        const size = paidShare * Math.abs(leg!.amount);
        if (leg!.amount < 0 && cost === 0) return;
        expect(cost + reward).to.be.at.least(parts.value + size * least - NOISE);
      }),
    );
  });

  it("P5 the fee of an option does not depend on how many are traded", () => {
    fc.assert(
      fc.property(books, trades, (book, trade) => {
        const feeOf = (size: number) => priceIn(book, times(buys(trade), size)).parts.fee / size;
        expect(feeOf(50)).to.be.closeTo(feeOf(1), 1e-9 * feeOf(1));
      }),
    );
  });

  it("asks at least a third of the value at vols from 30 % within 2 sd, however much vega and gamma the vault holds", () => {
    fc.assert(
      fc.property(
        between(0.3, 1.2),
        fc.constantFrom(...DAYS),
        between(-2, 2),
        fc.boolean(),
        fc.constantFrom(-1, 0, 1),
        (vol, days, sds, isPut, tilt) => {
          const market = surfaceAt(12, [days], vol);
          const expiryAt = expiryIn(days);
          const strike = SPOT * Math.exp(sds * Math.sqrt(market.slices.get(expiryAt)!.level));
          const most = 1e8;
          const book = {
            ...bookOf([], market, { reserve: most }),
            vega: -most,
            gamma: -most,
            expiries: new Map([
              [
                expiryAt,
                {
                  vega: -most,
                  vegaSkew: tilt * most,
                  gamma: -most,
                  weight: potentialWeight(tauAt(expiryAt, NOW)),
                },
              ],
            ]),
          };
          const leg = { expiryAt, strike, isPut, amount: 0.01 };
          const { cost, parts } = quote([leg], book, market, spotsAround(), DEFAULT_PARAMETERS, NOW);
          expect(cost).to.be.at.least(parts.value / 3);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("P6 asks at least the intrinsic value; bids are not negative, a call's at most spot, a put's at most the discounted strike", () => {
    fc.assert(
      fc.property(books, legs(20, { min: 1, max: 1 }), spots, (book, [leg], at) => {
        const { strike, isPut, amount, expiryAt } = leg!;
        const { cost } = priceIn(book, [leg!], at);
        const discounted = strike * Math.exp(-surface.slices.get(expiryAt)!.basis);
        const intrinsic = isPut
          ? Math.max(0, discounted - at.high, discounted - at.low)
          : Math.max(0, at.high - discounted);
        const perOption = cost / amount;
        if (amount > 0) expect(perOption).to.be.at.least(intrinsic * (1 - 1e-6));
        else expect(perOption).to.be.within(0, (isPut ? discounted : at.high) * (1 + 1e-6));
      }),
      { numRuns: 3000 },
    );
  });
});

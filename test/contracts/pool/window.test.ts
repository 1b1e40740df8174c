import { expect } from "chai";
import {
  type Account,
  as,
  call,
  expiryIn,
  leg,
  type Market,
  networkHelpers,
  openMarket,
  options,
  post,
  put,
  quote,
  refreshAll,
  TERMS,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { renewFeeds } from "../../support/pool/situations.ts";
import { readBook, whyOf } from "../../support/pool/words.ts";

const [NEAR, NEXT] = [expiryIn(2), expiryIn(3)] as [number, number];
const OPENS = NEAR - 1800;
const straddle = (expiryAt: number, amount: number) => [
  leg(call(3000, expiryAt), amount),
  leg(put(3000, expiryAt), amount),
];

describe("OptionPool: as an expiry's settlement window opens", () => {
  for (const vol of [0.3, 0.6]) {
    describe(`at a vol of ${100 * vol} %`, () => {
      let market: Market;
      let taker: Account;
      let restore: () => Promise<void>;

      before(async () => {
        market = await openMarket({ strikes: [3000n * WAD], tenors: [2, 3], vol });
        taker = market.other;
        const snapshot = await networkHelpers.takeSnapshot();
        restore = () => snapshot.restore();
      });
      afterEach(() => restore());

      /** Straddles of the near expiry, until the book's G is at its limit: `sign` 1 is written by it, -1 held. */
      async function fill(sign: 1 | -1): Promise<void> {
        const by = sign > 0 ? market.trader : await stocked(NEAR, 200);
        for (let size = 16; size >= 0.25; ) {
          const legs = straddle(NEAR, sign * size);
          if (whyOf(await quote(market, legs)) === "None") await trade(market, by, legs);
          else size /= 2;
          await networkHelpers.mine();
        }
      }

      /** Who has written that many straddles of his own. */
      async function stocked(expiryAt: number, count: number): Promise<Account> {
        const { baseToken, quoteToken, clearinghouse, pool } = market;
        await as(taker, clearinghouse).deposit!(baseToken, BigInt(count) * WAD, taker);
        await as(taker, clearinghouse).deposit!(quoteToken, BigInt(count) * 3000n * 10n ** 6n, taker);
        for (const series of [call(3000, expiryAt), put(3000, expiryAt)])
          await as(taker, clearinghouse).mint!(series, options(count), taker, taker);
        await as(taker, clearinghouse).setOperator!(pool, true);
        return taker;
      }

      /** All that was paid for straddles of the next expiry out a block before the window opens, and back a block after: quote assets. */
      async function across(size: number): Promise<bigint> {
        const paid = async (legs: ReturnType<typeof straddle>): Promise<bigint> => {
          await refreshAll(market);
          const { cost, refusal, limit } = await quote(market, legs);
          expect(whyOf({ refusal, limit })).to.equal("None");
          await trade(market, taker, legs);
          return cost;
        };
        await renewFeeds(market, OPENS - 60, 3000n * USD);
        await post(market, { at: OPENS - 22, vol, tenors: [2, 3, 25] });
        const out = await paid(straddle(NEXT, size));
        await networkHelpers.mine();
        await post(market, { at: OPENS - 5, vol, tenors: [3, 25] });
        const back = await paid(straddle(NEXT, -size));
        return out + back;
      }

      for (const [side, sign] of [
        ["written", 1],
        ["held", -1],
      ] as const)
        it(`P3: rewards nobody for both sides of a trade of another expiry, with G at its limit of what is ${side}`, async () => {
          await fill(sign);
          await stocked(NEXT, 64);
          const { gamma, equityLow } = await readBook(market);
          expect((sign * Number(gamma)) / Number(equityLow)).to.be.within(1, 3.1);
          const filled = await networkHelpers.takeSnapshot();
          for (const size of [4, 12, 24]) {
            expect(await across(-sign * size), `${size} straddles`).to.be.greaterThan(0n);
            await filled.restore();
          }
        });
    });
  }
});

describe("OptionPool: hours before an expiry", () => {
  /** What others hold at which strike, spot of the refresh, the round trip that won most while gamma was damped less, and moves of spot in %. */
  const CASES = [
    { vol: 0.3, hours: 5, crowd: [[call], 3050, 120], spot: 3019, turn: [3000, -22], moves: [-0.245, -0.99] },
    {
      vol: 0.5,
      hours: 4,
      crowd: [[call, put], 3050, 66],
      spot: 3014.5,
      turn: [3000, -26],
      moves: [-0.245, -0.99],
    },
    {
      vol: 0.4,
      hours: 3,
      crowd: [[call, put], 3000, 62],
      spot: 2974,
      turn: [2950, -28],
      moves: [-0.245, -0.99],
    },
    { vol: 0.6, hours: 1.5, crowd: [[call, put], 3000, 52], spot: 2985, turn: [2950, -33], moves: [-0.99] },
  ] as const;

  for (const { vol, hours, crowd, spot, turn, moves } of CASES)
    it(`P3: rewards nobody for straddles there and back by a G of as far away as openings bear: ${hours} h, vol ${100 * vol} %`, async () => {
      const market = await openMarket({
        strikes: [2950, 3000, 3050].map((strike) => BigInt(strike) * WAD),
        tenors: [2, 25],
        vol,
      });
      const { baseToken, quoteToken, clearinghouse, pool, trader, other: taker } = market;
      const [strike, size] = turn;
      const turned = [call(strike, NEAR), put(strike, NEAR)];
      await as(taker, clearinghouse).deposit!(baseToken, 100n * WAD, taker);
      await as(taker, clearinghouse).deposit!(quoteToken, 400_000n * 10n ** 6n, taker);
      for (const series of turned) await as(taker, clearinghouse).mint!(series, options(40), taker, taker);
      await as(taker, clearinghouse).setOperator!(pool, true);
      const hear = async (at: number, heard: number) => {
        await renewFeeds(market, at - 20, BigInt(Math.round(heard * 1e8)));
        await post(market, {
          at,
          vol,
          spot: (BigInt(Math.round(heard * 1e6)) * WAD) / 10n ** 6n,
          tenors: [2, 25],
        });
        await networkHelpers.mine();
      };
      const from = NEAR - hours * 3600;
      await hear(from - 200, spot);
      await refreshAll(market);
      // What others hold; what may flow out in an epoch is not what is tried here.
      await market.book.setTerms!({ ...TERMS, epochOutflowBps: 20_000 });
      const [kinds, held, amount] = crowd;
      for (let part = 0; part < 16; part++) {
        const legs = kinds.map((seriesOf) => leg(seriesOf(held, NEAR), amount / 16));
        // As much as the limit of G bears.
        if (whyOf(await quote(market, legs)) !== "None") break;
        await trade(market, trader, legs);
        await networkHelpers.mine();
      }
      await hear(from, spot);
      await refreshAll(market);
      const ready = await networkHelpers.takeSnapshot();
      for (const move of moves) {
        await hear(from + 40, spot * (1 + move / 100));
        const paid = async (by: number): Promise<bigint> => {
          const legs = turned.map((series) => leg(series, by));
          const { cost, refusal, limit } = await quote(market, legs);
          expect(whyOf({ refusal, limit }), `${move} %`).to.equal("None");
          await trade(market, taker, legs);
          return cost;
        };
        const out = await paid(size);
        await networkHelpers.mine();
        await refreshAll(market);
        expect(out + (await paid(-size)), `${move} %`).to.be.greaterThan(0n);
        await ready.restore();
      }
    });
});

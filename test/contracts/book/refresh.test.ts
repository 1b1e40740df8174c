import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { expect } from "chai";
import fc from "fast-check";
import { HOUR } from "../../support/oracle/fixture.ts";
import {
  as,
  call,
  DEADLINE,
  EXPIRY,
  ethers,
  expiryIn,
  leg,
  MARKET,
  type Market,
  NO_LIMIT,
  networkHelpers,
  post,
  put,
  quote,
  READY,
  ready,
  refreshAll,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { randomLegs } from "../../support/pool/random.ts";
import { sumsOf, toFloat, valuedOf, windowDeltaOf } from "../../support/pool/revaluation.ts";
import { renewFeeds } from "../../support/pool/situations.ts";
import { eventsOf, readBook } from "../../support/pool/words.ts";
import { settleExpiry, tenorsAt } from "../../support/vault/market.ts";

const FAR = expiryIn(88);

/** Tokens that the book never wrote: another account writes them to itself, so that it can sell them. */
async function writeForSale(
  { clearinghouse, other, quoteToken, baseToken }: Market,
  series: bigint,
  amount: bigint,
) {
  await as(other, clearinghouse).deposit!(baseToken, amount, other);
  await as(other, clearinghouse).deposit!(quoteToken, (amount * 4000n) / 10n ** 12n + 1n, other);
  await as(other, clearinghouse).mint!(series, amount, other, other);
}

/** Random trades by two accounts, tokens sold that the book never wrote among them. */
async function tradeAtRandom(market: Market, seed: number, count: number) {
  const { clearinghouse, other } = market;
  for (const legs of fc.sample(randomLegs({ most: 6, legs: 3 }), { numRuns: count, seed })) {
    for (const { series, amount } of legs) {
      // Somebody else writes what is to be sold, so that the book comes to hold longs as well.
      if (amount > 0n || (await clearinghouse.balanceOf!(other, series)) >= -amount) continue;
      await writeForSale(market, series, -amount);
    }
    if ((await quote(market, legs)).refusal === 0n) await trade(market, other, legs);
  }
}

/** Hardhat's matchers read every number as an integer. */
function expectNear(value: number, real: number, most: number, name: string) {
  expect(Math.abs(value - real) <= most, `${name}: ${value} against ${real}`).to.equal(true);
}

/** The parts add up to the whole (C4). */
async function expectSummed(market: Market) {
  const state = await readBook(market);
  for (const name of ["vega", "gamma", "delta"] as const)
    expect(state[name], name).to.equal(state.expiries.reduce((sum, own) => sum + own[name], 0n));
  const { base, quote: quoteSum } = await sumsOf(
    market,
    state.expiries.map(({ expiryAt }) => expiryAt),
  );
  expect([state.baseSum, state.quoteSum]).to.deep.equal([base, quoteSum]);
  return state;
}

describe("Book: refresh", () => {
  let market: Market;
  beforeEach(async () => {
    market = await ready();
  });

  it("finds each expiry where a trade of seconds before has left it, the tilt of its smile too", async () => {
    await refreshAll(market);
    for (const series of [call(3800), put(2400), call(3400, FAR)])
      await trade(market, market.trader, [leg(series, 4)]);
    const left = await readBook(market);
    await networkHelpers.mine();
    await refreshAll(market);
    const found = await readBook(market);
    for (const [i, own] of left.expiries.entries()) {
      for (const name of ["vega", "vegaSkew", "gamma", "delta"] as const) {
        const is = toFloat(found.expiries[i]![name]);
        expect(Math.abs(is), name).to.be.greaterThan(0);
        // Some seconds of 25 days, and a weight of the vega's age.
        expectNear(toFloat(own[name]), is, 1e-4 * Math.abs(is), name);
      }
    }
  });

  for (const seed of [1, 2, 3]) {
    it(`C4: gives each expiry what its positions are worth in risk, from scratch, and the whole their sum (${seed})`, async () => {
      await tradeAtRandom(market, seed, 14);
      await expectSummed(market);
      const at = (await networkHelpers.time.latest()) + 30;
      await post(market, { at, spot: 3021n * WAD, vol: 0.63 });
      await networkHelpers.time.setNextBlockTimestamp(at + 60);
      await refreshAll(market);
      const state = await expectSummed(market);
      const need = await market.book.need!();
      const needs = [0, 1, 2].map(() => ({ base: 0, quote: 0 }));
      for (const own of state.expiries) {
        const real = await valuedOf(market, own.expiryAt, 3021, at + 60);
        for (const name of ["vega", "vegaSkew", "gamma", "delta"] as const)
          expectNear(toFloat(own[name]), real[name], 2e-6 + 1e-8 * Math.abs(real[name]), name);
        expect(own.refreshedSpot).to.equal(3021n * WAD);
        expect(own.refreshedAt).to.equal(at + 60);
        for (const [i, { base, quote: needed }] of real.needs.entries()) {
          needs[i]!.base += base;
          needs[i]!.quote += needed;
        }
      }
      for (const [i, { base, quote: needed }] of needs.entries()) {
        expectNear(toFloat(need.base[i]), base, 1e-6, "need of base");
        expectNear(toFloat(need.quote[i]), needed, 1e-3, "need of quote");
      }
      expect([need.baseSum, need.quoteSum]).to.deep.equal([state.baseSum, state.quoteSum]);
      expect(state.shortVol).to.be.closeTo((63n * WAD) / 100n, 2n * 10n ** 14n);
    });
  }

  it("C4: keeps the sums of the parts through trades and refreshes of single expiries, in any order", async () => {
    for (const [i, seed] of [4, 5, 6, 7].entries()) {
      await tradeAtRandom(market, seed, 4);
      await expectSummed(market);
      await networkHelpers.mine();
      await market.book.refresh!(i % 2 === 0 ? [FAR] : [FAR, expiryIn(25), FAR]);
      await expectSummed(market);
    }
  });

  it("C4: what trades add is what a refresh at the same spot and slice finds", async () => {
    await trade(market, market.trader, [leg(call(3000), 5), leg(put(2800, FAR), 3)]);
    const traded = await readBook(market);
    await refreshAll(market);
    const found = await readBook(market);
    for (const name of ["vega", "gamma"] as const)
      expectNear(toFloat(found[name]), toFloat(traded[name]), 1e-4 * Math.abs(toFloat(traded[name])), name);
    expectNear(toFloat(found.delta), toFloat(traded.delta), 1e-3, "delta");
  });

  it("reverts in a block in which a trade has happened", async () => {
    const { book, pool, trader } = market;
    await post(market, { at: READY + 60 });
    const legs = [leg(call(3000), 1)];
    await ethers.provider.send("evm_setAutomine", [false]);
    try {
      const gas = (priority: bigint) => ({
        gasLimit: 4_000_000n,
        maxPriorityFeePerGas: priority * 10n ** 9n,
      });
      const before = await book.refresh!([FAR], gas(9n));
      await as(trader, pool).trade!(legs, NO_LIMIT, DEADLINE, trader, "0x", gas(8n));
      const refused = await book.refresh!([FAR], gas(7n));
      await networkHelpers.mine();
      expect((await before.wait())!.status).to.equal(1);
      expect((await ethers.provider.getTransactionReceipt(refused.hash))!.status).to.equal(0);
      const number = await ethers.provider.getBlockNumber();
      expect((await passed(number)).length, "the first refresh and the trade").to.equal(2);
    } finally {
      await ethers.provider.send("evm_setAutomine", [true]);
    }
    await book.refresh!([FAR]);

    async function passed(blockNumber: number) {
      const receipts = (await ethers.provider.getBlock(blockNumber))!.transactions;
      const all = await Promise.all(receipts.map((hash) => ethers.provider.getTransactionReceipt(hash)));
      return all.filter((receipt) => receipt!.status === 1);
    }
  });

  it("takes the report's spot while it is two minutes old, then the lowest live one, and none where none lives", async () => {
    const { book } = market;
    const spotOf = async () => (await readBook(market)).expiries[1]!.refreshedSpot;
    await market.baseFeed.transmit(2990n * USD);
    await networkHelpers.time.setNextBlockTimestamp(READY + 115);
    await book.refresh!([FAR]);
    expect(await spotOf()).to.equal(3000n * WAD);
    await networkHelpers.time.setNextBlockTimestamp(READY + 116);
    await book.refresh!([FAR]);
    expect(await spotOf()).to.equal(2990n * WAD);
    await networkHelpers.time.increaseTo(READY + 77 * HOUR);
    await expect(book.refresh!([FAR]))
      .to.be.revertedWithCustomError(book, "Book_SpotSilent")
      .withArgs(2);
  });

  it("values by aged slices whatever their state, and by intrinsic value where there is none to go by", async () => {
    await trade(market, market.trader, [leg(call(2600), 2), leg(put(3000), 1), leg(put(2600), 4)]);
    await networkHelpers.mine();
    await renewFeeds(market, READY + 5 * 86_400);
    await refreshAll(market);
    const own = (await readBook(market)).expiries[0]!;
    const real = await valuedOf(market, own.expiryAt, 3000, await networkHelpers.time.latest());
    expectNear(toFloat(own.delta), real.delta, 1e-6, "delta");
    expectNear(toFloat(own.vega), real.vega, 1e-3, "vega");
  });

  it("H8: inside the settlement window and until it is realized an option's delta falls to what is owed", async () => {
    const { trader } = market;
    const near = expiryIn(25);
    await trade(market, trader, [leg(call(2600), 2), leg(put(3000), 1), leg(put(2600), 4)]);
    await networkHelpers.mine();
    const spot = 2900;
    for (const left of [1800, 1700, 900, 60, 10, 0, -600]) {
      await renewFeeds(market, near - left - 3, 2900n * USD);
      await networkHelpers.time.setNextBlockTimestamp(near - left);
      await refreshAll(market);
      const own = (await readBook(market)).expiries[0]!;
      // No smile any more. The call at 2600 owes S - K of a base unit each, the put at 3000 nothing of base.
      expect([own.vega, own.vegaSkew, own.gamma]).to.deep.equal([0n, 0n, 0n]);
      const gone = Math.min(1, (1800 - left) / 1800);
      expectNear(toFloat(own.delta), -2 * (1 - (gone * 2600) / spot) + (1 - gone), 1e-9, `${left} s before`);
    }
  });

  it("C4: inside the settlement window the need is the plain sums", async () => {
    const near = expiryIn(25);
    await trade(market, market.trader, [leg(call(2600), 2), leg(put(3000), 1), leg(put(2600), 4)]);
    await networkHelpers.mine();
    await renewFeeds(market, near - 903, 2900n * USD);
    await networkHelpers.time.setNextBlockTimestamp(near - 900);
    await refreshAll(market);
    const { base, quote } = await market.book.need!();
    expect([...base]).to.deep.equal(Array(3).fill(7n * WAD));
    expect([...quote]).to.deep.equal(Array(3).fill((2n * 2600n + 3000n + 4n * 2600n) * WAD));
  });

  describe("H8: inside the settlement window, by the average that is expected", () => {
    const near = expiryIn(25);
    const windowAt = near - 1800;
    const average = 3020;

    /** Some of both kinds at 3000, 20 calls more written than puts; the feed stands at 3020 as the window opens. */
    async function open() {
      await trade(market, market.trader, [leg(call(3000), 25), leg(put(3000), 5)]);
      await networkHelpers.mine();
      await renewFeeds(market, windowAt - 10, BigInt(average) * USD);
    }

    /** Walks all of the window up to then, as soon as it can be. */
    async function walkUntil(at: number) {
      await networkHelpers.time.setNextBlockTimestamp(at + ROUND_LAG_SECONDS);
      await market.settlement.walk!(MARKET, near, 0, 0, 10);
    }

    /** The delta as of a refresh at a time and spot, after which nothing has happened. */
    async function deltaAt(at: number, spot: number, refresh = () => refreshAll(market)) {
      const snapshot = await networkHelpers.takeSnapshot();
      await renewFeeds(market, at - 3, BigInt(Math.round(spot * 1e8)));
      await networkHelpers.time.setNextBlockTimestamp(at);
      await refresh();
      const { delta } = (await readBook(market)).expiries[0]!;
      await snapshot.restore();
      return toFloat(delta);
    }

    it("is the same on both sides of the strike where the average so far is away from it", async () => {
      await trade(market, market.trader, [leg(call(3000), 20)]);
      await networkHelpers.mine();
      await renewFeeds(market, windowAt - 10, BigInt(average) * USD);
      await walkUntil(windowAt + 770);
      const [above, below] = [await deltaAt(near - 900, 3001), await deltaAt(near - 900, 2999)];
      // Half of the window is gone, and the average is expected at 3009: 20 calls count for a half each.
      expectNear(above, -10, 0.1, "above");
      expectNear(below, above, 0.05 * Math.abs(above), "below");
    });

    for (const walked of [0, 590, 1070])
      it(`goes over the strike in small steps, ${walked === 0 ? "nothing" : `${walked} s`} walked`, async () => {
        await open();
        if (walked !== 0) await walkUntil(windowAt + walked);
        const gone = 1200;
        const left = 1800 - gone;
        // Where the average is expected at the strike.
        const middle = (3000 * 1800 - average * walked) / (1800 - walked);
        const deltas: number[] = [];
        for (let spot = middle - 24; spot <= middle + 24; spot += 2) {
          const delta = await deltaAt(windowAt + gone, spot);
          const known = { spot: Math.round(spot * 1e8) / 1e8, left, walked, average };
          expectNear(delta, await windowDeltaOf(market, near, known), 1e-7, `at ${spot}`);
          deltas.push(delta);
        }
        const whole = 30 * (left / 1800);
        const steps = deltas.slice(1).map((delta, i) => Math.abs(delta - deltas[i]!));
        expect(Math.max(...steps) < whole / 3, `steps ${steps}`).to.equal(true);
        expect(Math.abs(deltas[0]! - deltas.at(-1)!) > 0.9 * whole, `${deltas}`).to.equal(true);
      });

    it("goes on after the expiry by what is walked, until the price is fixed", async () => {
      await open();
      await walkUntil(near - 60);
      const known = { left: 0, walked: 1740, average };
      for (const spot of [2900, 2990]) {
        const real = await windowDeltaOf(market, near, { spot, ...known });
        expectNear(await deltaAt(near + 90, spot), real, 1e-7, `${spot}`);
      }
      // The last minute falls short of bringing the average below the strike.
      expectNear(await deltaAt(near + 90, 2900), -25 * (1 - 3000 / 3016), 1e-4, "owed");
    });

    it("takes spot where the oracle does not answer, or nonsense, and believes in no more than what is gone", async () => {
      await open();
      const at = near - 600;
      const word = (value: bigint) => `7f${value.toString(16).padStart(64, "0")}`;
      const answering = (price: bigint, until: bigint) => `0x${word(price)}5f52${word(until)}60205260405ff3`;
      const far = 2n ** 256n - 1n;
      const nothing = { spot: 3001, left: 600, walked: 0, average: 0 };
      const all = { spot: 3001, left: 600, walked: 1200, average: 2990 };
      for (const [code, known] of [
        ["0x", nothing],
        ["0x5f5ffd", nothing],
        ["0xfe", nothing],
        ["0x60205ff3", nothing],
        [answering(0n, 0n), nothing],
        [answering(far, far), nothing],
        [answering(2n ** 128n, BigInt(at)), nothing],
        [answering(2990n * WAD, BigInt(windowAt)), nothing],
        [answering(0n, BigInt(at)), nothing],
        [answering(2990n * WAD, BigInt(at)), all],
        [answering(2990n * WAD, far), all],
      ] as const) {
        const refresh = async () => {
          await networkHelpers.setCode(market.settlement.target as string, code);
          return refreshAll(market);
        };
        expectNear(await deltaAt(at, 3001, refresh), await windowDeltaOf(market, near, known), 1e-7, code);
      }
    });
  });

  it("tells what was and what is, and the need and the band of the whole book alone", async () => {
    const { book } = market;
    await trade(market, market.trader, [leg(call(3000), 20)]);
    await networkHelpers.mine();
    const one = eventsOf(book, (await (await book.refresh!([FAR])).wait())!);
    expect(one.map(({ name }) => name)).to.deep.equal(["Refreshed"]);
    const all = eventsOf(book, (await (await refreshAll(market)).wait())!);
    expect(all.map(({ name }) => name)).to.deep.equal(["Refreshed", "Refreshed", "NeedRefreshed"]);
    const { gamma, equityLow, band } = await readBook(market);
    // H = (3/2 c S Gamma^2 E / gamma_R)^(1/3) with Gamma = G / S^2, within 0.5 % and 5 % of E / S.
    const [g, e, s] = [toFloat(gamma), toFloat(equityLow), 3000];
    const width = Math.cbrt((1.5 * 9e-4 * s * (g / s / s) ** 2 * e) / 10);
    const unit = e / s;
    expectNear(toFloat(band), Math.min(Math.max(width, 0.005 * unit), 0.05 * unit), 1e-6 * width, "band");
    expect(all[2]!.args.band).to.be.closeTo(band, 10n ** 9n);
  });

  it("takes a band twice as wide near an expiry as by the gamma that prices go by, and no wider", async () => {
    await trade(market, market.trader, [leg(call(3000), 5), leg(put(3000), 5)]);
    const at = EXPIRY - HOUR;
    await renewFeeds(market, at - 20, 3000n * USD);
    await post(market, { at, tenors: tenorsAt(at) });
    await networkHelpers.mine();
    await refreshAll(market);
    const { gamma, equityLow, band } = await readBook(market);
    // At 60 % of vol and forty minutes of the variance clock a standard deviation is half a per cent, damped to a 33rd.
    const sd = 0.6 * Math.sqrt(2400 / (365 * 86_400));
    const whole = (10 * 3000 * 0.3989) / sd;
    expect(toFloat(gamma)).to.be.within(0.95 * whole * (sd / 0.03) ** 2, 1.05 * whole * (sd / 0.03) ** 2);
    const [e, s] = [toFloat(equityLow), 3000];
    const width = 2 * Math.cbrt((1.5 * 9e-4 * s * (toFloat(gamma) / s / s) ** 2 * e) / 10);
    expect(width).to.be.within((0.006 * e) / s, (0.04 * e) / s);
    expectNear(toFloat(band), width, 1e-6 * width, "band");
  });

  it("takes the band by live expiries alone, whatever one that is over and not yet realized has left behind", async () => {
    await trade(market, market.trader, [leg(call(3000), 8), leg(put(3000), 8)]);
    const at = EXPIRY - 2 * HOUR;
    await renewFeeds(market, at - 20, 3000n * USD);
    await post(market, { at, tenors: tenorsAt(at) });
    await networkHelpers.mine();
    await refreshAll(market);
    await settleExpiry(market, EXPIRY, 3000);
    await renewFeeds(market, (await networkHelpers.time.latest()) + 60, 3000n * USD);
    await refreshAll(market);
    const { gamma, equityLow, band } = await readBook(market);
    expect(gamma).to.not.equal(0n);
    expectNear(toFloat(band), (0.005 * toFloat(equityLow)) / 3000, 1e-6, "the least band");
  });

  it("P11: keeps its band when options of the last hours take back the undamped gamma of many of a month", async () => {
    await trade(market, market.trader, [leg(call(3000, FAR), 30), leg(put(3000, FAR), 30)]);
    const at = EXPIRY - HOUR - 300;
    await renewFeeds(market, at - 20, 3000n * USD);
    await post(market, { at, tenors: tenorsAt(at) });
    await networkHelpers.mine();
    await refreshAll(market);
    const { band } = await readBook(market);
    // As many as have, one vol for all, the gamma of those 60: it goes by 1 / sqrt(tau).
    const count = 60 * Math.sqrt((EXPIRY - 1200 - at) / (FAR - 1200 - at));
    const sold = [leg(call(3000), -count / 2), leg(put(3000), -count / 2)];
    for (const { series, amount } of sold) await writeForSale(market, series, -amount);
    await trade(market, market.other, sold);
    await networkHelpers.mine();
    await refreshAll(market);
    expect((await readBook(market)).band).to.be.at.least(band / 2n);
  });
});

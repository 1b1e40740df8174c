import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { emptyBook } from "@meniscus/sdk/pool/book";
import { DEFAULT_PARAMETERS } from "@meniscus/sdk/pool/parameters";
import { termsOf, valueAt } from "@meniscus/sdk/pool/potential";
import { BOOK_LIMITS } from "@meniscus/sdk/pool/terms";
import { expect } from "chai";
import type { Contract, EventLog } from "ethers";
import { HOUR } from "../../support/oracle/fixture.ts";
import { roundId } from "../../support/oracle/settlement.ts";
import {
  type AnyContract,
  as,
  call,
  DEADLINE,
  EXPIRY,
  ethers,
  expiryIn,
  FUNDS,
  leg,
  MARKET,
  type Market,
  NO_LIMIT,
  networkHelpers,
  openMarket,
  post,
  put,
  READY,
  ready,
  refreshAll,
  STILL,
  speakingFor,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { sumsOf, toFloat, valuedOf } from "../../support/pool/revaluation.ts";
import { expectRefused, pend, renewFeeds, tradedOf } from "../../support/pool/situations.ts";
import { eventsOf, readBook } from "../../support/pool/words.ts";

const FAR = expiryIn(88);
const UNIT = 10n ** 12n;

describe("Book: the vault's side", () => {
  let market: Market;
  let asVault: AnyContract;
  beforeEach(async () => {
    market = await ready();
    asVault = await speakingFor(market.vault, market.book);
  });
  const assign = (equity: bigint, { reserve = 2n ** 255n, markedAt = 0, cutOffDay = 0 } = {}) =>
    asVault.assign!({
      claimBase: FUNDS.base,
      claimQuote: FUNDS.quote * UNIT,
      equity,
      reserve,
      markedAt,
      cutOffDay,
    });

  it("tells the terms that it was deployed with, and those that the governor sets", async () => {
    const { book } = market;
    const before = (await book.terms!()).toObject();
    await book.setTerms!({ ...before, muBps: 900n });
    const told = await (book as unknown as Contract).queryFilter("TermsSet");
    expect(told.map((event) => (event as EventLog).args.terms.muBps)).to.deep.equal([before.muBps, 900n]);
    expect(told.map((event) => (event as EventLog).args.tightened)).to.deep.equal([false, false]);
    expect((told[0] as EventLog).args.terms.toObject()).to.deep.equal(before);
  });

  it("keeps the smallest and largest equity of the last four epochs' ends, and forgets the fifth", async () => {
    // The set-up has marked a million.
    const ends = [900_000n, 1_300_000n, 1_100_000n, 1_200_000n, 1_150_000n, 1_250_000n].map(
      (equity) => equity * WAD,
    );
    const seen: bigint[] = [FUNDS.base * 3000n + FUNDS.quote * UNIT];
    for (const equity of ends) {
      await assign(equity);
      seen.push(equity);
      const last = seen.slice(-4);
      const { equityLow, equityHigh } = await readBook(market);
      // In whole quote, down and up.
      const low = last.reduce((least, one) => (one < least ? one : least));
      const high = last.reduce((most, one) => (one > most ? one : most));
      expect(equityLow).to.equal((low / WAD) * WAD);
      expect(equityHigh).to.equal(((high + WAD - 1n) / WAD) * WAD);
    }
  });

  it("takes an equity of nothing for the smallest, and refuses one beyond its words", async () => {
    await assign(0n);
    expect((await readBook(market)).equityLow).to.equal(0n);
    const limit = 10n ** 30n;
    await assign(limit);
    await expect(assign(limit + 1n))
      .to.be.revertedWithCustomError(market.book, "Book_EquityTooLarge")
      .withArgs(limit + 1n, limit);
  });

  it("holds rent of an expiry up to its field, and refuses what would not fit", async () => {
    const { book, pool } = market;
    const asPool = await speakingFor(pool, book);
    const limit = 2n ** 53n - 1n;
    const owing = (rentBase: bigint, rentQuote: bigint) => ({
      ...{ ...STILL, spot: 3000n * WAD, isOpening: true },
      expiries: [{ expiryAt: EXPIRY, vega: 0, vegaSkew: 0, gamma: 0, delta: 0, rentBase, rentQuote }],
    });
    await asPool.move!(owing(limit - 1n, limit));
    for (const [rentBase, rentQuote] of [
      [2n, 0n],
      [0n, 1n],
    ] as const) {
      const reached = BOOK_LIMITS.indexOf("Rent");
      expect(await book.check!(owing(rentBase, rentQuote))).to.equal(reached);
      await expect(asPool.move!(owing(rentBase, rentQuote)))
        .to.be.revertedWithCustomError(book, "Book_LimitExceeded")
        .withArgs(reached);
    }
    await asPool.move!(owing(1n, 0n));
    expect([...(await book.rent!(EXPIRY))]).to.deep.equal([limit * UNIT, limit * UNIT]);
    const [own] = (await readBook(market, [EXPIRY])).expiries;
    expect(own!.refreshedAt).to.be.greaterThan(0);
    expect(own!.refreshedSpot).to.equal(3000n * WAD);
    expect(own!.rentSince).to.be.greaterThan(own!.refreshedAt);
    expect([own!.rentBase, own!.rentQuote]).to.deep.equal([limit * UNIT, limit * UNIT]);
  });

  it("P9: releases what the reserve holds beyond the potential, and no more", async () => {
    const { book, trader } = market;
    for (const [series, amount] of [
      [call(3000), 20],
      [put(2800), 15],
      [call(3200, FAR), 10],
    ] as const)
      await trade(market, trader, [leg(series, amount)]);
    await networkHelpers.mine();
    const paid = (await readBook(market)).reserve;
    expect(paid).to.be.greaterThan(0n);
    await trade(market, trader, [leg(call(3000), -20)]);
    await networkHelpers.mine();
    const { reserve } = await readBook(market);
    expect(reserve).to.be.lessThan(paid);
    const mark = await book.mark!(await post(market, { at: READY + 90 }));
    // Kept is Phi, rounded up to the word's unit, unless the reserve is smaller.
    const whole = (((await book.potential!()) + UNIT - 1n) / UNIT) * UNIT;
    expect(mark.reserve).to.equal(whole < reserve ? whole : reserve);
    const owed = mark.liability + mark.reserve + mark.rent + mark.rentBase + mark.rentQuote;
    expect(mark.equity).to.equal(((mark.base as bigint) * mark.spot) / WAD + mark.quote - owed);
    // Without a mark all is kept.
    for (const [named, kept] of [
      [2n ** 256n - 1n, reserve],
      [mark.reserve, mark.reserve],
    ]) {
      const receipt = await (await assign(1_000_000n * WAD, { reserve: named! })).wait();
      const [assigned] = eventsOf(book, receipt!);
      expect(assigned!.args.reserve).to.equal(kept);
      expect(assigned!.args.released).to.equal(reserve - kept!);
      expect((await readBook(market)).reserve).to.equal(kept);
    }
  });

  for (const baseDecimals of [18, 8])
    it(`reckons the potential of the whole book at its smallest equity and its last spot, of a base of ${baseDecimals} decimals`, async () => {
      if (baseDecimals !== 18) market = await openMarket({ baseDecimals });
      const { book, vault, trader, other, clearinghouse, expiries } = market;
      await trade(market, trader, [leg(call(3000), 40), leg(put(2800, FAR), 10)]);
      await renewFeeds(market, READY + 60, 3060n * USD);
      await post(market, { at: READY + 70, spot: 3060n * WAD });
      await refreshAll(market);
      // Taken in at the far expiry, beyond where the slope of its vega ends.
      await as(other, clearinghouse).deposit!(market.baseToken, (75n * WAD) / market.scale.base, other);
      await as(other, clearinghouse).mint!(call(3000, FAR), 75n * WAD, other, other);
      await trade(market, other, [leg(call(3000, FAR), -75)]);
      asVault = await speakingFor(vault, book);
      await assign(900_000n * WAD);
      const state = await readBook(market);
      const [, far] = state.expiries;
      expect(toFloat(far!.vega)).to.be.lessThan(-(DEFAULT_PARAMETERS.limits.vegaHigh * 900_000) / 5);
      const still = { vega: 0, vegaSkew: 0, gamma: 0, weight: 0 };
      const held = {
        ...emptyBook(1, 1, 1, 1),
        vega: toFloat(state.vega),
        gamma: toFloat(state.gamma),
        optionsDelta: toFloat(state.delta),
        base: toFloat(state.collateral[0] * market.scale.base),
        claimBase: toFloat(state.claimBase),
        band: toFloat(state.band),
        expiries: new Map(
          state.expiries.map((one) => [
            one.expiryAt,
            {
              vega: toFloat(one.vega),
              vegaSkew: toFloat(one.vegaSkew),
              gamma: toFloat(one.gamma),
              weight: 0,
            },
          ]),
        ),
      };
      const nothing = {
        ...{ vega: 0, gamma: 0, optionsDelta: 0 },
        expiries: new Map(expiries.map((at) => [at, still])),
      };
      expect(Math.abs(held.optionsDelta + held.base - held.claimBase)).to.be.greaterThan(held.band);
      const terms = termsOf(held, nothing, 900_000, 3060, DEFAULT_PARAMETERS);
      const phi = terms.reduce((sum, { x, f }) => sum + valueAt(x, f), 0);
      expect(phi).to.be.greaterThan(50);
      expect(Math.abs(toFloat(await book.potential!()) / phi - 1)).to.be.lessThan(1e-6);
    });

  it("P9: rewards never exceed the impact that was paid in", async () => {
    const { trader } = market;
    let sum = 0n;
    for (const [series, amount] of [
      [call(3000), 25],
      [put(3000), 20],
      [call(3000), -25],
      [call(3800, FAR), 30],
      [put(3000), -20],
      [call(3800, FAR), -30],
    ] as const) {
      const { parts, isFloor } = tradedOf(market, await trade(market, trader, [leg(series, amount)]));
      // Paid in is cut to the word's unit.
      if (!isFloor) sum += parts.impact >= 0n ? (parts.impact / UNIT) * UNIT : parts.impact;
      const { reserve } = await readBook(market);
      expect(reserve).to.equal(sum);
      expect(reserve).to.be.at.least(0n);
    }
  });

  it("P12: takes at least the stated rent, and releases it to its tranche evenly until the expiry", async () => {
    const { book, trader, pool } = market;
    const { parts } = tradedOf(market, await trade(market, trader, [leg(call(3000), 10)]));
    const bought = await networkHelpers.time.latest();
    const { rentBelowPpm } = await pool.parameters!();
    const years = (capacity: bigint) =>
      (capacity * rentBelowPpm * BigInt(EXPIRY - 1200 - bought)) / (1_000_000n * 365n * 86_400n);
    expect(parts.rentBase).to.be.at.least(years(10n * 3000n * WAD));
    expect(parts.rentQuote).to.be.at.least(years(10n * 3000n * WAD));
    const due = await book.rent!(EXPIRY);
    expect([due.rentBase, due.rentQuote]).to.deep.equal([
      (parts.rentBase / UNIT) * UNIT,
      (parts.rentQuote / UNIT) * UNIT,
    ]);
    // Of all live expiries: nothing else was bought.
    expect(await book.unreleasedRent!()).to.equal(due.rentBase + due.rentQuote);
    const half = bought + (EXPIRY - bought) / 2;
    // Released is what is due at the mark, however late it is written.
    await networkHelpers.time.setNextBlockTimestamp(half + 5000);
    await assign(1_000_000n * WAD, { markedAt: half });
    const left = await book.rent!(EXPIRY);
    const share = BigInt(half - bought);
    const total = BigInt(EXPIRY - bought);
    expect(due.rentBase - left.rentBase).to.be.closeTo((due.rentBase * share) / total, UNIT);
    expect(due.rentQuote - left.rentQuote).to.be.closeTo((due.rentQuote * share) / total, UNIT);
    await expect(assign(1_000_000n * WAD, { markedAt: half })).not.to.emit(book, "RentReleased");
    await expect(assign(1_000_000n * WAD, { markedAt: EXPIRY }))
      .to.emit(book, "RentReleased")
      .withArgs(EXPIRY, left.rentBase, left.rentQuote);
    expect([...(await book.rent!(EXPIRY))]).to.deep.equal([0n, 0n]);
  });

  it("opens nothing from the cut-off to the epoch's end, and sells back all the while", async () => {
    const { trader } = market;
    await trade(market, trader, [leg(call(3000), 2)]);
    const day = Math.floor(READY / 86_400) + 1;
    const cutOff = day * 86_400 + 9 * HOUR;
    await assign(1_000_000n * WAD, { cutOffDay: day });
    await renewFeeds(market, cutOff - 60);
    await post(market, { at: cutOff - 30, tenors: [25, 88] });
    await refreshAll(market);
    await networkHelpers.time.setNextBlockTimestamp(cutOff - 1);
    await trade(market, trader, [leg(call(3000), 1)]);
    await expectRefused(market, [leg(call(3000), 1)], { refusal: "BookLimit", limit: "EpochDue" }, cutOff);
    await trade(market, trader, [leg(call(3000), -1)]);
    await assign(1_000_000n * WAD, { cutOffDay: day + 1 });
    await trade(market, trader, [leg(call(3000), 1)]);
  });

  it("ends an epoch in a block in which somebody has sold back", async () => {
    const { trader, pool } = market;
    await trade(market, trader, [leg(call(3000), 2)]);
    await ethers.provider.send("evm_setAutomine", [false]);
    const gas = { gasLimit: 3_000_000n };
    await as(trader, pool).trade!([leg(call(3000), -1)], NO_LIMIT, DEADLINE, trader, "0x", {
      ...gas,
      maxFeePerGas: 10n ** 12n,
      maxPriorityFeePerGas: 10n ** 11n,
    });
    const claims = {
      claimBase: FUNDS.base,
      claimQuote: FUNDS.quote * UNIT,
      equity: 900_000n * WAD,
      reserve: 0,
    };
    const ended = await asVault.assign!({ ...claims, markedAt: 0, cutOffDay: 0 }, gas);
    await ethers.provider.send("evm_mine", []);
    await ethers.provider.send("evm_setAutomine", [true]);
    await ended.wait();
    expect((await readBook(market)).equityLow).to.equal(900_000n * WAD);
  });

  it("H2: its imprint is the same but for what came in and went out, and another after any other move", async () => {
    const { book, trader, vault, owner, baseToken, quoteToken } = market;
    const { imprint } = await book.hedgeable!(3000n * WAD);
    expect(await book.imprint!(0, 0)).to.equal(imprint);
    const snapshot = await networkHelpers.takeSnapshot();
    for (const [token, of] of [
      [baseToken, (moved: bigint) => [moved, 0n]],
      [quoteToken, (moved: bigint) => [0n, moved]],
    ] as const) {
      await vault.withdraw!(token, 7n, owner);
      expect(await book.imprint!(0, 0)).to.not.equal(imprint);
      expect(await book.imprint!(...of(-7n))).to.equal(imprint);
      await vault.fund!(token, 9n);
      expect(await book.imprint!(...of(2n))).to.equal(imprint);
      expect(await book.imprint!(...of(1n))).to.not.equal(imprint);
      await snapshot.restore();
    }
    for (const move of [
      () => trade(market, trader, [leg(call(3000), 1)]),
      () => assign(900_000n * WAD),
      () => asVault.lowerClaim!(1, WAD, 3000n * WAD),
    ]) {
      await move();
      expect(await book.imprint!(0, 0)).to.not.equal(imprint);
      await snapshot.restore();
    }
  });

  it("P12: hears of pending withdrawals from each tranche for itself, rounded up", async () => {
    const { book, baseTranche, quoteTranche, trader } = market;
    await pend(market, 5n * WAD + 1n, 700n * WAD);
    const { pendingBase, pendingQuote } = await readBook(market);
    expect([pendingBase, pendingQuote]).to.deep.equal([5n * WAD + 10n ** 9n, 700n * WAD]);
    for (const [caller, side] of [
      [trader, 0],
      [trader, 1],
      [baseTranche, 1],
      [quoteTranche, 0],
    ] as const)
      await expect(as(caller, book).setPending!(side, 1n, WAD))
        .to.be.revertedWithCustomError(book, "Book_NotModule")
        .withArgs(caller.address);
  });

  it("marks the account at a report: what is written and held, its balances, its equity without the reserve", async () => {
    const { book, trader, clearinghouse, baseToken, quoteToken } = market;
    await trade(market, trader, [leg(call(3000), 10), leg(put(2800), 5)]);
    const at = READY + 60;
    const report = await post(market, { at, spot: 3010n * WAD });
    const mark = await book.mark!(report);
    const legs = (await market.pool.quote!([leg(call(3000), 1), leg(put(2800), 1)])).legs;
    const liability = 10n * legs[0].value + 5n * legs[1].value;
    expect(mark.spot).to.equal(3010n * WAD);
    const [base] = await clearinghouse.collateral!(book, baseToken);
    const [quoteAssets] = await clearinghouse.collateral!(book, quoteToken);
    expect([mark.base, mark.quote]).to.deep.equal([base, quoteAssets * UNIT]);
    // The pool quotes at the lower of two spots, 3000, so the liability at 3010 is larger by about delta.
    expect(mark.liability).to.be.greaterThan(liability);
    const { reserve } = await readBook(market);
    const { rentBase, rentQuote } = await book.rent!(EXPIRY);
    expect(mark.reserve).to.equal(reserve);
    expect(mark.rent + mark.rentBase + mark.rentQuote).to.equal(rentBase + rentQuote);
    const worth: bigint = mark.base * 3010n + mark.quote;
    expect(mark.equity).to.equal(worth - mark.liability - reserve - rentBase - rentQuote);
    expect(mark.potential).to.equal(await book.potential!());
    // What closing every position would cross spreads on.
    expect(mark.grossAmount).to.equal(15n * WAD);
    const grossVega = 10n * legs[0].vega + 5n * legs[1].vega;
    expect(mark.grossVega).to.be.closeTo(grossVega, grossVega / 50n);
    const risk = await valuedOf(market, EXPIRY, 3010, at);
    expect(Math.abs(toFloat(mark.delta) - risk.delta)).to.be.lessThan(1e-6);
    expect(Math.abs(toFloat(mark.gamma) - risk.gamma)).to.be.lessThan(1e-3);
  });

  it("marks by intrinsic value what a report has no slice of, on both sides of the strike and at it", async () => {
    const { book, trader } = market;
    const legs = [leg(call(3000), 10), leg(call(3200), 3), leg(put(3200), 4), leg(put(2800), 5)];
    await trade(market, trader, legs);
    await networkHelpers.mine();
    for (const [at, spot, worth, delta] of [
      [READY + 60, 3010n, 10n * 10n + 4n * 190n, -10n + 4n],
      // At its strike a put has its delta still.
      [READY + 120, 3200n, 10n * 200n, -10n + 4n],
      [READY + 180, 2790n, 4n * 410n + 5n * 10n, 4n + 5n],
    ] as const) {
      const mark = await book.mark!(await post(market, { at, spot: spot * WAD, tenors: [1, 2, 88] }));
      expect(mark.liability).to.equal(worth * WAD);
      expect(mark.delta).to.equal(delta * WAD);
      expect([mark.gamma, mark.grossVega, mark.grossAmount]).to.deep.equal([0n, 0n, 22n * WAD]);
    }
  });

  it("V10: marks at the report's time, the same whenever it is asked", async () => {
    const { book, trader } = market;
    await trade(market, trader, [leg(call(3000), 10), leg(put(2800), 5)]);
    const report = await post(market, { at: READY + 60, spot: 3010n * WAD });
    const mark = await book.mark!(report);
    await networkHelpers.time.increase(20 * HOUR);
    expect([...(await book.mark!(report))]).to.deep.equal([...mark]);
  });

  it("K4: lets the hedger alone note a hedge", async () => {
    const { book, vault, pool, baseTranche, quoteTranche, hedger } = market;
    for (const module of [vault, pool, baseTranche, quoteTranche]) {
      // A tranche of this fixture is an account.
      const other = "target" in module ? await speakingFor(module, book) : as(module, book);
      await expect(other.noteHedge!()).to.be.revertedWithCustomError(book, "Book_NotModule").withArgs(module);
    }
    expect((await readBook(market)).isMoved).to.equal(false);
    await (await speakingFor(hedger, book)).noteHedge!();
    expect((await readBook(market)).isMoved).to.equal(true);
  });

  it("K4: lets nobody else be the vault, the pool, the hedger or a tranche, and no deployer name modules twice", async () => {
    const { book, trader, owner } = market;
    const modules = (await book.modules!()).toObject();
    for (const account of [trader, owner]) {
      const stranger = as(account, book);
      for (const attempt of [
        () => stranger.move!(STILL),
        () =>
          stranger.assign!({ claimBase: 0, claimQuote: 0, equity: 0, reserve: 0, markedAt: 0, cutOffDay: 0 }),
        () => stranger.windDown!(),
        () => stranger.setPending!(0, 1n, WAD),
        () => stranger.noteHedge!(),
      ])
        await expect(attempt())
          .to.be.revertedWithCustomError(book, "Book_NotModule")
          .withArgs(account.address);
    }
    await expect(book.initialize!(modules)).to.be.revertedWithCustomError(book, "Book_Initialized");
    await expect(as(trader, book).initialize!(modules)).to.be.revertedWithCustomError(
      book,
      "Book_NotDeployer",
    );
  });

  it("C4, T5: realizes an expiry after its genuine settlement, and keeps the other's sums", async () => {
    const { book, trader, settlement, clearinghouse, baseToken } = market;
    await trade(market, trader, [leg(call(2600), 4), leg(put(3400), 3), leg(call(3000, FAR), 2)]);
    await renewFeeds(market, EXPIRY - HOUR, 3000n * USD);
    await market.baseFeed.transmit(3300n * USD, EXPIRY - 900);
    const walkableAt = EXPIRY + ROUND_LAG_SECONDS;
    await market.baseFeed.transmit(3100n * USD, walkableAt + 20);
    await market.quoteFeed.transmit(USD, walkableAt + 30);
    const rounds = async (feed: typeof market.baseFeed) => {
      const [last] = await feed.proxy.latestRoundData!();
      return Number(BigInt.asUintN(64, last));
    };
    // The rounds in force when the window begins: the last but two of base, the last but one of the quote.
    const first = [
      roundId(1, (await rounds(market.baseFeed)) - 2),
      roundId(1, (await rounds(market.quoteFeed)) - 1),
    ];
    await settlement.walk!(MARKET, EXPIRY, ...first, 10);
    const price = 3150n * WAD;
    expect(await clearinghouse.settlementPrice!(MARKET, EXPIRY)).to.equal(price);
    const report = await post(market, { at: walkableAt + 60, tenors: [53, 88, 144] });
    // What the live ones add to U, and what it is, in units of its field.
    const { base: summed } = await sumsOf(market, [FAR]);
    await expect(book.mark!(report))
      .to.be.revertedWithCustomError(book, "Book_NotRealized")
      .withArgs(summed / 10n ** 9n, (await readBook(market)).baseSum / 10n ** 9n);
    await refreshAll(market);
    await book.refresh!([EXPIRY, FAR]);
    // H8: what the settled calls owe is their delta, at the settlement price and not at spot, until it is paid.
    const owed = (await readBook(market, [EXPIRY])).expiries[0]!.delta;
    expect(owed).to.be.closeTo((-4n * WAD * 550n) / 3150n, 10n ** 9n);
    const [before] = await clearinghouse.collateral!(book, baseToken);
    const due = await book.rent!(EXPIRY);
    await expect(as(trader, book).realize!(EXPIRY)).to.emit(book, "ExpiryRealized");
    expect([...(await book.rent!(0))], "its rent waits for the epoch's end").to.deep.equal([...due]);
    const [after] = await clearinghouse.collateral!(book, baseToken);
    // Four calls at 2600 pay (A - K) / A of a base unit each.
    expect(before - after).to.be.closeTo((4n * WAD * 550n) / 3150n, 1n);
    const { vega, gamma, delta, baseSum, quoteSum, expiries } = await readBook(market, [EXPIRY, FAR]);
    expect(expiries[0]!.vega).to.equal(0n);
    expect([vega, gamma, delta]).to.deep.equal([expiries[1]!.vega, expiries[1]!.gamma, expiries[1]!.delta]);
    const sums = await sumsOf(market, [FAR]);
    expect([baseSum, quoteSum]).to.deep.equal([sums.base, sums.quote]);
    expect((await book.mark!(report)).equity).to.be.greaterThan(0n);
    await renewFeeds(market, walkableAt + 100, 3100n * USD);
    await networkHelpers.mine();
    await refreshAll(market);
    expect((await readBook(market)).expiries.map(({ expiryAt }) => expiryAt)).to.deep.equal([FAR]);
  });
});

import { seriesId } from "@meniscus/sdk/series";
import { expect } from "chai";
import { coverageBySearch, type Leg } from "../../support/clearing/coverageReference.ts";
import { deploy } from "../../support/oracle/fixture.ts";
import {
  type AnyContract,
  as,
  call,
  EXPIRY,
  ethers,
  expiryIn,
  leg,
  MARKET,
  networkHelpers,
  options,
  post,
  put,
  refreshAll,
  STRIKES,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { renewFeeds, tradedOf, withAverage } from "../../support/pool/situations.ts";
import { readBook } from "../../support/pool/words.ts";
import { smileWord } from "../../support/slices.ts";
import { tauAt } from "../../support/surface.ts";
import {
  ALL,
  absolute,
  expectPlanIsTrue,
  fill,
  gapTo,
  type HedgeMarket,
  type Plan,
  planAt,
  readyToHedge,
  renew,
  tick,
  traded,
  waitForBound,
} from "../../support/vault/hedge.ts";
import { passExpiry } from "../../support/vault/market.ts";

describe("DeltaHedger: the auction", () => {
  let market: HedgeMarket;
  beforeEach(async () => {
    market = await readyToHedge();
  });

  it("H6: tiny, repeated and withheld fills leave the clock as it is, and new excess enters at its beginning", async () => {
    const { hedger } = market;
    await traded(market, call(3000), 60);
    await expect(hedger.open!()).to.emit(hedger, "AuctionOpened");
    const openedAt = await networkHelpers.time.latest();
    await expect(hedger.open!()).to.not.emit(hedger, "AuctionOpened");
    for (let i = 0; i < 5; i++) {
      await networkHelpers.time.increase(10);
      await renew(market);
      const { minimum } = await planAt(market);
      await fill(market, minimum);
      expect((await planAt(market)).openedAt).to.equal(openedAt);
    }
    await networkHelpers.time.increase(60);
    await renew(market);
    const before = await planAt(market);
    const grown = async () => {
      await trade(market, market.trader, [leg(call(3000), 20)]);
      await networkHelpers.mine();
      await renew(market);
      await hedger.open!();
      return planAt(market);
    };
    const after = await grown();
    const now = await networkHelpers.time.latest();
    // The mean age of what is to be hedged, the new part's being zero.
    const age = ((now - openedAt) * Number(before.amount)) / Number(after.amount);
    expect(now - after.openedAt).to.be.closeTo(Math.round(age), 2);
    await waitForBound(market);
    await fill(market, ALL);
    const { obstacle, openedAt: ended } = await planAt(market);
    expect([obstacle, ended]).to.deep.equal(["InsideBand", 0]);
  });

  it("H6: keeps the clock of what is left, were it the smallest unit, and stops it with nothing left", async () => {
    for (const [series, unit] of [
      [call(3000), 10n ** 9n],
      [put(3400), -(10n ** 9n)],
    ] as const) {
      await traded(market, series, 80);
      await market.hedger.open!();
      const openedAt = await networkHelpers.time.latest();
      await networkHelpers.time.increase(100);
      await renew(market);
      const { amount } = await planAt(market);
      await fill(market, amount - unit);
      const left = await planAt(market);
      expect([left.amount, left.openedAt]).to.deep.equal([unit, openedAt]);
      await fill(market, unit);
      expect((await planAt(market)).openedAt).to.equal(0);
    }
  });

  it("H6: an auction ends when delta is seen inside the band, by anyone, and nobody looks while nobody can say what it is", async () => {
    const { hedger, trader } = market;
    await traded(market, call(3000), 30);
    await hedger.open!();
    await networkHelpers.time.increase(100);
    await trade(market, trader, [leg(call(3000), -30)]);
    await networkHelpers.mine();
    await renew(market);
    await hedger.open!();
    await traded(market, call(3000), 30);
    const now = await networkHelpers.time.latest();
    expect((await planAt(market, now + 1)).openedAt).to.equal(now + 1);
    await networkHelpers.time.increase(31);
    await expect(hedger.open!()).to.be.revertedWithCustomError(hedger, "Hedger_Refused").withArgs(4);
  });

  /** Where lies of spot may lie while the feed says 3000: to the edge of what the oracle counts, or as far as an average that lags. */
  const ROOMS = [
    { where: "anywhere near the feed", average: null, up: 3057n, down: 2944n },
    { where: "between the feed and an average below it", average: 2985, up: 3000n, down: 2985n },
    { where: "between the feed and an average above it", average: 3015, up: 3015n, down: 3000n },
  ];
  for (const { where, average, up, down } of ROOMS)
    it(`S7: signers who turn the book about by a spot ${where} take of its hedges the epoch's loss cap and one more, and then the bound`, async () => {
      const { hedger, own, baseToken, quoteToken } = market;
      if (average !== null) await (await withAverage(market))(average);
      for (const series of [call(3000), put(3000)]) await trade(market, market.trader, [leg(series, 60)]);
      /** A spot, and a forward so far away that every call has a delta of 1, or every put. */
      const lie = async (isUp: boolean) => {
        const at = (await networkHelpers.time.latest()) + 1;
        const basis = isUp ? 0.9 : -0.9;
        const wordOf = (days: number) =>
          smileWord({ vol: 0.6, tau: tauAt(expiryIn(days), at), reportAt: at, basis });
        const words = Object.fromEntries([25, 88].map((days) => [days, wordOf(days)]));
        await post(market, { at, spot: (isUp ? up : down) * WAD, words });
        await tick();
        await refreshAll(market);
      };
      await networkHelpers.mine();
      const worth = async (): Promise<bigint> =>
        (await baseToken.balanceOf!(own)) * 3000n + (await quoteToken.balanceOf!(own)) * 10n ** 12n;
      const { lossCapPpm, boundPpm } = await hedger.parameters!();
      const { equityLow } = await readBook(market);
      let [total, largest, beyond] = [0n, 0n, 0];
      for (let i = 0; i < 16; i++) {
        await lie(i % 2 === 0);
        const { obstacle, amount, isPastLossCap } = await planAt(market);
        if (obstacle !== "None") continue;
        const before = await worth();
        await fill(market, amount > 0n ? ALL : -ALL);
        const won = (await worth()) - before;
        total += won;
        if (isPastLossCap) {
          beyond += 1;
          expect(won).to.be.at.most((absolute(amount) * 3000n * boundPpm) / 1_000_000n + 10n ** 13n);
        } else if (won > largest) {
          largest = won;
        }
        expect(await hedger.epochLoss!()).to.be.at.least(total - 10n ** 13n);
      }
      const cap = (equityLow * lossCapPpm) / 1_000_000n;
      // What the vault wins at the start's price counts against the loss, so now and then another fill is within the cap.
      expect(largest).to.be.greaterThan(average === null ? 2n * cap : cap / 2n);
      expect(total).to.be.within(1n, cap + largest);
      expect(beyond).to.be.greaterThan(4);
    });

  describe("H7: with all keepers dead for a month, in which an expiry passes", () => {
    const far = expiryIn(88);
    const NEAR: [bigint, number][] = [
      [call(3000), 10],
      [put(3200), 4],
    ];
    const FAR: [bigint, number][] = [
      [call(2400, far), 10],
      [put(3800, far), 5],
    ];
    /** Whose delta a fall of spot takes away. */
    const MONEY: [bigint, number][] = [[call(3000, far), 60]];
    /** Of 10 calls at 3000 and 4 puts at 3200, at 3100. */
    const PAID = { base: (10n * WAD * 100n) / 3100n, quote: 400n * 10n ** 6n };
    /** What a writer has: what he wrote on either side of what he keeps, so that the most that he owes is at neither end. */
    const SPREAD: [bigint, number][] = [
      [call(2400, far), 1],
      [call(2800, far), -2],
      [call(3200, far), 1],
    ];
    /** What the trader holds by ERC-20 wrappers, of what he has bought. */
    const WRAPPED: [bigint, bigint][] = [
      [call(3000), 2n * WAD],
      [call(2400, far), 2n * WAD],
    ];
    let rounds: bigint[];
    let wrappers: AnyContract[];

    beforeEach(async () => {
      for (const [series, amount] of [...NEAR, ...FAR, ...MONEY])
        await trade(market, market.trader, [leg(series, amount)]);
      await writeSpread();
      wrappers = await wrapped();
      const month = (await networkHelpers.time.latest()) + 30 * 86_400;
      rounds = await passExpiry(market, EXPIRY, 3100);
      await renewFeeds(market, month, 3100n * USD);
    });

    /** What is deposited long comes from the trader. */
    async function writeSpread() {
      const { clearinghouse, baseToken, trader, other } = market;
      await as(other, clearinghouse).deposit!(baseToken, 10n * WAD, other);
      for (const [series, amount] of SPREAD)
        if (amount > 0) await as(other, clearinghouse).mint!(series, options(amount), other, other);
      for (const [series, amount] of SPREAD) {
        if (amount > 0) continue;
        await trade(market, trader, [leg(series, -amount)]);
        await as(trader, clearinghouse).transfer!(other, series, options(-amount));
        await as(other, clearinghouse).burn!(series, options(-amount), other, other);
      }
    }

    async function wrapped(): Promise<AnyContract[]> {
      const { clearinghouse, trader } = market;
      const factory = await deploy("OptionERC20Factory", clearinghouse);
      const all: AnyContract[] = [];
      for (const [series, amount] of WRAPPED) {
        await factory.deploy!(series);
        const wrapper = (await ethers.getContractAt(
          "OptionERC20",
          await factory.addressOf!(series),
        )) as unknown as AnyContract;
        await as(trader, clearinghouse).approve!(wrapper, series, ethers.MaxUint256);
        await as(trader, wrapper).wrap!(amount, trader);
        all.push(wrapper);
      }
      return all;
    }

    /** C3: each account has locked for an expiry what it can owe there at any price, and has it. */
    async function expectCovered() {
      const { clearinghouse, book, trader, other, owner } = market;
      for (const account of [book, trader, other, owner])
        for (const expiryAt of [EXPIRY, far]) {
          const written: Record<"calls" | "puts", Leg[]> = { calls: [], puts: [] };
          for (const strike of STRIKES)
            for (const isPut of [false, true]) {
              const position: bigint = await clearinghouse.position!(
                account,
                seriesId({ market: MARKET, expiryAt, strike, isPut }),
              );
              written[isPut ? "puts" : "calls"].push({ strike, written: -position });
            }
          const base = coverageBySearch(written.calls).calls;
          const quote = coverageBySearch(written.puts).puts;
          const [ofBase, ofQuote] = await clearinghouse.coverage!(account, MARKET, expiryAt);
          expect(ofBase, "base").to.be.at.least(base);
          expect(ofQuote * 10n ** 12n * WAD, "quote").to.be.at.least(quote);
        }
    }

    /** C8: a wrapper holds what it has given out. */
    async function expectBacked() {
      for (const wrapper of wrappers) {
        const held: bigint = await market.clearinghouse.balanceOf!(wrapper, await wrapper.SERIES!());
        expect(held).to.equal(await wrapper.totalSupply!());
      }
    }

    /** C1, C4: of each asset there is what accounts have, but for `due`, and each account has locked what its expiries need. */
    async function expectWhole(due: { base: bigint; quote: bigint }) {
      const { clearinghouse, book, baseToken, quoteToken, trader, other, owner } = market;
      for (const [side, token] of [
        ["base", baseToken],
        ["quote", quoteToken],
      ] as const) {
        let sum = 0n;
        for (const account of [book, trader, other, owner]) {
          const [balance, locked] = await clearinghouse.collateral!(account, token);
          sum += balance;
          let needed = 0n;
          for (const expiryAt of [EXPIRY, far])
            needed += (await clearinghouse.coverage!(account, MARKET, expiryAt))[side === "base" ? 0 : 1];
          expect(locked, `locked ${side}`).to.equal(needed);
          expect(balance, `balance ${side}`).to.be.at.least(locked);
        }
        const held: bigint = await clearinghouse.held!(token);
        expect(held, side).to.equal(await token.balanceOf!(clearinghouse));
        // A unit of dust for each of two series.
        expect(held - sum + due[side], side).to.be.within(0n, 2n);
      }
    }

    /** C2: who has bought an option has it of somebody who has written it. */
    async function expectMatched(all: [bigint, number][]) {
      const { clearinghouse, book, trader, other, owner } = market;
      for (const [series] of all) {
        let sum: bigint = await clearinghouse.totalSupply!(series);
        for (const account of [book, trader, other, owner])
          sum += await clearinghouse.position!(account, series);
        expect(sum).to.equal(0n);
      }
    }

    async function expectSound(due: { base: bigint; quote: bigint }, all: [bigint, number][]) {
      await expectWhole(due);
      await expectMatched(all);
      await expectCovered();
      await expectBacked();
    }

    /** Sells a part of the far options back. */
    async function expectExit() {
      for (const [series] of FAR) {
        const sold = tradedOf(market, await trade(market, market.trader, [leg(series, -1)]));
        expect(sold.isFloor).to.equal(true);
        // In the money by 700, less what the floor keeps for a spot and a basis that nobody signs.
        expect(-sold.cost).to.be.within(200n * 10n ** 6n, 700n * 10n ** 6n);
        await networkHelpers.mine();
      }
    }

    it("H7: nothing is short, and whoever comes sells back, unwraps, settles, redeems and realizes", async () => {
      const { trader, other, book, clearinghouse, settlement, baseToken, quoteToken } = market;
      const [nearWrapper, farWrapper] = wrappers as [AnyContract, AnyContract];
      const nothing = { base: 0n, quote: 0n };
      await expectSound(nothing, [...NEAR, ...FAR, ...MONEY, ...SPREAD]);
      await expectExit();
      await as(trader, farWrapper).unwrap!(WAD, trader);
      await trade(market, trader, [leg(call(2400, far), -1)]);
      await networkHelpers.mine();
      await as(other, settlement).walk!(MARKET, EXPIRY, ...rounds, 10);
      expect(await clearinghouse.settlementPrice!(MARKET, EXPIRY)).to.equal(3100n * WAD);
      const balances = async (): Promise<bigint[]> => [
        await baseToken.balanceOf!(trader),
        await quoteToken.balanceOf!(trader),
      ];
      const had = await balances();
      const inWrapper: bigint = await nearWrapper.balanceOf!(trader);
      await as(trader, nearWrapper).redeem!(inWrapper, trader);
      for (const [series, amount] of NEAR) {
        const held = options(amount) - (series === call(3000) ? inWrapper : 0n);
        await as(trader, clearinghouse).redeem!(series, held, trader, trader);
      }
      const [base, quote] = (await balances()).map((value, i) => value - had[i]!) as [bigint, bigint];
      // Two redemptions of one series, each rounded down.
      expect(PAID.base - base).to.be.within(0n, 1n);
      expect(quote).to.equal(PAID.quote);
      await expectSound({ base, quote }, [...FAR, ...MONEY, ...SPREAD]);
      expect(await book.isOpen!(EXPIRY), "not realized yet").to.equal(true);
      await expectExit();
      await as(other, book).realize!(EXPIRY);
      expect(await book.isOpen!(EXPIRY)).to.equal(false);
      expect([...(await clearinghouse.coverage!(book, MARKET, EXPIRY))].slice(0, 2)).to.deep.equal([0n, 0n]);
      await expectSound(nothing, [...FAR, ...MONEY, ...SPREAD]);
      await expectExit();
    });

    it("H7: the first who comes hedges, by what the expired options will pay, and goes on when they have paid", async () => {
      const { book, settlement } = market;
      const look = async (spot: number) => {
        await renewFeeds(market, (await networkHelpers.time.latest()) + 1, BigInt(spot) * USD);
        await renew(market, spot, 0.6, [53, 88, 144]);
        return expectPlanIsTrue(market);
      };
      const expectHedged = async ({ obstacle, amount, band, openedAt }: Plan) => {
        expect(obstacle).to.equal("None");
        // Nobody had opened the auction: it begins now.
        expect(openedAt).to.equal((await networkHelpers.time.latest()) + 1);
        const { deltaBefore, deltaAfter } = await fill(market, amount);
        expect(absolute(deltaBefore)).to.be.greaterThan(band);
        expect(absolute(deltaAfter)).to.be.at.most(band + 10n ** 9n);
      };
      await expectHedged(await look(3100));
      await settlement.walk!(MARKET, EXPIRY, ...rounds, 10);
      expect((await look(3100)).obstacle).to.equal("NotRealized");
      await book.realize!(EXPIRY);
      expect((await look(3100)).obstacle, "nothing is hedged twice").to.equal("InsideBand");
      await expectHedged(await look(2400));
    });
  });

  it("hedges after a gap of 30 % between two blocks, either way", async () => {
    await traded(market, call(3000), 40);
    await fill(market, ALL);
    for (const spot of [3900, 2730]) {
      await gapTo(market, spot);
      const plan = await expectPlanIsTrue(market);
      expect(plan.obstacle).to.equal("None");
      const { deltaAfter } = await fill(market, plan.amount);
      expect(absolute(deltaAfter)).to.be.within(plan.band, plan.band + 10n ** 9n);
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("InsideBand");
    }
  });
});

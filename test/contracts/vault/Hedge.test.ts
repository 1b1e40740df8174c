import { ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import {
  type AnyContract,
  as,
  call,
  DEADLINE,
  EXPIRY,
  ethers,
  expiryIn,
  leg,
  MARKET,
  NO_LIMIT,
  networkHelpers,
  post,
  put,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { renewFeeds } from "../../support/pool/situations.ts";
import { eventsOf, readBook } from "../../support/pool/words.ts";
import {
  ALL,
  absolute,
  expectPlanIsTrue,
  fill,
  gapTo,
  HEDGER_PARAMETERS,
  type HedgeMarket,
  NO_LIMIT_BUYING,
  NO_LIMIT_SELLING,
  PPM,
  planAt,
  readyToHedge,
  renew,
  waitForBound,
} from "../../support/vault/hedge.ts";

const UNIT = 10n ** 12n;

describe("DeltaHedger", () => {
  let market: HedgeMarket;
  beforeEach(async () => {
    market = await readyToHedge();
  });

  /** The trader buys options, and the book is looked at anew. */
  async function sold(series: bigint, amount: number): Promise<void> {
    await trade(market, market.trader, [leg(series, amount)]);
    await networkHelpers.mine();
    await renew(market);
  }
  /** The account's base and quote, and what is locked of them. */
  async function account(): Promise<bigint[]> {
    const { clearinghouse, book, baseToken, quoteToken } = market;
    return [
      ...(await clearinghouse.collateral!(book, baseToken)),
      ...(await clearinghouse.collateral!(book, quoteToken)),
    ];
  }

  describe("H4: the plan says why there is nothing to fill, and a fill is refused by the same", () => {
    it("inside the band", async () => {
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("InsideBand");
      await sold(call(3000), 1);
      const { obstacle, delta, band, openedAt } = await expectPlanIsTrue(market);
      expect([obstacle, openedAt]).to.deep.equal(["InsideBand", 0]);
      expect(delta < 0n && -delta < band).to.equal(true);
    });

    it("in the block of a trade, whatever it did", async () => {
      const { hedger, pool, own, quoteToken } = market;
      await sold(call(3000), 20);
      await own.act!(
        quoteToken,
        quoteToken.interface.encodeFunctionData("approve", [pool.target, 2n ** 255n]),
      );
      await renew(market);
      const trades = [[leg(call(3000), 0.1)], NO_LIMIT, DEADLINE, own.target, "0x"];
      await expect(own.actAndFill!(pool, pool.interface.encodeFunctionData("trade", trades), ALL))
        .to.be.revertedWithCustomError(hedger, "Hedger_Refused")
        .withArgs(3);
    });

    it("without a young report, with exposures too old for an opening, and where sources disagree", async () => {
      await sold(call(3000), 20);
      const posted = (await market.surface.surface!(MARKET)).reportAt as bigint;
      expect((await expectPlanIsTrue(market, Number(posted) + 30)).obstacle).to.equal("None");
      expect((await expectPlanIsTrue(market, Number(posted) + 31)).obstacle).to.equal("SpotOld");
      // Young again, the exposures now another 1 % of spot away.
      const at = (await networkHelpers.time.latest()) + 60;
      await post(market, { at, spot: 3031n * WAD });
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("ExposuresOld");
      await market.baseFeed.transmit(2940n * USD);
      await renew(market, 3031);
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("SpotsDisagree");
    });

    it("where the feed is silent, and the signers would be alone", async () => {
      await sold(call(3000), 20);
      await networkHelpers.time.increase(66 * 60);
      await renew(market);
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("SpotSilent");
      const now = await networkHelpers.time.latest();
      await renewFeeds(market, now + 1);
      await renew(market);
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("None");
    });

    it("for want of quote that is neither locked nor reserve nor unreleased rent, and of base that is not locked", async () => {
      const { vault, clearinghouse, quoteToken, baseToken, owner, book } = market;
      await networkHelpers.impersonateAccount(String(vault.target));
      await networkHelpers.setBalance(String(vault.target), WAD);
      const speaker = await ethers.getSigner(String(vault.target));
      const taken = (token: AnyContract, assets: bigint) =>
        (clearinghouse.connect(speaker) as AnyContract).withdraw!(token, assets, book, owner);
      await sold(call(3000), 20);
      const { reserve } = await readBook(market);
      const rents = await Promise.all(market.expiries.map((expiryAt) => book.rent!(expiryAt)));
      const rent: bigint = rents.reduce((sum, [one, other]) => sum + one + other, 0n);
      expect(reserve > 0n && rent > 0n).to.equal(true);
      const [, , quote, locked] = await account();
      // Just what is reserved stays: nothing to buy base with.
      const reserved = (reserve + rent + UNIT - 1n) / UNIT;
      await taken(quoteToken, quote! - locked! - reserved);
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("NoFreeQuote");
      // Twelve thousand more, and the plan spends them to the last unit.
      await vault.fund!(quoteToken, 12_000n * 10n ** 6n);
      const { obstacle, amount, price } = await expectPlanIsTrue(market);
      expect(obstacle).to.equal("None");
      expect((amount * price) / WAD).to.be.within(12_000n * WAD - 10n ** 13n, 12_000n * WAD);
      // Of base, what is free when all of it has been taken out: nothing.
      await vault.fund!(quoteToken, 400_000n * 10n ** 6n);
      await sold(put(3400), 80);
      const [base, lockedBase] = await account();
      await vault.withdraw!(baseToken, base! - lockedBase!, owner);
      const at = (await networkHelpers.time.latest()) + 1;
      await vault.mark!(await post(market, { at }));
      await networkHelpers.mine();
      await renew(market);
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("NoFreeBase");
    });

    it("until a settled expiry is realized, and goes on afterwards as if nothing had happened (H8)", async () => {
      const { book, settlement, clearinghouse, trader } = market;
      await trade(market, trader, [leg(call(2600), 40)]);
      await networkHelpers.mine();
      await renewFeeds(market, EXPIRY - 3600, 3000n * USD);
      await market.baseFeed.transmit(3000n * USD, EXPIRY - 1900);
      await market.quoteFeed.transmit(USD, EXPIRY - 1890);
      await networkHelpers.time.increaseTo(EXPIRY + 10);
      await market.baseFeed.transmit(3000n * USD, EXPIRY + 20);
      await market.quoteFeed.transmit(USD, EXPIRY + 30);
      await market.spot.poke!(MARKET);
      await renew(market, 3000, 0.6, [53, 88, 144]);
      const before = await expectPlanIsTrue(market);
      expect(before.obstacle).to.equal("None");
      await fill(market, before.amount);
      const hedged = await planAt(market);
      expect(hedged.obstacle).to.equal("InsideBand");
      const rounds = async (feed: typeof market.baseFeed) => {
        const [last] = await feed.proxy.latestRoundData!();
        return last as bigint;
      };
      const first = [(await rounds(market.baseFeed)) - 1n, (await rounds(market.quoteFeed)) - 1n];
      await settlement.walk!(MARKET, EXPIRY, ...first, 10);
      await clearinghouse.settle!(MARKET, EXPIRY);
      await renew(market, 3000, 0.6, [53, 88, 144]);
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("NotRealized");
      await book.realize!(EXPIRY);
      await renew(market, 3000, 0.6, [53, 88, 144]);
      const after = await expectPlanIsTrue(market);
      // What the expiry took it owed before: nothing is left to trade again.
      expect(absolute(after.delta - hedged.delta)).to.be.below(10n ** 10n);
      expect(after.obstacle).to.equal("InsideBand");
    });
  });

  describe("H1: fills go from the vault's side of spot to the bound", () => {
    for (const [side, series] of [
      ["buys", call(3000)],
      ["sells", put(3000)],
    ] as const) {
      it(`the vault ${side} from ${HEDGER_PARAMETERS.startPpm} ppm better than spot to ${HEDGER_PARAMETERS.boundPpm} ppm worse, in a straight line`, async () => {
        await sold(series, 20);
        const { startPpm, boundPpm, duration } = HEDGER_PARAMETERS;
        const sign = side === "buys" ? 1n : -1n;
        const unopened = await planAt(market);
        expect(unopened.price).to.equal((unopened.spot * (PPM - sign * BigInt(startPpm))) / PPM);
        await market.hedger.open!();
        const openedAt = await networkHelpers.time.latest();
        for (const seconds of [60, 150, 240, 300, 400, 3000]) {
          await networkHelpers.time.increaseTo(openedAt + seconds - 15);
          await renew(market);
          const plan = await expectPlanIsTrue(market, openedAt + seconds);
          expect([plan.obstacle, plan.openedAt]).to.deep.equal(["None", openedAt]);
          const part = BigInt(Math.min(seconds, duration));
          const given =
            (part * BigInt(startPpm + boundPpm) * WAD) / BigInt(duration) / PPM -
            (BigInt(startPpm) * WAD) / PPM;
          const price = plan.spot + (sign * plan.spot * given) / WAD;
          expect(absolute(plan.price - price)).to.be.below(10n ** 4n);
          expect(plan.bound).to.equal((plan.spot * (PPM + sign * BigInt(boundPpm))) / PPM);
        }
      });
    }

    it("and tell what they cost against spot, which the epoch's loss adds up", async () => {
      await sold(call(3000), 30);
      const { amount, price, spot, minimum } = await waitForBound(market);
      const first = await fill(market, minimum);
      expect([first.base, first.price, first.spot]).to.deep.equal([minimum, price, spot]);
      const rest = await fill(market, ALL);
      expect(first.base + rest.base).to.equal(amount);
      for (const { base, quote, cost } of [first, rest]) {
        expect(quote <= 0n).to.equal(true);
        const exact = -((base * spot) / WAD + quote);
        expect(cost).to.be.within(exact - 1n, exact + UNIT);
        expect(cost * PPM).to.be.closeTo(
          (base * spot * BigInt(HEDGER_PARAMETERS.boundPpm)) / WAD,
          2n * UNIT * PPM,
        );
      }
      expect(await market.hedger.epochLoss!()).to.equal(first.cost + rest.cost);
      // Until 09:00 UTC.
      const nineAt = Math.floor((await networkHelpers.time.latest()) / 86_400) * 86_400 + 33 * 3600;
      await networkHelpers.time.increaseTo(nineAt - 1);
      expect(await market.hedger.epochLoss!()).to.equal(first.cost + rest.cost);
      await networkHelpers.time.increaseTo(nineAt);
      expect(await market.hedger.epochLoss!()).to.equal(0n);
    });

    it("and past the epoch's loss cap only the wider band hedges, which goes on", async () => {
      const { hedger } = market;
      await hedger.setParameters!({ ...HEDGER_PARAMETERS, lossCapPpm: 100, boundPpm: 1300 });
      // 100 ppm of a million are 100 USD: 26 base bought at the bound.
      await sold(call(2600), 60);
      let plan = await waitForBound(market);
      const narrow = plan.band;
      expect(plan.amount).to.be.greaterThan(27n * WAD);
      await fill(market, 27n * WAD);
      expect(await hedger.epochLoss!()).to.be.greaterThan(100n * WAD);
      plan = await expectPlanIsTrue(market);
      expect([plan.isPastLossCap, plan.band]).to.deep.equal([true, 2n * narrow]);
      const { deltaAfter } = await fill(market, ALL);
      expect(-deltaAfter).to.be.within(2n * narrow, 2n * narrow + 10n ** 9n);
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("InsideBand");
    });
  });

  it("H3: a fill ends at the band's edge on its own side, and asks for no more than the smallest", async () => {
    const { own, hedger } = market;
    for (const series of [call(3000), put(3400)]) {
      await sold(series, 50);
      const { amount, minimum, band } = await waitForBound(market);
      const sign = amount > 0n ? 1n : -1n;
      const limit = amount > 0n ? NO_LIMIT_BUYING : NO_LIMIT_SELLING;
      for (const wrong of [sign * (minimum - 1n), -amount, 0n])
        await expect(own.fill!(wrong, limit, own))
          .to.be.revertedWithCustomError(hedger, "Hedger_AmountInvalid")
          .withArgs(wrong, minimum, amount);
      const { deltaBefore, deltaAfter } = await fill(market, sign * ALL);
      expect(deltaAfter).to.equal(deltaBefore + amount);
      expect(absolute(deltaAfter)).to.be.within(band, band + 10n ** 9n);
      expect(deltaAfter > 0n).to.equal(deltaBefore > 0n);
    }
  });

  it("H2: moves assets between the account, the receiver and the filler, to the unit, and keeps nothing", async () => {
    const { own, hedger, other, baseToken, quoteToken } = market;
    await sold(call(3000), 30);
    const { amount, price } = await waitForBound(market);
    const holders = [own, other, hedger];
    const balances = async () =>
      Promise.all(
        holders.flatMap((holder) => [baseToken, quoteToken].map((token) => token.balanceOf!(holder))),
      );
    const [before, books] = [await balances(), await account()];
    await own.fill!(amount, 0, other);
    const [after, now] = [await balances(), await account()];
    const paid = (amount * price) / WAD / UNIT;
    expect(after.map((balance, i) => balance - before[i])).to.deep.equal([-amount, 0n, 0n, paid, 0n, 0n]);
    expect(now.map((balance, i) => balance - books[i]!)).to.deep.equal([amount, 0n, -paid, 0n]);
  });

  it("respects the filler's own limit on the price", async () => {
    const { own, hedger } = market;
    for (const series of [call(3000), put(3400)]) {
      await sold(series, 50);
      const { amount, price } = await waitForBound(market);
      const beyond = price + (amount > 0n ? 1n : -1n);
      await expect(own.fill!(amount, beyond, own))
        .to.be.revertedWithCustomError(hedger, "Hedger_PriceBeyondLimit")
        .withArgs(price, beyond);
      await own.fill!(amount, price, own);
    }
  });

  it("H6: tiny, repeated and withheld fills leave the clock as it is, and new excess enters at its beginning", async () => {
    const { hedger } = market;
    await sold(call(3000), 60);
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

  it("H6: an auction ends when delta is seen inside the band, by anyone, and nobody looks while nobody can say what it is", async () => {
    const { hedger, trader } = market;
    await sold(call(3000), 30);
    await hedger.open!();
    await networkHelpers.time.increase(100);
    await trade(market, trader, [leg(call(3000), -30)]);
    await networkHelpers.mine();
    await renew(market);
    await hedger.open!();
    await sold(call(3000), 30);
    const now = await networkHelpers.time.latest();
    expect((await planAt(market, now + 1)).openedAt).to.equal(now + 1);
    await networkHelpers.time.increase(31);
    await expect(hedger.open!()).to.be.revertedWithCustomError(hedger, "Hedger_Refused").withArgs(4);
  });

  it("H7: with nobody hedging for a month exits and settlement work, and then the first who comes fills", async () => {
    const { trader, pool } = market;
    const far = expiryIn(88);
    await trade(market, trader, [leg(call(3000, far), 40), leg(put(2600, far), 5)]);
    const month = (await networkHelpers.time.latest()) + 30 * 86_400;
    await renewFeeds(market, month);
    await trade(market, trader, [leg(call(3000, far), -5)]);
    expect(await pool.floorBid!(call(3000, far))).to.not.equal(undefined);
    await networkHelpers.mine();
    await renew(market, 3000, 0.6, [53, 88, 144]);
    const plan = await expectPlanIsTrue(market);
    expect(plan.obstacle).to.equal("None");
    // Nobody had opened the auction: it begins now.
    expect(plan.openedAt).to.equal((await networkHelpers.time.latest()) + 1);
    await fill(market, ALL);
  });

  it("hedges after a gap of 30 % between two blocks, either way", async () => {
    await sold(call(3000), 40);
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

  describe("K4: parameters", () => {
    it("are the governor's within coded bounds, and the council's to tighten", async () => {
      const { hedger, control, trader, other } = market;
      const selector = (name: string) => hedger.interface.getFunction(name)!.selector;
      await control.setTargetFunctionRole!(hedger, [selector("setParameters")], ROLES.governor);
      await control.setTargetFunctionRole!(hedger, [selector("tightenParameters")], ROLES.council);
      await control.grantRole!(ROLES.governor, trader, 0);
      await control.grantRole!(ROLES.council, other, 0);
      const [governor, council] = [as(trader, hedger), as(other, hedger)];
      const tighter = { ...HEDGER_PARAMETERS, boundPpm: 900, lossCapPpm: 500 };
      await expect(council.setParameters!(tighter)).to.be.revertedWithCustomError(
        hedger,
        "AccessManagedUnauthorized",
      );
      await expect(governor.tightenParameters!(tighter)).to.be.revertedWithCustomError(
        hedger,
        "AccessManagedUnauthorized",
      );
      await expect(council.tightenParameters!(tighter)).to.emit(hedger, "ParametersSet");
      for (const wider of [
        { boundPpm: 901 },
        { lossCapPpm: 501 },
        { startPpm: 499 },
        { duration: 299 },
        { minimumFillBps: 999 },
        { wideningBps: 19_999 },
      ])
        await expect(council.tightenParameters!({ ...tighter, ...wider })).to.be.revertedWithCustomError(
          hedger,
          "Hedger_ParametersNotTighter",
        );
      const outside = {
        startPpm: [5001],
        boundPpm: [499, 1301],
        duration: [59, 3601],
        minimumFillBps: [99, 5001],
        lossCapPpm: [99, 10_001],
        wideningBps: [12_499, 40_001],
      };
      for (const [name, values] of Object.entries(outside))
        for (const value of values)
          await expect(
            governor.setParameters!({ ...HEDGER_PARAMETERS, [name]: value }),
            name,
          ).to.be.revertedWithCustomError(hedger, "Hedger_ParametersOutOfRange");
      await expect(governor.setParameters!(HEDGER_PARAMETERS)).to.emit(hedger, "ParametersSet");
      expect((await hedger.parameters!()).boundPpm).to.equal(1300n);
      expect(await hedger.book!()).to.equal(market.book.target);
    });
  });

  it("emits the opening with the fill that finds it", async () => {
    await sold(call(3000), 30);
    const sent = await market.own.fill!(ALL, 0, market.own);
    const names = eventsOf(market.hedger, await sent.wait()).map(({ name }) => name);
    expect(names).to.deep.equal(["AuctionOpened", "Hedged"]);
  });
});

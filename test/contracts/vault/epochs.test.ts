import { type EncodedReport, encodeReport } from "@meniscus/sdk/report";
import { VAULT_DOUBTS } from "@meniscus/sdk/vault/terms";
import { expect } from "chai";
import { deployUptimeFeed } from "../../support/oracle/chainlink.ts";
import { LIMITS, REASONS, sourcesOf } from "../../support/oracle/fixture.ts";
import {
  as,
  call,
  ethers,
  expiryIn,
  leg,
  MARKET,
  networkHelpers,
  post,
  put,
  READY,
  refreshAll,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { renewFeeds } from "../../support/pool/situations.ts";
import { eventsOf, readBook } from "../../support/pool/words.ts";
import { smileWord } from "../../support/slices.ts";
import { sampleReport, tauAt } from "../../support/surface.ts";
import { type EpochResult, expectClosed, OBSTACLES, shadowOf } from "../../support/vault/agreement.ts";
import { fill, openHedgeMarket, renew, traded, waitForBound } from "../../support/vault/hedge.ts";
import {
  BROUGHT,
  claimAssets,
  claimShares,
  close,
  cutOffIn,
  deployVault,
  HOUR,
  open,
  QUOTE_UNIT,
  report,
  requestDeposit,
  requestRedeem,
  running,
  SEED,
  SIDES,
  settleExpiry,
  stateOf,
  tenorsAt,
  type VaultMarket,
} from "../../support/vault/market.ts";

describe("LiquidityVault: the seed", () => {
  it("takes both sides' first assets at a share for a unit, which belong to nobody", async () => {
    const market = await deployVault();
    const { vault, book, owner, tranches, trader } = market;
    await report(market, READY);
    expect(await vault.phase!()).to.equal(0n);
    await expect(as(trader, vault).seed!(SEED.base, SEED.quote)).to.be.revertedWithCustomError(
      vault,
      "AccessManagedUnauthorized",
    );
    await expect(vault.seed!(WAD / 10n, SEED.quote))
      .to.be.revertedWithCustomError(vault, "Vault_SeedTooSmall")
      .withArgs(300n * WAD, 480_000n * WAD, 500n * WAD);
    await expect(requestDeposit(market, "base", trader, WAD)).to.be.revert(ethers);
    const receipt = await (await vault.seed!(SEED.base, SEED.quote)).wait();
    const { claimBase, claimQuote, equityLow, supply } = await stateOf(market);
    expect([claimBase, claimQuote]).to.deep.equal([SEED.base, SEED.quote * QUOTE_UNIT]);
    expect(equityLow).to.equal(960_000n * WAD);
    expect(supply).to.deep.equal({ base: SEED.base - 1000n, quote: SEED.quote - 1000n });
    for (const side of SIDES) {
      expect(await tranches[side].balanceOf!(owner)).to.equal(0n);
      expect(await tranches[side].balanceOf!(tranches[side])).to.equal(supply[side]);
    }
    const [seeded] = eventsOf(vault, receipt!);
    expect(seeded!.args.mark.equity).to.equal(960_000n * WAD);
    for (const side of SIDES) {
      const filled = eventsOf(tranches[side], receipt!).find(({ name }) => name === "Filled");
      expect(filled!.args.epoch).to.equal(0n);
    }
    expect([...(await vault.epoch!())]).to.deep.equal([1n, BigInt(cutOffIn(1))]);
    await expect(vault.seed!(SEED.base, SEED.quote))
      .to.be.revertedWithCustomError(vault, "Vault_WrongPhase")
      .withArgs(1);
    // One who is not the vault may not end the book's epochs.
    expect((await book.modules!()).vault).to.equal(vault.target);
  });

  it("remembers a share for a unit as the high of a tranche whose first epoch loses", async () => {
    const market = await deployVault();
    await report(market, READY);
    await market.vault.seed!(SEED.base, SEED.quote);
    await market.book.refresh!([...(await market.clearinghouse.expiries!(MARKET))]);
    await trade(market, market.trader, [leg(call(3000), 30)]);
    const posted = await open(market, cutOffIn(1) + 60, { spot: 3600 });
    const { result } = await expectClosed(market, posted, await shadowOf(market, posted));
    for (const side of SIDES) {
      expect(result[side].navMid).to.be.lessThan(WAD);
      expect(result[side].high).to.equal(WAD);
    }
  });

  it("refuses a seed at an old spot", async () => {
    const market = await deployVault();
    await report(market, READY);
    await networkHelpers.time.setNextBlockTimestamp(READY + 300);
    await expect(market.vault.seed!(SEED.base, SEED.quote))
      .to.be.revertedWithCustomError(market.vault, "Vault_ReportTooOld")
      .withArgs(READY, READY + 300);
  });
});

describe("LiquidityVault: epochs", () => {
  let market: VaultMarket;
  beforeEach(async () => {
    market = await running();
  });

  it("lets providers in at one share for one unit while nothing was earned", async () => {
    const { tranches, providers, vault } = market;
    const { claims, supply } = await stateOf(market);
    expect(claims).to.deep.equal({
      base: SEED.base + BROUGHT.base,
      quote: (SEED.quote + BROUGHT.quote) * QUOTE_UNIT,
    });
    for (const side of SIDES) {
      expect(await tranches[side].balanceOf!(providers[side])).to.equal(BROUGHT[side]);
      expect(supply[side]).to.equal(SEED[side] + BROUGHT[side] - 1000n);
    }
    expect([...(await vault.epoch!())]).to.deep.equal([2n, BigInt(cutOffIn(2))]);
  });

  it("V9: shares a result by value, b S + q = E, and rent goes to its tranche", async () => {
    const { trader } = market;
    await trade(market, trader, [leg(call(3000), 20), leg(put(2800), 10)]);
    const at = cutOffIn(2) + 30;
    await settleExpiry(market, expiryIn(2), 3100);
    const posted = await open(market, at, { spot: 3100 });
    const before = await stateOf(market);
    const expected = await shadowOf(market, posted);
    const { result } = await expectClosed(market, posted, expected);
    const { mark } = result;
    // E of the balances, from scratch.
    const worth = (mark.base * mark.spot) / WAD + mark.quote;
    expect(mark.equity).to.equal(
      worth - mark.liability - mark.reserve - mark.rent - mark.rentBase - mark.rentQuote,
    );
    expect(mark.rentBase).to.be.greaterThan(0n);
    const owed = (before.claimBase * mark.spot) / WAD + before.claimQuote;
    expect(result.factor).to.equal((mark.equity * WAD) / owed);
    const after = await stateOf(market);
    const claims = (after.claimBase * mark.spot) / WAD + after.claimQuote;
    // To the units of the book's words: 1e-9 of base and 1e-6 of quote.
    expect(mark.equity + mark.rentBase + mark.rentQuote - claims).to.be.within(0n, 10n ** 13n);
    const again = await market.book.mark!(posted);
    expect(again.equity + again.reserve - mark.reserve - claims).to.be.within(0n, 10n ** 13n);
    expect((await readBook(market)).reserve).to.equal(mark.reserve);
  });

  it("V4: what the reserve holds beyond Phi at a mark goes to those who were there, and to nobody who enters by it", async () => {
    const { trader, other, book, quoteToken, tranches, providers } = market;
    await trade(market, trader, [leg(call(3000, expiryIn(2)), 60)]);
    const { reserve } = await readBook(market);
    await settleExpiry(market, expiryIn(2), 2900);
    await book.realize!(expiryIn(2));
    // Nothing is written any more, so the whole reserve is beyond Phi.
    await quoteToken.mint!(other, 9n * SEED.quote);
    await as(other, quoteToken).approve!(tranches.quote, 9n * SEED.quote);
    await requestDeposit(market, "quote", other, 9n * SEED.quote);
    const first = await open(market, cutOffIn(2) + 30, { spot: 2900 });
    const { result } = await expectClosed(market, first, await shadowOf(market, first));
    expect(result.quote.mintedShares).to.be.greaterThan(0n);
    const [assigned] = eventsOf(book, (await lastReceipt())!).filter(({ name }) => name === "Assigned");
    expect(assigned!.args.released)
      .to.equal(reserve - result.mark.reserve)
      .and.greaterThan(10n * WAD);
    // A day on, with nothing traded, no share is worth more.
    const second = await open(market, cutOffIn(3) + 30, { spot: 2900 });
    const highs = { base: result.base.high, quote: result.quote.high };
    const next = await expectClosed(market, second, await shadowOf(market, second, highs));
    for (const side of SIDES) {
      const { navMid, claimAfter } = result[side];
      expect(next.result[side].claimBefore - claimAfter).to.be.within(-(10n ** 13n), 10n ** 10n);
      expect(next.result[side].navMid).to.be.at.most(navMid + navMid / 10n ** 9n);
    }
    expect(await tranches.quote.balanceOf!(providers.quote)).to.equal(BROUGHT.quote);
  });

  async function lastReceipt() {
    const block = await ethers.provider.getBlock("latest");
    return ethers.provider.getTransactionReceipt(block!.transactions[0]!);
  }

  it("V10: ends at the first report after the cut-off alone, the same whoever ends it and whenever", async () => {
    const { trader, vault, other } = market;
    await trade(market, trader, [leg(call(3000), 5)]);
    await expectObstacle(await report(market, cutOffIn(2) - 300), "BeforeCutOff");
    const before = await report(market, cutOffIn(2) - 60);
    await networkHelpers.time.increaseTo(cutOffIn(2) + 1);
    await expectObstacle(before, "NoReportYet");
    const first = await report(market, cutOffIn(2) + 10, { spot: 3010 });
    const second = await report(market, cutOffIn(2) + 60, { spot: 2990 });
    for (const wrong of [before, second]) await expectObstacle(wrong, "WrongReport");
    await expectObstacle({ ...first, spot: first.spot + 1n }, "WrongReport");

    const snapshot = await networkHelpers.takeSnapshot();
    const results: unknown[] = [];
    for (const [by, wait] of [
      [market.owner, 5],
      [trader, 3 * HOUR],
      [other, 22 * HOUR],
    ] as const) {
      await networkHelpers.time.increase(wait);
      await report(market, (await networkHelpers.time.latest()) + 20, { spot: 3050 });
      const [closed] = eventsOf(vault, await close(market, first, by)).filter(
        ({ name }) => name === "EpochClosed",
      );
      results.push(closed!.args.result.toArray(true));
      await snapshot.restore();
    }
    expect(results[1]).to.deep.equal(results[0]);
    expect(results[2]).to.deep.equal(results[0]);
  });

  async function expectObstacle(posted: unknown, name: (typeof OBSTACLES)[number]) {
    const { vault } = market;
    const [obstacle] = await vault.plan!(posted);
    expect(OBSTACLES[Number(obstacle)]).to.equal(name);
    await expect(vault.closeEpoch!(posted))
      .to.be.revertedWithCustomError(vault, "Vault_CannotClose")
      .withArgs(OBSTACLES.indexOf(name));
  }

  it("ends missed cut-offs one by one, each at its own report, and those without one together", async () => {
    const { vault } = market;
    const own = await report(market, cutOffIn(2) + 600, { spot: 3030 });
    // The third cut-off passes in silence; the fourth has a report.
    const late = await report(market, cutOffIn(4) + 120, { spot: 3060 });
    await report(market, cutOffIn(5) + 30, { spot: 3090 });
    await expectObstacle(late, "WrongReport");
    await close(market, own);
    expect([...(await vault.epoch!())]).to.deep.equal([3n, BigInt(cutOffIn(3))]);
    const [closed] = eventsOf(vault, await close(market, late)).filter(({ name }) => name === "EpochClosed");
    expect(closed!.args.result.cutOffAt).to.equal(BigInt(cutOffIn(4)));
    expect([...(await vault.epoch!())]).to.deep.equal([4n, BigInt(cutOffIn(5))]);
  });

  describe("S7: ends without a mark by a report that cannot be checked", () => {
    /** Ends the epoch of a day's cut-off; why nobody enters or leaves, and the result. */
    async function endAt(day: number, lie: object, posted?: EncodedReport) {
      const at = cutOffIn(day) + 30;
      const kept = posted ?? encodeReport(sampleReport({ at, tenors: tenorsAt(at), ...lie }));
      if (posted === undefined) await post(market, { at, tenors: tenorsAt(at), ...lie });
      if ("spot" in lie && lie.spot === 1n) {
        await expectObstacle(kept, "SpotUnconfirmed");
        await renewFeeds(market, at + 3600);
      }
      const receipt = await (await market.vault.closeEpoch!(kept)).wait();
      const { result } = eventsOf(market.vault, receipt).find(({ name }) => name === "EpochClosed")!.args;
      return { doubt: VAULT_DOUBTS[Number(result.doubt)], result: result as EpochResult };
    }

    /** From 25 days on smiles of honest level and tilt that are straight to both sides, as steep as a report may have them. */
    function kinks(at: number): Record<number, bigint> {
      return Object.fromEntries(
        tenorsAt(at)
          .filter((days) => days >= 25)
          .map((days, i) => {
            const tau = tauAt(expiryIn(days), at);
            const [sd, b, sigma] = [0.6 * Math.sqrt(tau), 1.9 + 0.01 * i, 1e-5];
            const tilt = (0.15 * sd * (0.2 + 0.1 / Math.hypot(1, 0.1))) / b;
            const m = (sigma * tilt) / Math.sqrt(1 - tilt * tilt);
            return [days, smileWord({ vol: 0.6, tau, reportAt: at, wing: b / sd, rho: 0, m, sigma })];
          }),
      );
    }

    /** Two days after the start, with a fee: options at 25 days, the day's expiry over, one side wanting in, the other out. */
    beforeEach(async () => {
      const { trader, other, vault } = market;
      const [terms] = await vault.terms!();
      await vault.setTerms!({ ...terms.toObject(), managementBps: 100, feeReceiver: other.address });
      await settleExpiry(market, expiryIn(2), 3000);
      await close(market, await open(market, cutOffIn(2) + 30));
      await market.book.refresh!([...(await market.clearinghouse.expiries!(MARKET))]);
      await trade(market, trader, [leg(put(2400), 40), leg(call(3000), 20)]);
      await settleExpiry(market, expiryIn(3), 3000);
      await requestRedeem(market, "base", trader, 20n * WAD);
      await requestDeposit(market, "quote", other, 300_000n * 10n ** 6n);
      await renewFeeds(market, cutOffIn(3) - 60);
    });

    const flows = ({ base, quote }: EpochResult) => [
      base.redeemShares,
      base.paidAssets,
      quote.depositAssets,
      quote.mintedShares,
      base.feeShares,
      quote.feeShares,
    ];

    for (const [name, doubt, lie] of [
      ["of a spot of one wei", "Spot", { spot: 1n }],
      ["of a vol out of its bound", "Slices", { vol: 3 }],
      ["without the slice of what is written", "Slices", { tenors: [4, 11, 18, 53, 88] }],
      [
        "of a smile with a butterfly, by its level and tilt an honest one",
        "Slices",
        { words: kinks(cutOffIn(3) + 30) },
      ],
    ] as const)
      it(`ends an epoch without a mark by a report ${name}`, async () => {
        const before = await stateOf(market);
        const { doubt: found, result } = await endAt(3, lie);
        expect(found).to.equal(doubt);
        expect([
          ...flows(result),
          result.base.rent,
          result.quote.rent,
          result.equity - before.equityLow,
        ]).to.deep.equal(Array(9).fill(0n));
        const after = await stateOf(market);
        expect([after.claims, after.supply]).to.deep.equal([before.claims, before.supply]);
        for (const side of SIDES) expect(result[side].high).to.equal(WAD);
        expect([...(await market.vault.epoch!())]).to.deep.equal([4n, BigInt(cutOffIn(4))]);
        // Next day the truth: who waited enters and leaves, and fees are those of two days.
        await settleExpiry(market, expiryIn(4), 3000);
        // What has left its bound is proven again by two reports, a quarantine apart.
        for (const before of [2400, 1200]) await report(market, cutOffIn(4) - before);
        const at = cutOffIn(4) + 30;
        const posted = await open(market, at);
        const timing = { markedAt: cutOffIn(2) + 30 };
        const sound = await expectClosed(market, posted, await shadowOf(market, posted, undefined, timing));
        expect(VAULT_DOUBTS[Number(sound.result.doubt)]).to.equal("None");
        expect(flows(sound.result).every((one) => one > 0n)).to.equal(true);
      });

    it("S7: marks an epoch by a report without a slice of what is not written, or with a spot that the oracle confirms within the hour", async () => {
      const snapshot = await networkHelpers.takeSnapshot();
      for (const lie of [{ spot: 3057n * WAD }, { tenors: [4, 25] }]) {
        const { doubt, result } = await endAt(3, lie);
        expect(doubt).to.equal("None");
        expect(flows(result).every((one) => one > 0n)).to.equal(true);
        await snapshot.restore();
      }
      // Of what was bought and sold back only rent is left, which is released by the clock.
      await report(market, cutOffIn(3) - 40);
      await refreshAll(market);
      await trade(market, market.trader, [leg(call(3000, expiryIn(88)), 1)]);
      await trade(market, market.trader, [leg(call(3000, expiryIn(88)), -1)]);
      const { rentBase } = (await readBook(market, [expiryIn(88)])).expiries[0]!;
      expect(rentBase).to.be.greaterThan(0n);
      expect((await endAt(3, { tenors: [4, 25] })).doubt).to.equal("None");
      await snapshot.restore();
      // 5.1 % off: nobody ends the epoch in the first hour unless a feed comes nearer; then it ends without a mark.
      const at = cutOffIn(3) + 30;
      const posted = await report(market, at, { spot: 3153 });
      for (const [wait, price, expected] of [
        [40, 3000n, "SpotUnconfirmed"],
        [40, 3004n, "None"],
        [3590, 3000n, "SpotUnconfirmed"],
        [3620, 3000n, "Spot"],
        [20 * HOUR, 3004n, "None"],
      ] as const) {
        const posting = await networkHelpers.takeSnapshot();
        await renewFeeds(market, at + wait - 10, price * USD);
        if (expected === "SpotUnconfirmed") await expectObstacle(posted, expected);
        else expect((await endAt(3, {}, posted)).doubt).to.equal(expected);
        await posting.restore();
      }
    });

    it("marks an epoch in the sequencer's grace, in which every source is fresh and agrees", async () => {
      const { spot, baseFeed, quoteFeed } = market;
      const { feed, report: change } = await deployUptimeFeed([spot]);
      const sources = sourcesOf(baseFeed.proxy, quoteFeed.proxy, { sequencer: feed.target });
      await spot.setSources!(MARKET, sources, LIMITS);
      const at = cutOffIn(3) + 30;
      const posted = await report(market, at);
      // Back ten minutes later, so that the grace outlasts the hour in which the spot may yet be confirmed.
      await change(true, at + 20);
      await networkHelpers.time.increaseTo(at + 600);
      await change(false, at + 600);
      await renewFeeds(market, at + 3600);
      expect(REASONS[Number((await spot.read!(MARKET)).opening.reason)]).to.equal("SequencerGrace");
      const { doubt, result } = await endAt(3, {}, posted);
      expect(doubt).to.equal("None");
      expect(flows(result).every((one) => one > 0n)).to.equal(true);
    });
  });

  describe("V3: where something was sold back or hedged since the cut-off", () => {
    const series = put(3000);
    beforeEach(async () => {
      const { trader, other } = market;
      await trade(market, trader, [leg(series, 60)]);
      await requestRedeem(market, "base", trader, 20n * WAD);
      await requestDeposit(market, "quote", other, 300_000n * 10n ** 6n);
      await settleExpiry(market, expiryIn(2), 3000);
    });
    const sellBack = () => trade(market, market.trader, [leg(series, -60)]);
    async function doubtOf(posted: EncodedReport) {
      const [closed] = eventsOf(market.vault, await close(market, posted)).filter(
        ({ name }) => name === "EpochClosed",
      );
      return VAULT_DOUBTS[Number(closed!.args.result.doubt)];
    }

    for (const [price, sold, doubt] of [
      [3027n, "after", "None"],
      [3033n, "never", "None"],
      [3033n, "before", "None"],
      [3033n, "after", "Spot"],
    ] as const)
      it(`marks ${doubt === "None" ? "" : "nobody "}at 3000 with the oracle at ${price}: sold back ${sold}`, async () => {
        if (sold === "before") await sellBack();
        const at = cutOffIn(2) + 30;
        const posted = await open(market, at);
        await renewFeeds(market, at + 60, price * USD);
        if (sold === "after") await sellBack();
        await networkHelpers.mine();
        await market.book.refresh!([...(await market.clearinghouse.expiries!(MARKET))]);
        expect((await readBook(market)).isMoved).to.equal(sold === "after");
        if (doubt !== "None") {
          await expectObstacle(posted, "SpotUnconfirmed");
          await renewFeeds(market, at + 3600, price * USD);
        }
        expect(await doubtOf(posted)).to.equal(doubt);
        // The next epoch has moved by nothing yet.
        expect((await readBook(market)).isMoved).to.equal(false);
      });

    for (const when of ["before", "after"] as const)
      it(`marks ${when === "before" ? "" : "nobody "}at 3000 with the oracle at 3033: hedged ${when} it`, async () => {
        const hedged = { ...market, ...(await openHedgeMarket(20_000n * WAD, market)) };
        await traded(hedged, series, 10);
        await waitForBound(hedged);
        const sell = () => fill(hedged, -20n * WAD);
        if (when === "before") await sell();
        expect((await readBook(market)).isMoved, "not due yet").to.equal(false);
        const at = cutOffIn(2) + 30;
        const posted = await open(market, at);
        await renewFeeds(market, at + 60, 3033n * USD);
        await renew(hedged, 3033);
        if (when === "after") {
          await sell();
          expect((await readBook(market)).isMoved).to.equal(true);
          await expectObstacle(posted, "SpotUnconfirmed");
          await renewFeeds(market, at + 3600, 3033n * USD);
          // Noted once.
          await renew(hedged, 3033);
          await waitForBound(hedged, 3033);
        }
        expect(await doubtOf(posted)).to.equal(when === "before" ? "None" : "Spot");
        expect((await readBook(market)).isMoved).to.equal(false);
      });

    it("S7: counts what exits are paid on to the end of an epoch whose next cut-off is not past", async () => {
      const first = await open(market, cutOffIn(2) + 30);
      await settleExpiry(market, expiryIn(3), 3000);
      const at = cutOffIn(3) + 30;
      const second = await open(market, at);
      await renewFeeds(market, at + 60, 3000n * USD);
      await sellBack();
      const { epochExits } = await readBook(market);
      expect(epochExits).to.not.equal(0n);
      await close(market, first);
      expect((await readBook(market)).epochExits).to.equal(epochExits);
      await close(market, second);
      expect((await readBook(market)).epochExits).to.equal(0n);
    });

    it("marks nobody at the next cut-off either, where that is past", async () => {
      const first = await open(market, cutOffIn(2) + 30);
      await settleExpiry(market, expiryIn(3), 3000);
      const at = cutOffIn(3) + 30;
      const second = await open(market, at);
      await renewFeeds(market, at + 60, 3033n * USD);
      await sellBack();
      await renewFeeds(market, at + 3600, 3033n * USD);
      expect(await doubtOf(first)).to.equal("Spot");
      expect((await readBook(market)).isMoved).to.equal(true);
      expect(await doubtOf(second)).to.equal("Spot");
      expect((await readBook(market)).isMoved).to.equal(false);
    });
  });

  it("waits for the price of an expiry before the cut-off, then realizes and marks", async () => {
    const { trader, vault, clearinghouse, book } = market;
    const expiryAt = expiryIn(2);
    await trade(market, trader, [leg(call(2800, expiryAt), 4)]);
    await renewFeeds(market, expiryAt - HOUR, 3000n * USD);
    const posted = await report(market, cutOffIn(2) + 30);
    await expectObstacle(posted, "ExpiryNotSettled");
    await networkHelpers.time.increase(1);
    await walkFrom(expiryAt);
    expect(await clearinghouse.settlementPrice!(1, expiryAt)).to.equal(3000n * WAD);
    expect(OBSTACLES[Number((await vault.plan!(posted)).obstacle)]).to.equal("ExpiryNotRealized");
    const receipt = await close(market, posted);
    const names = eventsOf(book, receipt).map(({ name }) => name);
    expect(names).to.include("ExpiryRealized");
  });

  it("V10: waits for an expiry of which only rent is left, and marks the same whoever realizes it", async () => {
    const { trader, vault, book, clearinghouse } = market;
    const expiryAt = expiryIn(2);
    await trade(market, trader, [leg(call(2800, expiryAt), 4)]);
    await networkHelpers.mine();
    await trade(market, trader, [leg(call(2800, expiryAt), -4)]);
    await networkHelpers.mine();
    // What the greeks of two moments left goes with a refresh; the rent stays.
    await book.refresh!([expiryAt]);
    expect(await clearinghouse.positions!(book, 1, expiryAt)).to.deep.equal([]);
    expect(await book.isOpen!(expiryAt)).to.equal(true);
    await renewFeeds(market, expiryAt - HOUR, 3000n * USD);
    const posted = await report(market, cutOffIn(2) + 30);
    await expectObstacle(posted, "ExpiryNotSettled");
    await networkHelpers.time.increase(1);
    await walkFrom(expiryAt);
    expect(OBSTACLES[Number((await vault.plan!(posted)).obstacle)]).to.equal("ExpiryNotRealized");
    const resultOf = async () => {
      const [closed] = eventsOf(vault, await close(market, posted)).filter(
        ({ name }) => name === "EpochClosed",
      );
      return closed!.args.result.toArray(true);
    };
    const snapshot = await networkHelpers.takeSnapshot();
    const byClosing = await resultOf();
    await snapshot.restore();
    await as(trader, book).realize!(expiryAt);
    expect(await book.isOpen!(expiryAt)).to.equal(false);
    expect(await resultOf()).to.deep.equal(byClosing);
  });

  async function walkFrom(expiryAt: number) {
    await market.baseFeed.transmit(3000n * USD);
    await market.quoteFeed.transmit(USD);
    const back = async (feed: typeof market.baseFeed) => {
      const [last] = await feed.proxy.latestRoundData!();
      return last - 1n;
    };
    await market.settlement.walk!(1, expiryAt, await back(market.baseFeed), await back(market.quoteFeed), 10);
  }

  it("V2, V3, V4: takes deposits at the ask and pays withdrawals at the bid, and leaves stayers no less", async () => {
    const { trader, providers, tranches } = market;
    await trade(market, trader, [leg(call(3000), 20), leg(put(3000), 20)]);
    await requestDeposit(market, "base", providers.quote, 5n * WAD);
    await requestRedeem(market, "base", providers.base, 3n * WAD);
    await requestRedeem(market, "quote", providers.quote, 10_000n * 10n ** 6n);
    await settleExpiry(market, expiryIn(2), 2980);
    const posted = await open(market, cutOffIn(2) + 30, { spot: 2980 });
    const expected = await shadowOf(market, posted);
    const { result } = await expectClosed(market, posted, expected);
    for (const side of SIDES) {
      const { navEntry, navMid, navExit } = result[side];
      expect(navEntry).to.be.greaterThan(navMid);
      expect(navMid).to.be.greaterThan(navExit);
      // NAV after the flows, of who stayed.
      const { claims, supply } = await stateOf(market);
      const scale = side === "base" ? 1n : QUOTE_UNIT;
      expect((claims[side] * WAD) / ((supply[side] + 1000n) * scale)).to.be.at.least(navMid - 1n);
    }
    // What a tranche rounds down in the claims stays with it.
    const claimed = [
      [await claimShares(market, "base", providers.quote), result.base.mintedShares],
      [await claimAssets(market, "base", providers.base), result.base.paidAssets],
      [await claimAssets(market, "quote", providers.quote), result.quote.paidAssets],
    ] as const;
    for (const [got, filled] of claimed) expect(got).to.be.within(filled - 1n, filled);
    expect((await tranches.base.queue!()).redeemShares).to.equal(0n);
  });
});

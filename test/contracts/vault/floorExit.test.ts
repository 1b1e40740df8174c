import { expect } from "chai";
import {
  as,
  call,
  EXPIRY,
  ethers,
  expiryIn,
  LIMITS_OF_BOOK,
  leg,
  MARKET,
  networkHelpers,
  put,
  refreshAll,
  STILL,
  TERMS,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { renewFeeds, withAverage } from "../../support/pool/situations.ts";
import { eventsOf, readBook } from "../../support/pool/words.ts";
import { DAY } from "../../support/surface.ts";
import { expectClosed, shadowOf } from "../../support/vault/agreement.ts";
import { ALL, absolute, fill, openHedgeMarket, traded, waitForBound } from "../../support/vault/hedge.ts";
import {
  close,
  cutOffIn,
  HOUR,
  open,
  openVault,
  report,
  requestRedeem,
  running,
  SIDE,
  SIDES,
  type Side,
  settleExpiry,
  stateOf,
  UNIT,
  type VaultMarket,
} from "../../support/vault/market.ts";

describe("LiquidityVault: the floor exit", () => {
  let market: VaultMarket;
  beforeEach(async () => {
    market = await running();
  });
  const sharesOf = (side: Side): Promise<bigint> =>
    market.tranches[side].balanceOf!(market.providers[side]) as Promise<bigint>;

  async function expectClosedAt(at: number) {
    const posted = await open(market, at);
    return expectClosed(market, posted, await shadowOf(market, posted));
  }

  describe("V11: at the floor", () => {
    /** g_f from scratch: free of cover, reserve and rent over claims, at the worse end. */
    async function floorOf(low: bigint, high: bigint): Promise<bigint> {
      const { collateral, reserve, claimBase, claimQuote } = await stateOf(market);
      const rents = await Promise.all(market.expiries.map((at) => market.book.rent!(at)));
      const rent = rents.reduce((sum, { rentBase, rentQuote }) => sum + rentBase + rentQuote, 0n);
      const freeBase = collateral[0] - collateral[1];
      const freeQuote = (collateral[2] - collateral[3]) * market.scale.quote - reserve - rent;
      const at = (spot: bigint) =>
        ((freeBase * spot + freeQuote * WAD) * WAD) / (claimBase * spot + claimQuote * WAD);
      return at(low) < at(high) ? at(low) : at(high);
    }

    it("the floor opens after three days without a report, and closes with the next one", async () => {
      const { trader, vault } = market;
      const last = (await market.surface.surface!(1)).reportAt;
      const exit = () => as(trader, vault).exitAtFloor!(SIDE.base, WAD, 0, 0, trader, trader);
      await networkHelpers.time.setNextBlockTimestamp(last + 3n * BigInt(DAY) - 1n);
      await expect(exit())
        .to.be.revertedWithCustomError(vault, "Vault_FloorClosed")
        .withArgs(last + 3n * BigInt(DAY), last + 3n * BigInt(DAY) - 1n);
      await networkHelpers.time.increaseTo(last + 3n * BigInt(DAY));
      expect((await vault.floor!()).isOpen).to.equal(true);
      await exit();
      await report(market, Number(last) + 3 * DAY + 600);
      expect((await vault.floor!()).isOpen).to.equal(false);
      await expect(exit()).to.be.revertedWithCustomError(vault, "Vault_FloorClosed");
    });

    it("the floor opens three days after a cut-off that nobody ended, or only without a mark, though reports come", async () => {
      const { trader, vault } = market;
      const exit = () => as(trader, vault).exitAtFloor!(SIDE.base, WAD, 0, 0, trader, trader);
      const opensAt = cutOffIn(2) + 3 * DAY;
      const snapshot = await networkHelpers.takeSnapshot();
      for (const ends of [false, true]) {
        for (let day = 2; day < 5; day++) {
          const lie = await report(market, cutOffIn(day) + 30, { spot: 30_000 });
          await networkHelpers.time.increase(HOUR);
          if (ends) await vault.closeEpoch!(lie);
        }
        await report(market, opensAt - 10);
        await networkHelpers.time.setNextBlockTimestamp(opensAt - 1);
        await expect(exit())
          .to.be.revertedWithCustomError(vault, "Vault_FloorClosed")
          .withArgs(opensAt, opensAt - 1);
        await networkHelpers.time.increaseTo(opensAt);
        await exit();
        if (ends) {
          // A mark shuts it.
          await close(market, await report(market, opensAt + 600));
          await expect(exit()).to.be.revertedWithCustomError(vault, "Vault_FloorClosed");
        }
        await snapshot.restore();
      }
    });

    for (const [told, spoken] of [
      ["though epochs go on to end without a mark", null],
      ["whatever spot signers have the book refreshed at: next to nothing", 1e-6],
      ["whatever spot signers have the book refreshed at: seventy billion", 7e10],
    ] as const)
      it(`S7: takes what the limits allow down with the equity that leaves, ${told}`, async () => {
        const { trader, vault, book, providers } = market;
        await trade(market, trader, [leg(call(3000), 1)]);
        for (let day = 2; day < 5; day++) {
          if (day === 2 || day === 4) await settleExpiry(market, expiryIn(day), 3000);
          const lie = await report(market, cutOffIn(day) + 30, { spot: 30_000 });
          await networkHelpers.time.increase(HOUR);
          await vault.closeEpoch!(lie);
        }
        const opensAt = cutOffIn(2) + 3 * DAY;
        await renewFeeds(market, opensAt + 10);
        const said = spoken === null ? null : await report(market, opensAt + 14, { spot: spoken });
        if (said !== null) await refreshAll(market);
        const before = await readBook(market);
        let expected = before.equityLow;
        for (const side of SIDES) {
          const shares = ((await sharesOf(side)) * 4n) / 5n;
          const by = providers[side];
          const { claimBase, claimQuote } = await readBook(market);
          await as(by, vault).exitAtFloor!(SIDE[side], shares, 0, 0, by, by);
          // Of the bounds around 3000 the one at which the most has left.
          const spot = side === "base" ? 3075n : 2925n;
          const worth = (base: bigint, quote: bigint) => base * spot + quote;
          const left = await readBook(market);
          expected = (expected * worth(left.claimBase, left.claimQuote)) / worth(claimBase, claimQuote);
        }
        const after = await readBook(market);
        expect(expected).to.be.lessThan((before.equityLow * 2n) / 3n);
        expect(after.equityLow).to.be.within(expected - 2n * WAD, expected);
        expect([after.equityHigh, after.reserve]).to.deep.equal([before.equityHigh, before.reserve]);
        // An end in doubt begins the next epoch with no more.
        const lie = said ?? (await report(market, cutOffIn(5) + 30, { spot: 30_000 }));
        await networkHelpers.time.increase(HOUR);
        await vault.closeEpoch!(lie);
        expect((await readBook(market)).equityLow).to.equal(after.equityLow);
        const most = (after.equityLow * BigInt(TERMS.blockOutflowBps)) / 10_000n;
        for (const [outflow, limit] of [
          [most, "None"],
          [most + WAD, "OutflowOfBlock"],
        ] as const)
          expect(LIMITS_OF_BOOK[Number(await book.check!({ ...STILL, outflow, isOpening: true }))]).to.equal(
            limit,
          );
      });

    it("the floor pays at once no more than the worst that cover can cost, by a live spot, and leaves stayers no less", async () => {
      const { trader, other, vault, tokens, tranches } = market;
      await trade(market, trader, [leg(call(3000), 20), leg(put(2800), 10)]);
      const silent = Number((await market.surface.surface!(1)).reportAt) + 3 * DAY + 60;
      await renewFeeds(market, silent, 3300n * USD);
      // 0.5 % the feed may not show yet, and 2 %.
      const factor = await floorOf((3300n * WAD * 975n) / 1000n, (3300n * WAD * 1025n) / 1000n + 1n);
      const told = await vault.floor!();
      expect(told.factor).to.be.closeTo(factor, 10n);
      expect(factor).to.be.lessThan(WAD);
      for (const [side, by] of [
        ["base", trader],
        ["quote", other],
      ] as const) {
        const before = await stateOf(market);
        const current = (await vault.floor!()).factor as bigint;
        const shares = (await sharesOf(side)) / 4n;
        const had: bigint = await tokens[side].balanceOf!(by);
        const args = [SIDE[side], shares, 0, 0, by, by] as const;
        const [assets]: bigint[] = await as(by, vault).exitAtFloor!.staticCall(...args);
        await expect(as(by, vault).exitAtFloor!(SIDE[side], shares, assets! + 1n, 0, by, by))
          .to.be.revertedWithCustomError(vault, "Vault_TooFewAssets")
          .withArgs(assets, 0n);
        await as(by, vault).exitAtFloor!(...args);
        expect((await tokens[side].balanceOf!(by)) - had).to.equal(assets);
        const all = before.supply[side] + 1000n;
        const part = (before.claims[side] * shares) / all;
        expect(assets! * market.scale[side]).to.be.closeTo((part * current) / WAD, market.scale[side] + 10n);
        const after = await stateOf(market);
        expect(after.supply[side]).to.equal(before.supply[side] - shares);
        // The whole part leaves the claims, so who stays owns what the floor did not pay.
        expect(before.claims[side] - after.claims[side]).to.be.closeTo(part, 10n ** 12n);
        expect((await vault.floor!()).factor).to.be.at.least(current);
      }
      expect(await tranches.base.balanceOf!(trader)).to.be.greaterThan(0n);
    });

    it("the floor lets out what waits in a request, by an operator, up to what is free", async () => {
      const { trader, other, vault, tranches, book, clearinghouse, tokens } = market;
      const buy = async (strike: number) => {
        for (let i = 0; i < 2; i++) await trade(market, trader, [leg(call(strike), 70)]);
      };
      await buy(3600);
      await settleExpiry(market, expiryIn(2), 3000);
      await expectClosedAt(cutOffIn(2) + 30);
      await refreshAll(market);
      await buy(3800);
      await requestRedeem(market, "base", trader, 100n * WAD);
      const silent = Number((await market.surface.surface!(1)).reportAt) + 3 * DAY + 60;
      await renewFeeds(market, silent);
      const [before, lockedBefore] = await clearinghouse.collateral!(book, tokens.base);
      const all = [SIDE.base, 160n * WAD, 0, 0, other, trader] as const;
      await expect(as(other, vault).exitAtFloor!(...all))
        .to.be.revertedWithCustomError(vault, "Vault_NotOperator")
        .withArgs(trader, other);
      await as(trader, tranches.base).setOperator!(other, true);
      const had: bigint = await tokens.base.balanceOf!(other);
      const hadQuote: bigint = await tokens.quote.balanceOf!(other);
      const { factor } = await vault.floor!();
      const { supply, claims, collateral } = await stateOf(market);
      await as(other, vault).exitAtFloor!(...all);
      const [balance, locked] = await clearinghouse.collateral!(book, tokens.base);
      expect(balance - locked, "all that is free").to.be.lessThan(1000n);
      const paid = (await tokens.base.balanceOf!(other)) - had;
      expect(paid).to.equal(before - lockedBefore - (balance - locked));
      // The premium is free beyond the claim; of it as much as base that is owed and not held, at the lowest spot.
      const low = (3000n * 975n) / 1000n;
      const missing = (claims.base - collateral[0]) * low;
      const paidQuote: bigint = (await tokens.quote.balanceOf!(other)) - hadQuote;
      expect(paidQuote * market.scale.quote).to.be.closeTo(missing, 2n * market.scale.quote);
      expect(collateral[2] * market.scale.quote - claims.quote).to.be.greaterThan(2n * missing);
      const left =
        (await tranches.base.pendingRedeemRequest!(0, trader)) + (await tranches.base.balanceOf!(trader));
      // So many shares as were paid, at the floor's part of what they are owed.
      const worth = (((160n * WAD - left) * claims.base) / (supply.base + 1000n)) * factor;
      expect(worth / WAD).to.be.closeTo(paid + (paidQuote * market.scale.quote) / low, market.scale.quote);
      expect(left).to.be.greaterThan(60n * WAD);
    });

    it("the floor pays the same whoever realizes a settled expiry first, though only rent is left of it", async () => {
      const { trader, vault, book, tokens } = market;
      await trade(market, trader, [leg(call(2800, expiryIn(2)), 40)]);
      await networkHelpers.mine();
      await trade(market, trader, [leg(call(2800, expiryIn(2)), -40)]);
      const rent = await book.unreleasedRent!();
      await settleExpiry(market, expiryIn(2), 3000);
      expect(await book.unreleasedRent!(), "the settled expiry's is in no sum").to.be.lessThan(rent);
      const silent = Number((await market.surface.surface!(1)).reportAt) + 3 * DAY + 60;
      await renewFeeds(market, silent);
      const paid = async () => {
        const had: bigint = await tokens.base.balanceOf!(trader);
        await as(trader, vault).exitAtFloor!(SIDE.base, WAD, 0, 0, trader, trader);
        return (await tokens.base.balanceOf!(trader)) - had;
      };
      const snapshot = await networkHelpers.takeSnapshot();
      const byExit = await paid();
      expect(await book.isOpen!(expiryIn(2))).to.equal(false);
      await snapshot.restore();
      await as(trader, book).realize!(expiryIn(2));
      expect(await paid()).to.equal(byExit);
    });

    it("the floor needs no spot at all: then the worse asset counts", async () => {
      const { trader, vault } = market;
      await trade(market, trader, [leg(call(3000), 20)]);
      const silent = Number((await market.surface.surface!(1)).reportAt) + 30 * DAY;
      await networkHelpers.time.increaseTo(silent);
      const { alive } = await market.spot.read!(1);
      expect(alive.reason).to.not.equal(0n);
      const { collateral, claimBase } = await stateOf(market);
      const { factor } = await vault.floor!();
      expect(factor).to.equal(((collateral[0] - collateral[1]) * WAD) / claimBase);
      await as(trader, vault).exitAtFloor!(SIDE.base, WAD, 0, 0, trader, trader);
    });
  });

  describe("V11: at the floor, once the options that a hedge was for have expired", () => {
    /** Of spot, what the bounds of a live one are apart from it: 0.5 % the feed may not show yet, and 2 %. */
    const [LOW, HIGH] = [975n, 1025n];
    /**
     * Little of the side that the hedge takes from is the seed's; 80 options expire worthless, at a price at which the hedge for them is wrong.
     */
    const CASES = {
      base: {
        seed: { base: WAD / 2n, quote: 960_000n * UNIT },
        brought: { base: 100n * WAD, quote: 300_000n * UNIT },
        series: put(3000),
        settledAt: 3200,
      },
      quote: {
        seed: { base: 320n * WAD, quote: 600n * UNIT },
        brought: { base: 100n * WAD, quote: 300_000n * UNIT },
        series: call(3000),
        settledAt: 2800,
      },
    };

    /**
     * Options of 25 days hedged in time, with one of 88 days or without; then no report any more, and the floor open by a feed that goes on,
     * days before they expire where they are to be `written` still.
     */
    async function afterHedge(side: Side, left: "none" | "one left" | "written" = "none"): Promise<bigint> {
      const { seed, brought, series, settledAt } = CASES[side];
      const opened = await openVault({ seed, brought });
      const hedged = { ...opened, ...(await openHedgeMarket(20_000n * WAD, opened)) };
      if (left === "one left") await traded(hedged, call(3000, expiryIn(88)), 1);
      await traded(hedged, series, 80);
      await waitForBound(hedged);
      await fill(hedged, side === "quote" ? ALL : -ALL);
      market = hedged;
      if (left === "written") {
        await renewFeeds(hedged, (await networkHelpers.time.latest()) + 4 * DAY, BigInt(settledAt) * USD);
        return BigInt(settledAt);
      }
      await settleExpiry(hedged, EXPIRY, settledAt);
      await renewFeeds(hedged, EXPIRY + 2 * HOUR, BigInt(settledAt) * USD);
      return BigInt(settledAt);
    }

    /** What a side's `shares` are due at the floor, WAD of its asset. */
    async function dueOf(side: Side, shares: bigint): Promise<bigint> {
      const { supply, claims } = await stateOf(market);
      const { factor } = await market.vault.floor!();
      return (((claims[side] * shares) / (supply[side] + 1000n)) * factor) / WAD;
    }
    /** What of a side is free, WAD: of quote what is no reserve and no rent. */
    async function freeOf(side: Side): Promise<bigint> {
      const { collateral, reserve } = await stateOf(market);
      if (side === "base") return collateral[0] - collateral[1];
      const rent: bigint = await market.book.unreleasedRent!();
      return (collateral[2] - collateral[3]) * market.scale.quote - reserve - rent;
    }
    const otherOf = (side: Side): Side => (side === "base" ? "quote" : "base");
    const exit = (side: Side, shares: bigint, minimum = 0n, minimumOther = 0n) => {
      const by = market.providers[side];
      const args = [SIDE[side], shares, minimum, minimumOther, by, by] as const;
      return {
        send: () => as(by, market.vault).exitAtFloor!(...args),
        told: async (): Promise<bigint[]> => [
          ...(await as(by, market.vault).exitAtFloor!.staticCall(...args)),
        ],
      };
    };

    for (const short of SIDES)
      it(`lets every provider out where too little ${short} is left: the rest in the other asset, at the worse bound`, async () => {
        const spot = await afterHedge(short);
        const { vault, tokens, scale, providers } = market;
        await market.book.realize!(EXPIRY);
        expect(await freeOf(short)).to.be.lessThan(await dueOf(short, await sharesOf(short)));
        for (const side of [short, otherOf(short)]) {
          const other = otherOf(side);
          const shares = await sharesOf(side);
          const [due, free] = [await dueOf(side, shares), await freeOf(side)];
          const before = (await vault.floor!()).factor as bigint;
          const had: bigint = await tokens[side].balanceOf!(providers[side]);
          const hadOther: bigint = await tokens[other].balanceOf!(providers[side]);
          const receipt = await (await exit(side, shares).send()).wait();
          const paid: bigint = (await tokens[side].balanceOf!(providers[side])) - had;
          const paidOther: bigint = (await tokens[other].balanceOf!(providers[side])) - hadOther;
          const { args } = eventsOf(vault, receipt!).at(-1)!;
          expect([args.shares, args.assets, args.other]).to.deep.equal([shares, paid, paidOther]);
          expect(await sharesOf(side), "nobody is kept in").to.equal(0n);
          const own: bigint = paid * scale[side];
          const rest: bigint = due - own;
          expect(own).to.be.closeTo(due < free ? due : free, scale[side]);
          if (side === short) expect(paidOther).to.be.greaterThan(0n);
          const worth = side === "base" ? (rest * spot * LOW) / 1000n : (rest * 1000n) / (spot * HIGH);
          // Less than a unit of the own asset is left out of both.
          if (due < free) expect(paidOther).to.equal(0n);
          else expect(paidOther * scale[other]).to.be.closeTo(worth, scale[other] + scale[side] * 4000n);
          expect((await vault.floor!()).factor, "who stays has no less").to.be.at.least(before);
        }
        // The seed's, which belong to nobody, are all that is left, and there is what it is owed at the floor.
        for (const side of SIDES)
          expect(await market.tranches[side].totalSupply!()).to.equal(CASES[short].seed[side] - 1000n);
        expect((await vault.floor!()).factor).to.be.at.least((WAD * 95n) / 100n);
      });

    it("V13: takes of the other asset none that hedges what is written", async () => {
      await afterHedge("quote", "written");
      const { quote: by } = market.providers;
      const deltaOf = async (): Promise<bigint> => absolute((await market.hedger.plan!()).delta);
      const [shares, delta] = [await sharesOf("quote"), await deltaOf()];
      expect(await freeOf("quote")).to.be.lessThan(await dueOf("quote", shares));
      const had: bigint = await market.tokens.base.balanceOf!(by);
      await exit("quote", shares).send();
      expect(await freeOf("quote"), "all that is free").to.be.lessThan(2n * market.scale.quote);
      expect(await market.tokens.base.balanceOf!(by)).to.equal(had);
      expect(await sharesOf("quote")).to.be.within(1n, shares);
      expect(await deltaOf()).to.equal(delta);
      await expect(exit("quote", await sharesOf("quote")).send())
        .to.be.revertedWithCustomError(market.vault, "Vault_TooFewAssets")
        .withArgs(0n, 0n);
    });

    for (const short of SIDES)
      it(`V13: pays what is spare of the asset other than ${short} though an option is written, and by it turns no unhedged delta about`, async () => {
        await afterHedge(short, "one left");
        await market.book.realize!(EXPIRY);
        expect((await stateOf(market)).collateral[1], "its cover").to.equal(WAD);
        const sign = short === "quote" ? 1n : -1n;
        const before: bigint = sign * (await market.hedger.plan!()).delta;
        expect(before).to.be.greaterThan(20n * WAD);
        const other = otherOf(short);
        const had: bigint = await market.tokens[other].balanceOf!(market.providers[short]);
        await exit(short, await sharesOf(short)).send();
        expect(await market.tokens[other].balanceOf!(market.providers[short])).to.be.greaterThan(had);
        expect(sign * (await market.hedger.plan!()).delta).to.be.within(-3n * WAD, before - 10n * WAD);
      });

    for (const [what, days, isAlive] of [
      ["with no spot alive", 30, false],
      ["with one that is alive and late, by which who sees the market would choose when to leave", 2, true],
    ] as const)
      it(`the floor pays in the own asset alone ${what}`, async () => {
        await afterHedge("quote");
        await networkHelpers.time.increase(days * DAY);
        expect((await market.spot.read!(MARKET)).alive.reason === 0n).to.equal(isAlive);
        await market.book.realize!(EXPIRY);
        const { collateral, claimQuote } = await stateOf(market);
        expect(collateral[1] + collateral[3], "no option is written").to.equal(0n);
        const [shares, free] = [await sharesOf("quote"), await freeOf("quote")];
        expect((await market.vault.floor!()).factor).to.equal((free * WAD) / claimQuote);
        // By that factor no more is due to all than is free.
        const [assets, other] = await exit("quote", shares).told();
        expect([assets! * market.scale.quote, other]).to.deep.equal([
          (await dueOf("quote", shares)) - ((await dueOf("quote", shares)) % market.scale.quote),
          0n,
        ]);
      });

    it("the floor pays by the average of now, so that nobody who leaves chooses an older one", async () => {
      await afterHedge("quote");
      await market.book.realize!(EXPIRY);
      const setAverage = await withAverage(market);
      await setAverage(2800);
      // Past the heartbeat of the feed, of 65 minutes, while the average is 40 minutes old.
      await networkHelpers.time.increase(HOUR / 2);
      await setAverage(2800);
      await networkHelpers.time.increase(2400);
      await setAverage(3220, false);
      const aliveAt = async () => (await market.spot.read!(MARKET)).alive.high as bigint;
      expect(Number(await aliveAt()) / 1e18).to.be.within(2799, 2801);
      const left = exit("quote", await sharesOf("quote"));
      const told = await left.told();
      expect(told[1]).to.be.greaterThan(0n);
      await market.spot.poke!(MARKET);
      expect(Number(await aliveAt()) / 1e18).to.be.within(3219, 3221);
      expect(await left.told()).to.deep.equal(told);
    });

    it("the floor pays no less than either minimum, so that who would rather wait for the own asset can", async () => {
      await afterHedge("quote");
      const { vault, scale } = market;
      await market.book.realize!(EXPIRY);
      const shares = await sharesOf("quote");
      const [assets, other] = (await exit("quote", shares).told()) as [bigint, bigint];
      expect(other).to.be.greaterThan(0n);
      for (const [least, leastOther] of [
        [assets + 1n, 0n],
        [0n, other + 1n],
        // All that the shares are worth here, in the own asset.
        [(await dueOf("quote", shares)) / scale.quote, 0n],
      ])
        await expect(exit("quote", shares, least, leastOther).send())
          .to.be.revertedWithCustomError(vault, "Vault_TooFewAssets")
          .withArgs(assets, other);
      expect(await exit("quote", shares, assets, other).told()).to.deep.equal([assets, other]);
      // As many as the own asset pays.
      const part = (shares * (await freeOf("quote"))) / (await dueOf("quote", shares));
      const worth = (await dueOf("quote", part)) / scale.quote;
      expect(await exit("quote", part, worth).told()).to.deep.equal([worth, 0n]);
      await exit("quote", part, worth).send();
      // Who did not wait has the other asset, and what is left of the own one.
      const left = await sharesOf("quote");
      const [little, instead] = await exit("quote", left).told();
      expect(little).to.be.lessThan(3n);
      expect(instead).to.be.closeTo(other, other / 100n);
      await exit("quote", left).send();
      expect(await sharesOf("quote")).to.equal(0n);
      // Nothing is not given for something.
      await expect(exit("quote", 0n).send())
        .to.be.revertedWithCustomError(vault, "Vault_TooFewAssets")
        .withArgs(0n, 0n);
    });
  });

  it("tells what left at the floor in an event", async () => {
    const { trader, vault } = market;
    const silent = Number((await market.surface.surface!(1)).reportAt) + 3 * DAY + HOUR;
    await renewFeeds(market, silent);
    const receipt = await (await as(trader, vault).exitAtFloor!(SIDE.base, WAD, 0, 0, trader, trader)).wait();
    const [left] = eventsOf(vault, receipt!);
    expect(left!.args.shares).to.equal(WAD);
    expect(left!.args.other).to.equal(0n);
    expect(left!.args.floorFactor).to.be.closeTo(WAD, WAD / 1000n);
    expect(ethers.isAddress(left!.args.owner)).to.equal(true);
  });
});

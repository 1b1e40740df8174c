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
import { expectRefused, renewFeeds } from "../../support/pool/situations.ts";
import { eventsOf, readBook } from "../../support/pool/words.ts";
import { DAY } from "../../support/surface.ts";
import { type EpochResult, expectClosed, OBSTACLES, shadowOf } from "../../support/vault/agreement.ts";
import { ALL, absolute, fill, openHedgeMarket, traded, waitForBound } from "../../support/vault/hedge.ts";
import {
  claimAssets,
  close,
  cutOffIn,
  HOUR,
  open,
  openVault,
  passExpiry,
  report,
  requestDeposit,
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

const BASE_UNIT = 10n ** 9n;

describe("LiquidityVault: leaving", () => {
  let market: VaultMarket;
  beforeEach(async () => {
    market = await running();
  });
  const sharesOf = (side: Side): Promise<bigint> =>
    market.tranches[side].balanceOf!(market.providers[side]) as Promise<bigint>;

  /** Everything of both providers asked for, and the epoch ended. */
  async function leaveAll(at: number, before?: EpochResult) {
    for (const side of SIDES) {
      const shares = await sharesOf(side);
      if (shares > 0n) await requestRedeem(market, side, market.providers[side], shares);
    }
    const posted = await open(market, at);
    return expectClosed(market, posted, await shadowOf(market, posted, before && highsOf(before)));
  }

  it("V12: pays up to what is free and idle, the rest rolling over, with a fresh need and without", async () => {
    const { trader, tranches } = market;
    /** 140 options a day, in two blocks for the limit of outflow. */
    const buy = async () => {
      for (const legs of [[leg(call(3400), 70)], [leg(put(2600), 70)]]) await trade(market, trader, legs);
    };
    await buy();
    await settleExpiry(market, expiryIn(2), 3000);
    const { result: before } = await expectClosedAt(cutOffIn(2) + 30);
    await refreshAll(market);
    await buy();
    const { result } = await leaveAll(cutOffIn(3) + 30, before);
    const { baseSum, claims } = await stateOf(market);
    expect(await claimAssets(market, "base", trader)).to.be.greaterThan(0n);
    for (const side of SIDES) {
      const { redeemShares } = await tranches[side].queue!();
      expect(redeemShares, "some wait").to.be.greaterThan(0n);
      expect(result[side].paidAssets, "some are paid").to.be.greaterThan(0n);
      expect(result[side].idle, "and nothing that may leave is left").to.be.lessThan(claims[side] / 10_000n);
    }
    // The need of the refresh, not the sums: these are larger than what is left.
    expect(baseSum).to.be.greaterThan(claims.base);
    const need = await market.book.need!();
    for (let i = 0; i < 3; i++) {
      expect(need.base[i]).to.be.at.most(claims.base);
      expect(need.quote[i]).to.be.at.most(claims.quote);
    }
    // Without a fresh need the sums alone count: no more leaves.
    const late = await report(market, cutOffIn(4) + 1200);
    const second = await expectClosed(market, late, await shadowOf(market, late, highsOf(result)));
    expect([second.result.base.paidAssets, second.result.base.idle]).to.deep.equal([0n, 0n]);
  });

  async function expectClosedAt(at: number) {
    const posted = await open(market, at);
    return expectClosed(market, posted, await shadowOf(market, posted));
  }

  const highsOf = (result: { base: { high: bigint }; quote: { high: bigint } }) => ({
    base: result.base.high,
    quote: result.quote.high,
  });

  it("V13: no exit moves the delta that is not hedged", async () => {
    const { trader } = market;
    await trade(market, trader, [leg(call(3000), 20)]);
    const unhedged = async () => {
      const { delta, claimBase, collateral } = await readBook(market);
      return delta + collateral[0] - claimBase;
    };
    // Rent moves a claim of base, and so does g; flows do not.
    const posted = await open(market, cutOffIn(2) + 30);
    const snapshot = await networkHelpers.takeSnapshot();
    await close(market, posted);
    const without = await unhedged();
    await snapshot.restore();
    await networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + 1);
    market = await running();
    await trade(market, market.trader, [leg(call(3000), 20)]);
    const { result } = await leaveAll(cutOffIn(2) + 30);
    expect(result.base.paidAssets).to.be.greaterThan(10n * WAD);
    expect(await unhedged()).to.be.closeTo(without, WAD / 1000n);
    const moved = result.base.claimAfter + result.base.paidAssets;
    expect(moved).to.be.closeTo(
      (result.base.claimBefore * result.factor) / WAD + result.base.rent,
      BASE_UNIT,
    );
  });

  it("P12: who waits to leave comes before openings", async () => {
    const { trader } = market;
    for (const legs of [[leg(call(3400), 70)], [leg(put(2600), 70)]]) await trade(market, trader, legs);
    await networkHelpers.mine();
    const wanted = [leg(call(3400), 30)];
    expect((await market.pool.quote!(wanted)).limit).to.equal(0n);
    for (const side of SIDES) await requestRedeem(market, side, market.providers[side], await sharesOf(side));
    const { pendingBase, pendingQuote } = await readBook(market, []);
    expect(pendingBase).to.be.closeTo(160n * WAD, WAD);
    expect(pendingQuote).to.be.closeTo(480_000n * WAD, 100n * WAD);
    await expectRefused(market, wanted, { refusal: "BookLimit", limit: "BaseCapacity" });
    await trade(market, trader, [leg(call(3400), 5)]);
  });

  it("winds down: opens nothing, takes no deposit, and pays as expiries settle", async () => {
    const { trader, vault, tranches, tokens, providers } = market;
    await trade(market, trader, [leg(call(3000, expiryIn(2)), 40)]);
    await requestDeposit(market, "quote", providers.base, 1000n * UNIT);
    await expect(as(trader, vault).windDown!()).to.be.revertedWithCustomError(
      vault,
      "AccessManagedUnauthorized",
    );
    await expect(vault.windDown!()).to.emit(vault, "PhaseChanged").withArgs(2);
    await expect(vault.windDown!()).to.be.revertedWithCustomError(vault, "Vault_WrongPhase").withArgs(2);
    await expectRefused(market, [leg(call(3000), 1)], { refusal: "BookLimit", limit: "WindDown" });
    for (const side of SIDES) await requestRedeem(market, side, providers[side], await sharesOf(side));
    await settleExpiry(market, expiryIn(2), 3030);
    await market.book.realize!(expiryIn(2));
    const posted = await open(market, cutOffIn(2) + 30, { spot: 3030 });
    const options = { isRunning: false };
    const { result } = await expectClosed(market, posted, await shadowOf(market, posted, undefined, options));
    expect(result.quote.depositAssets, "what waited to come in stays out").to.equal(0n);
    expect(await tranches.quote.pendingDepositRequest!(0, providers.base)).to.equal(1000n * UNIT);
    for (const side of SIDES) expect((await tranches[side].queue!()).depositsOpen).to.equal(false);
    expect(await claimAssets(market, "base", providers.base)).to.be.closeTo(160n * WAD, 3n * WAD);
    expect(await claimAssets(market, "quote", providers.quote)).to.be.closeTo(480_000n * UNIT, 9000n * UNIT);
    await as(providers.base, tranches.quote).cancelDepositRequest!(0, providers.base);
    const before: bigint = await tokens.quote.balanceOf!(providers.base);
    await as(providers.base, tranches.quote).claimCancelDepositRequest!(0, providers.base, providers.base);
    expect((await tokens.quote.balanceOf!(providers.base)) - before).to.equal(1000n * UNIT);
  });

  it("K1: ends epochs, pays and lets out while everything that can be paused is paused", async () => {
    const { trader, vault, pool, clearinghouse, control, owner, tranches, providers } = market;
    await trade(market, trader, [leg(call(3000), 5)]);
    await control.grantRole!(3n, owner, 0);
    for (const target of [pool, clearinghouse, tranches.base, tranches.quote]) await target.pause!();
    const { result } = await leaveAll(cutOffIn(2) + 30);
    expect(result.base.paidAssets).to.be.greaterThan(100n * WAD);
    for (const side of SIDES)
      expect(await claimAssets(market, side, providers[side])).to.be.within(
        result[side].paidAssets - 1n,
        result[side].paidAssets,
      );
    // Nothing here has a role but the governor's three.
    for (const name of ["closeEpoch", "exitAtFloor"])
      expect(
        await control.getTargetFunctionRole!(vault, vault.interface.getFunction(name)!.selector),
        name,
      ).to.equal(0n);
  });

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

    it("opens after three days without a report, and closes with the next one", async () => {
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

    it("opens three days after a cut-off that nobody ended, or only without a mark, though reports come", async () => {
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

    it("S7: takes what the limits allow down with the equity that leaves, though epochs go on to end without a mark", async () => {
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
      const before = await readBook(market);
      const worth = ({ claimBase, claimQuote }: typeof before) => claimBase * 3000n + claimQuote;
      for (const side of SIDES) {
        const shares = ((await sharesOf(side)) * 4n) / 5n;
        const by = providers[side];
        await as(by, vault).exitAtFloor!(SIDE[side], shares, 0, 0, by, by);
      }
      const after = await readBook(market);
      expect(worth(after)).to.be.lessThan((worth(before) * 2n) / 3n);
      const expected = (before.equityLow * worth(after)) / worth(before);
      expect(after.equityLow).to.be.within(expected - 2n * WAD, expected);
      expect([after.equityHigh, after.reserve]).to.deep.equal([before.equityHigh, before.reserve]);
      // An end in doubt begins the next epoch with no more.
      const lie = await report(market, cutOffIn(5) + 30, { spot: 30_000 });
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

    it("pays at once no more than the worst that cover can cost, by a live spot, and leaves stayers no less", async () => {
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

    it("lets out what waits in a request, by an operator, up to what is free", async () => {
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

    it("pays the same whoever realizes a settled expiry first, though only rent is left of it", async () => {
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

    it("needs no spot at all: then the worse asset counts", async () => {
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
      it(`pays in the own asset alone ${what}`, async () => {
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

    it("pays no less than either minimum, so that who would rather wait for the own asset can", async () => {
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

  it("V11: gives what waits to come in back, where signers are silent as long as the floor needs", async () => {
    const { other, vault, tranches, tokens } = market;
    await requestDeposit(market, "base", other, 5n * WAD);
    const own = as(other, tranches.base);
    await networkHelpers.time.increaseTo(cutOffIn(2) + 3 * DAY);
    expect((await vault.floor!()).isOpen).to.equal(true);
    const before: bigint = await tokens.base.balanceOf!(other);
    await own.cancelDepositRequest!(0, other);
    await own.claimCancelDepositRequest!(0, other, other);
    expect((await tokens.base.balanceOf!(other)) - before).to.equal(5n * WAD);
  });

  it("H7, V11: after a month without keepers, in which an expiry passes, and a week without reports providers still leave", async () => {
    const { trader, other, vault, book, clearinghouse, settlement, providers, tranches } = market;
    const bought = leg(call(3000), 10);
    await trade(market, trader, [bought, leg(put(3000, expiryIn(88)), 10)]);
    for (const side of SIDES) await requestRedeem(market, side, providers[side], (await sharesOf(side)) / 2n);
    // No report for a week, and nobody closes, settles or realizes for a month.
    const first = await report(market, cutOffIn(2) + 30);
    const second = await report(market, cutOffIn(9) + 30, { spot: 3050 });
    const rounds = await passExpiry(market, EXPIRY, 3100);
    const last = await report(market, cutOffIn(31) + 30, { spot: 3100 });
    for (const posted of [first, second]) await close(market, posted, other);
    // Half of each side has left by the first end: by far the most of it was idle.
    for (const side of SIDES) {
      expect((await tranches[side].queue!()).redeemShares, side).to.equal(0n);
      const worth = side === "base" ? 80n * WAD : 240_000n * UNIT;
      expect(await claimAssets(market, side, providers[side])).to.be.within(
        (worth * 98n) / 100n,
        (worth * 102n) / 100n,
      );
    }
    // The last report is younger than an expiry that somebody has to settle first.
    await expect(as(other, vault).closeEpoch!(last))
      .to.be.revertedWithCustomError(vault, "Vault_CannotClose")
      .withArgs(OBSTACLES.indexOf("ExpiryNotSettled"));
    expect([...(await vault.epoch!())]).to.deep.equal([4n, BigInt(cutOffIn(10))]);
    await as(other, settlement).walk!(MARKET, EXPIRY, ...rounds, 10);
    await as(trader, clearinghouse).redeem!(bought.series, bought.amount, trader, trader);
    expect(await book.isOpen!(EXPIRY)).to.equal(true);
    await close(market, last, other);
    expect([...(await vault.epoch!())]).to.deep.equal([5n, BigInt(cutOffIn(32))]);
    expect(await book.isOpen!(EXPIRY), "realized by the end").to.equal(false);
    expect([...(await clearinghouse.coverage!(book, MARKET, EXPIRY))].slice(0, 2)).to.deep.equal([0n, 0n]);
    // And then as ever: all of the rest of a side that is idle leaves.
    const left = { base: await sharesOf("base"), quote: await sharesOf("quote") };
    for (const side of SIDES) await requestRedeem(market, side, providers[side], left[side] / 2n);
    await close(market, await open(market, cutOffIn(32) + 30, { spot: 3100 }), other);
    for (const side of SIDES) {
      expect((await tranches[side].queue!()).redeemShares, side).to.equal(0n);
      expect(await claimAssets(market, side, providers[side])).to.be.greaterThan(0n);
    }
  });

  it("tells what left in an event", async () => {
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

import { expect } from "chai";
import {
  as,
  call,
  EXPIRY,
  expiryIn,
  leg,
  MARKET,
  networkHelpers,
  put,
  refreshAll,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { expectRefused } from "../../support/pool/situations.ts";
import { readBook } from "../../support/pool/words.ts";
import { DAY } from "../../support/surface.ts";
import { type EpochResult, expectClosed, OBSTACLES, shadowOf } from "../../support/vault/agreement.ts";

import {
  claimAssets,
  close,
  cutOffIn,
  open,
  passExpiry,
  report,
  requestDeposit,
  requestRedeem,
  running,
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
});

/** The way of a request: made, cancelled, frozen, filled in part and in full, claimed by whom it may be. */
import { expect } from "chai";
import {
  as,
  CUT_OFF,
  claimOf,
  DAY,
  DEPOSIT,
  ethers,
  fillOf,
  load,
  MINT,
  networkHelpers,
  SEED,
  type Stage,
  withShares,
} from "../../support/vault/fixture.ts";

describe("Tranche: requests", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await load();
  });

  it("takes nothing before the vault has ended an epoch", async () => {
    const fresh = await ethers.deployContract("Tranche", [
      stage.control,
      stage.stage,
      stage.token,
      0,
      "a",
      "a",
      (await stage.tranche.terms!()).toObject(),
    ]);
    await expect(fresh.getFunction("requestDeposit")(stage.unit, stage.owner, stage.owner))
      .to.be.revertedWithCustomError(fresh, "Tranche_Frozen")
      .withArgs(0, await networkHelpers.time.latest().then((now) => now + 1));
  });

  it("V8: a deposit waits here, apart from the assets of the tranche, until an epoch lets it in", async () => {
    const { tranche, token, alice, unit, stage: vault } = stage;
    await expect(as(alice, tranche).requestDeposit!(5n * unit, alice, alice))
      .to.emit(tranche, "DepositRequest")
      .withArgs(alice, alice, 0, alice, 5n * unit);
    expect(await tranche.pendingDepositRequest!(0, alice)).to.equal(5n * unit);
    expect(await tranche.pendingDepositRequest!(1, alice)).to.equal(0n);
    expect(await token.balanceOf!(tranche)).to.equal(5n * unit);
    expect(await tranche.totalAssets!()).to.equal(SEED * unit);
    expect(await tranche.maxDeposit!(alice)).to.equal(0n);
    await vault.close!(fillOf({ depositAssets: 5n * unit, mintedShares: 4n * unit }));
    expect(await token.balanceOf!(tranche)).to.equal(0n);
    expect(await token.balanceOf!(vault)).to.equal(5n * unit);
    expect(await tranche.pendingDepositRequest!(0, alice)).to.equal(0n);
    expect(await tranche.claimableDepositRequest!(0, alice)).to.equal(5n * unit);
    expect(await tranche.maxDeposit!(alice)).to.equal(5n * unit);
    // What a claim brings is rounded down.
    const most = await tranche.maxMint!(alice);
    expect(most).to.equal(4n * unit - 1n);
    await expect(as(alice, tranche)[DEPOSIT]!(2n * unit, stage.bob, alice))
      .to.emit(tranche, "Deposit")
      .withArgs(alice, stage.bob, 2n * unit, (8n * unit) / 5n - 1n);
    await as(alice, tranche)[MINT]!((12n * unit) / 5n, alice, alice);
    expect(await tranche.balanceOf!(stage.bob)).to.equal((8n * unit) / 5n - 1n);
    expect(await tranche.balanceOf!(alice)).to.equal((12n * unit) / 5n);
    expect([await tranche.maxDeposit!(alice), await tranche.maxMint!(alice)]).to.deep.equal([0n, 0n]);
  });

  it("V5: a withdrawal filled in part is claimable in part, at its own epoch's price whatever comes later", async () => {
    const { tranche, token, alice, unit, stage: vault } = stage;
    await withShares(stage, alice, 100n);
    await expect(as(alice, tranche).requestRedeem!(100n * unit, alice, alice))
      .to.emit(tranche, "RedeemRequest")
      .withArgs(alice, alice, 0, alice, 100n * unit);
    expect(await tranche.balanceOf!(alice)).to.equal(0n);
    expect(await tranche.totalSupply!()).to.equal((SEED + 100n) * unit);
    await vault.close!(fillOf({ redeemShares: 90n * unit, paidAssets: 99n * unit }));
    const pending = await tranche.pendingRedeemRequest!(0, alice);
    expect(pending).to.be.within(10n * unit - 1n, 10n * unit);
    expect(await tranche.claimableRedeemRequest!(0, alice)).to.equal(100n * unit - pending);
    const first = await tranche.maxWithdraw!(alice);
    expect(first).to.be.within(99n * unit - 1n, 99n * unit);
    expect(await tranche.totalSupply!()).to.equal((SEED + 10n) * unit);
    await claimOf(stage, 1n);
    await vault.close!(fillOf());
    expect(await tranche.maxWithdraw!(alice)).to.equal(first);
    await vault.close!(fillOf({ redeemShares: 10n * unit, paidAssets: unit }));
    expect(await tranche.maxRedeem!(alice)).to.equal(100n * unit);
    const most = await tranche.maxWithdraw!(alice);
    expect(most).to.be.within(100n * unit - 2n, 100n * unit);
    const before = await token.balanceOf!(alice);
    const used = (60n * unit * 100n * unit + most - 1n) / most;
    await expect(as(alice, tranche).withdraw!(60n * unit, alice, alice))
      .to.emit(tranche, "Withdraw")
      .withArgs(alice, alice, alice, 60n * unit, used);
    await as(alice, tranche).redeem!(100n * unit - used, alice, alice);
    expect((await token.balanceOf!(alice)) - before).to.equal(most);
    expect(await token.balanceOf!(tranche)).to.equal(100n * unit - most);
  });

  it("freezes requests and cancelations from the cut-off until the fill, and never a claim", async () => {
    const { tranche, alice, unit, stage: vault } = stage;
    await withShares(stage, alice, 10n);
    await as(alice, tranche).requestDeposit!(unit, alice, alice);
    await as(alice, tranche).requestRedeem!(unit, alice, alice);
    await vault.close!(
      fillOf({ redeemShares: unit / 2n, paidAssets: unit / 2n, nextCutOffAt: CUT_OFF + DAY }),
    );
    await networkHelpers.time.setNextBlockTimestamp(CUT_OFF + DAY - 1);
    await as(alice, tranche).requestRedeem!(unit, alice, alice);
    for (const [i, frozen] of [
      () => as(alice, tranche).requestDeposit!(unit, alice, alice),
      () => as(alice, tranche).requestRedeem!(unit, alice, alice),
      () => as(alice, tranche).cancelDepositRequest!(0, alice),
      () => as(alice, tranche).cancelRedeemRequest!(0, alice),
    ].entries()) {
      const at = CUT_OFF + DAY + i;
      await networkHelpers.time.setNextBlockTimestamp(at);
      await expect(frozen())
        .to.be.revertedWithCustomError(tranche, "Tranche_Frozen")
        .withArgs(CUT_OFF + DAY, at);
    }
    await as(alice, tranche).redeem!(unit / 2n, alice, alice);
    // An epoch that was missed ends with its own cut-off still in the past: nobody has a say between.
    await vault.close!(fillOf({ nextCutOffAt: CUT_OFF + DAY }));
    await expect(as(alice, tranche).cancelDepositRequest!(0, alice)).to.be.revertedWithCustomError(
      tranche,
      "Tranche_Frozen",
    );
    await vault.close!(fillOf());
    await as(alice, tranche).cancelDepositRequest!(0, alice);
  });

  it("gives a deposit back three days after a cut-off whose epoch nobody ends, a withdrawal never", async () => {
    const { tranche, token, alice, unit, stage: vault } = stage;
    await withShares(stage, alice, 10n);
    const own = as(alice, tranche);
    await own.requestDeposit!(unit, alice, alice);
    await own.requestRedeem!(unit, alice, alice);
    const cutOffAt = Number((await tranche.queue!()).cutOffAt);
    await networkHelpers.time.setNextBlockTimestamp(cutOffAt + 3 * DAY - 1);
    await expect(own.cancelDepositRequest!(0, alice)).to.be.revertedWithCustomError(
      tranche,
      "Tranche_Frozen",
    );
    await networkHelpers.time.setNextBlockTimestamp(cutOffAt + 3 * DAY);
    await own.cancelDepositRequest!(0, alice);
    for (const frozen of [own.cancelRedeemRequest!(0, alice), own.requestDeposit!(unit, alice, alice)])
      await expect(frozen).to.be.revertedWithCustomError(tranche, "Tranche_Frozen");
    const before: bigint = await token.balanceOf!(alice);
    await own.claimCancelDepositRequest!(0, alice, alice);
    expect((await token.balanceOf!(alice)) - before).to.equal(unit);
    // Nothing of it is left for the epoch that ends after all.
    expect((await tranche.queue!()).depositAssets).to.equal(0n);
    await vault.close!(fillOf({ redeemShares: unit, paidAssets: unit, nextCutOffAt: cutOffAt + 5 * DAY }));
    expect(await tranche.maxRedeem!(alice)).to.equal(unit);
  });

  it("gives a cancelled request back, by a claim of its own", async () => {
    const { tranche, token, alice, bob, unit, stage: vault } = stage;
    await withShares(stage, alice, 10n);
    const richness = await token.balanceOf!(alice);
    await as(alice, tranche).requestDeposit!(4n * unit, alice, alice);
    await as(alice, tranche).requestRedeem!(6n * unit, alice, alice);
    const half = { depositAssets: unit, mintedShares: unit, redeemShares: 3n * unit, paidAssets: 3n * unit };
    await vault.close!(fillOf(half));
    await expect(as(alice, tranche).cancelDepositRequest!(0, alice))
      .to.emit(tranche, "CancelDepositRequest")
      .withArgs(alice, 0, alice);
    await expect(as(alice, tranche).cancelRedeemRequest!(0, alice))
      .to.emit(tranche, "CancelRedeemRequest")
      .withArgs(alice, 0, alice);
    for (const view of ["pendingCancelDepositRequest", "pendingCancelRedeemRequest"])
      expect(await tranche[view]!(0, alice)).to.equal(false);
    expect(await tranche.claimableCancelDepositRequest!(0, alice)).to.equal(3n * unit);
    expect(await tranche.claimableCancelRedeemRequest!(0, alice)).to.equal(3n * unit);
    // What was filled stays claimable.
    expect([await tranche.maxDeposit!(alice), await tranche.maxRedeem!(alice)]).to.deep.equal([
      unit,
      3n * unit,
    ]);
    for (const method of ["cancelDepositRequest", "cancelRedeemRequest"])
      await expect(as(alice, tranche)[method]!(0, alice))
        .to.be.revertedWithCustomError(tranche, "Tranche_NothingToCancel")
        .withArgs(alice);
    await expect(as(alice, tranche).claimCancelDepositRequest!(0, alice, alice))
      .to.emit(tranche, "CancelDepositClaim")
      .withArgs(alice, alice, 0, alice, 3n * unit);
    await expect(as(alice, tranche).claimCancelRedeemRequest!(0, bob, alice))
      .to.emit(tranche, "CancelRedeemClaim")
      .withArgs(alice, bob, 0, alice, 3n * unit);
    expect(await token.balanceOf!(alice)).to.equal(richness - unit);
    expect(await tranche.balanceOf!(bob)).to.equal(3n * unit);
    for (const method of ["claimCancelDepositRequest", "claimCancelRedeemRequest"])
      await expect(as(alice, tranche)[method]!(0, alice, alice))
        .to.be.revertedWithCustomError(tranche, "Tranche_NothingToClaim")
        .withArgs(alice);
    for (const [method, ...more] of [
      ["cancelDepositRequest"],
      ["cancelRedeemRequest"],
      ["claimCancelDepositRequest", alice],
      ["claimCancelRedeemRequest", alice],
    ] as const)
      await expect(as(alice, tranche)[method]!(7, ...more, alice))
        .to.be.revertedWithCustomError(tranche, "Tranche_UnknownRequest")
        .withArgs(7);
  });
});

/** What the book is told, what the vault alone may do, and what a pause stops. */
import { expect } from "chai";
import {
  as,
  CUT_OFF,
  claimOf,
  DAY,
  deployStage,
  fillOf,
  load,
  networkHelpers,
  SEED,
  START,
  type Stage,
  withShares,
} from "../../support/vault/fixture.ts";

describe("Tranche: book, vault and guardian", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await load();
  });

  it("P12: tells the book what waits to leave at NAV, rounded up, after every change", async () => {
    const { tranche, alice, unit, stage: vault } = stage;
    await withShares(stage, alice, 10n);
    await claimOf(stage, 2020n);
    const worth = async (shares: bigint) => {
      const divisor = (await tranche.totalSupply!()) + 1000n;
      return (shares * 2020n * unit + divisor - 1n) / divisor;
    };
    await as(alice, tranche).requestRedeem!(4n * unit, alice, alice);
    expect(await vault.pending!()).to.equal(await worth(4n * unit));
    await as(alice, tranche).requestRedeem!(3n * unit, alice, alice);
    expect(await vault.pending!()).to.equal(await worth(7n * unit));
    await vault.close!(fillOf({ redeemShares: 2n * unit, paidAssets: 4n * unit }));
    expect(await vault.pending!()).to.equal(await worth(5n * unit));
    await vault.burnForFloor!(alice, unit);
    expect(await vault.pending!()).to.equal(await worth(4n * unit));
    await as(alice, tranche).cancelRedeemRequest!(0, alice);
    // The fill's rounding waits for nobody, until a full fill takes it.
    const crumbs = (await tranche.queue!()).redeemShares;
    expect(crumbs).to.be.at.most(1n);
    expect(await vault.pending!()).to.equal(await worth(crumbs));
    await vault.close!(fillOf({ redeemShares: crumbs, paidAssets: 0n }));
    expect(await vault.pending!()).to.equal(0n);
    const told = await vault.told!();
    await vault.close!(fillOf());
    expect(await vault.told!()).to.equal(told);
  });

  it("burns for the floor out of the pending request first, frozen or not, then out of the balance", async () => {
    const { tranche, alice, unit, stage: vault } = stage;
    await withShares(stage, alice, 10n);
    await as(alice, tranche).requestRedeem!(4n * unit, alice, alice);
    await networkHelpers.time.increaseTo(CUT_OFF + 31 * DAY);
    await expect(vault.burnForFloor!(alice, 3n * unit))
      .to.emit(tranche, "BurnedForFloor")
      .withArgs(alice, 3n * unit, 3n * unit);
    await expect(vault.burnForFloor!(alice, 5n * unit))
      .to.emit(tranche, "BurnedForFloor")
      .withArgs(alice, 5n * unit, unit);
    expect(await tranche.balanceOf!(alice)).to.equal(2n * unit);
    expect(await tranche.pendingRedeemRequest!(0, alice)).to.equal(0n);
    expect(await tranche.totalSupply!()).to.equal((SEED + 2n) * unit);
    await expect(vault.burnForFloor!(alice, 3n * unit)).to.be.revertedWithCustomError(
      tranche,
      "ERC20InsufficientBalance",
    );
  });

  it("lets the vault alone fill, mint a fee and burn, and fills no more than waits, with money that has come", async () => {
    const { tranche, alice, carol, unit, stage: vault } = stage;
    for (const attempt of [
      () => as(alice, tranche).fill!(9, fillOf()),
      () => as(alice, tranche).mintFee!(alice, 1n),
      () => as(alice, tranche).burnForFloor!(alice, 1n),
    ])
      await expect(attempt())
        .to.be.revertedWithCustomError(tranche, "Tranche_NotVault")
        .withArgs(alice, vault);
    // The book named it once; what it says later does not matter.
    await vault.setVault!(alice);
    await expect(as(alice, tranche).mintFee!(alice, 1n)).to.be.revertedWithCustomError(
      tranche,
      "Tranche_NotVault",
    );
    await vault.mintFee!(carol, 5n * unit);
    expect(await tranche.balanceOf!(carol)).to.equal(5n * unit);
    await as(carol, tranche).requestRedeem!(2n * unit, carol, carol);
    await as(alice, tranche).requestDeposit!(unit, alice, alice);
    await expect(vault.close!(fillOf({ depositAssets: unit + 1n, mintedShares: 1n })))
      .to.be.revertedWithCustomError(tranche, "RequestQueue_TakenAbovePending")
      .withArgs(unit + 1n, unit);
    await expect(vault.closeUnpaid!(fillOf({ redeemShares: unit, paidAssets: 3n * unit })))
      .to.be.revertedWithCustomError(tranche, "Tranche_AssetsShort")
      .withArgs(unit, 4n * unit);
    await vault.close!(fillOf({ redeemShares: unit, paidAssets: 3n * unit }));
    expect(await networkHelpers.time.latest()).to.be.greaterThan(START);
  });

  it("K4, K1: a pause stops deposit requests alone, and ends by itself", async () => {
    const { tranche, alice, guardian, unit, stage: vault } = await load(deployStage);
    await withShares(stage, alice, 10n);
    await as(alice, tranche).requestDeposit!(unit, alice, alice);
    await as(guardian, tranche).pause!();
    await expect(as(alice, tranche).requestDeposit!(unit, alice, alice)).to.be.revertedWithCustomError(
      tranche,
      "Pause_Active",
    );
    await as(alice, tranche).requestRedeem!(2n * unit, alice, alice);
    await vault.close!(fillOf({ redeemShares: unit, paidAssets: unit }));
    await as(alice, tranche).redeem!(unit, alice, alice);
    await as(alice, tranche).cancelRedeemRequest!(0, alice);
    await as(alice, tranche).cancelDepositRequest!(0, alice);
    await as(alice, tranche).claimCancelDepositRequest!(0, alice, alice);
    await networkHelpers.time.increase(3 * DAY + 1);
    await as(alice, tranche).requestDeposit!(unit, alice, alice);
  });
});

/** Gifts, and assets that take fees, lie, block, rebase, return nothing or call back. */
import { expect } from "chai";
import { BEHAVIOUR } from "../../support/hostileToken.ts";
import {
  type AnyContract,
  as,
  DEPOSIT,
  deployStage,
  ethers,
  fillOf,
  load,
  MINT,
  type Stage,
  withShares,
} from "../../support/vault/fixture.ts";

const hostile = () => deployStage({ token: "HostileToken" });
const plain = () => deployStage();

/** What is owed here of the asset. */
async function owedOf({ tranche }: Stage): Promise<bigint> {
  const { depositAssets, claimableAssets } = await tranche.queue!();
  return depositAssets + claimableAssets;
}

describe("Tranche: hostile surroundings", () => {
  it("V1: a gift of assets, of shares or of a request changes nobody's claim and no price, and is no use to its giver", async () => {
    const stage = await load(plain);
    const { tranche, token, alice, bob, carol, unit, stage: vault } = stage;
    await withShares(stage, alice, 10n);
    await withShares(stage, bob, 10n);
    await as(alice, tranche).requestDeposit!(3n * unit, alice, alice);
    await as(alice, tranche).requestRedeem!(5n * unit, alice, alice);
    await vault.close!(
      fillOf({ depositAssets: unit, mintedShares: unit, redeemShares: unit, paidAssets: 2n * unit }),
    );
    const seen = async () => [
      await tranche.totalAssets!(),
      await tranche.totalSupply!(),
      await tranche.convertToAssets!(unit),
      await tranche.convertToShares!(unit),
      await tranche.maxDeposit!(alice),
      await tranche.maxMint!(alice),
      await tranche.maxRedeem!(alice),
      await tranche.maxWithdraw!(alice),
      await tranche.pendingDepositRequest!(0, alice),
      await tranche.pendingRedeemRequest!(0, alice),
      await vault.pending!(),
    ];
    const before = await seen();
    await as(bob, token).transfer!(tranche, 1000n * unit);
    await as(bob, tranche).transfer!(tranche, 2n * unit);
    expect(await seen()).to.deep.equal(before);
    // A request made for somebody else is a gift to that one alone.
    await as(bob, tranche).requestDeposit!(unit, carol, bob);
    await as(bob, tranche).requestRedeem!(unit, carol, bob);
    expect((await seen()).slice(0, 10)).to.deep.equal(before.slice(0, 10));
    await expect(as(bob, tranche).cancelDepositRequest!(0, carol)).to.be.revertedWithCustomError(
      tranche,
      "Tranche_NotOperator",
    );
    await expect(as(bob, tranche).cancelDepositRequest!(0, bob)).to.be.revertedWithCustomError(
      tranche,
      "Tranche_NothingToCancel",
    );
  });

  it("V2, V3: the first depositor, alone with the virtual shares, wins nothing by gifts against who comes next", async () => {
    const { tranche, token, alice, bob, unit, stage: vault } = await load(plain);
    // No seed's shares in this one's way: of a supply of one unit and 1,000 virtual ones.
    const tiny = await ethers.deployContract("Tranche", [
      await tranche.authority!(),
      vault,
      token,
      0,
      "tiny",
      "T",
      { cap: 10n ** 24n, minimumAssets: 1n, minimumShares: 1n },
    ]);
    const own = (account: typeof alice) => as(account, tiny as unknown as AnyContract);
    await vault.setTranche!(tiny);
    await vault.assign!(0n, 0n);
    await vault.close!(fillOf());
    for (const account of [alice, bob]) await as(account, token).approve!(tiny, ethers.MaxUint256);
    await own(alice).requestDeposit!(1n, alice, alice);
    await vault.close!(fillOf({ depositAssets: 1n, mintedShares: 1n }));
    await own(alice)[DEPOSIT]!(1n, alice, alice);
    const before = await own(alice).convertToAssets!(1n);
    await as(alice, token).transfer!(tiny, 1000n * unit);
    await as(alice, token).transfer!(vault, 1000n * unit);
    expect(await own(alice).convertToAssets!(1n)).to.equal(before);
    // Even were the gift in the claim, a thousandth and one of it would be hers.
    await vault.assign!(1001n * unit, 0n);
    expect(await own(alice).convertToAssets!(1n)).to.equal(unit);
  });

  for (const decimals of [6, 8, 18]) {
    for (const token of ["TestToken", "SilentToken"]) {
      it(`lets in and pays out to the unit with a ${token} of ${decimals} decimals, on both sides`, async () => {
        for (const side of ["base", "quote"] as const) {
          const stage = await deployStage({ decimals, token, side });
          const { tranche, alice, bob, unit, stage: vault } = stage;
          await withShares(stage, alice, 100n);
          await as(bob, tranche).requestDeposit!(50n * unit + 1n, bob, bob);
          await as(alice, tranche).requestRedeem!(100n * unit, alice, alice);
          const paid = 90n * unit + 3n;
          const all = { depositAssets: 50n * unit + 1n, mintedShares: 50n * unit, redeemShares: 100n * unit };
          await vault.close!(fillOf({ ...all, paidAssets: paid }));
          const before = await stage.token.balanceOf!(alice);
          const most = await tranche.maxWithdraw!(alice);
          expect(paid - most).to.be.within(0n, 1n);
          await as(alice, tranche).withdraw!(most, alice, alice);
          expect((await stage.token.balanceOf!(alice)) - before).to.equal(most);
          await as(bob, tranche)[MINT]!(await tranche.maxMint!(bob), bob, bob);
          expect(await stage.token.balanceOf!(tranche)).to.equal(await owedOf(stage));
        }
      });
    }
  }

  it("refuses a request of which less arrives, and a payout by which more or less leaves", async () => {
    const stage = await load(hostile);
    const { tranche, token, alice, bob, unit, stage: vault } = stage;
    await withShares(stage, alice, 100n);
    await as(alice, tranche).requestRedeem!(100n * unit, alice, alice);
    await as(bob, tranche).requestDeposit!(50n * unit, bob, bob);
    await vault.close!(fillOf({ redeemShares: 50n * unit, paidAssets: 50n * unit }));
    for (const behaviour of ["feeOnTransfer", "doesNothing"] as const) {
      await token.behave!(BEHAVIOUR[behaviour]);
      await expect(as(bob, tranche).requestDeposit!(100n * unit, bob, bob))
        .to.be.revertedWithCustomError(tranche, "Tranche_ReceivedOtherAmount")
        .withArgs(behaviour === "doesNothing" ? 0n : 99n * unit, 100n * unit);
    }
    for (const behaviour of ["feeOnTop", "doesNothing"] as const) {
      await token.behave!(BEHAVIOUR[behaviour]);
      await expect(as(alice, tranche).redeem!(50n * unit, alice, alice))
        .to.be.revertedWithCustomError(tranche, "Tranche_PaidOtherAmount")
        .withArgs(behaviour === "doesNothing" ? 0n : (101n * unit) / 2n, 50n * unit);
    }
    for (const behaviour of ["returnsFalse", "reverts"] as const) {
      await token.behave!(BEHAVIOUR[behaviour]);
      await expect(as(alice, tranche).redeem!(50n * unit, alice, alice)).to.revert(ethers);
      await expect(as(bob, tranche).requestDeposit!(unit, bob, bob)).to.revert(ethers);
    }
    await token.behave!(BEHAVIOUR.honest);
    await as(alice, tranche).redeem!(50n * unit, alice, alice);
    expect(await token.balanceOf!(tranche)).to.equal(await owedOf(stage));
  });

  it("V7: a receiver that the asset blocks keeps nobody else from a claim, nor an epoch from its end", async () => {
    const stage = await load(hostile);
    const { tranche, token, alice, bob, carol, unit, stage: vault } = stage;
    for (const account of [alice, bob]) {
      await withShares(stage, account, 10n);
      await as(account, tranche).requestRedeem!(10n * unit, account, account);
    }
    await token.setBlocked!(alice, true);
    await vault.close!(fillOf({ redeemShares: 10n * unit, paidAssets: 10n * unit }));
    await expect(as(alice, tranche).redeem!(5n * unit, alice, alice)).to.be.revertedWithCustomError(
      token,
      "HostileToken_Blocked",
    );
    await as(bob, tranche).redeem!(5n * unit, bob, bob);
    await vault.close!(fillOf({ redeemShares: 10n * unit, paidAssets: 10n * unit }));
    await as(bob, tranche).redeem!(5n * unit, bob, bob);
    await as(alice, tranche).redeem!(10n * unit, carol, alice);
    expect(await token.balanceOf!(tranche)).to.equal(0n);
  });
});

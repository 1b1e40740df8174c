/** The properties of ERC-20, ERC-4626, ERC-7540, ERC-7575 and ERC-7887 that apply where both ways are by request. */
import { expect } from "chai";
import fc from "fast-check";
import {
  as,
  DEPOSIT,
  deployStage,
  ethers,
  fillOf,
  load,
  MINT,
  SEED,
  type Stage,
  WAD,
  withShares,
} from "../../support/vault/fixture.ts";

describe("Tranche: standards", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await load();
  });

  it("ERC-165: answers for every interface and part that the standards name, and for no other", async () => {
    const ids = [
      ...["0x01ffc9a7", "0x2f0a18c5", "0x50a526d6", "0xc1f329ef", "0xe1550342", "0x2fd7d42a", "0x70dec094"],
      ...["0xe3bc4e65", "0xce3bbe50", "0x620ee8e4", "0x8bf840e3", "0xe76cffc7"],
    ];
    for (const id of ids) expect(await stage.tranche.supportsInterface!(id), id).to.equal(true);
    for (const id of ["0xffffffff", "0x00000000", "0x36372b07"])
      expect(await stage.tranche.supportsInterface!(id), id).to.equal(false);
  });

  it("ERC-7575: is its own share token, of the asset's decimals, over the asset", async () => {
    for (const decimals of [6, 8, 18]) {
      const { tranche, token } = await deployStage({ decimals });
      expect(await tranche.share!()).to.equal(tranche.target);
      expect(await tranche.asset!()).to.equal(token.target);
      expect(await tranche.decimals!()).to.equal(decimals);
      expect(await tranche.totalAssets!()).to.equal(SEED * 10n ** BigInt(decimals));
    }
  });

  it("ERC-7540: previews revert, for every caller and amount", async () => {
    const { tranche, alice } = stage;
    for (const method of ["previewDeposit", "previewMint", "previewWithdraw", "previewRedeem"])
      for (const amount of [0n, 1n, ethers.MaxUint256])
        await expect(as(alice, tranche)[method]!(amount)).to.be.revertedWithCustomError(
          tranche,
          "Tranche_NoPreview",
        );
  });

  it("V2: conversions round down, so no round trip gains, at any claim and supply, also with none at all", async () => {
    const { tranche, stage: vault, alice } = stage;
    const bare = await deployStage();
    const amounts = fc.sample(
      fc.tuple(fc.bigInt(0n, 10n ** 27n), fc.bigInt(0n, 10n ** 25n), fc.bigInt(0n, 10n ** 24n)),
      { numRuns: 40, seed: 7540 },
    );
    for (const [claim, shares, amount] of [[0n, 0n, WAD] as const, ...amounts]) {
      const [target, book] = shares === 0n ? [bare.tranche, bare.stage] : [tranche, vault];
      await book.assign!(claim, claim);
      if (shares !== 0n) await book.mintFee!(alice, shares);
      const [given, worth] = [await target.convertToShares!(amount), await target.convertToAssets!(amount)];
      expect(await target.convertToAssets!(given)).to.be.at.most(amount);
      expect(await target.convertToShares!(worth)).to.be.at.most(amount);
      const owed = await target.totalAssets!();
      expect(await target.convertToAssets!(await target.totalSupply!())).to.be.at.most(owed);
      // What all shares are worth is the claim, but for the virtual ones' part.
      const supply = await target.totalSupply!();
      expect(await target.convertToAssets!(supply + 1000n)).to.equal(owed);
    }
  });

  it("ERC-7540: max tells what is claimable: that much can be claimed, and no more", async () => {
    const { tranche, alice, unit, stage: vault } = stage;
    await withShares(stage, alice, 50n);
    await as(alice, tranche).requestDeposit!(30n * unit, alice, alice);
    await as(alice, tranche).requestRedeem!(20n * unit, alice, alice);
    await vault.close!(
      fillOf({
        depositAssets: 7n * unit,
        mintedShares: 5n * unit,
        redeemShares: 3n * unit,
        paidAssets: unit,
      }),
    );
    const own = as(alice, tranche);
    for (const [max, method, receiver] of [
      ["maxDeposit", DEPOSIT, alice],
      ["maxMint", MINT, alice],
      ["maxWithdraw", "withdraw", alice],
      ["maxRedeem", "redeem", alice],
    ] as const) {
      const most = await tranche[max]!(alice);
      expect(most).to.be.greaterThan(0n);
      await expect(own[method]!(most + 1n, receiver, alice))
        .to.be.revertedWithCustomError(tranche, "RequestQueue_ClaimAboveClaimable")
        .withArgs(most + 1n, most);
      await expect(own[method]!(0n, receiver, alice))
        .to.be.revertedWithCustomError(tranche, "RequestQueue_ClaimOfNothing")
        .withArgs(0n);
      expect(await own[method]!.staticCall(most, receiver, alice)).to.be.greaterThan(0n);
    }
    await own[MINT]!(await tranche.maxMint!(alice), alice, alice);
    await own.redeem!(await tranche.maxRedeem!(alice), alice, alice);
    for (const max of ["maxDeposit", "maxMint", "maxWithdraw", "maxRedeem"])
      expect(await tranche[max]!(alice)).to.equal(0n);
  });

  it("V2: takes nothing for nothing: a claim too small to bring a unit reverts, and claimed as a whole brings all", async () => {
    const { tranche, alice, stage: vault, unit } = stage;
    await withShares(stage, alice, 10n);
    await as(alice, tranche).requestRedeem!(10n * unit, alice, alice);
    await vault.close!(fillOf({ redeemShares: 10n * unit, paidAssets: 11n }));
    expect(await tranche.maxWithdraw!(alice)).to.equal(10n);
    await expect(as(alice, tranche).redeem!(unit - 1n, alice, alice))
      .to.be.revertedWithCustomError(tranche, "RequestQueue_ClaimOfNothing")
      .withArgs(unit - 1n);
    expect(await as(alice, tranche).redeem!.staticCall(unit, alice, alice)).to.equal(1n);
    expect(await as(alice, tranche).withdraw!.staticCall(1n, alice, alice)).to.equal(unit);
    await as(alice, tranche).redeem!(10n * unit, alice, alice);
  });

  it("ERC-20: balances add up to the supply, what waits being the tranche's own", async () => {
    const { tranche, alice, bob, unit, stage: vault } = stage;
    await withShares(stage, alice, 10n);
    await as(alice, tranche).transfer!(bob, 3n * unit);
    await as(bob, tranche).requestRedeem!(2n * unit, bob, bob);
    await as(alice, tranche).requestRedeem!(2n * unit, alice, alice);
    await as(alice, tranche).cancelRedeemRequest!(0, alice);
    await as(alice, tranche).requestDeposit!(unit, alice, alice);
    await vault.close!(fillOf({ depositAssets: unit, mintedShares: 2n * unit }));
    const balances: bigint[] = [];
    for (const holder of [alice, bob, tranche]) balances.push(await tranche.balanceOf!(holder));
    expect(balances).to.deep.equal([5n * unit, unit, (SEED + 6n) * unit]);
    expect(await tranche.totalSupply!()).to.equal((SEED + 12n) * unit);
  });
});

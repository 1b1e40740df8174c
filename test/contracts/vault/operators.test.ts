/** Who may act for whom: operators, allowances, signatures. */
import { expect } from "chai";
import {
  as,
  DEPOSIT,
  ethers,
  fillOf,
  load,
  MINT,
  type Stage,
  withShares,
} from "../../support/vault/fixture.ts";

describe("Tranche: operators and allowances", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await load();
  });

  it("ERC-7540: an operator may all, its principal's allowance not needed; once dismissed, nothing", async () => {
    const { tranche, token, alice, bob, carol, unit, stage: vault } = stage;
    await expect(as(alice, tranche).setOperator!(bob, true))
      .to.emit(tranche, "OperatorSet")
      .withArgs(alice, bob, true);
    expect(await tranche.isOperator!(alice, bob)).to.equal(true);
    for (const approved of [true, false])
      expect(await as(alice, tranche).setOperator!.staticCall(bob, approved), "answers true").to.equal(true);
    await as(alice, tranche).approve!(bob, unit);
    const operator = as(bob, tranche);
    await operator.requestDeposit!(10n * unit, carol, alice);
    expect(await tranche.pendingDepositRequest!(0, carol)).to.equal(10n * unit);
    await operator.requestDeposit!(10n * unit, alice, alice);
    await vault.close!(fillOf({ depositAssets: 20n * unit, mintedShares: 20n * unit }));
    await operator[DEPOSIT]!(10n * unit, alice, alice);
    await operator.requestRedeem!(4n * unit, alice, alice);
    await vault.close!(fillOf({ redeemShares: 2n * unit, paidAssets: 2n * unit }));
    const before = await token.balanceOf!(bob);
    await operator.redeem!(2n * unit, bob, alice);
    expect((await token.balanceOf!(bob)) - before).to.equal(2n * unit);
    await operator.cancelRedeemRequest!(0, alice);
    expect(await tranche.allowance!(alice, bob), "and not used").to.equal(unit);
    await as(alice, tranche).approve!(bob, 0n);
    await expect(as(alice, tranche).setOperator!(bob, false))
      .to.emit(tranche, "OperatorSet")
      .withArgs(alice, bob, false);
    expect(await tranche.isOperator!(alice, bob)).to.equal(false);
    for (const [method, args] of [
      ["requestDeposit", [unit, bob, alice]],
      ["claimCancelRedeemRequest", [0, bob, alice]],
      ["claimCancelDepositRequest", [0, bob, alice]],
      ["cancelDepositRequest", [0, alice]],
      ["cancelRedeemRequest", [0, alice]],
      ["redeem", [1n, bob, alice]],
      ["withdraw", [1n, bob, alice]],
      [DEPOSIT, [1n, bob, alice]],
      [MINT, [1n, bob, alice]],
    ] as const)
      await expect(operator[method]!(...args), method)
        .to.be.revertedWithCustomError(tranche, "Tranche_NotOperator")
        .withArgs(bob, alice);
    await expect(operator.requestRedeem!(unit, bob, alice)).to.be.revertedWithCustomError(
      tranche,
      "ERC20InsufficientAllowance",
    );
  });

  it("ERC-7540: an ERC-20 allowance lets request a redemption, uses itself up unless it is endless, and lets nothing be claimed", async () => {
    const { tranche, alice, bob, unit, stage: vault } = stage;
    await withShares(stage, alice, 10n);
    await as(alice, tranche).approve!(bob, 5n * unit);
    await as(bob, tranche).requestRedeem!(3n * unit, alice, alice);
    expect(await tranche.allowance!(alice, bob)).to.equal(2n * unit);
    await expect(as(bob, tranche).requestRedeem!(2n * unit + 1n, alice, alice))
      .to.be.revertedWithCustomError(tranche, "ERC20InsufficientAllowance")
      .withArgs(bob, 2n * unit, 2n * unit + 1n);
    await vault.close!(fillOf({ redeemShares: 3n * unit, paidAssets: 3n * unit }));
    await expect(as(bob, tranche).redeem!(unit, bob, alice)).to.be.revertedWithCustomError(
      tranche,
      "Tranche_NotOperator",
    );
    await as(alice, tranche).approve!(bob, ethers.MaxUint256);
    await as(bob, tranche).requestRedeem!(unit, alice, alice);
    expect(await tranche.allowance!(alice, bob)).to.equal(ethers.MaxUint256);
  });

  it("EIP-2612: a signature allows shares to be requested", async () => {
    const { tranche, alice, bob, unit } = stage;
    await withShares(stage, alice, 10n);
    const { chainId } = await ethers.provider.getNetwork();
    const domain = {
      name: "Meniscus ETH base",
      version: "1",
      chainId,
      verifyingContract: `${tranche.target}`,
    };
    const field = (name: string, type = "uint256") => ({ name, type });
    const Permit = [
      field("owner", "address"),
      field("spender", "address"),
      ...["value", "nonce", "deadline"].map((name) => field(name)),
    ];
    const deadline = 2n ** 40n;
    const message = { owner: alice.address, spender: bob.address, value: unit, nonce: 0n, deadline };
    const signature = await alice.signTypedData(domain, { Permit }, message);
    const { v, r, s } = ethers.Signature.from(signature);
    await tranche.permit!(alice, bob, unit, deadline, v, r, s);
    await as(bob, tranche).requestRedeem!(unit, bob, alice);
    expect(await tranche.pendingRedeemRequest!(0, bob)).to.equal(unit);
  });
});

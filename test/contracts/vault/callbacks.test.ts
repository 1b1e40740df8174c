/** An asset that calls back. */
import { expect } from "chai";
import {
  as,
  DEPOSIT,
  deployStage,
  ethers,
  fillOf,
  load,
  MINT,
  withShares,
} from "../../support/vault/fixture.ts";

const hostile = () => deployStage({ token: "HostileToken" });

describe("Tranche: an asset that calls back (K5)", () => {
  it("K5: the asset calls back into no entry point, and reads no price, in the middle of any of its calls", async () => {
    const stage = await load(hostile);
    const { tranche, token, alice, bob, unit, stage: vault } = stage;
    for (const account of [alice, bob]) await withShares(stage, account, 100n);
    // The asset itself is operator of all and has all it could use.
    for (const account of [alice, bob]) {
      await as(account, tranche).setOperator!(token, true);
      await as(account, tranche).requestDeposit!(50n * unit, account, account);
      await as(account, tranche).requestRedeem!(50n * unit, account, account);
    }
    const half = { depositAssets: 50n * unit, mintedShares: 50n * unit };
    await vault.close!(fillOf({ ...half, redeemShares: 50n * unit, paidAssets: 50n * unit }));
    const terms = (await tranche.terms!()).toObject();
    const entries: [string, unknown[]][] = [
      ["requestDeposit", [unit, alice.address, alice.address]],
      ["requestRedeem", [unit, alice.address, alice.address]],
      ["cancelDepositRequest", [0, alice.address]],
      ["cancelRedeemRequest", [0, alice.address]],
      ["claimCancelDepositRequest", [0, bob.address, alice.address]],
      ["claimCancelRedeemRequest", [0, bob.address, alice.address]],
      [DEPOSIT, [unit, bob.address, alice.address]],
      [MINT, [unit, bob.address, alice.address]],
      ["deposit(uint256,address)", [unit, bob.address]],
      ["mint(uint256,address)", [unit, bob.address]],
      ["withdraw", [unit, bob.address, alice.address]],
      ["redeem", [unit, bob.address, alice.address]],
      ["fill", [9, fillOf()]],
      ["mintFee", [bob.address, 1n]],
      ["burnForFloor", [bob.address, 1n]],
      ["setOperator", [bob.address, true]],
      ["setTerms", [terms]],
      ["tightenTerms", [terms]],
      ["transfer", [bob.address, 0n]],
      ["transferFrom", [alice.address, bob.address, 0n]],
      ["approve", [bob.address, 1n]],
      ["permit", [alice.address, bob.address, 1n, 2n ** 40n, 27, ethers.ZeroHash, ethers.ZeroHash]],
      ["totalSupply", []],
      ["totalAssets", []],
      ["balanceOf", [alice.address]],
      ["convertToAssets", [unit]],
      ["convertToShares", [unit]],
    ];
    const guard = tranche.interface.getError("ReentrancyGuardReentrantCall")!.selector;
    const open = fillOf({ depositAssets: unit, mintedShares: unit });
    const outside: [string, () => Promise<unknown>][] = [
      ["a request", () => as(alice, tranche).requestDeposit!(unit, alice, alice)],
      ["a payout", () => as(alice, tranche).redeem!(unit / 10n, alice, alice)],
      ["a fill", () => vault.close!(open)],
    ];
    for (const [where, act] of outside) {
      for (const [name, args] of entries) {
        await token.callBack!(tranche, tranche.interface.encodeFunctionData(name, args));
        await act();
        expect(await token.entered!(), `${name} in ${where}`).to.equal(false);
        expect(await token.answer!(), `${name} in ${where}`).to.equal(guard);
      }
    }
  });
});

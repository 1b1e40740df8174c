/** Caps, minima and who sets them. */
import { RESTRICTED } from "@meniscus/sdk/roles";
import { trancheTerms } from "@meniscus/sdk/vault/terms";
import { expect } from "chai";
import type { Contract, EventLog } from "ethers";
import {
  as,
  claimOf,
  deploy,
  ethers,
  fillOf,
  load,
  SEED,
  SIDE,
  type Stage,
  withShares,
} from "../../support/vault/fixture.ts";

describe("Tranche: terms and roles", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await load();
  });

  it("takes deposits up to the cap on what it owes and what waits, to the unit, and only while they are open", async () => {
    const { tranche, alice, governor, unit, stage: vault } = stage;
    const cap = (SEED + 12n) * unit;
    await as(governor, tranche).setTerms!({ ...trancheTerms("base", 18), cap });
    await as(alice, tranche).requestDeposit!(5n * unit, alice, alice);
    await expect(as(alice, tranche).requestDeposit!(7n * unit + 1n, alice, alice))
      .to.be.revertedWithCustomError(tranche, "Tranche_CapExceeded")
      .withArgs(cap + 1n, cap);
    await as(alice, tranche).requestDeposit!(7n * unit, alice, alice);
    // It never keeps anybody in.
    await claimOf(stage, 10_000n);
    await as(alice, tranche).cancelDepositRequest!(0, alice);
    await vault.close!(fillOf({ depositsOpen: false }));
    await claimOf(stage, SEED);
    await expect(as(alice, tranche).requestDeposit!(unit, alice, alice)).to.be.revertedWithCustomError(
      tranche,
      "Tranche_DepositsClosed",
    );
    expect((await tranche.queue!()).depositsOpen).to.equal(false);
  });

  it("V7: takes requests from the minima on, and a whole balance however small", async () => {
    const { tranche, alice, bob, unit } = stage;
    const { minimumAssets, minimumShares } = trancheTerms("base", 18);
    await expect(as(alice, tranche).requestDeposit!(minimumAssets - 1n, alice, alice))
      .to.be.revertedWithCustomError(tranche, "Tranche_RequestTooSmall")
      .withArgs(minimumAssets - 1n, minimumAssets);
    await as(alice, tranche).requestDeposit!(minimumAssets, alice, alice);
    await as(alice, tranche).cancelDepositRequest!(0, alice);
    await withShares(stage, alice, 1n);
    await as(alice, tranche).transfer!(bob, minimumShares - 1n);
    for (const shares of [minimumShares - 2n, 0n])
      await expect(as(bob, tranche).requestRedeem!(shares, bob, bob))
        .to.be.revertedWithCustomError(tranche, "Tranche_RequestTooSmall")
        .withArgs(shares, minimumShares);
    await as(bob, tranche).requestRedeem!(minimumShares - 1n, bob, bob);
    await as(alice, tranche).requestRedeem!(minimumShares, alice, alice);
    await expect(as(bob, tranche).requestRedeem!(0n, bob, bob)).to.be.revertedWithCustomError(
      tranche,
      "Tranche_RequestTooSmall",
    );
    for (const method of ["requestDeposit", "requestRedeem"])
      await expect(
        as(alice, tranche)[method]!(unit / 2n, ethers.ZeroAddress, alice),
      ).to.be.revertedWithCustomError(tranche, "Tranche_NoController");
  });

  it("K3: lets the governor set terms within coded bounds only", async () => {
    const { tranche, governor, control, stage: vault } = stage;
    for (const [side, decimals] of [
      ["base", 18],
      ["base", 8],
      ["quote", 6],
      ["quote", 18],
    ] as const) {
      const unit = 10n ** BigInt(decimals);
      const most = side === "base" ? unit : 1000n * unit;
      const token = await deploy("TestToken", decimals);
      const target = await deploy(
        "Tranche",
        control,
        vault,
        token,
        SIDE[side],
        "a",
        "a",
        trancheTerms(side, decimals),
      );
      await control.setTargetFunctionRole!(target, [target.interface.getFunction("setTerms")!.selector], 1n);
      // Half of a claim's 64 bits, of 1e-9 of base or 1e-6 of quote.
      const capMost = (2n ** 63n * unit) / (side === "base" ? 10n ** 9n : 10n ** 6n);
      const good = { cap: capMost, minimumAssets: most, minimumShares: most };
      await as(governor, target).setTerms!(good);
      expect((await target.terms!()).toObject()).to.deep.equal(good);
      for (const wrong of [
        { cap: capMost + 1n },
        { minimumAssets: 0n },
        { minimumAssets: most + 1n },
        { minimumShares: 0n },
        { minimumShares: most + 1n },
      ])
        await expect(as(governor, target).setTerms!({ ...good, ...wrong })).to.be.revertedWithCustomError(
          target,
          "Tranche_TermsOutOfRange",
        );
      await as(governor, target).setTerms!({ cap: 0n, minimumAssets: 1n, minimumShares: 1n });
    }
    const before = trancheTerms("base", 18);
    await expect(as(governor, tranche).setTerms!({ ...before, cap: 1n }))
      .to.emit(tranche, "TermsSet")
      .withArgs([1n, before.minimumAssets, before.minimumShares], false);
  });

  it("tells the terms that it was deployed with", async () => {
    const { tranche } = stage;
    const [told] = await (tranche as unknown as Contract).queryFilter("TermsSet");
    const { terms, tightened } = (told as EventLog).args;
    expect(terms.toObject()).to.deep.equal(trancheTerms("base", 18));
    expect(tightened).to.equal(false);
  });

  it("K3: lets the council lower the cap alone", async () => {
    const { tranche, council } = stage;
    const before = trancheTerms("base", 18);
    await expect(as(council, tranche).tightenTerms!({ ...before, cap: before.cap - 1n }))
      .to.emit(tranche, "TermsSet")
      .withArgs([before.cap - 1n, before.minimumAssets, before.minimumShares], true);
    for (const wrong of [
      { cap: before.cap },
      { minimumAssets: before.minimumAssets + 1n },
      { minimumAssets: before.minimumAssets - 1n },
      { minimumShares: before.minimumShares + 1n },
      { minimumShares: before.minimumShares - 1n },
    ])
      await expect(
        as(council, tranche).tightenTerms!({ ...before, cap: 5n, ...wrong }),
      ).to.be.revertedWithCustomError(tranche, "Tranche_TermsNotTighter");
  });

  it("K4: restricts the functions of the table, each to its role", async () => {
    const { tranche, governor, council, guardian, alice } = stage;
    const terms = trancheTerms("base", 18);
    const args: Record<string, unknown[]> = {
      setTerms: [terms],
      tightenTerms: [terms],
      pause: [],
      unpause: [],
    };
    const holders = { governor, council, guardian };
    for (const [role, names] of Object.entries(RESTRICTED.Tranche!) as [keyof typeof holders, string[]][]) {
      for (const name of names) {
        for (const account of [alice, ...Object.values(holders)]) {
          const attempt = as(account, tranche)[name]!.staticCall(...args[name]!);
          if (account === holders[role]) await attempt;
          else
            await expect(attempt, name)
              .to.be.revertedWithCustomError(tranche, "AccessManagedUnauthorized")
              .withArgs(account);
        }
      }
    }
  });

  it("wants an asset that tells its decimals, 18 at most", async () => {
    const { control, stage: vault, alice } = stage;
    const odd = await deploy("TestToken", 19);
    const factory = await ethers.getContractFactory("Tranche");
    for (const [asset, found] of [
      [odd, 19n],
      [alice, ethers.MaxUint256],
    ] as const)
      await expect(factory.deploy(control, vault, asset, 0, "a", "a", trancheTerms("base", 18)))
        .to.be.revertedWithCustomError(factory, "Tranche_DecimalsUnknown")
        .withArgs(asset, found, 18);
  });
});

import { RESTRICTED, ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { FunctionFragment } from "ethers";
import {
  as,
  call,
  DAY,
  EXPIRY,
  ethers,
  load,
  MARKET,
  networkHelpers,
  options,
  SCOPE,
  settleAt,
  termsOf,
  WAD,
} from "../../support/clearing/fixture.ts";

describe("Clearinghouse: control", () => {
  it("K4: every function has the role that the table says, and every restricted one is in it", async () => {
    const { clearinghouse, manager, stranger, base, oracle } = await load();
    const functions = clearinghouse.interface.fragments.filter(
      (fragment): fragment is FunctionFragment => fragment instanceof FunctionFragment,
    );
    const table = new Map(
      Object.entries(RESTRICTED.Clearinghouse!).flatMap(([role, names]) =>
        names.map((name) => [name, ROLES[role as keyof typeof ROLES]] as const),
      ),
    );
    for (const name of table.keys()) expect(functions.map((f) => f.name)).to.include(name);
    for (const { name, selector } of functions) {
      expect(await manager.getTargetFunctionRole(clearinghouse, selector), name).to.equal(
        table.get(name) ?? 0n,
      );
    }
    const asStranger = as(stranger, clearinghouse);
    for (const attempt of [
      () => asStranger.pause(),
      () => asStranger.unpause(),
      () => asStranger.listReserved(MARKET, EXPIRY, 3050n * WAD, 0),
      () => asStranger.registerMarket(2, termsOf(base, 18, oracle)),
    ]) {
      await expect(attempt()).to.be.revertedWithCustomError(clearinghouse, "AccessManagedUnauthorized");
    }
  });

  it("K1: a pause stops mint, listing and minting legs, and no exit", async () => {
    const clearing = await load();
    const { clearinghouse, base, council, guardian, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(4), writer, holder);
    await expect(as(guardian, clearinghouse).pause()).to.emit(clearinghouse, "Paused");
    const own = {
      account: writer.address,
      from: writer.address,
      to: writer.address,
      quoteAssets: 0n,
      baseAssets: 0n,
    };
    for (const attempt of [
      () => as(writer, clearinghouse).mint(call(2500n), options(1), writer, writer),
      () => as(writer, clearinghouse).exchange(own, [{ series: call(2500n), amount: options(1) }]),
      () => as(writer, clearinghouse).list(MARKET, EXPIRY, 3050n * WAD, 0),
      () => as(council, clearinghouse).listReserved(MARKET, EXPIRY, 3050n * WAD, 0),
    ]) {
      await expect(attempt()).to.be.revertedWithCustomError(clearinghouse, "Pause_Active");
    }
    await as(holder, clearinghouse).burn(call(2500n), options(1), holder, holder);
    await as(holder, clearinghouse).authorize(writer, SCOPE.trade);
    await as(holder, clearinghouse).setOperator(writer, true);
    await as(writer, clearinghouse).exchange({ ...own, from: holder.address }, [
      { series: call(2500n), amount: -options(1) },
    ]);
    await as(holder, clearinghouse).transfer(writer, call(2500n), options(1));
    await as(writer, clearinghouse).deposit(base, WAD, writer);
    await as(writer, clearinghouse).withdraw(base, 900n * WAD, writer, writer);
    const pausedUntil = await clearinghouse.pausedUntil();
    await settleAt(clearing, 3000n * WAD); // later than the pause: paused again below
    await as(clearing.governor, clearinghouse).unpause();
    await as(guardian, clearinghouse).pause();
    expect(await clearinghouse.pausedUntil()).to.be.greaterThan(pausedUntil);
    await as(holder, clearinghouse).redeem(call(2500n), options(1), holder, holder);
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    await as(holder, clearinghouse).realize(holder, MARKET, EXPIRY);
  });

  it("K1: an expiry settles while paused", async () => {
    const clearing = await load();
    await networkHelpers.time.increaseTo(EXPIRY - 10);
    await as(clearing.guardian, clearing.clearinghouse).pause();
    await settleAt(clearing, 3000n * WAD);
    expect(await clearing.clearinghouse.settlementPrice(MARKET, EXPIRY)).to.equal(3000n * WAD);
  });

  it("K2: a pause ends by itself, and the guardian alone has no second one", async () => {
    const { clearinghouse, governor, guardian, writer } = await load();
    await as(guardian, clearinghouse).pause();
    const until = Number(await clearinghouse.pausedUntil());
    expect(until).to.equal((await networkHelpers.time.latest()) + 3 * DAY);
    await expect(as(guardian, clearinghouse).pause())
      .to.be.revertedWithCustomError(clearinghouse, "Pause_Spent")
      .withArgs(until);
    await networkHelpers.time.setNextBlockTimestamp(until - 1);
    const mint = () => as(writer, clearinghouse).mint(call(3000n), options(1), writer, writer);
    await expect(mint()).to.be.revertedWithCustomError(clearinghouse, "Pause_Active").withArgs(until);
    await networkHelpers.time.setNextBlockTimestamp(until);
    await mint();
    await expect(as(guardian, clearinghouse).pause()).to.be.revertedWithCustomError(
      clearinghouse,
      "Pause_Spent",
    );
    await expect(as(governor, clearinghouse).unpause()).to.emit(clearinghouse, "Unpaused").withArgs(governor);
    await as(guardian, clearinghouse).pause();
    await as(governor, clearinghouse).unpause();
    await mint();
  });

  it("K3: the terms of a market are for good, and a governor behind a delay acts only after it", async () => {
    const { clearinghouse, manager, owner, governor, base, oracle } = await load();
    const terms = termsOf(base, 18, oracle);
    await expect(as(governor, clearinghouse).registerMarket(MARKET, terms)).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_MarketTaken",
    );
    await manager.revokeRole(ROLES.governor, governor);
    await as(owner, manager).grantRole(ROLES.governor, governor, 2 * DAY);
    const data = clearinghouse.interface.encodeFunctionData("registerMarket", [2, terms]);
    await expect(as(governor, clearinghouse).registerMarket(2, terms)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );
    await as(governor, manager).schedule(clearinghouse, data, 0);
    await expect(as(governor, manager).execute(clearinghouse, data)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotReady",
    );
    await networkHelpers.time.increase(2 * DAY);
    await expect(as(governor, manager).execute(clearinghouse, data)).to.emit(
      clearinghouse,
      "MarketRegistered",
    );
  });

  it("K3: registration refuses terms outside their bounds", async () => {
    const { clearinghouse, governor, quote, base, oracle } = await load();
    const terms = termsOf(base, 18, oracle);
    for (const wrong of [
      { ...terms, base: quote.target, baseDecimals: 6 },
      { ...terms, base: ethers.ZeroAddress },
      { ...terms, minimumAmount: 0n },
      { ...terms, name: ethers.ZeroHash },
    ]) {
      await expect(as(governor, clearinghouse).registerMarket(2, wrong))
        .to.be.revertedWithCustomError(clearinghouse, "Listing_TermsInvalid")
        .withArgs(2);
    }
    await expect(clearinghouse.marketOf(2)).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_MarketUnknown",
    );
    expect(await clearinghouse.quoteAsset()).to.deep.equal([quote.target, 6n]);
    expect((await clearinghouse.marketOf(MARKET)).base).to.equal(base.target);
  });
});

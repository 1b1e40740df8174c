import { expect } from "chai";
import {
  as,
  call,
  EXPIRY,
  ethers,
  load,
  MARKET,
  networkHelpers,
  options,
  put,
  readyWith,
  SCOPE,
  settleAt,
  WAD,
} from "../../support/clearing/fixture.ts";

const USD = 10n ** 6n;
const coarse = () => readyWith({ base: "TestToken", baseDecimals: 8, quote: "TestToken", quoteDecimals: 6 });

describe("Clearinghouse: settlement", () => {
  it("settles once, at or after expiry, at a price that the market's oracle gives and nobody else", async () => {
    const { clearinghouse, oracle, governor, stranger } = await load();
    const settle = (expiryAt = EXPIRY) => oracle.settle(clearinghouse, MARKET, expiryAt);
    for (const account of [stranger, governor])
      await expect(as(account, clearinghouse).settle(MARKET, EXPIRY, 3000n * WAD))
        .to.be.revertedWithCustomError(clearinghouse, "Listing_NotSettlementOracle")
        .withArgs(account, oracle);
    await networkHelpers.time.setNextBlockTimestamp(EXPIRY - 1);
    await expect(settle())
      .to.be.revertedWithCustomError(clearinghouse, "Listing_NotExpired")
      .withArgs(EXPIRY, EXPIRY - 1);
    await networkHelpers.time.setNextBlockTimestamp(EXPIRY);
    await expect(settle())
      .to.emit(clearinghouse, "Settled")
      .withArgs(MARKET, EXPIRY, 3000n * WAD);
    await expect(settle())
      .to.be.revertedWithCustomError(clearinghouse, "Listing_AlreadySettled")
      .withArgs(MARKET, EXPIRY);
    expect(await clearinghouse.settlementPrice(MARKET, EXPIRY)).to.equal(3000n * WAD);
    expect(await clearinghouse.expiries(MARKET)).to.deep.equal([]);
    await expect(settle(EXPIRY - 86_400))
      .to.be.revertedWithCustomError(clearinghouse, "Listing_NotListed")
      .withArgs(MARKET, EXPIRY - 86_400, 0);
    // A market that is not there has no oracle either.
    await expect(oracle.settle(clearinghouse, 2, EXPIRY))
      .to.be.revertedWithCustomError(clearinghouse, "Listing_NotSettlementOracle")
      .withArgs(oracle, ethers.ZeroAddress);
  });

  it("takes no price of nothing, but the least and the greatest that there are", async () => {
    for (const [price, isPrice] of [
      [0n, false],
      [1n, true],
      [2n ** 128n - 1n, true],
    ] as const) {
      const { clearinghouse, oracle } = await load();
      await networkHelpers.time.increaseTo(EXPIRY);
      await oracle.setPrice(price);
      const settled = oracle.settle(clearinghouse, MARKET, EXPIRY);
      if (isPrice) await expect(settled).to.emit(clearinghouse, "Settled").withArgs(MARKET, EXPIRY, price);
      else
        await expect(settled)
          .to.be.revertedWithCustomError(clearinghouse, "Listing_PriceInvalid")
          .withArgs(0);
    }
  });

  it("pays a call in base and a put in quote, rounded down, and takes it from the writer, rounded up", async () => {
    const clearing = await load();
    const { clearinghouse, base, quote, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(1), writer, holder);
    await as(writer, clearinghouse).mint(put(3500n), options(1) + 1n, writer, holder);
    await settleAt(clearing, 3000n * WAD);

    const baseBefore = await base.balanceOf(holder);
    await expect(as(holder, clearinghouse).redeem(call(2500n), options(1), holder, holder))
      .to.emit(clearinghouse, "Redeemed")
      .withArgs(holder, call(2500n), holder, options(1), WAD / 6n, holder);
    expect((await base.balanceOf(holder)) - baseBefore).to.equal(WAD / 6n);
    const quoteBefore = await quote.balanceOf(holder);
    await as(holder, clearinghouse).redeem(put(3500n), options(1) + 1n, holder, holder);
    expect((await quote.balanceOf(holder)) - quoteBefore).to.equal(500n * USD);

    await expect(as(writer, clearinghouse).realize(writer, MARKET, EXPIRY))
      .to.emit(clearinghouse, "Realized")
      .withArgs(writer, MARKET, EXPIRY, -(WAD / 6n + 1n), -(500n * USD + 1n));
    expect(await clearinghouse.collateral(writer, base)).to.deep.equal([1000n * WAD - WAD / 6n - 1n, 0n]);
    expect(await clearinghouse.collateral(writer, quote)).to.deep.equal([499_500n * USD - 1n, 0n]);
    // T2: the dust, one unit of each asset, stays inside.
    const owned = async (asset: typeof base) =>
      (await clearinghouse.collateral(writer, asset))[0] + (await clearinghouse.collateral(holder, asset))[0];
    expect((await clearinghouse.held(base)) - (await owned(base))).to.equal(1n);
    expect((await clearinghouse.held(quote)) - (await owned(quote))).to.equal(1n);
  });

  it("pays a deposited long on realize, net of what the account owes", async () => {
    const clearing = await load();
    const { clearinghouse, base, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(6), writer, holder);
    await as(holder, clearinghouse).burn(call(2500n), options(6), holder, holder);
    await as(holder, clearinghouse).mint(call(3000n), options(6), holder, writer);
    expect((await clearinghouse.collateral(holder, base))[1]).to.equal(0n);
    await settleAt(clearing, 3500n * WAD);
    // 6 (1 - 2500/3500) - 6 (1 - 3000/3500) = 6/7
    expect(await as(holder, clearinghouse).realize.staticCall(holder, MARKET, EXPIRY)).to.deep.equal([
      (6n * WAD) / 7n,
      0n,
    ]);
    await as(holder, clearinghouse).realize(holder, MARKET, EXPIRY);
    expect(await clearinghouse.collateral(holder, base)).to.deep.equal([1000n * WAD + (6n * WAD) / 7n, 0n]);
  });

  it("T3, T5: realizes once and redeems once, and nothing is locked or in supply afterwards", async () => {
    const clearing = await load();
    const { clearinghouse, base, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(1), writer, holder);
    await as(writer, clearinghouse).mint(put(3500n), options(1), writer, holder);
    await settleAt(clearing, 3000n * WAD);
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    const after = await clearinghouse.collateral(writer, base);
    expect(await as(writer, clearinghouse).realize.staticCall(writer, MARKET, EXPIRY)).to.deep.equal([
      0n,
      0n,
    ]);
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    expect(await clearinghouse.collateral(writer, base)).to.deep.equal(after);
    expect(await clearinghouse.coverage(writer, MARKET, EXPIRY)).to.deep.equal([0n, 0n, false]);
    await as(holder, clearinghouse).redeem(call(2500n), options(1), holder, holder);
    await as(holder, clearinghouse).redeem(put(3500n), options(1), holder, holder);
    await expect(
      as(holder, clearinghouse).redeem(call(2500n), 1, holder, holder),
    ).to.be.revertedWithCustomError(clearinghouse, "ERC6909InsufficientBalance");
    for (const id of [call(2500n), put(3500n)]) expect(await clearinghouse.totalSupply(id)).to.equal(0n);
  });

  it("a worthless option costs its writer nothing and pays nothing, with no call to the token", async () => {
    const clearing = await load();
    const { clearinghouse, base, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(3500n), options(1), writer, holder);
    await as(writer, clearinghouse).mint(put(2500n), options(1), writer, holder);
    await settleAt(clearing, 3000n * WAD);
    for (const id of [call(3500n), put(2500n)]) {
      await expect(as(holder, clearinghouse).redeem(id, options(1), holder, holder)).not.to.emit(
        base,
        "Transfer",
      );
    }
    expect(await as(writer, clearinghouse).realize.staticCall(writer, MARKET, EXPIRY)).to.deep.equal([
      0n,
      0n,
    ]);
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    expect((await clearinghouse.collateral(writer, base))[1]).to.equal(0n);
  });

  it("a settled series at the money pays neither side", async () => {
    const clearing = await load();
    const { clearinghouse, writer } = clearing;
    await as(writer, clearinghouse).mint(call(3000n), options(1), writer, writer);
    await as(writer, clearinghouse).mint(put(3000n), options(1), writer, writer);
    await settleAt(clearing, 3000n * WAD);
    for (const id of [call(3000n), put(3000n)]) {
      expect(await as(writer, clearinghouse).redeem.staticCall(id, options(1), writer, writer)).to.equal(0n);
    }
  });

  it("nothing is redeemed or realized before the price stands", async () => {
    const { clearinghouse, writer } = await load();
    await as(writer, clearinghouse).mint(call(3000n), options(1), writer, writer);
    await networkHelpers.time.increaseTo(EXPIRY + 1);
    await expect(
      as(writer, clearinghouse).redeem(call(3000n), options(1), writer, writer),
    ).to.be.revertedWithCustomError(clearinghouse, "Listing_NotSettled");
    await expect(as(writer, clearinghouse).realize(writer, MARKET, EXPIRY))
      .to.be.revertedWithCustomError(clearinghouse, "Listing_NotSettled")
      .withArgs(MARKET, EXPIRY);
  });

  it("T3: nobody is made to redeem or realize who did not opt in; who did is paid at home", async () => {
    const clearing = await load();
    const { clearinghouse, base, writer, holder, stranger } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(1), writer, holder);
    await settleAt(clearing, 3000n * WAD);
    const redeem = (receiver: typeof holder) =>
      as(stranger, clearinghouse).redeem(call(2500n), options(1), receiver, holder);
    const realize = () => as(stranger, clearinghouse).realize(writer, MARKET, EXPIRY);
    await expect(redeem(holder)).to.be.revertedWithCustomError(clearinghouse, "ERC6909InsufficientAllowance");
    await expect(realize()).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");

    await as(holder, clearinghouse).authorize(ethers.ZeroAddress, SCOPE.redeem);
    await as(writer, clearinghouse).authorize(ethers.ZeroAddress, SCOPE.realize);
    await expect(redeem(stranger)).to.be.revertedWithCustomError(
      clearinghouse,
      "ERC6909InsufficientAllowance",
    );
    const before = await base.balanceOf(holder);
    await redeem(holder);
    expect((await base.balanceOf(holder)) - before).to.equal(WAD / 6n);
    await realize();
    expect(await clearinghouse.balanceOf(holder, call(2500n))).to.equal(0n);
  });

  it("T3: an allowance moves tokens, so it may redeem them to anybody, a part of them too", async () => {
    const clearing = await load();
    const { clearinghouse, writer, holder, stranger } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(1), writer, holder);
    await settleAt(clearing, 3000n * WAD);
    await as(holder, clearinghouse).approve(stranger, call(2500n), options(0.5));
    await as(stranger, clearinghouse).redeem(call(2500n), options(0.5), stranger, holder);
    expect(await clearinghouse.balanceOf(holder, call(2500n))).to.equal(options(0.5));
  });

  it("T2: a stranger pushes a whole balance, for in pieces of his choice it would round to nothing", async () => {
    const clearing = await load(coarse);
    const { clearinghouse, base, writer, holder, stranger } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(1), writer, holder);
    await settleAt(clearing, 3000n * WAD);
    await as(holder, clearinghouse).authorize(ethers.ZeroAddress, SCOPE.redeem);
    const push = (amount: bigint) => as(stranger, clearinghouse).redeem(call(2500n), amount, holder, holder);
    // The owner, who has an allowance and an operator choose the amount themselves.
    const part = options(0.125);
    await as(holder, clearinghouse).approve(stranger, call(2500n), part);
    await push(part);
    expect(await clearinghouse.allowance(holder, stranger, call(2500n))).to.equal(0n);
    await as(holder, clearinghouse).redeem(call(2500n), part, holder, holder);
    await as(holder, clearinghouse).setOperator(stranger, true);
    await push(options(0.25));
    await as(holder, clearinghouse).setOperator(stranger, false);
    await expect(push(options(0.5) + 1n)).to.be.revertedWithCustomError(
      clearinghouse,
      "ERC6909InsufficientBalance",
    );
    // A base of 8 decimals: a call that is worth a sixth of one pays nothing for less than 6e10 of 1e18. Whatever he names, it is all that
    // there is, so that nobody holds it up by sending a unit first.
    const before = await base.balanceOf(holder);
    const snapshot = await networkHelpers.takeSnapshot();
    for (const least of [0n, 1n]) {
      await snapshot.restore();
      await push(least);
      expect((await base.balanceOf(holder)) - before).to.equal(10n ** 8n / 12n);
      expect(await clearinghouse.balanceOf(holder, call(2500n))).to.equal(0n);
    }
  });
});

import { expect } from "chai";
import {
  as,
  call,
  EXPIRY,
  load,
  MARKET,
  MINIMUM,
  NEXT_EXPIRY,
  networkHelpers,
  options,
  put,
  SCOPE,
  WAD,
} from "../../support/clearing/fixture.ts";

const USD = 10n ** 6n;

describe("Clearinghouse: mint and burn", () => {
  it("a covered call locks one base unit each and gives the token away", async () => {
    const { clearinghouse, base, writer, holder } = await load();
    await expect(as(writer, clearinghouse).mint(call(3000n), options(2), writer, holder))
      .to.emit(clearinghouse, "PositionMoved")
      .withArgs(writer, call(3000n), holder, options(2), -options(2), options(2));
    expect(await clearinghouse.balanceOf(holder, call(3000n))).to.equal(options(2));
    expect(await clearinghouse.totalSupply(call(3000n))).to.equal(options(2));
    expect(await clearinghouse.position(writer, call(3000n))).to.equal(-options(2));
    expect((await clearinghouse.collateral(writer, base))[1]).to.equal(options(2));
  });

  it("a cash-secured put locks its strike, rounded up to a unit of quote", async () => {
    const { clearinghouse, quote, writer } = await load();
    await as(writer, clearinghouse).mint(put(2500n), options(1) + 1n, writer, writer);
    expect((await clearinghouse.collateral(writer, quote))[1]).to.equal(2500n * USD + 1n);
    expect(await clearinghouse.coverage(writer, MARKET, EXPIRY)).to.deep.equal([0n, 2500n * USD + 1n, false]);
  });

  it("rounds once per account, asset and expiry, not once per option", async () => {
    const { clearinghouse, quote, writer } = await load();
    for (const strike of [2500n, 3000n, 3500n]) {
      await as(writer, clearinghouse).mint(put(strike), options(1) + 1n, writer, writer);
    }
    expect((await clearinghouse.collateral(writer, quote))[1]).to.equal(9000n * USD + 1n);
  });

  it("C3: mints not one wei more than the collateral covers", async () => {
    const { clearinghouse, writer } = await load();
    await expect(as(writer, clearinghouse).mint(call(3000n), options(1000) + 1n, writer, writer))
      .to.be.revertedWithCustomError(clearinghouse, "Ledger_NotCovered")
      .withArgs(options(1000) + 1n, options(1000));
    await as(writer, clearinghouse).mint(call(3000n), options(1000), writer, writer);
  });

  it("burning what was written unlocks it, burning more deposits a long", async () => {
    const { clearinghouse, base, writer, holder } = await load();
    await as(writer, clearinghouse).mint(call(3000n), options(3), writer, writer);
    await as(holder, clearinghouse).mint(call(3000n), options(2), holder, writer);
    await as(writer, clearinghouse).burn(call(3000n), options(1), writer, writer);
    expect((await clearinghouse.collateral(writer, base))[1]).to.equal(options(2));
    await as(writer, clearinghouse).burn(call(3000n), options(4), writer, writer);
    expect(await clearinghouse.position(writer, call(3000n))).to.equal(options(2));
    expect((await clearinghouse.collateral(writer, base))[1]).to.equal(0n);
    expect(await clearinghouse.totalSupply(call(3000n))).to.equal(0n);
    expect(await clearinghouse.position(holder, call(3000n))).to.equal(-options(2));
  });

  it("a vertical spread of deposited long and written short locks exactly its worst case", async () => {
    const { clearinghouse, base, quote, writer, holder } = await load();
    await as(holder, clearinghouse).mint(put(3000n), options(7), holder, writer);
    await as(holder, clearinghouse).mint(call(3500n), options(7), holder, writer);
    await as(writer, clearinghouse).burn(put(3000n), options(7), writer, writer);
    await as(writer, clearinghouse).burn(call(3500n), options(7), writer, writer);
    await as(writer, clearinghouse).mint(put(3500n), options(7), writer, writer);
    await as(writer, clearinghouse).mint(call(3000n), options(7), writer, writer);
    expect((await clearinghouse.collateral(writer, quote))[1]).to.equal(3500n * USD);
    expect((await clearinghouse.collateral(writer, base))[1]).to.equal(WAD); // 7 (1 - 3000/3500)
  });

  it("C4: a butterfly of puts locks the worst case of its middle strike", async () => {
    const { clearinghouse, quote, writer, holder } = await load();
    await as(holder, clearinghouse).mint(put(3000n), options(2), holder, writer);
    await as(writer, clearinghouse).burn(put(3000n), options(2), writer, writer);
    for (const strike of [2500n, 3500n]) {
      await as(writer, clearinghouse).mint(put(strike), options(1), writer, holder);
    }
    expect((await clearinghouse.collateral(writer, quote))[1]).to.equal(500n * USD);
  });

  it("tells an expiry's positions, a word for each strike that has one", async () => {
    const { clearinghouse, writer, holder } = await load();
    await as(writer, clearinghouse).mint(call(2500n), options(2), writer, holder);
    await as(writer, clearinghouse).mint(put(3500n), options(3), writer, holder);
    await as(holder, clearinghouse).burn(call(2500n), options(1), holder, holder);
    const signed = (amount: bigint) => BigInt.asUintN(96, amount);
    const word = (strike: bigint, ofPut: bigint, ofCall: bigint) =>
      ((strike * 10n ** 9n) << 192n) | (signed(ofPut) << 96n) | signed(ofCall);
    expect(await clearinghouse.positions(writer, MARKET, EXPIRY)).to.deep.equal([
      word(2500n, 0n, -options(2)),
      word(3500n, -options(3), 0n),
    ]);
    expect(await clearinghouse.positions(holder, MARKET, EXPIRY)).to.deep.equal([
      word(2500n, 0n, options(1)),
    ]);
    expect(await clearinghouse.positions(holder, MARKET, NEXT_EXPIRY)).to.deep.equal([]);
    expect(await clearinghouse.position(writer, call(3050n))).to.equal(0n);
  });

  it("minting out of a deposited long goes back to the plain sum", async () => {
    const { clearinghouse, base, writer, holder } = await load();
    await as(holder, clearinghouse).mint(call(3000n), options(1), holder, writer);
    await as(writer, clearinghouse).mint(call(3500n), options(1), writer, writer);
    await as(writer, clearinghouse).burn(call(3000n), options(1), writer, writer);
    expect((await clearinghouse.collateral(writer, base))[1]).to.equal(0n);
    await as(writer, clearinghouse).mint(call(3000n), options(1), writer, writer);
    expect((await clearinghouse.collateral(writer, base))[1]).to.equal(options(1));
    expect(await clearinghouse.position(writer, call(3000n))).to.equal(0n);
  });

  it("an account of plain sums gets nothing for its longs, and what is open keeps its rule", async () => {
    const { clearinghouse, base, writer, holder } = await load();
    await clearinghouse.list(MARKET, NEXT_EXPIRY, 3000n * WAD, 0);
    await as(holder, clearinghouse).mint(call(3000n), options(2), holder, writer);
    await expect(as(writer, clearinghouse).choosePlainSums(true))
      .to.emit(clearinghouse, "PlainSumsChosen")
      .withArgs(writer, true);
    await as(writer, clearinghouse).mint(call(3500n), options(1), writer, writer);
    await as(writer, clearinghouse).burn(call(3000n), options(2), writer, writer);
    expect((await clearinghouse.collateral(writer, base))[1]).to.equal(options(1));
    await as(writer, clearinghouse).choosePlainSums(false);
    await as(writer, clearinghouse).mint(call(3000n), options(1), writer, writer);
    expect(await clearinghouse.coverage(writer, MARKET, EXPIRY)).to.deep.equal([options(1), 0n, true]);
    await as(writer, clearinghouse).mint(call(3000n, NEXT_EXPIRY), options(1), writer, writer);
    expect(await clearinghouse.coverage(writer, MARKET, NEXT_EXPIRY)).to.deep.equal([options(1), 0n, false]);
  });

  it("refuses amounts below the minimum, series that are not listed, and words that are no series", async () => {
    const { clearinghouse, writer } = await load();
    const mint = (series: bigint, amount: bigint) =>
      as(writer, clearinghouse).mint(series, amount, writer, writer);
    await expect(mint(call(3000n), MINIMUM - 1n))
      .to.be.revertedWithCustomError(clearinghouse, "Clearing_AmountBelowMinimum")
      .withArgs(MINIMUM - 1n, MINIMUM);
    await expect(mint(call(3050n), WAD)).to.be.revertedWithCustomError(clearinghouse, "Listing_NotListed");
    await expect(mint(call(3000n) | (1n << 200n), WAD)).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_NotListed",
    );
    await expect(mint(call(3000n), 2n ** 95n)).to.be.revertedWithCustomError(
      clearinghouse,
      "Ledger_AmountAboveLimit",
    );
  });

  it("takes the minimum itself", async () => {
    const { clearinghouse, writer } = await load();
    await as(writer, clearinghouse).mint(call(3000n), MINIMUM, writer, writer);
    expect(await clearinghouse.totalSupply(call(3000n))).to.equal(MINIMUM);
  });

  it("keeps supply and every position below 2^95, whichever gets there first", async () => {
    const { clearinghouse, base, writer, holder, stranger } = await load();
    const limit = 2n ** 95n - 1n;
    for (const account of [writer, stranger]) {
      await base.mint(account, 2n * limit);
      await as(account, clearinghouse).deposit(base, 2n * limit, account);
    }
    await as(writer, clearinghouse).mint(call(3000n), limit - WAD, writer, holder);
    await expect(as(stranger, clearinghouse).mint(call(3000n), WAD + 1n, stranger, stranger))
      .to.be.revertedWithCustomError(clearinghouse, "Ledger_AmountAboveLimit")
      .withArgs(limit + 1n, limit);
    await as(stranger, clearinghouse).mint(call(3000n), WAD, stranger, stranger);
    // The tokens go, the written position stays.
    await as(holder, clearinghouse).burn(call(3000n), limit - WAD, holder, holder);
    await expect(as(writer, clearinghouse).mint(call(3000n), WAD + 1n, writer, writer))
      .to.be.revertedWithCustomError(clearinghouse, "Ledger_AmountAboveLimit")
      .withArgs(limit + 1n, limit);
    await as(writer, clearinghouse).mint(call(3000n), WAD, writer, writer);
  });

  it("ends at expiry, to the second", async () => {
    const { clearinghouse, writer } = await load();
    await networkHelpers.time.setNextBlockTimestamp(EXPIRY - 1);
    await as(writer, clearinghouse).mint(call(3000n), options(1), writer, writer);
    await networkHelpers.time.setNextBlockTimestamp(EXPIRY);
    await expect(as(writer, clearinghouse).mint(call(3000n), options(1), writer, writer))
      .to.be.revertedWithCustomError(clearinghouse, "Listing_Expired")
      .withArgs(EXPIRY, EXPIRY);
    await expect(
      as(writer, clearinghouse).burn(call(3000n), options(1), writer, writer),
    ).to.be.revertedWithCustomError(clearinghouse, "Listing_Expired");
  });

  it("C5: writes on another's account, or burns its tokens, only with its leave", async () => {
    const { clearinghouse, writer, holder, stranger } = await load();
    await as(writer, clearinghouse).mint(call(3000n), options(3), writer, holder);
    const mint = () => as(stranger, clearinghouse).mint(call(3000n), options(1), writer, stranger);
    await expect(mint()).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");
    await as(writer, clearinghouse).authorize(stranger, SCOPE.withdraw | SCOPE.realize | SCOPE.redeem);
    await expect(mint()).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");
    await as(writer, clearinghouse).authorize(stranger, SCOPE.trade);
    await mint();

    const burn = () => as(stranger, clearinghouse).burn(call(3000n), options(1), holder, writer);
    await expect(burn()).to.be.revertedWithCustomError(clearinghouse, "ERC6909InsufficientAllowance");
    await as(holder, clearinghouse).approve(stranger, call(3000n), options(1));
    await burn();
    await expect(burn()).to.be.revertedWithCustomError(clearinghouse, "ERC6909InsufficientAllowance");
    await as(holder, clearinghouse).setOperator(stranger, true);
    await burn();
    // An operator of the holder may burn its tokens, but not into an account that did not ask for them.
    await expect(
      as(stranger, clearinghouse).burn(call(3000n), options(1), holder, holder),
    ).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");
  });

  it("tokens move by owner, operator and allowance, and by nobody else", async () => {
    const { clearinghouse, writer, holder, stranger } = await load();
    const id = call(3000n);
    await as(writer, clearinghouse).mint(id, options(4), writer, holder);
    await as(holder, clearinghouse).transfer(writer, id, options(1));
    const pull = () => as(stranger, clearinghouse).transferFrom(holder, stranger, id, options(1));
    await expect(pull()).to.be.revertedWithCustomError(clearinghouse, "ERC6909InsufficientAllowance");
    await as(holder, clearinghouse).approve(stranger, id, options(1));
    expect(
      await as(stranger, clearinghouse).transferFrom.staticCall(holder, stranger, id, options(1)),
    ).to.equal(true);
    await pull();
    expect(await clearinghouse.allowance(holder, stranger, id)).to.equal(0n);
    await as(holder, clearinghouse).setOperator(stranger, true);
    await pull();
    expect(await clearinghouse.balanceOf(stranger, id)).to.equal(options(2));
    await expect(as(holder, clearinghouse).transfer(writer, id, options(2))).to.be.revertedWithCustomError(
      clearinghouse,
      "ERC6909InsufficientBalance",
    );
  });
});

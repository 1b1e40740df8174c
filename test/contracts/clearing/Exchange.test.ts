import { expect } from "chai";
import {
  type AnyContract,
  as,
  type Clearing,
  call,
  EXPIRY,
  load,
  MARKET,
  NEXT_EXPIRY,
  options,
  put,
  SCOPE,
  settleAt,
  WAD,
} from "../../support/clearing/fixture.ts";

const USD = 10n ** 6n;
const leg = (series: bigint, amount: number) => ({ series, amount: options(amount) });

/** Everything that an exchange may change for writer and holder. */
async function stateOf({ clearinghouse, base, quote, writer, holder }: Clearing) {
  const ids = [2500n, 3000n, 3500n].flatMap((strike) => [call(strike), put(strike)]);
  const reads = [writer, holder].flatMap((account) => [
    ...[base, quote].map((asset) => clearinghouse.collateral(account, asset)),
    ...ids.map((id) => clearinghouse.position(account, id)),
    ...ids.map((id) => clearinghouse.balanceOf(account, id)),
    clearinghouse.coverage(account, MARKET, EXPIRY),
  ]);
  return Promise.all([...reads, ...ids.map((id) => clearinghouse.totalSupply(id))]);
}

describe("Clearinghouse: exchange", () => {
  const terms = (clearing: Clearing, quoteAssets: bigint, baseAssets = 0n) => ({
    account: clearing.writer.address,
    from: clearing.holder.address,
    to: clearing.holder.address,
    quoteAssets,
    baseAssets,
  });

  it("burns, mints and credits premium that was sent before, in one call", async () => {
    const clearing = await load();
    const { clearinghouse, quote, writer, holder } = clearing;
    await as(writer, clearinghouse).authorize(holder, SCOPE.trade);
    await as(holder, quote).transfer(clearinghouse, 200n * USD);
    await expect(
      as(holder, clearinghouse).exchange(terms(clearing, 200n * USD), [
        leg(call(3000n), 2),
        leg(put(2500n), 1),
      ]),
    )
      .to.emit(clearinghouse, "PremiumPaid")
      .withArgs(writer, holder, MARKET, 200n * USD, 0n);
    expect(await clearinghouse.balanceOf(holder, call(3000n))).to.equal(options(2));
    expect(await clearinghouse.collateral(writer, quote)).to.deep.equal([500_200n * USD, 2500n * USD]);
  });

  it("credits not one unit more than was sent, and leaves what was sent beyond it to nobody", async () => {
    const clearing = await load();
    const { clearinghouse, quote, writer, holder } = clearing;
    await as(holder, quote).transfer(clearinghouse, 200n * USD);
    const exchange = (premium: bigint) =>
      as(writer, clearinghouse).exchange({ ...terms(clearing, premium), from: writer.address }, [
        leg(call(3000n), 1),
      ]);
    await expect(exchange(200n * USD + 1n))
      .to.be.revertedWithCustomError(clearinghouse, "Custody_SurplusTooSmall")
      .withArgs(quote, 200n * USD, 200n * USD + 1n);
    await exchange(150n * USD);
    expect((await quote.balanceOf(clearinghouse)) - (await clearinghouse.held(quote))).to.equal(50n * USD);
  });

  it("pays a buy-back out of the account's free balance, in quote and in base", async () => {
    const clearing = await load();
    const { clearinghouse, base, quote, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(3000n), options(1000), writer, holder);
    await as(writer, clearinghouse).authorize(holder, SCOPE.trade);
    const before = [await quote.balanceOf(holder), await base.balanceOf(holder)];
    // All base is locked; what the buy-back frees pays for it.
    await as(holder, clearinghouse).exchange(terms(clearing, -300n * USD, -options(2)), [
      leg(call(3000n), -2),
    ]);
    expect((await quote.balanceOf(holder)) - before[0]!).to.equal(300n * USD);
    expect((await base.balanceOf(holder)) - before[1]!).to.equal(options(2));
    expect(await clearinghouse.collateral(writer, base)).to.deep.equal([options(998), options(998)]);
    await expect(
      as(holder, clearinghouse).exchange(terms(clearing, 0n, -options(1) - 1n), [leg(call(3000n), -1)]),
    ).to.be.revertedWithCustomError(clearinghouse, "Ledger_NotEnoughFree");
  });

  it("C7: leaves the state of the single calls, burns first whatever the order of the legs", async () => {
    const prepare = async () => {
      const clearing = await load();
      const { clearinghouse, writer, holder } = clearing;
      await as(holder, clearinghouse).mint(call(3000n), options(5), holder, writer);
      await as(writer, clearinghouse).mint(call(2500n), options(1000), writer, writer);
      return clearing;
    };
    // Minted first, 600 more calls would not be covered.
    const legs = [leg(call(3500n), 600), leg(call(2500n), -600), leg(put(3000n), 2), leg(call(3000n), -5)];
    const one = await prepare();
    const own = { ...terms(one, 0n), from: one.writer.address };
    await as(one.writer, one.clearinghouse).exchange(own, legs);
    const batched = await stateOf(one);

    const { clearinghouse, writer, holder } = await prepare();
    const single = as(writer, clearinghouse);
    await single.burn(call(2500n), options(600), writer, writer);
    await single.burn(call(3000n), options(5), writer, writer);
    await single.mint(call(3500n), options(600), writer, holder);
    await single.mint(put(3000n), options(2), writer, holder);
    expect(await stateOf(one)).to.deep.equal(batched);
    expect(await clearinghouse.position(writer, call(3000n))).to.equal(options(5));
  });

  it("spans expiries of one market, not two markets, and not no legs at all", async () => {
    const clearing = await load();
    const { clearinghouse, writer } = clearing;
    await clearinghouse.list(MARKET, NEXT_EXPIRY, 3000n * WAD, 0);
    const exchange = (legs: { series: bigint; amount: bigint }[]) =>
      as(writer, clearinghouse).exchange({ ...terms(clearing, 0n), from: writer.address }, legs);
    await exchange([leg(call(3000n), 1), leg(call(3000n, NEXT_EXPIRY), 1)]);
    await expect(exchange([leg(call(3000n), 1), leg(call(3000n) + (1n << 161n), 1)]))
      .to.be.revertedWithCustomError(clearinghouse, "Clearing_LegsOfTwoMarkets")
      .withArgs(MARKET, MARKET + 1);
    await expect(exchange([])).to.be.revertedWithPanic(0x32);
    // A leg of nothing is a mint below the minimum, of a series that is not listed too: nothing is burned first.
    for (const series of [call(3000n), call(3050n)]) {
      await expect(exchange([leg(series, 0)])).to.be.revertedWithCustomError(
        clearinghouse,
        "Clearing_AmountBelowMinimum",
      );
    }
  });

  it("C5: needs TRADE on the account and leave to burn the tokens", async () => {
    const clearing = await load();
    const { clearinghouse, writer, holder, stranger } = clearing;
    await as(writer, clearinghouse).mint(call(3000n), options(3), writer, holder);
    const exchange = () =>
      as(stranger, clearinghouse).exchange(terms(clearing, 0n), [leg(call(3000n), -1), leg(call(3500n), 1)]);
    await expect(exchange()).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");
    await as(writer, clearinghouse).authorize(stranger, SCOPE.trade);
    await expect(exchange()).to.be.revertedWithCustomError(clearinghouse, "ERC6909InsufficientAllowance");
    await as(holder, clearinghouse).setOperator(stranger, true);
    await exchange();
  });

  it("C6: nothing is created or lost between all parties", async () => {
    const clearing = await load();
    const { clearinghouse, base, quote, writer, holder } = clearing;
    const total = async (token: AnyContract) =>
      (await token.balanceOf(writer)) +
      (await token.balanceOf(holder)) +
      (await token.balanceOf(clearinghouse));
    const before = [await total(base), await total(quote)];
    await as(holder, quote).transfer(clearinghouse, 77n * USD);
    await as(writer, clearinghouse).exchange({ ...terms(clearing, 77n * USD), from: writer.address }, [
      leg(call(2500n), 3),
      leg(put(3500n), 3),
    ]);
    await settleAt(clearing, 2777n * WAD);
    await as(holder, clearinghouse).redeem(call(2500n), options(3), holder, holder);
    await as(holder, clearinghouse).redeem(put(3500n), options(3), holder, holder);
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    expect([await total(base), await total(quote)]).to.deep.equal(before);
  });
});

import { expect } from "chai";
import {
  type AnyContract,
  as,
  type Clearing,
  call,
  EXPIRY,
  ethers,
  load,
  MARKET,
  networkHelpers,
  options,
  put,
  readyWith,
  settleAt,
  WAD,
} from "../../support/clearing/fixture.ts";

const USD = 10n ** 6n;
const hostileBase = () =>
  readyWith({ base: "HostileToken", baseDecimals: 18, quote: "TestToken", quoteDecimals: 6 });

/** What others lost money by, replayed: the phished operator is in Delegates.test.ts, the pushed payout in OptionERC20.test.ts. */
describe("Clearinghouse: incidents", () => {
  it("Opyn 2020 (one payment exercised several vaults): a token pays once, whatever else is in the call", async () => {
    const clearing = await load();
    const { clearinghouse, quote, writer, holder, stranger } = clearing;
    // Two vaults of the same series; one holder with a token of one of them.
    await as(writer, clearinghouse).mint(put(3500n), options(1), writer, holder);
    await as(stranger, clearinghouse).deposit(quote, 10_000n * USD, stranger);
    await as(stranger, clearinghouse).mint(put(3500n), options(1), stranger, stranger);
    await settleAt(clearing, 3000n * WAD);
    await as(holder, clearinghouse).redeem(put(3500n), options(1), holder, holder);
    await expect(
      as(holder, clearinghouse).redeem(put(3500n), options(1), holder, holder),
    ).to.be.revertedWithCustomError(clearinghouse, "ERC6909InsufficientBalance");
    // No call that takes value is payable, so none can spend the same value twice.
    const payable = clearinghouse.interface.fragments.filter((f) => "payable" in f && f.payable);
    expect(payable).to.deep.equal([]);
    await expect(writer.sendTransaction({ to: clearinghouse.target, value: 1n })).to.revert(ethers);
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    await as(stranger, clearinghouse).realize(stranger, MARKET, EXPIRY);
    await as(stranger, clearinghouse).redeem(put(3500n), options(1), stranger, stranger);
    expect((await clearinghouse.collateral(stranger, quote))[0]).to.equal(9500n * USD);
  });

  it("Siren 2021 (re-entered while tokens moved): a redemption re-entered pays once, at any depth", async () => {
    const clearing = await load(hostileBase);
    const { clearinghouse, base, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(2), writer, holder);
    // The token itself is the thief's accomplice, and its operator.
    await as(holder, clearinghouse).setOperator(base, true);
    await settleAt(clearing, 3000n * WAD);
    const again = clearinghouse.interface.encodeFunctionData("redeem", [
      call(2500n),
      options(1),
      holder.address,
      holder.address,
    ]);
    await base.callBack(clearinghouse, again);
    const before = await base.balanceOf(holder);
    await as(holder, clearinghouse).redeem(call(2500n), options(1), holder, holder);
    expect(await base.entered()).to.equal(false);
    expect((await base.balanceOf(holder)) - before).to.equal(WAD / 6n);
    expect(await clearinghouse.balanceOf(holder, call(2500n))).to.equal(options(1));
    expect(await base.balanceOf(clearinghouse)).to.equal(await clearinghouse.held(base));
  });

  it("Hegic's frozen funds (a misspelt unlock froze expired collateral): what expires unlocked is whole again, exercised or not", async () => {
    const clearing = await load();
    const { clearinghouse, base, quote, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(3500n), options(1000), writer, holder);
    await as(writer, clearinghouse).mint(put(2500n), options(200), writer, holder);
    await settleAt(clearing, 3000n * WAD);
    // Nobody ever redeems.
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    await as(writer, clearinghouse).withdraw(base, options(1000), writer, writer);
    await as(writer, clearinghouse).withdraw(quote, 500_000n * USD, writer, writer);
    expect(await clearinghouse.collateral(writer, base)).to.deep.equal([0n, 0n]);
  });

  it("Hegic's repeated claim (a claim that could be repeated): realize and redeem pay once, however often they are called", async () => {
    const clearing = await load();
    const { clearinghouse, base, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(3), writer, holder);
    await as(holder, clearinghouse).burn(call(2500n), options(1), holder, holder);
    await settleAt(clearing, 3000n * WAD);
    for (let i = 0; i < 5; i += 1) await as(holder, clearinghouse).realize(holder, MARKET, EXPIRY);
    expect((await clearinghouse.collateral(holder, base))[0]).to.equal(1000n * WAD + WAD / 6n);
    await as(holder, clearinghouse).redeem(call(2500n), options(2), holder, holder);
    for (let i = 0; i < 5; i += 1) {
      expect(await as(holder, clearinghouse).redeem.staticCall(call(2500n), 0, holder, holder)).to.equal(0n);
    }
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    expect((await clearinghouse.held(base)) - (await ownedOf(clearing, base))).to.equal(1n);
  });

  it("Thetanuts 2026 (a supply near zero inflated the price of a share): with 0, 1 or 3 wei of supply a token is worth its payoff", async () => {
    for (const left of [0n, 1n, 3n]) {
      const clearing = await load();
      const { clearinghouse, base, writer, holder } = clearing;
      await as(writer, clearinghouse).mint(call(2500n), options(1), writer, holder);
      if (left < options(1))
        await as(holder, clearinghouse).burn(call(2500n), options(1) - left, holder, holder);
      expect(await clearinghouse.totalSupply(call(2500n))).to.equal(left);
      await as(holder, base).transfer(clearinghouse, 1000n * WAD);
      await settleAt(clearing, 3000n * WAD);
      expect(await as(holder, clearinghouse).redeem.staticCall(call(2500n), left, holder, holder)).to.equal(
        left / 6n,
      );
      await as(holder, clearinghouse).redeem(call(2500n), left, holder, holder);
      await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
      await as(holder, clearinghouse).realize(holder, MARKET, EXPIRY);
      // The donation moved nobody's claim: dust of one unit each at most.
      const dust = (await clearinghouse.held(base)) - (await ownedOf(clearing, base));
      expect(dust >= 0n && dust <= 3n).to.equal(true);
    }
  });

  it("a griefing settler wins nothing: no early price, no second one, and nobody waits for anybody", async () => {
    const clearing = await load();
    const { clearinghouse, oracle, writer, holder, stranger } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(1), writer, holder);
    await networkHelpers.time.increaseTo(EXPIRY);
    const settle = () => as(stranger, clearinghouse).settle(MARKET, EXPIRY, 2500n * WAD);
    await expect(settle()).to.be.revertedWithCustomError(clearinghouse, "Listing_NotSettlementOracle");
    await settleAt(clearing, 3000n * WAD);
    await expect(as(stranger, oracle).settle(clearinghouse, MARKET, EXPIRY)).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_AlreadySettled",
    );
    await expect(settle()).to.be.revertedWithCustomError(clearinghouse, "Listing_NotSettlementOracle");
    await as(holder, clearinghouse).redeem(call(2500n), options(1), holder, holder);
  });
});

async function ownedOf({ clearinghouse, writer, holder }: Clearing, asset: AnyContract): Promise<bigint> {
  const balances = await Promise.all(
    [writer, holder].map((account) => clearinghouse.collateral(account, asset)),
  );
  return balances.reduce((sum, [balance]) => sum + balance, 0n);
}

import { expect } from "chai";
import { type AnyContract, as, call, load, options, SCOPE } from "../../support/clearing/fixture.ts";

const ETH = 10n ** 18n;
const USD = 10n ** 6n;

describe("Clearinghouse: collateral", () => {
  it("credits what arrives and tells of it", async () => {
    const { clearinghouse, base, stranger } = await load();
    await expect(as(stranger, clearinghouse).deposit(base, 5n * ETH, stranger))
      .to.emit(clearinghouse, "Deposited")
      .withArgs(stranger, stranger, base, 5n * ETH);
    expect(await clearinghouse.collateral(stranger, base)).to.deep.equal([5n * ETH, 0n]);
    expect(await clearinghouse.held(base)).to.equal(await base.balanceOf(clearinghouse));
  });

  it("deposits into another's account only by a scope that the account gave by name", async () => {
    const { clearinghouse, base, writer, stranger } = await load();
    const deposit = () => as(stranger, clearinghouse).deposit(base, ETH, writer);
    await expect(deposit()).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");
    await as(writer, clearinghouse).authorize("0x0000000000000000000000000000000000000000", SCOPE.redeem);
    await expect(deposit()).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");
    await as(writer, clearinghouse).authorize(stranger, SCOPE.trade);
    await deposit();
    expect((await clearinghouse.collateral(writer, base))[0]).to.equal(1001n * ETH);
  });

  it("refuses a token that no market has", async () => {
    const { clearinghouse, oracle, stranger } = await load();
    await expect(as(stranger, clearinghouse).deposit(oracle, 1, stranger))
      .to.be.revertedWithCustomError(clearinghouse, "Custody_AssetUnknown")
      .withArgs(oracle);
  });

  it("withdraws what is free to whom the account says", async () => {
    const { clearinghouse, quote, writer, stranger } = await load();
    await expect(as(writer, clearinghouse).withdraw(quote, 400_000n * USD, writer, stranger))
      .to.emit(clearinghouse, "Withdrawn")
      .withArgs(writer, writer, quote, 400_000n * USD, stranger);
    expect(await clearinghouse.collateral(writer, quote)).to.deep.equal([100_000n * USD, 0n]);
    expect(await quote.balanceOf(stranger)).to.equal(1_400_000n * USD);
  });

  it("C3: withdraws not one unit of what is locked", async () => {
    const { clearinghouse, base, writer } = await load();
    await as(writer, clearinghouse).mint(call(3000n), options(10), writer, writer);
    await expect(as(writer, clearinghouse).withdraw(base, 990n * ETH + 1n, writer, writer))
      .to.be.revertedWithCustomError(clearinghouse, "Ledger_NotEnoughFree")
      .withArgs(990n * ETH + 1n, 990n * ETH);
    await as(writer, clearinghouse).withdraw(base, 990n * ETH, writer, writer);
    expect(await clearinghouse.collateral(writer, base)).to.deep.equal([10n * ETH, 10n * ETH]);
  });

  it("tells both collaterals of an account in a word each, the balance below what is locked", async () => {
    const { clearinghouse, base, quote, writer } = await load();
    await as(writer, clearinghouse).mint(call(3000n), options(10), writer, writer);
    const words = await clearinghouse.packedCollaterals(writer, base);
    for (const [i, asset] of [base, quote].entries()) {
      const [balance, locked] = await clearinghouse.collateral(writer, asset);
      expect(words[i]).to.equal(balance + (locked << 128n));
    }
    expect(words[0] >> 128n).to.equal(10n * ETH);
  });

  it("C5: a stranger withdraws nothing, a delegate with WITHDRAW does, one with every other scope does not", async () => {
    const { clearinghouse, base, writer, stranger } = await load();
    const withdraw = () => as(stranger, clearinghouse).withdraw(base, ETH, writer, stranger);
    await expect(withdraw()).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");
    await as(writer, clearinghouse).authorize(stranger, SCOPE.trade | SCOPE.realize | SCOPE.redeem);
    await expect(withdraw()).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");
    await as(writer, clearinghouse).authorize(stranger, SCOPE.withdraw);
    await withdraw();
    expect((await clearinghouse.collateral(writer, base))[0]).to.equal(999n * ETH);
  });

  it("C1: a donation is nobody's balance and changes nothing", async () => {
    const { clearinghouse, base, writer } = await load();
    await (base.connect(writer) as AnyContract).transfer(clearinghouse, 7n * ETH);
    expect(await clearinghouse.held(base)).to.equal(2000n * ETH);
    expect(await base.balanceOf(clearinghouse)).to.equal(2007n * ETH);
    await as(writer, clearinghouse).deposit(base, ETH, writer);
    expect((await clearinghouse.collateral(writer, base))[0]).to.equal(1001n * ETH);
    expect(await clearinghouse.held(base)).to.equal(2001n * ETH);
  });
});

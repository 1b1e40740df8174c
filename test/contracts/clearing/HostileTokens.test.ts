import { RESTRICTED } from "@meniscus/sdk/roles";
import { expect } from "chai";
import {
  type AnyContract,
  as,
  type Clearing,
  call,
  deploy,
  EXPIRY,
  ethers,
  load,
  MARKET,
  options,
  put,
  readyWith,
  settleAt,
  type Tokens,
  termsOf,
  WAD,
} from "../../support/clearing/fixture.ts";
import { BEHAVIOUR } from "../../support/hostileToken.ts";

const ETH = 10n ** 18n;
const hostileBase = () =>
  readyWith({ base: "HostileToken", baseDecimals: 18, quote: "TestToken", quoteDecimals: 6 });

/** The token's balance in the Clearinghouse is what is owned of it. */
async function expectWhole({ clearinghouse }: Clearing, token: AnyContract): Promise<void> {
  expect(await token.balanceOf(clearinghouse)).to.equal(await clearinghouse.held(token));
}

describe("Clearinghouse: tokens", () => {
  for (const baseDecimals of [6, 8, 18]) {
    for (const quoteDecimals of [6, 8, 18]) {
      const name = `base of ${baseDecimals}, quote of ${quoteDecimals} decimals`;
      const fixture = () => {
        const tokens: Tokens = { base: "TestToken", baseDecimals, quote: "SilentToken", quoteDecimals };
        return readyWith(tokens);
      };
      it(`T5: everybody is paid and nothing stays locked with ${name}`, async () => {
        const clearing = await load(fixture);
        const { clearinghouse, base, quote, writer, holder } = clearing;
        const [unitOfBase, unitOfQuote] = [10n ** BigInt(baseDecimals), 10n ** BigInt(quoteDecimals)];
        const amount = options(1.000_001) + 1n;
        await as(writer, clearinghouse).mint(call(2500n), amount, writer, holder);
        await as(writer, clearinghouse).mint(put(3500n), amount, writer, holder);
        const up = (x: bigint, y: bigint) => (x + y - 1n) / y;
        expect((await clearinghouse.collateral(writer, base))[1]).to.equal(up(amount * unitOfBase, WAD));
        expect((await clearinghouse.collateral(writer, quote))[1]).to.equal(
          up(amount * 3500n * unitOfQuote, WAD),
        );
        await settleAt(clearing, 3000n * WAD);
        const before = [await base.balanceOf(holder), await quote.balanceOf(holder)];
        await as(holder, clearinghouse).redeem(call(2500n), amount, holder, holder);
        await as(holder, clearinghouse).redeem(put(3500n), amount, holder, holder);
        expect((await base.balanceOf(holder)) - before[0]!).to.equal((amount * unitOfBase) / (6n * WAD));
        expect((await quote.balanceOf(holder)) - before[1]!).to.equal((amount * 500n * unitOfQuote) / WAD);
        await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
        for (const token of [base, quote]) {
          expect((await clearinghouse.collateral(writer, token))[1]).to.equal(0n);
          await expectWhole(clearing, token);
          for (const account of [writer, holder]) {
            const [balance] = await clearinghouse.collateral(account, token);
            await as(account, clearinghouse).withdraw(token, balance, account, account);
          }
          expect(await token.balanceOf(clearinghouse)).to.be.lessThanOrEqual(1n); // dust
        }
      });
    }
  }

  it("credits what arrives of a token that takes a fee, and pays out exactly what was asked", async () => {
    const clearing = await load(hostileBase);
    const { clearinghouse, base, writer, stranger } = clearing;
    await base.behave(BEHAVIOUR.feeOnTransfer);
    expect(await as(stranger, clearinghouse).deposit.staticCall(base, 100n * ETH, stranger)).to.equal(
      99n * ETH,
    );
    await as(stranger, clearinghouse).deposit(base, 100n * ETH, stranger);
    expect((await clearinghouse.collateral(stranger, base))[0]).to.equal(99n * ETH);
    await as(writer, clearinghouse).withdraw(base, 100n * ETH, writer, writer);
    await expectWhole(clearing, base);
  });

  it("refuses at the call a token that takes more from here than was to be paid", async () => {
    const clearing = await load(hostileBase);
    const { clearinghouse, base, writer } = clearing;
    await base.behave(BEHAVIOUR.feeOnTop);
    await expect(as(writer, clearinghouse).withdraw(base, 100n * ETH, writer, writer))
      .to.be.revertedWithCustomError(clearinghouse, "Custody_PaidOtherAmount")
      .withArgs(base, 101n * ETH, 100n * ETH);
    await base.behave(BEHAVIOUR.doesNothing);
    await expect(as(writer, clearinghouse).withdraw(base, 100n * ETH, writer, writer))
      .to.be.revertedWithCustomError(clearinghouse, "Custody_PaidOtherAmount")
      .withArgs(base, 0n, 100n * ETH);
    await expectWhole(clearing, base);
  });

  it("credits nothing when a deposit says that it worked and moved nothing", async () => {
    const { clearinghouse, base, stranger } = await load(hostileBase);
    await base.behave(BEHAVIOUR.doesNothing);
    await as(stranger, clearinghouse).deposit(base, ETH, stranger);
    expect((await clearinghouse.collateral(stranger, base))[0]).to.equal(0n);
  });

  it("T4: a token that reverts or returns false blocks itself alone, and loses nothing", async () => {
    const clearing = await load(hostileBase);
    const { clearinghouse, base, quote, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(1), writer, holder);
    await as(writer, clearinghouse).mint(put(3500n), options(1), writer, holder);
    await settleAt(clearing, 3000n * WAD);
    for (const behaviour of [BEHAVIOUR.reverts, BEHAVIOUR.returnsFalse]) {
      await base.behave(behaviour);
      await expect(as(holder, clearinghouse).redeem(call(2500n), options(1), holder, holder)).to.revert(
        ethers,
      );
    }
    await as(holder, clearinghouse).redeem(put(3500n), options(1), holder, holder);
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    await as(writer, clearinghouse).withdraw(quote, 1000n, writer, writer);
    await base.behave(BEHAVIOUR.honest);
    await as(holder, clearinghouse).redeem(call(2500n), options(1), holder, holder);
    await expectWhole(clearing, base);
  });

  it("T4: an account that the token refuses to pay is stuck alone, and gets out by another receiver", async () => {
    const clearing = await load(hostileBase);
    const { clearinghouse, base, writer, holder, stranger } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(6), writer, holder);
    await as(holder, clearinghouse).transfer(stranger, call(2500n), options(3));
    await base.setBlocked(holder, true);
    await settleAt(clearing, 3000n * WAD);
    await expect(
      as(holder, clearinghouse).redeem(call(2500n), options(3), holder, holder),
    ).to.be.revertedWithCustomError(base, "HostileToken_Blocked");
    expect(await clearinghouse.balanceOf(holder, call(2500n))).to.equal(options(3));
    await as(writer, clearinghouse).realize(writer, MARKET, EXPIRY);
    await as(writer, clearinghouse).withdraw(base, 999n * ETH, writer, writer);
    const before = await base.balanceOf(stranger);
    await as(stranger, clearinghouse).redeem(call(2500n), options(3), stranger, stranger);
    await as(holder, clearinghouse).redeem(call(2500n), options(3), stranger, holder);
    expect((await base.balanceOf(stranger)) - before).to.equal(ETH);
    await expectWhole(clearing, base);
  });

  it("a token that rebases upwards gives the surplus to nobody's balance", async () => {
    const { clearinghouse, base, writer } = await load(hostileBase);
    await base.rebase(clearinghouse, 3000n * ETH);
    await as(writer, clearinghouse).deposit(base, ETH, writer);
    expect((await clearinghouse.collateral(writer, base))[0]).to.equal(1001n * ETH);
  });

  it("a token that rebases downwards lets nothing more in, and exits go on", async () => {
    const { clearinghouse, base, writer, stranger } = await load(hostileBase);
    await base.rebase(clearinghouse, 1999n * ETH);
    await expect(as(stranger, clearinghouse).deposit(base, ETH, stranger))
      .to.be.revertedWithCustomError(clearinghouse, "Custody_AssetShort")
      .withArgs(base, 1999n * ETH, 2000n * ETH);
    await as(writer, clearinghouse).withdraw(base, 1000n * ETH, writer, writer);
  });

  it("S10: a token that changes its decimals moves no more until they are back", async () => {
    const { clearinghouse, base, quote, writer } = await load(hostileBase);
    await base.setDecimals(6);
    for (const attempt of [
      () => as(writer, clearinghouse).deposit(base, ETH, writer),
      () => as(writer, clearinghouse).withdraw(base, ETH, writer, writer),
    ]) {
      await expect(attempt())
        .to.be.revertedWithCustomError(clearinghouse, "Custody_DecimalsDiffer")
        .withArgs(base, 6, 18);
    }
    await as(writer, clearinghouse).withdraw(quote, 1, writer, writer);
    // A premium of none of it asks nothing of it.
    const own = writer.address;
    await as(writer, clearinghouse).exchange(
      { account: own, from: own, to: own, quoteAssets: -1n, baseAssets: 0n },
      [{ series: put(2500n), amount: ETH }],
    );
    await base.setDecimals(18);
    await as(writer, clearinghouse).withdraw(base, ETH, writer, writer);
  });

  it("S10: registration refuses more than 18 decimals, other decimals than said, and no token at all", async () => {
    const { clearinghouse, governor, oracle, base } = await load(hostileBase);
    const register = (token: AnyContract, decimals: number) =>
      as(governor, clearinghouse).registerMarket(2, termsOf(token, decimals, oracle));
    const wide = await deploy("TestToken", 19);
    await expect(register(wide, 19)).to.be.revertedWithCustomError(clearinghouse, "Custody_DecimalsDiffer");
    await expect(register(wide, 18)).to.be.revertedWithCustomError(clearinghouse, "Custody_DecimalsDiffer");
    await expect(register(base, 6)).to.be.revertedWithCustomError(clearinghouse, "Custody_DecimalsDiffer");
    await expect(register(oracle, 18)).to.be.revertedWithCustomError(clearinghouse, "Custody_DecimalsDiffer");
    await register(base, 18);
    expect((await clearinghouse.marketOf(2)).base).to.equal(await base.getAddress());
  });

  it("K5: a token that calls back in the middle of any move enters nothing, and reads no price", async () => {
    const clearing = await load(hostileBase);
    const { clearinghouse, base, writer, holder } = clearing;
    await as(writer, clearinghouse).mint(call(2500n), options(1), writer, holder);
    const id = call(2500n);
    const target = await clearinghouse.getAddress();
    const own = writer.address;
    const exchange = { account: own, from: own, to: own, quoteAssets: 0n, baseAssets: 0n };
    const signed = { account: own, delegate: own, scopes: 1, nonce: 0n, deadline: 2n ** 40n };
    const entries: [string, unknown[]][] = [
      ["deposit", [base.target, 1n, own]],
      ["withdraw", [base.target, 1n, own, own]],
      ["mint", [id, options(1), own, own]],
      ["burn", [id, 0n, own, own]],
      ["exchange", [exchange, [{ series: id, amount: options(1) }]]],
      ["list", [MARKET, EXPIRY, 3050n * WAD, 0n]],
      ["settle", [MARKET, EXPIRY, 3000n * WAD]],
      ["realize", [own, MARKET, EXPIRY]],
      ["redeem", [id, 0n, own, own]],
      ["authorize", [own, 1]],
      ["authorizeBySignature", [signed, "0x"]],
      ["choosePlainSums", [true]],
      ["transfer", [own, id, 0n]],
      ["transferFrom", [own, own, id, 0n]],
      ["approve", [own, id, 1n]],
      ["setOperator", [own, true]],
      ["balanceOf", [own, id]],
      ["totalSupply", [id]],
      ["collateral", [own, base.target]],
      ["packedCollaterals", [own, base.target]],
      ["position", [own, id]],
      ["positions", [own, MARKET, EXPIRY]],
      ["coverage", [own, MARKET, EXPIRY]],
      ["held", [base.target]],
      ["expiries", [MARKET]],
      ["liveExpiries", [MARKET]],
      ["strikes", [MARKET, EXPIRY]],
      ["settlementPrice", [MARKET, EXPIRY]],
    ];
    // What is not in the list needs a role, or says nothing that moves with a call.
    const harmless = [
      ...Object.values(RESTRICTED.Clearinghouse!).flat(),
      ...["authority", "setAuthority", "isConsumingScheduledOp", "pausedUntil", "PAUSE_DURATION"],
      ...["allowance", "isOperator", "scopes", "nonces", "marketOf", "quoteAsset", "isListed"],
      ...["eip712Domain", "supportsInterface"],
    ];
    const all: string[] = [];
    clearinghouse.interface.forEachFunction(({ name }) => all.push(name));
    expect([...entries.map(([name]) => name), ...harmless]).to.have.members(all);
    const locked = clearinghouse.interface.getError("ReentrancyGuardReentrantCall")!.selector;
    for (const [name, args] of entries) {
      await base.callBack(target, clearinghouse.interface.encodeFunctionData(name, args));
      await as(writer, clearinghouse).deposit(base, ETH, writer);
      expect(await base.entered(), name).to.equal(false);
      expect(await base.answer(), name).to.equal(locked);
      await as(writer, clearinghouse).withdraw(base, ETH, writer, writer);
      expect(await base.answer(), name).to.equal(locked);
    }
  });
});

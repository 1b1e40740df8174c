import { HEDGE_OBSTACLES } from "@meniscus/sdk/vault/hedge";
import { expect } from "chai";
import { BEHAVIOUR } from "../../support/hostileToken.ts";
import {
  type AnyContract,
  as,
  call,
  DEADLINE,
  ethers,
  expiryIn,
  LIMITS_OF_BOOK,
  leg,
  NO_LIMIT,
  networkHelpers,
  put,
  refreshAll,
  signerOf,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { tradedOf } from "../../support/pool/situations.ts";
import { whyOf } from "../../support/pool/words.ts";
import {
  BROUGHT,
  claimAssets,
  claimShares,
  close,
  cutOffIn,
  open,
  openVault,
  report,
  requestDeposit,
  requestRedeem,
  running,
  SIDE,
  SIDES,
  settleExpiry,
  stateOf,
  UNIT,
  type VaultMarket,
} from "../../support/vault/market.ts";

describe("LiquidityVault: attacks", () => {
  let market: VaultMarket;
  beforeEach(async () => {
    market = await running();
  });

  it("V1: no gift, to whatever contract, moves a NAV or a claim", async () => {
    const { vault, book, pool, clearinghouse, tranches, tokens, owner } = market;
    await trade(market, market.trader, [leg(call(3000), 5)]);
    await settleExpiry(market, expiryIn(2), 3000);
    const posted = await open(market, cutOffIn(2) + 30);
    const [, planned] = await vault.plan!(posted);
    /** What shares are worth, and how many there are. */
    const navs = () =>
      Promise.all(
        SIDES.flatMap((side) => [
          tranches[side].convertToAssets!(BROUGHT[side]),
          tranches[side].totalSupply!(),
        ]),
      );
    const before = await navs();
    for (const target of [vault, book, pool, clearinghouse, tranches.base, tranches.quote]) {
      await as(owner, tokens.base).transfer!(target, 10n * WAD);
      await as(owner, tokens.quote).transfer!(target, 30_000n * UNIT);
    }
    await expect(clearinghouse.deposit!(tokens.base, WAD, book)).to.be.revertedWithCustomError(
      clearinghouse,
      "Delegates_NotAllowed",
    );
    // What the book itself has written, and shares, those of the tranche itself among them.
    for (const target of [vault, book, pool, tranches.base, tranches.quote]) {
      await as(market.trader, clearinghouse).transfer!(target, call(3000), WAD);
      for (const side of SIDES)
        await as(market.providers[side], tranches[side]).transfer!(target, BROUGHT[side] / 100n);
    }
    expect(await clearinghouse.position!(book, call(3000)), "C2").to.equal(-5n * WAD);
    expect(await navs()).to.deep.equal(before);
    const { result } = (await vault.plan!(posted)) as { result: { toArray(deep: boolean): unknown } };
    expect(result.toArray(true)).to.deep.equal(planned.toArray(true));
    await close(market, posted);
  });

  it("P3: a deposit, options, an epoch, and all back, wins nothing", async () => {
    const { owner, tokens, tranches } = market;
    const worth = async () =>
      ((await tokens.base.balanceOf!(owner)) as bigint) * 3000n +
      ((await tokens.quote.balanceOf!(owner)) as bigint) * 10n ** 12n;
    await trade(market, market.trader, [leg(call(3000), 10), leg(put(2800), 10)]);
    const before = await worth();
    for (const side of SIDES)
      for (const spender of [tranches[side]]) await tokens[side].approve!(spender, ethers.MaxUint256);
    await requestDeposit(market, "base", owner, 40n * WAD);
    await requestDeposit(market, "quote", owner, 120_000n * UNIT);
    await open(market, cutOffIn(2) - 300);
    for (const [series, amount] of [
      [call(3000), 15],
      [put(2800), 15],
    ] as const)
      await trade(market, owner, [leg(series, amount)]);
    const second = await open(market, cutOffIn(2) + 60);
    await close(market, second);
    for (const side of SIDES) await claimShares(market, side, owner);
    await refreshAll(market);
    for (const series of [call(3000), put(2800)]) await trade(market, owner, [leg(series, -15)]);
    for (const side of SIDES)
      await requestRedeem(market, side, owner, (await tranches[side].balanceOf!(owner)) as bigint);
    await settleExpiry(market, expiryIn(3), 3000);
    await close(market, await open(market, cutOffIn(3) + 60));
    for (const side of SIDES) {
      await claimAssets(market, side, owner);
      expect((await tranches[side].queue!()).redeemShares, "all left").to.equal(0n);
    }
    const lost = Number((before - (await worth())) / 10n ** 12n) / 1e6;
    expect(lost).to.be.greaterThan(0);
  });

  it("P3: whoever sees the mark cannot trade against it: nothing opens and no request is taken", async () => {
    const { pool, trader, tranches, other } = market;
    // Something that could be cancelled, on either side.
    await requestDeposit(market, "base", trader, WAD);
    await requestRedeem(market, "quote", other, UNIT);
    await settleExpiry(market, expiryIn(2), 3000);
    await open(market, cutOffIn(2) + 30, { spot: 3100 });
    expect(whyOf(await pool.quote!([leg(call(3000), 1)]))).to.equal("EpochDue");
    for (const [tranche, attempt] of [
      [tranches.base, () => requestDeposit(market, "base", trader, WAD)],
      [tranches.quote, () => requestRedeem(market, "quote", other, UNIT)],
      [tranches.base, () => as(trader, tranches.base).cancelDepositRequest!(0, trader)],
      [tranches.quote, () => as(other, tranches.quote).cancelRedeemRequest!(0, other)],
    ] as const)
      await expect(attempt()).to.be.revertedWithCustomError(tranche, "Tranche_Frozen");
  });

  it("sells back between a cut-off and its mark, and the vault is no worse for it", async () => {
    const { trader, vault } = market;
    await trade(market, trader, [leg(call(3000), 10)]);
    await settleExpiry(market, expiryIn(2), 3000);
    const posted = await open(market, cutOffIn(2) + 30);
    const [, planned] = await vault.plan!(posted);
    const { parts } = tradedOf(market, await trade(market, trader, [leg(call(3000), -10)]));
    const [, after] = await vault.plan!(posted);
    expect(after.mark.equity + 10n ** 13n).to.be.at.least(planned.mark.equity);
    expect(parts.value).to.not.equal(0n);
  });

  it("V3: ten epochs of deposits and withdrawals lower nobody's NAV by more than rounding", async () => {
    const { trader, other, tranches } = market;
    await trade(market, trader, [leg(call(3200, expiryIn(88)), 10)]);
    let highest = 0n;
    for (let day = 2; day < 12; day++) {
      await requestDeposit(market, "base", trader, BigInt(day) * WAD);
      const held: bigint = await tranches.base.balanceOf!(trader);
      await requestRedeem(market, "base", trader, held / 3n);
      await requestRedeem(market, "quote", other, 10n ** 9n);
      if (expiryIn(day) <= cutOffIn(day)) await networkHelpers.time.increaseTo(cutOffIn(day) + 1);
      const posted = await report(market, cutOffIn(day) + 30);
      const before = await stateOf(market);
      const [, { base }] = await market.vault.plan!(posted);
      await close(market, posted);
      const after = await stateOf(market);
      const nav = (after.claimBase * WAD) / (after.supply.base + 1000n);
      expect(nav, "flows lower no NAV").to.be.at.least(base.navMid - 1n - 10n ** 9n / 10n);
      if (nav > highest) highest = nav;
      await claimShares(market, "base", trader);
      await claimAssets(market, "base", trader);
      expect(before.supply.base).to.be.greaterThan(0n);
    }
    expect(highest).to.be.greaterThan((WAD * 999n) / 1000n);
  });
});

describe("LiquidityVault: a hostile quote token (K5)", () => {
  const GUARD = "ReentrancyGuardReentrantCall";
  /** What each transfer of quote is answered in an epoch that takes (the tranche's to the vault, the vault's to the account) or pays. */
  type Answers = { takes: string[]; pays: string[] };
  const GUARDED: Answers = { takes: [GUARD, GUARD], pays: [GUARD] };
  const FLOWS = ["takes", "pays"] as const;

  let market: VaultMarket;
  let restore: () => Promise<void>;
  before(async () => {
    market = await openVault({ quoteName: "HostileToken" });
    const { clearinghouse, pool, quoteToken, trader, tranches, other } = market;
    await trade(market, trader, [leg(call(3000), 2)]);
    // The token has all that it could use: money, an account that the pool may trade for, and a provider whose operator it is.
    const token = await signerOf(quoteToken);
    await quoteToken.mint!(quoteToken, 10n ** 12n);
    await as(token, quoteToken).approve!(pool, ethers.MaxUint256);
    await as(token, clearinghouse).setOperator!(pool, true);
    await as(other, tranches.quote).setOperator!(quoteToken, true);
    ({ restore } = await networkHelpers.takeSnapshot());
  });

  /** Ends an epoch that takes or pays quote, and gives what the token was answered in each transfer: the error's name, or the data. */
  async function answersOf(
    flow: (typeof FLOWS)[number],
    [target, method, args]: [AnyContract, string, (posted: unknown) => unknown[]],
  ): Promise<string[]> {
    const { quoteToken, other } = market;
    await restore();
    if (flow === "takes") await requestDeposit(market, "quote", other, 10n ** 10n);
    else await requestRedeem(market, "quote", other, 10n ** 10n);
    await settleExpiry(market, expiryIn(2), 3000);
    const posted = await open(market, cutOffIn(2) + 30);
    await quoteToken.callBack!(target, target.interface.encodeFunctionData(method, args(posted)));
    await close(market, posted);
    const answers: string[] = await quoteToken.answers!();
    return answers.map((answer) => target.interface.parseError(answer)?.name ?? answer);
  }

  it("K5: a token calls back into nothing of the vault, and reads no price there, while an epoch takes or pays", async () => {
    const { vault, tranches, book, other } = market;
    const noFill = [0, 0, 0, 0, 0, true];
    const noAssignment = { claimBase: 0, claimQuote: 0, equity: 0, reserve: 0, markedAt: 0, cutOffDay: 0 };
    const attempts: [AnyContract, string, (posted: unknown) => unknown[], Answers][] = [
      [vault, "closeEpoch", (posted) => [posted], GUARDED],
      [vault, "exitAtFloor", () => [SIDE.quote, 1n, 0, 0, other.address, other.address], GUARDED],
      [vault, "plan", (posted) => [posted], GUARDED],
      [vault, "floor", () => [], GUARDED],
      // Its own guard is shut in its own transfer alone, and beside that it serves the vault and nobody else.
      [
        tranches.quote,
        "fill",
        () => [9, noFill],
        { takes: [GUARD, "Tranche_NotVault"], pays: ["Tranche_NotVault"] },
      ],
      [
        book,
        "assign",
        () => [noAssignment],
        { takes: ["Book_NotModule", "Book_NotModule"], pays: ["Book_NotModule"] },
      ],
    ];
    for (const [target, method, args, expected] of attempts)
      for (const flow of FLOWS) {
        const answers = await answersOf(flow, [target, method, args]);
        expect(answers, `${method} while an epoch ${flow}`).to.deep.equal(expected[flow]);
      }
  });

  it("K5: a token opens nothing while an epoch ends, though the claims are assigned before the last of it is in the account", async () => {
    const { pool, trader, quoteToken, clearinghouse, book, hedger } = market;
    const due = book.interface.encodeErrorResult("Book_LimitExceeded", [LIMITS_OF_BOOK.indexOf("EpochDue")]);
    const legs = [leg(call(3200), 1)];
    const opening = [pool, "trade", () => [legs, NO_LIMIT, DEADLINE, trader.address, "0x"]] as const;
    expect(await answersOf("pays", [...opening])).to.deep.equal([GUARD]);
    expect(await answersOf("takes", [...opening])).to.deep.equal([due, GUARD]);
    expect(await clearinghouse.balanceOf!(trader, call(3200))).to.equal(0n);
    // Nor is anything hedged by a delta that lacks what is on its way.
    const [planned] = await answersOf("takes", [hedger, "plan", () => []]);
    const [{ obstacle }] = hedger.interface.decodeFunctionResult("plan", planned!);
    expect(HEDGE_OBSTACLES[Number(obstacle)]).to.equal("TradedInBlock");
    // From the next transaction on.
    await quoteToken.behave!(BEHAVIOUR.honest);
    await trade(market, trader, legs);
    expect(await clearinghouse.balanceOf!(trader, call(3200))).to.equal(WAD);
  });
});

import { expect } from "chai";
import {
  type AnyContract,
  as,
  call,
  EXPIRY,
  ethers,
  expiryIn,
  leg,
  MARKET,
  networkHelpers,
  put,
  refreshAll,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { tradedOf } from "../../support/pool/situations.ts";
import { DAY } from "../../support/surface.ts";
import {
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
    for (const target of [vault, book, pool, clearinghouse, tranches.base, tranches.quote]) {
      await as(owner, tokens.base).transfer!(target, 10n * WAD);
      await as(owner, tokens.quote).transfer!(target, 30_000n * UNIT);
    }
    await expect(clearinghouse.deposit!(tokens.base, WAD, book)).to.be.revert(ethers);
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
    await settleExpiry(market, expiryIn(2), 3000);
    await open(market, cutOffIn(2) + 30, { spot: 3100 });
    const quoted = await pool.quote!([leg(call(3000), 1)]);
    expect(quoted.refusal).to.not.equal(0n);
    for (const attempt of [
      () => requestDeposit(market, "base", trader, WAD),
      () => requestRedeem(market, "quote", other, UNIT),
    ])
      await expect(attempt()).to.be.revert(ethers);
    await requestFails(() => as(other, tranches.quote).cancelRedeemRequest!(0, other));
  });

  async function requestFails(attempt: () => Promise<unknown>) {
    await expect(attempt()).to.be.revert(ethers);
  }

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
  it("lets a token call back into nothing while an epoch pays, fills or takes", async () => {
    const market = await openVault({ quoteName: "HostileToken" });
    const { vault, tranches, book, pool, quoteToken, other, trader } = market;
    await trade(market, trader, [leg(call(3000), 2)]);
    const attempts = (posted: unknown): [string, AnyContract, string, unknown[]][] => [
      ["an epoch's end", vault, "closeEpoch", [posted]],
      ["a floor exit", vault, "exitAtFloor", [SIDE.quote, 1n, 0, other.address, other.address]],
      ["a fill", tranches.quote, "fill", [9, { ...NO_FILL }]],
      ["a claim", tranches.quote, "deposit(uint256,address,address)", [1n, other.address, other.address]],
      ["a claim of assets", tranches.quote, "redeem", [1n, other.address, other.address]],
      ["a request", tranches.quote, "requestRedeem", [1n, other.address, other.address]],
      [
        "an assignment",
        book,
        "assign",
        [{ claimBase: 0, claimQuote: 0, equity: 0, markedAt: 0, cutOffDay: 0 }],
      ],
      ["an opening", pool, "trade", [[leg(call(3200), 1)], 2n ** 200n, 2n ** 40n, trader.address, "0x"]],
    ];
    const snapshot = await networkHelpers.takeSnapshot();
    for (const [flow, prepare] of [
      ["takes", () => requestDeposit(market, "quote", other, 10n ** 10n)],
      ["pays", () => requestRedeem(market, "quote", other, 10n ** 10n)],
    ] as const) {
      for (let i = 0; i < attempts(undefined).length; i++) {
        await prepare();
        await settleExpiry(market, expiryIn(2), 3000);
        const posted = await open(market, cutOffIn(2) + 30);
        const [name, target, method, args] = attempts(posted)[i]!;
        await quoteToken.callBack!(target, target.interface.encodeFunctionData(method, args));
        await close(market, posted);
        expect(await quoteToken.entered!(), `${name} while an epoch ${flow}`).to.equal(false);
        await snapshot.restore();
      }
    }
    expect(EXPIRY).to.be.greaterThan(DAY);
    expect(MARKET).to.equal(1);
  });

  const NO_FILL = {
    depositAssets: 0,
    mintedShares: 0,
    redeemShares: 0,
    paidAssets: 0,
    nextCutOffAt: 0,
    depositsOpen: true,
  };
});

import { encodeReport } from "@meniscus/sdk/report";
import { seriesOfId } from "@meniscus/sdk/series";
import { expect } from "chai";
import { fromRatio, multiply } from "../../../scripts/coefficients/real.ts";
import {
  as,
  call,
  ethers,
  expiryIn,
  leg,
  networkHelpers,
  put,
  refreshAll,
  signerOf,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { realToWad } from "../../support/pool/reference.ts";
import { referenceOption } from "../../support/pool/referenceOption.ts";
import { eventsOf } from "../../support/pool/words.ts";
import { fromWad } from "../../support/reference.ts";
import { sampleReport } from "../../support/surface.ts";
import { expectClosed, shadowOf } from "../../support/vault/agreement.ts";
import {
  claimShares,
  close,
  cutOffIn,
  open,
  openVault,
  QUOTE_UNIT,
  report,
  requestDeposit,
  requestRedeem,
  running,
  SIDES,
  settleExpiry,
  stateOf,
  tenorsAt,
  UNIT,
  type VaultMarket,
} from "../../support/vault/market.ts";

const ln = (over: bigint, under: bigint): number => Math.log1p(Number(over - under) / Number(under));

describe("LiquidityVault: values", () => {
  let market: VaultMarket;
  beforeEach(async () => {
    market = await running();
  });

  /** What `E / (b S + q)` would be at the smile of a report at `at`, moved to `spot`. */
  async function factorAt(at: number, spot: bigint): Promise<{ equity: bigint; owed: bigint }> {
    const moved = encodeReport(sampleReport({ at, vol: 0.6, spot, tenors: tenorsAt(at) }));
    const { equity } = await market.book.mark!(moved);
    const { claimBase, claimQuote } = await stateOf(market);
    return { equity, owed: (claimBase * spot) / WAD + claimQuote };
  }

  /** d ln g / d ln S at 3000, by a central difference of a ten-thousandth. */
  async function slopeOf(at: number): Promise<number> {
    const spot = 3000n * WAD;
    const [low, high] = [spot - spot / 10_000n, spot + spot / 10_000n];
    const [under, over] = [await factorAt(at, low), await factorAt(at, high)];
    return (ln(over.equity, under.equity) - ln(over.owed, under.owed)) / 2e-4;
  }

  /**
   * The base that is missing of dE/dS = g b, WAD, with no mark's help: each option's delta at a smile that stays as it is about the forward, in
   * reals, against the book's claim and the base that it has.
   */
  async function missingBase(at: number, legs: readonly [bigint, number][], factor: bigint): Promise<bigint> {
    const spot = 3000n * WAD;
    const { slices } = sampleReport({ at, vol: 0.6, spot, tenors: tenorsAt(at) });
    const sold = legs.reduce((sum, [series, amount]) => {
      const option = seriesOfId(series);
      const { word } = slices.find(({ expiryAt }) => expiryAt === option.expiryAt)!;
      const { delta } = referenceOption(option, word, fromWad(spot), BigInt(at), 0n);
      return sum + multiply(fromRatio(BigInt(amount), 1n), delta);
    }, 0n);
    const { claimBase, collateral } = await stateOf(market);
    return realToWad(sold) + (claimBase * factor) / WAD - collateral[0];
  }

  /** As the vault, which stands in the hedger's place: swaps base of the book for quote at spot. */
  async function hedge(base: bigint) {
    const { book, clearinghouse, vault, tokens, owner } = market;
    const signer = await signerOf(vault);
    const acting = as(signer, clearinghouse);
    const [sold, bought] = base > 0n ? (["quote", "base"] as const) : (["base", "quote"] as const);
    const amounts = {
      base: base > 0n ? base : -base,
      quote: ((base > 0n ? base : -base) * 3000n) / QUOTE_UNIT,
    };
    await acting.withdraw!(tokens[sold], amounts[sold], book, owner);
    await tokens[bought].transfer!(signer, amounts[bought]);
    await as(signer, tokens[bought]).approve!(clearinghouse, amounts[bought]);
    await acting.deposit!(tokens[bought], amounts[bought], book);
  }

  const BOOKS: [string, [bigint, number][]][] = [
    ["one-way calls", [[call(3000), 40]]],
    [
      "both ways",
      [
        [call(2800), 15],
        [put(3200), 10],
        [call(3400, expiryIn(88)), 20],
      ],
    ],
    [
      "puts and a far call",
      [
        [put(2600), 30],
        [put(3000, expiryIn(88)), 12],
        [call(3800), 25],
      ],
    ],
  ];
  for (const [name, legs] of BOOKS)
    it(`V9: a hedged move of the base moves neither tranche in its asset: ${name}`, async () => {
      for (const [series, amount] of legs) await trade(market, market.trader, [leg(series, amount)]);
      // The claims take in what trades brought, so that g is 1.
      await settleExpiry(market, expiryIn(2), 3000);
      const at = cutOffIn(2) + 30;
      await close(market, await open(market, at));
      const unhedged = await slopeOf(at);
      expect(Math.abs(unhedged)).to.be.greaterThan(1e-4);
      // Twice, for the delta that goes takes its part of Phi along, and the reserve keeps as much less.
      for (const _ of [1, 2]) {
        const { equity, owed } = await factorAt(at, 3000n * WAD);
        await hedge(await missingBase(at, legs, (equity * WAD) / owed));
      }
      expect(Math.abs(await slopeOf(at))).to.be.lessThan(1e-6);
    });

  /** 25 options each, of one kind and in the money; where spot goes, and the most that one of each is worth there. */
  const ONE_SIDED = [
    {
      name: "calls, spot risen",
      all: [2400, 2600, 2800].map((strike) => call(strike)),
      spots: [6000, 30_000, 3_000_000],
      mostOf: (spot: number) => 3 * spot,
    },
    {
      name: "puts, spot fallen",
      all: [3200, 3400, 3600].map((strike) => put(strike)),
      spots: [1500, 300, 3],
      mostOf: () => 3200 + 3400 + 3600,
    },
  ];
  for (const { name, all, spots, mostOf } of ONE_SIDED)
    it(`V9: g stays above nothing with everything in the money on one side: ${name}`, async () => {
      for (const series of all) await trade(market, market.trader, [leg(series, 25)]);
      const at = cutOffIn(2) + 30;
      await settleExpiry(market, expiryIn(2), 3000);
      for (const spot of spots) {
        const moved = encodeReport(sampleReport({ at, spot: BigInt(spot) * WAD, tenors: tenorsAt(at) }));
        const mark = await market.book.mark!(moved);
        expect(mark.equity).to.be.greaterThan(0n);
        // Clamped to what cover pays: never above spot for each call, nor above its strike for a put.
        expect(mark.liability).to.be.at.most(25n * BigInt(mostOf(spot)) * WAD);
      }
      const posted = await report(market, at, { spot: spots[0]! });
      const { result } = await expectClosed(market, posted, await shadowOf(market, posted));
      expect(result.factor).to.be.within(WAD / 2n, (WAD * 99n) / 100n);
      // In the same proportion, but for each side's own rent.
      for (const side of SIDES) {
        expect(result[side].claimAfter).to.be.lessThan(result[side].claimBefore);
        expect(result[side].claimAfter - result[side].rent).to.be.closeTo(
          (result[side].claimBefore * result.factor) / WAD,
          10n ** 6n,
        );
      }
    });

  it("V2, V4: goes on with one tranche as good as empty, and pays the other out", async () => {
    const seed = { base: WAD / 5n, quote: 600n * UNIT };
    market = await openVault({ seed, brought: { base: 100n * WAD, quote: 0n } });
    const { trader, tranches } = market;
    await trade(market, trader, [leg(call(3400), 0.05)]);
    const held: bigint = await tranches.base.balanceOf!(trader);
    await requestRedeem(market, "base", trader, held);
    await settleExpiry(market, expiryIn(2), 3000);
    const posted = await open(market, cutOffIn(2) + 30);
    const { result } = await expectClosed(market, posted, await shadowOf(market, posted));
    expect(result.base.redeemShares).to.equal(held);
    expect(result.quote.claimAfter).to.be.closeTo(600n * WAD, 10n * WAD);
    // A supply of next to nothing: one unit of shares and what nobody owns.
    await requestDeposit(market, "base", trader, WAD / 1000n);
    await settleExpiry(market, expiryIn(3), 3000);
    const next = await open(market, cutOffIn(3) + 30);
    const highs = { base: result.base.high, quote: result.quote.high };
    const { result: second } = await expectClosed(market, next, await shadowOf(market, next, highs));
    expect(second.base.mintedShares).to.be.within(((WAD / 1000n) * 9n) / 10n, WAD / 1000n);
  });

  it("closes a tranche to deposits while it lies idle and the other does not", async () => {
    const { trader, tranches, other } = market;
    const shares: bigint = await tranches.quote.balanceOf!(other);
    await requestRedeem(market, "quote", other, (shares * 97n) / 100n);
    await requestDeposit(market, "base", trader, 320n * WAD);
    await settleExpiry(market, expiryIn(2), 3000);
    const first = await open(market, cutOffIn(2) + 30);
    await close(market, first);
    await refreshAll(market);
    for (const strike of [3000, 3200]) await trade(market, trader, [leg(call(strike), 70)]);
    const posted = await report(market, cutOffIn(3) + 1200);
    const { result } = await expectClosed(market, posted, await shadowOf(market, posted));
    expect(result.base.idle * 3n).to.be.greaterThan(result.base.claimAfter * 2n);
    expect(result.quote.idle * 5n).to.be.lessThan(result.quote.claimAfter);
    expect([result.base.depositsOpen, result.quote.depositsOpen]).to.deep.equal([false, true]);
    await expect(requestDeposit(market, "base", trader, WAD)).to.be.revertedWithCustomError(
      tranches.base,
      "Tranche_DepositsClosed",
    );
    await requestDeposit(market, "quote", other, 10n ** 9n);
  });

  it("takes fees as shares, for the time and on what is above the high, from the next epoch on", async () => {
    const { vault, trader, tranches, owner, other } = market;
    const next = {
      unwindVolBps: 50,
      unwindNotionalBps: 5,
      hedgeBps: 9,
      managementBps: 200,
      performanceBps: 2000,
      feeReceiver: owner.address,
    };
    for (const bound of [
      { unwindVolBps: 301 },
      { unwindNotionalBps: 51 },
      { hedgeBps: 51 },
      { managementBps: 201 },
      { performanceBps: 2001 },
      { feeReceiver: ethers.ZeroAddress },
    ])
      await expect(vault.setTerms!({ ...next, ...bound })).to.be.revertedWithCustomError(
        vault,
        "Vault_TermsOutOfRange",
      );
    await expect(as(trader, vault).setTerms!(next)).to.be.revertedWithCustomError(
      vault,
      "AccessManagedUnauthorized",
    );
    await vault.setTerms!(next);
    await trade(market, trader, [leg(call(3000), 30)]);
    await settleExpiry(market, expiryIn(2), 3000);
    const second = await expectClosed2(cutOffIn(2) + 30);
    expect([second.base.feeShares, second.quote.feeShares]).to.deep.equal([0n, 0n]);
    await settleExpiry(market, expiryIn(3), 3000);
    const highs = { base: second.base.high, quote: second.quote.high };
    const third = await open(market, cutOffIn(3) + 30);
    const shadow = await shadowOf(market, third, highs, { markedAt: cutOffIn(2) + 30 });
    const { result } = await expectClosed(market, third, shadow);
    for (const side of SIDES) {
      expect(await tranches[side].balanceOf!(owner)).to.equal(result[side].feeShares);
      const { supply } = await stateOf(market);
      const aDay = (supply[side] * 2n) / 100n / 365n;
      expect(result[side].feeShares).to.be.at.least(aDay - 1n);
      // The performance fee is a fifth of what is above the high, at most.
      const value = (result[side].feeShares - aDay) * result[side].navMid;
      const risen =
        result[side].navMid > highs[side] ? (result[side].navMid - highs[side]) * supply[side] : 0n;
      expect(value).to.be.at.most(risen / 3n + aDay * WAD);
    }
    expect(await claimShares(market, "base", other)).to.equal(0n);
  });

  async function expectClosed2(at: number) {
    const posted = await open(market, at);
    const { result } = await expectClosed(market, posted, await shadowOf(market, posted));
    return result;
  }

  it("V6: an epoch costs the same however many wait", async () => {
    const { tranches, owner } = market;
    const gas: bigint[] = [];
    const snapshot = await networkHelpers.takeSnapshot();
    for (const users of [1, 40]) {
      for (let i = 0; i < users; i++) {
        const controller = ethers.Wallet.createRandom().address;
        await tranches.base.requestDeposit!((40n * WAD) / BigInt(users), controller, owner);
      }
      await settleExpiry(market, expiryIn(2), 3000);
      const receipt = await close(market, await open(market, cutOffIn(2) + 30));
      gas.push(receipt.gasUsed);
      await snapshot.restore();
    }
    expect(Number(gas[1]! - gas[0]!)).to.be.closeTo(0, 50);
  });

  it("V8: counts no pending deposit and no claim that waits", async () => {
    const { book, other, trader } = market;
    const posted = await report(market, cutOffIn(1) + 600);
    const before = await book.mark!(posted);
    await requestDeposit(market, "base", trader, 50n * WAD);
    await requestRedeem(market, "quote", other, 10n ** 10n);
    expect([...(await book.mark!(posted))]).to.deep.equal([...before]);
    await settleExpiry(market, expiryIn(2), 3000);
    const next = await open(market, cutOffIn(2) + 30);
    const marked = await book.mark!(next);
    const receipt = await close(market, next);
    const { result } = eventsOf(market.vault, receipt).find(({ name }) => name === "EpochClosed")!.args;
    expect(result.quote.paidAssets).to.be.greaterThan(0n);
    // What is paid and not claimed is out of the account already; what came in is in.
    const after = await book.mark!(next);
    expect(after.base - marked.base).to.equal(50n * WAD);
    expect(marked.quote - after.quote).to.equal(result.quote.paidAssets * QUOTE_UNIT);
  });
});

import type { EncodedReport } from "@meniscus/sdk/report";
import { expect } from "chai";
import {
  type Account,
  as,
  call,
  ethers,
  expiryIn,
  leg,
  networkHelpers,
  put,
  refreshAll,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { expectClosed, shadowOf } from "../../support/vault/agreement.ts";
import {
  BROUGHT,
  claimAssets,
  claimShares,
  cutOffIn,
  open,
  openVault,
  requestDeposit,
  requestRedeem,
  running,
  SIDES,
  type Side,
  settleExpiry,
  stateOf,
  UNIT,
  type VaultMarket,
} from "../../support/vault/market.ts";
import { uniform } from "../pricing/points.ts";

const SEED = BigInt(process.env.MENISCUS_SEED ?? 8);
const SEQUENCES = Number(process.env.MENISCUS_SEQUENCES ?? (process.env.MENISCUS_DEEP === "1" ? 40 : 3));
const EPOCHS = 5;
const TENORS_TRADED = [25, 88];
const STRIKES_TRADED = [2600, 2800, 3000, 3200, 3400];

/** One run of days: trades, requests, cancels and claims at random, an epoch's end each day. */
class Days {
  readonly market: VaultMarket;
  readonly next: () => number;
  readonly people: Account[];
  spot = 3000;
  highs: Record<Side, bigint> = { base: WAD, quote: WAD };
  markedAt = 0;
  counts = { trades: 0, refused: 0, requests: 0, epochs: 0, partial: 0, paid: 0, entered: 0 };

  constructor(market: VaultMarket, seed: bigint) {
    this.market = market;
    this.next = uniform(seed);
    this.people = [market.trader, market.other, market.owner];
  }
  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!;
  }

  async day(day: number) {
    const { market } = this;
    await open(market, cutOffIn(day) - 20 * 3600, { spot: this.spot });
    for (let i = 0; i < 8; i++) await this.#trade();
    for (let i = 0; i < 5; i++) await this.#request();
    this.spot = Math.round(this.spot * (0.95 + 0.1 * this.next()));
    await settleExpiry(market, expiryIn(day), this.spot);
    const at = cutOffIn(day) + 30;
    const posted = await open(market, at, { spot: this.spot });
    if (this.next() < 0.3) await this.#sellBack();
    await this.#end(posted, at);
    for (const person of this.people)
      for (const side of SIDES) {
        await claimShares(market, side, person);
        await claimAssets(market, side, person);
      }
  }

  async #trade() {
    const { market } = this;
    await networkHelpers.mine();
    const series = (this.next() < 0.5 ? call : put)(
      this.pick(STRIKES_TRADED),
      expiryIn(this.pick(TENORS_TRADED)),
    );
    const amount = this.next() < 0.75 ? 10 + Math.floor(this.next() * 60) : -1;
    if (amount < 0 && (await market.clearinghouse.balanceOf!(market.trader, series)) < WAD) return;
    if ((await market.pool.quote!([leg(series, amount)])).refusal !== 0n) {
      this.counts.refused++;
      return;
    }
    await trade(market, market.trader, [leg(series, amount)]);
    this.counts.trades++;
  }

  /** Nothing opens any more, but what was bought goes back. */
  async #sellBack() {
    const { market } = this;
    for (const strike of STRIKES_TRADED) {
      const series = call(strike);
      const held: bigint = await market.clearinghouse.balanceOf!(market.trader, series);
      if (held < WAD) continue;
      await trade(market, market.trader, [{ series, amount: -held / 2n }]);
      return;
    }
  }

  async #request() {
    const { market } = this;
    const [side, person] = [this.pick(SIDES), this.pick(this.people)];
    const tranche = as(person, market.tranches[side]);
    const dice = this.next();
    const { depositsOpen } = await market.tranches[side].queue!();
    this.counts.requests++;
    if (dice < 0.45) {
      const assets =
        BigInt(1 + Math.floor(this.next() * 40)) * (side === "base" ? WAD / market.scale.base : 3000n * UNIT);
      if (depositsOpen) await requestDeposit(market, side, person, assets);
      return;
    }
    const held: bigint = await tranche.balanceOf!(person);
    const shares = (held * BigInt(Math.floor(this.next() * 1000))) / 1000n;
    if (dice < 0.9) {
      if (shares > WAD / 1000n / market.scale[side] && shares > UNIT)
        await requestRedeem(market, side, person, shares);
      return;
    }
    if ((await tranche.pendingRedeemRequest!(0, person)) > 0n) {
      await tranche.cancelRedeemRequest!(0, person);
      await tranche.claimCancelRedeemRequest!(0, person, person);
    }
  }

  async #end(posted: EncodedReport, at: number) {
    const { market } = this;
    const timing = this.markedAt === 0 ? {} : { markedAt: this.markedAt };
    const expected = await shadowOf(market, posted, this.highs, timing);
    const before = await stateOf(market);
    const waiting = {
      base: (await market.tranches.base.queue!()).redeemShares as bigint,
      quote: (await market.tranches.quote.queue!()).redeemShares as bigint,
    };
    const { result } = await expectClosed(market, posted, expected);
    await this.#expectInvariants(posted, result, before);
    this.markedAt = at;
    this.counts.epochs++;
    for (const side of SIDES) {
      this.highs[side] = result[side].high;
      if (result[side].redeemShares < waiting[side]) this.counts.partial++;
      if (result[side].paidAssets > 0n) this.counts.paid++;
      if (result[side].depositAssets > 0n) this.counts.entered++;
    }
    await networkHelpers.mine();
    await refreshAll(market);
  }

  /** What must hold after an epoch's end, from its event and the state. */
  // biome-ignore lint/suspicious/noExplicitAny: the decoded event is not typed by ABI.
  async #expectInvariants(posted: EncodedReport, result: any, before: Awaited<ReturnType<typeof stateOf>>) {
    const { market } = this;
    const after = await stateOf(market);
    const marked = await market.book.mark!(posted);
    // V9: what the book is worth now, with all that its reserve keeps, is what it owes.
    const owed = (after.claimBase * marked.spot) / WAD + after.claimQuote;
    expect(after.reserve, "reserve").to.equal(result.mark.reserve).and.at.most(before.reserve);
    const worth = marked.equity + marked.reserve - after.reserve;
    expect(worth - owed, "b S + q = E").to.be.within(-(10n ** 9n), 10n ** 13n);
    for (const side of SIDES) {
      const { navEntry, navMid, navExit, redeemShares, paidAssets, mintedShares, depositAssets } =
        result[side];
      expect(navEntry >= navMid && navMid >= navExit, "V4").to.equal(true);
      expect(redeemShares > 0n, "V2").to.equal(paidAssets > 0n);
      expect(mintedShares > 0n, "V2").to.equal(depositAssets > 0n);
      const nav = (after.claims[side] * WAD) / ((after.supply[side] + 1000n) * market.scale[side]);
      const unit = side === "base" ? 10n ** 9n : 10n ** 12n;
      const rounding = (unit * WAD) / (after.supply[side] * market.scale[side]) + 2n;
      expect(nav + rounding, "V3").to.be.at.least(navMid);
      // V12: what was paid left enough for a hedge, by the sums or by the need.
      if (paidAssets <= depositAssets) continue;
      const sum = side === "base" ? after.baseSum : after.quoteSum;
      const { base, quote } = await market.book.need!();
      const most = (side === "base" ? [...base] : [...quote]).reduce((top, one) => (one > top ? one : top));
      expect((sum < most ? sum : most) <= after.claims[side] + unit, "V12").to.equal(true);
    }
    // V8: the tranches hold what they owe to those who wait, apart from the book.
    for (const side of SIDES) {
      const { depositAssets, claimableAssets } = await market.tranches[side].queue!();
      const held: bigint = await market.tokens[side].balanceOf!(market.tranches[side]);
      expect(held).to.be.at.least(depositAssets + claimableAssets);
    }
  }
}

describe("LiquidityVault: both tranches beside a shadow of them", function () {
  this.timeout(0);

  /** What came to pass over {@link EPOCHS} days; a failure names the seed. */
  async function play(market: VaultMarket, seed: bigint): Promise<Days["counts"]> {
    for (const side of SIDES) await market.tokens[side].approve!(market.tranches[side], ethers.MaxUint256);
    const days = new Days(market, seed);
    try {
      for (let day = 2; day < 2 + EPOCHS; day++) await days.day(day);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
    expect(days.counts.epochs).to.equal(EPOCHS);
    return days.counts;
  }

  it(`agrees to the unit over ${EPOCHS} days at random, which pay in part and in full and take in`, async () => {
    const totals: Record<string, number> = {};
    for (let i = 0; i < SEQUENCES; i++)
      for (const [name, count] of Object.entries(await play(await running(), SEED * 1000n + BigInt(i))))
        totals[name] = (totals[name] ?? 0) + count;
    const told = Object.entries(totals).map(([name, count]) => `${count} ${name}`);
    console.log(`        ${SEQUENCES} sequences from seed ${SEED}: ${told.join(", ")}`);
    for (const name of ["trades", "partial", "paid", "entered"])
      expect(totals[name], name).to.be.greaterThan(0);
  });

  it(`and with a base of 8 decimals (seed ${SEED * 1000n})`, async () => {
    const assets = { base: BROUGHT.base / 10n ** 10n, quote: BROUGHT.quote };
    const counts = await play(
      await openVault({ baseDecimals: 8, seed: assets, brought: assets }),
      SEED * 1000n,
    );
    expect(counts.trades).to.be.greaterThan(0);
  });
});

import { expect } from "chai";
import {
  call,
  expiryIn,
  leg,
  networkHelpers,
  post,
  put,
  refreshAll,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { renewFeeds } from "../../support/pool/situations.ts";
import { readBook } from "../../support/pool/words.ts";
import {
  ALL,
  absolute,
  expectPlanIsTrue,
  fill,
  fillOnUniswap,
  HEDGER_PARAMETERS,
  type Hedged,
  type HedgeMarket,
  type Plan,
  PPM,
  planAt,
  readyToHedge,
  renew,
  tick,
  toWad,
} from "../../support/vault/hedge.ts";
import { uniform } from "../pricing/points.ts";

const isDeep = process.env.MENISCUS_DEEP === "1";
const SEQUENCES = Number(process.env.MENISCUS_SEQUENCES ?? (isDeep ? 60 : 3));
const STEPS = 40;
const SEED = BigInt(process.env.MENISCUS_SEED ?? 11);
const FAR = expiryIn(88);
const SERIES = [2600, 3000, 3400].flatMap((strike) => [
  call(strike),
  put(strike),
  call(strike, FAR),
  put(strike, FAR),
]);

/** A random walk of everything that moves a hedge: after each step the plan is compared with what a fill does in the same state. */
class Walk {
  readonly market: HedgeMarket;
  readonly next: () => number;
  readonly seen = new Map<string, number>();
  spot = 3000;
  fills = 0;
  /** Net of hedges since 09:00 UTC, and the day. */
  loss = 0n;
  day = 0;

  constructor(market: HedgeMarket, seed: bigint) {
    this.market = market;
    this.next = uniform(seed);
  }
  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!;
  }
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  async step(): Promise<void> {
    const { market } = this;
    const kinds: [number, () => Promise<unknown>][] = [
      [0.25, () => this.#trade()],
      [0.45, () => this.#move()],
      [0.5, () => this.#report()],
      [0.55, () => networkHelpers.time.increase(Math.round(this.next() < 0.2 ? 700 : this.between(1, 90)))],
      [0.6, () => this.#open()],
      [0.68, () => this.#money()],
      [0.7, async () => market.vault.mark!(await this.#renewed())],
      [1, () => this.#fill()],
    ];
    const die = this.next();
    await kinds.find(([below]) => die < below)![1]();
    const plan = await expectPlanIsTrue(market);
    this.seen.set(plan.obstacle, (this.seen.get(plan.obstacle) ?? 0) + 1);
    await networkHelpers.mine();
  }

  async #renewed() {
    await renew(this.market, this.spot);
    return post(this.market, { at: (await networkHelpers.time.latest()) + 1, spot: toWad(this.spot) });
  }

  async #trade(): Promise<void> {
    const { market } = this;
    const series = this.pick(SERIES);
    const held: bigint = await market.clearinghouse.balanceOf!(market.trader, series);
    const amount =
      held > 10n ** 18n && this.next() < 0.4 ? -Number(held / 10n ** 15n) / 1000 : this.between(0.5, 40);
    await tick();
    const { refusal } = await market.pool.quote!([leg(series, amount)], { blockTag: "pending" });
    if (refusal === 0n) await trade(market, market.trader, [leg(series, amount)]);
  }

  /** Spot goes on, half of the time with the feed. */
  async #move(): Promise<void> {
    this.spot = Math.max(2500, Math.min(3500, this.spot * (1 + this.between(-0.008, 0.008))));
    const now = await networkHelpers.time.latest();
    if (this.next() < 0.8)
      await renewFeeds(this.market, now + 1, BigInt(Math.round(this.spot * 1e4)) * (USD / 10_000n));
    if (this.next() < 0.9) await renew(this.market, this.spot);
  }

  /** A report alone, somewhere else: what the book and the feed have seen may be too far away. */
  async #report(): Promise<void> {
    this.spot *= 1 + this.between(-0.025, 0.025);
    await post(this.market, { at: (await networkHelpers.time.latest()) + 1, spot: toWad(this.spot) });
    if (this.next() < 0.5) {
      await networkHelpers.mine();
      await refreshAll(this.market);
    }
  }

  async #open(): Promise<void> {
    const { hedger } = this.market;
    const { obstacle } = await planAt(this.market);
    if (["None", "InsideBand", "NoFreeBase", "NoFreeQuote"].includes(obstacle)) await hedger.open!();
    else await expect(hedger.open!()).to.be.revertedWithCustomError(hedger, "Hedger_Refused");
  }

  /** The owner takes free money out, nearly all of it now and then, or brings some. */
  async #money(): Promise<void> {
    const { vault, clearinghouse, book, owner, baseToken, quoteToken } = this.market;
    const [token, unit] = this.next() < 0.5 ? [baseToken, WAD] : [quoteToken, 3000n * 10n ** 6n];
    const [balance, locked] = (await clearinghouse.collateral!(book, token)) as [bigint, bigint];
    if (this.next() < 0.5) {
      await vault.fund!(token, unit * BigInt(Math.round(this.between(1, 60))));
      await vault.mark!(await this.#renewed());
      await networkHelpers.mine();
      await renew(this.market, this.spot);
    } else {
      const share = BigInt(Math.round(this.next() < 0.3 ? 1000 : this.between(0, 300)));
      await vault.withdraw!(token, ((balance - locked) * share) / 1000n, owner).catch(() => undefined);
    }
  }

  /** H1, H2, H3, H8 of one fill, of any part of the plan, by either filler. */
  async #fill(): Promise<void> {
    const { market } = this;
    const { book, clearinghouse, baseToken, quoteToken } = market;
    if (this.next() < 0.7) await renew(market, this.spot);
    const plan = await planAt(market);
    if (plan.obstacle !== "None") return;
    const sizes = [
      plan.minimum,
      absolute(plan.amount),
      plan.minimum +
        ((absolute(plan.amount) - plan.minimum) * BigInt(Math.round(this.between(0, 1000)))) / 1000n,
    ];
    const amount = (plan.amount > 0n ? 1n : -1n) * this.pick([...sizes, ALL]);
    const { reserve } = await readBook(market);
    const before = (
      await Promise.all([baseToken, quoteToken].map((token) => clearinghouse.collateral!(book, token)))
    ).flatMap((pair) => [...pair]) as bigint[];
    let hedged: Hedged;
    if (this.next() < 0.3) {
      const filled = await fillOnUniswap(market, amount).catch(() => undefined);
      if (filled === undefined) return;
      hedged = filled;
    } else hedged = await fill(market, amount);
    this.fills += 1;
    const after = (
      await Promise.all([baseToken, quoteToken].map((token) => clearinghouse.collateral!(book, token)))
    ).flatMap((pair) => [...pair]) as bigint[];
    await this.#check(plan, hedged, before, after, reserve);
  }

  async #check(
    plan: Plan,
    hedged: Hedged,
    before: bigint[],
    after: bigint[],
    reserve: bigint,
  ): Promise<void> {
    const { base, quote, price, spot, cost, deltaBefore, deltaAfter } = hedged;
    const bound = BigInt(HEDGER_PARAMETERS.boundPpm);
    // H1: the price at the plan's or later on its way, never beyond the bound.
    if (base > 0n) expect(price * PPM <= spot * (PPM + bound)).to.equal(true);
    else expect(price * PPM >= spot * (PPM - bound)).to.equal(true);
    expect(cost * PPM <= ((absolute(base) * spot) / WAD) * bound + 3n * 10n ** 18n).to.equal(true);
    // H2: the account has changed by the fill, and what is locked not at all.
    expect(after[0]! - before[0]!).to.equal(base);
    expect((after[2]! - before[2]!) * 10n ** 12n).to.equal(quote);
    expect([after[1], after[3]]).to.deep.equal([before[1], before[3]]);
    // H3: nearer to zero, and not across the edge.
    expect(deltaAfter).to.equal(deltaBefore + base);
    expect(absolute(deltaAfter) < absolute(deltaBefore)).to.equal(true);
    expect(absolute(deltaAfter) >= plan.band && deltaAfter > 0n === deltaBefore > 0n).to.equal(true);
    // H8: what is reserved is still there, over what is locked.
    expect(after[0]! >= after[1]!).to.equal(true);
    if (base > 0n) expect((after[2]! - after[3]!) * 10n ** 12n >= reserve).to.equal(true);
    const day = Math.floor(((await networkHelpers.time.latest()) - 9 * 3600) / 86_400);
    // The loss goes by the feed's spot or the report's, whichever makes it larger.
    const { low, high } = (await this.market.spot.read!(1)).opening;
    const given = -base * (base > 0n ? low : high) - quote * WAD;
    const loss = (given > 0n ? (given - 1n) / 10n ** 30n + 1n : given / 10n ** 30n) * 10n ** 12n;
    this.loss = day === this.day ? this.loss + loss : loss;
    this.day = day;
    expect(await this.market.hedger.epochLoss!()).to.equal(this.loss);
  }
}

describe("DeltaHedger: a walk through random states", function () {
  this.timeout(0);

  it("H1 H2 H3 H4 H8 hold after every step, and the plan tells the truth in every state", async () => {
    const seen = new Map<string, number>();
    let fills = 0;
    for (let i = 0; i < SEQUENCES; i++) {
      const walk = new Walk(await readyToHedge(), SEED * 1000n + BigInt(i));
      for (let step = 0; step < STEPS; step++) await walk.step();
      for (const [name, count] of walk.seen) seen.set(name, (seen.get(name) ?? 0) + count);
      fills += walk.fills;
    }
    console.log(
      `        ${SEQUENCES} walks of ${STEPS} steps, ${fills} fills; plans: ${[...seen].map(([name, count]) => `${count} ${name}`).join(", ")}`,
    );
    expect(fills).to.be.greaterThan(0);
    expect(seen.get("None") ?? 0).to.be.greaterThan(0);
  });
});

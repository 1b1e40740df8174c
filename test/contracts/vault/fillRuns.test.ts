/**
 * Epoch after epoch in which nine tenths of what waits to leave are filled, and now and then all of it, by the genuine vault over options
 * that keep the rest in: every request against the queue by brute force.
 */
import { expect } from "chai";
import { type Account, call, leg, trade, WAD } from "../../support/pool/fixture.ts";
import { eventsOf } from "../../support/pool/words.ts";
import { expiryIn } from "../../support/surface.ts";
import type { EpochResult } from "../../support/vault/agreement.ts";
import {
  claimAssets,
  claimShares,
  close,
  cutOffIn,
  open,
  openVault,
  requestDeposit,
  requestRedeem,
  UNIT,
  type VaultMarket,
} from "../../support/vault/market.ts";
import { ShadowQueue } from "../../support/vault/shadow.ts";

const EPOCHS = 40;
/** The options that keep base in live no longer than an expiry does, so a deep run is many of {@link EPOCHS} one after another. */
const RUNS = process.env.MENISCUS_DEEP === "1" ? 25 : 1;
/** Every so many epochs all that waits is filled. */
const FULL_EVERY = 9;
/** The first days, until the limits of openings know what providers brought. */
const FIRST_DAY = 6;
const SIZE = 20n * WAD;

class Run {
  readonly market: VaultMarket;
  readonly users: Account[];
  readonly shadow = new ShadowQueue();
  readonly spare: number;
  idle = 0n;
  nav = WAD;
  counts = { nearNineTenths: 0, full: 0, other: 0, claims: 0 };

  constructor(market: VaultMarket, spare: number) {
    this.market = market;
    this.spare = spare;
    this.users = [market.trader, market.other, market.owner];
  }

  /** One asks in, all others ask out what they have, the epoch ends, and some claim. */
  async epoch(day: number): Promise<void> {
    const { market, shadow, users } = this;
    const tranche = market.tranches.base;
    const entering = users[day % 3]!;
    for (const user of users) {
      await claimShares(market, "base", user);
      const held: bigint = await tranche.balanceOf!(user);
      if (user === entering || held < WAD / 1000n) continue;
      await requestRedeem(market, "base", user, held);
      shadow.add(user.address, held);
    }
    const waiting: bigint = (await tranche.queue!()).redeemShares;
    const worth = (waiting * this.nav) / WAD;
    const isFull = day % FULL_EVERY === 0;
    const wanted = isFull ? (worth * 11n) / 10n : (worth * 9n) / 10n;
    if (wanted > this.idle + SIZE / 1000n) await requestDeposit(market, "base", entering, wanted - this.idle);
    await this.#end(day, waiting);
    const claimer = users[(day + this.spare) % 3]!;
    if (day % 4 === 0) await this.#claim(claimer);
    await this.check();
  }

  async #end(day: number, waiting: bigint): Promise<void> {
    const { market, shadow } = this;
    const receipt = await close(market, await open(market, cutOffIn(day) + 30));
    const { base } = eventsOf(market.vault, receipt).find(({ name }) => name === "EpochClosed")!.args
      .result as EpochResult;
    shadow.fill(base.redeemShares, base.paidAssets, waiting);
    const [held, locked] = (await market.clearinghouse.collateral!(
      market.book,
      market.baseToken,
    )) as bigint[];
    const free = held! - locked!;
    [this.idle, this.nav] = [free < base.idle ? free : base.idle, base.navExit];
    // V2, V3, V4.
    expect(base.paidAssets > 0n).to.equal(base.redeemShares > 0n);
    expect(base.navEntry >= base.navMid && base.navMid >= base.navExit).to.equal(true);
    const supply: bigint = await market.tranches.base.totalSupply!();
    const staying = (base.claimAfter * WAD) / (supply + 1000n);
    expect(staying + (WAD * WAD) / (supply + 1000n)).to.be.at.least(base.navMid);
    if (waiting === 0n) return;
    const part = (base.redeemShares * 1000n) / waiting;
    if (part === 1000n) this.counts.full++;
    else if (part >= 850n && part <= 950n) this.counts.nearNineTenths++;
    else this.counts.other++;
  }

  async #claim(user: Account): Promise<void> {
    const claimable: bigint = await this.market.tranches.base.maxRedeem!(user);
    const assets = await claimAssets(this.market, "base", user);
    if (assets === 0n) return;
    this.shadow.claim(user.address, claimable, assets);
    this.counts.claims++;
  }

  /** V5, V8. */
  async check(): Promise<void> {
    const { shadow } = this;
    const tranche = this.market.tranches.base;
    let [pending, payable] = [0n, 0n];
    for (const { address } of this.users) {
      const [waits, claimable, paid] = (await Promise.all([
        tranche.pendingRedeemRequest!(0, address),
        tranche.claimableRedeemRequest!(0, address),
        tranche.maxWithdraw!(address),
      ])) as [bigint, bigint, bigint];
      const slack = shadow.slackOf(address);
      expect(shadow.pendingOf(address) - waits, "pending").to.be.within(0n, slack);
      expect(shadow.paidOf(address) - paid, "paid").to.be.within(0n, 3n * slack);
      if (claimable > 0n) expect(waits + claimable).to.equal(shadow.of(address).open);
      [pending, payable] = [pending + waits, payable + paid];
    }
    const queue = await tranche.queue!();
    expect(pending).to.be.at.most(queue.redeemShares);
    expect(payable).to.be.at.most(queue.claimableAssets);
    expect(await this.market.tokens.base.balanceOf!(tranche)).to.equal(
      queue.depositAssets + queue.claimableAssets,
    );
  }

  /** All claim what is theirs at the end. */
  async finish(): Promise<void> {
    for (const user of this.users) await this.#claim(user);
    await this.check();
  }
}

/** The vault with options of base out, so that little of what its providers brought is idle. */
async function occupied(): Promise<VaultMarket> {
  const seed = { base: 20n * WAD, quote: 60_000n * UNIT };
  const brought = { base: 60n * WAD, quote: 600_000n * UNIT };
  const market = await openVault({ tenors: [88], seed, brought });
  for (let day = 2; day < FIRST_DAY; day++) await close(market, await open(market, cutOffIn(day) + 30));
  await market.book.refresh!([expiryIn(88)]);
  for (let i = 0; i < 6; i++) await buySome(market);
  return market;
}

async function buySome(market: VaultMarket): Promise<void> {
  const legs = [leg(call(2800, expiryIn(88)), 5)];
  if ((await market.pool.quote!(legs)).refusal === 0n) await trade(market, market.trader, legs);
}

describe("LiquidityVault: epoch after epoch of partial fills", function () {
  this.timeout(0);

  for (let spare = 0; spare < RUNS; spare++)
    it(`V2 V3 V5 V8: ${EPOCHS} epochs of nine tenths and of all, to the unit of brute force (${spare + 1} of ${RUNS})`, async () => {
      const run = new Run(await occupied(), spare);
      for (let day = FIRST_DAY; day < FIRST_DAY + EPOCHS; day++) await run.epoch(day);
      await run.finish();
      const told = Object.entries(run.counts).map(([name, count]) => `${count} ${name}`);
      console.log(`        ${told.join(", ")}; ${run.shadow.fills} fills`);
      expect(run.counts.nearNineTenths).to.be.at.least(EPOCHS / 2);
      expect(run.counts.full).to.be.at.least(2);
      expect(run.counts.claims).to.be.at.least(3);
    });
});

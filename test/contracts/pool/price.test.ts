import { expect } from "chai";
import fc from "fast-check";
import { absolute, ONE } from "../../../scripts/coefficients/real.ts";
import { answers } from "../../support/oracle/fixture.ts";
import {
  call,
  leg,
  MARKET,
  type Market,
  networkHelpers,
  openMarket,
  post,
  put,
  quote,
  READY,
  REFUSALS,
  ready,
  refreshAll,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { referenceOf } from "../../support/pool/onChain.ts";
import { LISTED, randomLegs } from "../../support/pool/random.ts";
import { type ReferencePrice, realToWad, referencePrice } from "../../support/pool/reference.ts";
import { type Legs, pend, quoteAt, renewFeeds } from "../../support/pool/situations.ts";
import { readBook } from "../../support/pool/words.ts";

const TRADES_PER_STATE = 16;
/** A part may lie this far from the reals: cuts of its steps, WAD per option of the trade. */
const NEAR = 10n ** 9n;
/** An exposure of which the digits lie at the edge of its cut may be cut to the next unit: what the allowance is for. */
const CUT = 10n ** 11n;
/** A reward is cut to whole units of the reserve. */
const REWARD = 10n ** 12n;
const PARTS = ["value", "impact", "spread", "fee", "rentBase", "rentQuote"] as const;

const near = (mine: bigint, real: bigint, most: bigint) => absolute(mine - realToWad(real)) <= most;
/** For a reward: not above the real one, and less by its cut at most. */
const nearImpact = (mine: bigint, real: bigint, most: bigint) =>
  near(mine, real, most) ||
  (real < 0n && mine - realToWad(real) >= -most && mine - realToWad(real) < REWARD + most);

/** Compares a quote with the reference, part by part; true where the trade is priced as a whole. */
async function compare(market: Market, legs: Legs): Promise<boolean> {
  const at = (await networkHelpers.time.latest()) + 1;
  const reference: ReferencePrice = referencePrice(await referenceOf(market, legs, at));
  const quoted = await quoteAt(market, legs, at);
  const size = legs.reduce((sum, { amount }) => sum + absolute(amount), 0n);
  const most = NEAR + (NEAR * size) / WAD;
  const cost = realToWad(reference.cost);
  // Rounded up to assets, and no part of a trade is further off.
  const up = (wad: bigint) => (wad > 0n ? (wad + 10n ** 12n - 1n) / 10n ** 12n : wad / 10n ** 12n);
  const cut = reference.impact < 0n ? REWARD : 0n;
  const name = legs.map(({ series, amount }) => `${amount} of ${series}`).join();
  if (!quoted.isFloor)
    expect(quoted.cost, name).to.be.within(up(cost - most - CUT), up(cost + most + CUT + cut));
  const isWhole = reference.paidShare === ONE && !quoted.isFloor && quoted.cost !== 0n;
  if (!isWhole) return false;
  for (const part of PARTS) {
    const isNear = part === "impact" ? nearImpact : near;
    const [mine, real] = [quoted.parts[part], reference[part]];
    expect(
      isNear(mine, real, part === "impact" ? most + 2n * CUT : most),
      `${part}: ${mine} against ${realToWad(real)}`,
    ).to.equal(true);
  }
  return true;
}

describe("OptionPool: the price against the reference of 192 digits", () => {
  const seen = { whole: 0, rewards: 0 };

  /** Random legs, of which what is sold may be held or not: a quote does not ask. */
  async function compareMany(market: Market, seed: number, most: number, runs = TRADES_PER_STATE) {
    for (const legs of fc.sample(randomLegs({ most, legs: 4 }), { numRuns: runs, seed })) {
      const { refusal, parts } = await quoteAt(market, legs);
      if (!["None", "SaleBeyondValue"].includes(REFUSALS[Number(refusal)]!)) continue;
      if (parts.impact < 0n) seen.rewards += 1;
      if (await compare(market, legs)) seen.whole += 1;
    }
  }

  /** A book with positions, made by trades; refreshed or not. */
  async function troubled(seed: number, isFresh: boolean) {
    const market = await ready();
    for (const legs of fc.sample(randomLegs({ most: 15, legs: 3 }), { numRuns: 12, seed })) {
      const buys = legs.map(({ series, amount }) => ({ series, amount: absolute(amount) }));
      if ((await quote(market, buys)).refusal === 0n) await trade(market, market.trader, buys);
    }
    // Some of it sold back, so that there is a reserve and both signs.
    for (const { series } of LISTED.slice(0, 12)) {
      const held: bigint = await market.clearinghouse.balanceOf!(market.trader, series);
      if (held > 0n) await trade(market, market.trader, [{ series, amount: -held }]);
    }
    await networkHelpers.mine();
    if (isFresh) await refreshAll(market);
    return market;
  }

  it("the quote is the reference's on an empty book", async () => {
    const market = await ready();
    await compareMany(market, 1, 20);
    await compareMany(market, 2, 0.05);
    await compareMany(market, 3, 150);
  });

  for (const seed of [101, 202, 303]) {
    it(`the quote is the reference's on a book made by trades, refreshed or as the trades left it (${seed})`, async () => {
      await compareMany(await troubled(seed, false), seed + 1, 20);
      await compareMany(await troubled(seed, true), seed + 2, 40);
    });
  }

  it("the quote is the reference's with two spots, an old signed one and a feed alone, in the hours of both vols", async () => {
    const market = await troubled(404, true);
    await market.baseFeed.transmit(3012n * USD);
    const at = (await networkHelpers.time.latest()) + 60;
    await post(market, { at, spot: 2995n * WAD });
    expect((await answers(market.spot)).opening.low).to.not.equal((await answers(market.spot)).opening.high);
    await compareMany(market, 5, 10);
    await networkHelpers.time.increaseTo(at + 60); // the signed spot is too old to count
    await compareMany(market, 6, 10);
    const busy = Math.floor(READY / 86_400) * 86_400 + 14 * 3600;
    await renewFeeds(market, busy, 3001n * USD);
    await post(market, { at: busy + 20 });
    await refreshAll(market);
    await compareMany(market, 7, 10);
  });

  it("the quote is the reference's with different equities, pending withdrawals and a spent epoch", async () => {
    const market = await troubled(505, true);
    const report = await post(market, { at: (await networkHelpers.time.latest()) + 30 });
    await market.vault.fund!(market.quoteToken, 300_000n * 10n ** 6n);
    await market.vault.mark!(report);
    await pend(market, 30n * WAD, 100_000n * WAD);
    await refreshAll(market);
    await compareMany(market, 8, 30);
    await compareMany(market, 9, 0.5);
  });

  it("the quote is the reference's where more than four fifths of either claim is used, and rent rises faster", async () => {
    const market = await ready();
    const { vault, owner, baseToken, quoteToken } = market;
    for (const series of [call(2800), put(3200)]) await trade(market, market.trader, [leg(series, 15)]);
    const { baseSum, quoteSum, claimBase, claimQuote } = await readBook(market);
    await vault.withdraw!(baseToken, claimBase - (baseSum * 10n) / 9n, owner);
    await vault.withdraw!(quoteToken, (claimQuote - (quoteSum * 20n) / 19n) / market.scale.quote, owner);
    const report = await post(market, { at: (await networkHelpers.time.latest()) + 30 });
    await networkHelpers.mine();
    await vault.mark!(report);
    await networkHelpers.mine();
    await refreshAll(market);
    const { baseUse, quoteUse } = await readBook(market);
    for (const use of [baseUse, quoteUse]) expect(use).to.be.within((82n * WAD) / 100n, (98n * WAD) / 100n);
    await compareMany(market, 11, 0.5);
  });

  it("the quote is the reference's in the block of a post, by the worse of the two surfaces", async () => {
    const market = await troubled(606, true);
    const vols = [0.62, 0.58, 0.61];
    for (const [i, legs] of fc.sample(randomLegs({ most: 8, legs: 4 }), { numRuns: 3, seed: 10 }).entries()) {
      const at = (await networkHelpers.time.latest()) + 20;
      // Two spots in the last of them: four values of a leg.
      await post(market, { at, vol: vols[i]!, ...(i === 2 && { spot: 2997n * WAD }) });
      const { opening } = await answers(market.spot);
      expect(opening.low === opening.high).to.equal(i !== 2);
      // A quote on the latest block is one in the block of the post.
      const now = await networkHelpers.time.latest();
      const { previous } = await market.surface.read!(MARKET, LISTED[0]!.expiryAt);
      expect(previous).to.not.equal(0n);
      const reference = referencePrice(await referenceOf(market, legs, now));
      const quoted = await quote(market, legs);
      expect(near(quoted.parts.value, reference.value, NEAR * 40n)).to.equal(true);
    }
    // At the slice before and the higher spot a call is worth most, and at the lower one a put.
    await post(market, { at: (await networkHelpers.time.latest()) + 20, vol: 0.57, spot: 2997n * WAD });
    const now = await networkHelpers.time.latest();
    for (const series of [call(3000), put(3000)]) {
      const legs = [leg(series, 2)];
      const { value } = referencePrice(await referenceOf(market, legs, now));
      expect(near((await quote(market, legs)).parts.value, value, NEAR * 40n)).to.equal(true);
    }
  });

  it("the quote and the reference are nothing for a sale that would owe more rent than it brings", async () => {
    const market = await openMarket({ vol: 0.2 });
    for (const series of [put(2400), call(3600), call(3800)])
      for (const amount of [1, 20, 120]) {
        expect(await compare(market, [leg(series, -amount)])).to.equal(false);
        const { cost, parts } = await quoteAt(market, [leg(series, -amount)]);
        expect(cost).to.equal(0n);
        for (const part of PARTS) expect(parts[part], part).to.equal(0n);
      }
    for (const amount of [1, 20, 120])
      expect(await compare(market, [leg(put(2600), -amount)])).to.equal(true);
  });

  after(() => {
    expect(seen.whole).to.be.greaterThan(200);
    expect(seen.rewards).to.be.greaterThan(50);
  });
});

import { expect } from "chai";
import {
  answers,
  deploy,
  HOUR,
  LIMITS,
  now,
  REASONS,
  reasons,
  scripted,
  scriptedAverage,
  set,
  signedSpot,
  sourcesOf,
  USD,
  WAD,
} from "../../support/oracle/fixture.ts";
import { DAY, MARKET, networkHelpers } from "../../support/surface.ts";

describe("SpotOracle: a pool's average", () => {
  /** The fixture's market with a scripted pool at 3000. */
  async function pooled() {
    const oracles = await scripted();
    const average = await scriptedAverage();
    const sources = sourcesOf(oracles.base, oracles.quote, { average });
    await oracles.spot.setSources!(MARKET, sources, LIMITS);
    return { ...oracles, pool: average.pool, sources };
  }

  it("S8: an average that was not poked, or is silent when it is, forbids opening once its cache is old", async () => {
    const { spot, base, pool } = await pooled();
    expect(await reasons(spot), "asked for as the sources were set").to.deep.equal(["None", "None", "None"]);
    const pokedAt = await now();
    await pool.setSilent!(true);
    await networkHelpers.time.increaseTo(pokedAt + HOUR);
    await spot.poke!(MARKET);
    await set(base, 3000n * USD);
    expect(await reasons(spot)).to.deep.equal(["AverageStale", "None", "None"]);
    expect((await spot.observe!(MARKET)).average.price).to.equal(0n);
  });

  it("an average goes out with its old value and its old time where it is silent, and as 0 where there is none", async () => {
    const { spot, base, quote, pool } = await pooled();
    const poke = async () => {
      const { logs } = await (await spot.poke!(MARKET)).wait();
      const { average, averageAt } = spot.interface.parseLog(logs[0])!.args;
      return { average, averageAt: Number(averageAt) };
    };
    const spoken = await poke();
    expect(Number(spoken.average) / 1e18).to.be.within(2999, 3001);
    expect(spoken.averageAt).to.equal(await now());
    await networkHelpers.time.increase(100);
    await pool.setSilent!(true);
    expect(await poke()).to.deep.equal(spoken);
    const [quoteUsdAt, averageAt] = await spot.cachedAt!(MARKET);
    expect([quoteUsdAt, averageAt]).to.deep.equal([BigInt(await now()), BigInt(spoken.averageAt)]);
    await expect(spot.cachedAt!(2)).to.be.revertedWithCustomError(spot, "SpotOracle_MarketUnknown");
    await spot.setSources!(MARKET, sourcesOf(base, quote), LIMITS);
    expect(await poke()).to.deep.equal({ average: 0n, averageAt: 0 });
  });

  it("S8: an average is too old to open by in the second after its age, though feed and quote are fresh", async () => {
    const { spot, base, pool } = await pooled();
    await spot.poke!(MARKET);
    const pokedAt = await now();
    await pool.setSilent!(true);
    await networkHelpers.time.increaseTo(pokedAt + 100);
    await spot.poke!(MARKET);
    await set(base, 3000n * USD, pokedAt + LIMITS.cacheMaxAge - 10);
    await networkHelpers.time.increaseTo(pokedAt + LIMITS.cacheMaxAge);
    expect((await reasons(spot))[0]).to.equal("None");
    await networkHelpers.time.increaseTo(pokedAt + LIMITS.cacheMaxAge + 1);
    expect((await reasons(spot))[0]).to.equal("AverageStale");
  });

  it("S8: with all three fresh, opening spans feed and report, the others all, and opening needs no two apart", async () => {
    const oracles = await pooled();
    const { spot, base, pool } = oracles;
    const averageAt = async (tick: number) => {
      await pool.setTick!(tick);
      await spot.poke!(MARKET);
      return (await spot.observe!(MARKET)).average.price as bigint;
    };
    /** Spot of feed and report, tick of the pool, each of the three in turn in the middle, and the reason. */
    for (const [feed, signed, tick, reason] of [
      [3000n, 3010n, -196_300, "None"],
      [3010n, 3000n, -196_200, "None"],
      [2990n, 3020n, -196_256, "None"],
      [3000n, 3010n, -196_500, "SourcesDisagree"],
      [3010n, 3000n, -196_000, "SourcesDisagree"],
      [2960n, 3040n, -196_256, "SourcesDisagree"],
    ] as const) {
      const average = await averageAt(tick);
      await set(base, feed * USD);
      await signedSpot(oracles, signed * WAD);
      const seen = await spot.observe!(MARKET);
      const { opening, reducing, alive } = await answers(spot);
      const two = [feed * WAD, signed * WAD].sort((one, other) => (one < other ? -1 : 1));
      expect([opening.low, opening.high]).to.deep.equal(two);
      // The average as it is kept: a relative 2^-39 below.
      const all = [...two, average - (average >> 39n)].sort((one, other) => (one < other ? -1 : 1));
      expect(reducing.low - all[0]! < average >> 38n && reducing.low >= all[0]!).to.equal(true);
      expect(reducing.high - all[2]! < average >> 38n && reducing.high >= all[2]!).to.equal(true);
      const observedAt = Math.min(Number(seen.feed.observedAt), Number(seen.signed.observedAt));
      expect([opening.observedAt, opening.deviation, opening.reason]).to.deep.equal([observedAt, 0n, reason]);
      expect([reducing.deviation, reducing.reason]).to.deep.equal([0n, "None"]);
      // No signer's: feed and average alone.
      const unsigned = [feed * WAD, average].sort((one, other) => (one < other ? -1 : 1));
      expect(unsigned[0]! - alive.low <= average >> 39n && alive.low <= unsigned[0]!).to.equal(true);
      expect(unsigned[1]! - alive.high <= average >> 39n && alive.high <= unsigned[1]!).to.equal(true);
      expect([alive.deviation, alive.reason]).to.deep.equal([5n * 10n ** 15n, "None"]);
    }
  });

  it("S8: an average stands alone for reducing where the feed is silent, with the feed's threshold as deviation", async () => {
    const { spot, base } = await pooled();
    await spot.poke!(MARKET);
    await base.setSilent!(true);
    const { opening, reducing } = await answers(spot);
    expect([opening.reason, opening.low, reducing.reason]).to.deep.equal(["FeedRoundIncomplete", 0n, "None"]);
    expect(reducing.low).to.equal(reducing.high);
    expect(Number(reducing.low) / 1e18).to.be.within(2999, 3001);
    expect(reducing.deviation).to.equal(5n * 10n ** 15n);
  });

  it("an average is refused where its price is beyond what a tick tells, and its window beyond the coded ones", async () => {
    const { spot, pool, sources } = await pooled();
    const refused = async (changes: object) =>
      expect(
        spot.setSources!(2, { ...sources, average: { ...sources.average, ...changes } }, LIMITS),
      ).to.be.revertedWithCustomError(spot, "SpotOracle_AverageInvalid");
    for (const window of [299, DAY + 1]) await refused({ window });
    for (const window of [300, DAY])
      await spot.setSources!(2, { ...sources, average: { ...sources.average, window } }, LIMITS);
    // The highest price that a word of the oracle holds, of a base with 18 and a quote with 6 decimals.
    const highest = Math.floor(Math.log(2 ** 96 / 1e30) / Math.log(1.0001));
    for (const tick of [highest + 1, 443_637, -443_637]) {
      await pool.setTick!(tick);
      await refused({});
    }
    for (const tick of [highest, -443_636]) {
      await pool.setTick!(tick);
      await spot.setSources!(2, sources, LIMITS);
    }
  });

  it("an average that is beyond what the oracle's words hold is late, so that nobody pokes for it for ever", async () => {
    const { spot, pool } = await pooled();
    await pool.setTick!(0);
    const { price, reason } = (await spot.observe!(MARKET)).average;
    expect([price, REASONS[Number(reason)]]).to.deep.equal([0n, "AverageStale"]);
    const [, before] = await spot.cachedAt!(MARKET);
    await spot.poke!(MARKET);
    expect((await spot.cachedAt!(MARKET))[1]).to.equal(before);
  });

  it("S10: an average is refused with tokens of more than 18 decimals, on either side", async () => {
    const { spot, sources } = await pooled();
    const [fine, most] = [await deploy("TestToken", 19), await deploy("TestToken", 18)];
    for (const [base, quote, taken] of [
      [most, most, true],
      [fine, most, false],
      [most, fine, false],
    ] as const) {
      const pool = await deploy("ScriptedPool", base, quote);
      const decimals = { baseDecimals: base === fine ? 19 : 18, quoteDecimals: quote === fine ? 19 : 18 };
      const average = { ...sources.average, pool, ...decimals };
      const set = spot.setSources!(2, { ...sources, average }, LIMITS);
      if (taken) await set;
      else await expect(set).to.be.revertedWithCustomError(spot, "SpotOracle_AverageInvalid");
    }
  });

  it("tells the price of base in quote, whichever of the two is the pool's first token", async () => {
    const { spot, pool, sources } = await pooled();
    const [quoteToken, baseToken] = [await pool.token1!(), await pool.token0!()];
    const other = await deploy("ScriptedPool", quoteToken, baseToken);
    await other.setTick!(196_256);
    const priceOf = async () => (await spot.observe!(MARKET)).average.price as bigint;
    const price = await priceOf();
    const average = { ...sources.average, pool: other, baseIsToken0: false };
    await spot.setSources!(MARKET, { ...sources, average }, LIMITS);
    expect(await priceOf()).to.equal(price);
    expect(Number(price) / 1e18).to.be.within(2999, 3001);
  });
});

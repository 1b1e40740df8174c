import { RESTRICTED, ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import {
  answers,
  baseFeedOf,
  deploy,
  HOUR,
  LIMITS,
  NO_ADDRESS,
  NO_AVERAGE,
  type Oracles,
  quoteFeedOf,
  REASONS,
  reasons,
  scripted,
  USD,
  WAD,
} from "../../support/oracle/fixture.ts";
import { type AnyContract, DAY, ethers, MARKET, networkHelpers, post } from "../../support/surface.ts";

const now = () => networkHelpers.time.latest();
const set = async (feed: AnyContract, answer: bigint, at?: number) =>
  feed.load!([[[answer, at ?? (await now())]]], [8]);
const signedSpot = async (oracles: Oracles, spot: bigint) => {
  await post(oracles, { at: (await now()) + 1, tenors: [25, 88], spot });
};
const feedPrice = 3000n * WAD;
/** The bounds of the base feed as they are kept. */
const boundsOf = async ({ spot }: Oracles): Promise<{ minAnswer: bigint; maxAnswer: bigint }> =>
  (await spot.sources!(MARKET)).base;

describe("SpotOracle", () => {
  it("reads base/USD live over the cached quote/USD, with the feed's threshold as deviation", async () => {
    const { spot, base, quote } = await scripted();
    await set(quote, (USD * 9n) / 10n);
    await set(base, 2700n * USD);
    expect((await answers(spot)).opening.low).to.equal(2700n * WAD);
    await spot.poke!(MARKET);
    const { opening, reducing, alive } = await answers(spot);
    expect([opening.low, opening.high, opening.deviation]).to.deep.equal([
      3000n * WAD,
      3000n * WAD,
      5n * 10n ** 15n,
    ]);
    expect(reducing).to.deep.equal({ ...opening });
    expect(alive).to.deep.equal(reducing);
  });

  it("takes the worse of feed and signed spot while that is at most 30 s old", async () => {
    const oracles = await scripted();
    await set(oracles.base, 3000n * USD);
    await signedSpot(oracles, 3010n * WAD);
    const { opening } = await answers(oracles.spot);
    expect([opening.low, opening.high, opening.deviation, opening.reason]).to.deep.equal([
      feedPrice,
      3010n * WAD,
      0n,
      "None",
    ]);
    const reportAt = Number((await oracles.surface.surface!(MARKET)).reportAt);
    await networkHelpers.time.increaseTo(reportAt + 30);
    expect((await answers(oracles.spot)).opening.high).to.equal(3010n * WAD);
    await networkHelpers.time.increaseTo(reportAt + 31);
    const later = (await answers(oracles.spot)).opening;
    expect([later.low, later.high, later.deviation]).to.deep.equal([feedPrice, feedPrice, 5n * 10n ** 15n]);
  });

  it("forgets the signed spot when the signers are revoked", async () => {
    const oracles = await scripted();
    await set(oracles.base, 3000n * USD);
    await signedSpot(oracles, 3010n * WAD);
    const [owner] = await ethers.getSigners();
    await oracles.control.grantRole!(ROLES.guardian, owner, 0);
    await oracles.surface.revokeSigners!(MARKET);
    expect((await answers(oracles.spot)).opening.high).to.equal(feedPrice);
  });

  describe("S8: the three answers, situation by situation", () => {
    const { None, NoLiveSource } = { None: "None", NoLiveSource: "NoLiveSource" };
    /** Situation, what makes it, and the reasons of opening, reducing and alive. */
    const situations: [string, (oracles: Oracles) => Promise<unknown>, string[]][] = [
      ["all is well", async () => {}, [None, None, None]],
      [
        "a feed at its heartbeat",
        async ({ base }) => set(base, 3000n * USD, (await now()) - HOUR - 299),
        [None, None, None],
      ],
      [
        "a feed past its heartbeat",
        async ({ base }) => set(base, 3000n * USD, (await now()) - HOUR - 302),
        ["FeedStale", None, None],
      ],
      [
        "a feed stuck for eight hours",
        async ({ base }) => set(base, 3000n * USD, (await now()) - 8 * HOUR),
        ["FeedStale", NoLiveSource, None],
      ],
      [
        "a feed dead for four days",
        async ({ base }) => set(base, 3000n * USD, (await now()) - 4 * DAY),
        ["FeedStale", NoLiveSource, NoLiveSource],
      ],
      [
        "a feed that reverts",
        async ({ base }) => base.setSilent!(true),
        ["FeedRoundIncomplete", NoLiveSource, NoLiveSource],
      ],
      [
        "a feed that reverts, and a signed spot",
        async (oracles) => {
          await oracles.base.setSilent!(true);
          await signedSpot(oracles, feedPrice);
        },
        ["FeedRoundIncomplete", None, NoLiveSource],
      ],
      [
        "a round without a time",
        async ({ base }) => set(base, 3000n * USD, 0),
        ["FeedRoundIncomplete", NoLiveSource, NoLiveSource],
      ],
      [
        "a round from the future",
        async ({ base }) => set(base, 3000n * USD, (await now()) + DAY),
        ["FeedRoundIncomplete", NoLiveSource, NoLiveSource],
      ],
      [
        "an answer at the floor (LUNA)",
        async (oracles) => set(oracles.base, (await boundsOf(oracles)).minAnswer),
        ["FeedOutOfBounds", NoLiveSource, NoLiveSource],
      ],
      [
        "an answer above the floor",
        async (oracles) => set(oracles.base, (await boundsOf(oracles)).minAnswer + 1n),
        [None, None, None],
      ],
      [
        "an answer at the ceiling",
        async (oracles) => set(oracles.base, (await boundsOf(oracles)).maxAnswer),
        ["FeedOutOfBounds", NoLiveSource, NoLiveSource],
      ],
      [
        "an answer below the ceiling",
        async (oracles) => set(oracles.base, (await boundsOf(oracles)).maxAnswer - 1n),
        [None, None, None],
      ],
      [
        "a negative answer",
        async ({ base }) => set(base, -1n),
        ["FeedOutOfBounds", NoLiveSource, NoLiveSource],
      ],
      [
        "S10: other decimals",
        async ({ base }) => base.upgrade!(18),
        ["FeedDecimalsChanged", NoLiveSource, NoLiveSource],
      ],
      [
        "quote/USD not poked for the cache's age",
        async ({ base }) => {
          await networkHelpers.time.increase(HOUR + 2);
          await set(base, 3000n * USD);
        },
        ["QuoteFeedStale", None, None],
      ],
      [
        "a quote feed that is stale when it is poked",
        async ({ base, quote, spot }) => {
          await set(quote, USD, (await now()) - 2 * DAY);
          await networkHelpers.time.increase(HOUR + 2);
          await spot.poke!(MARKET);
          await set(base, 3000n * USD);
        },
        ["QuoteFeedStale", None, None],
      ],
      [
        "feed and signed spot 2.1 % apart",
        async (oracles) => {
          await set(oracles.base, 3000n * USD);
          await signedSpot(oracles, (feedPrice * 10_210n) / 10_000n);
        },
        ["SourcesDisagree", None, None],
      ],
      [
        "feed and signed spot 2 % apart",
        async (oracles) => {
          await set(oracles.base, 3000n * USD);
          await signedSpot(oracles, (feedPrice * 10_200n) / 10_000n);
        },
        [None, None, None],
      ],
    ];
    for (const [what, happen, expected] of situations) {
      it(`${what}: ${expected.join(", ")}`, async () => {
        const oracles = await scripted();
        await happen(oracles);
        expect(await reasons(oracles.spot)).to.deep.equal(expected);
      });
    }

    it("a market that nobody set: no answer to anything, and no revert", async () => {
      const { spot } = await scripted();
      const reading = await spot.read!(77);
      for (const answer of [reading.opening, reading.reducing, reading.alive]) {
        expect([REASONS[Number(answer.reason)], answer.low, answer.high]).to.deep.equal([
          "MarketUnknown",
          0n,
          0n,
        ]);
      }
    });

    it("an older source counts for reducing only where no fresh one is there", async () => {
      const oracles = await scripted();
      await set(oracles.base, 2000n * USD, (await now()) - 2 * HOUR);
      expect((await answers(oracles.spot)).reducing.low).to.equal(2000n * WAD);
      await signedSpot(oracles, feedPrice);
      const { reducing } = await answers(oracles.spot);
      expect([reducing.low, reducing.high]).to.deep.equal([feedPrice, feedPrice]);
    });

    it("S7: the signed spot never moves what is alive while the feed is fresh, and only widens it while the feed is late", async () => {
      for (const lie of [1n, 10n ** 28n]) {
        const oracles = await scripted();
        await set(oracles.base, 3000n * USD);
        await signedSpot(oracles, lie);
        const fresh = (await answers(oracles.spot)).alive;
        expect([fresh.low, fresh.high, fresh.deviation]).to.deep.equal([
          feedPrice,
          feedPrice,
          5n * 10n ** 15n,
        ]);
        await set(oracles.base, 3000n * USD, (await now()) - 2 * HOUR);
        const { reducing, alive } = await answers(oracles.spot);
        expect([reducing.low, reducing.high]).to.deep.equal([lie, lie]);
        expect([alive.low, alive.high]).to.deep.equal(lie < feedPrice ? [lie, feedPrice] : [feedPrice, lie]);
        await oracles.base.setSilent!(true);
        expect((await answers(oracles.spot)).alive.reason).to.equal("NoLiveSource");
      }
    });
  });

  it("S10: asks for the decimals of a phase that it does not know, and not of the one that it pinned", async () => {
    const { spot, base, quote } = await scripted();
    // The same decimals under a new phase: a price before and after the poke that pins it.
    await base.upgrade!(8);
    await set(base, 3100n * USD);
    await base.upgrade!(8);
    expect((await answers(spot)).opening.low).to.equal(3100n * WAD);
    await spot.poke!(MARKET);
    expect((await answers(spot)).opening.low).to.equal(3100n * WAD);
    // Wrong ones are seen at once, poked or not, and right ones again.
    await base.upgrade!(18);
    expect((await reasons(spot))[0]).to.equal("FeedDecimalsChanged");
    await spot.poke!(MARKET);
    expect((await reasons(spot))[0]).to.equal("FeedDecimalsChanged");
    await base.upgrade!(8);
    expect((await reasons(spot))[0]).to.equal("None");
    // A phase's aggregator has its decimals for good, so one that was poked is not asked again, whatever it would say.
    const history = [[], [], [], [], [[3100n * USD, await now()]]];
    await base.load!(history, [8, 8, 8, 18, 18]);
    expect((await reasons(spot))[0]).to.equal("FeedDecimalsChanged");
    await base.load!(history, [8, 8, 8, 18, 8]);
    await spot.poke!(MARKET);
    await base.load!(history, [8, 8, 8, 18, 18]);
    expect((await reasons(spot))[0]).to.equal("None");
    // Nor one that was there as the sources were set.
    await base.load!(history, [8, 8, 8, 18, 8]);
    const named = { base: baseFeedOf(base), quote: quoteFeedOf(quote) };
    await spot.setSources!(
      MARKET,
      { ...named, average: NO_AVERAGE, hasSigned: true, sequencer: NO_ADDRESS },
      LIMITS,
    );
    await base.load!(history, [8, 8, 8, 18, 18]);
    expect((await reasons(spot))[0]).to.equal("QuoteFeedStale");
  });

  it("S10: asks a feed without phases for its decimals at every read, poked or not", async () => {
    const { spot, quote } = await scripted();
    const feed = await deploy("PhaselessFeed", 18, 3000n * WAD);
    const sources = {
      base: { ...baseFeedOf(feed), decimals: 18, minAnswer: WAD, maxAnswer: 10n ** 25n },
      quote: quoteFeedOf(quote),
      average: NO_AVERAGE,
      hasSigned: false,
      sequencer: NO_ADDRESS,
    };
    await spot.setSources!(MARKET, sources, LIMITS);
    for (let poked = 0; poked < 2; poked += 1) {
      await spot.poke!(MARKET);
      await feed.setDecimals!(18);
      expect((await answers(spot)).opening.low).to.equal(3000n * WAD);
      await feed.setDecimals!(8);
      expect((await reasons(spot))[0]).to.equal("FeedDecimalsChanged");
    }
  });

  it("gives in answers a word each of what it gives in read", async () => {
    const oracles = await scripted();
    await set(oracles.base, 3000n * USD);
    await signedSpot(oracles, 3100n * WAD);
    const words: bigint[] = await oracles.spot.answers!(MARKET);
    const seen = await answers(oracles.spot);
    for (const [index, question] of (["opening", "reducing", "alive"] as const).entries()) {
      const field = (shift: bigint, bits: bigint) => (words[index]! >> shift) & ((1n << bits) - 1n);
      const { low, high, observedAt, deviation, reason } = seen[question];
      expect(field(0n, 96n)).to.equal(low);
      expect(field(96n, 96n)).to.equal(high);
      expect(field(192n, 32n)).to.equal(BigInt(observedAt));
      expect(field(224n, 16n) * 10n ** 14n).to.equal(deviation);
      expect(REASONS[Number(field(240n, 8n))]).to.equal(reason);
      expect(words[index]! >> 248n).to.equal(0n);
    }
  });

  it("K5: a feed that calls back while it is read, or poked, changes nothing", async () => {
    const { spot, base } = await scripted();
    const hostile = await deploy("ReentrantFeed", 8, 2n * USD);
    const sources = {
      base: baseFeedOf(base),
      quote: quoteFeedOf(hostile),
      average: NO_AVERAGE,
      hasSigned: false,
      sequencer: NO_ADDRESS,
    };
    await spot.setSources!(7, sources, LIMITS);
    const before = await spot.read!(MARKET);
    await networkHelpers.time.increase(600);
    const calls = [
      spot.interface.encodeFunctionData("poke", [MARKET]),
      spot.interface.encodeFunctionData("setLimits", [MARKET, LIMITS]),
      spot.interface.encodeFunctionData("setSources", [MARKET, sources, LIMITS]),
    ];
    for (const call of calls) {
      await hostile.attack!(spot, call);
      await spot.poke!(7);
      expect((await spot.observe!(7)).quoteUsd.price).to.equal(2n * WAD);
    }
    expect(await spot.read!(MARKET)).to.deep.equal(before);
  });

  describe("a pool", () => {
    /** The fixture's market with a scripted pool at 3000. */
    async function pooled() {
      const oracles = await scripted();
      const [baseToken, quoteToken] = [await deploy("TestToken", 18), await deploy("TestToken", 6)];
      const pool = await deploy("ScriptedPool", baseToken, quoteToken);
      await pool.setTick!(-196_256);
      const sources = {
        base: baseFeedOf(oracles.base),
        quote: quoteFeedOf(oracles.quote),
        average: { pool, window: 1800, baseIsToken0: true, baseDecimals: 18, quoteDecimals: 6 },
        hasSigned: true,
        sequencer: NO_ADDRESS,
      };
      await oracles.spot.setSources!(MARKET, sources, LIMITS);
      return { ...oracles, pool, sources };
    }

    it("S8: that was not poked, or is silent when it is, forbids opening once its cache is old", async () => {
      const { spot, base, pool } = await pooled();
      expect((await reasons(spot))[0]).to.equal("QuoteFeedStale");
      await spot.poke!(MARKET);
      expect(await reasons(spot)).to.deep.equal(["None", "None", "None"]);
      const pokedAt = await now();
      await pool.setSilent!(true);
      await networkHelpers.time.increaseTo(pokedAt + HOUR);
      await spot.poke!(MARKET);
      await set(base, 3000n * USD);
      expect(await reasons(spot)).to.deep.equal(["AverageStale", "None", "None"]);
      expect((await spot.observe!(MARKET)).average.price).to.equal(0n);
    });

    it("S8: is too old to open by in the second after its age, though feed and quote are fresh", async () => {
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
        expect([opening.observedAt, opening.deviation, opening.reason]).to.deep.equal([
          observedAt,
          0n,
          reason,
        ]);
        expect([reducing.deviation, reducing.reason]).to.deep.equal([0n, "None"]);
        // No signer's: feed and average alone.
        const unsigned = [feed * WAD, average].sort((one, other) => (one < other ? -1 : 1));
        expect(unsigned[0]! - alive.low <= average >> 39n && alive.low <= unsigned[0]!).to.equal(true);
        expect(unsigned[1]! - alive.high <= average >> 39n && alive.high <= unsigned[1]!).to.equal(true);
        expect([alive.deviation, alive.reason]).to.deep.equal([5n * 10n ** 15n, "None"]);
      }
    });

    it("S8: stands alone for reducing where the feed is silent, with the feed's threshold as deviation", async () => {
      const { spot, base } = await pooled();
      await spot.poke!(MARKET);
      await base.setSilent!(true);
      const { opening, reducing } = await answers(spot);
      expect([opening.reason, opening.low, reducing.reason]).to.deep.equal([
        "FeedRoundIncomplete",
        0n,
        "None",
      ]);
      expect(reducing.low).to.equal(reducing.high);
      expect(Number(reducing.low) / 1e18).to.be.within(2999, 3001);
      expect(reducing.deviation).to.equal(5n * 10n ** 15n);
    });

    it("is refused where its price is beyond what a tick tells, and its window beyond the coded ones", async () => {
      const { spot, pool, sources } = await pooled();
      const refused = async (changes: object) =>
        expect(
          spot.setSources!(2, { ...sources, average: { ...sources.average, ...changes } }, LIMITS),
        ).to.be.revertedWithCustomError(spot, "SpotOracle_AverageInvalid");
      for (const window of [299, DAY + 1]) await refused({ window });
      for (const window of [300, DAY])
        await spot.setSources!(2, { ...sources, average: { ...sources.average, window } }, LIMITS);
      for (const tick of [443_637, -443_637]) {
        await pool.setTick!(tick);
        await refused({});
      }
      for (const tick of [443_636, -443_636]) {
        await pool.setTick!(tick);
        await spot.setSources!(2, sources, LIMITS);
      }
    });

    it("S10: is refused with tokens of more than 18 decimals, on either side", async () => {
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

  it("bounds spot by what is alive, 2 % and the feed's threshold away, and not at all where nothing is", async () => {
    const words = await deploy("WordsHarness");
    const answer = (low: bigint, high: bigint, deviationBps: number, reason = 0) =>
      low | (high << 96n) | (BigInt(deviationBps) << 224n) | (BigInt(reason) << 240n);
    const wide = answer(2900n * WAD, 3100n * WAD, 50);
    const bounds = [(2900n * WAD * 975n) / 1000n, (3100n * WAD * 1025n) / 1000n + 1n];
    expect([...(await words.spots!(wide))]).to.deep.equal(bounds);
    expect([...(await words.spots!(answer(1n, 1n, 0, 5)))]).to.deep.equal([0n, 2n ** 256n - 1n]);
    // A threshold of 98 % and more leaves no lower bound.
    for (const bps of [9800, 65_535])
      expect((await words.spots!(answer(2900n * WAD, 2900n * WAD, bps)))[0]).to.equal(0n);
    expect((await words.spots!(answer(10_000n, 10_000n, 9799)))[0]).to.equal(1n);
  });

  describe("poke", () => {
    it("keeps the old value with its old time where the feed says nothing", async () => {
      const { spot, quote } = await scripted();
      const pokedAt = await now();
      await networkHelpers.time.increase(100);
      await quote.setSilent!(true);
      await expect(spot.poke!(MARKET)).to.emit(spot, "Poked").withArgs(MARKET, WAD, pokedAt, 0, 0);
      await expect(spot.poke!(2)).to.be.revertedWithCustomError(spot, "SpotOracle_MarketUnknown");
    });

    it("shows each source by itself to people", async () => {
      const oracles = await scripted();
      await set(oracles.base, 3000n * USD);
      await signedSpot(oracles, 3010n * WAD);
      const seen = await oracles.spot.observe!(MARKET);
      expect([seen.feed.price, seen.quoteUsd.price, seen.signed.price]).to.deep.equal([
        feedPrice,
        WAD,
        3010n * WAD,
      ]);
      expect(REASONS[Number(seen.average.reason)]).to.equal("AverageStale");
      expect(REASONS[Number(seen.sequencer.reason)]).to.equal("None");
    });
  });

  describe("what it shows to people", () => {
    const seenReasons = async ({ spot }: Oracles) => {
      const seen = await spot.observe!(MARKET);
      return ["feed", "quoteUsd", "signed"].map((source) => REASONS[Number(seen[source].reason)]);
    };

    it("is each source with its own reason, to the second", async () => {
      const oracles = await scripted();
      const { spot, base, quote } = oracles;
      expect(await seenReasons(oracles)).to.deep.equal(["None", "None", "SignedStale"]);
      await signedSpot(oracles, 3010n * WAD);
      const reportAt = Number((await oracles.surface.surface!(MARKET)).reportAt);
      await networkHelpers.time.increaseTo(reportAt + 30);
      expect((await seenReasons(oracles))[2]).to.equal("None");
      await networkHelpers.time.increaseTo(reportAt + 31);
      expect((await seenReasons(oracles))[2]).to.equal("SignedStale");
      const { heartbeat } = quoteFeedOf(quote);
      const roundAt = (await now()) + 1;
      await set(quote, USD, roundAt);
      await set(base, 3000n * USD, roundAt - 2 * HOUR);
      expect((await seenReasons(oracles)).slice(0, 2)).to.deep.equal(["FeedStale", "None"]);
      await networkHelpers.time.increaseTo(roundAt + heartbeat);
      expect((await seenReasons(oracles))[1]).to.equal("None");
      await networkHelpers.time.increaseTo(roundAt + heartbeat + 1);
      expect((await seenReasons(oracles))[1]).to.equal("QuoteFeedStale");
      expect((await spot.observe!(MARKET)).quoteUsd.observedAt).to.equal(roundAt);
      await base.setSilent!(true);
      expect((await seenReasons(oracles))[0]).to.equal("FeedRoundIncomplete");
      // A round from the future has no time that counts.
      await set(quote, USD, (await now()) + 1000);
      expect((await seenReasons(oracles))[1]).to.equal("FeedRoundIncomplete");
      expect((await spot.observe!(MARKET)).quoteUsd.observedAt).to.equal(0n);
      await expect(spot.observe!(9)).to.be.revertedWithCustomError(spot, "SpotOracle_MarketUnknown");
    });

    it("pokes a quote feed in its last fresh second and not in the next", async () => {
      const { spot, quote } = await scripted();
      const { heartbeat } = quoteFeedOf(quote);
      const roundAt = await now();
      await set(quote, (USD * 9n) / 10n, roundAt);
      await networkHelpers.time.setNextBlockTimestamp(roundAt + heartbeat);
      await expect(spot.poke!(MARKET))
        .to.emit(spot, "Poked")
        .withArgs(MARKET, (WAD * 9n) / 10n, roundAt + heartbeat, 0, 0);
      await networkHelpers.time.setNextBlockTimestamp(roundAt + heartbeat + 1);
      await expect(spot.poke!(MARKET))
        .to.emit(spot, "Poked")
        .withArgs(MARKET, (WAD * 9n) / 10n, roundAt + heartbeat, 0, 0);
    });
  });

  it("S8: refuses a price that no answer can hold, and one that is nothing, and takes those next to them", async () => {
    const { spot } = await scripted();
    // In 1e-12 USD: quote at 50 and 2 USD, and at 2^-12, where a step of the answer is 4096 of the price.
    for (const [decimals, answer, picoUsd, reason] of [
      [0, 10n ** 24n, 50n * 10n ** 12n, "FeedOutOfBounds"],
      [18, 2n, 50n * 10n ** 12n, "FeedOutOfBounds"],
      [18, 2n, 2n * 10n ** 12n, "None"],
      [18, (1n << 84n) - 1n, 244_140_625n, "None"],
      [18, 1n << 84n, 244_140_625n, "FeedOutOfBounds"],
    ] as const) {
      const [base, quote] = [
        await deploy("ScriptedFeed", decimals, answer),
        await deploy("ScriptedFeed", 12, picoUsd),
      ];
      const sources = {
        base: { ...baseFeedOf(base), decimals, minAnswer: 1n, maxAnswer: 1n << 87n },
        quote: { ...quoteFeedOf(quote), decimals: 12, minAnswer: 1n, maxAnswer: 10n ** 15n },
        average: NO_AVERAGE,
        hasSigned: false,
        sequencer: NO_ADDRESS,
      };
      await spot.setSources!(MARKET, sources, LIMITS);
      await spot.poke!(MARKET);
      expect((await reasons(spot))[0]).to.equal(reason);
    }
  });

  it("S8: takes a sequencer's feed that does not answer, or has no round, for one that is down", async () => {
    const { spot, base, quote } = await scripted();
    const uptime = await deploy("ScriptedFeed", 0, 0n);
    const sources = {
      base: baseFeedOf(base),
      quote: quoteFeedOf(quote),
      average: NO_AVERAGE,
      hasSigned: true,
      sequencer: uptime.target,
    };
    await spot.setSources!(MARKET, sources, LIMITS);
    await networkHelpers.time.increase(HOUR);
    await set(base, 3000n * USD);
    await spot.poke!(MARKET);
    expect((await reasons(spot))[0]).to.equal("None");
    const seen = await spot.observe!(MARKET);
    expect([REASONS[Number(seen.sequencer.reason)], seen.sequencer.price]).to.deep.equal(["None", 0n]);
    expect(seen.sequencer.observedAt).not.to.equal(0n);
    expect((await spot.sources!(MARKET)).sequencer).to.equal(uptime.target);
    // What was seen in the very second of its return is not from before the outage; a second earlier, it is.
    await spot.setLimits!(MARKET, { ...LIMITS, sequencerGrace: 0 });
    const seenAt = (await answers(spot)).opening.observedAt;
    await uptime.load!([[[0n, seenAt]]], [0]);
    expect(await reasons(spot)).to.deep.equal(["None", "None", "None"]);
    await uptime.load!([[[0n, seenAt + 1]]], [0]);
    expect(await reasons(spot)).to.deep.equal(["FeedStale", "None", "None"]);
    await uptime.setSilent!(true);
    expect((await reasons(spot))[0]).to.equal("SequencerDown");
    await uptime.setSilent!(false);
    await uptime.load!([[[0n, 0]]], [0]);
    expect((await reasons(spot))[0]).to.equal("SequencerDown");
    await uptime.load!([[[1n, seenAt]]], [0]);
    expect((await reasons(spot))[0]).to.equal("SequencerDown");
  });

  describe("control", () => {
    const changed = (changes: object) => ({ ...LIMITS, ...changes });

    it("K4: only the functions of the table are restricted", async () => {
      const { spot } = await scripted();
      const [, , , , , , stranger] = await ethers.getSigners();
      const changing = spot.interface.fragments.filter(
        (fragment) => fragment.type === "function" && !("constant" in fragment && fragment.constant),
      ) as unknown as { name: string }[];
      const restricted = Object.values(RESTRICTED.SpotOracle!).flat();
      expect(changing.map(({ name }) => name).sort()).to.deep.equal(
        [...restricted, "poke", "setAuthority"].sort(),
      );
      const foreign = spot.connect(stranger!) as AnyContract;
      const sources = {
        base: baseFeedOf(spot),
        quote: quoteFeedOf(spot),
        average: NO_AVERAGE,
        hasSigned: true,
        sequencer: NO_ADDRESS,
      };
      for (const sent of [
        () => foreign.setSources!(1, sources, LIMITS),
        () => foreign.setLimits!(1, LIMITS),
        () => foreign.tightenLimits!(1, LIMITS),
      ]) {
        await expect(sent()).to.be.revertedWithCustomError(spot, "AccessManagedUnauthorized");
      }
    });

    it("K3: limits stay within their coded bounds, both ends included", async () => {
      const { spot } = await scripted();
      const bounds: [string, number, number][] = [
        ["agreementBps", 50, 1000],
        ["cacheMaxAge", 300, DAY],
        ["reducingGrace", HOUR, DAY],
        ["aliveGrace", DAY, 7 * DAY],
        ["sequencerGrace", 0, DAY],
      ];
      for (const [name, least, most] of bounds) {
        await spot.setLimits!(MARKET, changed({ [name]: least }));
        await spot.setLimits!(MARKET, changed({ [name]: most }));
        const outside = name === "sequencerGrace" ? [most + 1] : [least - 1, most + 1];
        for (const value of outside) {
          await expect(spot.setLimits!(MARKET, changed({ [name]: value }))).to.be.revertedWithCustomError(
            spot,
            "SpotOracle_LimitsOutOfRange",
          );
        }
      }
      await expect(spot.setLimits!(2, LIMITS)).to.be.revertedWithCustomError(
        spot,
        "SpotOracle_MarketUnknown",
      );
    });

    it("the council tightens each limit and loosens none", async () => {
      const { spot } = await scripted();
      for (const [name, value] of Object.entries(LIMITS)) {
        const looser = name === "sequencerGrace" ? value - 1 : value + 1;
        await expect(spot.tightenLimits!(MARKET, changed({ [name]: looser }))).to.be.revertedWithCustomError(
          spot,
          "SpotOracle_LimitsNotTighter",
        );
      }
      // What stays as it is loosens nothing.
      await spot.tightenLimits!(MARKET, LIMITS);
      const tighter = { ...LIMITS, agreementBps: 100, sequencerGrace: 2 * HOUR };
      await expect(spot.tightenLimits!(MARKET, tighter))
        .to.emit(spot, "LimitsSet")
        .withArgs(MARKET, Object.values(tighter), true);
      expect((await spot.limits!(MARKET)).toObject()).to.deep.equal(
        Object.fromEntries(Object.entries(tighter).map(([name, value]) => [name, BigInt(value)])),
      );
    });

    it("takes only sources that answer as they are registered", async () => {
      const { spot, base, quote } = await scripted();
      const empty = await deploy("TestToken", 18);
      const sources = {
        base: baseFeedOf(base),
        quote: quoteFeedOf(quote),
        average: NO_AVERAGE,
        hasSigned: false,
        sequencer: NO_ADDRESS,
      };
      const refused = async (changes: object, error: string) =>
        expect(spot.setSources!(2, { ...sources, ...changes }, LIMITS)).to.be.revertedWithCustomError(
          spot,
          `SpotOracle_${error}`,
        );
      await refused({ base: { ...sources.base, decimals: 9 } }, "FeedInvalid");
      await refused({ base: { ...sources.base, minAnswer: 0 } }, "FeedInvalid");
      await refused({ base: { ...sources.base, heartbeat: 0 } }, "FeedInvalid");
      await refused({ base: { ...sources.base, heartbeat: 2 * DAY + 1 } }, "FeedInvalid");
      await refused({ base: baseFeedOf(empty) }, "FeedInvalid");
      await refused({ quote: { ...sources.quote, maxAnswer: 20_000_000n * USD } }, "FeedInvalid");
      await refused({ quote: quoteFeedOf(empty) }, "FeedInvalid");
      await refused({ sequencer: empty.target }, "SequencerInvalid");
      const most = (1n << 64n) / 10n ** 4n;
      await refused({ quote: { ...sources.quote, maxAnswer: most + 1n } }, "FeedInvalid");
      const other = await deploy("ScriptedFeed", 19, 3000n * USD);
      await refused({ base: { ...baseFeedOf(other), decimals: 19 } }, "FeedInvalid");
      await spot.setSources!(
        3,
        { ...sources, quote: { ...sources.quote, maxAnswer: most, heartbeat: 2 * DAY } },
        LIMITS,
      );
      await expect(spot.setSources!(2, sources, LIMITS))
        .to.emit(spot, "SourcesSet")
        .to.emit(spot, "LimitsSet")
        .withArgs(2, Object.values(LIMITS), false);
      const stored = await spot.sources!(2);
      expect([stored.base.proxy, stored.quote.proxy, stored.hasSigned]).to.deep.equal([
        base.target,
        quote.target,
        false,
      ]);
      const { decimals, heartbeat, deviationBps } = stored.base;
      expect([decimals, heartbeat, deviationBps]).to.deep.equal([8n, 3900n, 50n]);
      const named = sources.base;
      const { minAnswer, maxAnswer } = stored.base;
      // Rounded to the inside, to 16 bits.
      expect(minAnswer >= named.minAnswer && minAnswer - named.minAnswer <= named.minAnswer >> 15n).to.equal(
        true,
      );
      expect(maxAnswer <= named.maxAnswer && named.maxAnswer - maxAnswer <= named.maxAnswer >> 15n).to.equal(
        true,
      );
      // The new sources' cache is empty until it is poked.
      expect(REASONS[Number((await spot.read!(2)).opening.reason)]).to.equal("QuoteFeedStale");
    });
  });
});

import { ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import {
  answers,
  baseFeedOf,
  deploy,
  HOUR,
  LIMITS,
  NO_ADDRESS,
  NO_AVERAGE,
  now,
  type Oracles,
  quoteFeedOf,
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
import { DAY, ethers, MARKET, networkHelpers } from "../../support/surface.ts";

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

    it("an older source counts for reducing only where no fresh one is there but the signed spot", async () => {
      const oracles = await scripted();
      const average = await scriptedAverage();
      await oracles.spot.setSources!(MARKET, sourcesOf(oracles.base, oracles.quote, { average }), LIMITS);
      await oracles.spot.poke!(MARKET);
      await set(oracles.base, 2000n * USD, (await now()) - 2 * HOUR);
      const fresh = (await answers(oracles.spot)).reducing;
      expect(fresh.low, "the average alone").to.be.greaterThan(2999n * WAD);
      await networkHelpers.time.increase(HOUR + 1);
      await signedSpot(oracles, 3100n * WAD);
      const { reducing } = await answers(oracles.spot);
      expect([reducing.low, reducing.high, reducing.deviation]).to.deep.equal([2000n * WAD, 3100n * WAD, 0n]);
    });

    it("S7: the signed spot does not price an exit alone before feed and average are late by more than the grace", async () => {
      for (const lie of [1n, 10n ** 28n]) {
        const oracles = await scripted();
        // Late by a second, then by the grace, then by more.
        for (const [age, isAlone] of [
          [HOUR + 301, false],
          [7 * HOUR + 300, false],
          [7 * HOUR + 301, true],
        ] as const) {
          await signedSpot(oracles, lie);
          const at = (await now()) + 1;
          await networkHelpers.time.setNextBlockTimestamp(at);
          await set(oracles.base, 3000n * USD, at - age);
          const { reducing } = await answers(oracles.spot);
          const worst = lie < feedPrice ? [lie, feedPrice] : [feedPrice, lie];
          expect([reducing.low, reducing.high], `${age} s`).to.deep.equal(isAlone ? [lie, lie] : worst);
        }
      }
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
        const worst = lie < feedPrice ? [lie, feedPrice] : [feedPrice, lie];
        expect([reducing.low, reducing.high]).to.deep.equal(worst);
        expect([alive.low, alive.high, alive.deviation]).to.deep.equal([...worst, fresh.deviation]);
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
    await spot.setSources!(MARKET, sourcesOf(base, quote), LIMITS);
    await base.load!(history, [8, 8, 8, 18, 18]);
    expect((await reasons(spot))[0]).to.equal("None");
  });

  it("S10: asks a feed without phases for its decimals at every read, poked or not", async () => {
    const { spot, quote } = await scripted();
    const feed = await deploy("PhaselessFeed", 18, 3000n * WAD);
    const own = { ...baseFeedOf(feed), decimals: 18, minAnswer: WAD, maxAnswer: 10n ** 25n };
    const sources = sourcesOf(feed, quote, { base: own, hasSigned: false });
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
    const sources = sourcesOf(base, hostile, { hasSigned: false });
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
    it("a poke keeps the old value with its old time where the feed says nothing", async () => {
      const { spot, quote } = await scripted();
      const pokedAt = await now();
      await networkHelpers.time.increase(100);
      await quote.setSilent!(true);
      await expect(spot.poke!(MARKET)).to.emit(spot, "Poked").withArgs(MARKET, WAD, pokedAt, 0, 0);
      await expect(spot.poke!(2)).to.be.revertedWithCustomError(spot, "SpotOracle_MarketUnknown");
    });

    it("a read shows each source by itself to people", async () => {
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

    it("what people see is each source with its own reason, to the second", async () => {
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
    const sources = sourcesOf(base, quote, { sequencer: uptime.target });
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
});

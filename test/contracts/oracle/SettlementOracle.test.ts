import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { encodeReport } from "@meniscus/sdk/report";
import { RESTRICTED, ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import {
  deploy,
  HOUR,
  type Oracles,
  scripted,
  settlementFeedOf,
  USD,
  WAD,
} from "../../support/oracle/fixture.ts";
import { roundId, SOURCE } from "../../support/oracle/settlement.ts";
import {
  type AnyContract,
  DAY,
  ethers,
  MARKET,
  networkHelpers,
  post,
  START,
  sampleReport,
} from "../../support/surface.ts";

/** The first 08:00 after the start, and the first cut-off after it. */
const EXPIRY = Math.floor(START / DAY) * DAY + DAY + 8 * HOUR;
const WINDOW = EXPIRY - 1800;
/** When all that a feed has of the window is shown. */
const SHOWN = EXPIRY + ROUND_LAG_SECONDS;
const CUTOFF = EXPIRY + HOUR;
const FIRST = roundId(1, 1);

type Scripted = [answer: bigint, updatedAt: number][];

const history = (feed: AnyContract, ...phases: Scripted[]) =>
  feed.load!(
    phases,
    phases.map(() => 8),
  );
const walk = ({ settlement }: Oracles, rounds = 200, start = FIRST) =>
  settlement.walk!(MARKET, EXPIRY, start, FIRST, rounds);
const priceOf = async ({ clearinghouse }: Oracles): Promise<bigint> =>
  clearinghouse.settlementPrice!(MARKET, EXPIRY);

/** Names a base feed of another market, beside the fixture's quote feed. */
const nameFeeds = ({ settlement, quote }: Oracles, market: number, base: AnyContract) =>
  settlement.setFeeds!(
    market,
    settlementFeedOf(base, 3 * HOUR),
    settlementFeedOf(quote, 26 * HOUR),
    25 * HOUR,
  );

/** Quote at 1 USD throughout, base as told, and the clock where the expiry can have its price. */
async function withBase(...phases: Scripted[]): Promise<Oracles> {
  const oracles = await scripted();
  await history(oracles.base, ...phases);
  await history(oracles.quote, [[USD, EXPIRY - 5 * HOUR]]);
  await networkHelpers.time.increaseTo(SHOWN);
  return oracles;
}

describe("SettlementOracle", () => {
  describe("the average of the answer in force", () => {
    it("the average is the carry-in's answer where no round came within the window", async () => {
      const oracles = await withBase([[3000n * USD, EXPIRY - 2 * HOUR]]);
      await walk(oracles);
      expect(await priceOf(oracles)).to.equal(3000n * WAD);
    });

    it("the average weighs each answer by its time, and leaves out a round at the expiry", async () => {
      const oracles = await withBase([
        [3000n * USD, WINDOW - 10],
        [3100n * USD, WINDOW + 600],
        [3300n * USD, WINDOW + 1500],
        [9999n * USD, EXPIRY],
      ]);
      await walk(oracles);
      expect(await priceOf(oracles)).to.equal(((3000n * 600n + 3100n * 900n + 3300n * 300n) * WAD) / 1800n);
    });

    it("the average counts a round that comes with the window's first second from it on", async () => {
      const oracles = await withBase([
        [3000n * USD, WINDOW - 10],
        [3100n * USD, WINDOW],
      ]);
      await walk(oracles);
      expect(await priceOf(oracles)).to.equal(3100n * WAD);
    });

    it("the average may start at a round that came as the window opened", async () => {
      const oracles = await withBase([[3100n * USD, WINDOW]]);
      await walk(oracles);
      expect(await priceOf(oracles)).to.equal(3100n * WAD);
    });

    it("the average goes over to a new phase with that phase's first round, and to the newest of two", async () => {
      const old: Scripted = [
        [3000n * USD, WINDOW - 10],
        [3000n * USD, WINDOW + 700],
        [1n * USD, WINDOW + 1200],
      ];
      const oracles = await withBase(old, [[3200n * USD, WINDOW + 900]], [[3600n * USD, WINDOW + 900]], []);
      await walk(oracles);
      expect(await priceOf(oracles)).to.equal(3300n * WAD);
    });

    it("the average is divided by quote/USD: with USDC at 0.90 the price in USDC is a ninth higher", async () => {
      const oracles = await withBase([[2700n * USD, WINDOW - 10]]);
      await history(oracles.quote, [[(USD * 9n) / 10n, EXPIRY - 5 * HOUR]]);
      await walk(oracles);
      expect(await priceOf(oracles)).to.equal(3000n * WAD);
    });
  });

  describe("T1: one number, whoever walks", () => {
    const rounds: Scripted = Array.from({ length: 120 }, (_, i) => [
      (3000n + BigInt((i * 37) % 50)) * USD,
      WINDOW - 600 + 20 * i,
    ]);

    it("the price is one whether it is walked in one call or in pieces, early or late", async () => {
      const once = await withBase(rounds);
      await walk(once);
      const price = await priceOf(once);

      const oracles = await scripted();
      await history(
        oracles.base,
        rounds.filter(([, at]) => at <= WINDOW + 500),
      );
      await history(oracles.quote, [[USD, EXPIRY - 5 * HOUR]]);
      await networkHelpers.time.increaseTo(WINDOW + 505);
      await walk(oracles);
      const average = await oracles.settlement.average!(MARKET, EXPIRY);
      const walkedAt = await networkHelpers.time.latest();
      const until = walkedAt - ROUND_LAG_SECONDS;
      expect(average.walkedUntilAt).to.equal(until);
      const seconds = Array.from({ length: until - WINDOW }, (_, i) => WINDOW + i);
      const sum = seconds.reduce((all, at) => all + rounds.findLast(([, from]) => from <= at)![0], 0n);
      expect(average.price).to.equal((sum * WAD) / (USD * BigInt(seconds.length)));
      await history(oracles.base, rounds);
      await networkHelpers.time.increaseTo(EXPIRY + 3 * DAY);
      while ((await priceOf(oracles)) === 0n) await walk(oracles, 7);
      expect(await priceOf(oracles)).to.equal(price);
    });

    it("the price is set once: a later call returns it and changes nothing, whatever the feed says by then", async () => {
      const oracles = await withBase(rounds);
      await walk(oracles);
      const price = await priceOf(oracles);
      await history(oracles.base, [[1n * USD, WINDOW - 10]]);
      await networkHelpers.time.increase(30 * DAY);
      await expect(walk(oracles)).not.to.emit(oracles.settlement, "Fixed");
      expect(await oracles.settlement.walk!.staticCall(MARKET, EXPIRY, FIRST, FIRST, 9)).to.equal(price);
    });

    it("Lyra's settle at call time: a price that moves after expiry moves nothing, however late the call", async () => {
      const before: Scripted = [[3000n * USD, WINDOW - 10]];
      const oracles = await withBase([...before, [4500n * USD, EXPIRY + 1], [1500n * USD, EXPIRY + 900]]);
      await networkHelpers.time.increase(DAY);
      await walk(oracles);
      expect(await priceOf(oracles)).to.equal(3000n * WAD);
    });

    it("a walk never fixes before all of the window is shown, nor starts before some of it is", async () => {
      const oracles = await scripted();
      await history(oracles.base, [[3000n * USD, EXPIRY - 2 * HOUR]]);
      await history(oracles.quote, [[USD, EXPIRY - 5 * HOUR]]);
      await networkHelpers.time.increaseTo(WINDOW - 10);
      await expect(walk(oracles)).to.be.revertedWithCustomError(
        oracles.settlement,
        "SettlementOracle_NotYet",
      );
      for (const [at, price] of [
        [EXPIRY - 10, 0n],
        [EXPIRY, 0n],
        [SHOWN - 1, 0n],
        [SHOWN, 3000n * WAD],
      ] as const) {
        await networkHelpers.time.setNextBlockTimestamp(at);
        await walk(oracles);
        expect(await priceOf(oracles)).to.equal(price);
      }
    });

    describe("where a feed shows its rounds late", () => {
      /** The price where somebody walks at each of these times, and at last a while after the expiry. */
      async function priceWalkedAt(times: number[], cutoff: number, ...phases: Scripted[]): Promise<bigint> {
        const oracles = await scripted();
        await history(oracles.base, ...phases);
        await oracles.base.setCutoff!(1, cutoff);
        await history(oracles.quote, [[USD, EXPIRY - 5 * HOUR]]);
        for (const at of [...times, SHOWN + 900]) {
          await networkHelpers.time.setNextBlockTimestamp(at);
          // Which phase the round to start from is in, or whether it is too early for that, does not matter here.
          await walk(oracles).catch(() => undefined);
        }
        return priceOf(oracles);
      }

      it("the price is the same whether one walks while a round is hidden, or later", async () => {
        const rounds: Scripted = [
          [3000n * USD, WINDOW - 600],
          [3030n * USD, EXPIRY - 9],
        ];
        for (const times of [[], [EXPIRY], [EXPIRY - 5, EXPIRY + 1], [SHOWN]])
          expect(await priceWalkedAt(times, 10, rounds), String(times)).to.equal((300_015n * WAD) / 100n);
        // The longest that a round may be hidden.
        const late: Scripted = [rounds[0]!, [3030n * USD, EXPIRY - 1]];
        const once = await priceWalkedAt([], ROUND_LAG_SECONDS, late);
        expect(await priceWalkedAt([EXPIRY, SHOWN], ROUND_LAG_SECONDS, late)).to.equal(once);
      });

      it("the price is the same whoever picks the moments at which the old answer is the higher one, or the lower one", async () => {
        const rounds: Scripted = Array.from({ length: 80 }, (_, i) => [
          (i % 2 === 0 ? 30_000n : 30_045n) * (USD / 10n),
          WINDOW - 60 + 24 * i,
        ]);
        const whileHidden = (parity: number) =>
          rounds.filter((_, i) => i % 2 === parity).map(([, updatedAt]) => updatedAt + 9);
        const price = await priceWalkedAt([], 10, rounds);
        for (const parity of [0, 1])
          expect(await priceWalkedAt(whileHidden(parity), 10, rounds)).to.equal(price);
      });

      it("the price is the same where a newer phase shows its first round at once, and the older hides one from before it", async () => {
        const phases: Scripted[] = [
          [
            [3000n * USD, WINDOW - 600],
            [3600n * USD, EXPIRY - 50],
          ],
          [[3300n * USD, EXPIRY - 20]],
        ];
        const expected = ((3000n * 1750n + 3600n * 30n + 3300n * 20n) * WAD) / 1800n;
        for (const times of [[], [EXPIRY], [EXPIRY - 15, EXPIRY]])
          expect(await priceWalkedAt(times, 60, ...phases), String(times)).to.equal(expected);
      });
    });

    it("a walk may start at the latest round, 0, if that came before the window or as it opened", async () => {
      for (const at of [WINDOW, WINDOW - 10, EXPIRY - 3 * HOUR]) {
        const oracles = await withBase([[2900n * USD, EXPIRY - 4 * HOUR]], [[3000n * USD, at]]);
        await walk(oracles, 1, 0n);
        expect(await priceOf(oracles)).to.equal(3000n * WAD);
      }
      const early = await scripted();
      await history(early.base, [[3000n * USD, WINDOW - 10]]);
      await history(early.quote, [[USD, EXPIRY - 5 * HOUR]]);
      await networkHelpers.time.increaseTo(WINDOW + 600);
      await walk(early, 1, 0n);
      expect((await early.settlement.progress!(MARKET, EXPIRY)).base.lastRound).to.equal(roundId(1, 1));
      await history(early.base, [
        [3000n * USD, WINDOW - 10],
        [3300n * USD, WINDOW + 1200],
      ]);
      await networkHelpers.time.increaseTo(SHOWN);
      // It has begun: from here on 0 is as good as any other.
      await walk(early, 9, 0n);
      expect(await priceOf(early)).to.equal(3100n * WAD);
    });

    it("a walk refuses the latest round where another was in force as the window opened, or there is none", async () => {
      const late = await withBase(rounds);
      const window = await ethers.getContractFactory("SettlementOracle");
      await expect(walk(late, 9, 0n))
        .to.be.revertedWithCustomError(window, "Window_StartsLate")
        .withArgs(roundId(1, rounds.length), rounds.at(-1)![1], WINDOW);
      const silent = await withBase(rounds);
      await silent.base.setSilent!(true);
      await expect(walk(silent, 9, 0n)).to.be.revertedWithCustomError(window, "Window_RoundMissing");
    });

    it("a walk finds the latest round's window broken as any other's: out of bounds, silent too long, other decimals", async () => {
      for (const [answer, at, decimals] of [
        [0n, WINDOW, 8],
        [3000n * USD, EXPIRY - 3 * HOUR - 1, 8],
        [3000n * USD, WINDOW, 18],
      ] as const) {
        const oracles = await withBase([[3000n * USD, EXPIRY - 4 * HOUR]]);
        await oracles.base.prepare!(18);
        await oracles.base.load!([[[3000n * USD, EXPIRY - 4 * HOUR]], [[answer, at]]], [8, decimals]);
        await walk(oracles, 1, 0n);
        expect((await oracles.settlement.progress!(MARKET, EXPIRY)).base.broken).to.equal(true);
      }
    });

    it("a walk refuses a start that does not exist or came after the window opened", async () => {
      const oracles = await withBase(rounds);
      const window = await ethers.getContractFactory("SettlementOracle");
      await expect(walk(oracles, 9, roundId(1, 121))).to.be.revertedWithCustomError(
        window,
        "Window_RoundMissing",
      );
      await expect(walk(oracles, 9, roundId(1, 40))).to.be.revertedWithCustomError(
        window,
        "Window_StartsLate",
      );
    });
  });

  describe("a walk", () => {
    const rounds: Scripted = [
      [3000n * USD, WINDOW - 10],
      [3100n * USD, WINDOW + 600],
      [3200n * USD, WINDOW + 1200],
    ];

    it("a walk tells how far it came, and at last the price, and who fixed it", async () => {
      const oracles = await withBase(rounds);
      const { settlement } = oracles;
      const [owner] = await ethers.getSigners();
      expect(await settlement.average!(MARKET, EXPIRY)).to.deep.equal([0n, 0n]);
      await expect(walk(oracles, 0)).to.emit(settlement, "Walked");
      expect((await settlement.progress!(MARKET, EXPIRY)).base).to.deep.equal([0n, 0n, 0n, false]);
      const base = [3000n * USD * 600n + 3100n * USD * 600n, WINDOW + 1200, roundId(1, 3), false];
      const quote = [USD * 1800n, EXPIRY, FIRST, false];
      await expect(walk(oracles, 2)).to.emit(settlement, "Walked").withArgs(MARKET, EXPIRY, base, quote);
      expect(await settlement.progress!(MARKET, EXPIRY)).to.deep.equal([
        base.map((each) => (typeof each === "number" ? BigInt(each) : each)),
        quote.map((each) => (typeof each === "number" ? BigInt(each) : each)),
      ]);
      // Each average is over its own time.
      expect(await settlement.average!(MARKET, EXPIRY)).to.deep.equal([3050n * WAD, BigInt(WINDOW + 1200)]);
      await expect(walk(oracles, 1))
        .to.emit(settlement, "Fixed")
        .withArgs(MARKET, EXPIRY, 3100n * WAD, SOURCE.rounds, owner!.address);
      expect(await settlement.average!(MARKET, EXPIRY)).to.deep.equal([3100n * WAD, BigInt(EXPIRY)]);
      expect(await priceOf(oracles)).to.equal(3100n * WAD);
    });

    it("T1: an early start, as one by a stranger, holds up nobody: a later one takes its place until something is walked", async () => {
      const years: Scripted = Array.from({ length: 400 }, (_, i) => [
        2000n * USD,
        EXPIRY - 500 * HOUR + i * HOUR,
      ]);
      const late = roundId(1, 401);
      for (const start of [late, 0n]) {
        const history_: Scripted = [...years, [3000n * USD, WINDOW - 10]];
        if (start !== 0n) history_.push([3300n * USD, WINDOW + 1200]);
        const oracles = await withBase(history_);
        const lastRound = async () => (await oracles.settlement.progress!(MARKET, EXPIRY)).base.lastRound;
        await walk(oracles, 3);
        expect(await lastRound()).to.equal(roundId(1, 4));
        // Who goes on from there, or names it again, does not begin anew.
        await walk(oracles, 3, start === 0n ? FIRST : 0n);
        await walk(oracles, 3, FIRST);
        if (start !== 0n) expect(await lastRound()).to.equal(roundId(1, 10));
        await walk(oracles, 3, start);
        expect(await priceOf(oracles)).to.equal(start === 0n ? 3000n * WAD : 3100n * WAD);
      }
    });

    it("a walk keeps no progress where it fixes at once", async () => {
      const oracles = await withBase(rounds);
      await walk(oracles);
      const nothing = [0n, 0n, 0n, false];
      expect(await oracles.settlement.progress!(MARKET, EXPIRY)).to.deep.equal([nothing, nothing]);
    });

    it("a walk begins with the second after the window opened, not with its first", async () => {
      const oracles = await scripted();
      await history(oracles.base, [[3000n * USD, WINDOW - 10]]);
      await history(oracles.quote, [[USD, EXPIRY - 5 * HOUR]]);
      const shown = WINDOW + ROUND_LAG_SECONDS;
      await networkHelpers.time.setNextBlockTimestamp(shown);
      await expect(walk(oracles))
        .to.be.revertedWithCustomError(oracles.settlement, "SettlementOracle_NotYet")
        .withArgs(shown, shown);
      await networkHelpers.time.setNextBlockTimestamp(shown + 1);
      await walk(oracles);
      expect((await oracles.settlement.progress!(MARKET, EXPIRY)).base.walkedUntilAt).to.equal(WINDOW + 1);
    });

    it("a walk keeps markets apart that are walked in pieces at once", async () => {
      const oracles = await withBase(rounds);
      const { settlement, clearinghouse } = oracles;
      const other = await deploy("ScriptedFeed", 8, 5000n * USD);
      await nameFeeds(oracles, 8, other);
      await history(
        other,
        rounds.map(([answer, at]) => [2n * answer, at]),
      );
      for (const pieces of [1, 9]) {
        await walk(oracles, pieces);
        await settlement.walk!(8, EXPIRY, FIRST, FIRST, pieces);
      }
      expect(await priceOf(oracles)).to.equal(3100n * WAD);
      expect(await clearinghouse.settlementPrice!(8, EXPIRY)).to.equal(6200n * WAD);
    });

    it("S10: a walk asks a phase for its decimals that is not the one seen at registration", async () => {
      const oracles = await scripted();
      const { settlement, quote } = oracles;
      const upgraded = await deploy("ScriptedFeed", 18, 3000n * WAD);
      await upgraded.upgrade!(8);
      await upgraded.load!(
        [[[3000n * WAD, EXPIRY - DAY]], [[3000n * USD, await networkHelpers.time.latest()]]],
        [18, 8],
      );
      await nameFeeds(oracles, 8, upgraded);
      await history(quote, [[USD, EXPIRY - 5 * HOUR]]);
      // The old phase has an answer that passes for one of 8 decimals.
      await upgraded.load!([[[3000n * USD, WINDOW - 10]], [[3000n * USD, EXPIRY + 5]]], [18, 8]);
      await networkHelpers.time.increaseTo(SHOWN + 10);
      await settlement.walk!(8, EXPIRY, FIRST, FIRST, 9);
      expect((await settlement.progress!(8, EXPIRY)).base.broken).to.equal(true);
    });

    it("a walk takes answers next to the bounds, and one in force for as long as the feed may be silent", async () => {
      const { settlement } = await scripted();
      const { minAnswer, maxAnswer } = (await settlement.feeds!(MARKET)).base;
      for (const answer of [minAnswer + 1n, maxAnswer - 1n]) {
        const oracles = await withBase([[answer, EXPIRY - 3 * HOUR]]);
        await walk(oracles);
        expect(await priceOf(oracles)).to.equal(answer * 10n ** 10n);
      }
      for (const answer of [minAnswer, maxAnswer]) {
        const oracles = await withBase([[answer, WINDOW]]);
        await walk(oracles);
        expect((await oracles.settlement.progress!(MARKET, EXPIRY)).base.broken).to.equal(true);
      }
    });
  });

  describe("a broken window", () => {
    const good: Scripted = [
      [3000n * USD, WINDOW - 10],
      [3100n * USD, WINDOW + 600],
    ];
    const cases: Record<string, Scripted> = {
      "an answer at the registered floor (LUNA)": [...good, [USD / 100n, WINDOW + 900]],
      "an answer at the ceiling": [...good, [1_000_000n * USD, WINDOW + 900]],
      "an answer of zero": [...good, [0n, WINDOW + 900]],
      "a negative answer": [...good, [-3000n * USD, WINDOW + 900]],
      "a feed stuck for longer than it may be silent": [[3000n * USD, EXPIRY - 3 * HOUR - 1]],
    };
    for (const [what, rounds] of Object.entries(cases)) {
      it(`a window is broken, for good, by ${what}`, async () => {
        const oracles = await withBase(rounds);
        await walk(oracles);
        await walk(oracles);
        expect(await priceOf(oracles)).to.equal(0n);
        expect((await oracles.settlement.progress!(MARKET, EXPIRY)).base.broken).to.equal(true);
      });
    }

    it("S10: a window is broken by a new aggregator of other decimals, but not by one that answers from the expiry on", async () => {
      const oracles = await withBase(good);
      await oracles.base.prepare!(18);
      await oracles.base.load!([good, [[3000n * WAD, EXPIRY]]], [8, 18]);
      const snapshot = await networkHelpers.takeSnapshot();
      await walk(oracles);
      expect(await priceOf(oracles)).to.equal(((3000n * 600n + 3100n * 1200n) * WAD) / 1800n);
      await snapshot.restore();
      await oracles.base.load!([good, [[3000n * USD, EXPIRY - 1]]], [8, 18]);
      await walk(oracles);
      expect((await oracles.settlement.progress!(MARKET, EXPIRY)).base.broken).to.equal(true);
    });

    it("a window is not broken by what happened before it", async () => {
      const oracles = await withBase([[0n, WINDOW - 9 * HOUR], ...good]);
      await walk(oracles);
      expect(await priceOf(oracles)).not.to.equal(0n);
    });
  });

  describe("the fallback", () => {
    const broken: Scripted = [[0n, WINDOW - 10]];
    const reportAt = (at: number, spot = 3010n * WAD) =>
      encodeReport(sampleReport({ at, tenors: [25, 88], spot }));
    const postAt = (oracles: Oracles, at: number, spot = 3010n * WAD) =>
      post(oracles, { at, tenors: [25, 88], spot });
    const fix = ({ settlement }: Oracles, at: number, spot?: bigint) =>
      settlement.fixByFallback!(MARKET, EXPIRY, reportAt(at, spot));

    it("the fallback of a broken window is the spot of the first report after the cut-off, after the delay", async () => {
      const oracles = await withBase(broken);
      await walk(oracles);
      await postAt(oracles, CUTOFF - 100, 2990n * WAD);
      await postAt(oracles, CUTOFF + 20);
      await postAt(oracles, CUTOFF + 120, 3020n * WAD);
      await networkHelpers.time.increaseTo(EXPIRY + 25 * HOUR - 10);
      await expect(fix(oracles, CUTOFF + 20)).to.be.revertedWithCustomError(
        oracles.settlement,
        "SettlementOracle_NotYet",
      );
      // Until its day is over its signers may still be revoked, and the digest with them.
      await networkHelpers.time.setNextBlockTimestamp(CUTOFF + DAY + 60);
      await expect(fix(oracles, CUTOFF + 20))
        .to.be.revertedWithCustomError(oracles.settlement, "SettlementOracle_NoReportYet")
        .withArgs(Math.floor(CUTOFF / DAY));
      await networkHelpers.time.increaseTo(CUTOFF + DAY + 60);
      for (const [at, spot] of [
        [CUTOFF + 120, 3020n * WAD],
        [CUTOFF - 100, 2990n * WAD],
        [CUTOFF + 20, 1n],
      ] as const) {
        await expect(fix(oracles, at, spot)).to.be.revertedWithCustomError(
          oracles.settlement,
          "SettlementOracle_WrongReport",
        );
      }
      const [owner] = await ethers.getSigners();
      await expect(fix(oracles, CUTOFF + 20))
        .to.emit(oracles.settlement, "Fixed")
        .withArgs(MARKET, EXPIRY, 3010n * WAD, SOURCE.fallback, owner!.address);
      expect(await priceOf(oracles)).to.equal(3010n * WAD);
      await expect(fix(oracles, CUTOFF + 20)).to.be.revertedWithCustomError(
        oracles.clearinghouse,
        "SettledPrices_AlreadySettled",
      );
    });

    it("the fallback of a window that nobody can walk, for the feed is dead, comes a week after expiry", async () => {
      const oracles = await withBase([[3000n * USD, WINDOW - 10]]);
      await postAt(oracles, CUTOFF + 20);
      await oracles.base.setSilent!(true);
      const window = await ethers.getContractFactory("SettlementOracle");
      await expect(walk(oracles)).to.be.revertedWithCustomError(window, "Window_RoundMissing");
      await networkHelpers.time.increaseTo(EXPIRY + 7 * DAY - 10);
      await expect(fix(oracles, CUTOFF + 20)).to.be.revertedWithCustomError(
        oracles.settlement,
        "SettlementOracle_NotYet",
      );
      await networkHelpers.time.increaseTo(EXPIRY + 7 * DAY);
      await fix(oracles, CUTOFF + 20);
      expect(await priceOf(oracles)).to.equal(3010n * WAD);
    });

    it("the fallback of a window that the quote feed broke is the same", async () => {
      const oracles = await withBase([[3000n * USD, WINDOW - 10]]);
      await history(oracles.quote, [[USD / 100n, EXPIRY - 5 * HOUR]]);
      await walk(oracles);
      expect((await oracles.settlement.progress!(MARKET, EXPIRY)).quote.broken).to.equal(true);
      await postAt(oracles, CUTOFF + 20);
      await networkHelpers.time.increaseTo(CUTOFF + DAY + 60);
      await fix(oracles, CUTOFF + 20);
      expect(await priceOf(oracles)).to.equal(3010n * WAD);
    });

    it("the fallback takes the report of the very cut-off at which an option expires, and else the next one's", async () => {
      for (const [late, day] of [
        [0, 0],
        [1, 1],
      ] as const) {
        const oracles = await withBase(broken);
        const expiryAt = CUTOFF + late;
        await networkHelpers.time.increaseTo(expiryAt);
        for (const at of [CUTOFF, CUTOFF + DAY]) await postAt(oracles, at + 20, (3010n + BigInt(at)) * WAD);
        await oracles.settlement.walk!(MARKET, expiryAt, FIRST, FIRST, 9);
        const at = CUTOFF + day * DAY;
        await networkHelpers.time.increaseTo(Math.max(expiryAt + 25 * HOUR, at + DAY + 60));
        await oracles.settlement.fixByFallback!(
          MARKET,
          expiryAt,
          reportAt(at + 20, (3010n + BigInt(at)) * WAD),
        );
        expect(await oracles.clearinghouse.settlementPrice!(MARKET, expiryAt)).to.equal(
          (3010n + BigInt(at)) * WAD,
        );
      }
    });

    it("the fallback waits to the second for the report of a day that may still get one", async () => {
      const oracles = await withBase(broken);
      await walk(oracles);
      const { settlement } = oracles;
      const over = CUTOFF + 2 * DAY + 60;
      for (const [at, epoch] of [
        [over, Math.floor(CUTOFF / DAY) + 1],
        [over + 1, Math.floor(CUTOFF / DAY) + 2],
      ] as const) {
        await networkHelpers.time.setNextBlockTimestamp(at);
        await expect(fix(oracles, CUTOFF))
          .to.be.revertedWithCustomError(settlement, "SettlementOracle_NoReportYet")
          .withArgs(epoch);
      }
    });

    it("the fallback passes over days without a report, once they can have none", async () => {
      const oracles = await withBase(broken);
      await walk(oracles);
      await networkHelpers.time.increaseTo(CUTOFF + DAY + 30);
      await expect(fix(oracles, CUTOFF)).to.be.revertedWithCustomError(
        oracles.settlement,
        "SettlementOracle_NoReportYet",
      );
      await networkHelpers.time.increaseTo(CUTOFF + 3 * DAY);
      await postAt(oracles, CUTOFF + 3 * DAY + 600);
      await networkHelpers.time.increaseTo(CUTOFF + 4 * DAY + 60);
      await fix(oracles, CUTOFF + 3 * DAY + 600);
      expect(await priceOf(oracles)).to.equal(3010n * WAD);
    });

    it("T1: the fallback does not take a report whose signers may still be revoked that day, so nobody chooses between two", async () => {
      const oracles = await withBase(broken);
      await walk(oracles);
      const [owner] = await ethers.getSigners();
      await oracles.control.grantRole!(ROLES.guardian, owner, 0);
      await postAt(oracles, CUTOFF + 20);
      await networkHelpers.time.increaseTo(CUTOFF + DAY);
      await oracles.surface.revokeSigners!(MARKET);
      // The day of the revocation is another: what was kept the day before stands.
      await networkHelpers.time.increaseTo(CUTOFF + DAY + 60);
      await fix(oracles, CUTOFF + 20);
      expect(await priceOf(oracles)).to.equal(3010n * WAD);
    });

    it("T1: the fallback takes no report that came too late in its day for its signers to be revoked", async () => {
      const oracles = await withBase(broken);
      await walk(oracles);
      const [owner] = await ethers.getSigners();
      await oracles.control.grantRole!(ROLES.guardian, owner, 0);
      // A minute later the fallback can be asked for.
      await postAt(oracles, CUTOFF + DAY - 1, 1n);
      await oracles.surface.revokeSigners!(MARKET);
      await networkHelpers.time.increaseTo(CUTOFF + DAY + 60);
      const day = Math.floor(CUTOFF / DAY);
      expect(await oracles.surface.epochDigest!(MARKET, day)).to.not.equal(ethers.ZeroHash);
      await expect(fix(oracles, CUTOFF + DAY - 1, 1n))
        .to.be.revertedWithCustomError(oracles.settlement, "SettlementOracle_NoReportYet")
        .withArgs(day + 1);
    });

    it("the fallback loses against a walk until it has been called", async () => {
      const oracles = await withBase([[3000n * USD, WINDOW - 10]]);
      await postAt(oracles, CUTOFF + 20);
      await networkHelpers.time.increaseTo(EXPIRY + 8 * DAY);
      await walk(oracles);
      await expect(fix(oracles, CUTOFF + 20)).to.be.revertedWithCustomError(
        oracles.clearinghouse,
        "SettledPrices_AlreadySettled",
      );
    });
  });

  describe("control", () => {
    it("K4: only the functions of the table are restricted; nobody can write a price (Ribbon, Aevo)", async () => {
      const { settlement } = await scripted();
      const [, , , , , , stranger] = await ethers.getSigners();
      const changing = settlement.interface.fragments.filter(
        (fragment) => fragment.type === "function" && !("constant" in fragment && fragment.constant),
      ) as unknown as { name: string }[];
      const restricted = Object.values(RESTRICTED.SettlementOracle!).flat();
      expect(changing.map(({ name }) => name).sort()).to.deep.equal(
        [...restricted, "walk", "fixByFallback", "setAuthority"].sort(),
      );
      const feed = settlementFeedOf(settlement, HOUR);
      await expect(
        (settlement.connect(stranger!) as AnyContract).setFeeds!(9, feed, feed, 25 * HOUR),
      ).to.be.revertedWithCustomError(settlement, "AccessManagedUnauthorized");
    });

    it("Ribbon's and Aevo's writable expiry price: who holds every role moves no price, fixed or not", async () => {
      const oracles = await withBase([[3000n * USD, WINDOW - 10]]);
      const { settlement, base, quote, control } = oracles;
      const [owner] = await ethers.getSigners();
      for (const role of Object.values(ROLES).filter((each) => each !== ROLES.admin))
        await control.grantRole!(role, owner, 0);
      const rigged = await deploy("ScriptedFeed", 8, 1n * USD);
      const feeds = [settlementFeedOf(rigged, 3 * HOUR), settlementFeedOf(quote, 26 * HOUR), 25 * HOUR];
      const attempts = async () => {
        await expect(settlement.setFeeds!(MARKET, ...feeds)).to.be.revertedWithCustomError(
          settlement,
          "SettlementOracle_MarketTaken",
        );
        await expect(settlement.setAuthority!(owner)).to.be.revertedWithCustomError(
          settlement,
          "AccessManagedUnauthorized",
        );
        const report = encodeReport(sampleReport({ at: EXPIRY, tenors: [25, 88], spot: 1n }));
        await expect(settlement.fixByFallback!(MARKET, EXPIRY, report)).to.be.revert(ethers);
      };
      await attempts();
      await walk(oracles);
      await history(base, [[1n * USD, WINDOW - 10]]);
      await attempts();
      expect(await priceOf(oracles)).to.equal(3000n * WAD);
    });

    it("K3: feeds are named once a market, and only sound ones", async () => {
      const { settlement, base, quote } = await scripted();
      const set = (market: number, changes: object, delay = 25 * HOUR) =>
        settlement.setFeeds!(
          market,
          { ...settlementFeedOf(base, 3 * HOUR), ...changes },
          settlementFeedOf(quote, 26 * HOUR),
          delay,
        );
      const refused = async (sent: Promise<unknown>, error: string) =>
        expect(sent).to.be.revertedWithCustomError(settlement, `SettlementOracle_${error}`);
      await refused(set(MARKET, {}), "MarketTaken");
      await refused(set(2, { decimals: 18 }), "FeedInvalid");
      await refused(set(2, { proxy: settlement.target }), "FeedInvalid");
      await refused(set(2, { minAnswer: 0 }), "BoundsInvalid");
      await refused(set(2, { minAnswer: 3000n * USD }), "BoundsInvalid");
      await refused(set(2, { maxAnswer: 3000n * USD }), "BoundsInvalid");
      await refused(set(2, { maxSilence: HOUR - 1 }), "DelayOutOfRange");
      await refused(set(2, { maxSilence: 3 * DAY + 1 }), "DelayOutOfRange");
      await refused(set(2, {}, 25 * HOUR - 1), "DelayOutOfRange");
      await refused(set(2, {}, 7 * DAY + 1), "DelayOutOfRange");
      const other = await deploy("ScriptedFeed", 19, 3000n * USD);
      await refused(set(2, { proxy: other.target, decimals: 19 }), "FeedInvalid");
      // Bounds under which a price might be nothing, or more than fits.
      const fine = await deploy("ScriptedFeed", 18, 10n ** 12n);
      await refused(set(2, { proxy: fine.target, decimals: 18, minAnswer: 1n }), "BoundsInvalid");
      const coarse = await deploy("ScriptedFeed", 0, 3000n);
      const wide = { proxy: coarse.target, decimals: 0, minAnswer: 1n, maxAnswer: 1n << 87n };
      await refused(set(2, wide), "BoundsInvalid");
      for (const maxSilence of [HOUR, 3 * DAY]) await set(maxSilence, { maxSilence }, 7 * DAY);
      await set(4, { minAnswer: 1n });
      await expect(set(2, {})).to.emit(settlement, "FeedsSet");
      const { base: kept } = await settlement.feeds!(2);
      expect([kept.proxy, kept.decimals, kept.maxSilence]).to.deep.equal([base.target, 8n, 3n * 3600n]);
      // Rounded to the inside, to 16 bits.
      const named = settlementFeedOf(base, 3 * HOUR);
      expect(
        kept.minAnswer >= named.minAnswer && kept.minAnswer - named.minAnswer <= named.minAnswer >> 15n,
      ).to.equal(true);
      expect(
        kept.maxAnswer <= named.maxAnswer && named.maxAnswer - kept.maxAnswer <= named.maxAnswer >> 15n,
      ).to.equal(true);
      expect((await settlement.feeds!(2)).fallbackDelay).to.equal(25n * 3600n);
      await refused(settlement.walk!(3, EXPIRY, 1, 1, 1), "MarketUnknown");
    });

    it("K5: a feed that calls back while it is read changes nothing", async () => {
      const oracles = await scripted();
      const { settlement, quote, clearinghouse } = oracles;
      const hostile = await deploy("ReentrantFeed", 8, 3000n * USD);
      await nameFeeds(oracles, 7, hostile);
      await history(hostile, [[3000n * USD, WINDOW - 10]]);
      await history(quote, [[USD, EXPIRY - 5 * HOUR]]);
      const inner = settlement.interface.encodeFunctionData("walk", [MARKET, EXPIRY, FIRST, FIRST, 9]);
      await hostile.attack!(settlement, inner);
      await networkHelpers.time.increaseTo(SHOWN);
      await settlement.walk!(7, EXPIRY, FIRST, FIRST, 9);
      expect(await clearinghouse.settlementPrice!(7, EXPIRY)).to.equal(3000n * WAD);
    });
  });
});

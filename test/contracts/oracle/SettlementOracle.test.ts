import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { expect } from "chai";
import { deploy, HOUR, scripted, USD, WAD } from "../../support/oracle/fixture.ts";
import { roundId, SOURCE } from "../../support/oracle/settlement.ts";
import {
  EXPIRY,
  FIRST,
  history,
  nameFeeds,
  priceOf,
  type Scripted,
  SHOWN,
  WINDOW,
  walk,
  withBase,
} from "../../support/oracle/walks.ts";
import { DAY, ethers, MARKET, networkHelpers } from "../../support/surface.ts";

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
});

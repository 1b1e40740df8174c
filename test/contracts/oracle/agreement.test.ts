import { expect } from "chai";
import fc from "fast-check";
import { deploy, scripted } from "../../support/oracle/fixture.ts";
import { history } from "../../support/oracle/histories.ts";
import { type FeedHistory, roundAt, roundId, settlementOf } from "../../support/oracle/settlement.ts";
import { type AnyContract, START } from "../../support/surface.ts";

/** How many histories: some with `npm test`, thousands with `MENISCUS_HISTORIES=5000`. */
const HISTORIES = Number(process.env.MENISCUS_HISTORIES ?? 200);
/** The histories lie in the past of the chain, each at an expiry of its own. */
const LAST_EXPIRY = START - 100_000;
const ENOUGH = 200;

/** A history made around time 0, moved to an expiry. */
function at(history: FeedHistory, expiryAt: number): FeedHistory {
  const phases = history.phases.map(({ decimals, rounds }) => ({
    decimals,
    rounds: rounds.map(({ answer, updatedAt }) => ({ answer, updatedAt: updatedAt + expiryAt })),
  }));
  return { ...history, phases };
}

/** Where a caller may start: a while before the window, or, where no round is as old, at the window. */
const startOf = (history: FeedHistory, windowAt: number, early: number): bigint =>
  roundAt(history, windowAt - early) ?? roundAt(history, windowAt) ?? roundId(1, 1);

async function load(feed: AnyContract, { phases }: FeedHistory): Promise<void> {
  await feed.load!(
    phases.map(({ rounds }) => rounds.map(({ answer, updatedAt }) => [answer, updatedAt])),
    phases.map(({ decimals }) => decimals),
  );
}

const registered = (feed: AnyContract, { decimals, maxSilence, minAnswer, maxAnswer }: FeedHistory) => ({
  proxy: feed.target,
  decimals,
  maxSilence,
  minAnswer,
  maxAnswer,
});

describe("SettlementOracle: simulated histories of feeds", () => {
  const counted: Record<string, number> = { settled: 0, broken: 0, "no carry-in": 0, "several phases": 0 };

  it(`T1: settles ${HISTORIES} of them as the independent computation does, from any start and in any pieces`, async () => {
    const { settlement, clearinghouse } = await scripted();
    // A market for each pair of decimals, for these are registered for good.
    const markets = new Map<string, { market: number; base: AnyContract; quote: AnyContract }>();
    const marketOf = async (base: FeedHistory, quote: FeedHistory) => {
      const key = `${base.decimals}/${quote.decimals}`;
      const known = markets.get(key);
      if (known !== undefined) return known;
      const feedOf = async ({ decimals }: FeedHistory) => {
        const feed = await deploy("ScriptedFeed", decimals, 3000n * 10n ** BigInt(decimals));
        for (const other of [6, 8, 18]) await feed.prepare!(other);
        return feed;
      };
      const made = { market: 100 + markets.size, base: await feedOf(base), quote: await feedOf(quote) };
      await settlement.setFeeds!(
        made.market,
        registered(made.base, base),
        registered(made.quote, quote),
        25 * 3600,
      );
      markets.set(key, made);
      return made;
    };

    let expiryAt = LAST_EXPIRY;
    const pairs = fc.record({
      base: history(0),
      quote: history(0),
      /** Seconds before the window at which the caller starts. */
      early: fc.integer({ min: 0, max: 5000 }),
      pieces: fc.integer({ min: 2, max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(pairs, async ({ base: baseShape, quote: quoteShape, early, pieces }) => {
        expiryAt -= 1;
        const [base, quote] = [at(baseShape.history, expiryAt), at(quoteShape.history, expiryAt)];
        const market = await marketOf(base, quote);
        await load(market.base, base);
        await load(market.quote, quote);
        const expected = settlementOf(base, quote, expiryAt);
        const starts = [base, quote].map((feed) => startOf(feed, expiryAt - 1800, early));
        const walk = (rounds: number) =>
          settlement.walk!(market.market, expiryAt, starts[0], starts[1], rounds);

        const outcome = async () => {
          for (let walked = 0; walked < ENOUGH; walked += pieces) {
            try {
              await walk(pieces);
            } catch {
              return "no carry-in";
            }
            const price: bigint = await clearinghouse.settlementPrice!(market.market, expiryAt);
            if (price !== 0n) return price;
            const [overBase, overQuote] = await settlement.progress!(market.market, expiryAt);
            if (overBase.broken || overQuote.broken) return "broken";
          }
          return "not done";
        };
        // As text: Hardhat's matchers compare a bigint with numbers only.
        expect(String(await outcome())).to.equal(String(expected));
        counted[typeof expected === "bigint" ? "settled" : expected]! += 1;
        if (base.phases.length > 1) counted["several phases"]! += 1;
      }),
      { numRuns: HISTORIES, seed: 20_261_121 },
    );
    // None of the kinds is missing, or the agreement above would say less than it seems to.
    for (const [kind, count] of Object.entries(counted)) {
      expect(count, kind).to.be.greaterThan(HISTORIES / 100);
    }
    if (process.env.MENISCUS_HISTORIES !== undefined) console.log(`      ${JSON.stringify(counted)}`);
  }).timeout(120_000 + 200 * HISTORIES);
});

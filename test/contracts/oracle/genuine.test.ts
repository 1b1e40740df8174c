import { developmentAccount } from "@meniscus/cli/localMarket/accounts";
import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { expect } from "chai";
import type { HDNodeWallet } from "ethers";
import {
  deployFeed,
  deployUptimeFeed,
  nextPhase,
  transmission,
  transmitterOf,
} from "../../support/oracle/chainlink.ts";
import {
  answers,
  deploy,
  deployOracles,
  HOUR,
  LIMITS,
  now,
  REASONS,
  reasons,
  sourcesOf,
  USD,
  WAD,
} from "../../support/oracle/fixture.ts";
import { roundId } from "../../support/oracle/settlement.ts";
import { deployPool } from "../../support/oracle/uniswap.ts";
import {
  type AnyContract,
  DAY,
  ethers,
  freshSurface,
  MARKET,
  networkHelpers,
  START,
} from "../../support/surface.ts";

const ETHER = 10n ** 18n;
const DEPTH = 10_000n * ETHER;
const EXPIRY = Math.floor(START / DAY) * DAY + DAY + 8 * HOUR;
const WINDOW = EXPIRY - 1800;

/** Both feeds genuine, at 3000 and 1 USD. */
async function deployGenuine() {
  const surface = await freshSurface();
  const base = await deployFeed(8, 3000n * USD);
  const quote = await deployFeed(8, USD);
  const oracles = await deployOracles(surface, base.proxy, quote.proxy, await deploy("SettledPrices"));
  return { ...oracles, baseFeed: base, quoteFeed: quote };
}
const genuine = deployGenuine;

/** And a pool at the same price as a third source. */
async function deployWithPool() {
  const oracles = await deployGenuine();
  const market = await deployPool(3000, DEPTH);
  const sources = sourcesOf(oracles.base, oracles.quote, { average: market.average });
  await oracles.spot.setSources!(MARKET, sources, LIMITS);
  await oracles.spot.poke!(MARKET);
  await oracles.baseFeed.transmit(3000n * USD);
  return { ...oracles, market, sources };
}
const withPool = deployWithPool;

describe("genuine sources", () => {
  describe("a Chainlink aggregator on OCR2Base", () => {
    it("takes a round under f + 1 signatures of its oracles and no other", async () => {
      const { baseFeed, spot } = await genuine();
      const transmitter = await transmitterOf(1);
      const send = async (epoch: bigint, keys?: HDNodeWallet[]) => {
        const parameters = await transmission(baseFeed.aggregator, 1n * USD, epoch, keys);
        return (baseFeed.aggregator.connect(transmitter) as AnyContract).transmit!(...parameters);
      };
      // An epoch that was; a stranger's key among the signers; too few signatures.
      await expect(send(1n)).to.be.revertedWithCustomError(baseFeed.aggregator, "ReportInvalid");
      const strangers = [developmentAccount(10), developmentAccount(5)];
      await expect(send(9n, strangers)).to.be.revertedWith("address not authorized to sign");
      await expect(send(9n, [developmentAccount(10)])).to.be.revertedWith("wrong number of signatures");
      const [owner] = await ethers.getSigners();
      const parameters = await transmission(baseFeed.aggregator, 1n * USD, 9n);
      await expect(
        (baseFeed.aggregator.connect(owner!) as AnyContract).transmit!(...parameters),
      ).to.be.revertedWith("unauthorized transmitter");
      expect((await answers(spot)).opening.low).to.equal(3000n * WAD);
      await baseFeed.transmit(3100n * USD);
      expect((await answers(spot)).opening.low).to.equal(3100n * WAD);
    });

    it("T1: settles over a change of phase, the same early and late", async () => {
      const { baseFeed, quoteFeed, settlement, clearinghouse } = await genuine();
      await quoteFeed.transmit(USD, WINDOW - HOUR);
      await baseFeed.transmit(3000n * USD, WINDOW - 60);
      const next = await nextPhase(baseFeed);
      await baseFeed.transmit(3100n * USD, WINDOW + 600);
      await next.transmit(3200n * USD, WINDOW + 1200);
      await next.confirm();
      await next.transmit(3400n * USD, WINDOW + 1500);
      const walk = () => settlement.walk!(MARKET, EXPIRY, roundId(1, 2), roundId(1, 2), 50);
      const expected = ((3000n * 600n + 3100n * 600n + 3200n * 300n + 3400n * 300n) * WAD) / 1800n;
      const snapshot = await networkHelpers.takeSnapshot();
      await networkHelpers.time.increaseTo(EXPIRY + ROUND_LAG_SECONDS);
      await walk();
      expect(await clearinghouse.settlementPrice!(MARKET, EXPIRY)).to.equal(expected);
      await snapshot.restore();
      await baseFeed.transmit(1000n * USD, EXPIRY + 10);
      await next.transmit(9000n * USD, EXPIRY + 20);
      await networkHelpers.time.increaseTo(EXPIRY + 5 * DAY);
      await walk();
      expect(await clearinghouse.settlementPrice!(MARKET, EXPIRY)).to.equal(expected);
    });

    it("S10: an upgrade to an aggregator of 18 decimals silences the feed", async () => {
      const { baseFeed, spot } = await genuine();
      const wrong = await nextPhase(baseFeed, 18);
      await wrong.transmit(3000n * WAD);
      await wrong.confirm();
      expect(await reasons(spot)).to.deep.equal(["FeedDecimalsChanged", "NoLiveSource", "NoLiveSource"]);
    });
  });

  describe("a Uniswap v3 pool", () => {
    it("gives the price of its mean tick, and opening needs it", async () => {
      const { spot, market } = await withPool();
      const { average } = await spot.observe!(MARKET);
      expect(Number(average.price) / 1e18).to.be.within(2999, 3001);
      expect(await market.price()).to.be.within(2999, 3001);
      expect(await reasons(spot)).to.deep.equal(["None", "None", "None"]);
      await networkHelpers.time.increase(HOUR + 1);
      expect((await reasons(spot))[0]).to.equal("QuoteFeedStale");
    });

    it("S9: a swap of half the pool moves nothing that is read in its block, poked or not", async () => {
      const { spot, market } = await withPool();
      const before = await answers(spot);
      const averageBefore = (await spot.observe!(MARKET)).average.price;
      await ethers.provider.send("evm_setAutomine", [false]);
      try {
        // Each is in the pool of transactions once it is sent.
        const sent = [await market.swap(DEPTH / 2n), await spot.poke!(MARKET, { gasLimit: 1_000_000 })];
        await ethers.provider.send("evm_mine", []);
        const blocks = await Promise.all(sent.map(async (each) => (await each.wait()).blockNumber));
        expect(blocks[0]).to.equal(blocks[1]);
      } finally {
        await ethers.provider.send("evm_setAutomine", [true]);
      }
      expect(await market.price()).to.be.below(2200);
      const after = await answers(spot);
      for (const question of ["opening", "reducing", "alive"] as const) {
        expect(after[question].low).to.equal(before[question].low);
        expect(after[question].high).to.equal(before[question].high);
      }
      // In the next second the mean begins to move.
      await networkHelpers.time.increase(60);
      expect((await spot.observe!(MARKET)).average.price < averageBefore).to.equal(true);
    });

    it("S9: nor does a swap of the whole pool, poked and read in its middle and after it, and undone in one transaction", async () => {
      const { spot, market } = await withPool();
      const before = await answers(spot);
      const trader = await deploy("FlashTrader", spot, MARKET);
      const price = await market.price();
      const sellsBase = market.average.baseIsToken0;
      for (const token of market.tokens) await token.mint!(trader, 10n ** 30n);
      await trader.attack!(market.pool, sellsBase, DEPTH);
      for (const reading of await trader.readings!()) {
        for (const question of ["opening", "reducing", "alive"] as const) {
          expect([reading[question].low, reading[question].high]).to.deep.equal([
            before[question].low,
            before[question].high,
          ]);
        }
      }
      // The swap was a real one: its fees are what it left.
      expect(await market.price()).not.to.equal(price);
    });

    it("a push of a third over five blocks moves the average by less than the band, then stops opening", async () => {
      const { spot, market, baseFeed } = await withPool();
      await market.swap(DEPTH / 2n);
      const pushed = await market.price();
      expect(pushed).to.be.below(2200);
      await networkHelpers.time.increase(60);
      await spot.poke!(MARKET);
      const average = Number((await spot.observe!(MARKET)).average.price) / 1e18;
      expect(Math.log(3000 / average)).to.be.below((Math.log(3000 / pushed) * 66) / 1800);
      expect((await reasons(spot))[0]).to.equal("None");
      // Held for ten minutes against all arbitrage it stops opening, and nothing else.
      await networkHelpers.time.increase(600);
      await spot.poke!(MARKET);
      await baseFeed.transmit(3000n * USD);
      expect(await reasons(spot)).to.deep.equal(["SourcesDisagree", "None", "None"]);
    });

    it("a fall of 10 % in 10 minutes stops opening, but neither reducing nor alive", async () => {
      const { spot, market, baseFeed } = await withPool();
      for (let minute = 1; minute <= 10; minute += 1) {
        await networkHelpers.time.increase(50);
        const price = 3000 - 30 * minute;
        while ((await market.price()) > price) await market.swap(DEPTH / 400n);
        await baseFeed.transmit(BigInt(price) * USD);
        await spot.poke!(MARKET);
      }
      const { opening, reducing, alive } = await answers(spot);
      expect([opening.reason, reducing.reason, alive.reason]).to.deep.equal([
        "SourcesDisagree",
        "None",
        "None",
      ]);
      expect(reducing.low).to.equal(2700n * WAD);
      const lag = Number(reducing.high) / Number(reducing.low) - 1;
      expect(lag).to.be.within(0.07, 0.11);
    });

    for (const [observations, reason] of [
      [150, "AverageStale"],
      [151, "None"],
    ] as const) {
      it(`answers ${reason} with ${observations} observations, when it is traded in every block of twelve seconds`, async () => {
        const oracles = await deployGenuine();
        const market = await deployPool(3000, DEPTH, undefined, observations);
        const sources = sourcesOf(oracles.base, oracles.quote, { average: market.average });
        await oracles.spot.setSources!(MARKET, sources, LIMITS);
        let at = await now();
        for (let block = 0; block < 200; block += 1) {
          at += 12;
          await networkHelpers.time.setNextBlockTimestamp(at);
          // By more than a tick, for only then is there an observation.
          await market.swap(block % 2 === 0 ? DEPTH / 1000n : -((DEPTH / 1000n) * 3000n) / 10n ** 12n);
        }
        expect(await now()).to.equal(at);
        const { average } = await oracles.spot.observe!(MARKET);
        expect(REASONS[Number(average.reason)]).to.equal(reason);
      });
    }

    it("S10: is refused with other decimals than its tokens', a short memory, or tokens the wrong way", async () => {
      const { spot, market, sources } = await withPool();
      for (const wrong of [
        { baseDecimals: 8 },
        { quoteDecimals: 18 },
        { baseIsToken0: !market.average.baseIsToken0 },
        { window: DAY },
        { window: 60 },
      ]) {
        const average = { ...market.average, ...wrong };
        await expect(spot.setSources!(2, { ...sources, average }, LIMITS)).to.be.revertedWithCustomError(
          spot,
          "SpotOracle_AverageInvalid",
        );
      }
    });
  });

  describe("the Arbitrum sequencer-uptime feed", () => {
    async function deployLayer2() {
      const oracles = await deployGenuine();
      const { feed, report } = await deployUptimeFeed([oracles.spot]);
      const sources = sourcesOf(oracles.base, oracles.quote, { sequencer: feed.target });
      await oracles.spot.setSources!(MARKET, sources, LIMITS);
      await networkHelpers.time.increase(HOUR);
      await oracles.baseFeed.transmit(3000n * USD);
      await oracles.spot.poke!(MARKET);
      return { ...oracles, report };
    }
    const layer2 = deployLayer2;

    it("S8: stops opening while it is down and for the grace after; never reducing", async () => {
      const { spot, report, baseFeed } = await layer2();
      expect(await reasons(spot)).to.deep.equal(["None", "None", "None"]);
      await report(true, await now());
      expect(await reasons(spot)).to.deep.equal(["SequencerDown", "None", "None"]);
      await networkHelpers.time.increase(600);
      const upAt = await now();
      await report(false, upAt);
      // What is late comes first, for a poke and a round mend that.
      expect(await reasons(spot)).to.deep.equal(["QuoteFeedStale", "None", "None"]);
      await spot.poke!(MARKET);
      expect(await reasons(spot)).to.deep.equal(["FeedStale", "None", "None"]);
      await baseFeed.transmit(3000n * USD);
      expect(await reasons(spot)).to.deep.equal(["SequencerGrace", "None", "None"]);
      await networkHelpers.time.increaseTo(upAt + HOUR - 10);
      await baseFeed.transmit(3000n * USD);
      expect((await reasons(spot))[0]).to.equal("SequencerGrace");
      await spot.poke!(MARKET);
      await networkHelpers.time.increaseTo(upAt + HOUR);
      expect(await reasons(spot)).to.deep.equal(["None", "None", "None"]);
    });

    it("S8: after the grace what was seen before the outage is still late", async () => {
      const { spot, report } = await layer2();
      await spot.setLimits!(MARKET, { ...LIMITS, sequencerGrace: 60 });
      await report(true, await now());
      await networkHelpers.time.increase(60);
      await report(false, await now());
      await networkHelpers.time.increase(61);
      expect(await reasons(spot)).to.deep.equal(["QuoteFeedStale", "None", "None"]);
    });

    it("T1: an outage over expiry settles by the round in force, or breaks the window if it was too long", async () => {
      const { baseFeed, quoteFeed, settlement, clearinghouse } = await layer2();
      const walk = () => settlement.walk!(MARKET, EXPIRY, roundId(1, 3), roundId(1, 2), 50);
      await quoteFeed.transmit(USD, EXPIRY - 6 * HOUR);
      const snapshot = await networkHelpers.takeSnapshot();
      await baseFeed.transmit(3000n * USD, EXPIRY - 3 * HOUR);
      await baseFeed.transmit(2500n * USD, EXPIRY + 2 * HOUR);
      await walk();
      expect(await clearinghouse.settlementPrice!(MARKET, EXPIRY)).to.equal(3000n * WAD);
      await snapshot.restore();
      await baseFeed.transmit(3000n * USD, EXPIRY - 3 * HOUR - 1);
      await baseFeed.transmit(2500n * USD, EXPIRY + 2 * HOUR);
      await walk();
      expect((await settlement.progress!(MARKET, EXPIRY)).base.broken).to.equal(true);
    });
  });
});

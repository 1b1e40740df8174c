import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { expect } from "chai";
import type { Log, TransactionReceipt } from "ethers";
import { deployUptimeFeed } from "../../support/oracle/chainlink.ts";
import { deploy, LIMITS, REASONS, scriptedAverage, sourcesOf } from "../../support/oracle/fixture.ts";
import { call, ethers, expiryIn, leg, networkHelpers, trade, USD } from "../../support/pool/fixture.ts";

import { renewFeeds } from "../../support/pool/situations.ts";
import { type AnyContract, MARKET } from "../../support/surface.ts";
import {
  confirmSpot,
  cutOffIn,
  deployVault,
  HOUR,
  open,
  report,
  running,
  type VaultMarket,
} from "../../support/vault/market.ts";

/** IUpkeep.Work. */
const WORKS = ["Poke", "Refresh", "Walk", "Realize", "Close"] as const;
const coder = ethers.AbiCoder.defaultAbiCoder();

describe("Upkeep", () => {
  let market: VaultMarket;
  let upkeep: AnyContract;
  beforeEach(async () => {
    market = await running();
    const { vault, hedger, clearinghouse, surface } = market;
    upkeep = await deploy("Upkeep", vault, hedger, clearinghouse, surface);
  });

  /** What is due now, by its name; null where nothing is. */
  async function due(): Promise<{ work: string; data: string } | null> {
    const [isNeeded, data] = await upkeep.checkUpkeep!.staticCall("0x");
    return isNeeded ? { work: WORKS[Number(coder.decode(["uint8", "bytes"], data)[0])]!, data } : null;
  }

  /** Does all that is due, and tells the works in their order. */
  async function doAll(): Promise<string[]> {
    const done: string[] = [];
    for (let next = await due(); next !== null && done.length < 12; next = await due()) {
      await upkeep.performUpkeep!(next.data);
      done.push(next.work);
    }
    return done;
  }

  /** That a work is due, does what its event tells, and is refused when it comes again. */
  async function expectOnce(work: (typeof WORKS)[number], contract: AnyContract, event: string) {
    const next = await due();
    expect(next?.work).to.equal(work);
    await expect(upkeep.performUpkeep!(next!.data)).to.emit(contract, event);
    await expect(upkeep.performUpkeep!(next!.data))
      .to.be.revertedWithCustomError(upkeep, "Upkeep_NotNeeded")
      .withArgs(WORKS.indexOf(work));
  }

  /** The nearest expiry, of which the vault has written an option, an hour before it, when the base feed has a new round. */
  async function written(): Promise<number> {
    const expiryAt = expiryIn(2);
    await open(market, (await networkHelpers.time.latest()) + 600);
    await networkHelpers.mine();
    await trade(market, market.trader, [leg(call(3000, expiryAt), 1)]);
    await market.baseFeed.transmit(3000n * USD, expiryAt - HOUR);
    return expiryAt;
  }

  it("refreshes a book that is past half of its age, once", async () => {
    await doAll();
    expect(await due()).to.equal(null);
    const { exposureMaxAge } = await market.book.terms!();
    await networkHelpers.time.increase(exposureMaxAge / 2n + 2n);
    await expectOnce("Refresh", market.book, "NeedRefreshed");
  });

  it("refreshes once spot has moved by half of what openings bear", async () => {
    const { exposureMaxMoveBps } = await market.book.terms!();
    expect(exposureMaxMoveBps).to.equal(100n);
    const hear = async (at: number, spot: number) => {
      await renewFeeds(market, at - 5, BigInt(Math.round(spot * 1e8)));
      await report(market, at, { spot });
    };
    const at = (await networkHelpers.time.latest()) + 600;
    await open(market, at);
    await doAll();
    expect(await due()).to.equal(null);
    await hear(at + 20, 3014.99);
    expect(await due()).to.equal(null);
    await hear(at + 40, 3015.01);
    await expectOnce("Refresh", market.book, "NeedRefreshed");
  });

  it("refreshes by the oracle's spot where reports have stopped, and not again for being far from the last report's", async () => {
    const at = (await networkHelpers.time.latest()) + 600;
    await open(market, at, { spot: 3000 });
    await doAll();
    await renewFeeds(market, at + 130, 3060n * USD);
    await market.book.refresh!([...(await market.clearinghouse.expiries!(MARKET))]);
    expect((await market.hedger.plan!()).obstacle, "ExposuresOld by the report's spot").to.equal(1n);
    expect(await due()).to.equal(null);
  });

  it("refreshes a book without equity by its age alone", async () => {
    const unseeded = await deployVault();
    const { vault, hedger, clearinghouse, surface, book } = unseeded;
    upkeep = await deploy("Upkeep", vault, hedger, clearinghouse, surface);
    await open(unseeded, (await networkHelpers.time.latest()) + 120);
    expect((await hedger.plan!()).obstacle, "ExposuresOld without a band").to.equal(1n);
    expect((await book.need!()).refreshedAt).to.be.greaterThan(0n);
    expect(await due()).to.equal(null);
  });

  it("pokes when the cached price of the quote asset is old though its feeds are not, once", async () => {
    await doAll();
    const at = (await networkHelpers.time.latest()) + HOUR + 60;
    await market.baseFeed.transmit(3000n * USD, at);
    await market.quoteFeed.transmit(USD, at + 1);
    await expectOnce("Poke", market.spot, "Poked");
    expect((await market.spot.read!(MARKET)).opening.reason).to.equal(0n);
  });

  it("walks and realizes an expiry that is over, and pokes on the way", async () => {
    const expiryAt = await written();
    await market.quoteFeed.transmit(USD, expiryAt - HOUR + 1);
    // More rounds, so that the one in force at the window's start has to be searched.
    for (const before of [1200, 600]) await market.baseFeed.transmit(3010n * USD, expiryAt - before);
    await market.baseFeed.transmit(3020n * USD, expiryAt + 20);
    await networkHelpers.time.increase(60);
    // A walk of an older expiry is among it; of this one it would only keep how far it came, while a feed may show a round from before it.
    const before = await doAll();
    const { base, quote } = await market.settlement.progress!(MARKET, expiryAt);
    expect([base.lastRound, quote.lastRound]).to.deep.equal([0n, 0n]);
    const early = coder.encode(
      ["uint8", "bytes"],
      [WORKS.indexOf("Walk"), coder.encode(["uint32", "uint80", "uint80"], [expiryAt, 0, 0])],
    );
    await networkHelpers.time.setNextBlockTimestamp(expiryAt + ROUND_LAG_SECONDS - 1);
    await expect(upkeep.performUpkeep!(early)).to.be.revertedWithCustomError(upkeep, "Upkeep_NotNeeded");
    await networkHelpers.time.increaseTo(expiryAt + ROUND_LAG_SECONDS);
    const done = [...before, ...(await doAll())];
    for (const work of ["Poke", "Walk", "Realize"]) expect(done, String(done)).to.include(work);
    const price: bigint = await market.clearinghouse.settlementPrice!(MARKET, expiryAt);
    expect(price).to.be.greaterThan(3000n * 10n ** 18n);
    expect(await market.clearinghouse.positions!(market.book, MARKET, expiryAt)).to.deep.equal([]);
  });

  it("realizes an expiry that is settled days later, as signers do where its window broke", async () => {
    const expiryAt = await written();
    await market.quoteFeed.transmit(USD, expiryAt - HOUR + 1);
    await networkHelpers.time.increaseTo(expiryAt + 7 * 24 * HOUR - 60);
    expect((await market.spot.read!(MARKET)).alive.reason, "NoLiveSource").to.equal(2n);
    const done = await doAll();
    expect(done).to.include.members(["Walk", "Realize"]);
    expect(done, "nothing that needs a spot").to.not.include("Refresh");
    expect(await market.book.isOpen!(expiryAt)).to.equal(false);
  });

  describe("in a market with a pool's average", () => {
    const reason = async () => REASONS[Number((await market.spot.read!(MARKET)).opening.reason)];
    /** Names sources, with an average of 3000, and pokes. */
    async function setSources(changes: object = {}) {
      const average = await scriptedAverage();
      const { baseFeed, quoteFeed, spot } = market;
      const sources = sourcesOf(baseFeed.proxy, quoteFeed.proxy, { average, ...changes });
      await spot.setSources!(MARKET, sources, LIMITS);
      await renewFeeds(market, (await networkHelpers.time.latest()) + 1);
      return average.pool;
    }

    it("pokes it though the quote's own feed is silent, for then it alone is alive, once", async () => {
      await setSources();
      await networkHelpers.time.increase(26 * HOUR);
      await market.spot.poke!(MARKET);
      const at = (await networkHelpers.time.latest()) + HOUR + 1;
      await market.baseFeed.transmit(3000n * USD, at);
      expect(await reason()).to.equal("QuoteFeedStale");
      expect((await market.spot.read!(MARKET)).alive.observedAt).to.be.lessThan(at - HOUR + 1);
      await expectOnce("Poke", market.spot, "Poked");
      expect((await market.spot.read!(MARKET)).alive.observedAt).to.be.greaterThan(at);
      expect(await reason()).to.equal("QuoteFeedStale");
    });

    it("pokes it though the base feed is out of its bounds, and not where it is silent itself", async () => {
      const pool = await setSources();
      const stayOut = async (at: number) => {
        await market.baseFeed.transmit(2_000_000n * USD, at);
        await market.quoteFeed.transmit(USD, at + 1);
        expect(await reason()).to.equal("FeedOutOfBounds");
      };
      await stayOut((await networkHelpers.time.latest()) + HOUR + 1);
      await expectOnce("Poke", market.spot, "Poked");
      // Only the average is late now.
      const pokedAt = await networkHelpers.time.latest();
      await pool.setSilent!(true);
      await networkHelpers.time.increaseTo(pokedAt + 30 * 60);
      await market.spot.poke!(MARKET);
      await stayOut(pokedAt + HOUR + 1);
      expect((await due())?.work).to.not.equal("Poke");
      await pool.setSilent!(false);
      await expectOnce("Poke", market.spot, "Poked");
    });

    it("pokes once in the grace after an outage of the sequencer, where what is kept is from before it", async () => {
      const { feed, report: change } = await deployUptimeFeed([market.spot]);
      await setSources({ sequencer: feed.target });
      await networkHelpers.time.increase(2 * HOUR);
      await market.spot.poke!(MARKET);
      await change(true, await networkHelpers.time.latest());
      await networkHelpers.time.increase(600);
      await change(false, await networkHelpers.time.latest());
      await renewBase();
      expect(await reason()).to.equal("QuoteFeedStale");
      await expectOnce("Poke", market.spot, "Poked");
      expect(await reason()).to.equal("SequencerGrace");
    });

    const renewBase = async () =>
      market.baseFeed.transmit(3000n * USD, (await networkHelpers.time.latest()) + 1);
  });

  it("does not poke a market without an average where the quote's own feed is late, for that helps nothing, and goes on to what else is due", async () => {
    const expiryAt = await written();
    // By then the quote's last round is past its heartbeat of a day, and was not too old for a settlement.
    await market.baseFeed.transmit(3020n * USD, expiryAt + 2 * HOUR);
    expect((await market.spot.read!(MARKET)).opening.reason).to.equal(7n);
    const done = await doAll();
    expect(done).to.include.members(["Walk", "Realize"]);
    expect(done).to.not.include("Poke");
  });

  it("goes on to what else is due where a feed's proxy reverts", async () => {
    const expiryAt = await written();
    await networkHelpers.setCode(String(market.baseFeed.aggregator.target), "0x5f5ffd");
    await expect(market.baseFeed.proxy.latestRoundData!()).to.be.revert(ethers);
    await report(market, expiryAt + 60);
    // The quote's own feed speaks, so its part of the cached word is renewed first.
    await expectOnce("Poke", market.spot, "Poked");
    expect((await due())?.work).to.equal("Refresh");
  });

  it("closes an epoch by the log of the report that ends it, and by no other log", async () => {
    await report(market, cutOffIn(2) - 60);
    const early = await logOfLastReport();
    const kept = await report(market, cutOffIn(2) + 60);
    const right = await logOfLastReport();
    await report(market, cutOffIn(2) + 120);
    const late = await logOfLastReport();
    const ask = (log: unknown) => upkeep.checkLog!.staticCall(log, "0x");
    for (const log of [early, late, { ...right, source: ethers.ZeroAddress }])
      expect((await ask(log))[0]).to.equal(false);
    expect((await ask(right))[0], "while no feed confirms its spot").to.equal(false);
    await confirmSpot(market, kept);
    const [isNeeded, data] = await ask(right);
    expect(isNeeded).to.equal(true);
    await expect(upkeep.performUpkeep!(data)).to.emit(market.vault, "EpochClosed");
    await expect(upkeep.performUpkeep!(data)).to.be.revertedWithCustomError(
      market.vault,
      "Vault_CannotClose",
    );
  });

  /** As Chainlink hands it over. */
  async function logOfLastReport() {
    const block = (await ethers.provider.getBlock("latest"))!;
    const receipts = await Promise.all(
      block.transactions.map((hash) => ethers.provider.getTransactionReceipt(hash)),
    );
    const topic = market.surface.interface.getEvent("ReportPosted")!.topicHash;
    const log = (receipts as TransactionReceipt[])
      .flatMap(({ logs }) => [...logs] as Log[])
      .find(({ topics }) => topics[0] === topic)!;
    return {
      index: log.index,
      timestamp: block.timestamp,
      txHash: log.transactionHash,
      blockNumber: log.blockNumber,
      blockHash: log.blockHash,
      source: log.address,
      topics: [...log.topics],
      data: log.data,
    };
  }
});

import { ROLES } from "@meniscus/sdk/roles";
import { seriesId } from "@meniscus/sdk/series";
import { expect } from "chai";
import { HOUR } from "../../support/oracle/fixture.ts";
import {
  call,
  deployParts,
  EXPIRY,
  expiryIn,
  leg,
  MARKET,
  type Market,
  networkHelpers,
  post,
  put,
  READY,
  ready,
  refreshAll,
  TENORS,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { expectRefused, quoteAt, renewFeeds, sellBack } from "../../support/pool/situations.ts";
import { whyOf } from "../../support/pool/words.ts";
import { smileWord, vogtWord } from "../../support/slices.ts";
import { QUARANTINE, tauAt } from "../../support/surface.ts";

const HELD = [call(3000), put(2800)];
const OPENING = [leg(call(3000), 1)];
const MINUTE = 60;
/** Those that are left at the first expiry's end. */
const ALIVE = TENORS.filter((days) => days >= 25);

describe("OptionPool: refusals", () => {
  let market: Market;
  beforeEach(async () => {
    market = await ready();
    for (const series of HELD) await trade(market, market.trader, [leg(series, 2)]);
  });

  /** The opening is refused, bought and sold, alone and beside an exit; what only sells back passes (P10). */
  async function expectOnlyExits(expected: Parameters<typeof expectRefused>[2], at?: number) {
    await expectRefused(market, OPENING, expected, at);
    await expectRefused(market, [leg(put(3200), -1)], expected);
    await expectRefused(market, [leg(HELD[0]!, -1), leg(call(3400), 1)], expected);
    return sellBack(market, market.trader, HELD);
  }

  describe("of what is asked", () => {
    it("refuses a trade without legs", () => expectRefused(market, [], { refusal: "NoLegs" }));

    it("refuses a leg of another market, and of an id that is no series", async () => {
      const other = seriesId({ market: 2, expiryAt: EXPIRY, strike: 3000n * WAD, isPut: false });
      await expectRefused(market, [leg(other, 1)], { refusal: "MarketOther" });
      await expectRefused(market, [leg(call(3000) | (1n << 255n), 1)], { refusal: "MarketOther" });
    });

    it("refuses a series twice, whatever stands between", () =>
      expectRefused(market, [leg(call(3000), 1), leg(put(3000), 1), leg(call(3000), -1)], {
        refusal: "SeriesRepeated",
      }));

    it("refuses a strike and an expiry that are not listed", async () => {
      await expectRefused(market, [leg(call(3100), 1)], { refusal: "SeriesNotListed" });
      await expectRefused(market, [leg(call(3000, expiryIn(53)), 1)], { refusal: "SeriesNotListed" });
    });

    it("refuses nothing and dust, but dust may be sold back", async () => {
      await expectRefused(market, [{ series: call(3000), amount: 0n }], { refusal: "AmountTooSmall" });
      const dust = WAD / 100n - 1n;
      await expectRefused(market, [{ series: call(3000), amount: dust }], { refusal: "AmountTooSmall" });
      await expectRefused(market, [{ series: put(3200), amount: -dust }], { refusal: "AmountTooSmall" });
      await trade(market, market.trader, [{ series: call(3000), amount: dust + 1n }]);
      await trade(market, market.trader, [{ series: HELD[0]!, amount: -1n }]);
    });

    it("refuses more than a series can hold", async () => {
      const most = 2n ** 95n - 1n;
      for (const amount of [most + 1n, -most - 1n, -(2n ** 255n)])
        await expectRefused(market, [{ series: call(3000), amount }], { refusal: "AmountTooLarge" });
      expect((await quoteAt(market, [{ series: call(3000), amount: most }])).refusal).to.not.equal(6n);
    });
  });

  describe("of the hour", () => {
    it("S1: opens nothing in the last hour, to the second, and takes back until the last half hour", async () => {
      const closing = EXPIRY - HOUR;
      await renewFeeds(market, closing - 40);
      await post(market, { at: closing - 20, tenors: ALIVE });
      await refreshAll(market);
      expect((await quoteAt(market, OPENING, closing - 1)).refusal).to.equal(0n);
      await expectOnlyExits({ refusal: "ClosingTime" }, closing);
    });

    it("P10: takes nothing back in the last half hour, to the second", async () => {
      const window = EXPIRY - 30 * MINUTE;
      await renewFeeds(market, window - 40);
      const exit = [leg(HELD[0]!, -1)];
      expect((await quoteAt(market, exit, window - 1)).refusal).to.equal(0n);
      await expectRefused(market, exit, { refusal: "SettlementWindow" }, window);
      await expectRefused(market, OPENING, { refusal: "SettlementWindow" });
      // The other expiry is as open as ever.
      await expectRefused(market, [leg(HELD[0]!, -1), leg(call(3000, expiryIn(88)), 1)], {
        refusal: "SettlementWindow",
      });
    });
  });

  describe("of spot", () => {
    it("takes nothing at all when no source has been alive for three days", async () => {
      const dead = READY + 76 * HOUR;
      const expected = { refusal: "SpotNotAlive", spotReason: "NoLiveSource" } as const;
      await expectRefused(market, OPENING, expected, dead);
      await expectRefused(market, [leg(HELD[0]!, -1)], expected);
    });

    it("opens nothing by a feed that is late, to the second of its heartbeat", async () => {
      const quietAt = READY + 2 * HOUR;
      await renewFeeds(market, quietAt);
      const late = quietAt + HOUR + 300;
      await networkHelpers.time.setNextBlockTimestamp(late - 100);
      await market.spot.poke!(1);
      await post(market, { at: late - 50 });
      await refreshAll(market);
      expect((await quoteAt(market, OPENING, late)).refusal).to.equal(0n);
      await expectOnlyExits({ refusal: "SpotRefused", spotReason: "FeedStale" }, late + 1);
    });

    it("opens nothing by a price of the quote asset that nobody has poked for an hour", async () => {
      const at = READY + HOUR + 60;
      await market.baseFeed.transmit(3000n * USD, at - 60);
      await post(market, { at: at - 50 });
      await refreshAll(market);
      await expectOnlyExits({ refusal: "SpotRefused", spotReason: "QuoteFeedStale" }, at);
    });

    it("opens nothing where feed and signers are more than 2 % apart", async () => {
      await market.baseFeed.transmit(2930n * USD);
      await post(market, { at: READY + 60 });
      await expectOnlyExits({ refusal: "SpotRefused", spotReason: "SourcesDisagree" });
    });

    it("S1: opens nothing when spot has left the report's by 0.75 %, and opens a hair before", async () => {
      const reportAt = READY - 5;
      await market.baseFeed.transmit(2977_50000001n, reportAt + 40);
      expect((await quoteAt(market, OPENING)).refusal, "a hair less").to.equal(0n);
      await market.baseFeed.transmit(2977_00000000n, reportAt + 45);
      await expectOnlyExits({ refusal: "SpotMoved" });
    });
  });

  describe("of the report", () => {
    it("S1: opens nothing before the first", async () => {
      const { clearinghouse, pool, spot } = await deployParts();
      await spot.poke!(MARKET);
      await clearinghouse.list!(MARKET, EXPIRY, 3000n * WAD, 0);
      expect(whyOf(await pool.quote!([leg(call(3000), 1)]))).to.equal("ReportOld");
    });

    it("S1: opens by one of two minutes, not by one a second older", async () => {
      const reportAt = READY - 5;
      expect((await quoteAt(market, OPENING, reportAt + 120)).refusal).to.equal(0n);
      const sold = await expectOnlyExits({ refusal: "ReportOld" }, reportAt + 121);
      expect(sold.every(({ isFloor }) => isFloor)).to.equal(true);
    });

    it("S1: opens by one no older than a tenth of the time left", async () => {
      const { pool } = market;
      await pool.setParameters!({ ...(await pool.parameters!()).toObject(), reportMaxAge: 300 });
      const now = EXPIRY - HOUR - 10;
      const most = Math.floor((EXPIRY - 1200 - now) / 10);
      await renewFeeds(market, now - 400);
      await post(market, { at: now - most, tenors: ALIVE });
      await refreshAll(market);
      expect((await quoteAt(market, OPENING, now)).refusal).to.equal(0n);
      await expectOnlyExits({ refusal: "ReportOld" }, now + 2);
    });

    it("opens nothing of an expiry that the last report leaves out, and all of the others", async () => {
      await post(market, { at: READY + 60, tenors: TENORS.filter((days) => days !== 25) });
      expect((await quoteAt(market, [leg(call(3000, expiryIn(88)), 1)])).refusal).to.equal(0n);
      const sold = await expectOnlyExits({ refusal: "SliceClosed", sliceStatus: "Omitted" });
      expect(sold.every(({ isFloor }) => isFloor)).to.equal(true);
    });

    it("opens nothing by a smile that moved faster than its bound", async () => {
      await post(market, { at: READY + 60, vol: 0.9 });
      await expectOnlyExits({ refusal: "SliceClosed", sliceStatus: "Unproven" });
    });

    it("S5: opens nothing by a smile with a butterfly that a challenge showed", async () => {
      const at = READY + 60;
      const far = expiryIn(88);
      await trade(market, market.trader, [leg(call(3000, far), 2)]);
      await post(market, {
        at,
        vol: 0.1,
        tenors: TENORS.filter((days) => days <= 88),
        words: { 88: vogtWord(at) },
      });
      await market.surface.challenge!(1, far, (879n * WAD) / 1000n);
      await expectRefused(market, [leg(put(3000, far), 1)], {
        refusal: "SliceClosed",
        sliceStatus: "Retired",
      });
      const [sold] = await sellBack(market, market.trader, [call(3000, far)]);
      expect(sold!.isFloor).to.equal(true);
    });

    it("opens nothing once the signers are revoked", async () => {
      await market.control.grantRole!(ROLES.guardian, market.owner, 0);
      await market.surface.revokeSigners!(1);
      await expectOnlyExits({ refusal: "SliceClosed", sliceStatus: "Retired" });
    });

    it("opens nothing by a carry beyond the bounds that the floor rests on", async () => {
      const posts = [60, 120, QUARANTINE + 180].map((later) => READY + later);
      for (const at of posts) {
        const word = smileWord({ vol: 0.6, tau: tauAt(EXPIRY, at), reportAt: at, basis: 0.08 });
        await post(market, { at, words: { 25: word } });
      }
      await refreshAll(market);
      expect(await market.surface.sliceStatus!(1, EXPIRY)).to.equal(0n);
      await expectOnlyExits({ refusal: "PriceOutOfDomain" });
    });
  });

  it("takes no sale whose last part raises the potential by more than it is worth, but an exit", async () => {
    for (const later of [60, 120, QUARANTINE + 180]) await post(market, { at: READY + later, vol: 0.15 });
    await refreshAll(market);
    const far = call(3400);
    await trade(market, market.trader, [leg(far, 2)]);
    expect(whyOf(await quoteAt(market, [leg(far, -3)]))).to.equal("None");
    await expectRefused(market, [leg(far, -3000)], { refusal: "SaleBeyondValue" });
    await sellBack(market, market.trader, [far]);
  });

  it("K1: opens nothing while paused", async () => {
    await market.pool.pause!();
    await expectOnlyExits({ refusal: "Paused" });
  });

  it("names the first reason that applies, in the order of the enumeration", async () => {
    // All at once: paused, closing, feed late, report old.
    const at = EXPIRY - 50 * MINUTE;
    await renewFeeds(market, at - 2 * HOUR);
    await market.pool.pause!();
    await expectRefused(market, OPENING, { refusal: "Paused" }, at);
    await market.pool.unpause!();
    await expectRefused(market, OPENING, { refusal: "ClosingTime" });
    const later = [leg(call(3000, expiryIn(88)), 1)];
    await expectRefused(market, later, { refusal: "SpotRefused", spotReason: "QuoteFeedStale" });
    await renewFeeds(market, at + 60);
    await expectRefused(market, later, { refusal: "ReportOld" });
    await expectRefused(market, [leg(call(3000), 1), later[0]!], { refusal: "ClosingTime" });
  });
});

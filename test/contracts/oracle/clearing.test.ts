import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { expect } from "chai";
import type { BaseContract, Contract } from "ethers";
import {
  as,
  bare,
  deploy,
  EXPIRY,
  load,
  MARKET,
  networkHelpers,
  SPOT,
  termsOf,
  WAD,
} from "../../support/clearing/fixture.ts";
import { HOUR, LIMITS, settlementFeedOf, sourcesOf, USD } from "../../support/oracle/fixture.ts";
import { roundId } from "../../support/oracle/settlement.ts";

type Loose = BaseContract & Omit<Contract, keyof BaseContract>;
const OTHER = MARKET + 1;
const FIRST = roundId(1, 1);

describe("Clearinghouse over the oracles", () => {
  it("lists within the band of SpotOracle's opening answer and settles as SettlementOracle fixes the price", async () => {
    const { clearinghouse, manager, base, governor } = await load(bare);
    const loose = async (...parameters: Parameters<typeof deploy>) =>
      (await deploy(...parameters)) as unknown as Loose;
    const surface = await loose("VolSurface", manager);
    const [baseFeed, quoteFeed] = [
      await loose("ScriptedFeed", 8, 3000n * USD),
      await loose("ScriptedFeed", 8, USD),
    ];
    const spot = await loose("SpotOracle", manager, surface);
    const settlement = await loose("SettlementOracle", manager, surface, clearinghouse);
    const feeds = [settlementFeedOf(baseFeed, 3 * HOUR), settlementFeedOf(quoteFeed, 26 * HOUR)];
    await settlement.setFeeds!(OTHER, ...feeds, 25 * HOUR);
    const sources = sourcesOf(baseFeed, quoteFeed);
    await spot.setSources!(OTHER, sources, LIMITS);
    const terms = {
      ...termsOf(base, 18, manager),
      spotOracle: spot.target,
      settlementOracle: settlement.target,
    };
    await as(governor, clearinghouse).registerMarket(OTHER, terms);

    // Nobody has poked for long: no price to list at.
    await networkHelpers.time.increase(LIMITS.cacheMaxAge + 1);
    await expect(clearinghouse.list(OTHER, EXPIRY, SPOT, 0)).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_SpotRefused",
    );
    await baseFeed.load!([[[3000n * USD, await networkHelpers.time.latest()]]], [8]);
    await spot.poke!(OTHER);
    await clearinghouse.list(OTHER, EXPIRY, SPOT, 0);

    await networkHelpers.time.increaseTo(EXPIRY + ROUND_LAG_SECONDS);
    const rounds = [
      [3000n * USD, EXPIRY - HOUR],
      [3300n * USD, EXPIRY - 900],
    ];
    await baseFeed.load!([rounds], [8]);
    await quoteFeed.load!([[[USD, EXPIRY - 5 * HOUR]]], [8]);
    await settlement.walk!(OTHER, EXPIRY, FIRST, FIRST, 1);
    expect(await clearinghouse.settlementPrice(OTHER, EXPIRY)).to.equal(0n);
    await expect(settlement.walk!(OTHER, EXPIRY, FIRST, FIRST, 1))
      .to.emit(clearinghouse, "Settled")
      .withArgs(OTHER, EXPIRY, 3150n * WAD);
    expect(await clearinghouse.settlementPrice(OTHER, EXPIRY)).to.equal(3150n * WAD);
  });
});

import { encodeReport } from "@meniscus/sdk/report";
import { RESTRICTED, ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { deploy, HOUR, scripted, settlementFeedOf, USD, WAD } from "../../support/oracle/fixture.ts";
import {
  EXPIRY,
  FIRST,
  history,
  nameFeeds,
  priceOf,
  SHOWN,
  WINDOW,
  walk,
  withBase,
} from "../../support/oracle/walks.ts";
import {
  type AnyContract,
  DAY,
  ethers,
  MARKET,
  networkHelpers,
  sampleReport,
} from "../../support/surface.ts";

describe("SettlementOracle: control", () => {
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

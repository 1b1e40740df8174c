import { expect } from "chai";
import {
  as,
  call,
  DEADLINE,
  ethers,
  expiryIn,
  FUNDS,
  leg,
  MARKET,
  type Market,
  NO_LIMIT,
  networkHelpers,
  options,
  post,
  put,
  quote,
  READY,
  ready,
  refreshAll,
  TENORS,
  TERMS,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import {
  expectRefused,
  type Legs,
  pend,
  quoteAt,
  renewFeeds,
  sellBack,
  tradedOf,
} from "../../support/pool/situations.ts";
import { readBook, whyOf } from "../../support/pool/words.ts";
import { QUARANTINE } from "../../support/surface.ts";

type Limit = NonNullable<Parameters<typeof expectRefused>[2]["limit"]>;
const HELD = [call(3000), put(2800)];
const FAR = expiryIn(88);

/** The largest amount of the legs, to 1e-9, that is not refused for `limit`, and the smallest that is. */
async function edgeOf(
  market: Market,
  legsOf: (amount: bigint) => Legs,
  limit: Limit,
  from: bigint,
  to: bigint,
) {
  let [low, high] = [from, to];
  const at = (await networkHelpers.time.latest()) + 1;
  expect(whyOf(await quoteAt(market, legsOf(low), at)), "below").to.equal("None");
  expect(whyOf(await quoteAt(market, legsOf(high), at)), "beyond").to.equal(limit);
  while (high - low > 10n ** 9n) {
    const middle = (low + high) / 2n;
    if (whyOf(await quoteAt(market, legsOf(middle), at)) === "None") low = middle;
    else high = middle;
  }
  return { low, high, at };
}

describe("Book: limits", () => {
  let market: Market;
  const set = (terms: Partial<typeof TERMS>) => market.book.setTerms!({ ...TERMS, ...terms });
  beforeEach(async () => {
    market = await ready();
    for (const series of HELD) await trade(market, market.trader, [leg(series, 2)]);
  });

  const refuses = (legs: Legs, limit: Limit, at?: number) =>
    expectRefused(market, legs, { refusal: "BookLimit", limit }, at);
  /** Refused for it, while what only sells back passes (P10). */
  async function refusesOnlyOpenings(legs: Legs, limit: Limit, at?: number) {
    await refuses(legs, limit, at);
    await sellBack(market, market.trader, HELD);
  }

  it("P10: winding down ends openings for good, and no exit", async () => {
    await market.vault.windDown!();
    await refusesOnlyOpenings([leg(call(3000), 1)], "WindDown");
  });

  it("opens nothing without equity", async () => {
    market = await ready();
    const { vault, baseToken, quoteToken, owner } = market;
    await vault.withdraw!(baseToken, FUNDS.base, owner);
    await vault.withdraw!(quoteToken, FUNDS.quote, owner);
    await vault.mark!(await post(market, { at: READY + 60 }));
    await refuses([leg(call(3000), 1)], "NoEquity");
  });

  it("opens by exposures of ten minutes, not by older ones, of the expiries traded alone", async () => {
    const { refreshedAt } = (await readBook(market)).expiries[0]!;
    const old = refreshedAt + TERMS.exposureMaxAge;
    await networkHelpers.time.increaseTo(old - 60);
    await market.book.refresh!([FAR]);
    await post(market, { at: old - 40 });
    expect(whyOf(await quoteAt(market, [leg(call(3000), 1)], old))).to.equal("None");
    await refuses([leg(call(3000, FAR), 1), leg(call(3200), 1)], "ExposuresOld", old + 1);
    expect(whyOf(await quoteAt(market, [leg(call(3000, FAR), 1)]))).to.equal("None");
    await refusesOnlyOpenings([leg(call(3000), 1)], "ExposuresOld");
    await refreshAll(market);
    await trade(market, market.trader, [leg(call(3000), 1)]);
  });

  it("P3: lets nobody see a part of the book anew while the rest is as of too long ago, or of another spot", async () => {
    const { book } = market;
    const { refreshedAt } = (await readBook(market)).expiries[0]!;
    const old = refreshedAt + TERMS.exposureMaxAge;
    const refused = async (seen: number) => {
      await expect(book.refresh!([FAR]))
        .to.be.revertedWithCustomError(book, "Book_RefreshWhole")
        .withArgs(seen, 3000n * WAD);
      await refuses([leg(call(3000, FAR), 1)], "ExposuresOld");
    };
    const snapshot = await networkHelpers.takeSnapshot();
    await renewFeeds(market, READY + 60, 3031n * USD);
    await post(market, { at: READY + 70, spot: 3031n * WAD });
    await refused(refreshedAt);
    await snapshot.restore();
    await post(market, { at: old - 10 });
    await networkHelpers.time.setNextBlockTimestamp(old);
    await book.refresh!([FAR]);
    // That was of a part, so it makes the rest no younger.
    await networkHelpers.time.setNextBlockTimestamp(old + 1);
    await expect(book.refresh!([FAR])).to.be.revertedWithCustomError(book, "Book_RefreshWhole");
    await refreshAll(market);
    await book.refresh!([FAR]);
  });

  it("opens nothing in an expiry that was refreshed before its first slice", async () => {
    const { surface, clearinghouse, trader } = market;
    const days = 116;
    const series = call(3000, expiryIn(days));
    await surface.listExpiry!(MARKET, expiryIn(days));
    await clearinghouse.list!(MARKET, expiryIn(days), 3000n * WAD, 0);
    const at = READY + 660;
    await renewFeeds(market, at - 60);
    await refreshAll(market);
    await post(market, { at, tenors: [...TENORS, days] });
    // The others stay young.
    await networkHelpers.time.setNextBlockTimestamp(at + 500);
    await market.book.refresh!(market.expiries);
    await post(market, { at: at + QUARANTINE + 10, tenors: [...TENORS, days] });
    await refuses([leg(series, 1)], "ExposuresOld");
    expect(whyOf(await quoteAt(market, [leg(call(3000), 1)])), "another expiry").to.equal("None");
    await refreshAll(market);
    await trade(market, trader, [leg(series, 1)]);
  });

  it("opens by exposures from a spot within 1 %, not from one further away", async () => {
    await renewFeeds(market, READY + 60, 3029_00000000n);
    await post(market, { at: READY + 70, spot: 3029n * WAD });
    expect(whyOf(await quoteAt(market, [leg(call(3000), 1)]))).to.equal("None");
    await renewFeeds(market, READY + 90, 3031_00000000n);
    await post(market, { at: READY + 100, spot: 3031n * WAD });
    await refusesOnlyOpenings([leg(call(3000), 1)], "ExposuresOld");
  });

  it("keeps X above its lower limit, and lets what leads back pass", async () => {
    await set({ vegaLowBps: 1 });
    const sale = (amount: bigint): Legs => [{ series: call(3200), amount: -amount }];
    const { low, high, at } = await edgeOf(market, sale, "VegaLow", options(0.01), options(100));
    const { vega, equityLow } = await readBook(market);
    const { vega: sold } = await quoteAt(market, sale(low), at);
    const weight = (await readBook(market)).expiries[0]!.weight;
    expect(vega + (sold * weight) / WAD).to.be.closeTo(-equityLow / 10_000n, 10n ** 13n);
    await refuses(sale(high), "VegaLow");
    expect(whyOf(await quoteAt(market, [leg(call(3200), 1)]))).to.equal("None");
  });

  it("keeps X below its upper limit, and lets what leads back pass", async () => {
    await set({ vegaHighBps: 100 });
    const buy = (amount: bigint): Legs => [{ series: call(3200), amount }];
    const { low, high, at } = await edgeOf(market, buy, "VegaHigh", options(0.01), options(100));
    const { vega, equityLow, expiries } = await readBook(market);
    const { vega: added } = await quoteAt(market, buy(low), at);
    expect(vega + (added * expiries[0]!.weight) / WAD).to.be.closeTo(equityLow / 100n, 10n ** 13n);
    await refusesOnlyOpenings(buy(high), "VegaHigh");
    expect(whyOf(await quoteAt(market, [leg(put(3000), -1)]))).to.equal("None");
  });

  it("keeps |G| below its limit", async () => {
    await set({ gammaBps: 1000, vegaHighBps: 3000 });
    const buy = (amount: bigint): Legs => [{ series: call(3000), amount }];
    const { low, high } = await edgeOf(market, buy, "Gamma", options(0.01), options(100));
    await trade(market, market.trader, buy(low).concat());
    const { gamma, equityLow } = await readBook(market);
    expect(gamma).to.be.closeTo(equityLow / 10n, equityLow / 1000n);
    expect(high - low).to.be.at.most(10n ** 9n);
    await refusesOnlyOpenings(buy(options(1)), "Gamma");
  });

  it("lets nobody trade from beyond one limit of G to beyond the other", async () => {
    const wide = { gammaBps: 2000, vegaHighBps: 3000 };
    await set(wide);
    const traded = (amount: bigint): Legs => [{ series: call(3000), amount }];
    const { low } = await edgeOf(market, traded, "Gamma", options(0.01), options(200));
    await trade(market, market.trader, traded(low).concat());
    await set({ ...wide, gammaBps: 1000, vegaLowBps: 1000 });
    // From G to -0.9 G, where more than -G / 2 is too much, and to -0.4 G.
    await refuses(traded((-low * 19n) / 10n), "Gamma");
    expect(whyOf(await quoteAt(market, traded((-low * 14n) / 10n)))).to.equal("None");
  });

  it("reckons rent by what of the claims is used, whatever waits to leave: a request can be taken back", async () => {
    const used = async () => {
      await networkHelpers.mine();
      await refreshAll(market);
      const { baseUse, quoteUse, claimBase, claimQuote } = await readBook(market);
      return { baseUse, quoteUse, claimBase, claimQuote };
    };
    const before = await used();
    expect(before.baseUse > 0n && before.quoteUse > 0n).to.equal(true);
    await pend(market, before.claimBase / 2n, before.claimQuote / 2n);
    expect(await used()).to.deep.equal(before);
  });

  it("P12: takes no more base than the base tranche has free, to the unit: pending withdrawals come first", async () => {
    const buy = (amount: bigint): Legs => [{ series: call(2400), amount }];
    await loose();
    const before = await readBook(market);
    const { low } = await edgeOf(market, buy, "BaseCapacity", options(1), options(170));
    expect(before.baseSum + low).to.be.closeTo(before.claimBase, 10n ** 10n);
    await pend(market, 100n * WAD, 0n);
    const { low: less } = await edgeOf(market, buy, "BaseCapacity", options(1), options(170));
    expect(low - less).to.be.closeTo(100n * WAD, 10n ** 10n);
    await refusesOnlyOpenings(buy(low), "BaseCapacity");
  });

  it("P12: takes no more quote than the quote tranche has free, to the unit: pending withdrawals come first", async () => {
    await loose();
    const buy = (amount: bigint): Legs => [{ series: put(3800), amount }];
    const before = await readBook(market);
    const { low } = await edgeOf(market, buy, "QuoteCapacity", options(1), options(140));
    expect(before.quoteSum + low * 3800n).to.be.closeTo(before.claimQuote, 10n ** 13n);
    await pend(market, 0n, 380_000n * WAD);
    const { low: less } = await edgeOf(market, buy, "QuoteCapacity", options(1), options(140));
    expect(low - less).to.be.closeTo(100n * WAD, 10n ** 10n);
    await refusesOnlyOpenings(buy(low), "QuoteCapacity");
  });

  it("gives out no more of equity than the limits of block and epoch", async () => {
    await set({ blockOutflowBps: 200, epochOutflowBps: 500 });
    const { equityLow } = await readBook(market);
    // What a put bought can take out is its strike less the premium.
    const buy = (amount: bigint): Legs => [{ series: put(3000), amount }];
    const { low, at } = await edgeOf(market, buy, "OutflowOfBlock", options(0.1), options(20));
    const { parts, cost } = await quoteAt(market, buy(low), at);
    expect(low * 3000n - cost * 10n ** 12n).to.be.closeTo(equityLow / 50n, 2n * WAD);
    expect(parts.value).to.be.greaterThan(0n);
    await refuses(buy(low + options(0.01)), "OutflowOfBlock");
    await trade(market, market.trader, [...buy(low)]);
    // The next block is another, the epoch is the same.
    expect(whyOf(await quoteAt(market, buy(options(0.5))))).to.equal("None");
    await refusesOnlyOpenings(buy(low), "OutflowOfEpoch");
    await networkHelpers.mine();
    const report = await post(market, { at: READY + 90 });
    await market.vault.mark!(report);
    expect((await readBook(market)).epochOutflow).to.equal(0n);
    await trade(market, market.trader, [...buy(low)]);
  });

  it("counts a call as spot and a put as its strike, less what is paid", async () => {
    await loose();
    for (const [series, most] of [
      [call(2400), 3000n],
      [put(3800), 3800n],
    ] as const) {
      const before = await readBook(market);
      const receipt = await trade(market, market.trader, [leg(series, 2)]);
      const { cost } = tradedOf(market, receipt);
      const out = options(2) * most - cost * market.scale.quote;
      expect((await readBook(market)).epochOutflow - before.epochOutflow).to.be.closeTo(out, 2n * 10n ** 12n);
    }
  });

  it("C4: asks the account for cover to the unit, where it has less than the tranches' claims say", async () => {
    await loose();
    const { vault, owner, book, clearinghouse, scale } = market;
    for (const [token, left, series, limit] of [
      [market.baseToken, 10n * WAD, call(3800), "BaseCapacity"],
      [market.quoteToken, 24_000n * 10n ** 6n, put(2400), "QuoteCapacity"],
    ] as const) {
      const [balance, locked]: bigint[] = await clearinghouse.collateral!(book, token);
      await vault.withdraw!(token, balance! - locked! - left, owner);
      const buy = (amount: bigint): Legs => [{ series, amount }];
      const { low, at } = await edgeOf(market, buy, limit, options(1), options(20));
      const { cost } = await quoteAt(market, buy(low), at);
      // A call is covered by itself; a put by its strike, of which its premium is paid in before.
      const cover = limit === "BaseCapacity" ? left : ((left + cost) * scale.quote) / 2400n;
      expect(low).to.be.closeTo(cover, 10n ** 10n);
      await expect(
        as(market.trader, market.pool).trade!(
          buy(low + options(0.001)),
          ...[NO_LIMIT, DEADLINE, market.trader, "0x"],
        ),
      ).to.be.revertedWithCustomError(clearinghouse, "Ledger_NotCovered");
      await trade(market, market.trader, [...buy(low)]);
    }
  });

  it("counts what all trades of a block give out together", async () => {
    await set({ blockOutflowBps: 200 });
    const buy = [leg(put(3000), 5)];
    expect(whyOf(await quote(market, buy))).to.equal("None");
    await ethers.provider.send("evm_setAutomine", [false]);
    try {
      const gas = { gasLimit: 3_000_000n };
      const pool = as(market.trader, market.pool);
      const sent = await pool.trade!(buy, NO_LIMIT, DEADLINE, market.trader, "0x", gas);
      expect(whyOf(await market.pool.quote!.staticCall(buy, { blockTag: "pending" }))).to.equal(
        "OutflowOfBlock",
      );
      await networkHelpers.mine();
      expect((await sent.wait())!.status).to.equal(1);
    } finally {
      await ethers.provider.send("evm_setAutomine", [true]);
    }
    expect(whyOf(await quoteAt(market, buy))).to.equal("None");
  });

  it("V12: takes the exact need where the plain sums do not pass, and only while it is fresh", async () => {
    await loose();
    await trade(market, market.trader, [leg(put(2400), 75)]);
    await trade(market, market.trader, [leg(call(3800), 75)]);
    const more: Legs = [leg(call(3800), 15)];
    // At the refresh before those trades the need was next to nothing, and all of them has grown since.
    expect(whyOf(await quoteAt(market, more))).to.equal("BaseCapacity");
    await refreshAll(market);
    const need = await market.book.need!();
    const { claimBase, claimQuote, baseSum } = await readBook(market);
    expect(baseSum + options(15)).to.be.greaterThan(claimBase);
    for (const needed of need.base) expect(needed + options(15)).to.be.lessThan(claimBase);
    for (const needed of need.quote) expect(needed + options(15) * 3800n).to.be.lessThan(claimQuote);
    expect(whyOf(await quoteAt(market, more))).to.equal("None");
    // The trade's own expiry is seen anew while the whole is young, the need is not.
    const old = Number(need.refreshedAt) + TERMS.exposureMaxAge;
    const snapshot = await networkHelpers.takeSnapshot();
    await post(market, { at: old - 30 });
    await networkHelpers.time.setNextBlockTimestamp(old - 10);
    await market.book.refresh!([expiryIn(25)]);
    expect(whyOf(await quoteAt(market, more, old))).to.equal("None");
    expect(whyOf(await quoteAt(market, more, old + 1))).to.equal("BaseCapacity");
    await snapshot.restore();
    await trade(market, market.trader, [...more]);
  });

  it("P12: asks a tranche for nothing where a trade takes nothing of it, however much of it waits to leave", async () => {
    await loose();
    await trade(market, market.trader, [leg(put(2400), 75)]);
    const { claimQuote, quoteSum } = await readBook(market);
    await pend(market, 0n, claimQuote - quoteSum / 2n);
    // A call that the book takes in is covered by base.
    expect(whyOf(await quoteAt(market, [leg(call(3800), -1)]))).to.equal("None");
    expect(whyOf(await quoteAt(market, [leg(put(2400), 1)]))).to.equal("QuoteCapacity");
  });

  it("V12: answers for a trade that frees of one asset and takes of the other", async () => {
    await loose();
    await trade(market, market.trader, [leg(put(2400), 75)]);
    await trade(market, market.trader, [leg(call(3800), 75)]);
    await refreshAll(market);
    await trade(market, market.trader, [leg(call(3800), 15)]);
    await refreshAll(market);
    const { quoteSum, claimQuote } = await readBook(market);
    expect(quoteSum, "so that the plain sums do not pass").to.be.greaterThan(claimQuote);
    const swap = [leg(put(2400), -10), leg(call(3800), 8)];
    expect(whyOf(await quoteAt(market, swap))).to.equal("None");
    await trade(market, market.trader, swap);
  });

  it("V12: asks for what a roll takes, though it frees as much, and for what a sale across zero takes", async () => {
    await loose();
    const { trader, clearinghouse, baseToken } = market;
    const rolled = call(3600);
    await as(trader, clearinghouse).deposit!(baseToken, 40n * WAD, trader);
    await as(trader, clearinghouse).mint!(rolled, options(40), trader, trader);
    for (const series of [rolled, call(3400)]) await trade(market, trader, [leg(series, 60)]);
    await refreshAll(market);
    const roll: Legs = [leg(rolled, -60), leg(call(2400), 60)];
    const acrossZero: Legs = [leg(rolled, -100)];
    for (const legs of [roll, acrossZero]) expect(whyOf(await quoteAt(market, legs))).to.equal("None");
    // Less is free than is used: neither may take what the need has to spare.
    await pend(market, 80n * WAD, 0n);
    for (const legs of [roll, acrossZero]) await refuses(legs, "BaseCapacity");
    expect(whyOf(await quoteAt(market, [leg(rolled, -60)]))).to.equal("None");
  });

  /** Limits on exposures and outflow out of the way of those on capacity. */
  async function loose() {
    await set({ vegaHighBps: 3000, gammaBps: 65_000, blockOutflowBps: 10_000, epochOutflowBps: 20_000 });
  }
});

import { seriesId } from "@meniscus/sdk/series";
import { formatSymbol } from "@meniscus/sdk/symbol";
import { expect } from "chai";
import * as fc from "fast-check";
import {
  type AnyContract,
  as,
  bare,
  type Clearing,
  call,
  DAY,
  deploy,
  EXPIRY,
  ethers,
  load,
  MARKET,
  networkHelpers,
  options,
  put,
  START,
  settleAt,
  termsOf,
  WAD,
} from "../../support/clearing/fixture.ts";

const KIND = { daily: 0n, weekly: 1n, monthly: 2n, quarterly: 3n };
const utc = (date: string) => Date.parse(`${date}T08:00:00Z`) / 1000;
/** Strikes of a weekly expiry within the band around 3000, ascending: 1880, 1900, 1920, ... */
const gridStrikes = (count: number, from = 2000n) =>
  Array.from({ length: count }, (_, i) => (from + 50n * BigInt(i)) * WAD);

describe("ListingRules", () => {
  let rules: AnyContract;
  let errors: AnyContract;

  before(async () => {
    rules = await deploy("ClearingHarness");
    errors = await deploy("ListingRules");
  });

  it("tells the kind of an expiry by its day", async () => {
    const kinds: [string, bigint][] = [
      ["2027-01-14", KIND.daily],
      ["2027-01-15", KIND.weekly],
      ["2027-01-29", KIND.monthly],
      ["2027-03-26", KIND.quarterly],
      ["2026-12-25", KIND.quarterly],
      ["2027-12-31", KIND.quarterly],
      ["2028-02-25", KIND.monthly],
      ["2028-02-18", KIND.weekly],
    ];
    for (const [date, kind] of kinds) expect(await rules.kindOf(utc(date)), date).to.equal(kind);
  });

  it("knows the calendar as JavaScript does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 49_709 }), async (day) => {
        const date = new Date(day * DAY * 1000);
        const expected = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()].map(BigInt);
        expect(await rules.dateOf(day)).to.deep.equal(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("never has more than four expiries of a kind within its horizon, so nobody can fill a kind's places", async () => {
    for (let now = START; now < START + 400 * DAY; now += DAY / 2 - 7) {
      const counts = new Map<bigint, number>();
      for (
        let expiryAt = Math.floor(now / DAY) * DAY + 8 * 3600;
        expiryAt < now + 365 * DAY;
        expiryAt += DAY
      ) {
        const kind = kindOf(expiryAt);
        const horizon = [4, 28, 120, 364][kind]! * DAY;
        if (expiryAt <= now || expiryAt > now + horizon) continue;
        counts.set(BigInt(kind), (counts.get(BigInt(kind)) ?? 0) + 1);
      }
      for (const count of counts.values()) expect(count).to.be.lessThanOrEqual(4);
    }
  });

  it("ends each kind's horizon to the second", async () => {
    for (const [date, days] of [
      ["2027-01-14", 4],
      ["2027-01-15", 28],
      ["2027-01-29", 120],
      ["2027-03-26", 364],
    ] as const) {
      await rules.requireExpiry(utc(date), utc(date) - days * DAY);
      await rules.requireExpiry(utc(date), utc(date) - 1);
      for (const now of [utc(date) - days * DAY - 1, utc(date), utc(date) + 1]) {
        await expect(rules.requireExpiry(utc(date), now)).to.be.revertedWithCustomError(
          errors,
          "Listing_ExpiryOutsideHorizon",
        );
      }
    }
  });

  it("steps through each decade by 1-2-5: neighbours are 1 to 2.5 percent apart", async () => {
    const steps: [bigint, bigint][] = [
      [1000n, 20n],
      [1999n, 20n],
      [2000n, 50n],
      [4999n, 50n],
      [5000n, 100n],
      [9999n, 100n],
      [10_000n, 200n],
      [100_000n, 2000n],
    ];
    for (const [strike, step] of steps) expect(await rules.stepAt(strike * WAD)).to.equal(step * WAD);
    expect(await rules.stepAt(1n)).to.equal(2n * 10n ** 9n);
    await rules.requireOnGrid(1020n * WAD);
    for (const strike of [1010n * WAD, 2020n * WAD, 1020n * WAD + 1n, 2n ** 127n]) {
      await expect(rules.requireOnGrid(strike)).to.be.revertedWithCustomError(
        errors,
        "Listing_StrikeOffGrid",
      );
    }
  });

  it("widens the band with time, from the lowest spot's side to the highest's", async () => {
    const bands: [number, bigint, bigint][] = [
      [4 * DAY, 2400n, 3875n],
      [4 * DAY + 1, 1875n, 4960n],
      [28 * DAY, 1875n, 4960n],
      [120 * DAY, 1200n, 7750n],
      [364 * DAY, 750n, 12_400n],
    ];
    for (const [time, low, high] of bands) {
      const check = (strike: bigint) => rules.requireInBand(strike, 3000n * WAD, 3100n * WAD, time);
      await check(low * WAD);
      await check(high * WAD);
      for (const strike of [low * WAD - 1n, high * WAD + 1n]) {
        await expect(check(strike)).to.be.revertedWithCustomError(errors, "Listing_StrikeOutsideBand");
      }
    }
  });
});

describe("Clearinghouse: listing", () => {
  const list = ({ clearinghouse }: Clearing, strike: bigint, evicted = 0n, expiryAt = EXPIRY) =>
    clearinghouse.list(MARKET, expiryAt, strike, evicted);

  it("anybody lists a strike; it gets a place, and the expiry joins the list", async () => {
    const clearing = await load(bare);
    const { clearinghouse, stranger } = clearing;
    await expect(as(stranger, clearinghouse).list(MARKET, EXPIRY, 3000n * WAD, 0))
      .to.emit(clearinghouse, "Listed")
      .withArgs(stranger, MARKET, EXPIRY, 3000n * WAD, 0);
    await list(clearing, 2900n * WAD);
    const strikes = await clearinghouse.strikes(MARKET, EXPIRY);
    expect(strikes.slice(0, 3)).to.deep.equal([3000n * WAD, 2900n * WAD, 0n]);
    await list(clearing, 3000n * WAD, 0n, EXPIRY - DAY * 7);
    expect(await clearinghouse.expiries(MARKET)).to.deep.equal([EXPIRY - DAY * 7, EXPIRY].map(BigInt));
    await expect(list(clearing, 3000n * WAD)).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_AlreadyListed",
    );
  });

  it("refuses an unknown market, a silent oracle, a strange expiry, a strike off the grid or out of the band", async () => {
    const clearing = await load(bare);
    const { clearinghouse, oracle } = clearing;
    await expect(clearinghouse.list(2, EXPIRY, 3000n * WAD, 0)).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_MarketUnknown",
    );
    const refused: [bigint, number, string][] = [
      [3001n * WAD, EXPIRY, "Listing_StrikeOffGrid"],
      [1860n * WAD, EXPIRY, "Listing_StrikeOutsideBand"],
      [3000n * WAD, EXPIRY + 28 * DAY, "Listing_ExpiryOutsideHorizon"],
      [3000n * WAD, START - (START % DAY) + 8 * 3600, "Listing_Expired"],
      [3000n * WAD, EXPIRY + 1, "SeriesId_PartsInvalid"],
    ];
    for (const [strike, expiryAt, error] of refused) {
      await expect(list(clearing, strike, 0n, expiryAt)).to.be.revertedWithCustomError(clearinghouse, error);
    }
    await oracle.setPrice(0);
    await expect(list(clearing, 3000n * WAD)).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_SpotRefused",
    );
  });

  it("keeps a quarter of the strikes for the council", async () => {
    const clearing = await load(bare);
    const { clearinghouse, council, stranger } = clearing;
    for (const strike of gridStrikes(24)) await list(clearing, strike);
    await expect(list(clearing, 3500n * WAD))
      .to.be.revertedWithCustomError(clearinghouse, "Listing_ExpiryFull")
      .withArgs(EXPIRY, 24);
    await expect(
      as(stranger, clearinghouse).listReserved(MARKET, EXPIRY, 3500n * WAD, 0),
    ).to.be.revertedWithCustomError(clearinghouse, "AccessManagedUnauthorized");
    for (const strike of gridStrikes(8, 3500n))
      await as(council, clearinghouse).listReserved(MARKET, EXPIRY, strike, 0);
    await expect(as(council, clearinghouse).listReserved(MARKET, EXPIRY, 4000n * WAD, 0))
      .to.be.revertedWithCustomError(clearinghouse, "Listing_ExpiryFull")
      .withArgs(EXPIRY, 32);
    expect([...(await clearinghouse.strikes(MARKET, EXPIRY))].filter((strike) => strike > 0n)).to.have.length(
      32,
    );
  });

  it("evicts a strike that nobody used for a day, and none that is in use, was just now, or is reserved", async () => {
    const clearing = await load(bare);
    const { clearinghouse, council, base, quote, writer, holder } = clearing;
    await as(council, clearinghouse).listReserved(MARKET, EXPIRY, 4000n * WAD, 0);
    for (const strike of gridStrikes(24)) await list(clearing, strike);
    await as(writer, clearinghouse).deposit(base, 10n * WAD, writer);
    await as(writer, clearinghouse).mint(call(2050n), options(1), writer, writer);
    await as(writer, clearinghouse).mint(call(2100n), options(1), writer, writer);
    const evict = (strike: bigint) => list(clearing, 3500n * WAD, strike * WAD);
    const refused = (strike: bigint, error = "Listing_NotEvictable") =>
      expect(evict(strike)).to.be.revertedWithCustomError(clearinghouse, error);
    await refused(2000n);
    await networkHelpers.time.increase(DAY);
    await as(writer, clearinghouse).burn(call(2100n), options(1), writer, writer);
    await refused(2050n);
    await refused(2100n);
    await refused(4000n);
    await refused(2010n, "Listing_NotListed");
    await expect(evict(2000n)).to.emit(clearinghouse, "Listed");
    expect((await clearinghouse.strikes(MARKET, EXPIRY))[0]).to.equal(3500n * WAD);
    await expect(
      as(writer, clearinghouse).mint(call(2000n), options(1), writer, writer),
    ).to.be.revertedWithCustomError(clearinghouse, "Listing_NotListed");
    await networkHelpers.time.increase(DAY);
    await list(clearing, 3550n * WAD, 2100n * WAD);
    // Reserved places are as free as before, and the order of the strikes is right: a pass over it finds every worst case.
    await as(council, clearinghouse).listReserved(MARKET, EXPIRY, 3600n * WAD, 0);
    const strikes = await clearinghouse.strikes(MARKET, EXPIRY);
    expect([0, 2, 24, 29, 30, 31].map((place) => strikes[place])).to.deep.equal(
      [3500n, 3550n, 0n, 0n, 3600n, 4000n].map((strike) => strike * WAD),
    );
    await as(writer, clearinghouse).deposit(quote, 100_000n * 10n ** 6n, writer);
    await as(holder, clearinghouse).deposit(quote, 100_000n * 10n ** 6n, holder);
    const own = as(writer, clearinghouse);
    for (const strike of [2150n, 3500n, 3550n]) {
      await as(holder, clearinghouse).mint(put(strike), options(1), holder, writer);
      await own.burn(put(strike), options(1), writer, writer);
    }
    await own.mint(put(2200n), options(1), writer, writer); // 50 more than 2150
    await own.mint(put(3600n), options(1), writer, writer); // 50 more than 3550
    await own.mint(put(4000n), options(1), writer, writer); // 500 more than 3500
    expect((await clearinghouse.collateral(writer, quote))[1]).to.equal(600n * 10n ** 6n);
  });

  it("evicts nothing while there is room", async () => {
    const clearing = await load(bare);
    await list(clearing, 3000n * WAD);
    await networkHelpers.time.increase(2 * DAY);
    await expect(list(clearing, 3050n * WAD, 3000n * WAD)).to.be.revertedWithCustomError(
      clearing.clearinghouse,
      "Listing_RoomLeft",
    );
  });

  it("an expiry that passed keeps its place until it settles", async () => {
    const clearing = await load(bare);
    const { clearinghouse } = clearing;
    const fridays = [0, 7, 14].map((days) => EXPIRY - 7 * DAY + days * DAY);
    for (const expiryAt of fridays) await list(clearing, 3000n * WAD, 0n, expiryAt);
    await networkHelpers.time.increaseTo(fridays[0]! + 1);
    expect(await clearinghouse.expiries(MARKET)).to.deep.equal(fridays.map(BigInt));
    await settleAt(clearing, 3000n * WAD, fridays[0]);
    expect(await clearinghouse.expiries(MARKET)).to.deep.equal(fridays.slice(1).map(BigInt));
    await expect(list(clearing, 3050n * WAD, 0n, fridays[0])).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_Expired",
    );
  });

  it("keeps four places for each kind: no fifth weekly expiry while one that passed is not settled", async () => {
    const clearing = await load(bare);
    const { clearinghouse } = clearing;
    const friday = (weeks: number) => EXPIRY + (weeks - 1) * 7 * DAY;
    for (const weeks of [0, 1, 2]) await list(clearing, 3000n * WAD, 0n, friday(weeks));
    await networkHelpers.time.increaseTo(friday(0) + 1);
    await list(clearing, 3000n * WAD, 0n, friday(4)); // the one between is a monthly expiry
    await networkHelpers.time.increaseTo(friday(1) + 1);
    await expect(list(clearing, 3000n * WAD, 0n, friday(5)))
      .to.be.revertedWithCustomError(clearinghouse, "Listing_KindFull")
      .withArgs(KIND.weekly, 4);
    await list(clearing, 3000n * WAD, 0n, friday(3));
    await settleAt(clearing, 3000n * WAD, friday(0));
    await clearing.oracle.setPrice(3000n * WAD);
    await list(clearing, 3000n * WAD, 0n, friday(5));
    expect(await clearinghouse.expiries(MARKET)).to.deep.equal(
      [1, 2, 3, 4, 5].map((weeks) => BigInt(friday(weeks))),
    );
  });

  it("names every series as the sdk does, whatever its day, strike and side", async () => {
    const { factory } = await load(bare);
    const [first, last] = [Date.UTC(2000, 0, 1), Date.UTC(2099, 11, 31)].map((ms) => ms / 1000 / DAY);
    const strikes = fc.oneof(
      fc.bigInt(1n, 2n ** 128n - 1n),
      fc.bigInt(1n, 10_000_000n).map((thousandths) => (thousandths * WAD) / 1000n),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: first!, max: last! }),
        strikes,
        fc.boolean(),
        async (day, strike, isPut) => {
          const series = { expiryAt: day * DAY + 8 * 3600, strike, isPut };
          expect(await factory.symbolOf(seriesId({ market: MARKET, ...series }))).to.equal(
            formatSymbol({ market: "ETH", ...series }),
          );
        },
      ),
      { numRuns: 200, seed: 20_270_107 },
    );
    for (const year of [2009, 2010, 2011, 2099]) {
      const series = { expiryAt: Date.UTC(year, 9, 9, 8) / 1000, strike: WAD, isPut: false };
      expect(await factory.symbolOf(seriesId({ market: MARKET, ...series }))).to.equal(
        formatSymbol({ market: "ETH", ...series }),
      );
    }
  });

  it("names a market with all 32 letters", async () => {
    const { factory, clearinghouse, governor, base, oracle } = await load(bare);
    const name = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    const terms = { ...termsOf(base, 18, oracle), name: ethers.hexlify(ethers.toUtf8Bytes(name)) };
    await as(governor, clearinghouse).registerMarket(2, terms);
    const series = seriesId({ market: 2, expiryAt: EXPIRY, strike: 3000n * WAD, isPut: true });
    expect(await factory.symbolOf(series)).to.equal(`${name}-15JAN27-3000-P`);
  });

  it("names series as on Deribit", async () => {
    const { factory } = await load(bare);
    const eighths = seriesId({ market: MARKET, expiryAt: EXPIRY, strike: (5n * WAD) / 8n, isPut: false });
    expect(await factory.symbolOf(call(3000n))).to.equal("ETH-15JAN27-3000-C");
    expect(await factory.symbolOf(put(3000n))).to.equal("ETH-15JAN27-3000-P");
    expect(await factory.symbolOf(eighths)).to.equal("ETH-15JAN27-0d625-C");
  });
});

/** Kind by JavaScript's calendar: 0 daily, 1 weekly, 2 monthly, 3 quarterly. */
function kindOf(expiryAt: number): number {
  const date = new Date(expiryAt * 1000);
  if (date.getUTCDay() !== 5) return 0;
  const month = date.getUTCMonth();
  if (new Date((expiryAt + 7 * DAY) * 1000).getUTCMonth() === month) return 1;
  return month % 3 === 2 ? 3 : 2;
}

import { expect } from "chai";
import { smileWord } from "../../support/slices.ts";
import {
  DAY,
  EMPTY_LANES,
  expiryIn,
  type Fixture,
  freshSurface,
  MARKET,
  networkHelpers,
  post,
  provenSurface,
  QUARANTINE,
  START,
  STATUS,
  TENORS,
  tauAt,
} from "../../support/surface.ts";

const HOUR = 3600;
const DAYS = 25;
/** The first time of the test that is well after the lanes were proven, at the beginning of an hour. */
const NEXT = Math.ceil((START + 120) / HOUR) * HOUR;

const status = (fixture: Fixture, days = DAYS): Promise<bigint> =>
  fixture.surface.sliceStatus!(MARKET, expiryIn(days));

/** Seconds from a report to the block that {@link post} brings it in. */
const POSTED = 5;

/** Posts with one expiry's smile changed. */
const postWith = (
  fixture: Fixture,
  at: number,
  change: { vol?: number; wing?: number; m?: number; carry?: number },
) => {
  const tau = tauAt(expiryIn(DAYS), at);
  const { vol = 0.6, wing = 0.15, m = 0.1, carry = 0.05 } = change;
  const tenors = TENORS.filter((days) => days < 53);
  return post(fixture, {
    at,
    tenors,
    words: { [DAYS]: smileWord({ vol, tau, reportAt: at, wing, m, basis: carry * tau }) },
  });
};

describe("VolSurface: the rate bound", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await provenSurface();
  });

  it("lets a slice move within the bound of its hourly anchor, and no further: level, tilt and basis", async () => {
    // 50 % of the variance an hour: vol up to 0.6 sqrt(1.5) = 0.7348. The anchor is the one of START.
    await postWith(fixture, NEXT - 300, { vol: 0.734 });
    expect(await status(fixture)).to.equal(STATUS.Open);
    await postWith(fixture, NEXT - 240, { vol: 0.736 });
    expect(await status(fixture)).to.equal(STATUS.Unproven);
    expect(await status(fixture, 18)).to.equal(STATUS.Open);
  });

  for (const [what, inside, outside] of [
    // d ln vol / dz = wing (rho - m / h) / 2: -0.022 at first, then 0.070 and 0.095, of which 10 % allows the first.
    ["tilt", { wing: 0.3, m: -0.9 }, { wing: 0.3, m: -1.5 }],
    [
      "basis up",
      { carry: 0.05 + 0.0049 / tauAt(expiryIn(DAYS), NEXT) },
      { carry: 0.05 + 0.0051 / tauAt(expiryIn(DAYS), NEXT) },
    ],
    [
      "basis down",
      { carry: 0.05 - 0.0049 / tauAt(expiryIn(DAYS), NEXT) },
      { carry: 0.05 - 0.0051 / tauAt(expiryIn(DAYS), NEXT) },
    ],
  ] as const) {
    it(`closes an expiry whose ${what} leaves the bound`, async () => {
      await postWith(fixture, NEXT - 300, inside);
      expect(await status(fixture)).to.equal(STATUS.Open);
      await postWith(fixture, NEXT - 240, outside);
      expect(await status(fixture)).to.equal(STATUS.Unproven);
    });
  }

  it("moves the anchor once an hour, so that many small steps win no more than one bound an hour", async () => {
    await postWith(fixture, NEXT - 300, { vol: 0.73 });
    // The same step again in the same hour leaves the bound, for the anchor stood still ...
    const half = await networkHelpers.takeSnapshot();
    await postWith(fixture, NEXT - 200, { vol: 0.8 });
    expect(await status(fixture)).to.equal(STATUS.Unproven);
    // ... and passes in the next, once a report moved the anchor.
    await half.restore();
    await postWith(fixture, NEXT, { vol: 0.73 });
    await postWith(fixture, NEXT + 60, { vol: 0.8 });
    expect(await status(fixture)).to.equal(STATUS.Open);
  });

  for (const [silent, inside, outside] of [
    // The anchor's hour is the one before NEXT. The variance may double at most: vol 0.6 sqrt(2) = 0.8485.
    [0, 0.734, 0.736],
    [1, 0.848, 0.849],
    [2, 0.848, 0.849],
    [12, 0.848, 0.849],
  ] as const) {
    it(`widens the bound by hours without a report to two at most: ${silent} silent`, async () => {
      const before = await networkHelpers.takeSnapshot();
      await postWith(fixture, NEXT + silent * HOUR, { vol: inside });
      expect(await status(fixture)).to.equal(STATUS.Open);
      await before.restore();
      const at = NEXT + silent * HOUR;
      await postWith(fixture, at, { vol: outside });
      expect(await status(fixture), "beyond").to.equal(STATUS.Unproven);
      await postWith(fixture, at + 60, { vol: outside });
      await postWith(fixture, at + 60 + POSTED + QUARANTINE, { vol: outside });
      expect(await status(fixture), "two later reports agree").to.equal(STATUS.Open);
    });
  }

  it("judges a lane that was left out by one hour's bound on its return", async () => {
    for (const hours of [0, 1, 2]) await post(fixture, { at: NEXT + hours * HOUR, tenors: [11, 18] });
    await postWith(fixture, NEXT + 3 * HOUR, { vol: 0.736 });
    expect(await status(fixture)).to.equal(STATUS.Unproven);
  });

  it("opens again when two later reports agree a quarantine apart, and not before", async () => {
    await postWith(fixture, NEXT, { vol: 0.9 });
    expect(await status(fixture)).to.equal(STATUS.Unproven);
    const first = NEXT + 60;
    await postWith(fixture, first, { vol: 0.9 });
    expect(await status(fixture), "one later report").to.equal(STATUS.Unproven);
    // From the block that it came in, not from its own time.
    await postWith(fixture, first + POSTED + QUARANTINE - 1, { vol: 0.91 });
    expect(await status(fixture), "two, but within the quarantine").to.equal(STATUS.Unproven);
    await postWith(fixture, first + POSTED + QUARANTINE, { vol: 0.92 });
    expect(await status(fixture), "after it").to.equal(STATUS.Open);
    // The anchor is the level it was proven at.
    await postWith(fixture, first + POSTED + QUARANTINE + 60, { vol: 0.6 });
    expect(await status(fixture)).to.equal(STATUS.Unproven);
  });

  it("S7: opens at no level that has not stood for a quarantine, however long the lane was unproven", async () => {
    await postWith(fixture, NEXT, { vol: 0.9 });
    for (let minutes = 1; minutes <= 9; minutes++) await postWith(fixture, NEXT + 60 * minutes, { vol: 0.9 });
    // The second before the quarantine's end another level, and that again a block later.
    const false_ = NEXT + 60 + POSTED + QUARANTINE - 1;
    await postWith(fixture, false_, { vol: 3 });
    expect(await status(fixture), "disagrees with the first later report").to.equal(STATUS.Unproven);
    for (const later of [12, 60, POSTED + QUARANTINE - 1]) {
      await postWith(fixture, false_ + later, { vol: 3 });
      expect(await status(fixture), `agrees with itself ${later} s later`).to.equal(STATUS.Unproven);
    }
    await postWith(fixture, false_ + POSTED + QUARANTINE, { vol: 3 });
    expect(await status(fixture), "a quarantine later").to.equal(STATUS.Open);
  });

  it("is not moved by time alone: held vol and carry pass to the last report", async () => {
    const last = expiryIn(1) - 31 * 60;
    for (let at = NEXT; at < last; at += 4 * HOUR) await post(fixture, { at, tenors: [1, 2] });
    await post(fixture, { at: last, tenors: [1, 2] });
    expect(await status(fixture, 1)).to.equal(STATUS.Closing);
    expect((await fixture.surface.surface!(MARKET)).unproven).to.equal(EMPTY_LANES);
  });
});

describe("VolSurface: listing", () => {
  it("starts a listed expiry unproven, and two reports that agree prove it, a quarantine apart", async () => {
    const fixture = await freshSurface();
    expect(await status(fixture)).to.equal(STATUS.Omitted);
    expect((await fixture.surface.read!(MARKET, expiryIn(DAYS))).current).to.equal(0n);
    await post(fixture, { at: START });
    expect(await status(fixture)).to.equal(STATUS.Unproven);
    await post(fixture, { at: START + POSTED + QUARANTINE - 1 });
    expect(await status(fixture)).to.equal(STATUS.Unproven);
    await post(fixture, { at: START + POSTED + QUARANTINE });
    expect(await status(fixture)).to.equal(STATUS.Open);
  });

  for (const posts of [1, 2]) {
    it(`lists 16 expiries, then only in the lane of one that is past, whose slice of side ${posts % 2} does not pass for the new one's`, async () => {
      const fixture = await freshSurface();
      for (const days of [5, 6, 7, 8]) await fixture.surface.listExpiry!(MARKET, expiryIn(days));
      await expect(fixture.surface.listExpiry!(MARKET, expiryIn(9))).to.be.revertedWithCustomError(
        fixture.surface,
        "VolSurface_LanesFull",
      );
      const last = expiryIn(1) - 31 * 60;
      for (let left = posts; left > 0; left--) await post(fixture, { at: last - 60 * (left - 1) });
      await networkHelpers.time.increaseTo(expiryIn(1));
      expect(await status(fixture, 1)).to.equal(STATUS.Expired);
      await expect(fixture.surface.listExpiry!(MARKET, expiryIn(9)))
        .to.emit(fixture.surface, "ExpiryListed")
        .withArgs(MARKET, (expiryIn(9) - 8 * HOUR) / DAY, 0);
      expect(await status(fixture, 1)).to.equal(STATUS.Unlisted);
      expect(await status(fixture, 9)).to.equal(STATUS.Omitted);
      expect((await fixture.surface.read!(MARKET, expiryIn(9))).current).to.equal(0n);
    });
  }

  it("refuses an expiry in the past, at another hour, too far away, or listed already", async () => {
    const { surface } = await provenSurface();
    for (const expiryAt of [expiryIn(0), expiryIn(9) + 1, expiryIn(402), 0]) {
      await expect(surface.listExpiry!(MARKET, expiryAt))
        .to.be.revertedWithCustomError(surface, "VolSurface_ExpiryInvalid")
        .withArgs(expiryAt);
    }
    await expect(surface.listExpiry!(MARKET, expiryIn(11))).to.be.revertedWithCustomError(
      surface,
      "VolSurface_ExpiryListedAlready",
    );
  });

  it("says why an expiry may not be opened", async () => {
    const fixture = await provenSurface();
    expect(await status(fixture, 9)).to.equal(STATUS.Unlisted);
    expect(await fixture.surface.sliceStatus!(MARKET, expiryIn(11) + 1)).to.equal(STATUS.Unlisted);
    expect(await fixture.surface.sliceStatus!(9, expiryIn(11))).to.equal(STATUS.Unlisted);
    await networkHelpers.time.increaseTo(expiryIn(1) - HOUR - 1);
    expect(await status(fixture, 1)).to.equal(STATUS.Open);
    await networkHelpers.time.increaseTo(expiryIn(1) - HOUR);
    expect(await status(fixture, 1)).to.equal(STATUS.Closing);
    await networkHelpers.time.increaseTo(expiryIn(1));
    expect(await status(fixture, 1)).to.equal(STATUS.Expired);
  });
});

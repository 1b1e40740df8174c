import { type EncodedReport, encodeReport, reportDigest } from "@meniscus/sdk/report";
import { SLICE_REFUSALS } from "@meniscus/sdk/sliceShape";
import { expect } from "chai";
import { ZeroHash } from "ethers";
import { smileWord } from "../../support/slices.ts";
import {
  DAY,
  EMPTY_LANES,
  ethers,
  expectRefused,
  expiryIn,
  type Fixture,
  MARKET,
  networkHelpers,
  post,
  prepare,
  provenSurface,
  QUARANTINE,
  SPOT,
  START,
  STATUS,
  sampleReport,
  signed,
  signers,
  TENORS,
  tauAt,
} from "../../support/surface.ts";

const NEXT = START + 120;

const wordOf = (at: number, days: number): bigint => sampleReport({ at, tenors: [days] }).slices[0]!.word;

describe("VolSurface: posting", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await provenSurface();
  });

  it("stores a report with a quorum of signatures and says what it stored", async () => {
    const report = encodeReport(sampleReport({ at: NEXT }));
    const signatures = await signed(fixture, report, signers.slice(1));
    await networkHelpers.time.setNextBlockTimestamp(NEXT + 5);
    await expect(fixture.surface.post!(report, signatures))
      .to.emit(fixture.surface, "ReportPosted")
      .withArgs(
        MARKET,
        NEXT,
        SPOT,
        report.expiries,
        EMPTY_LANES,
        reportDigest(report, fixture.domain),
        report.slices,
      );

    const state = await fixture.surface.surface!(MARKET);
    expect(state.spot).to.equal(SPOT);
    expect(state.reportAt).to.equal(NEXT);
    for (const [index, days] of TENORS.entries()) {
      const reading = await fixture.surface.read!(MARKET, expiryIn(days));
      expect(reading.current, `${days} days`).to.equal(report.slices[index]);
      expect(reading.status, `${days} days`).to.equal(STATUS.Open);
    }
  });

  it("S1: refuses a report older than 60 s, and one from the future", async () => {
    const { report, signatures } = await prepare(fixture);
    await networkHelpers.time.setNextBlockTimestamp(NEXT + 61);
    await expectRefused(fixture, report, signatures, "VolSurface_TooOld", [NEXT, NEXT + 61]);
    const future = encodeReport(sampleReport({ at: NEXT + 63 }));
    const futureSignatures = await signed(fixture, future);
    await networkHelpers.time.setNextBlockTimestamp(NEXT + 62);
    await expectRefused(fixture, future, futureSignatures, "VolSurface_FromTheFuture", [
      NEXT + 63,
      NEXT + 62,
    ]);
    await networkHelpers.time.setNextBlockTimestamp(NEXT + 123);
    await fixture.surface.post!(future, futureSignatures);
  });

  it("takes one report a block; a carried second or older one is skipped, not an error", async () => {
    const one = encodeReport(sampleReport({ at: NEXT }));
    const two = encodeReport(sampleReport({ at: NEXT + 1 }));
    const signatures = [await signed(fixture, one), await signed(fixture, two)];
    await networkHelpers.time.setNextBlockTimestamp(NEXT + 5);
    await ethers.provider.send("evm_setAutomine", [false]);
    const gasLimit = 1_000_000;
    const first = await fixture.surface.postIfNewer!(one, signatures[0], { gasLimit });
    const second = await fixture.surface.post!(two, signatures[1], { gasLimit });
    const carried = await fixture.surface.postIfNewer!(two, signatures[1], { gasLimit });
    await networkHelpers.mine();
    await ethers.provider.send("evm_setAutomine", [true]);
    const status = async (hash: string) => (await ethers.provider.getTransactionReceipt(hash))?.status;
    expect(await status(first.hash)).to.equal(1);
    expect(await status(second.hash)).to.equal(0);
    expect(await status(carried.hash)).to.equal(1);
    expect((await fixture.surface.surface!(MARKET)).reportAt).to.equal(NEXT);

    // In a later block the same one is stored, and an older one is skipped again.
    expect(await fixture.surface.postIfNewer!.staticCall(one, signatures[0])).to.equal(false);
    await fixture.surface.postIfNewer!(two, signatures[1]);
    expect((await fixture.surface.surface!(MARKET)).reportAt).to.equal(NEXT + 1);
  });

  it("gives both slices in the block of a post, so that a price can be the worse, and one after it", async () => {
    const before = encodeReport(sampleReport({ at: START + 60 }));
    const { report, signatures } = await prepare(fixture, { vol: 0.62 });
    await fixture.surface.post!(report, signatures);
    const inBlock = await fixture.surface.read!(MARKET, expiryIn(25), { blockTag: "latest" });
    expect(inBlock.current).to.equal(report.slices[6]);
    expect(inBlock.previous).to.equal(before.slices[6]);
    await networkHelpers.mine();
    expect((await fixture.surface.read!(MARKET, expiryIn(25))).previous).to.equal(0n);
  });

  it("closes an expiry that a report leaves out, at no write, and opens it when it is back", async () => {
    await post(fixture, { at: NEXT, tenors: TENORS.filter((days) => days !== 11) });
    expect(await fixture.surface.sliceStatus!(MARKET, expiryIn(11))).to.equal(STATUS.Omitted);
    // Not live, but still there: a book is marked by it.
    const reading = await fixture.surface.read!(MARKET, expiryIn(11));
    expect([reading.isLive, reading.current]).to.deep.equal([false, wordOf(START + 60, 11)]);
    expect(await fixture.surface.sliceStatus!(MARKET, expiryIn(18))).to.equal(STATUS.Open);
    await post(fixture, { at: NEXT + 60 });
    expect(await fixture.surface.sliceStatus!(MARKET, expiryIn(11))).to.equal(STATUS.Open);
    // Whichever of its two words is the newer.
    await post(fixture, { at: NEXT + 120 });
    for (const at of [NEXT + 180, NEXT + 240]) {
      await post(fixture, { at, tenors: TENORS.filter((days) => days !== 11) });
      expect((await fixture.surface.read!(MARKET, expiryIn(11))).current).to.equal(wordOf(NEXT + 120, 11));
    }
  });

  it("refuses expiries that are unlisted, unsorted, repeated, miscounted or over", async () => {
    const word = smileWord({ vol: 0.6, tau: tauAt(expiryIn(5), NEXT), reportAt: NEXT });
    const cases: [string, string, Partial<EncodedReport>][] = [
      [
        "VolSurface_ExpiryUnlisted",
        "unlisted",
        { expiries: BigInt((expiryIn(5) - 28_800) / DAY), slices: [word] },
      ],
      [
        "VolSurface_ExpiriesMalformed",
        "unsorted",
        swapLanes(encodeReport(sampleReport({ at: NEXT, tenors: [1, 2] }))),
      ],
      [
        "VolSurface_ExpiriesMalformed",
        "repeated",
        repeatLane(encodeReport(sampleReport({ at: NEXT, tenors: [1, 2] }))),
      ],
      [
        "VolSurface_ExpiriesMalformed",
        "slice missing",
        { slices: encodeReport(sampleReport({ at: NEXT })).slices.slice(1) },
      ],
      [
        "VolSurface_ExpiriesMalformed",
        "day missing",
        { expiries: encodeReport(sampleReport({ at: NEXT })).expiries >> 16n },
      ],
    ];
    for (const [error, , change] of cases) {
      const report = { ...encodeReport(sampleReport({ at: NEXT })), ...change };
      const signatures = await signed(fixture, report);
      await networkHelpers.time.setNextBlockTimestamp(NEXT + 5);
      await expectRefused(fixture, report, signatures, error);
      await networkHelpers.time.setNextBlockTimestamp(NEXT + 6);
    }
    const late = expiryIn(1) - 30 * 60;
    const over = encodeReport(sampleReport({ at: late }));
    const signatures = await signed(fixture, over);
    await networkHelpers.time.setNextBlockTimestamp(late + 5);
    await expectRefused(fixture, over, signatures, "VolSurface_ExpiryOver", [
      (expiryIn(1) - 28_800) / DAY,
      late,
    ]);
  });

  it("refuses a spot of zero, a market without signers, and a slice of bad shape with its reason", async () => {
    const { report } = await prepare(fixture);
    const free = { ...report, spot: 0n };
    await expectRefused(fixture, free, await signed(fixture, free), "VolSurface_SpotZero");
    const other = { ...report, market: 9 };
    await expectRefused(fixture, other, await signed(fixture, other), "VolSurface_NoSigners", [9]);
    const falling = { ...report, slices: [...report.slices] as bigint[] };
    falling.slices[3] = smileWord({ vol: 0.5, tau: tauAt(expiryIn(4), NEXT), reportAt: NEXT });
    await expectRefused(fixture, falling, await signed(fixture, falling), "VolSurface_SliceRefused", [
      (expiryIn(4) - 28_800) / DAY,
      SLICE_REFUSALS.indexOf("CalendarLevel"),
    ]);
  });

  it("keeps the digest of the first report at or after 09:00 UTC of a day, and of no other", async () => {
    const cutoff = Math.floor(START / DAY + 1) * DAY + 9 * 3600;
    const tenors = TENORS.slice(1);
    for (const at of [cutoff - 1, cutoff, cutoff + 60]) await post(fixture, { at, tenors });
    const first = encodeReport(sampleReport({ at: cutoff, tenors }));
    const day = Math.floor(cutoff / DAY);
    expect(await fixture.surface.epochDigest!(MARKET, day)).to.equal(reportDigest(first, fixture.domain));
    const start = encodeReport(sampleReport({ at: START - QUARANTINE }));
    expect(await fixture.surface.epochDigest!(MARKET, day - 1)).to.equal(reportDigest(start, fixture.domain));
    expect(await fixture.surface.epochDigest!(MARKET, day + 1)).to.equal(ZeroHash);
  });

  it("S7: tells the first one of a day that came twelve hours after 09:00 UTC or later, by which nobody may settle", async () => {
    const cutoff = Math.floor(START / DAY + 1) * DAY + 9 * 3600;
    const [day, tenors] = [Math.floor(cutoff / DAY), TENORS.slice(3)];
    const isLate = (ofDay: number) => fixture.surface.isEpochReportLate!(MARKET, ofDay);
    const first = cutoff + 12 * 3600;
    for (const at of [first, first + 60]) await post(fixture, { at, tenors });
    const digest = reportDigest(encodeReport(sampleReport({ at: first, tenors })), fixture.domain);
    expect(await fixture.surface.epochDigest!(MARKET, day)).to.equal(digest);
    expect(await isLate(day)).to.equal(true);
    for (const at of [first + DAY - 1, first + DAY]) await post(fixture, { at, tenors });
    expect(await isLate(day + 1)).to.equal(false);
  });

  it("S7: keeps beside it the expiries that had no proven slice in that report, but for those in their window", async () => {
    const doubtsAt = async (at: number): Promise<(number | undefined)[]> => {
      const word = await fixture.surface.epochDoubts!(MARKET, Math.floor((at - 9 * 3600) / DAY));
      const days = Array.from({ length: 16 }, (_, lane) => Number((word >> BigInt(16 * lane)) & 0xffffn));
      return days
        .filter((day) => day !== 0)
        .map((day) => TENORS.find((one) => expiryIn(one) === day * DAY + 28_800));
    };
    expect(await doubtsAt(START), "of new signers nothing is proven").to.deep.equal(TENORS);
    // A quarter to eight: that day's expiry is in its window, the next day's is left out, the last one has left its bound.
    const at = expiryIn(2) - 900;
    const leap = smileWord({ vol: 3, tau: tauAt(expiryIn(326), at), reportAt: at });
    await post(fixture, { at, tenors: TENORS.slice(3), words: { 326: leap } });
    expect(await doubtsAt(at)).to.deep.equal([3, 326]);
    await post(fixture, { at: at + 60, tenors: TENORS.slice(2) });
    expect(await doubtsAt(at), "as it was in the first").to.deep.equal([3, 326]);
  });
});

function swapLanes(report: EncodedReport): Partial<EncodedReport> {
  const [low, high] = [report.expiries & 0xffffn, report.expiries >> 16n];
  return { expiries: (low << 16n) | high, slices: [...report.slices].reverse() };
}

function repeatLane(report: EncodedReport): Partial<EncodedReport> {
  const low = report.expiries & 0xffffn;
  return { expiries: (low << 16n) | low, slices: [report.slices[0]!, report.slices[0]!] };
}

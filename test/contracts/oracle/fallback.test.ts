import { encodeReport } from "@meniscus/sdk/report";
import { ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { HOUR, type Oracles, USD, WAD } from "../../support/oracle/fixture.ts";
import { SOURCE } from "../../support/oracle/settlement.ts";
import {
  CUTOFF,
  EXPIRY,
  FIRST,
  history,
  priceOf,
  type Scripted,
  WINDOW,
  walk,
  withBase,
} from "../../support/oracle/walks.ts";
import { DAY, ethers, MARKET, networkHelpers, post, sampleReport } from "../../support/surface.ts";

describe("SettlementOracle: the fallback", () => {
  const broken: Scripted = [[0n, WINDOW - 10]];
  const reportAt = (at: number, spot = 3010n * WAD) =>
    encodeReport(sampleReport({ at, tenors: [25, 88], spot }));
  const postAt = (oracles: Oracles, at: number, spot = 3010n * WAD) =>
    post(oracles, { at, tenors: [25, 88], spot });
  const fix = ({ settlement }: Oracles, at: number, spot?: bigint) =>
    settlement.fixByFallback!(MARKET, EXPIRY, reportAt(at, spot));

  it("the fallback of a broken window is the spot of the first report after the cut-off, after the delay", async () => {
    const oracles = await withBase(broken);
    await walk(oracles);
    await postAt(oracles, CUTOFF - 100, 2990n * WAD);
    await postAt(oracles, CUTOFF + 20);
    await postAt(oracles, CUTOFF + 120, 3020n * WAD);
    await networkHelpers.time.increaseTo(EXPIRY + 25 * HOUR - 10);
    await expect(fix(oracles, CUTOFF + 20)).to.be.revertedWithCustomError(
      oracles.settlement,
      "SettlementOracle_NotYet",
    );
    // Until its day is over its signers may still be revoked, and the digest with them.
    await networkHelpers.time.setNextBlockTimestamp(CUTOFF + DAY + 60);
    await expect(fix(oracles, CUTOFF + 20))
      .to.be.revertedWithCustomError(oracles.settlement, "SettlementOracle_NoReportYet")
      .withArgs(Math.floor(CUTOFF / DAY));
    await networkHelpers.time.increaseTo(CUTOFF + DAY + 60);
    for (const [at, spot] of [
      [CUTOFF + 120, 3020n * WAD],
      [CUTOFF - 100, 2990n * WAD],
      [CUTOFF + 20, 1n],
    ] as const) {
      await expect(fix(oracles, at, spot)).to.be.revertedWithCustomError(
        oracles.settlement,
        "SettlementOracle_WrongReport",
      );
    }
    const [owner] = await ethers.getSigners();
    await expect(fix(oracles, CUTOFF + 20))
      .to.emit(oracles.settlement, "Fixed")
      .withArgs(MARKET, EXPIRY, 3010n * WAD, SOURCE.fallback, owner!.address);
    expect(await priceOf(oracles)).to.equal(3010n * WAD);
    await expect(fix(oracles, CUTOFF + 20)).to.be.revertedWithCustomError(
      oracles.clearinghouse,
      "SettledPrices_AlreadySettled",
    );
  });

  it("the fallback of a window that nobody can walk, for the feed is dead, comes a week after expiry", async () => {
    const oracles = await withBase([[3000n * USD, WINDOW - 10]]);
    await postAt(oracles, CUTOFF + 20);
    await oracles.base.setSilent!(true);
    const window = await ethers.getContractFactory("SettlementOracle");
    await expect(walk(oracles)).to.be.revertedWithCustomError(window, "Window_RoundMissing");
    await networkHelpers.time.increaseTo(EXPIRY + 7 * DAY - 10);
    await expect(fix(oracles, CUTOFF + 20)).to.be.revertedWithCustomError(
      oracles.settlement,
      "SettlementOracle_NotYet",
    );
    await networkHelpers.time.increaseTo(EXPIRY + 7 * DAY);
    await fix(oracles, CUTOFF + 20);
    expect(await priceOf(oracles)).to.equal(3010n * WAD);
  });

  it("the fallback of a window that the quote feed broke is the same", async () => {
    const oracles = await withBase([[3000n * USD, WINDOW - 10]]);
    await history(oracles.quote, [[USD / 100n, EXPIRY - 5 * HOUR]]);
    await walk(oracles);
    expect((await oracles.settlement.progress!(MARKET, EXPIRY)).quote.broken).to.equal(true);
    await postAt(oracles, CUTOFF + 20);
    await networkHelpers.time.increaseTo(CUTOFF + DAY + 60);
    await fix(oracles, CUTOFF + 20);
    expect(await priceOf(oracles)).to.equal(3010n * WAD);
  });

  it("the fallback takes the report of the very cut-off at which an option expires, and else the next one's", async () => {
    for (const [late, day] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const oracles = await withBase(broken);
      const expiryAt = CUTOFF + late;
      await networkHelpers.time.increaseTo(expiryAt);
      for (const at of [CUTOFF, CUTOFF + DAY]) await postAt(oracles, at + 20, (3010n + BigInt(at)) * WAD);
      await oracles.settlement.walk!(MARKET, expiryAt, FIRST, FIRST, 9);
      const at = CUTOFF + day * DAY;
      await networkHelpers.time.increaseTo(Math.max(expiryAt + 25 * HOUR, at + DAY + 60));
      await oracles.settlement.fixByFallback!(
        MARKET,
        expiryAt,
        reportAt(at + 20, (3010n + BigInt(at)) * WAD),
      );
      expect(await oracles.clearinghouse.settlementPrice!(MARKET, expiryAt)).to.equal(
        (3010n + BigInt(at)) * WAD,
      );
    }
  });

  it("the fallback waits to the second for the report of a day that may still get one", async () => {
    const oracles = await withBase(broken);
    await walk(oracles);
    const { settlement } = oracles;
    const over = CUTOFF + 2 * DAY + 60;
    for (const [at, epoch] of [
      [over, Math.floor(CUTOFF / DAY) + 1],
      [over + 1, Math.floor(CUTOFF / DAY) + 2],
    ] as const) {
      await networkHelpers.time.setNextBlockTimestamp(at);
      await expect(fix(oracles, CUTOFF))
        .to.be.revertedWithCustomError(settlement, "SettlementOracle_NoReportYet")
        .withArgs(epoch);
    }
  });

  it("the fallback passes over days without a report, once they can have none", async () => {
    const oracles = await withBase(broken);
    await walk(oracles);
    await networkHelpers.time.increaseTo(CUTOFF + DAY + 30);
    await expect(fix(oracles, CUTOFF)).to.be.revertedWithCustomError(
      oracles.settlement,
      "SettlementOracle_NoReportYet",
    );
    await networkHelpers.time.increaseTo(CUTOFF + 3 * DAY);
    await postAt(oracles, CUTOFF + 3 * DAY + 600);
    await networkHelpers.time.increaseTo(CUTOFF + 4 * DAY + 60);
    await fix(oracles, CUTOFF + 3 * DAY + 600);
    expect(await priceOf(oracles)).to.equal(3010n * WAD);
  });

  it("T1: the fallback does not take a report whose signers may still be revoked that day, so nobody chooses between two", async () => {
    const oracles = await withBase(broken);
    await walk(oracles);
    const [owner] = await ethers.getSigners();
    await oracles.control.grantRole!(ROLES.guardian, owner, 0);
    await postAt(oracles, CUTOFF + 20);
    await networkHelpers.time.increaseTo(CUTOFF + DAY);
    await oracles.surface.revokeSigners!(MARKET);
    // The day of the revocation is another: what was kept the day before stands.
    await networkHelpers.time.increaseTo(CUTOFF + DAY + 60);
    await fix(oracles, CUTOFF + 20);
    expect(await priceOf(oracles)).to.equal(3010n * WAD);
  });

  it("T1: the fallback takes no report that came too late in its day for its signers to be revoked", async () => {
    const oracles = await withBase(broken);
    await walk(oracles);
    const [owner] = await ethers.getSigners();
    await oracles.control.grantRole!(ROLES.guardian, owner, 0);
    // A minute later the fallback can be asked for.
    await postAt(oracles, CUTOFF + DAY - 1, 1n);
    await oracles.surface.revokeSigners!(MARKET);
    await networkHelpers.time.increaseTo(CUTOFF + DAY + 60);
    const day = Math.floor(CUTOFF / DAY);
    expect(await oracles.surface.epochDigest!(MARKET, day)).to.not.equal(ethers.ZeroHash);
    await expect(fix(oracles, CUTOFF + DAY - 1, 1n))
      .to.be.revertedWithCustomError(oracles.settlement, "SettlementOracle_NoReportYet")
      .withArgs(day + 1);
  });

  it("the fallback loses against a walk until it has been called", async () => {
    const oracles = await withBase([[3000n * USD, WINDOW - 10]]);
    await postAt(oracles, CUTOFF + 20);
    await networkHelpers.time.increaseTo(EXPIRY + 8 * DAY);
    await walk(oracles);
    await expect(fix(oracles, CUTOFF + 20)).to.be.revertedWithCustomError(
      oracles.clearinghouse,
      "SettledPrices_AlreadySettled",
    );
  });
});

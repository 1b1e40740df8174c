import { encodeReport } from "@meniscus/sdk/report";
import { quantise } from "@meniscus/sdk/slice";
import { expect } from "chai";
import { exactButterfly } from "../../support/exactSmile.ts";
import { smileWord, VOGT_REPAIRS, vogtWord } from "../../support/slices.ts";
import {
  DAY,
  ethers,
  expiryIn,
  type Fixture,
  MARKET,
  networkHelpers,
  post,
  provenSurface,
  QUARANTINE,
  START,
  STATUS,
  sampleReport,
  signed,
  TENORS,
  tauAt,
} from "../../support/surface.ts";

const NEXT = START + 120;
const LAST = TENORS.at(-1)!;
const wad = (k: number): bigint => ethers.parseEther(k.toFixed(12));

/** Posts the given words at their tenors, all else at a vol of 10 % so that no neighbour contradicts them. */
async function postWords(
  fixture: Fixture,
  at: number,
  words: Record<number, bigint>,
  tenors = TENORS,
): Promise<void> {
  const report = encodeReport(sampleReport({ at, vol: 0.1, tenors, words }));
  const signatures = await signed(fixture, report);
  await networkHelpers.time.setNextBlockTimestamp(at + 5);
  await fixture.surface.post!(report, signatures);
}

describe("VolSurface: challenges", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await provenSurface();
  });

  const challenge = (days: number, k: bigint) => fixture.surface.challenge!(MARKET, expiryIn(days), k);
  const status = (days: number): Promise<bigint> => fixture.surface.sliceStatus!(MARKET, expiryIn(days));

  it("retires Vogt's smile at k = 0.879: S5", async () => {
    await postWords(fixture, NEXT, { [LAST]: vogtWord(NEXT) });
    const [challenger] = await ethers.getSigners();
    const k = wad(0.879);
    await expect(challenge(LAST, k))
      .to.emit(fixture.surface, "SliceRetired")
      .withArgs(MARKET, (expiryIn(LAST) - 8 * 3600) / DAY, k, challenger!.address);
    expect(await status(LAST)).to.equal(STATUS.Retired);
    expect((await fixture.surface.read!(MARKET, expiryIn(LAST))).isLive).to.equal(false);
    await expect(challenge(LAST, k))
      .to.be.revertedWithCustomError(fixture.surface, "VolSurface_NothingToChallenge")
      .withArgs(expiryIn(LAST), STATUS.Retired);
  });

  it("finds Vogt's butterfly exactly where it is, and nothing beside it: S5", async () => {
    const word = vogtWord(NEXT);
    await postWords(fixture, NEXT, { [LAST]: word });
    let guilty = 0;
    for (let k = -1.5; k <= 1.5; k += 0.0625) {
      const isGuilty = exactButterfly(word, wad(k)) < -1e-9;
      if (isGuilty) guilty += 1;
      const call = fixture.surface.challenge!.staticCall(MARKET, expiryIn(LAST), wad(k));
      if (isGuilty) await call;
      else
        await expect(call, `k ${k}`).to.be.revertedWithCustomError(fixture.surface, "VolSurface_SliceClean");
    }
    expect(guilty).to.be.greaterThan(3);
  });

  for (const [index, repair] of VOGT_REPAIRS.entries()) {
    it(`never retires repair ${index + 1} of Vogt's smile: S5`, async () => {
      await postWords(fixture, NEXT, { [LAST]: quantise(repair, 0, NEXT) });
      for (let k = -1.5; k <= 1.5; k += 0.0625) {
        await expect(challenge(LAST, wad(k)), `k ${k}`).to.be.revertedWithCustomError(
          fixture.surface,
          "VolSurface_SliceClean",
        );
      }
      await expect(challenge(LAST, wad(0.879))).to.be.revertedWithCustomError(
        fixture.surface,
        "VolSurface_SliceClean",
      );
    });
  }

  /** Two smiles with levels and wings in order, of which the shorter is above the longer around its own elbow. */
  const crossing = (at: number): Record<number, bigint> => ({
    144: smileWord({
      vol: 0.3,
      tau: tauAt(expiryIn(144), at),
      reportAt: at,
      wing: 0.4,
      sigma: 0.5,
      rho: 0,
      m: 0,
    }),
    235: smileWord({
      vol: 0.24,
      tau: tauAt(expiryIn(235), at),
      reportAt: at,
      wing: 0.5,
      sigma: 4,
      rho: 0,
      m: 0,
    }),
  });

  it("retires the longer of a pair that crosses, and leaves the shorter: S5", async () => {
    await postWords(fixture, NEXT, crossing(NEXT), TENORS.slice(0, -1));
    await expect(challenge(144, wad(0.4))).to.be.revertedWithCustomError(
      fixture.surface,
      "VolSurface_SliceClean",
    );
    await challenge(235, wad(0.4));
    expect(await status(235)).to.equal(STATUS.Retired);
    expect(await status(144)).to.not.equal(STATUS.Retired);
  });

  it("compares with the next shorter expiry that has a price, past those that were left out or retired", async () => {
    const tenors = TENORS.slice(0, -1).filter((days) => days !== 144);
    const words = {
      88: smileWord({
        vol: 0.38,
        tau: tauAt(expiryIn(88), NEXT),
        reportAt: NEXT,
        wing: 0.4,
        sigma: 0.5,
        rho: 0,
      }),
    };
    await postWords(fixture, NEXT, { ...crossing(NEXT), ...words }, tenors);
    expect(await status(144)).to.equal(STATUS.Omitted);
    await challenge(235, wad(0.4));
    expect(await status(235)).to.equal(STATUS.Retired);
  });

  it("gives a retired expiry its price back with the next report, and its openings after two that agree", async () => {
    await postWords(fixture, NEXT, { [LAST]: vogtWord(NEXT) });
    await challenge(LAST, wad(0.879));
    const retiredAt = await networkHelpers.time.latest();
    await post(fixture, { at: NEXT + 60 });
    expect(await status(LAST)).to.equal(STATUS.Unproven);
    await post(fixture, { at: retiredAt + QUARANTINE - 1 });
    expect(await status(LAST)).to.equal(STATUS.Unproven);
    await post(fixture, { at: retiredAt + QUARANTINE + 60 });
    expect(await status(LAST)).to.equal(STATUS.Open);
  });

  it("finds nothing on a clean surface, and no slice where there is none", async () => {
    for (const days of TENORS) {
      for (const k of [-1, -0.1, 0, 0.1, 1]) {
        await expect(challenge(days, wad(k))).to.be.revertedWithCustomError(
          fixture.surface,
          "VolSurface_SliceClean",
        );
      }
    }
    await expect(challenge(9, 0n))
      .to.be.revertedWithCustomError(fixture.surface, "VolSurface_NothingToChallenge")
      .withArgs(expiryIn(9), STATUS.Unlisted);
    await expect(challenge(1, wad(1000))).to.be.revertedWithCustomError(
      fixture.surface,
      "NoArbitrage_OutOfRange",
    );
  });
});

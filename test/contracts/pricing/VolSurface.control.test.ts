import { encodeReport } from "@meniscus/sdk/report";
import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import {
  BOUNDS,
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
  signers,
} from "../../support/surface.ts";

const TWO_DAYS = 2 * 86_400;
const NEXT = START + 120;

describe("VolSurface: control", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await provenSurface();
  });

  /** Gives an account a role with a delay and returns the surface as that account sees it. */
  async function as(role: Role, index: number, delay = 0) {
    const account = (await ethers.getSigners())[index]!;
    await fixture.control.grantRole!(ROLES[role], account.address, delay);
    return { account, surface: fixture.surface.connect(account) as Fixture["surface"] };
  }

  it("restricts every function that changes terms to one role, and leaves every other open: K4", async () => {
    const target = await fixture.surface.getAddress();
    const named = new Map(
      Object.entries(RESTRICTED.VolSurface!).flatMap(([role, names]) =>
        names.map((name) => [name, ROLES[role as Role]]),
      ),
    );
    const writing = fixture.surface.interface.fragments.filter(
      (fragment) => fragment.type === "function" && !(fragment as unknown as { constant: boolean }).constant,
    ) as unknown as { name: string; selector: string }[];
    const open = ["post", "postIfNewer", "challenge", "setAuthority"];
    expect(writing.map(({ name }) => name).filter((name) => !open.includes(name))).to.have.members([
      ...named.keys(),
    ]);
    for (const { name, selector } of writing) {
      const role = await fixture.control.getTargetFunctionRole!(target, selector);
      expect(role, name).to.equal(named.get(name) ?? ROLES.admin);
    }
    // A stranger is refused by each.
    const stranger = fixture.surface.connect((await ethers.getSigners())[9]!) as Fixture["surface"];
    const calls: Record<string, unknown[]> = {
      setSigners: [MARKET, [signers[0]!.address], 1],
      setBounds: [MARKET, BOUNDS, QUARANTINE],
      tightenBounds: [MARKET, BOUNDS, QUARANTINE],
      revokeSigners: [MARKET],
      listExpiry: [MARKET, expiryIn(9)],
    };
    for (const name of named.keys()) {
      await expect(stranger[name]!(...calls[name]!), name).to.be.revertedWithCustomError(
        fixture.surface,
        "AccessManagedUnauthorized",
      );
    }
  });

  it("lets the governor change signers only after the delay", async () => {
    const { account, surface } = await as("governor", 3, TWO_DAYS);
    const data = surface.interface.encodeFunctionData("setSigners", [MARKET, [signers[0]!.address], 1]);
    const target = await fixture.surface.getAddress();
    await expect(surface.setSigners!(MARKET, [signers[0]!.address], 1)).to.be.revert(ethers);
    const control = fixture.control.connect(account) as Fixture["control"];
    await control.schedule!(target, data, 0);
    await networkHelpers.time.increase(TWO_DAYS - 10);
    await expect(control.execute!(target, data)).to.be.revert(ethers);
    await networkHelpers.time.increase(10);
    await control.execute!(target, data);
    expect((await fixture.surface.terms!(MARKET)).quorum).to.equal(1n);
  });

  it("retires a surface at once when its signers are revoked, and takes no report until there are new ones", async () => {
    const { surface } = await as("guardian", 4);
    const { signerSet } = await fixture.surface.terms!(MARKET);
    await expect(surface.revokeSigners!(MARKET))
      .to.emit(surface, "SignersRevoked")
      .withArgs(MARKET, signerSet);
    const reading = await fixture.surface.read!(MARKET, expiryIn(11));
    expect([reading.status, reading.isLive]).to.deep.equal([STATUS.Retired, false]);
    expect(reading.current, "what a book is marked by").to.not.equal(0n);
    await expect(post(fixture, { at: NEXT })).to.be.revertedWithCustomError(
      fixture.surface,
      "VolSurface_NoSigners",
    );
  });

  it("trusts nothing of the old signers: new ones prove every expiry again, by two reports a quarantine apart", async () => {
    const { signerSet } = await fixture.surface.terms!(MARKET);
    await fixture.surface.setSigners!(MARKET, [signers[0]!.address], 1);
    expect(await fixture.surface.isSigner!(signerSet + 1n, signers[1]!.address)).to.equal(false);
    await expect(post(fixture, { at: NEXT })).to.be.revertedWithCustomError(
      fixture.surface,
      "VolSurface_SignerUnknown",
    );
    expect(await fixture.surface.sliceStatus!(MARKET, expiryIn(11))).to.equal(STATUS.Retired);
    const status = async (at: number, vol: number) => {
      await post(fixture, { at, vol }, [signers[0]!]);
      return fixture.surface.sliceStatus!(MARKET, expiryIn(11));
    };
    expect(await status(NEXT + 60, 0.9)).to.equal(STATUS.Unproven);
    const firstAt = await networkHelpers.time.latest();
    expect(await status(firstAt + QUARANTINE - 1, 0.9)).to.equal(STATUS.Unproven);
    expect(await status(firstAt + QUARANTINE, 0.9)).to.equal(STATUS.Open);
  });

  describe("the report of an epoch", () => {
    const DAY = 86_400;
    const day = Math.floor(START / DAY) + 1;
    const cutoff = day * DAY + 9 * 3600;
    const tenors = [2, 3, 4, 11, 18];
    const digestOf = (at: number, vol: number) =>
      fixture.surface.digest!(encodeReport(sampleReport({ at, vol, tenors })));
    const kept = (ofDay = day) => fixture.surface.epochDigest!(MARKET, ofDay);

    it("is the new signers' first one where they come within the epoch, and no other after it", async () => {
      const { surface } = await as("guardian", 4);
      await post(fixture, { at: cutoff, tenors, vol: 0.9 });
      expect(await kept()).to.equal(await digestOf(cutoff, 0.9));
      await surface.revokeSigners!(MARKET);
      expect(await kept(), "none while there are no signers").to.equal(ethers.ZeroHash);
      await fixture.surface.setSigners!(MARKET, [signers[0]!.address], 1);
      await expect(post(fixture, { at: cutoff + 60, tenors, vol: 0.6 }, [signers[0]!]))
        .to.emit(surface, "EpochReportKept")
        .withArgs(MARKET, day, await digestOf(cutoff + 60, 0.6));
      await post(fixture, { at: cutoff + 120, tenors, vol: 0.7 }, [signers[0]!]);
      expect(await kept()).to.equal(await digestOf(cutoff + 60, 0.6));
    });

    it("stays that of the epoch before, where new signers come after the cut-off", async () => {
      await post(fixture, { at: cutoff, tenors });
      await networkHelpers.time.increaseTo(cutoff + DAY + 5);
      await fixture.surface.setSigners!(MARKET, [signers[0]!.address], 1);
      const late = cutoff + DAY - 10;
      await networkHelpers.time.setNextBlockTimestamp(cutoff + DAY + 20);
      const report = encodeReport(sampleReport({ at: late, tenors: [3, 4, 11, 18] }));
      await fixture.surface.post!(report, await signed(fixture, report, [signers[0]!]));
      expect(await kept()).to.equal(await digestOf(cutoff, 0.6));
      await post(fixture, { at: cutoff + DAY + 60, tenors: [3, 4, 11, 18] }, [signers[0]!]);
      expect(await kept(day + 1)).to.not.equal(ethers.ZeroHash);
    });
  });

  it("lets the council tighten bounds at once, and loosen none", async () => {
    const { surface } = await as("council", 5);
    const tighter = { levelBps: 4000, skewBps: 1000, basisBps: 50 };
    await expect(surface.tightenBounds!(MARKET, tighter, QUARANTINE + 1))
      .to.emit(surface, "BoundsSet")
      .withArgs(MARKET, Object.values(tighter), QUARANTINE + 1);
    for (const [bounds, quarantine] of [
      [{ ...tighter, levelBps: 4001 }, QUARANTINE + 1],
      [{ ...tighter, skewBps: 1001 }, QUARANTINE + 1],
      [{ ...tighter, basisBps: 51 }, QUARANTINE + 1],
      [tighter, QUARANTINE],
    ] as const) {
      await expect(surface.tightenBounds!(MARKET, bounds, quarantine)).to.be.revertedWithCustomError(
        surface,
        "VolSurface_BoundsNotTighter",
      );
    }
  });

  const loosest = { levelBps: 10_000, skewBps: 5000, basisBps: 500 };
  const tightest = { levelBps: 3000, skewBps: 700, basisBps: 30 };

  it("holds every parameter within its coded range: K3", async () => {
    for (const bounds of [loosest, tightest])
      for (const quarantine of [600, 21_600]) await fixture.surface.setBounds!(MARKET, bounds, quarantine);
    for (const [bounds, quarantine] of [
      [{ ...loosest, levelBps: 10_001 }, 600],
      [{ ...loosest, skewBps: 5001 }, 600],
      [{ ...loosest, basisBps: 501 }, 600],
      [{ ...tightest, levelBps: 2999 }, 600],
      [{ ...tightest, skewBps: 699 }, 600],
      [{ ...tightest, basisBps: 29 }, 600],
      [loosest, 599],
      [loosest, 21_601],
    ] as const) {
      await expect(fixture.surface.setBounds!(MARKET, bounds, quarantine)).to.be.revertedWithCustomError(
        fixture.surface,
        "VolSurface_BoundsOutOfRange",
      );
    }
  });

  it("lets the council tighten no bound so far that what an honest report moves in an hour leaves it: K3", async () => {
    const { surface } = await as("council", 5);
    const nothing = { levelBps: 0, skewBps: 0, basisBps: 0 };
    for (const bounds of [nothing, ...Object.keys(nothing).map((name) => ({ ...tightest, [name]: 0 }))])
      await expect(surface.tightenBounds!(MARKET, bounds, 21_600))
        .to.be.revertedWithCustomError(surface, "VolSurface_BoundsOutOfRange")
        .withArgs(Object.values(bounds), 21_600);
    await surface.tightenBounds!(MARKET, tightest, 21_600);
    // Of vol 13 % is more than 98 hours of a hundred bring, a day and more before an expiry (docs/PARAMETERS.md).
    await post(fixture, { at: START + 3600, vol: 0.6 * 1.13 });
    expect(await surface.sliceStatus!(MARKET, expiryIn(11))).to.equal(STATUS.Open);
    await post(fixture, { at: START + 7200, vol: 0.6 });
    expect(await surface.sliceStatus!(MARKET, expiryIn(11))).to.equal(STATUS.Open);
    await post(fixture, { at: START + 10_800, vol: 0.6 * 1.15 });
    expect(await surface.sliceStatus!(MARKET, expiryIn(11))).to.equal(STATUS.Unproven);
  });

  it("leaves a market whose bounds were never set at 0, and the council cannot set them", async () => {
    const { surface } = await as("council", 5);
    const { levelBps, skewBps, basisBps, quarantine } = await surface.terms!(MARKET + 1);
    expect([levelBps, skewBps, basisBps, quarantine]).to.deep.equal([0n, 0n, 0n, 0n]);
    for (const [bounds, error] of [
      [tightest, "VolSurface_BoundsNotTighter"],
      [{ levelBps: 0, skewBps: 0, basisBps: 0 }, "VolSurface_BoundsOutOfRange"],
    ] as const)
      await expect(surface.tightenBounds!(MARKET + 1, bounds, 600)).to.be.revertedWithCustomError(
        surface,
        error,
      );
  });

  it("refuses signer sets that are empty, too large, unsorted, with a duplicate or with the zero address", async () => {
    const [one, two] = signers.map(({ address }) => address) as [string, string];
    const many = Array.from({ length: 17 }, (_, index) => ethers.toBeHex(index + 1, 20));
    for (const [set, quorum] of [
      [[], 0],
      [[one], 0],
      [[one], 2],
      [many, 1],
    ] as const) {
      await expect(fixture.surface.setSigners!(MARKET, set, quorum)).to.be.revertedWithCustomError(
        fixture.surface,
        "VolSurface_QuorumInvalid",
      );
    }
    for (const set of [
      [two, one],
      [one, one],
      [ZeroAddress, one],
    ]) {
      await expect(fixture.surface.setSigners!(MARKET, set, 1)).to.be.revertedWithCustomError(
        fixture.surface,
        "VolSurface_SignersUnsorted",
      );
    }
    await fixture.surface.setSigners!(MARKET, many.slice(0, 16), 16);
  });

  it("opens nothing in a market without bounds that moves at all", async () => {
    const market = 2;
    await fixture.surface.setSigners!(market, [signers[0]!.address], 1);
    await fixture.surface.listExpiry!(market, expiryIn(11));
    for (const [index, at] of [NEXT, NEXT + 60, NEXT + 7200].entries()) {
      const report = encodeReport({ ...sampleReport({ at, tenors: [11], vol: 0.6 + index / 1000 }), market });
      const signatures = await signed(fixture, report, [signers[0]!]);
      await networkHelpers.time.setNextBlockTimestamp(at + 5);
      await fixture.surface.post!(report, signatures);
      expect(await fixture.surface.sliceStatus!(market, expiryIn(11)), String(at)).to.equal(STATUS.Unproven);
    }
  });
});

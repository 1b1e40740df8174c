import { RESTRICTED } from "@meniscus/sdk/roles";
import { expect } from "chai";
import {
  baseFeedOf,
  deploy,
  HOUR,
  LIMITS,
  quoteFeedOf,
  REASONS,
  scripted,
  sourcesOf,
  USD,
} from "../../support/oracle/fixture.ts";
import { type AnyContract, DAY, ethers, MARKET } from "../../support/surface.ts";

describe("SpotOracle: control", () => {
  const changed = (changes: object) => ({ ...LIMITS, ...changes });

  it("K4: only the functions of the table are restricted", async () => {
    const { spot } = await scripted();
    const [, , , , , , stranger] = await ethers.getSigners();
    const changing = spot.interface.fragments.filter(
      (fragment) => fragment.type === "function" && !("constant" in fragment && fragment.constant),
    ) as unknown as { name: string }[];
    const restricted = Object.values(RESTRICTED.SpotOracle!).flat();
    expect(changing.map(({ name }) => name).sort()).to.deep.equal(
      [...restricted, "poke", "setAuthority"].sort(),
    );
    const foreign = spot.connect(stranger!) as AnyContract;
    const sources = sourcesOf(spot, spot);
    for (const sent of [
      () => foreign.setSources!(1, sources, LIMITS),
      () => foreign.setLimits!(1, LIMITS),
      () => foreign.tightenLimits!(1, LIMITS),
    ]) {
      await expect(sent()).to.be.revertedWithCustomError(spot, "AccessManagedUnauthorized");
    }
  });

  it("K3: limits stay within their coded bounds, both ends included", async () => {
    const { spot } = await scripted();
    const bounds: [string, number, number][] = [
      ["agreementBps", 50, 1000],
      ["cacheMaxAge", 300, DAY],
      ["reducingGrace", HOUR, DAY],
      ["aliveGrace", DAY, 7 * DAY],
      ["sequencerGrace", 0, DAY],
    ];
    for (const [name, least, most] of bounds) {
      await spot.setLimits!(MARKET, changed({ [name]: least }));
      await spot.setLimits!(MARKET, changed({ [name]: most }));
      const outside = name === "sequencerGrace" ? [most + 1] : [least - 1, most + 1];
      for (const value of outside) {
        await expect(spot.setLimits!(MARKET, changed({ [name]: value }))).to.be.revertedWithCustomError(
          spot,
          "SpotOracle_LimitsOutOfRange",
        );
      }
    }
    await expect(spot.setLimits!(2, LIMITS)).to.be.revertedWithCustomError(spot, "SpotOracle_MarketUnknown");
  });

  it("the council tightens each limit and loosens none", async () => {
    const { spot } = await scripted();
    for (const [name, value] of Object.entries(LIMITS)) {
      const looser = name === "sequencerGrace" ? value - 1 : value + 1;
      await expect(spot.tightenLimits!(MARKET, changed({ [name]: looser }))).to.be.revertedWithCustomError(
        spot,
        "SpotOracle_LimitsNotTighter",
      );
    }
    // What stays as it is loosens nothing.
    await spot.tightenLimits!(MARKET, LIMITS);
    const tighter = { ...LIMITS, agreementBps: 100, sequencerGrace: 2 * HOUR };
    await expect(spot.tightenLimits!(MARKET, tighter))
      .to.emit(spot, "LimitsSet")
      .withArgs(MARKET, Object.values(tighter), true);
    expect((await spot.limits!(MARKET)).toObject()).to.deep.equal(
      Object.fromEntries(Object.entries(tighter).map(([name, value]) => [name, BigInt(value)])),
    );
  });

  it("takes only sources that answer as they are registered", async () => {
    const { spot, base, quote } = await scripted();
    const empty = await deploy("TestToken", 18);
    const sources = sourcesOf(base, quote, { hasSigned: false });
    const refused = async (changes: object, error: string) =>
      expect(spot.setSources!(2, { ...sources, ...changes }, LIMITS)).to.be.revertedWithCustomError(
        spot,
        `SpotOracle_${error}`,
      );
    await refused({ base: { ...sources.base, decimals: 9 } }, "FeedInvalid");
    await refused({ base: { ...sources.base, minAnswer: 0 } }, "FeedInvalid");
    await refused({ base: { ...sources.base, heartbeat: 0 } }, "FeedInvalid");
    await refused({ base: { ...sources.base, heartbeat: 2 * DAY + 1 } }, "FeedInvalid");
    await refused({ base: baseFeedOf(empty) }, "FeedInvalid");
    await refused({ quote: { ...sources.quote, maxAnswer: 20_000_000n * USD } }, "FeedInvalid");
    await refused({ quote: quoteFeedOf(empty) }, "FeedInvalid");
    await refused({ sequencer: empty.target }, "SequencerInvalid");
    const most = (1n << 64n) / 10n ** 4n;
    await refused({ quote: { ...sources.quote, maxAnswer: most + 1n } }, "FeedInvalid");
    const other = await deploy("ScriptedFeed", 19, 3000n * USD);
    await refused({ base: { ...baseFeedOf(other), decimals: 19 } }, "FeedInvalid");
    await spot.setSources!(
      3,
      { ...sources, quote: { ...sources.quote, maxAnswer: most, heartbeat: 2 * DAY } },
      LIMITS,
    );
    await expect(spot.setSources!(2, sources, LIMITS))
      .to.emit(spot, "SourcesSet")
      .to.emit(spot, "LimitsSet")
      .withArgs(2, Object.values(LIMITS), false);
    const stored = await spot.sources!(2);
    expect([stored.base.proxy, stored.quote.proxy, stored.hasSigned]).to.deep.equal([
      base.target,
      quote.target,
      false,
    ]);
    const { decimals, heartbeat, deviationBps } = stored.base;
    expect([decimals, heartbeat, deviationBps]).to.deep.equal([8n, 3900n, 50n]);
    const named = sources.base;
    const { minAnswer, maxAnswer } = stored.base;
    // Rounded to the inside, to 16 bits.
    expect(minAnswer >= named.minAnswer && minAnswer - named.minAnswer <= named.minAnswer >> 15n).to.equal(
      true,
    );
    expect(maxAnswer <= named.maxAnswer && named.maxAnswer - maxAnswer <= named.maxAnswer >> 15n).to.equal(
      true,
    );
    // Their quote/USD was asked for at once: no exit waits for a poke (P10).
    const { opening, alive } = await spot.read!(2);
    expect([opening, alive].map(({ reason }) => REASONS[Number(reason)])).to.deep.equal(["None", "None"]);
  });
});

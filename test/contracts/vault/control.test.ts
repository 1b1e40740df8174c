import { ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import type { Contract, EventLog } from "ethers";
import { as } from "../../support/pool/fixture.ts";
import { HEDGER_PARAMETERS, type HedgeMarket, readyToHedge } from "../../support/vault/hedge.ts";

describe("DeltaHedger: control", () => {
  let market: HedgeMarket;
  beforeEach(async () => {
    market = await readyToHedge();
  });

  it("tells the parameters that it was deployed with", async () => {
    const [told] = await (market.hedger as unknown as Contract).queryFilter("ParametersSet");
    const { parameters, tightened } = (told as EventLog).args;
    expect(parameters.toObject()).to.deep.equal((await market.hedger.parameters!()).toObject());
    expect(tightened).to.equal(false);
  });

  it("K4: parameters are the governor's within coded bounds, and the council's to tighten", async () => {
    const { hedger, control, trader, other } = market;
    const selector = (name: string) => hedger.interface.getFunction(name)!.selector;
    await control.setTargetFunctionRole!(hedger, [selector("setParameters")], ROLES.governor);
    await control.setTargetFunctionRole!(hedger, [selector("tightenParameters")], ROLES.council);
    await control.grantRole!(ROLES.governor, trader, 0);
    await control.grantRole!(ROLES.council, other, 0);
    const [governor, council] = [as(trader, hedger), as(other, hedger)];
    const tighter = { ...HEDGER_PARAMETERS, boundPpm: 900, lossCapPpm: 500 };
    await expect(council.setParameters!(tighter)).to.be.revertedWithCustomError(
      hedger,
      "AccessManagedUnauthorized",
    );
    await expect(governor.tightenParameters!(tighter)).to.be.revertedWithCustomError(
      hedger,
      "AccessManagedUnauthorized",
    );
    await expect(council.tightenParameters!(tighter)).to.emit(hedger, "ParametersSet");
    for (const wider of [
      { boundPpm: 901 },
      { lossCapPpm: 501 },
      { startPpm: 499 },
      { duration: 299 },
      { minimumFillBps: 999 },
      { wideningBps: 19_999 },
    ])
      await expect(council.tightenParameters!({ ...tighter, ...wider })).to.be.revertedWithCustomError(
        hedger,
        "Hedger_ParametersNotTighter",
      );
    for (const below of [{ boundPpm: 699 }, { lossCapPpm: 99 }])
      await expect(council.tightenParameters!({ ...tighter, ...below })).to.be.revertedWithCustomError(
        hedger,
        "Hedger_ParametersOutOfRange",
      );
    for (const bounds of [
      { startPpm: 0, boundPpm: 700, duration: 60, minimumFillBps: 100, lossCapPpm: 100, wideningBps: 12_500 },
      {
        ...{ startPpm: 5000, boundPpm: 1300, duration: 3600 },
        ...{ minimumFillBps: 5000, lossCapPpm: 10_000, wideningBps: 40_000 },
      },
    ])
      await expect(governor.setParameters!(bounds)).to.emit(hedger, "ParametersSet");
    const outside = {
      startPpm: [5001],
      boundPpm: [699, 1301],
      duration: [59, 3601],
      minimumFillBps: [99, 5001],
      lossCapPpm: [99, 10_001],
      wideningBps: [12_499, 40_001],
    };
    for (const [name, values] of Object.entries(outside))
      for (const value of values)
        await expect(
          governor.setParameters!({ ...HEDGER_PARAMETERS, [name]: value }),
          name,
        ).to.be.revertedWithCustomError(hedger, "Hedger_ParametersOutOfRange");
    await expect(governor.setParameters!(HEDGER_PARAMETERS)).to.emit(hedger, "ParametersSet");
    expect((await hedger.parameters!()).boundPpm).to.equal(1300n);
    expect(await hedger.book!()).to.equal(market.book.target);
  });
});

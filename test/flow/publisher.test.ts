import { expect } from "chai";
import { type MarketProcess, startMarket } from "../support/pricer/localChain.ts";
import { openStage, type Stage, stepUntil } from "../support/pricer/stage.ts";

describe("a publisher before a local chain", function () {
  this.timeout(300_000);
  let market: MarketProcess;
  let stage: Stage;
  before(async () => {
    market = await startMarket();
  });
  afterEach(() => stage?.close());
  after(() => market?.close());

  it("keeps a report that a quorum signed though it cannot post it, for whoever carries it", async () => {
    stage = await openStage(market, 1, { feeCapGwei: 1e-9 });
    const [last] = (await stepUntil(stage, "stuck")).slice(-1);
    expect(last).to.deep.include({ kind: "stuck", at: "post" });
    const { report, signatures } = (await stage.publisher.lastSigned())!;
    expect((await stage.chain.read()).last).to.equal(null);
    expect(await stage.chain.contract.postIfNewer!.staticCall(report, signatures)).to.equal(true);
  });
});

import { developmentAccount } from "@meniscus/cli/local/accounts";
import { scopeOf } from "@meniscus/pricer/service/config";
import { Store } from "@meniscus/pricer/store/store";
import { CUT_OFF_SECONDS, SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { type EncodedReport, joinSignatures, signReport } from "@meniscus/sdk/report";
import { expect } from "chai";
import { toQuantity, Wallet } from "ethers";
import { type RpcProxy, startProxy } from "../support/keeper/proxy.ts";
import { retimed } from "../support/pricer/draft.ts";
import { type MarketProcess, SIGNER_KEYS, startMarket } from "../support/pricer/localChain.ts";
import { nextSecond, openStage, type Stage, stepUntil } from "../support/pricer/stage.ts";

/** At the time of now: the latest block may be older than the report is let to be ahead. */
const PENDING = { blockTag: "pending" };

describe("a publisher before a local chain", function () {
  this.timeout(300_000);
  let market: MarketProcess;
  let stage: Stage;
  before(async () => {
    market = await startMarket();
  });
  let proxy: RpcProxy | undefined;
  afterEach(async () => {
    await stage?.close();
    proxy?.close();
  });
  after(() => market?.close());

  it("keeps a report that a quorum signed though it cannot post it, for whoever carries it", async () => {
    stage = await openStage(market, 1, { feeCapGwei: 1e-9 });
    const [last] = (await stepUntil(stage, "stuck")).slice(-1);
    expect(last).to.deep.include({ kind: "stuck", at: "post" });
    const { report, signatures } = (await stage.publisher.lastSigned())!;
    expect((await stage.chain.read()).last).to.equal(null);
    expect(await stage.chain.contract.postIfNewer!.staticCall(report, signatures, PENDING)).to.equal(true);
  });

  it("offers up to a cap of a part of a gwei, and no more", async () => {
    stage = await openStage(market, 3, { feeCapGwei: 0.4 });
    const [dear] = (await stepUntil(stage, "stuck")).slice(-1);
    expect(dear!.kind === "stuck" && dear!.reason).to.match(
      /^gas is dearer than the cap: [\d.]+ gwei of 0.4$/,
    );
    // As on a chain whose nodes ask for no tip.
    proxy = await startProxy(market.url);
    proxy.treat = ({ method }) => (method === "eth_maxPriorityFeePerGas" ? { result: "0x0" } : undefined);
    await stage.close();
    stage = await openStage({ ...market, url: proxy.url }, 3, { feeCapGwei: 0.4 });
    await stage.chain.provider.send("hardhat_setNextBlockBaseFeePerGas", [toQuantity(10n ** 8n)]);
    await stage.chain.provider.send("evm_mine", []);
    const [cheap] = (await stepUntil(stage, "published")).slice(-1);
    expect(cheap!.kind).to.equal("published");
  });

  it("does not count a report as published before which a newer one was stored", async () => {
    stage = await openStage(market, 2);
    const { chain, publisher } = stage;
    await nextSecond();
    await chain.provider.send("evm_setAutomine", [false]);
    const sent = Promise.withResolvers<void>();
    await stage.restart((step) => step === "sent" && sent.resolve());
    const stepping = stage.publisher.step();
    await sent.promise;
    const { report } = (await publisher.lastSigned())!;
    await nextSecond();
    await postAhead(retimed({ report }, report.reportAt + 1));
    await chain.provider.send("evm_mine", []);
    expect(await stepping).to.deep.equal({ kind: "quiet", why: "outrun" });
    expect((await chain.read()).last!.reportAt).to.equal(report.reportAt + 1);
    await chain.provider.send("evm_setAutomine", [true]);
  });

  describe("in the marking minute", () => {
    /** Everybody's clock, the chain's too, at five seconds past the next 09:00 UTC. */
    async function toTheMark(): Promise<void> {
      const { provider } = stage.chain;
      const { timestamp } = (await provider.getBlock("latest"))!;
      const nine =
        Math.ceil((timestamp - CUT_OFF_SECONDS) / SECONDS_PER_DAY) * SECONDS_PER_DAY + CUT_OFF_SECONDS;
      const offset = nine + 5 - Math.floor(Date.now() / 1000);
      await provider.send("evm_setNextBlockTimestamp", [toQuantity(nine + 5)]);
      await provider.send("evm_mine", []);
      stage.offset = offset;
      stage.venue.offset = offset;
      for (const signer of stage.signers) signer.offset = signer.venue.offset = offset;
    }

    it("posts, once it can, the report that a quorum signed, for signers sign no other, though it sees nothing by then", async () => {
      proxy = await startProxy(market.url);
      stage = await openStage({ ...market, url: proxy.url }, 4);
      await toTheMark();
      proxy.treat = ({ method }) => (method === "eth_estimateGas" ? { error: "out of order" } : undefined);
      const [hindered] = (await stepUntil(stage, "stuck")).slice(-1);
      expect(hindered).to.deep.include({ kind: "stuck", at: "post" });
      const { reportAt } = (await stage.publisher.lastSigned())!.report;
      proxy.treat = () => undefined;
      stage.venue.mood = "stale";
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
    });

    it("proposes again what one of its signers has signed, when the others can see again", async () => {
      stage = await openStage(market, 5);
      await toTheMark();
      for (const signer of stage.signers.slice(1)) signer.venue.mood = "stale";
      const [short] = (await stepUntil(stage, "unsigned")).slice(-1);
      expect(short).to.deep.include({ kind: "unsigned", signed: 1 });
      const scope = scopeOf(market.market, SIGNER_KEYS[0]!.address);
      const given = (await (await Store.open(stage.signers[0]!.database, scope)).lastGiven())!;
      // That it refuses the next time, blind now itself, takes nothing back.
      stage.signers[0]!.venue.mood = "stale";
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned", signed: 0 });
      for (const signer of stage.signers) signer.venue.mood = "honest";
      await nextSecond();
      const { reportAt } = given;
      expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
    });

    it("proposes again what its signers may have signed, whose answers came too late", async () => {
      stage = await openStage(market, 6, { signerSeconds: 3 });
      await toTheMark();
      const late = await Promise.all(stage.signers.map(({ endpoint }) => startProxy(`${endpoint.url}/sign`)));
      const said: Promise<void>[] = late.map((each) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        each.treat = () => ({
          after: () => {
            resolve();
            return new Promise(() => {});
          },
        });
        return promise;
      });
      const urls = stage.config.signers.splice(0, 3, ...late.map(({ url }) => url));
      const [short] = (await stepUntil(stage, "unsigned")).slice(-1);
      expect(short).to.deep.include({ kind: "unsigned", signed: 0 });
      await Promise.all(said);
      for (const each of late) each.close();
      const scope = scopeOf(market.market, SIGNER_KEYS[0]!.address);
      const { reportAt } = (await (await Store.open(stage.signers[0]!.database, scope)).lastGiven())!;
      stage.config.signers.splice(0, 3, ...urls);
      expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
    });
  });

  /** Another account's report, at a tip that puts it first. */
  async function postAhead(report: EncodedReport): Promise<void> {
    const { chain } = stage;
    const signatures = await Promise.all(SIGNER_KEYS.map((key) => signReport(report, market.market, key)));
    const other = new Wallet(developmentAccount(5).privateKey, chain.provider);
    const fees = { gasLimit: 1_000_000, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n };
    const call = {
      to: chain.contract.target,
      data: chain.postData({ report, signatures: joinSignatures(signatures) }),
    };
    await other.sendTransaction({ ...call, ...fees });
  }
});

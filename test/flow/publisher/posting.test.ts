import { developmentAccount } from "@meniscus/cli/localMarket/accounts";
import type { Result } from "@meniscus/pricer/publisher/publisher";
import { servePricer } from "@meniscus/pricer/publisher/serve";
import { systemClock } from "@meniscus/pricer/service/clock";
import { ConfigError, type PricerConfig } from "@meniscus/pricer/service/config";
import { deribitSource } from "@meniscus/pricer/source/deribit";
import type { Intent } from "@meniscus/pricer/store/store";
import { type EncodedReport, joinSignatures, signReport } from "@meniscus/sdk/report";
import { ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { AbiCoder, Contract, concat, type TransactionResponse, toQuantity, Wallet } from "ethers";
import type { Request, Treatment } from "../../support/keeper/proxy.ts";
import { retimed } from "../../support/pricer/draft.ts";
import { POSTER_KEY, SIGNER_KEYS } from "../../support/pricer/localChain.ts";
import { publisherFixture } from "../../support/pricer/publisherFixture.ts";
import { nextSecond, silent, stepUntil } from "../../support/pricer/stage.ts";

/** At the time of now: the latest block may be older than the report is let to be ahead. */
const PENDING = { blockTag: "pending" };

describe("a publisher before a local chain", function () {
  this.timeout(300_000);
  const fixture = publisherFixture();

  it("publishes for an expiry that comes and goes once a minute, and knows of which the contract has nothing", async () => {
    const stage = await fixture.open(1, { rules: { heartbeatSeconds: 600, leastSeconds: 0 } });
    const expiryAt = Math.max(...(await stage.chain.read()).listed);
    stage.venue.missing = expiryAt;
    await stepUntil(stage, "published");
    expect([...(await stage.chain.read()).unknown]).to.deep.equal([expiryAt]);
    const shift = async (missing: number | null) => {
      stage.venue.missing = missing;
      await nextSecond();
      return stage.publisher.step();
    };
    expect(await shift(null)).to.deep.include({ kind: "published", why: "expiries" });
    expect([...(await stage.chain.read()).unknown]).to.deep.equal([]);
    expect(await shift(expiryAt)).to.deep.equal({ kind: "quiet", why: "unchanged" });
    expect(await shift(null)).to.deep.equal({ kind: "quiet", why: "unchanged" });
  });

  it("keeps a report that a quorum signed though it cannot post it, for whoever carries it", async () => {
    const stage = await fixture.open(1, { feeCapGwei: 1e-9 });
    const { last: before } = await stage.chain.read();
    const [stuck] = (await stepUntil(stage, "stuck")).slice(-1);
    expect(stuck).to.deep.include({ kind: "stuck", at: "post" });
    const { report, signatures } = (await stage.publisher.lastSigned())!;
    expect((await stage.chain.read()).last).to.deep.equal(before);
    expect(await stage.chain.contract.postIfNewer!.staticCall(report, signatures, PENDING)).to.equal(true);
  });

  it("offers up to a cap of a part of a gwei, and no more", async () => {
    const stage = await fixture.open(3, { feeCapGwei: 0.4, priorityFeeGwei: 0.4 });
    const [dear] = (await stepUntil(stage, "stuck")).slice(-1);
    expect(dear!.kind === "stuck" && dear!.reason).to.match(
      /^gas is dearer than the cap: [\d.]+ gwei of 0.4$/,
    );
    // As on a chain whose nodes ask for no tip.
    const { stage: tipless, proxy } = await fixture.openProxied(3, { feeCapGwei: 0.4 });
    proxy.treat = ({ method }) => (method === "eth_maxPriorityFeePerGas" ? { result: "0x0" } : undefined);
    await tipless.chain.provider.send("hardhat_setNextBlockBaseFeePerGas", [toQuantity(10n ** 8n)]);
    await tipless.chain.provider.send("evm_mine", []);
    const [cheap] = (await stepUntil(tipless, "published")).slice(-1);
    expect(cheap!.kind).to.equal("published");
  });

  it("says what a contract refuses it with, be it anybody's bytes", async () => {
    const { stage, proxy } = await fixture.openProxied(3);
    const notText = concat(["0x08c379a0", AbiCoder.defaultAbiCoder().encode(["bytes"], ["0xff"])]);
    const error = { code: 3, message: "execution reverted", data: notText };
    proxy.treat = ({ method }) => (method === "eth_estimateGas" ? { error } : undefined);
    const [refused] = (await stepUntil(stage, "stuck")).slice(-1);
    const reason = "the contract refuses it: it reverted with 0x08c379a0";
    expect(refused).to.deep.equal({ kind: "stuck", at: "post", reason });
  });

  describe("told of a market that is not there", () => {
    /** A pricer's process with the stage's store; its results come to `onResult`. */
    const serve = (config: PricerConfig, onResult?: (result: Result) => void) =>
      servePricer({
        ...{ config, wallet: POSTER_KEY, clock: systemClock, interval: 0.1, log: silent },
        source: deribitSource({ currency: "ETH", api: fixture.stage.venue.api, timeoutMs: 4000 }),
        ...(onResult && { onResult }),
      });

    it("does not start, and names what is wrong", async () => {
      const stage = await fixture.open(2);
      const [nowhere, account] = [`0x${"12".repeat(20)}`, await stage.chain.contract.getAddress()];
      // A contract that is none of ours: what the surface calls its authority.
      const other = await new Contract(account, ["function authority() view returns (address)"])
        .connect(stage.chain.provider)
        .getFunction("authority")();
      for (const [wrong, message] of [
        [{ contract: nowhere }, `market.contract: no contract at ${nowhere} on chain 31337.`],
        [
          { contract: other },
          `market.contract: the contract at ${other} is no VolSurface. Give the address that the deployment's file calls volSurface.`,
        ],
        [{ id: 77 }, `market.id: the VolSurface at ${account} has no market 77.`],
      ] as const) {
        const error = await serve({ ...stage.config, market: { ...fixture.market, ...wrong } }).then(
          (endpoint) => endpoint.close(),
          (each) => each,
        );
        expect(error, message).to.be.instanceOf(ConfigError);
        expect(error.message).to.equal(message);
      }
    });

    it("sends nothing of what it signed to a node that turns out to be of another chain", async () => {
      const stage = await fixture.open(2);
      await stage.restart((step) => {
        if (step === "intended") throw new Error("as if it ended here");
      });
      await stage.publisher.step();
      const proxy = await fixture.startProxy();
      const asked: string[] = [];
      let isDown = true;
      proxy.treat = ({ method }) => {
        asked.push(method);
        if (isDown) return { status: 503 };
        return method === "eth_chainId" ? { result: "0x1" } : undefined;
      };
      const results: Result[] = [];
      const fourth = Promise.withResolvers<void>();
      const endpoint = await serve({ ...stage.config, rpc: proxy.url }, (result) => {
        isDown = false;
        if (results.push(result) === 4) fourth.resolve();
      });
      await fourth.promise;
      await endpoint.close();
      const last = results.at(-1)!;
      expect(last).to.deep.include({ kind: "stuck", at: "settle" });
      expect(last.kind === "stuck" && last.reason).to.match(
        /^127\.0\.0\.1:\d+ is chain 1, the configuration says 31337:/,
      );
      expect(asked).not.to.include("eth_sendRawTransaction");
    });
  });

  describe("whose node estimates at its latest block", () => {
    /** Of blocks that are seconds apart, as far as a node's estimate sees; what goes on within a step the steps tell. */
    async function openSlow(estimate: (params: unknown[]) => Treatment | undefined) {
      const { stage, proxy } = await fixture.openProxied(2);
      proxy.treat = ({ method, params }) => (method === "eth_estimateGas" ? estimate(params) : undefined);
      const { provider } = fixture.stage.chain;
      // The chain's clock is ahead of all others, by as many blocks as its deployment had within a second.
      await fixture.shiftTo((await fixture.blockTime()) + 1);
      await nextSecond();
      await nextSecond();
      await provider.send("evm_setAutomine", [false]);
      await stage.restart((step) => {
        if (step === "sent") void nextSecond().then(() => provider.send("evm_mine", []));
      });
      return { stage, mine: () => provider.send("evm_mine", []) };
    }
    afterEach(() => fixture.stage.chain.provider.send("evm_setAutomine", [true]));

    it("has the estimate made for the block to come", async () => {
      const { stage } = await openSlow((params) =>
        params.length === 1 ? { params: [params[0], "latest"] } : undefined,
      );
      expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
    });

    it("asks without a block a node that knows none to come", async () => {
      const { stage } = await openSlow((params) =>
        params.length > 1
          ? { error: { code: -32602, message: "pending block is not supported" } }
          : undefined,
      );
      expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
    });

    it("posts the same report within two blocks where that is the latest one to it all the same", async () => {
      const { stage, mine } = await openSlow(([call]) => ({ params: [call, "latest"] }));
      expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "early" });
      const { reportAt } = (await stage.publisher.lastSigned())!.report;
      // It need not see anything for that.
      stage.venue.mood = "stale";
      expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "early" });
      await mine();
      expect(await stage.publisher.step()).to.deep.include({ kind: "published", reportAt });
    });

    it("says that it could not be posted for a minute, where no block comes", async () => {
      const { stage } = await openSlow(([call]) => ({ params: [call, "latest"] }));
      expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "early" });
      stage.offset += 61;
      const lost = await stage.publisher.step();
      expect(lost).to.deep.include({ kind: "stuck", at: "post" });
      expect(lost.kind === "stuck" && lost.reason).to.match(
        /^no block came within 60 s that would take the report of \d+: the contract refuses it: VolSurface_FromTheFuture/,
      );
    });
  });

  describe("whose URL has a node that is a block late", () => {
    /** A stage with two reports posted, and how a late node answers. */
    async function openTwoHeads() {
      const { stage, proxy } = await fixture.openProxied(2);
      await fixture.afterTheMark();
      for (let times = 0; times < 2; times++) {
        await nextSecond();
        await stepUntil(stage, "published");
      }
      stage.config.rules.heartbeatSeconds = 60;
      const { provider, contract } = stage.chain;
      const late = (await provider.getBlockNumber()) - 1;
      const { selector } = contract.interface.getFunction("read")!;
      const isReading = ({ method, params }: Request) =>
        method === "eth_call" && (params[0] as { data: string }).data.startsWith(selector);
      const answerLate = ({ params: [call, tag] }: Request): Treatment => {
        if (tag === "latest") return { params: [call, toQuantity(late)] };
        return Number(tag) > late ? { error: "header not found" } : {};
      };
      await nextSecond();
      return { stage, proxy, late, isReading, answerLate };
    }

    it("reads all of one block, asks again what that node does not have, and pays for no report", async () => {
      const { stage, proxy, isReading, answerLate } = await openTwoHeads();
      let answers = (await stage.chain.read()).listed.size;
      proxy.treat = (request) => (isReading(request) && answers-- > 0 ? answerLate(request) : undefined);
      expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "unchanged" });
      expect(answers).to.be.below(0);
      proxy.treat = (request) => (isReading(request) ? answerLate(request) : undefined);
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "stuck", at: "chain" });
    });

    it("believes no answer of two blocks, whoever mixes them", async () => {
      const { stage, proxy, late, isReading } = await openTwoHeads();
      proxy.treat = (request) =>
        isReading(request) ? { params: [request.params[0], toQuantity(late)] } : undefined;
      const stuck = await stage.publisher.step();
      expect(stuck).to.deep.include({ kind: "stuck", at: "chain" });
      expect(stuck.kind === "stuck" && stuck.reason).to.match(
        /^the node answers of two reports, of \d+ and of \d+/,
      );
    });

    it("takes a lower block than it has seen for late for a minute, then for what the chain has come to", async () => {
      const { stage, proxy, late } = await openTwoHeads();
      const { last } = await stage.chain.read();
      proxy.treat = ({ method }) => (method === "eth_blockNumber" ? { result: toQuantity(late) } : undefined);
      expect((await stage.chain.read()).last).to.deep.equal(last);
      const now = performance.now.bind(performance);
      performance.now = () => now() + 61_000;
      try {
        expect((await stage.chain.read()).last!.reportAt).to.be.below(last!.reportAt);
      } finally {
        performance.now = now;
      }
    });
  });

  it("asks nobody where the market's signers are revoked, says so, and takes no report for signed", async () => {
    const stage = await fixture.open(2);
    const { provider, contract } = stage.chain;
    const before = await provider.send("evm_snapshot", []);
    const admin = new Wallet(developmentAccount(0).privateKey, provider);
    const surface = contract.connect(admin) as Contract;
    const grants = ["function grantRole(uint64 role, address account, uint32 delay)"];
    const authority = new Contract(await surface.authority!(), grants, admin);
    await (await authority.grantRole!(ROLES.guardian, admin.address, 0)).wait();
    await (await surface.revokeSigners!(fixture.market.id)).wait();
    await nextSecond();
    const [result] = (await stepUntil(stage, "unsigned", 3)).slice(-1);
    expect(result).to.deep.equal({
      ...{ kind: "unsigned", signed: 0, declined: [] },
      reason: "the market has no signers",
    });
    expect(await stage.publisher.lastSigned()).to.equal(null);
    await provider.send("evm_revert", [before]);
  });

  it("does not count a report as published before which a newer one was stored", async () => {
    const stage = await fixture.open(2);
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
    const [{ hash }] = (await fixture.intents()) as [Intent];
    const receipt = await chain.provider.getTransactionReceipt(hash);
    expect(stage.publisher.gasUsed).to.equal(Number(receipt!.gasUsed));
    expect((await chain.read()).last!.reportAt).to.equal(report.reportAt + 1);
    await chain.provider.send("evm_setAutomine", [true]);
  });

  it("gives its report gas to be stored though another's is before it in the block to come, which never comes", async () => {
    const stage = await fixture.open(2);
    const { provider } = stage.chain;
    await stepUntil(stage, "published");
    await nextSecond();
    await provider.send("evm_setAutomine", [false]);
    try {
      const { report } = (await stage.publisher.lastSigned())!;
      const at = Math.floor(Date.now() / 1000);
      const rival = await postAhead(retimed({ report }, at));
      await nextSecond();
      await stage.restart((step) => {
        if (step === "sent") void takeBack(rival).then(() => provider.send("evm_mine", []));
      });
      const posted = await stage.publisher.step();
      expect(posted).to.deep.include({ kind: "published" });
      expect((await stage.chain.read()).last!.reportAt).to.be.above(at);
    } finally {
      await provider.send("evm_setAutomine", [true]);
    }
  });

  it("tells what was mined after the wait for it, and what it leaves out", async () => {
    const stage = await fixture.open(2);
    const { provider } = stage.chain;
    const expiryAt = Math.max(...(await stage.chain.read()).listed);
    stage.venue.missing = expiryAt;
    await nextSecond();
    await provider.send("evm_setAutomine", [false]);
    expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "pending" });
    const [{ hash, signed }] = (await fixture.intents()) as [Intent];
    await provider.send("evm_mine", []);
    await provider.send("evm_setAutomine", [true]);
    const { reportAt } = signed.report;
    const leftOut = [{ expiryAt, why: "the source has no sound quotes of it" }];
    const late = await stage.publisher.step();
    expect(late).to.deep.include({ kind: "published", why: "late", reportAt, hash, leftOut });
  });

  /** Another account's report, at a tip that puts it first. */
  async function postAhead(report: EncodedReport): Promise<TransactionResponse> {
    const { chain } = fixture.stage;
    const signatures = await Promise.all(SIGNER_KEYS.map((key) => signReport(report, fixture.market, key)));
    const other = new Wallet(developmentAccount(5).privateKey, chain.provider);
    const fees = { gasLimit: 1_000_000, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n };
    const call = {
      to: chain.contract.target,
      data: chain.postData({ report, signatures: joinSignatures(signatures) }),
    };
    return other.sendTransaction({ ...call, ...fees });
  }

  /** Puts a dearer transfer of nothing in the place of one that is not mined. */
  async function takeBack({ nonce }: TransactionResponse): Promise<void> {
    const other = new Wallet(developmentAccount(5).privateKey, fixture.stage.chain.provider);
    const fees = { gasLimit: 21_000, maxFeePerGas: 2n * 10n ** 11n, maxPriorityFeePerGas: 2n * 10n ** 10n };
    await other.sendTransaction({ to: other.address, nonce, ...fees });
  }
});

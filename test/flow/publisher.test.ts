import { developmentAccount } from "@meniscus/cli/local/accounts";
import { draftReport } from "@meniscus/pricer/publisher/draft";
import type { Result } from "@meniscus/pricer/publisher/publisher";
import { servePricer } from "@meniscus/pricer/publisher/serve";
import { askSigner, proposalOf } from "@meniscus/pricer/publisher/signers";
import { markSlotOf, systemClock } from "@meniscus/pricer/service/clock";
import { ConfigError, type PricerConfig, scopeOf } from "@meniscus/pricer/service/config";
import { MarketView } from "@meniscus/pricer/service/view";
import { deribitSource } from "@meniscus/pricer/source/deribit";
import { type Intent, Store } from "@meniscus/pricer/store/store";
import { cutOffOf, epochDayOf, SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { decodeReport, type EncodedReport, joinSignatures, signReport } from "@meniscus/sdk/report";
import { expect } from "chai";
import {
  AbiCoder,
  Contract,
  concat,
  JsonRpcProvider,
  parseEther,
  parseUnits,
  toQuantity,
  Wallet,
} from "ethers";
import { pino } from "pino";
import { type RpcProxy, startProxy } from "../support/keeper/proxy.ts";
import { draftOf, retimed } from "../support/pricer/draft.ts";
import { type MarketProcess, POSTER_KEY, SIGNER_KEYS, startMarket } from "../support/pricer/localChain.ts";
import {
  nextSecond,
  openStage,
  type Stage,
  silent,
  skipNearTheMark,
  stepUntil,
} from "../support/pricer/stage.ts";

/** At the time of now: the latest block may be older than the report is let to be ahead. */
const PENDING = { blockTag: "pending" };
/** A signer's store that takes no signature any more. */
const FULL = "CREATE TRIGGER full BEFORE INSERT ON signatures BEGIN SELECT RAISE(ABORT, 'disk full'); END";

describe("a publisher before a local chain", function () {
  this.timeout(300_000);
  let market: MarketProcess;
  let stage: Stage;
  before(async function () {
    skipNearTheMark(this);
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

  it("says what a contract refuses it with, be it anybody's bytes", async () => {
    proxy = await startProxy(market.url);
    stage = await openStage({ ...market, url: proxy.url }, 3);
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
        source: deribitSource({ currency: "ETH", api: stage.venue.api, timeoutMs: 4000 }),
        ...(onResult && { onResult }),
      });

    it("does not start, and names what is wrong", async () => {
      stage = await openStage(market, 2);
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
        const error = await serve({ ...stage.config, market: { ...market.market, ...wrong } }).then(
          (endpoint) => endpoint.close(),
          (each) => each,
        );
        expect(error, message).to.be.instanceOf(ConfigError);
        expect(error.message).to.equal(message);
      }
    });

    it("sends nothing of what it signed to a node that turns out to be of another chain", async () => {
      stage = await openStage(market, 2);
      await stage.restart((step) => {
        if (step === "intended") throw new Error("as if it ended here");
      });
      await stage.publisher.step();
      proxy = await startProxy(market.url);
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

  it("tells what was mined after the wait for it", async () => {
    stage = await openStage(market, 2);
    const { provider } = stage.chain;
    await nextSecond();
    await provider.send("evm_setAutomine", [false]);
    expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "pending" });
    const [{ hash, signed }] = (await intents()) as [Intent];
    await provider.send("evm_mine", []);
    await provider.send("evm_setAutomine", [true]);
    const { reportAt } = signed.report;
    expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "late", reportAt, hash });
  });

  /** The venues of these signers have, or have no longer, the options of the last expiry that is listed. */
  async function have(isThere: boolean, ...which: number[]): Promise<void> {
    const last = Math.max(...(await stage.chain.read()).listed);
    for (const index of which) stage.signers[index]!.venue.missing = isThere ? null : last;
  }
  /** Whether the report that the contract holds has that expiry. */
  async function isPosted(): Promise<boolean> {
    const { last, listed } = await stage.chain.read();
    return decodeReport(last!).slices.some(({ expiryAt }) => expiryAt === Math.max(...listed));
  }

  describe("whose signers cannot judge an expiry", () => {
    it("leaves it out where no quorum is met without them, says who refuses, and has it again once they can", async () => {
      stage = await openStage(market, 3);
      await stepUntil(stage, "published");
      expect(await isPosted()).to.equal(true);
      await have(false, 1, 2);
      await nextSecond();
      const short = await stage.publisher.step();
      expect(short).to.deep.include({ kind: "unsigned", signed: 1 });
      expect(
        (short.kind === "unsigned" ? short.declined : []).map(
          ({ reason }) => /"kind":"(\w+)"/.exec(reason)![1],
        ),
      ).to.deep.equal(["ExpiryUnknown", "ExpiryUnknown"]);
      for (let times = 0; times < 2; times++) {
        await nextSecond();
        expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
        expect(await isPosted()).to.equal(false);
      }
      await have(true, 1, 2);
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
      expect(await isPosted()).to.equal(true);
    });

    it("does not where the others are a quorum, nor publishes sooner for what it leaves out", async () => {
      stage = await openStage(market, 3);
      await have(false, 1);
      await stepUntil(stage, "published");
      expect(await isPosted()).to.equal(true);
      await have(false, 1, 2);
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned" });
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
      expect(await isPosted()).to.equal(false);
      stage.config.rules.heartbeatSeconds = 60;
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "unchanged" });
    });

    it("leaves it out where one who said that it would sign does not, and has it again once that one signs", async () => {
      stage = await openStage(market, 3);
      await stepUntil(stage, "published");
      await have(false, 1);
      const { database } = stage.signers[2]!;
      await database.query(FULL);
      await nextSecond();
      const [published] = (await stepUntil(stage, "published", 3)).slice(-1);
      expect(published).to.deep.include({ kind: "published" });
      expect(await isPosted()).to.equal(false);
      await database.query("DROP TRIGGER full");
      // It signs the rest first.
      for (const isWhole of [false, true]) {
        await nextSecond();
        expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
        expect(await isPosted()).to.equal(isWhole);
      }
    });
  });

  describe("whose transactions do not go through", () => {
    const postedTip = async (hash: string) =>
      (await stage.chain.provider.getTransaction(hash))!.maxPriorityFeePerGas!;

    const fund = (wei: bigint) =>
      stage.chain.provider.send("hardhat_setBalance", [POSTER_KEY.address, toQuantity(wei)]);

    /** The node refuses, or only seems to, what is sent through a proxy. */
    async function openRefusing(seed: number, error?: string): Promise<void> {
      proxy = await startProxy(market.url);
      stage = await openStage({ ...market, url: proxy.url }, seed);
      proxy.treat = ({ method }) => {
        if (method === "eth_getBalance") return { result: toQuantity(parseEther("1")) };
        return method === "eth_sendRawTransaction" && error !== undefined ? { error } : undefined;
      };
      await nextSecond();
    }
    const heal = () => {
      proxy!.treat = () => undefined;
    };

    it("says that it is out of funds, signs nothing meanwhile, and goes on once it has some", async () => {
      stage = await openStage(market, 2);
      await fund(1n);
      const [poor] = (await stepUntil(stage, "stuck")).slice(-1);
      expect(poor).to.deep.include({ kind: "stuck", at: "post" });
      expect(poor!.kind === "stuck" && poor!.reason).to.match(
        /^out of funds: 1 wei, at most \d{12,} needed$/,
      );
      expect(stage.publisher.balance).to.equal(1n);
      expect(await intents()).to.deep.equal([]);
      await fund(parseEther("1"));
      await nextSecond();
      expect((await stage.publisher.step()).kind).to.equal("published");
      expect(stage.publisher.balance).to.equal(parseEther("1"));
    });

    it("says why a node refuses, by its host alone, and outbids nothing that no node took", async () => {
      await openRefusing(2, "insufficient funds for gas * price + value: see https://node.example/v3/SECRET");
      for (let step = 0; step < 2; step++) {
        expect(await stage.publisher.step()).to.deep.equal({
          ...{ kind: "stuck", at: "post" },
          reason: "the node refuses it: insufficient funds for gas * price + value: see node.example",
        });
        await nextSecond();
      }
      const refused = await intents();
      expect(refused.map(({ state }) => state)).to.deep.equal(["refused", "refused"]);
      heal();
      const posted = await stage.publisher.step();
      expect(posted.kind).to.equal("published");
      const tip = await postedTip((posted as { hash: string }).hash);
      for (const { maxPriorityFeePerGas } of refused) expect(maxPriorityFeePerGas).to.equal(tip);
    });

    it("says in health, log and metrics that it is out of funds", async () => {
      stage = await openStage(market, 2);
      await fund(1n);
      const lines: string[] = [];
      const third = Promise.withResolvers<void>();
      const endpoint = await servePricer({
        ...{ config: stage.config, wallet: POSTER_KEY, clock: systemClock, interval: 0.2 },
        source: deribitSource({ currency: "ETH", api: stage.venue.api, timeoutMs: 4000 }),
        log: pino({}, { write: (line) => lines.push(line) }),
        onResult: (() => {
          let left = 3;
          return ({ kind }) => kind === "stuck" && --left === 0 && third.resolve();
        })(),
      });
      try {
        await third.promise;
        const health = await fetch(`${endpoint.url}/health`);
        expect(`${health.status} ${await health.text()}`).to.match(/^503 .*out of funds: 1 wei/);
        expect(await (await fetch(`${endpoint.url}/metrics`)).text()).to.match(
          /^meniscus_pricer_balance_wei 1$/m,
        );
        // Its steps go on meanwhile.
        const warnings = lines.filter((line) => /"level":40.*out of funds: 1 wei/.test(line));
        expect(warnings).to.have.length.of.at.least(3);
      } finally {
        await endpoint.close();
        await fund(parseEther("1"));
      }
    });

    it("closes what a node refuses of what was written before a crash", async () => {
      // The node itself has to say so: that there is money enough is a lie on the way.
      await openRefusing(2);
      await fund(1n);
      await stage.restart((step) => {
        if (step === "intended") throw new Error("as if it ended here");
      });
      await stage.publisher.step();
      expect((await intents()).map(({ state }) => state)).to.deep.equal(["open"]);
      await stage.restart();
      const found = await stage.publisher.step();
      expect(found).to.deep.include({ kind: "stuck", at: "post" });
      expect(found.kind === "stuck" && found.reason).to.match(/^the node refuses it: .*funds/);
      expect((await intents()).map(({ state }) => state)).to.deep.equal(["refused"]);
      heal();
      await fund(parseEther("1"));
      await nextSecond();
      expect((await stage.publisher.step()).kind).to.equal("published");
    });

    it("says that a node may not have a transaction, then that it is lost, and outbids it", async () => {
      await openRefusing(2, "something broke");
      const doubtful = await stage.publisher.step();
      const [{ hash, maxPriorityFeePerGas }] = (await intents()) as [Intent];
      const reason = `the node may not have ${hash}: something broke`;
      expect(doubtful).to.deep.equal({ kind: "stuck", at: "post", reason });
      expect(await stage.publisher.step()).to.deep.equal({ kind: "stuck", at: "post", reason });
      stage.offset = 61;
      expect(await stage.publisher.step()).to.deep.equal({
        ...{ kind: "stuck", at: "post" },
        reason: `${hash} was not mined within 60 s: something broke`,
      });
      expect((await intents()).map(({ state }) => state)).to.deep.equal(["lost"]);
      stage.offset = 0;
      heal();
      const posted = await stage.publisher.step();
      expect(posted.kind).to.equal("published");
      const tip = await postedTip((posted as { hash: string }).hash);
      expect(tip).to.equal((maxPriorityFeePerGas * 9n + 7n) / 8n);
    });

    it("does not doubt what the node has, whatever it says of it, nor takes a refusal of it as final", async () => {
      await openRefusing(2);
      const { provider } = stage.chain;
      const direct = new JsonRpcProvider(market.url, undefined, { staticNetwork: true });
      await direct.send("evm_setAutomine", [false]);
      try {
        const treat = proxy!.treat;
        let said = "something broke";
        proxy!.treat = (request, count) => {
          if (request.method !== "eth_sendRawTransaction") return treat(request, count);
          const before = async () => {
            await direct.send(request.method, request.params).catch(() => {});
          };
          return { before, error: said };
        };
        for (said of ["something broke", "insufficient funds for gas * price + value"])
          expect(await stage.publisher.step(), said).to.deep.equal({ kind: "quiet", why: "pending" });
        const [{ hash, state }] = (await intents()) as [Intent];
        expect(state).to.equal("open");
        await direct.send("evm_mine", []);
        expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "late", hash });
      } finally {
        await provider.send("evm_setAutomine", [true]);
        direct.destroy();
      }
    });

    it("knows what nodes say of a transaction that they have, though they do not give it", async () => {
      let said = "";
      await openRefusing(2);
      const treat = proxy!.treat;
      proxy!.treat = (request, count) =>
        request.method === "eth_sendRawTransaction" ? { error: said } : treat(request, count);
      for (said of [
        "INTERNAL_ERROR: existing tx with same hash",
        "INTERNAL_ERROR: existing txn with same hash",
        "AlreadyKnown",
        "already known",
        "known transaction: 0x12",
        "tx already in mempool",
        "transaction already imported",
      ])
        expect(await stage.publisher.step(), said).to.deep.equal({ kind: "quiet", why: "pending" });
    });

    it("offers the cap where what was lost offered nearly that, for no node has it, and is not stuck for days", async () => {
      stage = await openStage(market, 2, { feeCapGwei: 200 });
      await seedLost(parseUnits("199", "gwei"), Math.floor(Date.now() / 1000) - 120);
      const [posted] = (await stepUntil(stage, "published")).slice(-1);
      expect(posted!.kind).to.equal("published");
      const sent = await stage.chain.provider.getTransaction((posted as { hash: string }).hash);
      expect(sent!.maxFeePerGas).to.equal(parseUnits("200", "gwei"));
    });

    it("forgets what is three days old though it sends nothing", async () => {
      stage = await openStage(market, 2, { feeCapGwei: 1e-9 });
      await seedLost(1n, Math.floor(Date.now() / 1000) - 3 * SECONDS_PER_DAY - 60);
      expect(await intents()).to.have.length(1);
      await stage.publisher.step();
      expect(await intents()).to.deep.equal([]);
    });

    describe("where gas is dear", () => {
      /** The base fee of the latest block. */
      const setBaseFee = async (gwei: string) => {
        const { provider } = stage.chain;
        await provider.send("hardhat_setNextBlockBaseFeePerGas", [toQuantity(parseUnits(gwei, "gwei"))]);
        await provider.send("evm_mine", []);
      };
      afterEach(async () => {
        await setBaseFee("1");
        await fund(parseEther("1"));
      });

      it("posts at any base fee below the cap, and offers no more than that", async () => {
        stage = await openStage(market, 2, { feeCapGwei: 200 });
        await setBaseFee("150");
        const [posted] = (await stepUntil(stage, "published")).slice(-1);
        expect(posted!.kind).to.equal("published");
        const sent = await stage.chain.provider.getTransaction((posted as { hash: string }).hash);
        expect(sent!.maxFeePerGas).to.equal(parseUnits("200", "gwei"));
      });

      it("offers what the account has where that pays the base fee, and else is out of funds", async () => {
        stage = await openStage(market, 2);
        await setBaseFee("20");
        await fund(1n);
        const [poor] = (await stepUntil(stage, "stuck")).slice(-1);
        const [, needed] = /at most (\d+) needed$/.exec((poor as { reason: string }).reason)!;
        await fund(BigInt(needed!) / 4n);
        await nextSecond();
        expect(await stage.publisher.step()).to.deep.include({ kind: "stuck", at: "post" });
        expect(await intents()).to.deep.equal([]);
        const balance = (BigInt(needed!) * 3n) / 4n;
        await fund(balance);
        await nextSecond();
        const posted = await stage.publisher.step();
        expect(posted.kind).to.equal("published");
        const sent = await stage.chain.provider.getTransaction((posted as { hash: string }).hash);
        const most = sent!.gasLimit * sent!.maxFeePerGas!;
        expect(most <= balance && most > balance - sent!.gasLimit).to.equal(true);
      });
    });

    /** An intent of the account's next nonce that was given up. */
    async function seedLost(fee: bigint, reportAt: number): Promise<void> {
      const store = await storeOf();
      const { report } = await draftOf(1);
      const hash = `0x${"11".repeat(32)}`;
      const nonce = await stage.chain.provider.getTransactionCount(POSTER_KEY.address);
      await store.intend({
        ...{ hash, nonce, raw: "0x02", maxFeePerGas: fee, maxPriorityFeePerGas: 1n },
        signed: { report: { ...report, reportAt }, signatures: "0x" },
      });
      await store.closeIntent(hash, "lost");
    }
  });

  /** Everybody's clock at five seconds past the next 09:00 UTC. */
  async function toTheMark(): Promise<void> {
    const { timestamp } = (await stage.chain.provider.getBlock("latest"))!;
    await shiftTo(cutOffOf(epochDayOf(timestamp - 1) + 1) + 5);
  }

  /** Everybody's clock where signers sign every second, later than the chain's. */
  async function afterTheMark(): Promise<void> {
    const { timestamp } = (await stage.chain.provider.getBlock("latest"))!;
    await shiftTo(Math.max(timestamp + 60, cutOffOf(epochDayOf(timestamp)) + 1000));
  }

  /** Everybody's clock, the chain's too. */
  async function shiftTo(at: number): Promise<void> {
    const { provider } = stage.chain;
    const offset = at - Math.floor(Date.now() / 1000);
    await provider.send("evm_setNextBlockTimestamp", [toQuantity(at)]);
    await provider.send("evm_mine", []);
    stage.offset = offset;
    stage.venue.offset = offset;
    for (const signer of stage.signers) signer.offset = signer.venue.offset = offset;
  }

  const storeOf = () => Store.open(stage.database, scopeOf(market.market, POSTER_KEY.address));
  const intents = async () => (await storeOf()).intents();

  describe("in the marking minute", () => {
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

    it("proposes again what one of its signers has signed, when the others can sign again", async () => {
      stage = await openStage(market, 5);
      await toTheMark();
      // Who is asked before would sign; when it comes to that two have no place for it.
      const others = stage.signers.slice(1).map(({ database }) => database);
      for (const database of others) await database.query(FULL);
      const [short] = (await stepUntil(stage, "unsigned")).slice(-1);
      expect(short).to.deep.include({ kind: "unsigned", signed: 1 });
      const scope = scopeOf(market.market, SIGNER_KEYS[0]!.address);
      const given = (await (await Store.open(stage.signers[0]!.database, scope)).lastGiven())!;
      // That it refuses the next time, blind now itself, takes nothing back.
      stage.signers[0]!.venue.mood = "stale";
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned", signed: 0 });
      stage.signers[0]!.venue.mood = "honest";
      for (const database of others) await database.query("DROP TRIGGER full");
      await nextSecond();
      const { reportAt } = given;
      expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
    });

    it("spends no signature of the marking minute on a whole that gets no quorum, and marks without it a minute later", async () => {
      stage = await openStage(market, 3);
      await afterTheMark();
      await stepUntil(stage, "published");
      expect(await isPosted()).to.equal(true);
      await toTheMark();
      const day = epochDayOf((await stage.chain.provider.getBlock("latest"))!.timestamp);
      await have(false, 1, 2);
      for (let times = 0; times < 2; times++) {
        await nextSecond();
        expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned", signed: 0 });
      }
      for (const [index, { database }] of stage.signers.entries()) {
        const store = await Store.open(database, scopeOf(market.market, SIGNER_KEYS[index]!.address));
        expect((await store.lastGiven())?.reportAt ?? 0).to.be.below(cutOffOf(day));
      }
      await shiftTo(cutOffOf(day) + 60);
      await nextSecond();
      const [mark] = (await stepUntil(stage, "published")).slice(-1);
      expect(mark).to.deep.include({ kind: "published", why: "mark" });
      expect(await isPosted()).to.equal(false);
    });

    it("marks at once with the whole where they can judge it within the minute, and without it where it was left out before", async () => {
      stage = await openStage(market, 3);
      await afterTheMark();
      await stepUntil(stage, "published");
      expect(await isPosted()).to.equal(true);
      await toTheMark();
      await have(false, 1, 2);
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned", signed: 0 });
      await have(true, 1, 2);
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark" });
      expect(await isPosted()).to.equal(true);
      await afterTheMark();
      await have(false, 1, 2);
      await nextSecond();
      await stepUntil(stage, "unsigned");
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
      expect(await isPosted()).to.equal(false);
      await toTheMark();
      await nextSecond();
      const [mark] = (await stepUntil(stage, "published")).slice(-1);
      expect(mark).to.deep.include({ kind: "published", why: "mark" });
      expect(await isPosted()).to.equal(false);
      const { reportAt } = mark as { reportAt: number };
      expect(reportAt).to.be.below(cutOffOf(epochDayOf(reportAt)) + 60);
    });

    it("is quiet while its signers have signed another's report of the minute, and has the next minute's", async () => {
      stage = await openStage(market, 5);
      await toTheMark();
      const day = epochDayOf((await stage.chain.provider.getBlock("latest"))!.timestamp);
      const { spot } = (await draftOf(5)).report;
      for (const [index, { database }] of stage.signers.entries()) {
        const store = await Store.open(database, scopeOf(market.market, SIGNER_KEYS[index]!.address));
        const given = { reportAt: cutOffOf(day), digest: "0x01", spot };
        expect(await store.give(given, markSlotOf(given.reportAt))).to.equal(null);
      }
      expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned", signed: 0 });
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "slot signed" });
      await shiftTo(cutOffOf(day) + 61);
      await nextSecond();
      const [posted] = (await stepUntil(stage, "published")).slice(-1);
      expect(posted).to.deep.include({ kind: "published", why: "mark" });
      expect(markSlotOf((posted as { reportAt: number }).reportAt)).to.equal(markSlotOf(cutOffOf(day) + 60));
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "slot signed" });
    });

    it("posts what its signers have signed for another who does not post it", async () => {
      stage = await openStage(market, 5);
      await toTheMark();
      const clock = () => systemClock() + stage.offset;
      const source = deribitSource({ currency: "ETH", api: stage.venue.api, timeoutMs: 4000 });
      const look = await new MarketView({ source, clock, maxAge: 15 }).look();
      if (look.kind === "blind") throw new Error(look.reason);
      const { listed } = await stage.chain.read();
      const withheld = draftReport({ ...look.surface, spot: look.surface.spot * 1.0001 }, 1, listed);
      if (typeof withheld === "string") throw new Error(withheld);
      const body = proposalOf(withheld, market.market);
      for (const { endpoint } of stage.signers)
        expect(await askSigner(endpoint.url, "/sign", body, 8)).to.have.property("signature");
      await nextSecond();
      const { reportAt, spot } = withheld.report;
      expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
      expect((await stage.chain.read()).last).to.deep.include({ reportAt, spot });
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

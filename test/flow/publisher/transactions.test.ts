import type { Result } from "@meniscus/pricer/publisher/publisher";
import { servePricer } from "@meniscus/pricer/publisher/serve";
import { systemClock } from "@meniscus/pricer/service/clock";
import { deribitSource } from "@meniscus/pricer/source/deribit";
import type { Intent } from "@meniscus/pricer/store/store";
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { expect } from "chai";
import { formatEther, JsonRpcProvider, parseEther, parseUnits, toQuantity, Wallet } from "ethers";
import { pino } from "pino";
import type { RpcProxy } from "../../support/keeper/proxy.ts";
import { draftOf } from "../../support/pricer/draft.ts";
import { POSTER_KEY } from "../../support/pricer/localChain.ts";
import { publisherFixture } from "../../support/pricer/publisherFixture.ts";
import { nextSecond, type Stage, stepUntil, untilResults } from "../../support/pricer/stage.ts";

describe("a publisher whose transactions do not go through", function () {
  this.timeout(300_000);
  const fixture = publisherFixture();

  const postedTip = async (hash: string) =>
    (await fixture.stage.chain.provider.getTransaction(hash))!.maxPriorityFeePerGas!;

  const fund = (wei: bigint) =>
    fixture.stage.chain.provider.send("hardhat_setBalance", [POSTER_KEY.address, toQuantity(wei)]);

  /** The node refuses, or only seems to, what is sent through a proxy. */
  async function openRefusing(seed: number, error?: string): Promise<{ stage: Stage; proxy: RpcProxy }> {
    const { stage, proxy } = await fixture.openProxied(seed);
    proxy.treat = ({ method }) => {
      if (method === "eth_getBalance") return { result: toQuantity(parseEther("1")) };
      return method === "eth_sendRawTransaction" && error !== undefined ? { error } : undefined;
    };
    await nextSecond();
    return { stage, proxy };
  }
  const heal = (proxy: RpcProxy) => {
    proxy.treat = () => undefined;
  };

  it("says that it is out of funds, signs nothing meanwhile, and goes on once it has some", async () => {
    const stage = await fixture.open(2);
    await fund(1n);
    const [poor] = (await stepUntil(stage, "stuck")).slice(-1);
    expect(poor).to.deep.include({ kind: "stuck", at: "post" });
    expect(poor!.kind === "stuck" && poor!.reason).to.match(/^out of funds: 1 wei, at most \d{12,} needed$/);
    expect(stage.publisher.balance).to.equal(1n);
    expect(await fixture.intents()).to.deep.equal([]);
    await fund(parseEther("1"));
    await nextSecond();
    expect((await stage.publisher.step()).kind).to.equal("published");
    expect(stage.publisher.balance).to.equal(parseEther("1"));
  });

  it("says why a node refuses, by its host alone, and outbids nothing that no node took", async () => {
    const { stage, proxy } = await openRefusing(
      2,
      "insufficient funds for gas * price + value: see https://node.example/v3/SECRET",
    );
    for (let step = 0; step < 2; step++) {
      expect(await stage.publisher.step()).to.deep.equal({
        ...{ kind: "stuck", at: "post" },
        reason: "the node refuses it: insufficient funds for gas * price + value: see node.example",
      });
      await nextSecond();
    }
    const refused = await fixture.intents();
    expect(refused.map(({ state }) => state)).to.deep.equal(["refused", "refused"]);
    heal(proxy);
    const posted = await stage.publisher.step();
    expect(posted.kind).to.equal("published");
    const tip = await postedTip((posted as { hash: string }).hash);
    for (const { maxPriorityFeePerGas } of refused) expect(maxPriorityFeePerGas).to.equal(tip);
  });

  /** Of a pricer's process with the stage's store, once three steps were stuck: its health, metrics and warnings, from the log. */
  async function servedStuck(stage: Stage): Promise<{ health: string; metrics: string; warnings: string[] }> {
    const lines: string[] = [];
    const results: Result[] = [];
    const endpoint = await servePricer({
      ...{ config: stage.config, wallet: POSTER_KEY, clock: systemClock, interval: 0.2 },
      source: deribitSource({ currency: "ETH", api: stage.venue.api, timeoutMs: 4000 }),
      log: pino({}, { write: (line) => lines.push(line) }),
      onResult: (result) => results.push(result),
    });
    try {
      await untilResults(results, 3, ({ kind }) => kind === "stuck");
      const [health, metrics] = await Promise.all(
        ["health", "metrics"].map(async (route) => {
          const answer = await fetch(`${endpoint.url}/${route}`);
          return `${answer.status} ${await answer.text()}`;
        }),
      );
      return {
        health: health!,
        metrics: metrics!,
        warnings: lines.filter((line) => /"level":40/.test(line)),
      };
    } finally {
      await endpoint.close();
    }
  }

  it("says in health, log and metrics that it is out of funds", async () => {
    const stage = await fixture.open(2);
    await fund(1n);
    try {
      const { health, metrics, warnings } = await servedStuck(stage);
      expect(health).to.match(/^503 .*out of funds: 1 wei/);
      expect(metrics).to.match(/^meniscus_pricer_balance_wei 1$/m);
      // Its steps go on meanwhile.
      expect(warnings.filter((line) => /out of funds: 1 wei/.test(line))).to.have.length.of.at.least(3);
    } finally {
      await fund(parseEther("1"));
    }
  });

  it("says that a report reverted, and counts its gas too", async () => {
    const { stage, proxy } = await fixture.openProxied(2);
    const { provider } = fixture.stage.chain;
    const before = await provider.send("evm_snapshot", []);
    // Mined when it is too old.
    const late = toQuantity((await fixture.blockTime()) + 900);
    proxy.treat = ({ method }) =>
      method === "eth_sendRawTransaction"
        ? { before: () => provider.send("evm_setNextBlockTimestamp", [late]) }
        : undefined;
    try {
      const { metrics, warnings } = await servedStuck(stage);
      const [{ hash, state }] = (await fixture.intents()) as [Intent];
      expect(state).to.equal("reverted");
      expect(warnings.filter((line) => line.includes(`${hash} reverted`))).to.have.length(1);
      const { gasUsed } = (await provider.getTransactionReceipt(hash))!;
      expect(metrics).to.match(new RegExp(`^meniscus_pricer_gas_total ${gasUsed}$`, "m"));
    } finally {
      await provider.send("evm_revert", [before]);
    }
  });

  it("takes of the tip that a node names no more than it is told to", async () => {
    const { stage, proxy } = await fixture.openProxied(2, { priorityFeeGwei: 0.3 });
    for (const [named, taken] of [
      ["150", "0.3"],
      ["0.2", "0.2"],
    ] as const) {
      const result = toQuantity(parseUnits(named, "gwei"));
      proxy.treat = ({ method }) => (method === "eth_maxPriorityFeePerGas" ? { result } : undefined);
      const [posted] = (await stepUntil(stage, "published")).slice(-1);
      expect(await postedTip((posted as { hash: string }).hash)).to.equal(parseUnits(taken, "gwei"));
      await nextSecond();
    }
  });

  it("offers the whole price of gas where the chain has no base fee", async () => {
    const { stage, proxy } = await fixture.openProxied(2, { priorityFeeGwei: 0.3 });
    const { provider } = fixture.stage.chain;
    const { baseFeePerGas: _, ...block } = await provider.send("eth_getBlockByNumber", ["latest", false]);
    const price = parseUnits("7", "gwei");
    proxy.treat = ({ method, params }) => {
      if (method === "eth_getBlockByNumber" && params[0] === "latest") return { result: block };
      return method === "eth_gasPrice" ? { result: toQuantity(price) } : undefined;
    };
    const [posted] = (await stepUntil(stage, "published")).slice(-1);
    expect(await postedTip((posted as { hash: string }).hash)).to.equal(price);
  });

  it("closes what a node refuses of what was written before a crash", async () => {
    // The node itself has to say so: that there is money enough is a lie on the way.
    const { stage, proxy } = await openRefusing(2);
    await fund(1n);
    await stage.restart((step) => {
      if (step === "intended") throw new Error("as if it ended here");
    });
    await stage.publisher.step();
    expect((await fixture.intents()).map(({ state }) => state)).to.deep.equal(["open"]);
    await stage.restart();
    const found = await stage.publisher.step();
    expect(found).to.deep.include({ kind: "stuck", at: "post" });
    expect(found.kind === "stuck" && found.reason).to.match(/^the node refuses it: .*funds/);
    expect((await fixture.intents()).map(({ state }) => state)).to.deep.equal(["refused"]);
    heal(proxy);
    await fund(parseEther("1"));
    await nextSecond();
    expect((await stage.publisher.step()).kind).to.equal("published");
  });

  it("says that a node may not have a transaction, then that it is lost, and outbids it", async () => {
    const { stage, proxy } = await openRefusing(2, "something broke");
    const doubtful = await stage.publisher.step();
    const [{ hash, maxPriorityFeePerGas }] = (await fixture.intents()) as [Intent];
    const reason = `the node may not have ${hash}: something broke`;
    expect(doubtful).to.deep.equal({ kind: "stuck", at: "post", reason });
    expect(await stage.publisher.step()).to.deep.equal({ kind: "stuck", at: "post", reason });
    stage.offset = 61;
    expect(await stage.publisher.step()).to.deep.equal({
      ...{ kind: "stuck", at: "post" },
      reason: `${hash} was not mined within 60 s: something broke`,
    });
    expect((await fixture.intents()).map(({ state }) => state)).to.deep.equal(["lost"]);
    stage.offset = 0;
    heal(proxy);
    const posted = await stage.publisher.step();
    expect(posted.kind).to.equal("published");
    const tip = await postedTip((posted as { hash: string }).hash);
    expect(tip).to.equal((maxPriorityFeePerGas * 9n + 7n) / 8n);
  });

  it("does not doubt what the node has, whatever it says of it, nor takes a refusal of it as final", async () => {
    const { stage, proxy } = await openRefusing(2);
    const { provider } = stage.chain;
    const direct = new JsonRpcProvider(fixture.url, undefined, { staticNetwork: true });
    await direct.send("evm_setAutomine", [false]);
    try {
      const treat = proxy.treat;
      let said = "something broke";
      proxy.treat = (request, count) => {
        if (request.method !== "eth_sendRawTransaction") return treat(request, count);
        const before = async () => {
          await direct.send(request.method, request.params).catch(() => {});
        };
        return { before, error: said };
      };
      for (said of ["something broke", "insufficient funds for gas * price + value"])
        expect(await stage.publisher.step(), said).to.deep.equal({ kind: "quiet", why: "pending" });
      const [{ hash, state }] = (await fixture.intents()) as [Intent];
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
    const { stage, proxy } = await openRefusing(2);
    const treat = proxy.treat;
    proxy.treat = (request, count) =>
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

  /** Gives the next count of the account's transactions as one less, as a node does that is a block behind. */
  async function fallBehind({ chain }: Stage, proxy: RpcProxy): Promise<void> {
    const count = await chain.provider.getTransactionCount(POSTER_KEY.address);
    proxy.treat = ({ method }) => {
      if (method !== "eth_getTransactionCount") return undefined;
      heal(proxy);
      return { result: toQuantity(count - 1) };
    };
  }

  it("knows which nonce it has used up itself, though a node is a block behind", async () => {
    const { stage, proxy } = await fixture.openProxied(2);
    const [first] = (await stepUntil(stage, "published")).slice(-1);
    expect(first).to.deep.include({ kind: "published" });
    await nextSecond();
    await fallBehind(stage, proxy);
    expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
  });

  it("gives up at once what can never be mined, for another transaction has its nonce", async () => {
    const { stage, proxy } = await fixture.openProxied(2);
    const other = new Wallet(POSTER_KEY.privateKey, stage.chain.provider);
    await (await other.sendTransaction({ to: other.address })).wait();
    await nextSecond();
    await fallBehind(stage, proxy);
    const lost = await stage.publisher.step();
    const { hash, nonce, state } = (await fixture.intents()).at(-1)!;
    expect(lost).to.deep.equal({
      ...{ kind: "stuck", at: "post" },
      reason: `${hash} cannot be mined: another transaction of the account has its nonce ${nonce}`,
    });
    expect(state).to.equal("lost");
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
  });

  it("offers the cap where what was lost offered nearly that, for no node has it, and is not stuck for days", async () => {
    const stage = await fixture.open(2, { feeCapGwei: 200 });
    await seedLost(parseUnits("199", "gwei"), Math.floor(Date.now() / 1000) - 120);
    const [posted] = (await stepUntil(stage, "published")).slice(-1);
    expect(posted!.kind).to.equal("published");
    const sent = await stage.chain.provider.getTransaction((posted as { hash: string }).hash);
    expect(sent!.maxFeePerGas).to.equal(parseUnits("200", "gwei"));
  });

  it("forgets what is three days old though it sends nothing", async () => {
    const stage = await fixture.open(2, { feeCapGwei: 1e-9 });
    await seedLost(1n, Math.floor(Date.now() / 1000) - 3 * SECONDS_PER_DAY - 60);
    expect(await fixture.intents()).to.have.length(1);
    await stage.publisher.step();
    expect(await fixture.intents()).to.deep.equal([]);
  });

  describe("where gas is dear", () => {
    /** The base fee of the latest block. */
    const setBaseFee = async (gwei: string) => {
      const { provider } = fixture.stage.chain;
      await provider.send("hardhat_setNextBlockBaseFeePerGas", [toQuantity(parseUnits(gwei, "gwei"))]);
      await provider.send("evm_mine", []);
    };
    afterEach(async () => {
      await setBaseFee("1");
      await fund(parseEther("1"));
    });

    it("posts at any base fee below the cap, and offers no more than that", async () => {
      const stage = await fixture.open(2, { feeCapGwei: 200 });
      await setBaseFee("150");
      const [posted] = (await stepUntil(stage, "published")).slice(-1);
      expect(posted!.kind).to.equal("published");
      const sent = await stage.chain.provider.getTransaction((posted as { hash: string }).hash);
      expect(sent!.maxFeePerGas).to.equal(parseUnits("200", "gwei"));
    });

    it("offers what the account has where that pays the base fee, and else is out of funds", async () => {
      const stage = await fixture.open(2);
      await setBaseFee("20");
      await fund(1n);
      const [poor] = (await stepUntil(stage, "stuck")).slice(-1);
      const [, needed] = /at most (\d+) needed$/.exec((poor as { reason: string }).reason)!;
      await fund(BigInt(needed!) / 4n);
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "stuck", at: "post" });
      expect(await fixture.intents()).to.deep.equal([]);
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

  // Last, for afterwards the chain is a day ahead.
  describe("for its budget", () => {
    it("posts nothing beyond the day's budget, says so, and goes on a day later", async () => {
      const stage = await fixture.open(2);
      const { provider } = stage.chain;
      let [spent, most] = [0n, 0n];
      for (let times = 0; times < 3; times++) {
        const [posted] = (await stepUntil(stage, "published")).slice(-1);
        const { hash } = posted as { hash: string };
        spent += (await provider.getTransactionReceipt(hash))!.fee;
        const { gasLimit, maxFeePerGas } = (await provider.getTransaction(hash))!;
        most = gasLimit * maxFeePerGas!;
        await nextSecond();
      }
      const since = Math.floor(systemClock()) - SECONDS_PER_DAY;
      const costs = await (await fixture.store()).costsSince(since);
      expect(costs.reduce((sum, { wei }) => sum + wei, 0n)).to.equal(spent);
      // Enough for one by what it can cost, not after those three: of reports that are no marks nine tenths.
      Object.assign(stage.config, { dailyBudgetEther: Number(formatEther(most + spent / 2n)) / 0.9 });
      const { health, warnings } = await servedStuck(stage);
      const reason = /over the day's gas budget: .* raise dailyBudgetEther and restart/;
      expect(health).to.match(/^503 /).and.match(reason);
      expect(warnings.filter((line) => reason.test(line))).to.have.length.of.at.least(3);
      expect(await fixture.intents()).to.have.length(3);
      await stage.restart();
      await fixture.shiftTo((await fixture.blockTime()) + SECONDS_PER_DAY + 60);
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
    });
  });

  /** An intent of the account's next nonce that was given up. */
  async function seedLost(fee: bigint, reportAt: number): Promise<void> {
    const store = await fixture.store();
    const { report } = await draftOf(1);
    const hash = `0x${"11".repeat(32)}`;
    const nonce = await fixture.stage.chain.provider.getTransactionCount(POSTER_KEY.address);
    const intent: Intent = {
      ...{ hash, nonce, raw: "0x02", maxFeePerGas: fee, maxPriorityFeePerGas: 1n, state: "open" },
      signed: { report: { ...report, reportAt }, signatures: "0x" },
    };
    await store.intend(intent, fee);
    await store.closeIntent(intent, "lost");
  }
});

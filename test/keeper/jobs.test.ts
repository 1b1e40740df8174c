import type { ServerResponse } from "node:http";
import { send } from "@meniscus/cli/localMarket/contract";
import { laterReport } from "@meniscus/cli/localMarket/laterReport";
import { refresh } from "@meniscus/cli/localMarket/stages/poolStage";
import { post } from "@meniscus/cli/localMarket/surfaceOnChain";
import { ConfigError, type JobName } from "@meniscus/keeper/config";
import type { Keeper } from "@meniscus/keeper/keeper";
import type { Intent } from "@meniscus/keeper/sending/journal";
import { HealthBook } from "@meniscus/keeper/watching/health";
import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { SPOT_REASONS } from "@meniscus/sdk/oracles";
import { encodeReport } from "@meniscus/sdk/report";
import { seriesId } from "@meniscus/sdk/series";
import { VAULT_DOUBTS } from "@meniscus/sdk/vault/terms";
import { WAD } from "@meniscus/sdk/wad";
import { expect } from "chai";
import { parseUnits, toQuantity } from "ethers";
import { isSafe } from "../faults/fault.ts";
import { json, startStub } from "../support/deribitStub.ts";
import { closeWorld, forEachTest, type Scenario } from "../support/keeper/scenario.ts";
import { buyCalls, EXPIRIES, renewFeeds, SPOT } from "../support/keeper/world.ts";

describe("a keeper's jobs", function () {
  this.timeout(300_000);
  let scenario: Scenario;
  forEachTest((one) => {
    scenario = one;
  });

  const sentBy = (job: JobName): string[] =>
    scenario.findings.flatMap((finding) =>
      finding.kind === "sent" && finding.intent.deed.job === job ? [finding.intent.deed.what] : [],
    );
  const now = async (work: () => Promise<unknown>) => {
    await scenario.send("evm_setAutomine", true);
    await work();
    await scenario.send("evm_setAutomine", false);
  };

  it("refresh the book once by the oracle's spot while no report comes, and once when one comes again", async () => {
    const keeper = scenario.keeper(await scenario.account(1), { jobs: ["mark"] });
    await scenario.mine({ report: false, seconds: 310 });
    await now(() => renewFeeds(scenario.world.oracles, (SPOT * 99n) / 100n));
    for (let block = 0; block < 5; block++) {
      await keeper.look();
      await scenario.mine({ report: false });
    }
    expect(sentBy("mark")).to.have.length(1);
    const { refreshedSpot } = await scenario.world.pool.book.getFunction("need")();
    expect(refreshedSpot < SPOT).to.equal(true);
    for (let block = 0; block < 5; block++) {
      await scenario.mine();
      await keeper.look();
    }
    expect(sentBy("mark").slice(1)).to.deep.equal(["refresh the book: spot has moved"]);
  });

  /** A block of these seconds whose last transaction sells back a dust of the trader's calls, behind whatever a keeper has sent. */
  const mineWithTrade = async (options: Parameters<Scenario["mine"]>[0] = {}) => {
    const { stage, pool } = scenario.world;
    const terms = { market: stage.market, expiryAt: EXPIRIES[1]!, strike: pool.strikeAt(100n), isPut: false };
    const legs = [{ series: seriesId(terms), amount: -(WAD / 10_000n) }];
    const sent = await pool.pool.getFunction("trade")(legs, 2n ** 200n, 2n ** 40n, stage.deployer, "0x", {
      ...{ gasLimit: 1_000_000, maxPriorityFeePerGas: 1n },
    });
    await scenario.mine(options);
    expect((await sent.wait()).status).to.equal(1);
  };
  const doneOf = (): boolean[] =>
    scenario.findings.flatMap((one) => (one.kind === "mined" ? [one.receipt.status === 1] : []));

  it("refresh the book though somebody trades last in every block", async () => {
    const keeper = scenario.keeper(await scenario.account(30), { jobs: ["mark"] });
    await mineWithTrade({ report: false, seconds: 310 });
    for (let block = 0; block < 4; block++) {
      await keeper.look();
      await mineWithTrade({ report: false });
    }
    await keeper.look();
    expect(sentBy("mark")).to.have.length(1);
    expect(doneOf()).to.deep.equal([true]);
  });

  it("hedge though somebody trades last in every block", async () => {
    const keeper = scenario.keeper(await scenario.account(31));
    await mineWithTrade();
    for (let block = 0; block < 4; block++) {
      await keeper.look();
      await mineWithTrade();
    }
    await keeper.look();
    expect(sentBy("hedge")).to.deep.equal(["fill what the vault buys"]);
    expect(doneOf()).to.deep.equal([true]);
  });

  it("wait for the next block after a trade where the node knows none to come", async () => {
    const keeper = scenario.keeper(await scenario.account(32), { jobs: ["mark", "hedge"] });
    scenario.proxy.treat = ({ params }) =>
      params.includes("pending") ? { error: "pending block is not available" } : undefined;
    const skips = () =>
      scenario.findings.flatMap((one) => (one.kind === "skip" ? [`${one.job}: ${one.reason}`] : []));
    await mineWithTrade();
    await keeper.look();
    expect(skips().at(-1)).to.equal("hedge: TradedInBlock");
    scenario.findings.length = 0;
    await mineWithTrade({ report: false, seconds: 310 });
    await keeper.look();
    expect(skips()[0]).to.match(
      /^mark: refresh the book: it is \d+ s old: not now, Book_TradedInThisBlock\(\d+\)$/,
    );
    await scenario.mine();
    await keeper.look();
    expect(sentBy("mark")).to.have.length(1);
  });

  it("give a fill its usual gas after a trade, whatever waits at the node and makes it cheaper, and pay no more for it than it surely earns", async () => {
    const keeper = scenario.keeper(await scenario.account(33));
    scenario.proxy.treat = ({ method, params }) =>
      method === "eth_estimateGas" && params[1] === "pending" ? { result: toQuantity(120_000) } : undefined;
    await mineWithTrade();
    await keeper.look();
    const [sent] = scenario.findings.filter((one) => one.kind === "sent");
    const { gasLimit, deed } = (sent as { intent: Intent }).intent;
    expect(BigInt(gasLimit)).to.equal((260_000n * 13n) / 10n + 20_000n);
    const { baseFeePerGas } = (await scenario.world.chain.provider.getBlock("latest"))!;
    const price = Number(baseFeePerGas! + parseUnits("0.1", "gwei"));
    expect(Number(deed.paysUpTo) / price).to.be.within(1, 1.01);
    await mineWithTrade();
    await keeper.look();
    expect(doneOf()).to.deep.equal([true]);
  });

  it("send again what the node has lost, though it would be refused in the block of a trade", async () => {
    let isLost = true;
    scenario.proxy.treat = ({ method }) =>
      isLost && method === "eth_sendRawTransaction" ? { error: "timeout" } : undefined;
    const keeper = scenario.keeper(await scenario.account(34));
    await scenario.mine();
    await keeper.look();
    isLost = false;
    await mineWithTrade();
    scenario.findings.length = 0;
    await keeper.look();
    expect(scenario.findings.map(({ kind }) => kind)).to.deep.equal(["resent", "skip", "looked"]);
    await mineWithTrade();
    await keeper.look();
    expect(doneOf()).to.deep.equal([true]);
  });

  it("refresh no book while neither the surface nor the oracle has a spot, and say so; fail where the node does not say", async () => {
    const keeper = scenario.keeper(await scenario.account(18), { jobs: ["mark"] });
    await scenario.mine();
    const { interface: book } = scenario.world.pool.book;
    const { selector } = book.getFunction("refreshSpot")!;
    /** What a look tells of mark when the spot is answered by this. */
    const look = async (error: string | { code: number; message: string; data: string }) => {
      scenario.proxy.treat = ({ method, params: [call] }) =>
        method === "eth_call" && (call as { data: string }).data === selector ? { error } : undefined;
      scenario.findings.length = 0;
      await keeper.look();
      return scenario.findings.find((one) => one.kind === "skip" || one.kind === "failed");
    };
    const data = book.encodeErrorResult("Book_SpotSilent", [SPOT_REASONS.indexOf("FeedStale")]);
    const silent = await look({ code: 3, message: "execution reverted", data });
    expect(silent).to.deep.include({ kind: "skip", job: "mark" });
    expect(silent)
      .to.have.property("reason")
      .that.matches(/^refreshed \d+ s ago, and there is no spot to hold that against: Book_SpotSilent/);
    const reason = "missing trie node";
    expect(await look(reason)).to.deep.equal({ kind: "failed", job: "mark", reason });
  });

  it("walk what is gone of a settlement window before the refresh that a hedge waits for, where five minutes are not walked", async () => {
    const { stage, pool, oracles } = scenario.world;
    const expiryAt = EXPIRIES[0]!;
    const keeper = scenario.keeper(await scenario.account(7), { jobs: ["mark"] });
    const look = async (at: number) => {
      scenario.findings.length = 0;
      await scenario.mine({ seconds: at - (await scenario.world.now()) });
      await keeper.look();
      await scenario.mine({ report: false });
      return sentBy("mark").map((what) => what.split(":")[0]);
    };
    await now(() => buyCalls(stage, pool, 20n * WAD, expiryAt));
    await scenario.mine({ report: false, seconds: expiryAt - 1830 - (await scenario.world.now()) });
    await now(() => renewFeeds(oracles));
    const refresh = "refresh the book";
    expect(await look(expiryAt - 1810)).to.deep.equal([refresh]);
    // Nothing to speak of is gone, then as much as matters, then little again.
    expect(await look(expiryAt - 1600)).to.deep.equal([refresh]);
    expect(await look(expiryAt - 1400)).to.deep.equal(["walk the rounds of 2027-01-08"]);
    const { walkedUntilAt } = await oracles.settlementOracle.getFunction("average")(stage.market, expiryAt);
    expect(Number(walkedUntilAt)).to.equal((await scenario.world.now()) - ROUND_LAG_SECONDS);
    expect(await look(expiryAt - 1376)).to.deep.equal([refresh]);
    expect(await look(expiryAt - 1240)).to.deep.equal([refresh]);
    expect(await look(expiryAt - 1000)).to.deep.equal(["walk the rounds of 2027-01-08"]);
  });

  it("settle an expiry once its feeds have shown all of its window, and walk nothing of it before", async () => {
    const { stage, oracles } = scenario.world;
    const expiryAt = EXPIRIES[0]!;
    const keeper = scenario.keeper(await scenario.account(8), { jobs: ["settle"] });
    const jump = async (at: number) =>
      scenario.mine({ report: false, seconds: at - (await scenario.world.now()) });
    const price = () => stage.clearinghouse.getFunction("settlementPrice")(stage.market, expiryAt);
    await jump(expiryAt - 2400);
    await now(() => renewFeeds(oracles));
    for (const at of [expiryAt, expiryAt + ROUND_LAG_SECONDS - 1]) {
      await jump(at);
      scenario.findings.length = 0;
      await keeper.look();
      expect(scenario.findings).to.deep.include({
        kind: "skip",
        job: "settle",
        reason: "2027-01-08: a feed may still show a round from before it, for 120 s",
      });
    }
    await jump(expiryAt + ROUND_LAG_SECONDS);
    await keeper.look();
    expect(await price()).to.equal(0n);
    await scenario.mine({ report: false });
    expect(sentBy("settle")).to.deep.equal(["walk the rounds of 2027-01-08"]);
    expect(await price()).to.equal(SPOT);
  });

  it("settle an expiry though the node refuses what another one asks", async () => {
    const { oracles, stage } = scenario.world;
    const [first, second] = EXPIRIES as [number, number];
    const keeper = scenario.keeper(await scenario.account(15), { jobs: ["settle"] });
    await scenario.mine({ report: false, seconds: second - 2400 - (await scenario.world.now()) });
    await now(() => renewFeeds(oracles));
    await scenario.mine({ report: false, seconds: second + 200 - (await scenario.world.now()) });
    const asked = oracles.settlementOracle.interface.encodeFunctionData("progress", [stage.market, first]);
    scenario.proxy.treat = ({ method, params: [call] }) =>
      method === "eth_call" && (call as { data: string }).data === asked
        ? { error: "missing trie node" }
        : undefined;
    for (let block = 0; block < 4; block++) {
      await keeper.look();
      await scenario.mine({ report: false });
    }
    expect(sentBy("settle")[0]).to.equal("walk the rounds of 2027-01-29");
    const price = await stage.clearinghouse.getFunction("settlementPrice")(stage.market, second);
    expect(price > 0n).to.equal(true);
    // Once nothing else is to be done.
    scenario.findings.length = 0;
    await keeper.look();
    expect(scenario.findings[0]).to.deep.equal({
      kind: "failed",
      job: "settle",
      reason: "missing trie node",
    });
  });

  it("open an auction once, though no block comes after it for a while", async () => {
    const { stage, pool } = scenario.world;
    const keeper = scenario.keeper(await scenario.account(3));
    await scenario.untilSafe(() => keeper.look());
    await now(() => buyCalls(stage, pool, 20n * WAD));
    await scenario.mine();
    scenario.findings.length = 0;
    await keeper.look();
    await scenario.mine();
    const skips = () =>
      scenario.findings.flatMap((finding) => (finding.kind === "skip" ? [finding.reason] : []));
    await keeper.look();
    expect(skips()).to.deep.equal([
      "its last deed was mined, and the chain's clock still stands at that block",
    ]);
    for (let look = 0; look < 2; look++) await keeper.look();
    expect(sentBy("hedge")).to.deep.equal(["open the auction"]);
    await scenario.mine();
    await keeper.look();
    expect(skips().at(-1)).to.match(/^fill what the vault buys: not now/);
    expect(sentBy("hedge")).to.deep.equal(["open the auction"]);
  });

  it("open no auction at the head in which somebody else did, unless the node does not serve its events", async () => {
    const { stage, pool } = scenario.world;
    const keeper = scenario.keeper(await scenario.account(14));
    await scenario.untilSafe(() => keeper.look());
    await now(() => buyCalls(stage, pool, 20n * WAD));
    await scenario.mine();
    await now(() => send(pool.hedger, stage.deployer, "open"));
    scenario.findings.length = 0;
    await keeper.look();
    const reason = "the auction was opened in this block";
    expect(scenario.findings[0]).to.deep.equal({ kind: "skip", job: "hedge", reason });
    scenario.proxy.treat = ({ method }) =>
      method === "eth_getLogs" ? { error: "no such method" } : undefined;
    await keeper.look();
    expect(sentBy("hedge")).to.deep.equal(["open the auction"]);
  });

  it("open no auction and fill none of a dust of delta that does not pay for the gas, and say so; where gas costs nothing they do", async () => {
    const { stage, pool } = scenario.world;
    const wallet = await scenario.account(9);
    const keeper = scenario.keeper(wallet);
    await scenario.untilSafe(() => keeper.look());
    await now(() => buyCalls(stage, pool, WAD / 100n));
    /** What a look at this base fee, gwei, tells of the hedge. */
    const look = async (gwei: string, by: Keeper) => {
      await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(parseUnits(gwei, "gwei")));
      await scenario.mine();
      scenario.findings.length = 0;
      await by.look();
      const found = scenario.findings.filter(({ kind }) => kind === "skip" || kind === "sent");
      return found.map((one) =>
        one.kind === "skip" ? one.reason : one.kind === "sent" && one.intent.deed.what,
      );
    };
    const refreshed = () => now(() => refresh(stage, pool));
    /** What is in the hedge's way that somebody may see to, by the last look. */
    const troubles = () => scenario.findings.flatMap((one) => (one.kind === "skip" ? [one.trouble] : []));
    await look("10", keeper);
    await refreshed();
    const { amount } = await pool.hedger.getFunction("plan")();
    expect(amount > 0n && amount < WAD / 50n, String(amount)).to.equal(true);
    expect((await look("10", keeper)).join()).to.match(
      /^too little to open the auction for: a fill may earn \d+ of quote at most, and must earn \d{7}$/,
    );
    expect(troubles()).to.deep.equal(["unpaid"]);
    // Less than this one asks for at any price of gas.
    const choosy = scenario.keeper(await scenario.account(19), { config: { minimumProfit: "5000000" } });
    expect((await look("10", choosy)).join()).to.match(/^too little to open the auction for: /);
    expect(troubles()).to.deep.equal([undefined]);
    await now(() => send(pool.hedger, stage.deployer, "open"));
    await scenario.mine({ seconds: 300 });
    await scenario.mine();
    await refreshed();
    expect((await look("10", keeper)).join()).to.match(
      /^fill what the vault buys: not now, it would earn \d{1,5} of quote, and must earn \d{7}$/,
    );
    expect(troubles()).to.deep.equal(["unpaid"]);
    const free = scenario.keeper(await scenario.account(10), { config: { priorityFeeGwei: "0" } });
    expect(await look("0.000000001", free)).to.deep.equal(["fill what the vault buys"]);
  });

  it("ask of a fill that it pays for its gas and the least profit, in the block that mines it too", async () => {
    const wallet = await scenario.account(11);
    const keeper = scenario.keeper(wallet, { config: { minimumProfit: "2000000", dailyBudgetEther: "1" } });
    const baseFee = parseUnits("5", "gwei");
    await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(baseFee));
    await scenario.mine();
    await keeper.look();
    const [sent] = scenario.findings.filter((finding) => finding.kind === "sent");
    const { data, to } = (sent as { intent: Intent }).intent.deed;
    const { filler } = scenario.world.pool;
    const [order] = filler.interface.decodeFunctionData("fill", data);
    const gas = BigInt(await scenario.send("eth_estimateGas", { from: wallet.address, to, data }, "latest"));
    expect(to).to.equal(filler.target);
    const worth = (gas * (baseFee + parseUnits("0.1", "gwei")) * 3000n) / 10n ** 12n;
    // The estimate was of an order whose least profit is a shorter number.
    expect(Number(order.minimumProfit - 2_000_000n) / Number(worth)).to.be.closeTo(1, 0.02);
  });

  it("hedge without the report that is served where that is noise, of the future, or has no end, and the posted one does", async () => {
    const { market, spot, expiries, slices } = encodeReport(scenario.world.first);
    const words = { spot: String(spot), expiries: String(expiries), slices: slices.map(String) };
    let answer: (response: ServerResponse) => void = () => {};
    const server = await startStub((_, response) => answer(response));
    const hedge = async (seed: number, seconds: number) => {
      const snapshot = await scenario.send("evm_snapshot");
      // Older than what is replaced where a younger one can be had, young enough to hedge by.
      await scenario.mine({ report: false, seconds });
      scenario.findings.length = 0;
      const keeper = scenario.keeper(await scenario.account(seed), { config: { reportUrl: server.api } });
      await keeper.look();
      await scenario.send("evm_revert", snapshot);
      return scenario.findings.map(({ kind }) => kind);
    };
    try {
      await scenario.mine();
      const signatures = `0x${"12".repeat(128)}`;
      const at = await scenario.world.now();
      for (const [index, reportAt] of [at + 10, at + 15, 4_000_000_000].entries()) {
        answer = (response) => json(response, 200, { report: { market, reportAt, ...words }, signatures });
        expect(await hedge(20 + index, 14), String(reportAt)).to.deep.equal(["sent", "looked"]);
      }
      let written = 0;
      answer = (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const more = (): void => {
          while (!response.destroyed && response.write(" ".repeat(16_384))) written += 16_384;
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      };
      expect(await hedge(24, 14)).to.deep.equal(["sent", "looked"]);
      expect(written).to.be.below(8e6);
    } finally {
      await server.close();
    }
  });

  it("are done though the node refuses what another one asks", async () => {
    scenario.proxy.treat = ({ method }) =>
      method === "eth_getLogs" ? { error: "query exceeds max block range 500" } : undefined;
    const keeper = scenario.keeper(await scenario.account(4), { jobs: ["poke", "hedge"] });
    expect(isSafe(await scenario.untilSafe(() => keeper.look()))).to.equal(true);
    const failed = scenario.findings.filter((finding) => finding.kind === "failed");
    const reason = "query exceeds max block range 500";
    expect(failed[0]).to.deep.equal({ kind: "failed", job: "poke", reason });
  });

  /** What a keeper is ended with that is told this. */
  async function endOf(config: object): Promise<string> {
    const keeper = scenario.keeper(await scenario.account(5), { config: { ...config } });
    const error = await keeper.look().catch((each) => each);
    expect(error).to.be.instanceOf(ConfigError);
    return error.message;
  }

  it("end a keeper that is told of contracts that are not there, or are something else, by the key of the one that is wrong", async () => {
    const { pool, stage } = scenario.world;
    const [vault, filler] = [pool.vault.target, pool.filler.target];
    const nowhere = `0x${"12".repeat(20)}`;
    const token = stage.base.contract.target;
    expect(await endOf({ vault: nowhere })).to.equal(`vault: no contract at ${nowhere}.`);
    for (const wrong of [pool.book.target, pool.hedger.target, token])
      expect(await endOf({ vault: wrong })).to.equal(
        `vault: the contract at ${wrong} is no LiquidityVault. Give the address that the deployment's file calls liquidityVault.`,
      );
    for (const wrong of [vault, pool.hedger.target, token])
      expect(await endOf({ vault: filler, filler: wrong })).to.equal(
        `filler: the contract at ${wrong} is no UniswapFiller. Give the address that the deployment's file calls uniswapFiller.`,
      );
  });

  it("wait for a head that is too old, and say which setting calls it so and what to do", async () => {
    const keeper = scenario.keeper(await scenario.account(8), {
      clockOff: () => 200,
      config: { headMaxAgeSeconds: 60 },
    });
    await scenario.mine();
    await keeper.look();
    expect(scenario.findings.map(({ kind }) => kind)).to.deep.equal(["blind"]);
    expect(scenario.findings[0])
      .to.have.property("reason")
      .that.matches(
        /^the head is \d+ s old, and headMaxAgeSeconds allows 60: wait for .* or name another, or set headMaxAgeSeconds to 0/,
      );
  });

  it("go on before a node that does not say yet which contracts these are", async () => {
    let isBusy = true;
    scenario.proxy.treat = ({ method }) =>
      isBusy && method === "eth_call" ? { error: "daily request count exceeded" } : undefined;
    const keeper = scenario.keeper(await scenario.account(6));
    await keeper.look();
    expect(scenario.findings).to.deep.equal([{ kind: "blind", reason: "daily request count exceeded" }]);
    isBusy = false;
    expect(isSafe(await scenario.untilSafe(() => keeper.look()))).to.equal(true);
  });

  it("search the events for the report that ends an epoch once, not at every look", async () => {
    const cutOffAt = Date.UTC(2027, 0, 5, 9) / 1000;
    await scenario.mine({ report: false, seconds: cutOffAt + 20 - (await scenario.world.now()) });
    // A feed has to confirm the report's spot before an epoch can end.
    await now(() => renewFeeds(scenario.world.oracles));
    await scenario.mine();
    let searches = 0;
    scenario.proxy.treat = ({ method }) => {
      if (method === "eth_getLogs") searches++;
      return undefined;
    };
    const keeper = scenario.keeper(await scenario.account(6), { jobs: ["epoch"], dryRun: true });
    await keeper.look();
    expect(searches).to.be.greaterThan(0);
    const first = searches;
    for (let block = 0; block < 3; block++) {
      await scenario.mine();
      await keeper.look();
    }
    expect(searches).to.equal(first);
    const plans = scenario.findings.flatMap((finding) => (finding.kind === "would" ? [finding.what] : []));
    expect(plans).to.deep.equal(Array(4).fill(plans[0]));
    expect(plans[0]).to.match(/^close epoch \d+$/);
  });

  it("fail, and say so, where the node serves none of the events of a report whose digest the chain has, or another one", async () => {
    const cutOffAt = Date.UTC(2027, 0, 5, 9) / 1000;
    await scenario.mine({ report: false, seconds: cutOffAt + 20 - (await scenario.world.now()) });
    await now(() => renewFeeds(scenario.world.oracles));
    await scenario.mine();
    const keeper = scenario.keeper(await scenario.account(6), { jobs: ["epoch"], dryRun: true });
    const health = new HealthBook(12, () => 0);
    const { volSurface } = scenario.world.surface;
    const { topicHash } = volSurface.interface.getEvent("ReportPosted")!;
    const filter = { address: volSurface.target, fromBlock: "latest", topics: [topicHash] };
    const [log] = await scenario.send("eth_getLogs", filter);
    const wrong = { ...log, data: log.data.replace(/^0x(.{63})./, "0x$11") };
    let served: object[] | null = [];
    scenario.proxy.treat = ({ method, params: [asked] }) => {
      if (method !== "eth_getLogs" || served === null) return undefined;
      const isPosted = (asked as typeof filter).topics[0] === topicHash;
      return isPosted || served.length === 0 ? { result: served } : undefined;
    };
    const reason =
      "the node does not serve the events of the report that was kept after 09:00 UTC of 2027-01-05: name one that does";
    for (let look = 0; look < 5; look++) {
      await keeper.look();
      expect(scenario.findings.filter(({ kind }) => kind !== "looked")).to.deep.equal([
        { kind: "failed", job: "epoch", reason },
      ]);
      for (const finding of scenario.findings.splice(0)) health.note(finding);
      // None at all, then one of another spot than the digest's.
      served = [wrong];
    }
    expect(health.read().reasons).to.deep.equal([`epoch fails: ${reason}`]);
    served = null;
    await keeper.look();
    expect(scenario.findings[0]).to.have.property("kind", "would");
  });

  /** That so many blocks see one poke, and failures for want of its event after it; the reasons of these. */
  async function failedAfterOnePoke(account: number, blocks: number): Promise<string[]> {
    const keeper = scenario.keeper(await scenario.account(account), { jobs: ["poke"] });
    for (let block = 0; block < blocks; block++) {
      await keeper.look();
      await scenario.mine();
    }
    expect(sentBy("poke")).to.have.length(1);
    const failed = scenario.findings.flatMap((one) => (one.kind === "failed" ? [one.reason] : []));
    expect(failed.at(-1)).to.match(/^the node does not serve the event of our poke \d+ s ago: /);
    return failed;
  }

  it("poke once where the node serves no events of pokes, and fail after it", async () => {
    scenario.proxy.treat = ({ method }) => (method === "eth_getLogs" ? { result: [] } : undefined);
    expect((await failedAfterOnePoke(12, 10)).length).to.be.greaterThan(5);
  });

  /** The events of pokes up to now. */
  const pokesUntilNow = () => {
    const { spotOracle } = scenario.world.oracles;
    const topics = [spotOracle.interface.getEvent("Poked")!.topicHash];
    return scenario.send("eth_getLogs", { address: spotOracle.target, fromBlock: "0x0", topics });
  };

  it("poke once where the node serves older events of pokes alone, and fail after it", async () => {
    const { oracles, stage } = scenario.world;
    await now(() => send(oracles.spotOracle, stage.deployer, "poke", stage.market));
    const served = await pokesUntilNow();
    expect(served.length).to.be.greaterThan(0);
    await scenario.mine({ seconds: 2000 });
    scenario.proxy.treat = ({ method }) => (method === "eth_getLogs" ? { result: served } : undefined);
    await failedAfterOnePoke(16, 6);
  });

  it("poke again where their poke was undone by a reorganisation, and its nonce used up by nothing", async () => {
    const { oracles, stage } = scenario.world;
    await now(() => send(oracles.spotOracle, stage.deployer, "poke", stage.market));
    await scenario.mine({ seconds: 2000 });
    const keeper = scenario.keeper(await scenario.account(17), { jobs: ["poke"] });
    const snapshot = await scenario.send("evm_snapshot");
    const look = async (blocks = 1) => {
      for (let block = 0; block < blocks; block++) await scenario.mine();
      scenario.findings.length = 0;
      await keeper.look();
      return scenario.findings.map(({ kind }) => kind);
    };
    await keeper.look();
    expect(await look()).to.include("mined");
    await scenario.send("evm_revert", snapshot);
    const { selector } = oracles.spotOracle.interface.getFunction("poke")!;
    scenario.proxy.treat = ({ method, params: [call] }) =>
      method === "eth_call" && (call as { data: string }).data.startsWith(selector)
        ? { error: "execution reverted" }
        : undefined;
    expect(await look(3)).to.include("cancelled");
    scenario.proxy.treat = () => undefined;
    expect(await look()).to.include("mined");
    expect(await look()).to.deep.equal(["sent", "looked"]);
  });

  it("poke for the part of the cache that a source can renew, and again as soon as the other can be", async () => {
    const { oracles } = scenario.world;
    const keeper = scenario.keeper(await scenario.account(13), { jobs: ["poke"] });
    const look = async (seconds = 12) => {
      scenario.findings.length = 0;
      await scenario.mine({ report: false, seconds });
      await keeper.look();
      return scenario.findings.flatMap((one) =>
        one.kind === "skip" ? [one.reason] : one.kind === "sent" ? [one.intent.deed.job] : [],
      );
    };
    // The feed of quote/USD is late after a day.
    expect(await look(100_000)).to.deep.equal(["poke"]);
    await scenario.mine({ report: false });
    expect(await look()).to.deep.equal(["poked 12 s ago, and quoteUsd stayed old"]);
    expect(await look(60)).to.deep.equal(["a poke would renew nothing: quoteUsd QuoteFeedStale"]);
    await now(() => oracles.feeds.quote.transmit(WAD));
    expect(await look()).to.deep.equal(["poke"]);
    await scenario.mine({ report: false });
    expect((await look()).join()).to.match(/^renewed \d+ s ago$/);
  });

  it("wait six hours for a mark while the oracle does not confirm the report's spot, and end the epoch without one then", async () => {
    const { pool, oracles } = scenario.world;
    const cutOffAt = Date.UTC(2027, 0, 5, 9) / 1000;
    const keeper = scenario.keeper(await scenario.account(7), { jobs: ["epoch"], dryRun: true });
    const health = new HealthBook(12, () => 0);
    /** At this time after the report, both feeds at this share of its spot. */
    const look = async (seconds: number, percent: bigint) => {
      await scenario.mine({ report: false, seconds: cutOffAt + seconds - 12 - (await scenario.world.now()) });
      await now(() => renewFeeds(oracles, (SPOT * percent) / 100n));
      const at = cutOffAt + seconds + 19;
      await scenario.mine({ report: false, seconds: at - (await scenario.world.now()) });
      scenario.findings.length = 0;
      await keeper.look();
      for (const finding of scenario.findings) health.note(finding);
      const [found] = scenario.findings;
      return found?.kind === "would" ? found.what : found?.kind === "skip" ? found.reason : found?.kind;
    };
    const { number } = await pool.vault.getFunction("epoch")();
    await scenario.mine({ report: false, seconds: cutOffAt - (await scenario.world.now()) });
    // Of 09:00:19.
    await scenario.mine({ seconds: 20 });
    expect(await look(1800, 94n)).to.equal("SpotUnconfirmed");
    expect(health.read().isWell).to.equal(true);
    const waiting = (left: number) =>
      `no mark yet: the oracle does not confirm the report's spot, epoch ${number} ends without one in ${left} s`;
    expect(await look(3600, 94n)).to.equal(waiting(5 * 3600));
    expect(health.read().reasons).to.deep.equal([`epoch: ${waiting(5 * 3600)}`]);
    expect(await look(5400, 99n)).to.equal(`close epoch ${number}`);
    expect(health.read().isWell).to.equal(true);
    expect(await look(6 * 3600 - 60, 94n)).to.equal(waiting(60));
    expect(await look(6 * 3600, 94n)).to.equal(
      `close epoch ${number} without a mark, its report in doubt: Spot`,
    );
  });

  it("end an epoch at once whose report leaves out what is written, and say that it is without a mark", async () => {
    const { chain, surface, first, oracles, pool } = scenario.world;
    const cutOffAt = Date.UTC(2027, 0, 5, 9) / 1000;
    const { slices, ...later } = laterReport(first, cutOffAt + 19, SPOT);
    await now(() => post(surface.volSurface, chain, { ...later, slices: slices.slice(0, 1) }));
    await now(() => renewFeeds(oracles));
    await scenario.mine({ report: false });
    const { number } = await pool.vault.getFunction("epoch")();
    const keeper = scenario.keeper(await scenario.account(8), { jobs: ["epoch"] });
    await keeper.look();
    expect(sentBy("epoch")).to.deep.equal([
      `close epoch ${number} without a mark, its report in doubt: Slices`,
    ]);
    await scenario.mine({ report: false });
    const [closed] = await pool.vault.queryFilter("EpochClosed", -1);
    expect("args" in closed! && VAULT_DOUBTS[Number(closed.args.result.doubt)]).to.equal("Slices");
  });

  it("refresh a book without equity once, though the hedger never finds it young", async () => {
    await scenario.world.unseed();
    await scenario.send("evm_setAutomine", false);
    const keeper = scenario.keeper(await scenario.account(2), { jobs: ["mark"] });
    for (let block = 0; block < 5; block++) {
      await scenario.mine();
      await keeper.look();
    }
    expect(sentBy("mark")).to.deep.equal(["refresh the book: it is new"]);
    // The seeded world is gone with the blocks that made it.
    await closeWorld();
  });
});

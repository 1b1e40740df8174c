import { readFileSync } from "node:fs";
import { ConfigError, type JobName } from "@meniscus/keeper/config";
import type { Keeper } from "@meniscus/keeper/keeper";
import { openNonces, spentSince } from "@meniscus/keeper/sending/account";
import { type Intent, Journal } from "@meniscus/keeper/sending/journal";
import { HealthBook } from "@meniscus/keeper/watching/health";
import { expect } from "chai";
import { formatUnits, keccak256, parseEther, parseUnits, toQuantity, type Wallet } from "ethers";
import { isSafe } from "../../faults/fault.ts";
import { forEachTest, type Scenario } from "../../support/keeper/scenario.ts";
import { EXPIRIES, renewFeeds } from "../../support/keeper/world.ts";

describe("a keeper", function () {
  this.timeout(300_000);
  let scenario: Scenario;
  forEachTest((one) => {
    scenario = one;
  });

  const journalOf = ({ address }: { address: string }) => scenario.config({}, `journal-${address}`).journal;
  const openJournal = (wallet: { address: string }) =>
    new Journal(journalOf(wallet), { account: wallet.address, chainId: 31337 });
  const entriesOf = (wallet: { address: string }) => {
    const journal = openJournal(wallet);
    journal.close();
    return journal.entries;
  };

  /** An old deed at this nonce, of nothing unless told, signed and logged, never mined. */
  async function logOpen(
    wallet: Wallet,
    nonce: number,
    gwei: string,
    { to = wallet.address, data = "0x", gasLimit = 21_000n } = {},
  ): Promise<void> {
    const maxFeePerGas = parseUnits(gwei, "gwei");
    const transaction = { type: 2, chainId: 31337, nonce, to, data, gasLimit, maxFeePerGas };
    const raw = await wallet.signTransaction({ ...transaction, maxPriorityFeePerGas: 1n });
    const journal = openJournal(wallet);
    const block = (await scenario.world.chain.provider.getBlock("latest"))!;
    journal.append({
      ...{ type: "intent", nonce, hash: keccak256(raw), raw, block: block.number, at: block.timestamp },
      deed: { job: "settle", what: "an old deed", to, data },
      ...{ gasLimit: String(gasLimit), maxFeePerGas: String(maxFeePerGas), maxPriorityFeePerGas: "1" },
    });
    journal.close();
  }

  it("has every transaction in its log on the disk before the node hears of it", async () => {
    const wallet = await scenario.account(1);
    const sent: boolean[] = [];
    scenario.proxy.treat = ({ method, params }) => {
      if (method === "eth_sendRawTransaction")
        sent.push(readFileSync(journalOf(wallet), "utf8").includes(params[0] as string));
      return undefined;
    };
    const keeper = scenario.keeper(wallet, { jobs: ["poke", "mark", "settle", "epoch", "hedge"] });
    const outcome = await scenario.untilSafe(() => keeper.look());
    expect(sent.length).to.be.greaterThan(0);
    expect(sent.every((isLogged) => isLogged)).to.equal(true);
    expect(isSafe(outcome)).to.equal(true);
  });

  it("signs nothing before a node of another chain, nor sends it what it has signed, and ends", async () => {
    const wallet = await scenario.account(20);
    const told: string[] = [];
    const isElsewhere = { now: true };
    scenario.proxy.treat = ({ method }) => {
      told.push(method);
      return method === "eth_chainId" && isElsewhere.now ? { result: "0x1" } : undefined;
    };
    // An old one that waits, for a node that has lost it.
    await logOpen(wallet, 0, "1");
    for (const dryRun of [false, true]) {
      const error = await scenario
        .keeper(wallet, { dryRun })
        .look()
        .catch((each) => each);
      expect(error).to.be.instanceOf(ConfigError);
      expect(error.message).to.match(
        /^127\.0\.0\.1:\d+ is chain 1, the configuration says 31337: correct one of them\.$/,
      );
    }
    expect(told).not.to.include("eth_sendRawTransaction");
    expect(entriesOf(wallet)).to.have.length(1);
    isElsewhere.now = false;
    await scenario.keeper(wallet).look();
    expect(told).to.include("eth_sendRawTransaction");
  });

  it("says of every loop why it wants nothing", async () => {
    const jobs = ["poke", "mark", "settle", "epoch", "hedge"] as const;
    const keeper = scenario.keeper(await scenario.account(2), { jobs: [...jobs] });
    await scenario.untilSafe(() => keeper.look());
    const skips = scenario.findings.filter((finding) => finding.kind === "skip");
    for (const job of jobs)
      expect(
        skips.some((one) => one.job === job && one.reason.length > 5),
        job,
      ).to.equal(true);
  });

  it("fills a gap that a node left by sending the same transaction again, at the same nonce", async () => {
    const wallet = await scenario.account(3);
    let swallowed = 0;
    scenario.proxy.treat = ({ method }) =>
      method === "eth_sendRawTransaction" && swallowed++ === 0
        ? { result: `0x${"22".repeat(32)}` }
        : undefined;
    const keeper = scenario.keeper(wallet);
    await scenario.untilSafe(() => keeper.look());
    const kinds = scenario.findings.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "resent")).to.have.length(1);
    expect(new Set(entriesOf(wallet).map(({ nonce }) => nonce)).size).to.equal(1);
  });

  /** A keeper's looks until its vault is safe, at a base fee that is twenty times as high for six blocks. */
  async function throughDearGas(keeper: Keeper, base: bigint) {
    await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(base));
    await scenario.mine();
    return scenario.untilSafe(async (block) => {
      const fee = block < 6 ? base * 20n : base;
      await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(fee));
      await keeper.look();
    });
  }

  it("raises what is stuck by an eighth at least, within the cap, and never changes what a nonce is for", async () => {
    const wallet = await scenario.account(4);
    const keeper = scenario.keeper(wallet, {
      config: { feeCapGwei: "20", stuckBlocks: 2, dailyBudgetEther: "1" },
    });
    const outcome = await throughDearGas(keeper, parseUnits("0.5", "gwei"));
    const [{ versions }] = openNonces(entriesOf(wallet)) as [ReturnType<typeof openNonces>[number]];
    expect(versions.length).to.be.at.least(2);
    for (const [i, version] of versions.slice(1).entries()) {
      const [was, is] = [versions[i]!.maxFeePerGas, version.maxFeePerGas].map(BigInt) as [bigint, bigint];
      expect(is * 8n >= was * 9n).to.equal(true);
      expect(is <= parseUnits("20", "gwei")).to.equal(true);
      expect(version.deed).to.deep.equal(versions[0]!.deed);
    }
    expect(isSafe(outcome)).to.equal(true);
  });

  it("uses a nonce up by nothing where the fill at it would earn less than its gas costs by now, and fills when gas is cheaper", async () => {
    const wallet = await scenario.account(22);
    const config = { feeCapGwei: "500", stuckBlocks: 2, dailyBudgetEther: "1" };
    const keeper = scenario.keeper(wallet, { config });
    const outcome = await throughDearGas(keeper, parseUnits("5", "gwei"));
    expect(isSafe(outcome)).to.equal(true);
    const mined = scenario.findings.flatMap((one) => (one.kind === "mined" ? [one] : []));
    const what = "fill what the vault buys";
    expect(mined.map(({ intent: { deed } }) => deed.what)).to.deep.equal([
      `nothing, in place of: ${what}`,
      what,
    ]);
    const { deed } = mined[1]!.intent;
    expect(mined[1]!.cost <= mined[1]!.receipt.gasUsed * BigInt(deed.paysUpTo!)).to.equal(true);
  });

  it("sends nothing beyond the day's gas budget, and says so", async () => {
    const wallet = await scenario.account(5);
    const keeper = scenario.keeper(wallet, { config: { dailyBudgetEther: "0.000000001" } });
    for (let block = 0; block < 3; block++) {
      await keeper.look();
      await scenario.mine();
    }
    expect(entriesOf(wallet)).to.deep.equal([]);
    const skips = scenario.findings.filter((finding) => finding.kind === "skip");
    expect(skips.every(({ reason }) => /over the day's gas budget/.test(reason))).to.equal(true);
    expect(skips.map(({ trouble }) => trouble)).to.deep.equal(["budget", "budget", "budget"]);
    expect(spentSince(entriesOf(wallet), 2 ** 40)).to.equal(0n);
  });

  it("sends hedge and epoch when mark has used up its share, and refreshes for a hedge that waits, or once an hour", async () => {
    const wallet = await scenario.account(8);
    const jobs = ["mark", "epoch", "hedge"] as JobName[];
    const config = { dailyBudgetEther: "0.006", finalBlocks: 1 };
    const health = new HealthBook(12, () => 0);
    const look = async (keeper: Keeper, seconds: number) => {
      scenario.findings.length = 0;
      // What was sent before is mined in the first of two blocks.
      for (const wait of [12, seconds]) {
        await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(parseUnits("1", "gwei")));
        await scenario.mine({ seconds: wait });
      }
      await keeper.look();
      for (const finding of scenario.findings) health.note(finding);
      return scenario.findings.flatMap((one) => (one.kind === "sent" ? [one.intent.deed.job] : []));
    };
    const feed = async () => {
      await scenario.send("evm_setAutomine", true);
      await renewFeeds(scenario.world.oracles);
      await scenario.send("evm_setAutomine", false);
    };
    const marker = scenario.keeper(wallet, { jobs: ["mark"], config });
    let refreshes = 0;
    while ((await look(marker, 310)).includes("mark")) expect(++refreshes).to.be.below(60);
    expect(refreshes).to.be.greaterThan(5);
    expect(health.read().reasons.join()).to.match(
      /^mark: over mark's and poke's share of the day's gas budget: \d+ wei/,
    );
    const at = await scenario.world.now();
    expect(spentSince(entriesOf(wallet), at) <= parseEther("0.003")).to.equal(true);
    expect(spentSince(entriesOf(wallet), at, ["mark"])).to.equal(spentSince(entriesOf(wallet), at));

    // Two bands of delta wait for a hedge, which at 600 s needs a refresh.
    const { hedger, book } = scenario.world.pool;
    const [{ delta, spot }, { refreshedAt }] = [await hedger.plan!(), await book.need!()];
    expect(delta < -2n * (await book.hedgeable!(spot)).band).to.equal(true);
    expect(await look(marker, 500 - 12 - (at - Number(refreshedAt)))).to.deep.equal([]);
    expect(await look(marker, 188)).to.deep.equal(["mark"]);
    expect(await scenario.world.now()).to.equal(Number(refreshedAt) + 700);

    const keeper = scenario.keeper(wallet, { jobs, config });
    await feed();
    expect(await look(keeper, 12)).to.deep.equal(["hedge"]);
    await scenario.mine();
    expect(await scenario.isHedged()).to.equal(true);
    // Left at the band's edge, and by less than a hedge's unit beyond it: nothing waits but for the hour.
    expect(await look(keeper, 3000)).to.deep.equal([]);
    expect(await look(keeper, 600)).to.deep.equal(["mark"]);

    const cutOffAt = Date.UTC(2027, 0, 5, 9) / 1000;
    await scenario.mine({ report: false, seconds: cutOffAt + 20 - (await scenario.world.now()) });
    await feed();
    expect(await look(keeper, 12)).to.include("epoch");
  });

  it("refreshes by a fresh budget at any price of gas at which the whole pays for it", async () => {
    await scenario.mine({ seconds: 310 });
    const { book } = scenario.world.pool;
    const call = await book.getFunction("refresh").populateTransaction(EXPIRIES);
    const gas = BigInt(await scenario.send("eth_estimateGas", call, "latest"));
    const tip = parseUnits("0.1", "gwei");
    // At most it costs 1.3 times that, and 20,000, at twice the base fee and the tip, or at the cap.
    const dearest = parseEther("0.05") / ((gas * 13n) / 10n + 21_000n);
    for (const [baseFee, feeCapGwei] of [
      [(dearest - tip) / 2n, "1000"],
      [dearest - tip, formatUnits(dearest, "gwei")],
    ] as const) {
      await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(baseFee));
      await scenario.mine();
      scenario.findings.length = 0;
      const wallet = await scenario.account(11);
      await scenario.keeper(wallet, { jobs: ["mark"], config: { feeCapGwei } }).look();
      expect(scenario.findings.map(({ kind }) => kind)).to.deep.equal(["sent", "looked"]);
      // Unmined, so that the next one is as old.
      await scenario.send("hardhat_dropTransaction", entriesOf(wallet)[0]!.hash);
    }
  });

  it("says that it is sick while gas stays above the cap, of a loop and of a gap", async () => {
    const wallet = await scenario.account(7);
    await logOpen(wallet, 1, "5");
    let now = 0;
    const keeper = scenario.keeper(wallet, { config: { feeCapGwei: "5" } });
    const health = new HealthBook(12, () => now);
    const reasons = () => health.read().reasons.filter((reason) => reason.includes("gas is dearer"));
    for (; now <= 600; now += 150) {
      expect(reasons()).to.deep.equal([]);
      await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(parseUnits("9", "gwei")));
      await scenario.mine();
      scenario.findings.length = 0;
      await keeper.look();
      for (const finding of scenario.findings) health.note(finding);
    }
    const dear =
      "gas is dearer than the cap: base fee 9000000000, priority fee 100000000, cap 5000000000 wei";
    expect(reasons()).to.have.members([`hedge: ${dear}`, `nonce 0: ${dear}`]);
  });

  it("fails where the node refuses to estimate or to call, and says so; a revert without data is none of it", async () => {
    const wallet = await scenario.account(9);
    const keeper = scenario.keeper(wallet, { jobs: ["mark"] });
    await scenario.mine({ seconds: 310 });
    const { book } = scenario.world.pool;
    const refresh = book.interface.getFunction("refresh")!.selector;
    /** What a look tells of mark when a method, of refreshes alone, is answered by this error. */
    const look = async (refused: string, error: string) => {
      scenario.proxy.treat = ({ method, params: [call] }) =>
        method === refused && (call as { data: string }).data.startsWith(refresh) ? { error } : undefined;
      scenario.findings.length = 0;
      await keeper.look();
      return scenario.findings.find((finding) => "job" in finding);
    };
    for (const method of ["eth_call", "eth_estimateGas"])
      for (const reason of ["missing trie node 12ab", "gas required exceeds allowance (50000000)"])
        expect(await look(method, reason)).to.deep.equal({ kind: "failed", job: "mark", reason });
    const word = "it reverted without a word";
    expect(await look("eth_estimateGas", "execution reverted")).to.deep.equal({
      ...{ kind: "skip", job: "mark", reason: `somebody else was first: ${word}` },
    });
    for (const ran of ["execution reverted", "VM execution error."])
      expect(await look("eth_call", ran)).to.include({ kind: "skip", job: "mark" });
    expect(entriesOf(wallet)).to.deep.equal([]);
  });

  it("keeps a stuck nonce to its deed while the node refuses to say whether it still goes through", async () => {
    const wallet = await scenario.account(10);
    const keeper = scenario.keeper(wallet, { jobs: ["mark"], config: { stuckBlocks: 1 } });
    await scenario.mine({ seconds: 310 });
    await keeper.look();
    const sent = entriesOf(wallet)[0]!;
    await scenario.send("hardhat_dropTransaction", sent.hash);
    await scenario.mine();
    scenario.proxy.treat = ({ method }) =>
      method === "eth_call" ? { error: "request limit reached" } : undefined;
    scenario.findings.length = 0;
    await keeper.look();
    // The loops go on.
    expect(scenario.findings.slice(0, 2)).to.deep.equal([
      { kind: "waiting", nonce: sent.nonce, reason: "request limit reached" },
      { kind: "skip", job: "mark", reason: "its last deed is not mined yet" },
    ]);
    expect(entriesOf(wallet)).to.deep.equal([sent]);
  });

  /** The node's answer to the nth question for a count, from 0 on. */
  const countAs = (answer: (nth: number) => number | null) => {
    let asked = 0;
    scenario.proxy.treat = ({ method }) => {
      if (method !== "eth_getTransactionCount") return undefined;
      const count = answer(asked++);
      return count === null ? undefined : { result: toQuantity(count) };
    };
  };

  it("signs nothing by a wrong count of its transactions, with a new log or one that knows better, and goes on", async () => {
    const wallet = await scenario.account(16);
    const keeper = scenario.keeper(wallet);
    const blind = () =>
      scenario.findings.splice(0).flatMap((one) => (one.kind === "blind" ? [one.reason] : []));
    countAs((nth) => (nth === 0 ? 200_000 : null));
    await keeper.look();
    expect(blind()).to.deep.equal(["the node counts 200000 transactions of the account, and then 0"]);
    expect(entriesOf(wallet)).to.deep.equal([]);
    await keeper.look();
    expect(blind()).to.deep.equal([]);
    expect(entriesOf(wallet).map(({ nonce }) => nonce)).to.deep.equal([0]);
    await scenario.mine();
    countAs((nth) => (nth === 0 ? 18 : null));
    await keeper.look();
    expect(blind().join()).to.match(
      /^the node counts 18 .*, and the log and looks before know of 1: name an/,
    );
    expect(isSafe(await scenario.untilSafe(() => keeper.look()))).to.equal(true);
    expect(entriesOf(wallet).filter(({ type }) => type === "intent")).to.have.length(1);
  });

  it("believes no count below what is final, until it stays so", async () => {
    const wallet = await scenario.account(17);
    const keeper = scenario.keeper(wallet, { config: { finalBlocks: 1 } });
    await keeper.look();
    for (let block = 0; block < 2; block++) {
      await scenario.mine();
      await keeper.look();
    }
    expect(entriesOf(wallet).map(({ type }) => type)).to.deep.equal(["intent", "final"]);
    scenario.findings.length = 0;
    countAs(() => 0);
    for (let look = 0; look < 20; look++) await keeper.look();
    const reason = "the node counts 0 transactions of the account, and 1 of them are final";
    expect(scenario.findings.slice(0, 19)).to.deep.equal(Array(19).fill({ kind: "blind", reason }));
    expect(scenario.findings.at(-1)).to.have.property("kind", "looked");
  });

  it("signs nothing before a node that is of another chain for once, and does not end", async () => {
    const wallet = await scenario.account(18);
    const keeper = scenario.keeper(wallet);
    scenario.proxy.treat = ({ method }, count) => {
      if (count > 0 && method === "eth_chainId") return { result: "0x1" };
      return count === 0 ? undefined : { error: "not to be asked" };
    };
    await keeper.look();
    await keeper.look();
    expect(scenario.findings.at(-1))
      .to.have.property("reason")
      .that.matches(/^127\.0\.0\.1:\d+ is chain 1, /);
    scenario.proxy.treat = () => undefined;
    await keeper.look();
    expect(scenario.findings.map(({ kind }) => kind)).to.deep.equal(["blind", "blind", "sent", "looked"]);
  });

  it("fills no more than four gaps a look", async () => {
    const wallet = await scenario.account(19);
    await logOpen(wallet, 10, "2");
    const keeper = scenario.keeper(wallet, { jobs: ["poke"] });
    const gaps = () =>
      entriesOf(wallet)
        .slice(1)
        .map(({ nonce }) => nonce);
    for (const known of [4, 8, 10]) {
      await keeper.look();
      expect(gaps()).to.deep.equal(Array.from({ length: known }, (_, nonce) => nonce));
    }
  });

  it("sends nothing by an estimate of less gas than any transaction takes, says so, and goes on", async () => {
    let lies = 1;
    scenario.proxy.treat = ({ method }) =>
      method === "eth_estimateGas" && lies-- > 0 ? { result: "0x0" } : undefined;
    const keeper = scenario.keeper(await scenario.account(14));
    for (let block = 0; block < 5; block++) {
      await keeper.look();
      await scenario.mine();
    }
    expect(scenario.findings[0]).to.deep.include({ kind: "failed", job: "hedge" });
    expect(scenario.findings[0])
      .to.have.property("reason")
      .that.matches(/^the node estimates 0 gas, /);
    const mined = scenario.findings.flatMap((one) => (one.kind === "mined" ? [one.receipt.status] : []));
    expect(mined).to.deep.equal([1]);
    expect(await scenario.isHedged()).to.equal(true);
  });

  it("gives a deed whose gas limit no node takes a higher one when it is replaced", async () => {
    const wallet = await scenario.account(15);
    const { spotOracle, parameters } = scenario.world.oracles;
    const { market } = parameters.Oracles as { market: number };
    const data = spotOracle.interface.encodeFunctionData("poke", [market]);
    await logOpen(wallet, 0, "5", { to: spotOracle.target as string, data, gasLimit: 20_000n });
    const keeper = scenario.keeper(wallet, { jobs: ["settle"] });
    for (let block = 0; block < 5; block++) {
      await keeper.look();
      await scenario.mine();
    }
    const mined = scenario.findings.flatMap((one) => (one.kind === "mined" ? [one.receipt.status] : []));
    expect(mined).to.deep.equal([1]);
  });

  it("gives empty transfers the gas that the chain takes for them, and a stuck one more", async () => {
    const wallet = await scenario.account(25);
    const { spotOracle } = scenario.world.oracles;
    // An empty one with the gas that it takes elsewhere, one that nobody wants any more, and a gap between them.
    await logOpen(wallet, 0, "5");
    await logOpen(wallet, 2, "5", { to: spotOracle.target as string, data: "0x12345678" });
    scenario.proxy.treat = ({ method, params: [call] }) => {
      const { from, to } = (call ?? {}) as { from?: string; to?: string };
      return method === "eth_estimateGas" && from === to ? { result: toQuantity(40_000) } : undefined;
    };
    const keeper = scenario.keeper(wallet, { jobs: ["settle"] });
    for (let block = 0; block < 4; block++) await scenario.mine();
    await keeper.look();
    const signed = entriesOf(wallet).slice(2) as Intent[];
    expect(signed.map(({ nonce, deed: { data } }) => [nonce, data])).to.deep.equal([
      [0, "0x"],
      [2, "0x"],
      [1, "0x"],
    ]);
    for (const { gasLimit } of signed) expect(BigInt(gasLimit) >= 40_000n, gasLimit).to.equal(true);
  });

  it("waits for a receipt that the node withholds, and counts what was paid for it", async () => {
    const wallet = await scenario.account(12);
    const keeper = scenario.keeper(wallet);
    await keeper.look();
    for (let block = 0; block < 13; block++) await scenario.mine();
    scenario.proxy.treat = ({ method }) =>
      method === "eth_getTransactionReceipt" ? { result: null } : undefined;
    await keeper.look();
    const finals = () => entriesOf(wallet).filter(({ type }) => type === "final");
    const spent = async () => spentSince(entriesOf(wallet), await scenario.world.now());
    expect(finals()).to.deep.equal([]);
    expect((await spent()) > 0n).to.equal(true);
    scenario.proxy.treat = () => undefined;
    await keeper.look();
    const [{ hash }] = entriesOf(wallet) as [Intent];
    const { fee } = (await scenario.world.chain.provider.getTransactionReceipt(hash))!;
    expect(finals().map((entry) => entry.type === "final" && entry.hash)).to.deep.equal([hash]);
    expect(await spent()).to.equal(fee);
    expect(scenario.findings.filter(({ kind }) => kind === "taken")).to.deep.equal([]);
  });

  it("counts a nonce at its worst whose receipt the node never has, from when the nonce was seen used up, and tells it mined once it has", async () => {
    const wallet = await scenario.account(13);
    const keeper = scenario.keeper(wallet);
    await keeper.look();
    const [sent] = entriesOf(wallet) as [Intent];
    const kinds = () => scenario.findings.map(({ kind }) => kind);
    scenario.proxy.treat = ({ method }) =>
      method === "eth_getTransactionReceipt" ? { result: null } : undefined;
    for (let block = 0; block < 4; block++) {
      await scenario.mine();
      await keeper.look();
    }
    expect(kinds()).to.include("taken").and.not.include("mined");
    scenario.proxy.treat = () => undefined;
    await keeper.look();
    expect(kinds()).to.include("mined");
    scenario.proxy.treat = ({ method }) =>
      method === "eth_getTransactionReceipt" ? { result: null } : undefined;
    for (let block = 0; block < 8; block++) {
      await scenario.mine();
      await keeper.look();
    }
    const worst = BigInt(sent.gasLimit) * BigInt(sent.maxFeePerGas);
    const final = entriesOf(wallet).find(({ type }) => type === "final");
    expect(final).to.deep.include({ type: "final", nonce: sent.nonce, hash: null, cost: String(worst) });
  });

  it("waits two more looks for a receipt where one look sees more blocks than are final", async () => {
    const wallet = await scenario.account(23);
    const keeper = scenario.keeper(wallet);
    await keeper.look();
    scenario.proxy.treat = ({ method }) =>
      method === "eth_getTransactionReceipt" ? { result: null } : undefined;
    const look = async () => {
      for (let block = 0; block < 16; block++) await scenario.mine({ report: false, seconds: 1 });
      scenario.findings.length = 0;
      await keeper.look();
      const isFinal = entriesOf(wallet).some(({ type }) => type === "final");
      return [scenario.findings.some(({ kind }) => kind === "taken"), isFinal];
    };
    expect(await look()).to.deep.equal([false, false]);
    expect(await look()).to.deep.equal([false, false]);
    expect(await look()).to.deep.equal([true, true]);
  });

  it("tells once what was mined, with all of its cost, where the node fails or loses the receipt when asked for that", async () => {
    const l1Fee = parseUnits("5", "gwei");
    const lapses = [{ error: "request limit reached" }, { result: null }];
    for (const [index, lapse] of lapses.entries()) {
      const wallet = await scenario.account(24);
      await scenario.mine({ seconds: 310 });
      const keeper = scenario.keeper(wallet, { jobs: ["mark"] });
      scenario.findings.length = 0;
      await keeper.look();
      const [{ hash }] = entriesOf(wallet) as [Intent];
      await scenario.mine();
      const receipt = await scenario.send("eth_getTransactionReceipt", hash);
      const served = { result: { ...receipt, l1Fee: toQuantity(l1Fee) } };
      let asked = 0;
      scenario.proxy.treat = ({ method }) => {
        if (method !== "eth_getTransactionReceipt") return undefined;
        return asked++ === 1 ? lapse : served;
      };
      for (let look = 0; look < 3; look++) await keeper.look();
      const told = scenario.findings.flatMap((one) => (one.kind === "mined" ? [one.cost] : []));
      const paid = BigInt(receipt.gasUsed) * BigInt(receipt.effectiveGasPrice) + l1Fee;
      expect(told, String(index)).to.deep.equal([paid]);
      scenario.proxy.treat = () => undefined;
    }
  });

  it("counts what a layer 2 takes for its layer 1", async () => {
    const wallet = await scenario.account(21);
    const keeper = scenario.keeper(wallet, { config: { finalBlocks: 1 } });
    await keeper.look();
    const [{ hash }] = entriesOf(wallet) as [Intent];
    for (let block = 0; block < 2; block++) await scenario.mine();
    const receipt = await scenario.send("eth_getTransactionReceipt", hash);
    const l1Fee = parseUnits("5", "gwei");
    scenario.proxy.treat = ({ method }) =>
      method === "eth_getTransactionReceipt"
        ? { result: { ...receipt, l1Fee: toQuantity(l1Fee) } }
        : undefined;
    await keeper.look();
    const cost = BigInt(receipt.gasUsed) * BigInt(receipt.effectiveGasPrice) + l1Fee;
    expect(spentSince(entriesOf(wallet), await scenario.world.now())).to.equal(cost);
    const told = scenario.findings.flatMap((one) => (one.kind === "mined" ? [one.cost] : []));
    expect(told).to.deep.equal([cost]);
  });

  it("fills gaps below an open nonce within the day's gas budget, and says where it ends", async () => {
    const wallet = await scenario.account(6);
    await logOpen(wallet, 50, "2");
    await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(parseUnits("0.95", "gwei")));
    await scenario.mine();
    // Hardhat's node says a little more.
    scenario.proxy.treat = ({ method }) =>
      method === "eth_estimateGas" ? { result: toQuantity(21_000) } : undefined;
    // What is open at its worst, and three gaps at twice the base fee and the tip, each as dear.
    const keeper = scenario.keeper(wallet, { jobs: ["poke"], config: { dailyBudgetEther: "0.0001700" } });
    await keeper.look();
    expect(entriesOf(wallet).map(({ nonce }) => nonce)).to.deep.equal([50, 0, 1, 2]);
    const [waiting] = scenario.findings.filter((finding) => finding.kind === "waiting");
    expect(waiting).to.include({ nonce: 3 });
    expect(waiting!.kind === "waiting" && waiting!.reason).to.match(/over the day's gas budget/);
  });
});

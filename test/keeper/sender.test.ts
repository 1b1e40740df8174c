import { readFileSync } from "node:fs";
import { openNonces, spentSince } from "@meniscus/keeper/account";
import { Journal } from "@meniscus/keeper/journal";
import { expect } from "chai";
import { parseUnits, toQuantity } from "ethers";
import { isSafe } from "../faults/fault.ts";
import { closeWorld, Scenario } from "../support/keeper/scenario.ts";

describe("a keeper", function () {
  this.timeout(300_000);
  let scenario: Scenario;
  beforeEach(async () => {
    scenario = await Scenario.open();
  });
  afterEach(() => scenario.end());
  after(closeWorld);

  const journalOf = ({ address }: { address: string }) => scenario.config({}, `journal-${address}`).journal;
  const entriesOf = (wallet: { address: string }) => {
    const journal = new Journal(journalOf(wallet));
    journal.close();
    return journal.entries;
  };

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

  it("raises what is stuck by an eighth at least, within the cap, and never changes what a nonce is for", async () => {
    const wallet = await scenario.account(4);
    const keeper = scenario.keeper(wallet, { config: { feeCap: "500", stuckBlocks: 2, dailyBudget: "1" } });
    const base = parseUnits("10", "gwei");
    await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(base));
    await scenario.mine();
    const outcome = await scenario.untilSafe(async (block) => {
      const fee = block < 6 ? base * 20n : base;
      await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(fee));
      await keeper.look();
    });
    const [{ versions }] = openNonces(entriesOf(wallet)) as [ReturnType<typeof openNonces>[number]];
    expect(versions.length).to.be.at.least(2);
    for (const [i, version] of versions.slice(1).entries()) {
      const [was, is] = [versions[i]!.maxFeePerGas, version.maxFeePerGas].map(BigInt) as [bigint, bigint];
      expect(is * 8n >= was * 9n).to.equal(true);
      expect(is <= parseUnits("500", "gwei")).to.equal(true);
      expect(version.deed).to.deep.equal(versions[0]!.deed);
    }
    expect(isSafe(outcome)).to.equal(true);
  });

  it("sends nothing beyond the day's gas budget, and says so", async () => {
    const wallet = await scenario.account(5);
    const keeper = scenario.keeper(wallet, { config: { dailyBudget: "0.000000001" } });
    for (let block = 0; block < 3; block++) {
      await keeper.look();
      await scenario.mine();
    }
    expect(entriesOf(wallet)).to.deep.equal([]);
    const skips = scenario.findings.filter((finding) => finding.kind === "skip");
    expect(skips.every(({ reason }) => /over the day's gas budget/.test(reason))).to.equal(true);
    expect(spentSince(entriesOf(wallet), 2 ** 40)).to.equal(0n);
  });
});

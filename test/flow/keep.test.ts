import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { encryptKeystoreJsonSync } from "ethers";
import { COMMAND, meniscus } from "../support/cli.ts";
import { closeWorld, Scenario } from "../support/keeper/scenario.ts";
import { EXPIRIES, renewFeeds, SPOT } from "../support/keeper/world.ts";

/** 5 January 2027, 09:00 UTC: the first cut-off of the world's vault. */
const CUT_OFF = Date.UTC(2027, 0, 5, 9) / 1000;
const BLOCKS = 120;

describe("meniscus keep all", function () {
  this.timeout(300_000);
  let scenario: Scenario;
  let child: ChildProcess;
  let log = "";
  let [config, keystore, password] = ["", "", ""];

  before(async () => {
    scenario = await Scenario.open();
    const wallet = await scenario.account(99);
    const file = (name: string, text: string) => {
      writeFileSync(path.join(scenario.folder, name), text);
      return path.join(scenario.folder, name);
    };
    const { pool } = scenario.world;
    config = file(
      "keeper.json",
      JSON.stringify({
        rpc: scenario.proxy.url,
        chainId: 31337,
        vault: pool.vault.target,
        filler: pool.filler.target,
        journal: path.join(scenario.folder, "keeper.jsonl"),
        intervalSeconds: 0.2,
        headMaxAgeSeconds: 0,
        dailyBudgetEther: "5",
        port: 0,
      }),
    );
    keystore = file(
      "keystore.json",
      encryptKeystoreJsonSync(wallet, "secret", { scrypt: { N: 1024, r: 8, p: 1 } }),
    );
    password = file("password", "secret\n");
    const args = ["keep", "all", "--config", config, "--keystore", keystore, "--password-file", password];
    child = spawn(process.execPath, [COMMAND, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout!.on("data", (chunk) => {
      log += chunk;
    });
  });
  after(async () => {
    child.kill("SIGTERM");
    const code = await new Promise((resolve) => child.once("exit", resolve));
    scenario.end();
    await closeWorld();
    expect(code).to.equal(0);
  });

  /** Blocks, each with a report, until it is so. */
  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (let block = 0; block < BLOCKS; block++) {
      if (await isSo()) return;
      await scenario.mine();
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    throw new Error(`not ${what} within ${BLOCKS} blocks; the keeper's last words:\n${log.slice(-3000)}`);
  }

  const jump = async (at: number) =>
    scenario.mine({ seconds: at - (await scenario.world.now()), report: false });
  const now = async (work: () => Promise<unknown>) => {
    await scenario.send("evm_setAutomine", true);
    await work();
    await scenario.send("evm_setAutomine", false);
  };

  it("hedges on the Uniswap pool", async () => {
    await until("hedged", () => scenario.isHedged());
    const [hedged] = await scenario.world.pool.hedger.queryFilter("Hedged");
    expect("args" in hedged! && hedged.args.filler).to.equal(scenario.world.pool.filler.target);
  });

  it("closes the epoch at the first report after its cut-off", async () => {
    const { vault } = scenario.world.pool;
    const { number } = await vault.getFunction("epoch")();
    await jump(CUT_OFF + 30);
    await now(() => renewFeeds(scenario.world.oracles));
    await until("closed", async () => (await vault.getFunction("epoch")()).number > number);
  });

  it("settles an expiry by the rounds of its feeds", async () => {
    const { stage, oracles } = scenario.world;
    const expiryAt = EXPIRIES[0]!;
    await jump(expiryAt - 2400);
    await now(() => renewFeeds(oracles));
    await jump(expiryAt - 900);
    await now(() => renewFeeds(oracles, (SPOT * 101n) / 100n));
    await jump(expiryAt + 12);
    const price = () => stage.clearinghouse.getFunction("settlementPrice")(stage.market, expiryAt);
    await until("settled", async () => (await price()) > 0n);
    // Half of the window at spot, half a hundredth above it.
    const ratio = Number(await price()) / Number(SPOT);
    expect(Math.abs(ratio - 1.005) < 0.001, String(ratio)).to.equal(true);
  });

  it("says how it is, and a keeper that is not there is sick", async () => {
    const url = /"endpoint":"(http:[^"]+)"/.exec(log)![1]!;
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).to.match(/meniscus_keeper_transactions_total\{job="hedge",outcome="done"\} [1-9]/);
    expect((await meniscus(["keep", "health", "--url", url])).code).to.equal(0);
    const gone = await meniscus(["keep", "health", "--url", "http://127.0.0.1:9"]);
    expect([gone.code, gone.stderr.trim()]).to.deep.equal([
      1,
      "error: The keeper is sick: 127.0.0.1:9 does not answer.",
    ]);
  });

  it("logs a line of JSON for every finding, each skip with its reason", async () => {
    const lines = log
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const skips = lines.filter(({ msg }) => msg === "skip");
    expect(skips.length).to.be.greaterThan(10);
    for (const { job, reason } of skips)
      expect([typeof job, reason.length > 3]).to.deep.equal(["string", true]);
  });

  it("sends nothing in a dry run, and says what is wrong with what it is told", async () => {
    const { provider } = scenario.world.chain;
    const wallet = scenario.wallets[0]!;
    const nonce = () => provider.getTransactionCount(wallet.address);
    const told = ["--config", config, "--keystore", keystore];
    const before = await nonce();
    const dry = await meniscus([
      "keep",
      "hedge",
      ...told,
      "--password-file",
      password,
      "--dry-run",
      "--once",
    ]);
    expect(dry.stdout).to.match(/"msg":"(skip|would send \(dry run\))"/);
    expect(await nonce()).to.equal(before);
    const env = { MENISCUS_KEEPER_PASSWORD: "guess" };
    const wrong = await meniscus(["keep", "hedge", ...told], { env });
    expect([wrong.code, /the password is wrong/.test(wrong.stderr)]).to.deep.equal([1, true]);
    const none = await meniscus(["keep", "hedge", "--config", "nope.json", "--keystore", keystore]);
    expect([none.code, none.stderr.trim()]).to.deep.equal([
      1,
      "error: nope.json cannot be read: there is no such file or folder.",
    ]);
    expect((await meniscus(["keep", "hedg"])).stderr).to.match(/unknown command 'hedg'/);
  });
});

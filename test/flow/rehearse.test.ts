import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { developmentAccount } from "@meniscus/cli/localMarket/accounts";
import { holderText } from "@meniscus/cli/verbs/deploy/accessManager";
import type { Addresses } from "@meniscus/cli/verbs/deploy/contracts";
import type { Rehearsal } from "@meniscus/cli/verbs/deploy/rehearse";
import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { controlAbi } from "@meniscus/sdk/abi/control";
import { optionPoolAbi } from "@meniscus/sdk/abi/optionPool";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { unpackDays } from "@meniscus/sdk/report";
import { expiryDay } from "@meniscus/sdk/series";
import { expect } from "chai";
import { Contract, encryptKeystoreJson, type InterfaceAbi, JsonRpcProvider, Wallet } from "ethers";
import { meniscus, meniscusUntil } from "../support/cli.ts";
import { runExamples } from "../support/examples.ts";
import { startProxy } from "../support/keeper/proxy.ts";

describe("meniscus rehearse, from an empty account to the first trade", function () {
  this.timeout(300_000);
  let folder: string;
  let url: string;
  let end: () => Promise<number | null>;
  let output: () => string;
  let rehearsal: Rehearsal;
  let addresses: Addresses;
  const places = () => ({ rpc: url, addresses: path.join(folder, "rehearsal.json") });
  const read = (name: string) => JSON.parse(readFileSync(path.join(folder, name), "utf8"));

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-rehearsal-"));
    const json = path.join(folder, "summary.json");
    const run = await meniscusUntil(
      ["rehearse", "--keep", "--out", folder, "--json", json],
      /Node: (http:\S+)/,
    );
    url = run.match[1]!;
    ({ end, output } = run);
    rehearsal = read("summary.json");
    addresses = read("rehearsal.json");
  });
  after(async () => {
    expect(await end?.()).to.equal(0);
    rmSync(folder, { recursive: true });
  });

  it("prints the data alone with --json, of the same deployment", async () => {
    const { code, stdout, stderr } = await meniscus([
      "rehearse",
      "--json",
      "--out",
      path.join(folder, "again"),
    ]);
    expect(code, stderr).to.equal(0);
    const again: Rehearsal = JSON.parse(stdout);
    const told = ({ network, contracts, holders }: Rehearsal) => ({ network, contracts, holders });
    expect(told(again)).to.deep.equal(told(rehearsal));
  });

  it("starts from an account that had sent nothing, and counts the gas of every step", () => {
    expect(rehearsal.deployerNonce).to.equal(0);
    for (const { step, gas, transactions, largest } of rehearsal.gas) {
      expect(transactions, step).to.be.greaterThan(0);
      // Nothing is mined for less than a transaction's own price.
      expect(gas, step).to.be.at.least(21_000 * transactions);
      // EIP-7825: no transaction above 2^24 gas.
      expect(largest, step).to.be.at.most(2 ** 24);
    }
  });

  it("leaves the roles to the file's holders, behind the file's delay, and to nobody else", () => {
    const file = read("parameters.json");
    const expected = [
      ...["admin", "governor"].map((role) => ({ role, holder: file.governor, delay: file.governorDelay })),
      ...["council", "guardian", "lister"].map((role) => ({ role, holder: file[role], delay: 0 })),
    ];
    expect(rehearsal.holders).to.have.deep.members(expected);
    expect(rehearsal.holders.map(({ holder }) => holder)).to.not.include(rehearsal.deployer);
  });

  it("buys an option for money", () => {
    expect(rehearsal.trade.cost).to.be.greaterThan(0);
    expect(rehearsal.trade.symbol).to.match(/^ETH-\d+[A-Z]{3}\d\d-\d+-C$/);
  });

  it("writes addresses at which there is code, and an explorer's input for each", async () => {
    const provider = new JsonRpcProvider(url);
    const listed = read("verify/contracts.json") as { address: string; input: string; name: string }[];
    for (const { address, contract } of Object.values(addresses.contracts)) {
      expect(await provider.getCode(address), contract).to.not.equal("0x");
      const said = listed.find((each) => each.address === address)!;
      const [source] = said.name.split(":") as [string];
      expect(read(`verify/${said.input}`).sources, said.name).to.have.property(source);
    }
    expect(Object.keys(addresses.contracts)).to.include.members([
      "control",
      "book",
      "baseTranche",
      "quoteTranche",
    ]);
    provider.destroy();
  });

  it("runs every example of docs/INTEGRATOR.md, by an account that has allowed nothing, and again", async () => {
    await forgetAllowance(8);
    for (const _ of [1, 2]) {
      const stdout = await runExamples("examples", places());
      expect(stdout).to.match(/^refused \w+$/m);
      expect(stdout).to.match(/^bought 0\.\d+ for (99\.\d+|100) USDC of a budget of 100$/m);
      // The lowest strike is at 90 % of spot: for one option a ninth of it is intrinsic value.
      const asks = [...stdout.matchAll(/^ask (\d+) call ([\d.]+)/gm)].map(([, ...told]) => told.map(Number));
      const [strike, ask] = asks.sort(([one], [other]) => one! - other!)[0]!;
      expect(ask).to.be.within(strike! / 10, strike! / 3);
    }
  });

  /** Takes from the pool what an account of the node has allowed it, as the trader of the first trade. */
  async function forgetAllowance(account: number): Promise<void> {
    const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1 });
    const { clearinghouse, optionPool } = addresses.contracts;
    const [asset] = await new Contract(
      clearinghouse!.address,
      clearinghouseAbi as InterfaceAbi,
      provider,
    ).getFunction("quoteAsset")();
    const erc20 = new Contract(
      asset,
      ["function approve(address, uint256) returns (bool)"],
      await provider.getSigner(account),
    );
    await (await erc20.getFunction("approve")(optionPool!.address, 0n)).wait();
    provider.destroy();
  }

  it("stands up to the public command: the chain is ready for the file, and the roles are the file's", async () => {
    const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1 });
    const somebody = Wallet.createRandom();
    await provider.send("hardhat_setBalance", [somebody.address, "0xde0b6b3a7640000"]);
    const keystore = path.join(folder, "keystore.json");
    // A cheap lock: what is behind it is worth nothing.
    writeFileSync(
      keystore,
      await encryptKeystoreJson({ address: somebody.address, privateKey: somebody.privateKey }, "password", {
        scrypt: { N: 2, r: 8, p: 1 },
      }),
    );
    const passwordFile = path.join(folder, "password");
    writeFileSync(passwordFile, "password\n");
    const deploy = (step: string, password: string, node = url, ...more: string[]) =>
      meniscus(
        [
          ...["deploy", step, "--parameters", path.join(folder, "parameters.json"), "--rpc", node],
          ...["--addresses", folder, "--out", path.join(folder, "verify"), "--keystore", keystore, ...more],
        ],
        { env: { MENISCUS_DEPLOYER_PASSWORD: password } },
      );
    const check = await deploy("check", "another", url, "--password-file", passwordFile);
    expect(check.code, check.stderr).to.equal(0);
    expect((await deploy("check", "another")).stderr).to.include("the password is wrong");
    // Public nodes answer for the logs of so many blocks and no more.
    const narrow = await startProxy(url);
    const spans: number[] = [];
    narrow.treat = ({ method, params }) => {
      if (method !== "eth_getLogs") return undefined;
      const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
      spans.push(Number(toBlock) - Number(fromBlock) + 1);
      return spans.at(-1)! > 10 ? { error: "the range of blocks is too large" } : undefined;
    };
    const roles = await deploy("roles", "", narrow.url);
    narrow.close();
    expect(spans.some((span) => span > 10) && spans.some((span) => span <= 10)).to.equal(true);
    expect(roles.code, roles.stderr).to.equal(0);
    expect(roles.stdout.trim().split("\n")).to.have.members(rehearsal.holders.map(holderText));
    provider.destroy();
  });

  it("lists expiries and strikes by the lister's key, and no others'; seeds once", async () => {
    const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1 });
    const env = { MENISCUS_DEPLOYER_PASSWORD: "password" };
    const run = async (account: number, step: string, ...more: string[]) => {
      const keystore = path.join(folder, `key-${account}.json`);
      const { address, privateKey } = developmentAccount(account);
      const lock = { scrypt: { N: 2, r: 8, p: 1 } };
      writeFileSync(keystore, await encryptKeystoreJson({ address, privateKey }, "password", lock));
      return meniscus(
        [
          ...["deploy", step, "--parameters", path.join(folder, "parameters.json"), "--rpc", url],
          ...["--addresses", folder, "--keystore", keystore, ...more],
        ],
        { env },
      );
    };
    const { volSurface, clearinghouse } = addresses.contracts;
    const surface = new Contract(volSurface!.address, volSurfaceAbi as InterfaceAbi, provider);
    const clearing = new Contract(clearinghouse!.address, clearinghouseAbi as InterfaceAbi, provider);
    const listed = async () => unpackDays(await surface.getFunction("expiries")(1)).filter((day) => day > 0);
    const before = await listed();
    const [first] = before as [number];
    let other = first + 1;
    while (before.includes(other)) other += 1;
    const text = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
    const { spot } = await surface.getFunction("surface")(1);
    const strike = Math.round(Number(spot / 10n ** 18n) / 100) * 100 + 200;
    const [traded] = [...(await clearing.getFunction("expiries")(1))].map(Number) as [number];
    const strikes = async (): Promise<bigint[]> =>
      [...(await clearing.getFunction("strikes")(1, traded))].filter((each) => each > 0n);
    const strikesBefore = await strikes();
    const days = ["--expiry", text(other), text(expiryDay(traded))];

    const [lister, guardian, governor] = [7, 6, 4];
    const refused = await run(guardian, "list", ...days);
    const holders = read("parameters.json");
    expect(refused.stderr).to.match(/listExpiry\(1, \d+\) is refused: AccessManagedUnauthorized\(0x/);
    expect(refused.stderr).to.include(
      `It takes the role lister, which the key's account ${holders.guardian} does not hold. ` +
        `${holders.lister} does: give that key as --keystore.\n`,
    );
    for (const _ of ["the first time", "and again"]) {
      const { code, stderr } = await run(lister, "list", ...days);
      expect(code, stderr).to.equal(0);
      expect(await listed()).to.have.members([...before, other]);
      // Who lists a strike needs no role.
      const at = ["--expiry", text(expiryDay(traded)), "--strike", `${strike}`, `${strike + 100}`];
      expect((await run(guardian, "list", ...at)).code).to.equal(0);
      const named = [strike, strike + 100].map((each) => BigInt(each) * 10n ** 18n);
      expect(await strikes()).to.have.members([...new Set([...strikesBefore, ...named])]);
    }
    const far = await run(lister, "list", "--expiry", text(expiryDay(traded)), "--strike", "1");
    expect(far.stderr).to.match(/list\(1, \d+, 1000000000000000000, 0\) is refused: Listing\w+\(/);
    expect((await run(lister, "list", "--expiry", "2027-02-30")).stderr).to.include("2027-02-30 is no day");
    expect((await run(lister, "list")).stderr).to.include("Name what to list");
    expect((await run(governor, "seed", "--base", "1")).stderr).to.include("Name the seed");
    const seeded = await run(governor, "seed", "--base", "1", "--quote", "3000");
    expect(seeded.stderr).to.include("The vault has its seed already");
    provider.destroy();
  });

  it("leaves the guardian his powers at once, and the governor his behind the delay", async () => {
    const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1 });
    const { governor, guardian, governorDelay } = read("parameters.json");
    const at = async (name: string, abi: InterfaceAbi, account: string) =>
      new Contract(addresses.contracts[name]!.address, abi, await provider.getSigner(account));
    const pool = await at("optionPool", optionPoolAbi, guardian);
    await (await pool.getFunction("pause")()).wait();
    expect((await pool.getFunction("pausedUntil")()) > 0n).to.equal(true);
    const control = await at("control", controlAbi, governor);
    const call = [pool.target, pool.interface.encodeFunctionData("unpause")];
    await (await control.getFunction("schedule")(...call, 0)).wait();
    const early = await control
      .getFunction("execute")
      .staticCall(...call)
      .catch((error: { revert?: { name: string } }) => error.revert?.name);
    expect(early).to.equal("AccessManagerNotReady");
    await provider.send("evm_increaseTime", [governorDelay]);
    await (await control.getFunction("execute")(...call)).wait();
    expect(await pool.getFunction("pausedUntil")()).to.equal(0n);
    provider.destroy();
  });

  it("goes on: a trade after a jump, a hedge, an epoch's end, an expiry and its payout, as docs/INTEGRATOR.md has it", async () => {
    expect(await runExamples("day", places())).to.match(/^settled at \d+\.\d+\npaid 3\.\d+ of base$/m);
    const told = output().slice(output().indexOf("Ctrl-C ends it."));
    expect(told).to.match(/keeper: fill what the vault buys$/m);
    expect(told).to.match(/T09:00:\d\d\.000Z keeper: close epoch 1$/m);
    expect(told).to.match(/T08:02:\d\d\.000Z keeper: walk the rounds of 20\d\d-\d\d-\d\d$/m);
    expect(told).to.not.match(/without a mark|Not all goes on/);
  });

  it("refuses to go back, lives through what is mined in blocks, and says once that nothing is mined", async () => {
    const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1 });
    const surface = new Contract(
      addresses.contracts.volSurface!.address,
      volSurfaceAbi as InterfaceAbi,
      provider,
    );
    const head = async () => (await provider.getBlock("latest"))!;
    const age = async () =>
      (await head()).timestamp - Number((await surface.getFunction("surface")(1)).reportAt);
    const start = await head();
    const refusal = await provider.send("evm_mine", [start.timestamp - 1]).catch((error: Error) => error);
    expect(String(refusal)).to.match(/lower than/);
    await provider.send("hardhat_mine", ["0x64", "0x258"]);
    const mined = await head();
    // A hundred blocks ten minutes apart, and those of the world between.
    expect(mined.timestamp - start.timestamp).to.be.within(59_400, 59_420);
    expect(mined.number - start.number).to.be.greaterThan(99);
    expect(await age()).to.be.at.most(60);
    const at = mined.timestamp + 7200;
    await provider.send("evm_setNextBlockTimestamp", [at]);
    await pause(1300);
    await provider.send("evm_mine", []);
    expect((await head()).timestamp).to.equal(at);
    expect(await age()).to.be.at.most(60);

    await provider.send("evm_setAutomine", [false]);
    await provider.send("evm_increaseTime", [3600]);
    await pause(3000);
    await provider.send("evm_setAutomine", [true]);
    expect(output().match(/Not all goes on: Blocks are not mined by themselves/g)).to.have.length(1);
    provider.destroy();
  });
});

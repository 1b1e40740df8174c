import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openNonces, overBudget, spentSince } from "@meniscus/keeper/account";
import { askHealth } from "@meniscus/keeper/askHealth";
import { ConfigError, type JobName, KeeperSchema } from "@meniscus/keeper/config";
import type { Deed } from "@meniscus/keeper/deed";
import { HealthBook } from "@meniscus/keeper/health";
import { type Entry, type Intent, Journal } from "@meniscus/keeper/journal";
import type { Finding } from "@meniscus/keeper/keeper";
import { lockLog } from "@meniscus/keeper/lock";
import { hedgeOrder } from "@meniscus/keeper/order";
import { runKeeper } from "@meniscus/keeper/run";
import { parseConfig } from "@meniscus/pricer/service/config";
import { WAD } from "@meniscus/sdk/series";
import { expect } from "chai";
import { parseEther, parseUnits, Wallet } from "ethers";
import { pino } from "pino";
import { startStub } from "../support/deribitStub.ts";

const intent = (nonce: number, more: Partial<Intent> = {}): Intent => ({
  type: "intent",
  nonce,
  deed: { job: "hedge", what: "fill", to: `0x${"11".repeat(20)}`, data: "0x" },
  hash: `0x${String(nonce).padStart(64, "0")}`,
  raw: "0x02",
  gasLimit: "100000",
  maxFeePerGas: "1000",
  maxPriorityFeePerGas: "10",
  block: 1,
  at: 1000,
  ...more,
});

const OWNER = { account: `0x${"aa".repeat(20)}`, chainId: 1 };

describe("the keeper's parts", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-parts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe("the intent log", () => {
    it("gives back what was written, and passes over a line that was cut off", () => {
      const file = path.join(folder, "journal");
      const journal = new Journal(file, OWNER);
      journal.append(intent(0));
      journal.append(intent(1));
      journal.close();
      const whole = readFileSync(file, "utf8");
      const lastLine = whole.trimEnd().split("\n").at(-1)!;
      for (const cut of [2, 50, lastLine.length]) {
        writeFileSync(file, whole.slice(0, whole.length - cut));
        const again = new Journal(file, OWNER);
        expect(again.entries).to.deep.equal([intent(0)]);
        again.append(intent(2));
        again.close();
        const last = new Journal(file, OWNER);
        expect(last.entries).to.deep.equal([intent(0), intent(2)]);
        last.close();
      }
    });

    it("is of one account on one chain, and nobody else opens it", () => {
      const file = path.join(folder, "journal");
      // Killed while it said whose it is.
      writeFileSync(file, '{"type":"own');
      // Who only looks leaves no mark.
      new Journal(file, { ...OWNER, chainId: 3 }).close();
      expect(readFileSync(file, "utf8")).to.equal('{"type":"own');
      const journal = new Journal(file, OWNER);
      journal.append(intent(0));
      journal.close();
      new Journal(file, OWNER).close();
      for (const other of [{ account: `0x${"bb".repeat(20)}` }, { chainId: 2 }])
        expect(() => new Journal(file, { ...OWNER, ...other })).to.throw(
          ConfigError,
          /journal is the intent log of 0xa{40} on chain 1, not of 0x[ab]{40} on chain [12]\./,
        );
      writeFileSync(file, `${JSON.stringify(intent(0))}\n`);
      expect(() => new Journal(file, OWNER)).to.throw(ConfigError, /is the intent log of nobody it names/);
    });

    it("leaves a file alone that is no log, and says what to do", () => {
      const file = path.join(folder, "journal");
      const binary = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 151 + 7) % 256));
      const owner = JSON.stringify({ type: "owner", ...OWNER });
      const foreign = [
        binary,
        '{"rpc": "http://127.0.0.1:8545"}',
        "# notes\n",
        `# notes\n${owner}\n`,
        "[]",
        " \n",
      ];
      for (const content of foreign) {
        writeFileSync(file, content);
        expect(() => new Journal(file, OWNER), String(content).slice(0, 20)).to.throw(
          ConfigError,
          `${file} is no intent log of a keeper, and was left as it is. Give "journal" the path of`,
        );
        expect(readFileSync(file).equals(Buffer.from(content))).to.equal(true);
      }
      // Empty, or cut off in the line of its owner, once or twice: nothing was sent with it.
      for (const content of [
        "",
        owner.slice(0, 40),
        owner,
        `{"ty\n${owner.slice(0, 9)}`,
        `{"ty\n${owner}\n`,
      ]) {
        writeFileSync(file, content);
        for (const nonce of [0, 1]) {
          const journal = new Journal(file, OWNER);
          journal.append(intent(nonce));
          journal.close();
        }
        const again = new Journal(file, OWNER);
        expect(again.entries).to.deep.equal([intent(0), intent(1)]);
        again.close();
      }
    });

    describe("and its lock", () => {
      const inUse =
        /journal is another keeper's, which is running: end it, or give "journal" another path\.$/;
      const wallet = new Wallet(`0x${"01".repeat(32)}`);
      const run = (journal: string, dryRun = false) =>
        runKeeper(
          parseConfig(
            JSON.stringify({
              ...{ rpc: "http://127.0.0.1:1", chainId: 1, vault: OWNER.account, filler: OWNER.account },
              ...{ journal, port: null },
            }),
            "it",
            KeeperSchema,
          ),
          wallet,
          { jobs: ["hedge"], dryRun, once: true, log: pino({ level: "silent" }) },
        ).catch((error) => error);
      let file: string;
      beforeEach(() => {
        file = path.join(folder, "journal");
        writeFileSync(file, "");
      });

      it("let one keeper have it, by whatever way it comes to it, and others look", async () => {
        const unlock = lockLog(file);
        const way = path.join(folder, "way");
        symlinkSync(file, way);
        for (const each of [file, way]) expect((await run(each)).message).to.match(/is another keeper's/);
        expect(await run(file)).to.be.instanceOf(ConfigError);
        // Blind, but it has looked.
        expect(await run(file, true)).to.equal(1);
        unlock();
        // A keeper that ends lets go of it.
        for (let time = 0; time < 2; time++) expect(await run(file)).to.equal(1);
      });

      it("end with a process that is killed", async () => {
        const script = `(await import(${JSON.stringify(import.meta.resolve("@meniscus/keeper/lock"))})).lockLog(process.argv[1]);
          console.log("locked"); setInterval(() => {}, 1000);`;
        const child = spawn(process.execPath, ["--input-type=module", "-e", script, file], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        await once(child.stdout, "data");
        expect(() => lockLog(file)).to.throw(ConfigError, inUse);
        child.kill("SIGKILL");
        await once(child, "exit");
        lockLog(file)();
        // Of the dead there is nothing but the empty file of the lock.
        expect(readdirSync(folder).sort()).to.deep.equal(["journal", "journal.lock"]);
        expect(statSync(`${file}.lock`).size).to.equal(0);
      });

      it("do not seem taken where the lock may only be read, as after a run as another user", async () => {
        chmodSync(folder, 0o755);
        writeFileSync(`${file}.lock`, "", { mode: 0o444 });
        const script = `(await import(${JSON.stringify(import.meta.resolve("@meniscus/keeper/lock"))})).lockLog(process.argv[1]);`;
        // Root may write whatever the file says.
        const user = process.getuid?.() === 0 ? { uid: 65_534 } : {};
        const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script, file], {
          encoding: "utf8",
          ...user,
        });
        expect(stderr).to.match(
          /journal cannot be locked by \S+journal\.lock: its permissions do not allow it\./,
        );
      });

      it("do not lie beside what is no log, and say where nothing can be locked", async () => {
        writeFileSync(file, "# notes\n");
        expect((await run(file)).message).to.match(/is no intent log/);
        expect(readdirSync(folder)).to.deep.equal(["journal"]);
        mkdirSync(`${file}.lock`);
        writeFileSync(file, "");
        expect((await run(file)).message).to.match(/journal cannot be locked by .*\.lock: SQLITE_CANTOPEN/);
      });
    });

    it("counts open nonces at the worst of their versions, and final ones for a day", () => {
      const open = [intent(4), intent(4, { maxFeePerGas: "3000" }), intent(3)];
      expect(openNonces(open).map(({ nonce, versions }) => [nonce, versions.length])).to.deep.equal([
        [3, 1],
        [4, 2],
      ]);
      expect(spentSince(open, 1000)).to.equal(100_000n * (3000n + 1000n));
      const final = { type: "final", nonce: 4, hash: null, cost: "77", at: 5000 } as const;
      expect(spentSince([...open, final], 5000)).to.equal(100_000_000n + 77n);
      expect(spentSince([...open, final], 5000 + 86_400)).to.equal(100_000_000n);
    });

    describe("and the day's budget", () => {
      const deed = { job: "mark", what: "refresh", to: "0x", data: "0x" } as const;
      const needed = { ...deed, isNeeded: true } as const;
      const poke = { ...deed, job: "poke" } as const;
      const spent = (...costs: number[]): Entry[] =>
        costs.flatMap((cost, nonce) => [
          intent(nonce, { deed: { ...deed, job: nonce % 2 === 0 ? "mark" : "poke" } }),
          { type: "final", nonce, hash: null, cost: String(cost), at: 1000 },
        ]);
      const judge = (of: Deed, likely: bigint, entries: Entry[], most = likely) =>
        overBudget(of, { most, likely }, { entries, at: 1000, dailyBudget: 1000n });

      it("keep a quarter of it from refreshes and pokes, however needed, by what they are likely to cost", () => {
        expect(judge(deed, 100n, spent(300, 100), 600n)).to.equal(null);
        expect(judge(deed, 101n, spent(300, 100))).to.match(/: 100 wei left of 50 %, some 101 needed$/);
        for (const other of [needed, poke]) {
          expect(judge(other, 350n, spent(300, 100), 600n)).to.equal(null);
          expect(judge(other, 351n, spent(300, 100))).to.match(
            /^over mark's and poke's share .*: 350 wei left of 75 %, some 351 needed$/,
          );
        }
        for (const job of ["settle", "epoch", "hedge", "gap"] as const) {
          expect(judge({ ...deed, job }, 100n, spent(750), 250n)).to.equal(null);
          expect(judge({ ...deed, job }, 100n, spent(750), 251n)).to.match(
            /^over the day's gas budget: 250 wei left, at most 251 needed$/,
          );
        }
      });

      it("let a day's first refresh and first poke go as far as the whole allows", () => {
        for (const first of [deed, needed, poke]) {
          expect(judge(first, 999n, [], 1000n)).to.equal(null);
          expect(judge(first, 999n, [], 1001n)).to.match(/^over the day's gas budget: 1000 wei left/);
        }
        expect(judge(deed, 800n, spent(0, 200))).to.equal(null);
        expect(judge(poke, 400n, spent(600))).to.equal(null);
        expect(judge(deed, 1n, spent(600))).to.match(/^over mark's and poke's share .*: -100 wei left/);
      });
    });
  });

  describe("the configuration", () => {
    const sound = {
      rpc: "http://127.0.0.1:8545",
      chainId: 1,
      vault: `0x${"11".repeat(20)}`,
      filler: `0x${"22".repeat(20)}`,
      journal: "keeper.jsonl",
    };

    it("has a default for all but where the market is", () => {
      const config = parseConfig(JSON.stringify(sound), "it", KeeperSchema);
      expect(config).to.include({
        finalBlocks: 12,
        feeCap: parseUnits("100", "gwei"),
        dailyBudget: parseEther("0.05"),
      });
    });

    it("takes an amount as text or as a number", () => {
      const parsed = (amounts: object) =>
        parseConfig(JSON.stringify({ ...sound, ...amounts }), "it", KeeperSchema);
      expect(parsed({ feeCapGwei: 100, dailyBudgetEther: 0.05 })).to.include({
        feeCap: parseUnits("100", "gwei"),
        dailyBudget: parseEther("0.05"),
      });
      for (const feeCapGwei of [-1, 1e30, 1e-10, true, "1,5"])
        expect(() => parsed({ feeCapGwei }), String(feeCapGwei)).to.throw(ConfigError, "it: feeCapGwei: ");
    });

    it("refuses a cap at which nothing is ever sent", () => {
      const parsed = (amounts: object) =>
        parseConfig(JSON.stringify({ ...sound, ...amounts }), "it", KeeperSchema);
      expect(() => parsed({ feeCapGwei: "0", priorityFeeGwei: "0" })).to.throw(
        ConfigError,
        "it: feeCapGwei: is 0,",
      );
      for (const fees of [
        { feeCapGwei: "1", priorityFeeGwei: "1.000000001" },
        { feeCapGwei: "0.05" },
        { priorityFeeGwei: 101 },
      ])
        expect(() => parsed(fees)).to.throw(ConfigError, "it: priorityFeeGwei: is above feeCapGwei,");
      expect(parsed({ feeCapGwei: "1", priorityFeeGwei: "1" })).to.include({
        feeCap: parseUnits("1", "gwei"),
      });
    });

    it("takes a least profit that is a whole number, and nothing that only looks like one", () => {
      const parsed = (minimumProfit: unknown) =>
        parseConfig(JSON.stringify({ ...sound, minimumProfit }), "it", KeeperSchema).minimumProfit;
      expect([parsed(undefined), parsed(0), parsed(2_500_000), parsed("2500000")]).to.deep.equal([
        1n,
        0n,
        2_500_000n,
        2_500_000n,
      ]);
      for (const wrong of [
        true,
        false,
        "",
        " ",
        "0x10",
        "1.5",
        1.5,
        -1,
        "-1",
        1e30,
        null,
        [],
        "1".repeat(31),
      ])
        expect(() => parsed(wrong), JSON.stringify(wrong)).to.throw(ConfigError, "it: minimumProfit: ");
    });

    it("names every mistake with its place", () => {
      const wrong = { ...sound, chainId: 0, vault: "0x12", feeCapGwei: "-1", typo: 1 };
      expect(() => parseConfig(JSON.stringify(wrong), "keeper.json", KeeperSchema)).to.throw(
        ConfigError,
        /keeper\.json.*chainId.*vault.*feeCapGwei.*"typo" is no key here; known: rpc, chainId, vault, /,
      );
      for (const [key, known] of [
        ["feeCap", "feeCapGwei"],
        ["rpcTimeout", "rpc, rpcSeconds"],
      ])
        expect(() => parseConfig(JSON.stringify({ ...sound, [key!]: 1 }), "it", KeeperSchema)).to.throw(
          ConfigError,
          `it: the whole: "${key}" is no key here; known: ${known}.`,
        );
      expect(() => parseConfig("{", "keeper.json", KeeperSchema)).to.throw(
        ConfigError,
        "keeper.json is no JSON",
      );
    });
  });

  it("asks a hedge for one profit on either side: of quote assets, and of as much base at the plan's spot", () => {
    const ask = (sign: bigint, minimumProfit: bigint, spot = 3000n * WAD) =>
      hedgeOrder(
        { delta: sign * WAD, spot },
        { minimumProfit, decimals: { base: 18, quote: 6 }, receiver: OWNER.account, report: "0x" },
      );
    const [buys, sells] = [ask(-1n, 6_000_000n), ask(1n, 6_000_000n)];
    expect([buys.amount > 0n, buys.minimumProfit]).to.deep.equal([true, 6_000_000n]);
    expect([sells.amount < 0n, sells.minimumProfit]).to.deep.equal([true, (2n * WAD) / 1000n]);
    // Up, and nothing of nothing.
    expect(ask(1n, 1n, 7n * WAD).minimumProfit).to.equal(142_857_142_858n);
    expect([ask(1n, 0n).minimumProfit, ask(-1n, 0n).minimumProfit]).to.deep.equal([0n, 0n]);
  });

  it("is sick when one job fails again and again, and well when it can look again", () => {
    const health = new HealthBook(1, () => 0);
    for (let look = 0; look < 5; look++) {
      expect(health.read().isWell).to.equal(true);
      health.note({ kind: "failed", job: "poke", reason: "max block range" });
    }
    expect(health.read().reasons).to.deep.equal(["poke fails: max block range"]);
    health.note({ kind: "skip", job: "poke", reason: "poked 3 s ago" });
    expect(health.read().isWell).to.equal(true);
  });

  it("is sick when gas is above the cap for ten minutes, however many looks, and not by a spike", () => {
    let now = 0;
    const health = new HealthBook(4, () => now);
    const skip = (reason: string, job: JobName = "hedge") => health.note({ kind: "skip", job, reason });
    const dear = (fee: number) => `gas is dearer than the cap: base fee ${fee}`;
    const because = (fee: number) => ({ reason: dear(fee), trouble: "gas" }) as const;
    // Of a job and of a nonce: its looks up to `end`, every four seconds.
    const lookUntil = (end: number) => {
      for (; now < end; now += 4) {
        health.note({ kind: "skip", job: "hedge", ...because(now) });
        health.note({ kind: "waiting", nonce: 7, ...because(now) });
      }
    };
    const reasons = () => health.read().reasons.filter((reason) => reason.includes("dearer"));
    lookUntil(600);
    // Ten minutes from the first look, but not of looks.
    now = 610;
    expect(reasons()).to.deep.equal([]);
    skip("InsideBand");
    health.note({ kind: "sent", intent: intent(7) });
    lookUntil(1210);
    skip("poked 3 s ago", "poke");
    expect(reasons()).to.deep.equal([]);
    lookUntil(1214);
    expect(reasons()).to.deep.equal([`hedge: ${dear(1210)}`, `nonce 7: ${dear(1210)}`]);
    health.note({ kind: "sent", intent: intent(7) });
    expect(reasons()).to.deep.equal([]);
  });

  it("is sick while a nonce is stuck, and well when it is replaced, taken by another, or gone to the node", () => {
    const version = { intent: intent(7) };
    const untaken = { kind: "unsent", nonce: 7, reason: "the node did not take it: underpriced" } as const;
    const capped = { kind: "waiting", nonce: 7, reason: "the cap allows no dearer version" } as const;
    const sickBy = (finding: Finding): HealthBook => {
      const health = new HealthBook(1, () => 0);
      for (let look = 0; look < 5; look++) health.note(finding);
      expect(health.read().reasons).to.deep.equal([`nonce 7: ${(finding as typeof capped).reason}`]);
      return health;
    };
    const ends: Finding[] = [
      { kind: "replaced", ...version },
      { kind: "cancelled", ...version },
      { kind: "taken", nonce: 7, reason: "another transaction of this account has the nonce" },
    ];
    for (const end of ends)
      for (const stuck of [untaken, capped]) {
        const health = sickBy(stuck);
        health.note(end);
        expect(health.read().isWell, `${stuck.kind}, ${end.kind}`).to.equal(true);
      }
    const again = sickBy(untaken);
    again.note({ kind: "resent", ...version });
    expect(again.read().isWell).to.equal(true);
    const still = sickBy(capped);
    still.note({ kind: "resent", ...version });
    expect(still.read().isWell).to.equal(false);
  });

  it("is sick when it is blind, poor, or without room, and well again afterwards", () => {
    let now = 0;
    const health = new HealthBook(1, () => now);
    const looked = () =>
      health.note({
        kind: "looked",
        head: { number: 1, hash: "", timestamp: 1, baseFee: 1n },
        balance: 1n,
        open: 0,
        budgetLeft: 1n,
      });
    looked();
    expect(health.read()).to.deep.equal({ isWell: true, reasons: [] });
    for (let look = 0; look < 5; look++) health.note({ kind: "blind", reason: "timeout" });
    expect(health.read().reasons).to.deep.equal(["blind: timeout"]);
    looked();
    for (const trouble of ["funds", "budget", "log", "mark"] as const) {
      health.note({ kind: "skip", job: "hedge", reason: "it cannot", trouble });
      expect(health.read().reasons, trouble).to.deep.equal(["hedge: it cannot"]);
      // By what it is, not by its words.
      health.note({ kind: "skip", job: "hedge", reason: "out of funds: no mark yet" });
      expect(health.read().isWell, trouble).to.equal(true);
    }
    now += 61;
    expect(health.read().reasons).to.deep.equal(["no sound look for 61 s"]);
  });

  it("is asked how it is, and whatever else answers there is no keeper", async () => {
    const sick = { isWell: false, reasons: ["hedge: out of funds"] };
    let body: string;
    const stub = await startStub((_, response) => response.end(body));
    const url = new URL(stub.api).origin;
    try {
      body = JSON.stringify(sick);
      expect(await askHealth(url)).to.deep.equal(sick);
      for (body of ["{}", "[]", "null", "<html>", "", '{"isWell":"yes","reasons":[]}', '{"isWell":false}'])
        expect(await askHealth(url), body).to.deep.equal({
          isWell: false,
          reasons: [`what answers at ${url} is no keeper`],
        });
    } finally {
      await stub.close();
    }
    expect((await askHealth(url)).reasons).to.deep.equal([`${url} does not answer`]);
  });
});

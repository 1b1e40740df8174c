import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ConfigError, KeeperSchema } from "@meniscus/keeper/config";
import { runKeeper } from "@meniscus/keeper/run";
import { lockLog } from "@meniscus/keeper/sending/lock";
import { parseConfig } from "@meniscus/pricer/service/config";
import { expect } from "chai";
import { Wallet } from "ethers";
import { pino } from "pino";
import { OWNER } from "../../support/keeper/intent.ts";

describe("the intent log and its lock", () => {
  let [folder, file] = ["", ""];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-lock-"));
    file = path.join(folder, "journal");
    writeFileSync(file, "");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const inUse = /journal is another keeper's, which is running: end it, or give "journal" another path\.$/;
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
    // Nobody keeps what lets go of it, and what nobody keeps is collected.
    const script = `(await import(${JSON.stringify(import.meta.resolve("@meniscus/keeper/sending/lock"))})).lockLog(process.argv[1]);
      setTimeout(() => { gc(); console.log("locked"); }, 10); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "-e", script, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exit = once(child, "exit");
    try {
      await once(child.stdout, "data");
      expect(() => lockLog(file)).to.throw(ConfigError, inUse);
    } finally {
      child.kill("SIGKILL");
      await exit;
    }
    lockLog(file)();
    // Of the dead there is nothing but the empty file of the lock.
    expect(readdirSync(folder).sort()).to.deep.equal(["journal", "journal.lock"]);
    expect(statSync(`${file}.lock`).size).to.equal(0);
  });

  it("do not seem taken where the lock may only be read, as after a run as another user", async () => {
    chmodSync(folder, 0o755);
    writeFileSync(`${file}.lock`, "", { mode: 0o444 });
    const script = `(await import(${JSON.stringify(import.meta.resolve("@meniscus/keeper/sending/lock"))})).lockLog(process.argv[1]);`;
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

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { formatRecordedChain } from "@meniscus/pricer/source/recorded";
import { expect } from "chai";
import { encryptKeystoreJson, Wallet } from "ethers";
import { chainOf, expiryIn, soundExpiry, soundQuotes } from "../support/chain.ts";
import { meniscus, meniscusInterrupted } from "../support/cli.ts";
import { startSocketStub } from "../support/deribitSocketStub.ts";
import { startProxy } from "../support/keeper/proxy.ts";
import { MARKET } from "../support/pricer/draft.ts";
import { bookSummaries } from "../support/pricer/fakeVenue.ts";

/** A node and a signer that nobody is behind. */
const NOWHERE = { rpc: "http://127.0.0.1:1", signers: ["http://127.0.0.1:2"] };

const RECORDED = ["price", "--source", "recorded", "--interval", "0.1", "--chains"];

describe("meniscus price, sign and keystore", function () {
  this.timeout(600_000);
  let folder: string;
  const file = (name: string, content?: object | string): string => {
    const place = path.join(folder, name);
    if (content !== undefined)
      writeFileSync(place, typeof content === "string" ? content : JSON.stringify(content));
    return place;
  };
  const signerConfig = { market: MARKET, store: ":memory:", port: 0 };
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-services-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Expects one line on stderr, no stack, exit code 1. */
  async function expectRefused(args: string[], reason: RegExp): Promise<void> {
    const { code, stderr } = await meniscus(args, {
      env: { MENISCUS_SIGNER_PASSWORD: "wrong" },
    });
    expect(stderr).to.match(reason);
    expect(code).to.equal(1);
    expect(stderr).not.to.match(/unexpected|\n\s+at /);
  }

  /** A lock that opens at once: what is behind it is worth nothing. */
  async function cheapKeystore(): Promise<string> {
    const { address, privateKey } = Wallet.createRandom();
    const scrypt = { N: 2, r: 8, p: 1 };
    return file("cheap.json", await encryptKeystoreJson({ address, privateKey }, "password", { scrypt }));
  }

  it("end with 0 when they are told to", async () => {
    const lock = ["--keystore", await cheapKeystore(), "--password-file", file("password", "password\n")];
    const signer = file("signer.json", signerConfig);
    const pricer = file("pricer.json", { market: MARKET, store: ":memory:", port: 0, ...NOWHERE });
    const runs: [args: string[], started: RegExp][] = [
      [["price"], /would publish/],
      [["price", "--publish", "--config", pricer, ...lock], /"publishing"/],
      [["sign", "--config", signer, ...lock], /"signing"/],
    ];
    for (const [args, started] of runs)
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        const { ended, stderr } = await meniscusInterrupted(
          [...args, "--source", "simulated"],
          started,
          (child) => child.kill(signal),
        );
        expect(ended, `${args[0]} ${signal} ${stderr}`).to.equal(0);
      }
  });

  it("without --publish prints what it would do", async () => {
    const { code, stdout } = await meniscus(["price", "--source", "simulated", "--seed", "4", "--once"]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^\S+Z {2}would publish \(first\): spot \d+\.\d\d, \d+ slices, certified\n$/);
  });

  it("looks at a venue once over its websocket, and ends, whether it sees or not", async () => {
    const venue = await startSocketStub([]);
    const args = ["price", "--source", "deribit", "--deribit-url", venue.url, "--once"];
    try {
      // As old as its answer, however long a process takes to start.
      venue.summary = () => bookSummaries(4, Math.floor(Date.now() / 1000));
      const { code, stdout } = await meniscus(args, { timeout: 30_000 });
      expect(stdout).to.match(/^\S+Z {2}would publish \(first\): spot \d+\.\d\d, \d+ slices, certified\n$/);
      expect(code).to.equal(0);
      venue.summary = new Error("not today");
      const blind = await meniscus(args, { timeout: 30_000 });
      expect(blind.stderr).to.match(/^error: Deribit refused the chain of ETH: not today \(10028\)\.\n$/);
      expect(blind.code).to.equal(1);
    } finally {
      await venue.close();
    }
  });

  it("goes through a folder of recordings, and ends with them", async () => {
    const recordings = path.join(folder, "recordings");
    mkdirSync(recordings);
    for (const name of ["a.csv", "b.csv"])
      writeFileSync(path.join(recordings, name), formatRecordedChain(chainOf(soundQuotes())));
    const { code, stdout, stderr } = await meniscus([...RECORDED, recordings]);
    expect(code).to.equal(0);
    expect(stdout.split("\n").filter((line) => /would/.test(line))).to.have.length(2);
    expect(stderr).to.equal("The recording is over: 2 chains, 2 fitted.\n");
  });

  it("looks at one recording once, and fails where that says nothing", async () => {
    const one = file("one.csv", formatRecordedChain(chainOf(soundExpiry(expiryIn(30)))));
    const { code, stdout, stderr } = await meniscus([...RECORDED, one], { timeout: 20_000 });
    expect(stdout).to.match(/^\S+Z {2}would publish \(first\): spot \d+\.\d\d, 1 slice, certified\n$/);
    expect(stderr).to.equal("The recording is over: 1 chain, 1 fitted.\n");
    expect(code).to.equal(0);
    const broken = await meniscus([...RECORDED, file("broken.csv", "a,b\n1,2\n")], { timeout: 20_000 });
    expect(broken.stdout).to.match(/^blind: broken\.csv lacks/);
    expect(broken.stderr).to.equal(
      "error: The recording is over: 1 chain, 0 fitted. The lines above say why: name other --chains.\n",
    );
    expect(broken.code).to.equal(1);
  });

  it("refuses options that do not go together, each in a line", async () => {
    const config = file("pricer.json", {
      market: MARKET,
      store: ":memory:",
      ...NOWHERE,
    });
    const price = ["price", "--source"];
    await expectRefused(["price"], /required option '--source/);
    await expectRefused([...price, "moon"], /Allowed choices are deribit, recorded, simulated/);
    await expectRefused([...price, "recorded"], /needs --chains/);
    await expectRefused([...price, "recorded", "--chains", "/nowhere"], /There is no \/nowhere/);
    await expectRefused([...price, "simulated", "--chains", folder], /--chains goes with/);
    await expectRefused([...price, "deribit", "--seed", "1"], /--seed goes with/);
    await expectRefused([...price, "deribit", "--deribit-url", "nowhere"], /is no URL/);
    await expectRefused([...price, "simulated", "--publish"], /needs --config and --keystore/);
    await expectRefused([...price, "simulated", "--publish", "--once"], /--once goes without/);
    await expectRefused(
      [...price, "simulated", "--publish", "--config", config, "--keystore", "/nowhere"],
      /password/,
    );
    await expectRefused([...price, "simulated", "--currency", "XRP", "--once"], /no simulated market of XRP/);
    await expectRefused([...price, "simulated", "--interval", "0"], /Give seconds/);
  });

  it("names the field of a configuration that is wrong", async () => {
    const wrong: [object | string, RegExp][] = [
      ["{", /is no JSON/],
      [{ ...signerConfig, market: { ...MARKET, contract: "0x1" } }, /market.contract: is no address/],
      [{ ...signerConfig, tolerance: { spotBps: -1 } }, /tolerance.spotBps/],
      [{ ...signerConfig, host: "0.0.0.0" }, /host/],
      [
        { ...signerConfig, bounds: { spot: [100, 1], vol: [3, 0.1] } },
        /bounds\.spot: is no range: give the lower .*bounds\.vol: is no range/,
      ],
      [{ ...signerConfig, tolerance: { priceShare: 3 } }, /tolerance\.priceShare: is a share, at most 1/],
      [{ ...signerConfig, market: undefined }, /wrong\.json: market: is missing/],
    ];
    for (const [content, reason] of wrong)
      await expectRefused(
        ["sign", "--source", "simulated", "--config", file("wrong.json", content), "--keystore", "x"],
        reason,
      );
    await expectRefused(
      ["sign", "--source", "simulated", "--config", "/nowhere", "--keystore", "x"],
      /\/nowhere cannot be read: there is no such file or folder\.$/m,
    );
    // A signer listens on 127.0.0.1 and wants to be called so: by the sixth version's loopback nobody reaches it.
    for (const host of ["example.org", "[::1]"]) {
      const far = { market: MARKET, rpc: "http://127.0.0.1:1", signers: [`http://${host}:2`], store: "x" };
      await expectRefused(
        ["price", "--source", "simulated", "--config", file("far.json", far)],
        /signers.0: is not on loopback/,
      );
    }
    for (const signer of ["me:SECRET@127.0.0.1:2", "127.0.0.1:2/SECRET", "127.0.0.1:2/?key=SECRET"]) {
      const pricer = { market: MARKET, ...NOWHERE, signers: [`http://${signer}`], store: "x" };
      await expectRefused(
        ["price", "--source", "simulated", "--config", file("login.json", pricer)],
        /signers.0: has more than host and port/,
      );
    }
    const lost = { market: MARKET, ...NOWHERE, signers: ["nowhere"], store: "x" };
    await expectRefused(
      ["price", "--source", "simulated", "--config", file("lost.json", lost)],
      /signers.0: Invalid URL/,
    );
  });

  it("lets nobody sign or publish, on a chain that may hold money, simulated data or those of a coin that nobody named", async () => {
    const market = { ...MARKET, chainId: 1 };
    const signer = file("mainnet-signer.json", { ...signerConfig, market });
    const pricer = file("mainnet-pricer.json", { market, store: ":memory:", ...NOWHERE });
    // Those that are let through come to the keystore, which is none.
    const password = ["--password-file", file("password", "password\n")];
    for (const command of [
      ["sign", "--config", signer, "--keystore", signer],
      ["price", "--publish", "--config", pricer, "--keystore", pricer],
    ]) {
      const service = [...command, ...password];
      const simulated = [...service, "--source", "simulated", "--currency", "ETH"];
      await expectRefused(
        simulated,
        /^error: Simulated data are for a local chain \(31337\), and the configuration says chain 1: .*--allow-simulated/,
      );
      await expectRefused([...simulated, "--allow-simulated"], /it is no keystore/);
      const deribit = [...service, "--source", "deribit"];
      await expectRefused(deribit, /^error: Name the market's base asset with --currency/);
      await expectRefused([...deribit, "--currency", "ETH"], /it is no keystore/);
    }
  });

  it("says which store cannot be opened: a file without its folder, a database that is down, its password untold", async () => {
    const keystore = await cheapKeystore();
    const lock = ["--keystore", keystore, "--password-file", file("password", "password\n")];
    const stores: [place: string, reason: RegExp][] = [
      [
        path.join(folder, "nowhere/store.sqlite"),
        /^error: The store \S+store\.sqlite cannot be opened: .*directory/,
      ],
      [
        "postgres://me:SECRET@127.0.0.1:1/all",
        /^error: The store 127\.0\.0\.1:1 cannot be opened: .*ECONNREFUSED/,
      ],
      [
        "Postgres://me:12'SECRET@127.0.0.1:1/all",
        /^error: The store 127\.0\.0\.1:1 cannot be opened: .*ECONNREFUSED/,
      ],
      [
        "postgre://me:SECRET@127.0.0.1:1/all",
        /^error: store is neither a file nor a URL of Postgres: write /,
      ],
    ];
    for (const [store, reason] of stores) {
      const signer = file("signer.json", { ...signerConfig, store });
      const pricer = file("pricer.json", { market: MARKET, store, ...NOWHERE });
      await expectRefused(["sign", "--source", "simulated", "--config", signer, ...lock], reason);
      await expectRefused(
        ["price", "--source", "simulated", "--publish", "--config", pricer, ...lock],
        reason,
      );
    }
  });

  it("tells a node of another chain by its host alone", async () => {
    const node = await startProxy("");
    node.treat = () => ({ result: "0xa" });
    const host = new URL(node.url).host;
    const config = file("elsewhere.json", {
      market: MARKET,
      rpc: `${node.url}/v3/SECRET`,
      signers: NOWHERE.signers,
      store: ":memory:",
    });
    await expectRefused(
      [
        ...["price", "--source", "simulated", "--publish", "--config", config],
        ...["--keystore", await cheapKeystore(), "--password-file", file("password", "password\n")],
      ],
      new RegExp(
        `^error: ${host} is chain 10, the configuration says ${MARKET.chainId}: correct one of them\\.\n$`,
      ),
    );
    node.close();
  });

  it("says in words why a keystore cannot be written", async () => {
    const out = path.join(folder, "nowhere", "key.json");
    const { stderr } = await meniscus(["keystore", "--out", out], { env: { MENISCUS_PASSWORD: "correct" } });
    expect(stderr).to.match(
      /key\.json cannot be written: there is no such file or folder\. Name a file in a/,
    );
  });

  it("makes a keystore that opens with its password only, and replaces none", async () => {
    const out = file("key.json");
    const made = await meniscus(["keystore", "--out", out], { env: { MENISCUS_PASSWORD: "correct" } });
    expect(made.code, made.stderr).to.equal(0);
    expect(statSync(out).mode & 0o777).to.equal(0o600);
    const wallet = Wallet.fromEncryptedJsonSync(readFileSync(out, "utf8"), "correct");
    expect(made.stdout.trim()).to.equal(wallet.address);
    const again = await meniscus(["keystore", "--out", out], { env: { MENISCUS_PASSWORD: "correct" } });
    expect(again.code).to.equal(1);
    expect(again.stderr).to.match(/exists/);
    const config = file("signer.json", signerConfig);
    await expectRefused(
      ["sign", "--source", "simulated", "--config", config, "--keystore", out],
      /the password is wrong/,
    );
    await expectRefused(
      ["sign", "--source", "simulated", "--config", config, "--keystore", config],
      /it is no keystore/,
    );
  });
});

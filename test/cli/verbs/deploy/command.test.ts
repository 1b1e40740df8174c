import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadAddresses } from "@meniscus/cli/verbs/deploy/contracts";
import { parseNetworkFile } from "@meniscus/cli/verbs/deploy/networkFile";
import { expect } from "chai";
import { encryptKeystoreJson, Wallet } from "ethers";
import { meniscus } from "../../../support/cli.ts";
import { type RpcProxy, startProxy } from "../../../support/keeper/proxy.ts";
import { account, content, filled, messageOf } from "../../../support/networkFile.ts";

describe("the command meniscus rehearse", () => {
  let file: string;
  before(() => {
    file = path.join(mkdtempSync(path.join(tmpdir(), "meniscus-rehearse-")), "mine.json");
  });
  after(() => rmSync(path.dirname(file), { recursive: true }));

  it("names every field that is wrong, or the market that it cannot simulate, before it builds anything", async () => {
    const refused: [content: unknown, reason: RegExp][] = [
      [{}, /cannot be deployed from:(.|\n)* name: (.|\n)* base\.symbol: (.|\n)* governorDelay: /],
      [null, /holds no fields by name/],
      [
        { ...content("mainnet.json"), name: "SOL" },
        /the market SOL cannot be rehearsed\. .*choose one of ETH, BTC/,
      ],
    ];
    for (const [told, reason] of refused) {
      writeFileSync(file, JSON.stringify(told));
      const { code, stderr } = await meniscus([
        "rehearse",
        "--parameters",
        file,
        "--out",
        path.dirname(file),
      ]);
      expect(stderr).to.match(reason);
      expect(stderr).not.to.match(/unexpected|Fitting/);
      expect(code).to.equal(1);
    }
  });
});

/** Addresses as a deployment leaves them, all of them the same. */
function addressesOf(network: string) {
  const names = ["control", "volSurface", "spotOracle", "settlementOracle", "clearinghouse", "book"];
  names.push("optionPool", "baseTranche", "quoteTranche", "liquidityVault", "deltaHedger");
  const contract = { address: account(1), contract: "", transaction: "", constructorArguments: "" };
  const contracts = Object.fromEntries(
    names.map((name) => [name, { ...contract, libraries: {}, buildInfoId: "" }]),
  );
  return { network, chainId: 1, market: 1, deployer: account(8), block: 1, contracts };
}

describe("the command meniscus deploy", () => {
  let folder: string;
  let node: RpcProxy;
  const network = "nowhere";
  before(async () => {
    // There is nothing behind it: it answers as each test says.
    node = await startProxy("");
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-deploy-"));
    writeFileSync(path.join(folder, "mine.json"), JSON.stringify(filled("mainnet.json", { network })));
  });
  after(() => {
    node.close();
    rmSync(folder, { recursive: true });
  });

  /** One line on stderr that says it, no stack, exit code 1. */
  async function expectRefused(step: string, rpc: string, reason: RegExp, place = folder): Promise<string> {
    const { code, stderr } = await meniscus([
      ...["deploy", step, "--rpc", rpc, "--parameters", path.join(folder, "mine.json")],
      ...["--addresses", place, "--out", path.join(place, "verify")],
    ]);
    expect(stderr).to.match(reason);
    expect(stderr).not.to.match(/unexpected|\n\s+at /);
    expect(code).to.equal(1);
    return stderr;
  }

  it("tells a node that is down, or is none, by its host", async () => {
    await expectRefused(
      "check",
      "http://127.0.0.1:1/",
      /The node at 127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/,
    );
    await expectRefused("roles", "nowhere", /--rpc is no URL of a node/);
  });

  it("never prints the key in a node's URL", async () => {
    node.treat = () => ({ status: 401 });
    const host = new URL(node.url).host;
    const said = await expectRefused(
      "verify",
      `${node.url}/v3/SECRET`,
      new RegExp(`The node at ${host} does not answer: server response 401`),
    );
    expect(said).not.to.include("SECRET");
  });

  describe("with the deployer's key", () => {
    const key = Wallet.createRandom();
    const env = { MENISCUS_DEPLOYER_PASSWORD: "password" };
    before(async () => {
      // A cheap lock: what is behind it is worth nothing.
      const lock = { scrypt: { N: 2, r: 8, p: 1 } };
      const account = { address: key.address, privateKey: key.privateKey };
      writeFileSync(path.join(folder, "key.json"), await encryptKeystoreJson(account, "password", lock));
    });
    const run = (step: string, place = folder) =>
      meniscus(
        [
          ...["deploy", step, "--rpc", node.url, "--parameters", path.join(folder, "mine.json")],
          ...["--keystore", path.join(folder, "key.json")],
          ...["--addresses", place, "--out", path.join(place, "verify")],
        ],
        { env },
      );

    it("tells a node that is too busy for a call by its words, from the first call or a later one", async () => {
      const { host } = new URL(node.url);
      const told = new RegExp(`The node at ${host} refuses: rate limit exceeded, see ${host}\\.`);
      const clz = `0x${"ff".padStart(64, "0")}`;
      for (const many of [0, 1, 3]) {
        let calls = 0;
        node.treat = ({ method }) => {
          if (method !== "eth_call") return { result: method === "eth_getCode" ? "0x01" : "0x1" };
          const error = `rate limit exceeded, see ${node.url}/v3/SECRET`;
          return calls++ < many ? { result: clz } : { error: { code: -32005, message: error } };
        };
        const { code, stderr } = await run("check");
        expect(stderr).to.match(told);
        expect(stderr).not.to.match(/is no |no CLZ|\n\s+at /);
        expect(code).to.equal(1);
      }
    });

    it("hands over without a question to the market: it comes to the addresses, which are none here", async () => {
      const asked = new Set<string>();
      node.treat = ({ method }) => {
        asked.add(method);
        return method === "eth_call" ? { error: "the market is out of order" } : { result: "0x1" };
      };
      const { code, stderr } = await run("hand-over", path.join(folder, "none"));
      expect(stderr).to.match(/nowhere\.json cannot be read: deploy the contracts first/);
      expect(code).to.equal(1);
      expect([...asked]).to.have.members(["eth_chainId", "eth_getBalance"]);
    });

    it("hands nothing over without the journal, by which Ignition would deploy another market", async () => {
      node.treat = () => ({ result: "0x1" });
      const place = mkdtempSync(path.join(folder, "handed-"));
      writeFileSync(path.join(place, "nowhere.json"), JSON.stringify(addressesOf(network)));
      const { code, stderr } = await run("hand-over", place);
      expect(stderr).to.match(/no journal of a deployment in .*deployments\/nowhere: deploy/);
      expect(code).to.equal(1);
    });
  });

  it("says what is missing of what an earlier step left: the journal, and fields of the addresses", async () => {
    node.treat = () => ({ result: "0x1" });
    await expectRefused("verify", node.url, /no journal of a deployment in .*deployments\/nowhere: deploy/);
    await expectRefused("roles", node.url, /nowhere\.json cannot be read: deploy the contracts first/);
    const control = { address: "0x1" };
    const addresses = { network: "nowhere", chainId: 1, market: 1, block: -1, contracts: { control } };
    writeFileSync(path.join(folder, "nowhere.json"), JSON.stringify(addresses));
    const fields = ["deployer", "block", "contracts.control.address: no address", "contracts.book"];
    await expectRefused("roles", node.url, new RegExp(["no addresses", ...fields].join("(.|\\n)*")));
  });

  it("makes no folder in a step that writes nothing, nor before the chain and the key are right", async () => {
    node.treat = () => ({ result: "0x1" });
    const none = path.join(folder, "none");
    for (const step of ["check", "contracts", "hand-over"])
      await expectRefused(step, node.url, new RegExp(`${step} needs --keystore`), none);
    await expectRefused("roles", node.url, /cannot be read: deploy the contracts first/, none);
    node.treat = () => ({ result: "0xa" });
    await expectRefused("verify", node.url, /The chain's id is 10, that of nowhere is 1/, none);
    expect(readdirSync(folder)).to.not.include("none");
  });

  it("takes no addresses of another market of the same network name", () => {
    const addresses = addressesOf(network);
    const place = path.join(folder, "other.json");
    writeFileSync(place, JSON.stringify(addresses));
    const of = (changes: object) =>
      parseNetworkFile(filled("mainnet.json", { network, ...changes }), "mine.json");
    expect(loadAddresses(place, of({})).market).to.equal(1);
    expect(messageOf(() => loadAddresses(place, of({ market: 2 })))).to.match(
      /other\.json is of market 1 of nowhere, chain 1, not of market 2 of nowhere, chain 1: each market needs a network name/,
    );
    expect(messageOf(() => loadAddresses(place, of({ chainId: 10 })))).to.match(
      /not of market 1 of nowhere, chain 10/,
    );
  });
});

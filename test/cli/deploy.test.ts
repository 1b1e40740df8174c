import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadAddresses } from "@meniscus/cli/deploy/contracts";
import { moduleParameters } from "@meniscus/cli/deploy/moduleParameters";
import { type NetworkFile, parseNetworkFile } from "@meniscus/cli/deploy/networkFile";
import { EventReader } from "@meniscus/cli/deploy/node";
import { handOverPreflight, hasClz, preflight } from "@meniscus/cli/deploy/preflight";
import { withHostsOnly } from "@meniscus/pricer/service/withHostsOnly";
import { BOOK_TERMS, POOL_PARAMETERS } from "@meniscus/sdk/pool/terms";
import { trancheTerms, VAULT_TERMS } from "@meniscus/sdk/vault/terms";
import { expect } from "chai";
import {
  type Contract,
  encryptKeystoreJson,
  getAddress,
  Interface,
  makeError,
  type Provider,
  Wallet,
} from "ethers";
import { journalFolder, localJournal, withJournals } from "../../cli/src/deployment.ts";
import type { LocalChain } from "../../cli/src/localChain.ts";
import { meniscus } from "../support/cli.ts";
import { type RpcProxy, startProxy } from "../support/keeper/proxy.ts";

const PARAMETERS = path.resolve(import.meta.dirname, "../../deploy/parameters");
const NETWORKS = readdirSync(PARAMETERS).filter((name) => name !== "local.json");
const content = (name: string) => JSON.parse(readFileSync(path.join(PARAMETERS, name), "utf8"));
const account = (digit: number) => `0x${String(digit).repeat(40)}`;

/** What nobody can look up for an operator. */
const filled = (name: string, changes: object = {}) => {
  const file = content(name);
  for (const side of ["base", "quote"]) {
    file[side].feed.heartbeat ??= 86_400;
    file[side].feed.deviationBps ??= 50;
  }
  const roles = { governor: account(1), council: account(2), guardian: account(3), lister: account(4) };
  return { ...file, ...roles, signers: [account(7), account(5), account(6)], quorum: 2, ...changes };
};
const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it did not fail");
};

describe("a network's parameter file", () => {
  for (const name of NETWORKS) {
    it(`${name} names what it leaves to the operator, and nothing else is missing`, () => {
      const lines = messageOf(() => parseNetworkFile(content(name), name))
        .split("\n")
        .slice(1);
      expect(lines.every((line) => line.includes("required, and not given"))).to.equal(true);
      const roles = ["signers", "quorum", "governor", "council", "guardian", "lister"];
      expect(lines.map((line) => line.trim().split(":")[0])).to.include.members(roles);
      expect(parseNetworkFile(filled(name), name).network).to.equal(path.basename(name, ".json"));
    });
  }

  it("is refused with every field that is wrong, by name", () => {
    const broken = filled("mainnet.json", {
      governor: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756CC2",
      quorum: 4,
      surface: { levelBps: 5000, skewBps: 1000, basisBps: 50, quarantine: 60 },
      council: account(0),
      wrong: 1,
    });
    const message = messageOf(() => parseNetworkFile(broken, "mine.json"));
    for (const said of ["governor: no address", "council: no address", "surface.quarantine", "wrong"])
      expect(message).to.include(said);
    for (const minimumAmount of ["0", "0.000", "1000000"])
      expect(
        messageOf(() => parseNetworkFile(filled("mainnet.json", { minimumAmount }), "mine.json")),
      ).to.include("minimumAmount: a decimal number of options, more than 0");
    expect(messageOf(() => parseNetworkFile(filled("mainnet.json", { quorum: 4 }), "mine.json"))).to.include(
      "quorum: 4, of no more than 3 signers",
    );
  });

  it("gives the modules signers by rising address, and a feed's heartbeat with its margins", () => {
    const file = parseNetworkFile(filled("arbitrum.json"), "arbitrum.json");
    const parameters = moduleParameters(file, account(9)) as Record<string, Record<string, never>>;
    expect(parameters.Market!.signers).to.deep.equal([account(5), account(6), account(7)]);
    const { sources, settlementBase, settlementQuote } = parameters.Oracles as never as {
      sources: { base: { heartbeat: number }; sequencer: string };
      settlementBase: { maxSilence: number };
      settlementQuote: { maxSilence: number };
    };
    expect(sources.base.heartbeat).to.equal(86_700);
    expect(sources.sequencer).to.equal(file.sequencer);
    // Three heartbeats of a day are three days, the most that SettlementOracle takes.
    expect([settlementBase.maxSilence, settlementQuote.maxSilence]).to.deep.equal([259_200, 93_600]);
  });

  it("gives the modules the proposed terms, but for those that it names", () => {
    const terms = { book: { gammaBps: 20_000 }, quoteTranche: { cap: "1000000000000" } };
    const file = parseNetworkFile(filled("mainnet.json", { terms }), "mainnet.json");
    const { OptionPool, Vault } = moduleParameters(file, account(9)) as Record<string, object>;
    expect(OptionPool).to.deep.include({
      terms: { ...BOOK_TERMS, gammaBps: 20_000 },
      parameters: POOL_PARAMETERS,
    });
    expect(Vault).to.deep.include({
      terms: VAULT_TERMS,
      baseTerms: trancheTerms("base", 18),
      quoteTerms: { ...trancheTerms("quote", 6), cap: 10n ** 12n },
    });
    const wrong = {
      ...{ book: { gamma: 1 }, optionPool: { feeVolPpm: "1" }, baseTranche: { cap: "1.5" }, vault: {} },
      liquidityVault: { feeReceiver: "me" },
    };
    const message = messageOf(() => parseNetworkFile(filled("mainnet.json", { terms: wrong }), "mine.json"));
    for (const said of [
      'terms.book: Unrecognized key: "gamma"',
      "terms.optionPool.feeVolPpm: ",
      "terms.baseTranche.cap: no amount in the token's units, as text",
      "terms.liquidityVault.feeReceiver: no address",
      'terms: Unrecognized key: "vault"',
    ])
      expect(message).to.include(said);
  });
});

describe("a chain before a deployment", () => {
  const file = parseNetworkFile(filled("mainnet.json"), "mainnet.json") as NetworkFile;
  const chain = (answers: Partial<Provider>) => answers as Provider;
  const network = async () => ({ chainId: 1n }) as never;

  it("has CLZ when it answers 255 for 1, not when the instruction is invalid, and unknown when it was not run", async () => {
    expect(await hasClz(chain({ call: async () => `0x${"ff".padStart(64, "0")}` }))).to.equal(true);
    expect(await hasClz(chain({ call: async () => "0x" }))).to.equal(false);
    const failed =
      (info: object = {}) =>
      async () => {
        throw makeError("missing revert data", "CALL_EXCEPTION", {
          ...{ action: "call", data: null, reason: null, transaction: { to: null, data: "0x" } },
          ...{ invocation: null, revert: null, info },
        });
      };
    expect(await hasClz(chain({ call: failed() }))).to.equal(false);
    for (const message of [
      "invalid opcode: opcode 0x1e not defined",
      "EVM error: OpcodeNotFound",
      "VM execution error.",
      "execution reverted",
    ])
      expect(await hasClz(chain({ call: failed({ error: { message } }) })), message).to.equal(false);
    for (const message of ["Too Many Requests", "header not found", "execution aborted (timeout = 5s)"])
      expect(
        await hasClz(chain({ call: failed({ error: { message } }) })).catch((error) => error.code),
        message,
      ).to.equal("CALL_EXCEPTION");
  });

  it("is refused without CLZ, and when it is another chain than the file's", async () => {
    const refusal = (provider: Provider) =>
      preflight(provider, file, account(8)).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await refusal(chain({ getNetwork: network, call: async () => "0x" }))).to.match(
      /Chain 1 has no CLZ instruction.*Nothing was sent/,
    );
    expect(await refusal(chain({ getNetwork: async () => ({ chainId: 10n }) as never }))).to.equal(
      "The chain's id is 10, that of mainnet is 1.",
    );
  });

  describe("that can run it", () => {
    const deployer = account(8);
    const POOL = account(9);
    const AGGREGATOR = getAddress(`0x${"a".repeat(40)}`);
    const NOW = 1_800_000_000;
    const METHODS = new Interface([
      "function decimals() view returns (uint8)",
      "function description() view returns (string)",
      "function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)",
      "function phaseId() view returns (uint16)",
      "function phaseAggregators(uint16) view returns (address)",
      "function getPool(address, address, uint24) view returns (address)",
      "function observe(uint32[]) view returns (int56[], uint160[])",
    ]);
    type Answers = Record<string, Record<string, unknown[]>>;

    const feed = (usd: number, description: string) => ({
      decimals: [8],
      description: [description],
      latestRoundData: [1, BigInt(Math.round(usd * 1e8)), NOW - 60, NOW - 60, 1],
      phaseId: [1],
      phaseAggregators: [AGGREGATOR],
    });
    /** Of quote per base over half an hour; the quote token of mainnet is token 0, with 6 decimals. */
    const observed = (price: number) => {
      const moved = BigInt(Math.round(-1800 * (Math.log(price * 1e-12) / Math.log(1.0001))));
      return {
        observe: [
          [-5n, moved - 5n],
          [0, 0],
        ],
      };
    };
    const healthy = ({ base, quote, uniswap }: NetworkFile, price = 3000): Answers => ({
      [base.token]: { decimals: [18] },
      [quote.token]: { decimals: [6] },
      [base.feed.proxy]: feed(price, "ETH / USD"),
      [quote.feed.proxy]: feed(1, "USDC / USD"),
      [AGGREGATOR]: { decimals: [8] },
      [uniswap.factory]: { getPool: [POOL] },
      [POOL]: observed(price * 1.015),
    });

    /** A chain with these contracts: what one is not asked for in vain it answers, all else reverts or is no contract. */
    const chainOf = (chainId: number, answers: Answers, codes: readonly string[] = []): Provider =>
      chain({
        getNetwork: async () => ({ chainId: BigInt(chainId) }) as never,
        getBalance: async () => 1n,
        getBlock: async () => ({ timestamp: NOW }) as never,
        getCode: async (at) => (String(at) in answers || codes.includes(String(at)) ? "0x01" : "0x"),
        call: async ({ to, data }) => {
          if (to == null) return `0x${"ff".padStart(64, "0")}`;
          const method = METHODS.getFunction(data!.slice(0, 10))!.name;
          const answer = answers[String(to)]?.[method];
          return answer === undefined ? "0x" : METHODS.encodeFunctionResult(method, answer);
        },
      });

    const ready = (
      changes: object = {},
      change: (answers: Answers) => void = () => {},
      name = "mainnet.json",
    ) => {
      const asked = parseNetworkFile(filled(name, changes), name);
      const answers = healthy(asked);
      change(answers);
      return preflight(chainOf(asked.chainId, answers, [asked.permit2!]), asked, deployer);
    };
    const findingsOf = async (...asked: Parameters<typeof ready>): Promise<string[]> => {
      const message = await ready(...asked).then(
        () => "nothing",
        (error: Error) => error.message,
      );
      expect(message).to.match(/ is not ready, and nothing was sent:\n/);
      return message
        .split("\n")
        .slice(1)
        .map((line) => line.trim());
    };
    /** One finding, and this one. */
    async function expectFound(finding: RegExp, ...asked: Parameters<typeof ready>): Promise<void> {
      const found = await findingsOf(...asked);
      expect(found, String(found)).to.have.length(1);
      expect(found[0]).to.match(finding);
    }
    const { base, quote, uniswap } = file;

    it("is ready, without a warning, and gives the pool", async () => {
      expect(await ready()).to.deep.equal({ pool: POOL, warnings: [] });
    });

    it("is not when a price lies outside the bounds that the oracles get", async () => {
      const cheap = (answers: Answers) => Object.assign(answers, healthy(file, 9.99));
      await expectFound(
        /^base\.feed answers 999000000, outside the bounds .* 1000000000 to 100000000000000/,
        {},
        cheap,
      );
    });

    it("is not when feeds and pool disagree, as with the proxy of another asset", async () => {
      const at = (price: number) => (answers: Answers) => Object.assign(answers[POOL]!, observed(price));
      await expectFound(
        /^the feeds say 3000 of quote per base, the pool 0x9+ 306\d.* on 1800 s' average, over 200 bps/,
        {},
        at(3066),
      );
      await expectFound(/^the feeds say 3000 of quote per base, the pool 0x9+ 2935\.\d+ on/, {}, at(2935.5));
      expect((await ready({}, at(3055))).warnings).to.deep.equal([]);
    });

    it("is not when an address is of another kind, each told by its field", async () => {
      const without = (at: string) => (answers: Answers) => {
        answers[at] = {};
      };
      await expectFound(/^base\.token: .* answers no decimals/, {}, without(base.token));
      await expectFound(
        /^base\.feed\.proxy: .* answers no round; it is no Chainlink feed$/,
        {},
        without(base.feed.proxy),
      );
      await expectFound(/^quote\.feed\.proxy: .* answers no round/, {}, (answers) => {
        answers[quote.feed.proxy] = { decimals: [8] };
      });
      await expectFound(/^base\.feed\.proxy: .* has no phases; give the proxy/, {}, (answers) => {
        delete answers[base.feed.proxy]!.phaseAggregators;
      });
      await expectFound(/^uniswap\.factory: .* answers no getPool/, {}, without(uniswap.factory));
      await expectFound(/^uniswap: the pool 0x9+ does not remember 1800 s/, {}, without(POOL));
      const { sequencer } = content("arbitrum.json");
      const onArbitrum = (feed: Answers[string]) => (answers: Answers) => {
        answers[sequencer] = feed;
        // Arbitrum's base is the lower of both tokens.
        Object.assign(answers[POOL]!, {
          observe: [
            [0n, -1800n * 196_256n],
            [0, 0],
          ],
        });
      };
      const up = { latestRoundData: [1, 0, NOW - 90, NOW - 90, 1] };
      expect((await ready({}, onArbitrum(up), "arbitrum.json")).pool).to.equal(POOL);
      const none = /^sequencer: 0x.* answers no round; it is no uptime feed$/;
      await expectFound(none, {}, onArbitrum({}), "arbitrum.json");
      await expectFound(none, {}, onArbitrum({ latestRoundData: [0, 0, 0, 0, 0] }), "arbitrum.json");
      await expectFound(
        /^sequencer is null, and chain 42161 has one/,
        { sequencer: null },
        onArbitrum(up),
        "arbitrum.json",
      );
    });

    it("is ready for the hand-over whatever feeds and pool do, but not without roles apart and gas", async () => {
      const answers = healthy(file);
      answers[base.feed.proxy]!.latestRoundData = [1, 3000n * 10n ** 8n, NOW - 90_000, NOW - 90_000, 1];
      answers[POOL] = {};
      const late = chainOf(1, answers);
      const refusal = (work: Promise<unknown>) => work.then(String, ({ message }: Error) => message);
      expect(await refusal(preflight(late, file, deployer))).to.match(
        /base\.feed is 90000 s old(.|\n)* does not remember/,
      );
      expect(await handOverPreflight(late, file, deployer)).to.deep.equal([]);
      expect(await refusal(handOverPreflight(late, file, file.council))).to.match(/council is the deployer/);
      const poor = { ...late, getBalance: async () => 0n } as Provider;
      expect(await refusal(handOverPreflight(poor, file, deployer))).to.match(/nothing to pay gas with/);
      expect(await refusal(handOverPreflight(chainOf(10, answers), file, deployer))).to.match(/id is 10/);
    });

    it("is not when the deployer is among the signers", async () => {
      await expectFound(/^the deployer is among the signers$/, {
        signers: [deployer, account(5), account(6)],
      });
    });

    it("is not when the file names the feeds of a settlement that was deployed before", async () => {
      const settled = { proxy: base.feed.proxy, decimals: 8, heartbeat: 3600 };
      const finding = /^settlement is for a market whose spot has other feeds by now: leave it out/;
      await expectFound(finding, { settlement: { base: settled, quote: settled } });
    });

    it("is ready with a warning of what protects less than it could", async () => {
      const one = { governor: account(1), council: account(1), guardian: account(1), lister: account(1) };
      const warned = async (changes: object) => (await ready(changes)).warnings.join("\n");
      expect(await warned(one)).to.match(/^governor, council, guardian, lister are one address, 0x1+: /);
      expect(await warned({ guardian: account(5) })).to.match(/^guardian, 0x5+, is among the signers, too$/);
      expect(await warned({ quorum: 1 })).to.match(/^quorum is 1: /);
      expect(await warned({ governorDelay: 0 })).to.match(/^governorDelay is 0: /);
    });
  });

  it("is not asked by the command when the file is not complete", async () => {
    const { code, stderr } = await meniscus([
      ...["deploy", "check", "--rpc", "http://127.0.0.1:1"],
      ...["--parameters", path.join(PARAMETERS, "mainnet.json")],
    ]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/governor: required, and not given/);
  });
});

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
    expect(withHostsOnly('"requestUrl": "https://a.b/v3/SECRET", postgres://me:SECRET@c:5432/d')).to.equal(
      '"requestUrl": "a.b", c:5432',
    );
  });

  describe("with the deployer's key", () => {
    const key = Wallet.createRandom();
    const env = { MENISCUS_KEYSTORE_PASSWORD: "password" };
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

describe("the events of a deployment", () => {
  const refusal = (words: string, code = -32000) =>
    makeError("could not coalesce error", "UNKNOWN_ERROR", { error: { code, message: words } as never });
  const status = (responseStatus: string, responseBody: string | null = null) =>
    makeError(`server response ${responseStatus}`, "SERVER_ERROR", {
      ...{ request: "", info: { responseStatus, responseBody } },
    });
  /** A node with an event in every block, which throws what `refuse` gives for a span; and the spans it was asked for. */
  const nodeOf = (refuse: (size: number, from: number) => Error | undefined) => {
    const asked: number[] = [];
    const queryFilter = async (_: string, from: number, to: number) => {
      asked.push(to - from + 1);
      const error = refuse(to - from + 1, from);
      if (error !== undefined) throw error;
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    };
    return { asked, contract: { queryFilter } as unknown as Contract };
  };
  const blocks = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const tooWide = refusal("block range is too large");

  it("are read at once, or in the widest spans that a node takes, each block once", async () => {
    const open = nodeOf(() => undefined);
    expect(await new EventReader().all(open.contract, "*", 5, 104)).to.deep.equal(blocks(5, 104));
    expect(open.asked).to.deep.equal([100]);
    const narrow = nodeOf((size) => (size > 10 ? tooWide : undefined));
    const reader = new EventReader();
    expect(await reader.all(narrow.contract, "*", 5, 2004)).to.deep.equal(blocks(5, 2004));
    // 200 spans of ten; the others look for the ten, and look again after 64 and 128.
    expect(narrow.asked.length).to.be.lessThan(230);
    narrow.asked.length = 0;
    await reader.all(narrow.contract, "*", 1, 100);
    expect(narrow.asked.length).to.be.lessThan(15);
  });

  it("are read in wider spans again after a part that has many", async () => {
    // Of ten blocks each until 1000, and as many as one likes after it.
    const dense = nodeOf((size, from) =>
      from <= 1000 && size > 10 ? refusal("query returned more than 10000 results", -32005) : undefined,
    );
    expect(await new EventReader().all(dense.contract, "*", 1, 100_000)).to.deep.equal(blocks(1, 100_000));
    expect(dense.asked.length).to.be.lessThan(250);
    expect(Math.max(...dense.asked.slice(1 + dense.asked.lastIndexOf(10)))).to.be.greaterThan(10_000);
  });

  it("are asked for no further than to the one that is looked for", async () => {
    const narrow = nodeOf((size) => (size > 10 ? tooWide : undefined));
    const found = await new EventReader().read(narrow.contract, "*", 1, 1000).next();
    expect(found.value).to.equal(1);
    expect(narrow.asked.filter((size) => size <= 10).length).to.equal(1);
  });

  const OF_SPAN: [string, Error][] = [
    ["Alchemy", refusal("You can make eth_getLogs requests with up to a 10 block range.", -32600)],
    ["Infura", refusal("range 1000000 exceeds limit of 10000", -32602)],
    ["QuickNode", status("413 Content Too Large", '{"error":{"message":"limited to a 10,000 range"}}')],
    ["Alchemy by status", status("400 Bad Request", '{"error":{"message":"Log response size exceeded."}}')],
    ["Erigon", refusal("query block range exceeds server limit, narrow your filter: 5")],
    ["Tenderly", makeTenderly()],
    ["a public node", refusal("exceed maximum block range: 50000", -32701)],
    ["one that names its code only", refusal("Invalid params", -32602)],
    ["one that takes too long", refusal("query timeout", -32000)],
  ];
  function makeTenderly() {
    const error = { code: -32602, message: "invalid params", data: { payload: "range 9 is bigger than 2" } };
    return makeError("could not coalesce error", "UNKNOWN_ERROR", { error: error as never });
  }
  for (const [name, error] of OF_SPAN)
    it(`are asked for in shorter spans where the span is refused, as by ${name}`, async () => {
      const node = nodeOf((size) => (size > 4 ? error : undefined));
      expect(await new EventReader().all(node.contract, "*", 1, 20)).to.deep.equal(blocks(1, 20));
    });

  const OF_ANYTHING_ELSE: [string, Error][] = [
    ["a wrong key", status("401 Unauthorized", '{"error":{"message":"limit your key to a range"}}')],
    ["a server's failure", status("502 Bad Gateway")],
    ["too many questions", refusal("rate limit exceeded", -32005)],
    ["too many questions a day", refusal("daily request count exceeded, request rate limited", -32005)],
    ["too many units", refusal("Your app has exceeded its compute units per second capacity", 429)],
    ["a key that is not taken", refusal("Unauthorized: You must authenticate")],
  ];
  for (const [what, error] of OF_ANYTHING_ELSE)
    it(`are not asked for again after ${what}`, async () => {
      const node = nodeOf(() => error);
      expect(await new EventReader().all(node.contract, "*", 1, 1000).catch((thrown) => thrown)).to.equal(
        error,
      );
      expect(node.asked).to.deep.equal([1000]);
    });
});

describe("the journals of a local chain", () => {
  it("are gone at the end of the work on it, although files are still written to them", async () => {
    const chain = { url: "http://127.0.0.1:1" } as LocalChain;
    const folder = journalFolder(localJournal(chain, "market"));
    for (let round = 0; round < 20; round++) {
      const written = await withJournals(chain, async () => {
        mkdirSync(path.join(folder, "artifacts"), { recursive: true });
        const write = (_: unknown, i: number) =>
          writeFile(path.join(folder, `artifacts/${i}.json`), "{}").catch(() => undefined);
        return { all: Promise.all(Array.from({ length: 100 }, write)) };
      });
      expect(readdirSync(path.dirname(folder)).filter((name) => name.startsWith("local-1-"))).to.deep.equal(
        [],
      );
      await written.all;
    }
  });
});

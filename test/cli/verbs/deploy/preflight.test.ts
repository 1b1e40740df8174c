import path from "node:path";
import { type NetworkFile, parseNetworkFile } from "@meniscus/cli/verbs/deploy/networkFile";
import { handOverPreflight, hasClz, preflight } from "@meniscus/cli/verbs/deploy/preflight";
import { expect } from "chai";
import { getAddress, Interface, makeError, type Provider } from "ethers";
import { meniscus } from "../../../support/cli.ts";
import { account, content, filled, PARAMETERS } from "../../../support/networkFile.ts";

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
      "function slot0() view returns (uint160, int24, uint16, uint16, uint16, uint8, bool)",
      "function typeAndVersion() view returns (string)",
    ]);
    type Answers = Record<string, Record<string, unknown[]>>;

    const feed = (usd: number, description: string) => ({
      decimals: [8],
      description: [description],
      latestRoundData: [1, BigInt(Math.round(usd * 1e8)), NOW - 60, NOW - 60, 1],
      phaseId: [1],
      phaseAggregators: [AGGREGATOR],
    });
    /** How many observations a pool keeps. */
    const keeping = (observations: number) => ({ slot0: [0, 0, 0, observations, 65_535, 0, true] });
    /** Of quote per base over half an hour; the quote token of mainnet is token 0, with 6 decimals. */
    const observed = (price: number) => {
      const moved = BigInt(Math.round(-1800 * (Math.log(price * 1e-12) / Math.log(1.0001))));
      return {
        ...keeping(1801),
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

    it("is not when its pool remembers half an hour today, and would not where it is traded in every block", async () => {
      /** The wide move is that of Arbitrum's pool, whose base is the lower of both tokens, as in Base's. */
      const lower = { observe: [[0n, -1800n * 196_256n], [0, 0]] }; // biome-ignore format: one answer
      const up = { latestRoundData: [1, 0, NOW - 90, NOW - 90, 1] };
      for (const [name, least] of [
        ["mainnet.json", 151],
        ["base.json", 901],
        ["arbitrum.json", 1801],
      ] as const) {
        const { sequencer } = content(name);
        const kept = (observations: number) => (answers: Answers) => {
          if (sequencer !== null) answers[sequencer] = up;
          Object.assign(answers[POOL]!, sequencer === null ? {} : lower, keeping(observations));
        };
        const finding = new RegExp(
          `^uniswap: the pool 0x9+ keeps ${least - 1} observations, and needs ${least} .*increaseObservationCardinalityNext\\(${least}\\)`,
        );
        await expectFound(finding, {}, kept(least - 1), name);
        expect((await ready({}, kept(least), name)).pool).to.equal(POOL);
      }
      await expectFound(/keeps 0 observations/, {}, (answers) => {
        delete answers[POOL]!.slot0;
      });
    });

    it("is ready with a warning of an aggregator that shows its rounds late", async () => {
      const ofType = (type: string) => (answers: Answers) => {
        answers[AGGREGATOR]!.typeAndVersion = [type];
      };
      const { warnings } = await ready({}, ofType("DualAggregator 1.0.0"));
      expect(warnings).to.have.length(2);
      for (const [i, side] of ["base", "quote"].entries())
        expect(warnings[i]).to.match(
          new RegExp(
            `^${side}\\.feed: its aggregator 0xA+ is a DualAggregator 1\\.0\\.0, .* allows for 120$`,
            "i",
          ),
        );
      expect((await ready({}, ofType("AccessControlledOCR2Aggregator 1.0.0"))).warnings).to.deep.equal([]);
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

    it("is ready with a warning of tranches that take, or ask for, what is not alike", async () => {
      const warned = async (terms: object) => (await ready({ terms })).warnings;
      expect(await warned({ quoteTranche: { cap: "5100000000000" } })).to.deep.equal([]);
      expect(await warned({ quoteTranche: { cap: "1000000000000" } })).to.deep.equal([
        "cap of the base tranche is worth 15,200,000 of quote, that of the quote tranche 1,000,000 of quote: name what you mean in terms",
      ]);
      expect(await warned({ baseTranche: { minimumAssets: "1000000000000000" } })).to.deep.equal([
        "minimumAssets of the base tranche is worth 3.05 of quote, that of the quote tranche 25 of quote: name what you mean in terms",
      ]);
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

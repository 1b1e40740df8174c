import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { deployTo } from "@meniscus/cli/hardhat/deployment";
import type { EventsRead } from "@meniscus/cli/verbs/deploy/accessManager";
import type { NetworkFile } from "@meniscus/cli/verbs/deploy/networkFile";
import { EventReader } from "@meniscus/cli/verbs/deploy/node";
import { assertHandedOver, assertPowerless, assertUntouched } from "@meniscus/cli/verbs/deploy/rights";
import { settingsFindings } from "@meniscus/cli/verbs/deploy/settings";
import { verifyContract, verifyDeployment } from "@meniscus/cli/verbs/deploy/verification";
import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { settlementOracleAbi } from "@meniscus/sdk/abi/settlementOracle";
import { spotOracleAbi } from "@meniscus/sdk/abi/spotOracle";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { SPOT_LIMITS } from "@meniscus/sdk/oracles";
import { BOOK_TERMS, POOL_PARAMETERS } from "@meniscus/sdk/pool/terms";
import { ROLES } from "@meniscus/sdk/roles";
import { HEDGER_PARAMETERS } from "@meniscus/sdk/vault/hedge";
import { VAULT_TERMS } from "@meniscus/sdk/vault/terms";
import { errorDeploymentResultToExceptionMessage } from "@nomicfoundation/hardhat-ignition/helpers";
import { DeploymentResultType } from "@nomicfoundation/ignition-core";
import { expect } from "chai";
import {
  type EventLog,
  Interface,
  type InterfaceAbi,
  makeError,
  type Provider,
  type TransactionRequest,
  zeroPadValue,
} from "ethers";
import hre, { network } from "hardhat";
import Market from "../../../deploy/modules/Market.ts";
import { bare, ethers as clearingEthers, load } from "../../support/clearing/fixture.ts";
import { deployScripted } from "../../support/oracle/fixture.ts";
import { type AnyContract, ethers as surfaceEthers } from "../../support/surface.ts";
import { deployVault, running } from "../../support/vault/market.ts";

const PARAMETERS = path.resolve(import.meta.dirname, "../../../deploy/parameters/local.json");
const LENS = "contracts/periphery/Lens.sol:Lens";
const DELAY = 172_800;
const NO_DETAILS = {
  action: "call",
  reason: null,
  transaction: { to: null, data: "0x" },
  invocation: null,
  revert: null,
} as const;
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );

/** A Lens, which keeps its surface as an immutable, and what a journal would say of it. */
async function lens() {
  const { ethers, networkHelpers } = await network.create();
  const surface = `0x${"5".repeat(40)}`;
  const contract = await ethers.deployContract("Lens", [surface]);
  const information = {
    address: await contract.getAddress(),
    contract: LENS,
    constructorArgs: [surface],
    libraries: {},
    creationTxHash: contract.deploymentTransaction()!.hash,
  };
  const provider = ethers.provider as unknown as Provider;
  const verify = (changes: object = {}) => verifyContract(hre, provider, { ...information, ...changes });
  return { provider, information, verify, setCode: networkHelpers.setCode };
}

describe("what a deployment is checked for", () => {
  it("a contract that is this build's passes, immutables and all", async () => {
    const { information, verify } = await lens();
    const { address, constructorArguments } = await verify();
    expect(address).to.equal(information.address);
    expect(constructorArguments).to.equal(`0x${"5".repeat(40).padStart(64, "0")}`);
  });

  it("a contract that differs in its last byte, or has no code, does not pass", async () => {
    const { provider, information, verify, setCode } = await lens();
    const code = await provider.getCode(information.address);
    await setCode(information.address, `${code.slice(0, -2)}${code.endsWith("00") ? "01" : "00"}`);
    expect(await messageOf(verify())).to.match(
      new RegExp(`not this build's: byte ${code.length / 2 - 2} of`),
    );
    await setCode(information.address, "0x");
    expect(await messageOf(verify())).to.match(/not this build's: byte 0 of 0 on chain/);
  });

  it("a contract that was made with other arguments does not pass, though its code outside immutables is the same", async () => {
    const { verify } = await lens();
    const message = await messageOf(verify({ constructorArgs: [`0x${"6".repeat(40)}`] }));
    expect(message).to.match(/was not made by this build's creation code and arguments/);
  });

  it("all of a journal are compared with a build of the working copy, made first", async () => {
    const { provider } = await lens();
    const done: string[] = [];
    const hardhat = {
      tasks: { getTask: (name: string) => ({ run: async () => void done.push(name) }) },
    } as unknown as typeof hre;
    const folder = mkdtempSync(path.join(tmpdir(), "meniscus-journal-"));
    try {
      const verify = () => messageOf(verifyDeployment(hardhat, provider, folder));
      expect(await verify()).to.match(/There is no journal of a deployment in /);
      expect(done).to.deep.equal([]);
      writeFileSync(path.join(folder, "journal.jsonl"), "");
      // Ignition finds nothing in it.
      expect(await verify()).not.to.equal("");
      expect(done).to.deep.equal(["build"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("the journal of other parameters is told with what to do, and other failures as they are", async () => {
    const differ = { "Market#Market.setSigners": ["Argument at index 1 has been changed"] };
    const failing = (message: string) => {
      const deploy = () => Promise.reject(new Error(`Hardhat Ignition deployment error: ${message}`));
      return { network: { create: async () => ({ ignition: { deploy }, close: async () => {} }) } };
    };
    const messageAfter = (message: string) =>
      messageOf(deployTo(failing(message) as never, { url: "", journal: "nowhere" }, "Control", {}));
    const reconciled = errorDeploymentResultToExceptionMessage({
      type: DeploymentResultType.RECONCILIATION_ERROR,
      errors: differ,
    });
    expect(await messageAfter(reconciled)).to.match(
      /deployments\/nowhere is the journal of a deployment with other .* Control sent nothing\.(.|\n)* \* Market#Market\.setSigners: Arg/,
    );
    expect(await messageAfter("it ran out of gas")).to.equal(
      "Hardhat Ignition deployment error: it ran out of gas",
    );
  });

  describe("roles", () => {
    const content = JSON.parse(readFileSync(PARAMETERS, "utf8"));
    const { market: MARKET, signers, quorum, ...surface } = content.Market;

    /** A surface behind its access manager, as the module Market leaves it, and the questions. */
    async function market() {
      const { ethers, ignition, networkHelpers } = await network.create();
      const accounts = await ethers.getSigners();
      const [deployer, governor, council, guardian, lister, stranger] = accounts.map(
        ({ address }) => address,
      ) as [string, string, string, string, string, string];
      const roles = { governor, council, guardian, lister, governorDelay: DELAY };
      const file = { ...roles, market: MARKET, signers, quorum, surface } as unknown as NetworkFile;
      const { control } = await ignition.deploy(Market, { parameters: content });
      const [mapped] = await control.queryFilter(control.filters.TargetFunctionRoleUpdated!());
      const abi = new Interface(volSurfaceAbi);
      const address: string = (mapped as EventLog).args.target;
      const volSurface = await ethers.getContractAt("VolSurface", address);
      const restricted = { name: "VolSurface", address, abi };
      const provider = ethers.provider as unknown as Provider;
      const at = await control.getAddress();
      // Hardhat's provider in this process has errors of its own; a node answers as ethers expects.
      const node = {
        call: (request: TransactionRequest) =>
          ethers.provider.call(request).catch((error: { data?: string }) => {
            throw makeError("reverted", "CALL_EXCEPTION", { ...NO_DETAILS, data: error.data ?? null });
          }),
      } as unknown as Provider;
      const asked = (changes: object) => [provider, at, { ...file, ...changes }, [restricted], 0] as const;
      return {
        ...{ file, deployer, stranger, control: control as unknown as AnyContract, accounts },
        ...{ volSurface: volSurface as unknown as AnyContract, time: networkHelpers.time },
        handedOver: (changes: object = {}) => messageOf(assertHandedOver(...asked(changes))),
        operations: async () => (await assertHandedOver(...asked({}))).operations,
        untouched: () => messageOf(assertUntouched(...asked({}), deployer)),
        readBefore: () => assertUntouched(...asked({}), deployer),
        provedAfter: (before: EventsRead) => assertHandedOver(...asked({}), before),
        mine: networkHelpers.mine,
        powerless: () => messageOf(assertPowerless(node, [restricted], deployer)),
      };
    }

    const GRANTED = ["governor", "council", "guardian", "lister", "admin"] as const;

    /** What the module Handover does: a second run of Ignition in this process would deploy anew. */
    async function handOver(
      control: AnyContract,
      file: NetworkFile,
      deployer: string,
      granted: readonly (typeof GRANTED)[number][] = GRANTED,
    ): Promise<void> {
      for (const role of granted) {
        const isSlow = role === "governor" || role === "admin";
        const holder = file[role === "admin" ? "governor" : role];
        await control.grantRole!(ROLES[role], holder, isSlow ? DELAY : 0);
      }
      for (const role of ["governor", "lister", "admin"] as const)
        await control.renounceRole!(ROLES[role], deployer);
    }

    it("roles are not the file's before the hand-over, when the deployer is not refused", async () => {
      const { file, deployer, handedOver, untouched, powerless } = await market();
      const message = await handedOver();
      expect(message).to.include(`nobody was to be admin ${deployer} without delay`);
      expect(message).to.include(`missing is guardian ${file.guardian} without delay`);
      expect(await untouched()).to.equal("");
      expect(await powerless()).to.match(/VolSurface\.setSigners does not refuse/);
    });

    it("roles are the file's after the hand-over, to the holder and the delay, and the deployer is refused everywhere", async () => {
      const { control, file, deployer, handedOver, powerless } = await market();
      await handOver(control, file, deployer);
      expect(await handedOver()).to.equal("");
      expect(await powerless()).to.equal("");
      expect(await handedOver({ council: file.lister })).to.include(`missing is council ${file.lister}`);
      expect(await handedOver({ governorDelay: 0 })).to.include(`missing is governor ${file.governor}`);
    });

    type Planted = Awaited<ReturnType<typeof market>>;
    const PUBLIC = 2n ** 64n - 1n;
    const MONTH = 30 * 86_400;
    /** Seconds of a delay's change to come, of OpenZeppelin's AccessManager. */
    const SETBACK = 5 * 86_400;

    /** What the deployer does before the hand-over, and the one finding, the same before and after it. */
    const DOORS: [what: string, plant: (market: Planted) => Promise<unknown>, finding: RegExp][] = [
      [
        "the role of everybody as a role's admin",
        ({ control }) => control.setRoleAdmin!(ROLES.governor, PUBLIC),
        /^the admin of governor is everybody, not admin$/,
      ],
      [
        "another role as a role's guardian",
        ({ control }) => control.setRoleGuardian!(ROLES.governor, ROLES.lister),
        /^the guardian of governor is lister, not admin$/,
      ],
      [
        "the role of everybody as a role's guardian",
        ({ control }) => control.setRoleGuardian!(ROLES.council, PUBLIC),
        /^the guardian of council is everybody, not admin$/,
      ],
      [
        "a delay of grants that is to come",
        ({ control }) => control.setGrantDelay!(ROLES.admin, MONTH),
        /^grants of admin will take effect after 720 h, from \d{4}-.*Z$/,
      ],
      [
        "a target that is closed",
        async ({ control, volSurface }) => control.setTargetClosed!(volSurface, true),
        /^VolSurface is closed to every role$/,
      ],
      [
        "a delay of the admin's acts that is to come",
        async ({ control, volSurface }) => control.setTargetAdminDelay!(volSurface, MONTH),
        /^the admin's acts on VolSurface will take effect after 720 h, from \d{4}-.*Z$/,
      ],
      [
        "a signer more",
        async ({ volSurface, stranger }) =>
          volSurface.setSigners!(MARKET, [...signers, stranger].sort(byNumber), quorum),
        /^VolSurface: nobody was to be signer 0x[0-9a-fA-F]{40}$/,
      ],
      [
        "a signer less",
        async ({ volSurface }) => volSurface.setSigners!(MARKET, signers.slice(1), quorum),
        new RegExp(`^VolSurface: ${signers[0]} is no signer$`),
      ],
      [
        "a lower quorum",
        async ({ volSurface }) => volSurface.setSigners!(MARKET, signers, 1),
        /^VolSurface: quorum is 1, not 2$/,
      ],
      [
        "wider bounds",
        async ({ volSurface }) =>
          volSurface.setBounds!(MARKET, { ...surface, skewBps: 2 * surface.skewBps }, surface.quarantine),
        /^VolSurface: skewBps is 2000, not 1000$/,
      ],
      [
        "a council more",
        ({ control, stranger }) => control.grantRole!(ROLES.council, stranger, 0),
        /^nobody was to be council 0x[0-9a-fA-F]{40} without delay$/,
      ],
      [
        "an admin more, behind a delay",
        ({ control, stranger }) => control.grantRole!(ROLES.admin, stranger, DELAY),
        /^nobody was to be admin 0x[0-9a-fA-F]{40} after 48 h$/,
      ],
      [
        "a role that the hand-over leaves to the deployer",
        ({ control, deployer }) => control.grantRole!(ROLES.guardian, deployer, 0),
        /^nobody was to be guardian 0x[0-9a-fA-F]{40} without delay$/,
      ],
    ];
    const byNumber = (one: string, other: string) => (BigInt(one) < BigInt(other) ? -1 : 1);
    const findingsIn = (message: string) =>
      message
        .split("\n")
        .slice(1)
        .map((line) => line.trim());

    for (const [what, plant, finding] of DOORS)
      it(`roles are refused with ${what}, before the hand-over and after it`, async () => {
        const planted = await market();
        const { control, file, deployer, handedOver, untouched } = planted;
        await plant(planted);
        const before = findingsIn(await untouched());
        expect(before).to.have.length(1);
        expect(before[0]).to.match(finding);
        await handOver(control, file, deployer);
        expect(findingsIn(await handedOver())).to.deep.equal(before);
      });

    it("roles are proved after the hand-over by what came since, with the last blocks before it", async () => {
      const { control, file, deployer, stranger, readBefore, provedAfter, mine } = await market();
      await control.grantRole!(ROLES.council, file.council, 0);
      await mine(100);
      await control.grantRole!(ROLES.lister, file.lister, 0);
      const before = await readBefore();
      const asked: unknown[] = [];
      const all = before.reader.all.bind(before.reader);
      before.reader.all = (contract, event, first, last) => {
        asked.push(first);
        return all(contract, event, first, last);
      };
      await control.grantRole!(ROLES.council, stranger, 0);
      // What was granted before is not granted again: who holds it is known by what was read then.
      await handOver(control, file, deployer, ["governor", "guardian", "admin"]);
      expect(findingsIn(await messageOf(provedAfter(before)))).to.deep.equal([
        `nobody was to be council ${stranger} without delay`,
      ]);
      expect(asked).to.deep.equal([before.until - 63]);
    });

    it("roles are told as granted already where the hand-over had begun, and as not handed over before", async () => {
      const { control, volSurface, file, untouched } = await market();
      await volSurface.setSigners!(MARKET, signers, 1);
      expect(await untouched()).to.match(
        /^The deployment is not as the file says, and nothing was handed over:/,
      );
      await control.grantRole!(ROLES.council, file.council, 0);
      expect(await untouched()).to.match(
        /^The deployment is not as the file says, and roles were granted before, and nothing more was sent:/,
      );
    });

    it("roles of the file's holders are no finding before the hand-over where that sets their delay", async () => {
      const { control, file, deployer, handedOver, untouched } = await market();
      await control.grantRole!(ROLES.governor, file.governor, 60);
      await control.grantRole!(ROLES.guardian, file.guardian, 0);
      expect(await untouched()).to.equal("");
      await handOver(control, file, deployer);
      expect(await handedOver()).to.equal("");
    });

    it("roles are refused with a holder whose grant is still to come, and a delay that is in force", async () => {
      const { control, file, deployer, stranger, handedOver, untouched, time } = await market();
      await control.setGrantDelay!(ROLES.admin, MONTH);
      await time.increase(SETBACK);
      await control.grantRole!(ROLES.admin, stranger, 0);
      const since = (await time.latest()) + MONTH;
      await control.setGrantDelay!(ROLES.admin, 0);
      const from = new Date(1000 * since).toISOString();
      expect(findingsIn(await untouched())).to.include(
        `nobody was to be admin ${stranger} from ${from} without delay`,
      );
      await handOver(control, file, deployer);
      const found = findingsIn(await handedOver());
      expect(found).to.include(`nobody was to be admin ${stranger} from ${from} without delay`);
      expect(found).to.include("grants of admin take effect after 720 h, not at once");
    });

    it("roles are refused with a shorter delay that is still to come", async () => {
      const { control, file, deployer, handedOver, untouched } = await market();
      await control.grantRole!(ROLES.governor, file.governor, 2 * DELAY);
      expect(findingsIn(await untouched())).to.deep.equal([
        `nobody was to be governor ${file.governor} after 96 h`,
      ]);
      await handOver(control, file, deployer);
      expect(await handedOver()).to.match(
        new RegExp(`nobody was to be governor ${file.governor} after 96 h, 48 h from \\d{4}-`),
      );
    });

    it("roles are refused with an operation announced later than the file's delay allows; others are told until they lapse", async () => {
      const { control, volSurface, accounts, file, deployer, handedOver, operations, time } = await market();
      const byGovernor = control.connect(accounts[1]!) as AnyContract;
      const data = volSurface.interface.encodeFunctionData("setSigners", [MARKET, signers, 1]);
      await control.grantRole!(ROLES.governor, file.governor, 60);
      await byGovernor.schedule!(volSurface, data, 0);
      await handOver(control, file, deployer);
      const announced = new RegExp(
        `^announced 60 s before it is due: VolSurface.setSigners by ${file.governor}, due `,
      );
      const found = findingsIn(await handedOver());
      expect(found).to.have.length(1);
      expect(found[0]).to.match(announced);
      await byGovernor.cancel!(file.governor, volSurface, data);
      expect(await operations()).to.deep.equal([]);
      await byGovernor.schedule!(volSurface, data, 0);
      const [told, ...more] = await operations();
      expect(more).to.deep.equal([]);
      expect(told).to.match(new RegExp(`^VolSurface.setSigners by ${file.governor}, due `));
      await time.increase(DELAY + 8 * 86_400);
      expect(await operations()).to.deep.equal([]);
    });
  });

  describe("settings", () => {
    const NOWHERE = `0x${"0".repeat(40)}`;
    const [POOL, FACTORY] = [`0x${"4".repeat(40)}`, `0x${"3".repeat(40)}`];
    const asset = (token: string, decimals: number, proxy: unknown, heartbeat: number) => ({
      ...{ token, symbol: "X", decimals },
      feed: { proxy, decimals: 8, heartbeat, deviationBps: 50 },
    });
    const fileOf = (base: object, quote: object, changes: object = {}) =>
      ({
        ...{ market: 1, name: "ETH", minimumAmount: "0.01", signers: [], sequencer: null, surface: {} },
        ...{ permit2: null, base, quote, uniswap: { factory: FACTORY, fee: 500 }, ...changes },
      }) as unknown as NetworkFile;
    /** A factory whose pool remembers nothing; all else is the chain's. */
    const over = (chain: Provider): Provider =>
      ({
        getCode: async () => "0x01",
        call: async (request: TransactionRequest) => {
          if (request.to === FACTORY) return zeroPadValue(POOL, 32);
          if (request.to === POOL) throw makeError("OLD", "CALL_EXCEPTION", { ...NO_DETAILS, data: null });
          return chain.call(request).catch((error: { data?: string }) => {
            throw makeError("reverted", "CALL_EXCEPTION", { ...NO_DETAILS, data: error.data ?? null });
          });
        },
      }) as unknown as Provider;

    /** What the contracts of both oracles say of a file with these changes. */
    async function oracleFindings(heartbeat: number, changes: object = {}, kept?: number): Promise<string[]> {
      const { spot, settlement, base, quote } = await deployScripted();
      const settled = (feed: AnyContract, heartbeat: number) => ({
        proxy: feed.target,
        decimals: 8,
        heartbeat,
      });
      const contracts = [
        { name: "SpotOracle", address: String(spot.target), abi: new Interface(spotOracleAbi) },
        { name: "SettlementOracle", address: String(settlement.target), abi: settlement.interface },
      ];
      const file = fileOf(
        asset(`0x${"1".repeat(40)}`, 18, base.target, heartbeat),
        asset(`0x${"2".repeat(40)}`, 6, quote.target, 86_400),
        {
          ...changes,
          ...(kept !== undefined && {
            settlement: { base: settled(base, kept), quote: settled(quote, 86_400) },
          }),
        },
      );
      const chain = surfaceEthers.provider as unknown as Provider;
      return settingsFindings(over(chain), file, contracts, new EventReader(), 0);
    }
    const OF_SPOT = [
      "SpotOracle: sources.quote.deviationBps is 25, not 50",
      `SpotOracle: sources.average.pool is ${NOWHERE}, not ${POOL}`,
      "SpotOracle: sources.average.window is 0, not 1800",
      "SpotOracle: sources.average.baseIsToken0 is false, not true",
      "SpotOracle: sources.average.baseDecimals is 0, not 18",
      "SpotOracle: sources.average.quoteDecimals is 0, not 6",
    ];

    it("sources of spot that are not the file's are told, each value, whatever the pool remembers", async () => {
      expect(await oracleFindings(3600)).to.deep.equal(OF_SPOT);
    });

    it("feeds of settlement with another silence are told, and a market that has none", async () => {
      expect(await oracleFindings(7200)).to.deep.equal([
        "SpotOracle: sources.base.heartbeat is 3900, not 7500",
        ...OF_SPOT,
        "SettlementOracle: base.maxSilence is 10800, not 21600",
      ]);
      // As it was deployed, where spot has another heartbeat by now.
      expect(await oracleFindings(7200, {}, 3600)).to.deep.equal([
        "SpotOracle: sources.base.heartbeat is 3900, not 7500",
        ...OF_SPOT,
      ]);
      expect(await oracleFindings(3600, { market: 2 })).to.deep.equal([
        "SpotOracle: no sources are set",
        "SettlementOracle: market 2 has no feeds",
      ]);
    });

    it("a market in clearing with another least amount, oracle, token or quote is told, and one that is not there", async () => {
      const { clearinghouse, oracle, base, quote } = await load(bare);
      const at = (name: string, address: unknown, abi: InterfaceAbi) => ({
        ...{ name, address: String(address), abi: new Interface(abi) },
      });
      const findings = (changes: object = {}, settlementOracle: unknown = oracle.target) => {
        const contracts = [
          at("Clearinghouse", clearinghouse.target, clearinghouseAbi),
          at("SpotOracle", oracle.target, spotOracleAbi),
          at("SettlementOracle", settlementOracle, settlementOracleAbi),
        ];
        const file = fileOf(
          asset(String(base.target), 18, NOWHERE, 3600),
          asset(String(quote.target), 6, NOWHERE, 86_400),
          changes,
        );
        return settingsFindings(
          over(clearingEthers.provider as unknown as Provider),
          file,
          contracts,
          new EventReader(),
          0,
        );
      };
      const of = async (...asked: Parameters<typeof findings>) =>
        (await findings(...asked)).filter((each) => each.startsWith("Clearinghouse: "));
      expect(await of()).to.deep.equal([]);
      expect(await of({ minimumAmount: "1" })).to.deep.equal([
        "Clearinghouse: minimumAmount is 10000000000000000, not 1000000000000000000",
      ]);
      expect(await of({}, POOL)).to.deep.equal([
        `Clearinghouse: settlementOracle is ${oracle.target}, not ${POOL}`,
      ]);
      expect(await of({ quote: asset(POOL, 8, NOWHERE, 86_400) })).to.deep.equal([
        `Clearinghouse: quote is ${quote.target}, not ${POOL}`,
        "Clearinghouse: quoteDecimals is 6, not 8",
      ]);
      expect(await of({ base: asset(POOL, 18, NOWHERE, 3600) })).to.deep.equal([
        `Clearinghouse: base is ${base.target}, not ${POOL}`,
      ]);
      expect(await of({ market: 2 })).to.deep.equal(["Clearinghouse: market 2 is not registered"]);
    });

    /** A market with a vault, and what is said of it for a file with these changes, but for the sources of spot. */
    async function vaultMarket(...deployed: Parameters<typeof deployVault>) {
      const market = await deployVault(...deployed);
      const { book, pool, hedger, vault, spot, tranches, tokens } = market;
      const contracts = Object.entries({ Book: book, OptionPool: pool, DeltaHedger: hedger })
        .concat([
          ["LiquidityVault", vault],
          ["Tranche", tranches.base],
          ["Tranche", tranches.quote],
        ])
        .concat([["SpotOracle", spot]])
        .map(([name, { target, interface: abi }]) => ({ name, address: String(target), abi }));
      const file = (changes: object = {}) =>
        fileOf(
          { ...asset(String(tokens.base.target), 18, NOWHERE, 3600), symbol: "WETH" },
          { ...asset(String(tokens.quote.target), 6, NOWHERE, 86_400), symbol: "USDC" },
          changes,
        );
      const chain = over(surfaceEthers.provider as unknown as Provider);
      const of = async (changes: object = {}) => {
        const found = await settingsFindings(chain, file(changes), contracts, new EventReader(), 0);
        return found.filter((each) => !each.startsWith("SpotOracle: sources"));
      };
      return { ...market, of };
    }

    it("a book whose deployer named others than the file's contracts is told, each module", async () => {
      const stranger = `0x${"9".repeat(40)}`;
      const named = async (modules: object) => {
        const { of, ...market } = await vaultMarket({ modules });
        return { ...market, found: (await of()).filter((each) => each.startsWith("Book: ")) };
      };
      const { hedger, found } = await named({ hedger: stranger });
      expect(found).to.deep.equal([`Book: modules.hedger is ${stranger}, not ${hedger.target}`]);
      const other = await named({ pool: POOL, vault: stranger, baseTranche: stranger, quoteTranche: POOL });
      expect(other.found).to.deep.equal([
        `Book: modules.pool is ${POOL}, not ${other.pool.target}`,
        `Book: modules.vault is ${stranger}, not ${other.vault.target}`,
        `Book: modules.baseTranche is ${stranger}, not ${other.tranches.base.target}`,
        `Book: modules.quoteTranche is ${POOL}, not ${other.tranches.quote.target}`,
      ]);
    });

    it("terms that the deployer set otherwise than the file has them, or the council since, are told", async () => {
      const { book, pool, hedger, vault, spot, tranches, of } = await vaultMarket();
      const { cap, minimumAssets, minimumShares } = await tranches.base.terms!();
      const [base, quote] = [
        { cap, minimumAssets, minimumShares },
        { cap: 10n ** 16n, minimumAssets: 10n ** 6n, minimumShares: 10n ** 6n },
      ];
      const ofTranches = [
        `Tranche: WETH terms.cap is ${cap}, not ${5000n * 10n ** 18n}`,
        `Tranche: WETH terms.minimumAssets is ${minimumAssets}, not ${10n ** 16n}`,
        `Tranche: WETH terms.minimumShares is ${minimumShares}, not ${10n ** 16n}`,
        `Tranche: USDC terms.cap is ${quote.cap}, not ${15_000_000n * 10n ** 6n}`,
        `Tranche: USDC terms.minimumAssets is ${quote.minimumAssets}, not 25000000`,
        `Tranche: USDC terms.minimumShares is ${quote.minimumShares}, not 25000000`,
      ];
      expect(await of()).to.deep.equal(ofTranches);
      const terms = { baseTranche: base, quoteTranche: quote };
      expect(await of({ terms })).to.deep.equal([]);

      await book.setTerms!({ ...BOOK_TERMS, lambdaBps: 4001 });
      await pool.setParameters!({ ...POOL_PARAMETERS, feeVolPpm: 6000 });
      await hedger.setParameters!({ ...HEDGER_PARAMETERS, boundPpm: 1200 });
      await vault.setTerms!({ ...VAULT_TERMS, hedgeBps: 10 });
      await spot.tightenLimits!(1, { ...SPOT_LIMITS, agreementBps: 150 });
      expect(await of({ terms })).to.deep.equal([
        "Book: terms.lambdaBps is 4001, not 4000",
        "OptionPool: parameters.feeVolPpm is 6000, not 5000",
        "DeltaHedger: parameters.boundPpm is 1200, not 1300",
        "LiquidityVault: next terms.hedgeBps is 10, not 9",
        "SpotOracle: limits.agreementBps is 150, not 200",
      ]);
      const changed = { book: { lambdaBps: 4001 }, optionPool: { feeVolPpm: 6000 } };
      expect(
        await of({
          terms: { ...terms, ...changed, deltaHedger: { boundPpm: 1200 }, spotOracle: { agreementBps: 150 } },
        }),
      ).to.deep.equal(["LiquidityVault: next terms.hedgeBps is 10, not 9"]);
    });

    it("a pause that is used is told, and a vault that winds down", async () => {
      const { control, pool, vault, owner, tokens } = await running();
      const contracts = Object.entries({ OptionPool: pool, LiquidityVault: vault }).map(
        ([name, { target, interface: abi }]) => ({ name, address: String(target), abi }),
      );
      const of = () =>
        settingsFindings(
          over(surfaceEthers.provider as unknown as Provider),
          fileOf(
            asset(String(tokens.base.target), 18, NOWHERE, 3600),
            asset(String(tokens.quote.target), 6, NOWHERE, 86_400),
          ),
          contracts,
          new EventReader(),
          0,
        );
      expect(await of()).to.deep.equal([]);
      await control.grantRole!(ROLES.guardian, owner, 0);
      await pool.pause!();
      await vault.windDown!();
      const [paused, ...more] = await of();
      expect(paused).to.match(
        /^OptionPool: its pause is used, until 20\S+Z: unpause gives the guardian the next$/,
      );
      expect(more).to.deep.equal(["LiquidityVault: it winds down, for good"]);
    });
  });
});

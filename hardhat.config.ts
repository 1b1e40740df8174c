import { globSync } from "node:fs";
import path from "node:path";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import { configVariable, defineConfig } from "hardhat/config";
import type { HardhatPlugin } from "hardhat/types/plugins";

/**
 * One profile for tests and deployment alike, for a second one would test code that is not deployed; but two contracts (below) fit
 * into a contract's size only with fewer optimizer runs.
 * `path` points at the compiler from npm, so that nothing is downloaded; osaka, because the pricing uses CLZ.
 */
const compiler = {
  version: "0.8.37",
  path: path.join(import.meta.dirname, "node_modules/solc/soljson.js"),
  settings: {
    viaIR: true,
    evmVersion: "osaka",
    optimizer: { enabled: true, runs: 1_000_000 },
  },
};

/**
 * Campaign contracts are tests only, so they skip viaIR: 10 s instead of 100 s. The contracts under test are deployed out of their
 * artifacts and keep the production settings.
 */
const quick = {
  ...compiler,
  settings: { ...compiler.settings, viaIR: false, optimizer: { enabled: true, runs: 1 } },
};
const tests = globSync("test/contracts/**/*.sol", { cwd: import.meta.dirname });
const isOfCampaign = (file: string) => file.split(path.sep).includes("campaign");
const compilers = {
  compilers: [compiler],
  overrides: {
    ...Object.fromEntries(tests.map((file) => [file, isOfCampaign(file) ? quick : compiler])),
    // With 1,000,000 runs it would be 277 bytes too large for a contract.
    "contracts/book/Book.sol": {
      ...compiler,
      settings: { ...compiler.settings, optimizer: { enabled: true, runs: 50_000 } },
    },
    // And this one 177 bytes too large.
    "contracts/vault/LiquidityVault.sol": {
      ...compiler,
      settings: { ...compiler.settings, optimizer: { enabled: true, runs: 20_000 } },
    },
  },
};

/**
 * Contracts, tests and campaigns compile side by side, two at a time, which halves a build: Hardhat makes one task of all files whose
 * configuration is the same object, and on two cores it would take one task at a time.
 */
const sideBySide: HardhatPlugin = {
  id: "side-by-side",
  hookHandlers: {
    config: async () => ({
      default: async () => ({
        resolveUserConfig: async (userConfig, resolveVariable, next) => {
          const resolved = await next(userConfig, resolveVariable);
          for (const { overrides } of Object.values(resolved.solidity.profiles)) {
            for (const kind of [tests.filter(isOfCampaign), tests.filter((file) => !isOfCampaign(file))])
              for (const file of kind) overrides[file] = overrides[kind[0]!]!;
          }
          return resolved;
        },
      }),
    }),
    solidity: async () => ({
      default: async () => ({
        build: (context, files, options, next) => next(context, files, { ...options, concurrency: 2 }),
      }),
    }),
  },
};

/**
 * A dependency's warnings are its authors' to mend, and would be printed into the midst of a command's progress: OpenZeppelin's transient
 * storage has one.
 */
const ownWarnings: HardhatPlugin = {
  id: "own-warnings",
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        getCompilationJobErrors: async (context, job, output, next) => {
          const errors = await next(context, job, output);
          return errors.filter(
            ({ severity, formattedMessage }) =>
              severity !== "warning" || !/--> (\.\/)?node_modules\//.test(formattedMessage ?? ""),
          );
        },
      }),
    }),
  },
};

/** The sizes of `npm run test:deep`, which also sets other seeds; nothing that the compiler sees depends on it. */
const isDeep = process.env.MENISCUS_DEEP === "1";

export default defineConfig({
  plugins: [
    hardhatEthers,
    hardhatChaiMatchers,
    hardhatIgnitionEthers,
    hardhatMocha,
    hardhatNetworkHelpers,
    sideBySide,
    ownWarnings,
  ],
  solidity: { profiles: { default: compilers, production: compilers } },
  paths: {
    sources: "contracts",
    // Only what tests contracts: Hardhat's chai matchers read every number as an integer, so all else runs in a mocha of its own.
    tests: { mocha: "test/contracts", solidity: "test/contracts" },
    ignition: "deploy",
  },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "osaka" },
    node: { type: "edr-simulated", chainType: "l1", hardfork: "osaka", chainId: 31337 },
    local: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
    // Any public chain, for `ignition verify` (docs/DEPLOY.md).
    public: { type: "http", chainType: "generic", url: configVariable("MENISCUS_RPC_URL") },
  },
  verify: { etherscan: { apiKey: configVariable("ETHERSCAN_API_KEY") } },
  test: {
    mocha: { timeout: 120_000 },
    solidity: {
      // Where campaigns leave their figures.
      fsPermissions: { dangerouslyWriteDirectory: ["out"] },
      fuzz: { runs: isDeep ? 100_000 : 10_000, seed: process.env.MENISCUS_SEED ?? "0x6d656e6973637573" },
      invariant: { runs: isDeep ? 256 : 64, depth: isDeep ? 100 : 50, failOnRevert: true },
    },
  },
});

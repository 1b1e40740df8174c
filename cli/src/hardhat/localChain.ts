/**
 * The local chain: Hardhat's node in this process, behind a JSON-RPC server on loopback, so that everything talks to it as it
 * would to a real one.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";
import { JsonRpcProvider } from "ethers";
import { createHardhatRuntimeEnvironment, importUserConfig } from "hardhat/hre";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { CliError } from "../cliError.ts";
import { assertWritable } from "../terminal/output.ts";
import { step } from "../terminal/progress.ts";

/** The folder that holds hardhat.config.ts: contracts and deployment live there, beside the workspaces. */
export const PROJECT_ROOT = path.resolve(import.meta.dirname, "../../..");

const HOST = "127.0.0.1";

export interface LocalChain {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  /** Mines an empty block at a time, unix seconds, that must lie after the last block's. */
  mineBlockAt(at: number): Promise<void>;
  /** Gives the next block its time, unix seconds, that must lie after the last block's. */
  setNextBlockAt(at: number): Promise<void>;
  close(): Promise<void>;
}

/** They have chai read every number of the process as an integer; what starts a chain here asserts nothing, or compares floats. */
const MATCHERS = "hardhat-ethers-chai-matchers";

/** Hardhat with this project's configuration but for its matchers, whatever the working directory is. */
export async function loadHardhat(): Promise<HardhatRuntimeEnvironment> {
  process.env.HARDHAT_DISABLE_TELEMETRY ??= "true";
  const config = path.join(PROJECT_ROOT, "hardhat.config.ts");
  const own = await importUserConfig(config);
  const plugins = (own.plugins ?? []).filter(({ id }) => id !== MATCHERS);
  return createHardhatRuntimeEnvironment({ ...own, plugins }, { config }, PROJECT_ROOT);
}

/** Of the repository, what a build and a deployment to a local chain write. */
const WRITTEN = ["artifacts", "cache", "deploy/deployments"];

/** @throws CliError where a repository, as one that somebody else has cloned, cannot be built in */
export async function assertBuildable(root: string): Promise<void> {
  try {
    await assertWritable(...WRITTEN.map((folder) => path.join(root, folder, "proof")));
  } catch {
    throw new CliError(
      `The repository ${root} cannot be written: contracts are compiled into its artifacts and cache, and deployed by journals in deploy/deployments. ` +
        "Allow yourself to write there, or clone it to a place of your own.",
    );
  }
}

/**
 * {@link loadHardhat} with the contracts as they stand in the working copy, compiled where they changed.
 * @throws CliError where nothing can be written there
 */
export async function buildContracts(): Promise<HardhatRuntimeEnvironment> {
  await assertBuildable(PROJECT_ROOT);
  const hardhat = await loadHardhat();
  await step("Compiling the contracts (a few minutes the first time)", () =>
    hardhat.tasks.getTask("build").run({ noTests: true, quiet: true }),
  );
  return hardhat;
}

/**
 * Fails when `port` cannot be listened on. Asked before any work is done, and because Hardhat's server brings the whole process
 * down on a port that is taken (its WebSocket half has no error handler).
 * @throws CliError when the port is taken.
 */
export async function assertPortIsFree(port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, HOST);
    await once(probe, "listening");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? "is in use" : "cannot be opened";
    throw new CliError(
      `Port ${port} ${reason}: stop what listens there, or choose another with --port (0 takes any free one).`,
    );
  } finally {
    probe.close();
  }
}

/** Starts a chain whose clock reads `startAt` (unix seconds), on `port` (0: any free one). */
export async function startLocalChain(
  hardhat: HardhatRuntimeEnvironment,
  { startAt, port }: { startAt: number; port: number },
): Promise<LocalChain> {
  await assertPortIsFree(port);
  const server = await hardhat.network.createServer(
    { network: "node", override: { initialDate: new Date(startAt * 1000) } },
    HOST,
    port,
  );
  const { port: actualPort } = await server.listen();
  const url = `http://${HOST}:${actualPort}`;
  const provider = new JsonRpcProvider(url, undefined, {
    staticNetwork: true,
    batchStallTime: 0,
    // The chain changes between two equal questions, however soon the second comes.
    cacheTimeout: -1,
    pollingInterval: 20,
  });
  const setNextBlockAt = (at: number) => provider.send("evm_setNextBlockTimestamp", [at]);
  return {
    url,
    provider,
    setNextBlockAt,
    mineBlockAt: async (at) => {
      await setNextBlockAt(at);
      await provider.send("evm_mine", []);
    },
    close: async () => {
      provider.destroy();
      await server.close();
    },
  };
}

/** Prints a line. */
export type Say = (line: string) => void;

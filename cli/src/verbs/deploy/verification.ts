/** That a chain holds what this build says, contract by contract, and what an explorer is given to see the same. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { getVerificationInformation, type VerifyResult } from "@nomicfoundation/ignition-core";
import { getAddress, getBytes, hexlify, Interface, type Provider } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { CliError } from "../../cliError.ts";
import { PROJECT_ROOT } from "../../hardhat/localChain.ts";
import { writeOutput } from "../../terminal/output.ts";

type Spans = { start: number; length: number }[];
type Verified = Exclude<VerifyResult, string>;

/** One contract of a deployment, found to be this build's. */
export interface DeployedContract {
  address: string;
  /** `contracts/book/Book.sol:Book`. */
  contract: string;
  transaction: string;
  /** ABI-encoded. */
  constructorArguments: string;
  libraries: Record<string, string>;
  buildInfoId: string;
}

const PUSH20 = 0x73;

/** The bytecode with its libraries' addresses in place. */
function linked(
  bytecode: string,
  references: Record<string, Record<string, Spans>>,
  libraries: Record<string, string>,
): string {
  let text = bytecode.replace(/^0x/, "");
  for (const byName of Object.values(references))
    for (const [name, spans] of Object.entries(byName)) {
      const address = libraries[name];
      if (address === undefined) throw new CliError(`The journal names no library ${name}.`);
      for (const { start, length } of spans)
        text = `${text.slice(0, 2 * start)}${address.slice(2).toLowerCase()}${text.slice(2 * (start + length))}`;
    }
  return `0x${text}`;
}

/** With what the constructor writes set to zero: immutables, and a library's own address behind its first PUSH20. */
function masked(code: Uint8Array, immutables: Spans, isLibrary: boolean): Uint8Array {
  const bytes = Uint8Array.from(code);
  for (const { start, length } of immutables) bytes.fill(0, start, start + length);
  if (isLibrary) bytes.fill(0, 1, 21);
  return bytes;
}

/**
 * Checks one contract: its code is the build's outside immutables, and the transaction that made it is the build's creation code with
 * these constructor arguments, so that the immutables are theirs.
 * @throws CliError with the first byte that differs.
 */
export async function verifyContract(
  hardhat: HardhatRuntimeEnvironment,
  provider: Provider,
  { address, contract, constructorArgs, libraries, creationTxHash }: Verified,
): Promise<DeployedContract> {
  const artifact = await hardhat.artifacts.readArtifact(contract);
  const byName = Object.fromEntries(
    Object.entries(libraries).map(([name, at]) => [name.split(":").at(-1)!, getAddress(at)]),
  );
  const expected = getBytes(linked(artifact.deployedBytecode, artifact.deployedLinkReferences, byName));
  const found = getBytes(await provider.getCode(address));
  const immutables: Spans = Object.values(artifact.immutableReferences ?? {}).flat();
  const isLibrary = expected[0] === PUSH20 && expected.subarray(1, 21).every((byte) => byte === 0);
  const differs = firstDifference(
    masked(expected, immutables, isLibrary),
    masked(found, immutables, isLibrary),
  );
  if (differs !== null)
    throw new CliError(
      `${contract} at ${address} is not this build's: byte ${differs} of ${found.length} on chain (${expected.length} built).`,
    );
  const encoded = new Interface(artifact.abi).encodeDeploy(constructorArgs);
  const creation = `${linked(artifact.bytecode, artifact.linkReferences, byName)}${encoded.slice(2)}`;
  const transaction = creationTxHash === undefined ? null : await provider.getTransaction(creationTxHash);
  if (transaction === null || transaction.to !== null || transaction.data !== creation)
    throw new CliError(`${contract} at ${address} was not made by this build's creation code and arguments.`);
  return {
    address: getAddress(address),
    contract,
    transaction: transaction.hash,
    constructorArguments: hexlify(encoded),
    libraries: byName,
    buildInfoId: (artifact as unknown as { buildInfoId: string }).buildInfoId,
  };
}

function firstDifference(one: Uint8Array, other: Uint8Array): number | null {
  for (let i = 0; i < Math.max(one.length, other.length); i++) if (one[i] !== other[i]) return i;
  return null;
}

/** Without it Ignition would take everything to be still undone. @throws CliError where there is none */
export function assertJournal(journal: string): void {
  if (!existsSync(path.join(journal, "journal.jsonl")))
    throw new CliError(
      `There is no journal of a deployment in ${journal}: deploy the contracts first, or bring it from where they were deployed.`,
    );
}

/**
 * Builds the working copy, and checks every contract that the journal says was deployed against it.
 * @throws CliError where there is no journal, or one contract is not this build's.
 */
export async function verifyDeployment(
  hardhat: HardhatRuntimeEnvironment,
  provider: Provider,
  journal: string,
): Promise<DeployedContract[]> {
  assertJournal(journal);
  // What lies in artifacts/ may be of another commit.
  await hardhat.tasks.getTask("build").run({ noTests: true, quiet: true });
  const contracts: DeployedContract[] = [];
  for await (const information of getVerificationInformation(journal)) {
    if (typeof information === "string") throw new CliError(`The journal has no artifact of ${information}.`);
    contracts.push(await verifyContract(hardhat, provider, information));
  }
  return contracts;
}

/** Writes what an explorer's form takes: a standard JSON input a build, and what to say of each contract beside it. */
export async function writeStandardInputs(
  contracts: readonly DeployedContract[],
  folder: string,
): Promise<void> {
  const builds = new Map<string, string>();
  for (const id of new Set(contracts.map(({ buildInfoId }) => buildInfoId))) {
    const file = path.join(PROJECT_ROOT, "artifacts/build-info", `${id}.json`);
    const { input, solcLongVersion } = JSON.parse(await readFile(file, "utf8"));
    builds.set(id, solcLongVersion);
    await writeOutput(path.join(folder, `${id}.input.json`), JSON.stringify(input));
  }
  const said = contracts.map(({ contract, address, constructorArguments, libraries, buildInfoId }) => ({
    address,
    name: `project/${contract}`,
    compiler: `v${builds.get(buildInfoId)}`,
    input: `${buildInfoId}.input.json`,
    constructorArguments: constructorArguments.slice(2),
    libraries,
  }));
  await writeOutput(path.join(folder, "contracts.json"), `${JSON.stringify(said, null, 2)}\n`);
}

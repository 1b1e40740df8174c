/** The proof of a hand-over: who holds which role, what the deployer set, and that nothing is left to him. */
import { RESTRICTED } from "@meniscus/sdk/roles";
import {
  AbiCoder,
  concat,
  id,
  isError,
  type ParamType,
  type Provider,
  type TransactionRequest,
  ZeroAddress,
  ZeroHash,
} from "ethers";
import { CliError } from "../../cliError.ts";
import {
  type EventsRead,
  type Governed,
  governed,
  type Holder,
  holdersOf,
  holderText,
  managerFindings,
  mappingFindings,
  operationsOf,
  type Restricted,
} from "./accessManager.ts";
import type { NetworkFile } from "./networkFile.ts";
import { isNoAnswer } from "./node.ts";
import { settingsFindings } from "./settings.ts";

/** What was found of a hand-over that is as it should be. */
export interface HandedOver {
  holders: Holder[];
  /** Announced by the governor as long before as the file says, and neither executed nor cancelled, nor lapsed: in words. */
  operations: string[];
}

/**
 * Fails unless exactly the holders of the file hold the roles or ever will by what was granted, governor and admin behind the delay;
 * every restricted function of every contract is mapped to its role, with Control as its authority; the access manager is else as it was
 * deployed ({@link managerFindings}); nothing is announced but by the governor, as long before as the file says; and what anybody set
 * besides is the file's ({@link settingsFindings}).
 * @throws CliError with every finding.
 */
export async function assertHandedOver(
  provider: Provider,
  control: string,
  file: NetworkFile,
  contracts: readonly Restricted[],
  fromBlock: number,
  before?: EventsRead,
): Promise<HandedOver> {
  const all = await governed(provider, control, contracts, fromBlock, before);
  const holders = await holdersOf(all);
  const expected: Holder[] = [
    { role: "admin", holder: file.governor, delay: file.governorDelay },
    { role: "governor", holder: file.governor, delay: file.governorDelay },
    { role: "council", holder: file.council, delay: 0 },
    { role: "guardian", holder: file.guardian, delay: 0 },
    { role: "lister", holder: file.lister, delay: 0 },
  ];
  const [found, wanted] = [holders.map(holderText), expected.map(holderText)];
  const { operations, findings } = await untouched(provider, all, file, fromBlock);
  findings.unshift(
    ...found.filter((each) => !wanted.includes(each)).map((each) => `nobody was to be ${each}`),
    ...wanted.filter((each) => !found.includes(each)).map((each) => `missing is ${each}`),
  );
  if (findings.length > 0)
    throw new CliError(`The deployment is not as the file says:\n${linesOf(findings)}`);
  return { holders, operations };
}

/**
 * The same without who holds the roles: what the deployer can still mend before he gives them away. Gives what it read, for the proof
 * after it.
 * @throws CliError with every finding.
 */
export async function assertUntouched(
  provider: Provider,
  control: string,
  file: NetworkFile,
  contracts: readonly Restricted[],
  fromBlock: number,
): Promise<EventsRead> {
  const all = await governed(provider, control, contracts, fromBlock);
  const { findings } = await untouched(provider, all, file, fromBlock);
  if (findings.length === 0) return all;
  const holders = [file.governor, file.council, file.guardian, file.lister];
  const isBegun = (await holdersOf(all)).some(({ holder }) => holders.includes(holder));
  const state = isBegun ? "roles were granted before, and nothing more was sent" : "nothing was handed over";
  throw new CliError(`The deployment is not as the file says, and ${state}:\n${linesOf(findings)}`);
}

const linesOf = (findings: readonly string[]): string => findings.map((each) => `  ${each}`).join("\n");

async function untouched(provider: Provider, all: Governed, file: NetworkFile, fromBlock: number) {
  const { operations, findings } = await operationsOf(all, file);
  findings.unshift(...(await mappingFindings(provider, all)), ...(await managerFindings(all)));
  findings.push(...(await settingsFindings(provider, file, all.contracts, all.reader, fromBlock)));
  return { operations, findings };
}

/**
 * Fails unless every restricted function of every contract refuses this account as unauthorized: asked of the contracts themselves, with
 * the arguments left out, which nobody looks at before the caller.
 */
export async function assertPowerless(
  provider: Provider,
  contracts: readonly Restricted[],
  account: string,
): Promise<void> {
  const unauthorized = id("AccessManagedUnauthorized(address)").slice(0, 10);
  for (const { name, address, abi } of contracts)
    for (const each of Object.values(RESTRICTED[name]!).flat()) {
      const { selector, inputs } = abi.getFunction(each)!;
      const data = concat([selector, AbiCoder.defaultAbiCoder().encode(inputs, inputs.map(blank))]);
      const answer = await refusalData(provider, { to: address, from: account, data });
      if (!answer.startsWith(unauthorized))
        throw new CliError(`${name}.${each} does not refuse ${account} as unauthorized: ${answer}.`);
    }
}

/** Zeros and nothings of a type. */
function blank(type: ParamType): unknown {
  if (type.baseType === "tuple") return type.components!.map(blank);
  if (type.baseType === "array") return [];
  if (type.type === "address") return ZeroAddress;
  if (type.type === "bytes32") return ZeroHash;
  if (type.type === "string") return "";
  return type.type === "bool" ? false : 0;
}

async function refusalData(provider: Provider, request: TransactionRequest): Promise<string> {
  try {
    return `accepted, ${await provider.call(request)}`;
  } catch (error) {
    if (!isError(error, "CALL_EXCEPTION") || !isNoAnswer(error)) throw error;
    return error.data ?? "without a reason";
  }
}

/** The proof of a hand-over: who holds which role, what the deployer set, and that nothing is left to him. */
import { RESTRICTED, type Role } from "@meniscus/sdk/roles";
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
  const [found, wanted] = [holders, holdersIn(file)].map((each) => each.map(holderText)) as [
    string[],
    string[],
  ];
  const { operations, findings } = await untouched(provider, all, file, fromBlock);
  findings.unshift(
    ...found.filter((each) => !wanted.includes(each)).map(unwanted),
    ...wanted.filter((each) => !found.includes(each)).map((each) => `missing is ${each}`),
  );
  if (findings.length > 0)
    throw new CliError(`The deployment is not as the file says:\n${linesOf(findings)}`);
  return { holders, operations };
}

const unwanted = (text: string): string => `nobody was to be ${text}`;

/** Who holds the roles in the end. */
const holdersIn = ({ governor, council, guardian, lister, governorDelay }: NetworkFile): Holder[] => [
  { role: "admin", holder: governor, delay: governorDelay },
  { role: "governor", holder: governor, delay: governorDelay },
  { role: "council", holder: council, delay: 0 },
  { role: "guardian", holder: guardian, delay: 0 },
  { role: "lister", holder: lister, delay: 0 },
];

/** What the deployer holds until the hand-over ends it (deploy/modules/Handover.ts). */
const OF_DEPLOYER: readonly Role[] = ["governor", "lister", "admin"];

/**
 * The same before the hand-over, which still gives the file's holders their roles and takes the deployer's: what the deployer can mend
 * before he gives them away. Gives what it read, for the proof after it.
 * @throws CliError with every finding.
 */
export async function assertUntouched(
  provider: Provider,
  control: string,
  file: NetworkFile,
  contracts: readonly Restricted[],
  fromBlock: number,
  deployer: string,
): Promise<EventsRead> {
  const all = await governed(provider, control, contracts, fromBlock);
  const holders = await holdersOf(all);
  const { findings } = await untouched(provider, all, file, fromBlock);
  findings.unshift(
    ...holders
      .filter((each) => !isSettledByHandOver(each, file, deployer))
      .map((each) => unwanted(holderText(each))),
  );
  if (findings.length === 0) return all;
  const expected = holdersIn(file).map(({ holder }) => holder);
  const isBegun = holders.some(({ holder }) => expected.includes(holder));
  const state = isBegun ? "roles were granted before, and nothing more was sent" : "nothing was handed over";
  throw new CliError(`The deployment is not as the file says, and ${state}:\n${linesOf(findings)}`);
}

/** A grant to the file's holder makes his delay the file's, but a longer one only later, and is no earlier than one that is to come. */
function isSettledByHandOver({ role, holder, delay, from }: Holder, file: NetworkFile, deployer: string) {
  if (holder === deployer) return OF_DEPLOYER.includes(role);
  return holdersIn(file).some(
    (each) => each.role === role && each.holder === holder && delay <= each.delay && from === undefined,
  );
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

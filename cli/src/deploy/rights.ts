/** Who holds which role of a deployment, of everybody who was ever granted one, and what the deployer may still do. */
import { controlAbi } from "@meniscus/sdk/abi/control";
import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import {
  AbiCoder,
  Contract,
  concat,
  type EventLog,
  type Interface,
  id,
  isError,
  type ParamType,
  type Provider,
  type TransactionRequest,
  ZeroAddress,
  ZeroHash,
} from "ethers";
import { CliError } from "../cliError.ts";
import type { NetworkFile } from "./networkFile.ts";

export interface Holder {
  role: Role;
  holder: string;
  /** Seconds from a call's announcement to its execution. */
  delay: number;
}

/** A contract whose restricted functions are mapped: name as in sdk/src/roles.ts. */
export interface Restricted {
  name: string;
  address: string;
  abi: Interface;
}

const named = (role: bigint): string =>
  Object.entries(ROLES).find(([, each]) => each === role)?.[0] ?? `role ${role}`;

/** Everybody who holds a role now: nobody gets one without a grant, and the contract says who still has it. */
export async function holdersOf(provider: Provider, control: string, fromBlock: number): Promise<Holder[]> {
  const contract = new Contract(control, controlAbi, provider);
  const seen = new Map<string, [bigint, string]>();
  for (const { args } of await grantsSince(contract, fromBlock, await provider.getBlockNumber()))
    seen.set(`${args[0]} ${args[1]}`, [args[0], args[1]]);
  const holders: Holder[] = [];
  for (const [role, holder] of seen.values()) {
    const [isMember, delay] = await contract.getFunction("hasRole")(role, holder);
    if (isMember) holders.push({ role: named(role) as Role, holder, delay: Number(delay) });
  }
  return holders;
}

/** All grants of a span of blocks, asked for at once or, of a node that refuses so many blocks, by what it takes. */
async function grantsSince(control: Contract, first: number, last: number): Promise<EventLog[]> {
  const grants: EventLog[] = [];
  let size = Math.max(1, last - first + 1);
  for (let from = first; from <= last; ) {
    try {
      const to = Math.min(from + size - 1, last);
      grants.push(...((await control.queryFilter(control.filters.RoleGranted!(), from, to)) as EventLog[]));
      from = to + 1;
    } catch (error) {
      if (size === 1 || !isRefusal(error)) throw error;
      size = Math.ceil(size / 2);
    }
  }
  return grants;
}

/** Providers refuse a span by a JSON-RPC error or by an HTTP status. */
const isRefusal = (error: unknown): boolean =>
  isError(error, "UNKNOWN_ERROR") || isError(error, "SERVER_ERROR");

/**
 * Fails unless exactly the holders of the file hold the roles, governor and admin behind the delay, and every restricted function of
 * every contract is mapped to its role, with Control as its authority.
 * @throws CliError with every finding.
 */
export async function assertHandedOver(
  provider: Provider,
  control: string,
  file: NetworkFile,
  contracts: readonly Restricted[],
  fromBlock: number,
): Promise<Holder[]> {
  const holders = await holdersOf(provider, control, fromBlock);
  const expected: Holder[] = [
    { role: "admin", holder: file.governor, delay: file.governorDelay },
    { role: "governor", holder: file.governor, delay: file.governorDelay },
    { role: "council", holder: file.council, delay: 0 },
    { role: "guardian", holder: file.guardian, delay: 0 },
    { role: "lister", holder: file.lister, delay: 0 },
  ];
  const text = ({ role, holder, delay }: Holder) => `${role} ${holder} after ${delay} s`;
  const [found, wanted] = [holders.map(text), expected.map(text)];
  const findings = [
    ...found.filter((each) => !wanted.includes(each)).map((each) => `nobody was to be ${each}`),
    ...wanted.filter((each) => !found.includes(each)).map((each) => `missing is ${each}`),
    ...(await mappingFindings(provider, control, contracts)),
  ];
  if (findings.length > 0)
    throw new CliError(
      `The roles are not as the file says:\n${findings.map((each) => `  ${each}`).join("\n")}`,
    );
  return holders;
}

async function mappingFindings(
  provider: Provider,
  control: string,
  contracts: readonly Restricted[],
): Promise<string[]> {
  const manager = new Contract(control, controlAbi, provider);
  const findings: string[] = [];
  for (const { name, address, abi } of contracts) {
    const authority = await new Contract(address, abi, provider).getFunction("authority")();
    if (authority !== control) findings.push(`${name} obeys ${authority}, not ${control}`);
    for (const [role, functions] of Object.entries(RESTRICTED[name]!))
      for (const each of functions) {
        const { selector } = abi.getFunction(each)!;
        const found = await manager.getFunction("getTargetFunctionRole")(address, selector);
        if (found !== ROLES[role as Role])
          findings.push(`${name}.${each} is ${named(found)}'s, not ${role}'s`);
      }
  }
  return findings;
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
    if (!isError(error, "CALL_EXCEPTION")) throw error;
    return error.data ?? "without a reason";
  }
}

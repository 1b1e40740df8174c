/** The access manager of a deployment as the chain has it: who holds which role, what it was told beside, what is announced in it. */

import { controlAbi } from "@meniscus/sdk/abi/control";
import { isoTime } from "@meniscus/sdk/clock";
import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import { Contract, type EventLog, type Interface, type Provider } from "ethers";
import type { NetworkFile } from "./networkFile.ts";
import { EventReader } from "./node.ts";

export interface Holder {
  role: Role;
  holder: string;
  /** Seconds from a call's announcement to its execution. */
  delay: number;
  /** Of a grant that is still to come: from when, Unix seconds. */
  from?: number;
  /** Of a delay that is still to come: what, and from when, Unix seconds. */
  pending?: { delay: number; from: number };
}

/** A contract whose restricted functions are mapped: name as in sdk/src/roles.ts. */
export interface Restricted {
  name: string;
  address: string;
  abi: Interface;
}

/** Of OpenZeppelin's AccessManager: everybody has it, with no delay. */
const PUBLIC_ROLE = 2n ** 64n - 1n;

const named = (role: bigint): string =>
  role === PUBLIC_ROLE
    ? "everybody"
    : (Object.entries(ROLES).find(([, each]) => each === role)?.[0] ?? `role ${role}`);

/** To the second, because findings compare what is said. */
const spanText = (seconds: number): string => (seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds} s`);

/** How long before an act a holder announces it. */
export const delayText = (delay: number): string =>
  delay === 0 ? "without delay" : `after ${spanText(delay)}`;

/** A holder in words. */
export function holderText({ role, holder, delay, from, pending }: Holder): string {
  const start = from === undefined ? "" : ` from ${isoTime(from)}`;
  const change = pending === undefined ? "" : `, ${spanText(pending.delay)} from ${isoTime(pending.from)}`;
  return `${role} ${holder}${start} ${delayText(delay)}${change}`;
}

/** All that an access manager was told up to a block. */
export interface EventsRead {
  reader: EventReader;
  events: EventLog[];
  until: number;
}

/** An access manager, what it governs, and all that it was ever told. */
export interface Governed extends EventsRead {
  manager: Contract;
  contracts: readonly Restricted[];
  /** Unix seconds. */
  nowAt: number;
}

/** The last blocks, which a chain may still replace. */
const UNSETTLED = 64;

/** What was read `before` is not asked for again. */
export async function governed(
  provider: Provider,
  control: string,
  contracts: readonly Restricted[],
  fromBlock: number,
  before: EventsRead = { reader: new EventReader(), events: [], until: 0 },
): Promise<Governed> {
  const manager = new Contract(control, controlAbi, provider);
  const { number: until, timestamp } = (await provider.getBlock("latest"))!;
  const { reader } = before;
  const from = Math.max(fromBlock, before.until - UNSETTLED + 1);
  const settled = before.events.filter(({ blockNumber }) => blockNumber < from);
  const events = [...settled, ...(await reader.all(manager, "*", from, until))];
  return { manager, contracts, reader, events, until, nowAt: timestamp };
}

const argumentsOf = ({ events }: Governed, name: string) =>
  events.filter(({ eventName }) => eventName === name).map(({ args }) => args);

/** Everybody who holds a role now or will: nobody gets one without a grant, and the contract says who still has it. */
export async function holdersOf(all: Governed): Promise<Holder[]> {
  const seen = new Map<string, [bigint, string]>();
  for (const { roleId, account } of argumentsOf(all, "RoleGranted"))
    seen.set(`${roleId} ${account}`, [roleId, account]);
  const holders: Holder[] = [];
  for (const [role, holder] of seen.values()) {
    const access = await all.manager.getFunction("getAccess")(role, holder);
    const [since, delay, next, effect] = [...access].map(Number) as [number, number, number, number];
    if (since === 0) continue;
    holders.push({
      role: named(role) as Role,
      holder,
      delay,
      ...(since > all.nowAt && { from: since }),
      ...(effect !== 0 && { pending: { delay: next, from: effect } }),
    });
  }
  return holders;
}

/** The role that a restricted function takes; null where it is open to all, or of no contract of the deployment. */
export function roleFor(contracts: readonly Restricted[], target: string, method: string): Role | null {
  const found = contracts.find(({ address }) => address === target);
  const roles = found === undefined ? [] : Object.entries(RESTRICTED[found.name]!);
  return (roles.find(([, functions]) => functions.includes(method))?.[0] as Role | undefined) ?? null;
}

/**
 * What the access manager was told that no module of deploy/ tells it: who grants a role or cancels its operations other than the admin,
 * a grant's or a target's delay, in force or to come, and a target that is closed.
 */
export async function managerFindings(all: Governed): Promise<string[]> {
  const { manager, contracts } = all;
  const findings: string[] = [];
  const ask = (method: string, value: unknown) => manager.getFunction(method)(value);
  for (const [role, of] of Object.entries(ROLES)) {
    for (const [part, method] of [
      ["admin", "getRoleAdmin"],
      ["guardian", "getRoleGuardian"],
    ] as const) {
      const found: bigint = await ask(method, of);
      if (found !== ROLES.admin) findings.push(`the ${part} of ${role} is ${named(found)}, not admin`);
    }
    const changes = argumentsOf(all, "RoleGrantDelayChanged").filter(({ roleId }) => roleId === of);
    findings.push(...delayFindings(`grants of ${role}`, await ask("getRoleGrantDelay", of), changes));
  }
  const targets = [...contracts, { name: "Control", address: manager.target as string }];
  for (const { name, address } of targets) {
    if (await ask("isTargetClosed", address)) findings.push(`${name} is closed to every role`);
    const changes = argumentsOf(all, "TargetAdminDelayUpdated").filter(({ target }) => target === address);
    const found: bigint = await ask("getTargetAdminDelay", address);
    findings.push(...delayFindings(`the admin's acts on ${name}`, found, changes));
  }
  return findings;
}

/** The contract tells the delay in force only: one that is to come stands in the last event. */
function delayFindings(of: string, found: bigint, changes: readonly EventLog["args"][]): string[] {
  const last = changes.at(-1);
  if (found !== 0n) return [`${of} take effect after ${spanText(Number(found))}, not at once`];
  if (last === undefined || last.delay === 0n) return [];
  return [
    `${of} will take effect after ${spanText(Number(last.delay))}, from ${isoTime(Number(last.since))}`,
  ];
}

/** What is announced and outstanding: told where the governor announced it as long before as the file says, else a finding. */
export async function operationsOf(all: Governed, { governor, governorDelay }: NetworkFile) {
  const [operations, findings]: [string[], string[]] = [[], []];
  // Of one operation that was announced again, the last announcement counts.
  const announced = new Map(
    all.events
      .filter(({ eventName }) => eventName === "OperationScheduled")
      .map((event) => [event.args.operationId as string, event]),
  );
  for (const [operation, event] of announced) {
    const due = Number(await all.manager.getFunction("getSchedule")(operation));
    if (due === 0) continue;
    const { caller, target, data } = event.args;
    const before = due - (await event.getBlock()).timestamp;
    const told = `${callText(all, target, data)} by ${caller}, due ${isoTime(due)}`;
    if (caller === governor && before >= governorDelay) operations.push(told);
    else findings.push(`announced ${before} s before it is due: ${told}`);
  }
  return { operations, findings };
}

/** `VolSurface.setSigners` where target and function are known. */
function callText({ manager, contracts }: Governed, target: string, data: string): string {
  const known = [...contracts, { name: "Control", address: manager.target, abi: manager.interface }];
  const found = known.find(({ address }) => address === target);
  const selector = data.slice(0, 10);
  return `${found?.name ?? target}.${found?.abi.getFunction(selector)?.name ?? selector}`;
}

export async function mappingFindings(
  provider: Provider,
  { manager, contracts }: Governed,
): Promise<string[]> {
  const control = manager.target;
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

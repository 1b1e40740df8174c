/**
 * Writes docs/ROLES.md: every function of every contract that anybody can send a transaction to, with the role that it needs, from
 * the ABIs of the sdk and its table of restricted functions.
 *
 *   node scripts/roles.ts           writes the page
 *   node scripts/roles.ts --check   exits 1 where the page is not what it would write
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { controlAbi } from "@meniscus/sdk/abi/control";
import { optionERC20Abi } from "@meniscus/sdk/abi/optionERC20";
import { optionERC20FactoryAbi } from "@meniscus/sdk/abi/optionERC20Factory";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { RESTRICTED, ROLES } from "@meniscus/sdk/roles";
import { type FunctionFragment, Interface, type InterfaceAbi } from "ethers";

export const PAGE = path.resolve(import.meta.dirname, "../docs/ROLES.md");

const CONTRACTS: Readonly<Record<string, InterfaceAbi>> = {
  Control: controlAbi as InterfaceAbi,
  VolSurface: volSurfaceAbi as InterfaceAbi,
  Clearinghouse: clearinghouseAbi as InterfaceAbi,
  OptionERC20: optionERC20Abi as InterfaceAbi,
  OptionERC20Factory: optionERC20FactoryAbi as InterfaceAbi,
};

/** Control's own functions: OpenZeppelin's AccessManager restricts them by itself, without a table. */
const OF_CONTROL: Readonly<Record<string, string>> = {
  schedule: "who may call the target after a delay",
  execute: "who may call the target",
  cancel: "who scheduled it, its role's guardian, admin",
  consumeScheduledOp: "the target itself",
  grantRole: "the role's admin",
  revokeRole: "the role's admin",
  renounceRole: "the holder",
  setAuthority: "Control",
};

const ADMIN_FUNCTIONS = [
  "labelRole",
  "setRoleAdmin",
  "setRoleGuardian",
  "setGrantDelay",
  "setTargetFunctionRole",
  "setTargetAdminDelay",
  "setTargetClosed",
  "updateAuthority",
];

/** Who may call a function, in words. Throws for a function of Control that no rule names. */
function roleOf(contract: string, name: string): string {
  for (const [role, names] of Object.entries(RESTRICTED[contract] ?? {}))
    if (names.includes(name)) return role;
  if (name === "setAuthority") return "Control";
  if (contract !== "Control") return "";
  if (ADMIN_FUNCTIONS.includes(name)) return "admin";
  if (name === "multicall") return "";
  const rule = OF_CONTROL[name];
  if (rule === undefined) throw new Error(`Control.${name} has no rule in scripts/roles.ts`);
  return rule;
}

function tableOf(contract: string, abi: InterfaceAbi): string {
  const functions: FunctionFragment[] = [];
  new Interface(abi).forEachFunction((declared) => {
    if (!declared.constant) functions.push(declared);
  });
  const rows = functions
    .map(({ name, inputs }) => {
      const signature = `${name}(${inputs.map((input) => input.name || input.type).join(", ")})`;
      return `| \`${signature}\` | ${roleOf(contract, name) || "anyone"} |`;
    })
    .sort();
  return [`## ${contract}`, "", "| function | role |", "|---|---|", ...rows, ""].join("\n");
}

/** The page, from the sdk's ABIs and its table of roles. */
export function rolesPage(): string {
  const roles = Object.entries(ROLES).map(([role, id]) => `${role} (${id})`);
  return [
    "# Roles",
    "",
    "Written by `node scripts/roles.ts`; a test compares it with the ABIs. Every function that changes state and the role that",
    'it needs; views are for all. "Anyone" acts within what accounts granted: the NatSpec of each interface says whose leave a',
    "call needs. Nothing is upgradeable, and no role can stop an exit: the guardian's pause covers what adds risk, for three days.",
    "",
    `Roles: ${roles.join(", ")}.`,
    "",
    ...Object.entries(CONTRACTS).map(([contract, abi]) => tableOf(contract, abi)),
  ].join("\n");
}

function main(): void {
  const page = rolesPage();
  if (!process.argv.includes("--check")) writeFileSync(PAGE, page);
  else if (readFileSync(PAGE, "utf8") !== page) {
    console.error("docs/ROLES.md is stale: run node scripts/roles.ts");
    process.exitCode = 1;
  }
}

if (import.meta.main) main();

/**
 * Writes docs/ROLES.md: every function of every contract with who may call it, from the ABIs of the sdk and its table of restricted
 * functions.
 *
 *   node scripts/roles.ts           writes the page
 *   node scripts/roles.ts --check   exits 1 where the page is not what it would write
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bookAbi } from "@meniscus/sdk/abi/book";
import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { controlAbi } from "@meniscus/sdk/abi/control";
import { deltaHedgerAbi } from "@meniscus/sdk/abi/deltaHedger";
import { lensAbi } from "@meniscus/sdk/abi/lens";
import { liquidityVaultAbi } from "@meniscus/sdk/abi/liquidityVault";
import { optionERC20Abi } from "@meniscus/sdk/abi/optionERC20";
import { optionERC20FactoryAbi } from "@meniscus/sdk/abi/optionERC20Factory";
import { optionPoolAbi } from "@meniscus/sdk/abi/optionPool";
import { routerAbi } from "@meniscus/sdk/abi/router";
import { settlementOracleAbi } from "@meniscus/sdk/abi/settlementOracle";
import { spotOracleAbi } from "@meniscus/sdk/abi/spotOracle";
import { trancheAbi } from "@meniscus/sdk/abi/tranche";
import { uniswapFillerAbi } from "@meniscus/sdk/abi/uniswapFiller";
import { upkeepAbi } from "@meniscus/sdk/abi/upkeep";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { RESTRICTED } from "@meniscus/sdk/roles";
import { type FunctionFragment, Interface, type InterfaceAbi } from "ethers";

export const PAGE = path.resolve(import.meta.dirname, "../docs/ROLES.md");

const CONTRACTS: Readonly<Record<string, InterfaceAbi>> = {
  VolSurface: volSurfaceAbi as InterfaceAbi,
  Lens: lensAbi as InterfaceAbi,
  SpotOracle: spotOracleAbi as InterfaceAbi,
  SettlementOracle: settlementOracleAbi as InterfaceAbi,
  Clearinghouse: clearinghouseAbi as InterfaceAbi,
  OptionERC20: optionERC20Abi as InterfaceAbi,
  OptionERC20Factory: optionERC20FactoryAbi as InterfaceAbi,
  Book: bookAbi as InterfaceAbi,
  OptionPool: optionPoolAbi as InterfaceAbi,
  Tranche: trancheAbi as InterfaceAbi,
  LiquidityVault: liquidityVaultAbi as InterfaceAbi,
  DeltaHedger: deltaHedgerAbi as InterfaceAbi,
  Router: routerAbi as InterfaceAbi,
  UniswapFiller: uniswapFillerAbi as InterfaceAbi,
  Upkeep: upkeepAbi as InterfaceAbi,
  Control: controlAbi as InterfaceAbi,
};

/** Control's own functions: OpenZeppelin's AccessManager restricts them by itself; those that are not here are the admin's. */
const OF_CONTROL: Readonly<Record<string, string>> = {
  cancel: "who scheduled it, or the role's guardian or admin",
  consumeScheduledOp: "the target",
  execute: "whoever may call it",
  multicall: "anyone, for what each call allows",
  renounceRole: "the holder",
  schedule: "whoever may call it later",
};

const INTRODUCTION = `# Roles

Who may call what, written by \`node scripts/roles.ts\`. \`Control\` is OpenZeppelin's AccessManager; delays belong to the grants: the governor
and the admin act behind the timelock, council, guardian and lister at once. \`revokeSigners\` is the one act of the guardian that does
not end by itself, and it can be repeated: the governor's \`setSigners\` takes its delay, and the guardian can revoke the new set in the same minute. Until
signers stay, nothing opens, no hedge is filled (\`SpotOld\`), no epoch ends (\`NoReportYet\`), so that no request is filled and from the cut-off on none can be cancelled,
and an expiry whose window the feed broke settles by no fallback whose report is not kept yet. Selling back goes on at the floor, other settlement as ever, and three days
after the last report, or after a cut-off without a mark, \`exitAtFloor\` opens and a deposit that waits can be cancelled again. Whoever names new signers over a guardian that cannot be trusted
schedules \`revokeRole(guardian)\` with them and executes it first. A \`pause\` of the Clearinghouse and of an OptionPool covers what adds risk,
that of a Tranche \`requestDeposit\`, and ends after three days; the governor alone gives the next one. Each contract has its own: that of the
pool and then that of the Clearinghouse refuse purchases for six days. The Book has its callers by address: who deployed it names them once,
in \`initialize\`; a Tranche has its vault from there, and the Clearinghouse a market's oracle from its terms. A callback is for the contract that was called. A test compares this table with the contracts,
function by function (K4): \`anyone\` is checked not to be restricted, a role to be the one that is mapped; "anyone" acts within what
accounts granted, as the NatSpec of each interface says. Every role is granted, and its announced operations are cancelled, by the admin alone
besides who announced them; \`meniscus deploy hand-over\` and \`deploy roles\` prove that and who holds what ([DEPLOY](DEPLOY.md)).

| contract | function | who |
|---|---|---|
`;

/** Functions that know their caller by address: the modules that {@link IBook.initialize} named, the oracle of a market's terms, whom a callback is from. */
const OF_MODULES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Book: {
    initialize: "the deployer, once",
    move: "the pool",
    assign: "the vault",
    lowerClaim: "the vault",
    windDown: "the vault",
    noteHedge: "the hedger",
    setPending: "a tranche",
  },
  Clearinghouse: { settle: "the market's settlement oracle" },
  Tranche: {
    fill: "the vault",
    mintFee: "the vault",
    burnForFloor: "the vault",
  },
  Router: { uniswapV3SwapCallback: "the Uniswap pool that it swaps in" },
  UniswapFiller: { onHedgeFill: "the hedger", uniswapV3SwapCallback: "its Uniswap pool" },
};

/** Who may call a function, in words. */
function roleOf(contract: string, { name, constant }: FunctionFragment): string {
  if (constant) return "anyone (view)";
  const module = OF_MODULES[contract]?.[name];
  if (module !== undefined) return module;
  for (const [role, names] of Object.entries(RESTRICTED[contract] ?? {}))
    if (names.includes(name)) return role;
  if (name === "setAuthority") return "the authority itself";
  return contract === "Control" ? (OF_CONTROL[name] ?? "admin") : "anyone";
}

/** Functions that change state first, then views, each by name; overloads together. */
function rowsOf(contract: string, abi: InterfaceAbi): string[] {
  const functions: FunctionFragment[] = [];
  new Interface(abi).forEachFunction((declared) => functions.push(declared));
  const key = ({ constant, name }: FunctionFragment) => `${constant ? 1 : 0}${name}`;
  const rows = functions
    .sort((one, other) => (key(one) < key(other) ? -1 : 1))
    .map((declared) => `| ${contract} | \`${declared.name}\` | ${roleOf(contract, declared)} |`);
  return [...new Set(rows)];
}

/** The page, from the sdk's ABIs and its table of roles. */
export function rolesPage(): string {
  const rows = Object.entries(CONTRACTS).flatMap(([contract, abi]) => rowsOf(contract, abi));
  return `${INTRODUCTION}${rows.join("\n")}\n`;
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

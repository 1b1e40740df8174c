/** What must be true of a chain before anything is sent to it: that it can run the code, and that the parameter file speaks of it. */
import { formatUnits, type Provider, toBeHex } from "ethers";
import { CliError } from "../../cliError.ts";
import type { NetworkFile } from "./networkFile.ts";
import { assertChain, isNoAnswer } from "./node.ts";
import { sourcesFindings } from "./sources.ts";
import { termsOf } from "./terms.ts";

/** Creation code that leaves CLZ(1) = 255 as its code: PUSH1 1, CLZ, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN. */
const CLZ_PROBE = "0x60011e5f5260205ff3";

/** The chain's own word on the CLZ instruction (EIP-7939), which the pricing needs: executed, not asked for. */
export async function hasClz(provider: Provider): Promise<boolean> {
  try {
    return (await provider.call({ data: CLZ_PROBE })) === toBeHex(255, 32);
  } catch (error) {
    // An invalid instruction; anything else (no connection, too many requests) is not an answer.
    if (isNoAnswer(error)) return false;
    throw error;
  }
}

/** A chain that can be deployed to. */
interface Ready {
  /** The pool that the file names by tokens and fee. */
  pool: string;
  /** What the operator may have chosen, and should know of. */
  warnings: string[];
}

/** On stderr, which holds what is no result. */
export function printWarnings(warnings: readonly string[]): void {
  for (const each of warnings) console.error(`Warning: ${each}.`);
}

/**
 * Checks a chain against a parameter file.
 * @throws CliError with every finding, or with one where nothing else can be asked.
 */
export async function preflight(provider: Provider, file: NetworkFile, deployer: string): Promise<Ready> {
  await assertChain(provider, file);
  if (!(await hasClz(provider)))
    throw new CliError(
      `Chain ${file.chainId} has no CLZ instruction (EIP-7939, Osaka): the contracts would revert at their first price. Nothing was sent.`,
    );
  const { findings, warnings, pool } = await sourcesFindings(provider, file);
  findings.unshift(...(await deployerFindings(provider, file, deployer)));
  if (file.settlement !== undefined)
    findings.push("settlement is for a market whose spot has other feeds by now: leave it out to deploy one");
  if (findings.length > 0 || pool === undefined) throw notReady(file, findings);
  return {
    pool: pool.address,
    warnings: [...warningsOf(file), ...warnings, ...trancheWarnings(file, pool.average)],
  };
}

/** How much more one tranche may take than the other by value, or asks for at least, without a word. */
const UNLIKE = 3;

/** Tranche terms are proposed for an asset of some 3,000 of quote: another one wants its own. */
function trancheWarnings(file: NetworkFile, price: number): string[] {
  const { baseTranche, quoteTranche } = termsOf(file);
  return (["cap", "minimumAssets"] as const).flatMap((name) => {
    const base = price * Number(formatUnits(baseTranche[name], file.base.decimals));
    const quote = Number(formatUnits(quoteTranche[name], file.quote.decimals));
    if (base <= UNLIKE * quote && quote <= UNLIKE * base) return [];
    const text = (value: number) => `${value.toLocaleString("en", { maximumSignificantDigits: 3 })} of quote`;
    return [
      `${name} of the base tranche is worth ${text(base)}, that of the quote tranche ${text(quote)}: name what you mean in terms`,
    ];
  });
}

/**
 * What of {@link preflight} the hand-over rests on, as chain, roles and gas; gives warnings. The market does not hold it up: a deployer
 * who has granted the roles and not yet renounced his own must be able to go on whatever feeds and pool do.
 * @throws CliError with every finding.
 */
export async function handOverPreflight(
  provider: Provider,
  file: NetworkFile,
  deployer: string,
): Promise<string[]> {
  await assertChain(provider, file);
  const findings = await deployerFindings(provider, file, deployer);
  if (findings.length > 0) throw notReady(file, findings);
  return warningsOf(file);
}

const notReady = ({ network }: NetworkFile, findings: readonly string[]): CliError =>
  new CliError(
    `${network} is not ready, and nothing was sent:\n${findings.map((each) => `  ${each}`).join("\n")}`,
  );

async function deployerFindings(provider: Provider, file: NetworkFile, deployer: string): Promise<string[]> {
  const findings = rolesFindings(file, deployer);
  if ((await provider.getBalance(deployer)) === 0n)
    findings.push(`the deployer ${deployer} has nothing to pay gas with`);
  return findings;
}

const holdersIn = ({ governor, council, guardian, lister }: NetworkFile) =>
  Object.entries({ governor, council, guardian, lister });

/** The deployer's key is on a machine that sends transactions: it should be nobody afterwards. */
function rolesFindings(file: NetworkFile, deployer: string): string[] {
  const findings = holdersIn(file).flatMap(([role, holder]) =>
    holder === deployer ? [`${role} is the deployer`] : [],
  );
  if (file.signers.includes(deployer)) findings.push("the deployer is among the signers");
  return findings;
}

/** What protects less than it could. */
function warningsOf(file: NetworkFile): string[] {
  const warnings: string[] = [];
  const roles = new Map<string, string[]>();
  for (const [role, holder] of holdersIn(file)) roles.set(holder, [...(roles.get(holder) ?? []), role]);
  for (const [holder, held] of roles) {
    const all = held.join(", ");
    if (held.length > 1) warnings.push(`${all} are one address, ${holder}: one key lost is all of them`);
    if (file.signers.includes(holder)) warnings.push(`${all}, ${holder}, is among the signers, too`);
  }
  if (file.quorum === 1) warnings.push("quorum is 1: any one signer alone can post a report");
  if (file.governorDelay === 0)
    warnings.push("governorDelay is 0: the governor acts at once, and nobody can leave before");
  return warnings;
}

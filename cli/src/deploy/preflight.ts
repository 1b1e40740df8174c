/** What must be true of a chain before anything is sent to it: that it can run the code, and that the parameter file speaks of it. */
import { AVERAGE_WINDOW, SPOT_LIMITS } from "@meniscus/sdk/oracles";
import { Contract, type Provider, toBeHex, ZeroAddress } from "ethers";
import { CliError } from "../cliError.ts";
import { moduleParameters } from "./moduleParameters.ts";
import type { NetworkFile } from "./networkFile.ts";
import { answerOf, assertChain, isNoAnswer } from "./node.ts";

/** Creation code that leaves CLZ(1) = 255 as its code: PUSH1 1, CLZ, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN. */
const CLZ_PROBE = "0x60011e5f5260205ff3";
const ERC20 = ["function decimals() view returns (uint8)"];
const FEED = [
  "function decimals() view returns (uint8)",
  "function description() view returns (string)",
  "function latestRoundData() view returns (uint80, int256 answer, uint256 startedAt, uint256 updatedAt, uint80)",
  "function phaseId() view returns (uint16)",
  "function phaseAggregators(uint16) view returns (address)",
];
const FACTORY = ["function getPool(address, address, uint24) view returns (address)"];
const POOL = ["function observe(uint32[]) view returns (int56[] tickCumulatives, uint160[])"];

/** Layer-2 chains of deploy/parameters that have Chainlink's uptime feed: Arbitrum One, Base. */
const WITH_SEQUENCER = [42_161, 8453];

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
export interface Ready {
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
  const base = await assetOf(provider, "base", file);
  const quote = await assetOf(provider, "quote", file);
  const findings = [
    ...(await deployerFindings(provider, file, deployer)),
    ...base.findings,
    ...quote.findings,
    ...(await codeFindings(provider, { permit2: file.permit2 })),
    ...(await sequencerFindings(provider, file)),
  ];
  if (file.settlement !== undefined)
    findings.push("settlement is for a market whose spot has other feeds by now: leave it out to deploy one");
  const pool = await averageOf(provider, file);
  if ("finding" in pool) findings.push(pool.finding);
  else findings.push(...agreementFindings(base.usd, quote.usd, pool));
  if (findings.length > 0 || "finding" in pool) throw notReady(file, findings);
  return { pool: pool.address, warnings: warningsOf(file) };
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

async function codeFindings(provider: Provider, contracts: Record<string, string | null>): Promise<string[]> {
  const findings: string[] = [];
  for (const [name, address] of Object.entries(contracts))
    if (address !== null && (await provider.getCode(address)) === "0x")
      findings.push(`${name}: there is no contract at ${address}`);
  return findings;
}

async function sequencerFindings(provider: Provider, { chainId, sequencer }: NetworkFile): Promise<string[]> {
  if (sequencer === null)
    return WITH_SEQUENCER.includes(chainId)
      ? [`sequencer is null, and chain ${chainId} has one: give its uptime feed`]
      : [];
  const missing = await codeFindings(provider, { sequencer });
  if (missing.length > 0) return missing;
  const round = await answerOf(new Contract(sequencer, FEED, provider), "latestRoundData");
  // SpotOracle takes none that has no round.
  return round === undefined || round.startedAt === 0n
    ? [`sequencer: ${sequencer} answers no round; it is no uptime feed`]
    : [];
}

interface Found {
  findings: string[];
  /** The feed's answer, USD; absent where it has none. */
  usd?: number;
}

async function assetOf(provider: Provider, side: "base" | "quote", file: NetworkFile): Promise<Found> {
  const { token, decimals, feed } = file[side];
  const missing = await codeFindings(provider, {
    [`${side}.token`]: token,
    [`${side}.feed.proxy`]: feed.proxy,
  });
  if (missing.length > 0) return { findings: missing };
  const findings: string[] = [];
  const inToken = await answerOf(new Contract(token, ERC20, provider), "decimals");
  if (inToken === undefined)
    findings.push(`${side}.token: ${token} answers no decimals; it is no such token`);
  else if (Number(inToken) !== decimals)
    findings.push(`${side}.decimals is ${decimals} in the file, ${inToken} on chain`);
  const found = await feedOf(provider, side, file);
  return { ...found, findings: [...findings, ...found.findings] };
}

/** A feed on the chain against the file, and against what both oracles will be told of it: they refuse what lies outside its bounds. */
async function feedOf(provider: Provider, side: "base" | "quote", file: NetworkFile): Promise<Found> {
  const { feed } = file[side];
  const proxy = new Contract(feed.proxy, FEED, provider);
  const round = await answerOf(proxy, "latestRoundData");
  const decimals = await answerOf(proxy, "decimals");
  if (round === undefined || decimals === undefined)
    return { findings: [`${side}.feed.proxy: ${feed.proxy} answers no round; it is no Chainlink feed`] };
  const findings: string[] = [];
  const expect = (name: string, found: unknown, expected: unknown) => {
    if (found !== expected)
      findings.push(`${side}.feed.${name} is ${expected} in the file, ${found} on chain`);
  };
  expect("decimals", Number(decimals), feed.decimals);
  if (feed.description !== undefined)
    expect("description", await answerOf(proxy, "description"), feed.description);
  const aggregator = await answerOf(proxy, "phaseAggregators", (await answerOf(proxy, "phaseId")) ?? 0);
  const inPhase = aggregator && (await answerOf(new Contract(aggregator, FEED, provider), "decimals"));
  if (inPhase === undefined)
    findings.push(`${side}.feed.proxy: ${feed.proxy} has no phases; give the proxy, not an aggregator`);
  const { answer, updatedAt } = round as { answer: bigint; updatedAt: bigint };
  const { sources, settlementBase, settlementQuote } = moduleParameters(file, ZeroAddress).Oracles as Told;
  const bounds = [sources[side], side === "base" ? settlementBase : settlementQuote];
  const low = bounds.map(({ minAnswer }) => minAnswer).reduce((one, other) => (one > other ? one : other));
  const high = bounds.map(({ maxAnswer }) => maxAnswer).reduce((one, other) => (one < other ? one : other));
  if (answer <= low || answer >= high)
    findings.push(
      `${side}.feed answers ${answer}, outside the bounds that the oracles get, ${low} to ${high}: they would refuse it`,
    );
  const age = (await provider.getBlock("latest"))!.timestamp - Number(updatedAt);
  if (age > feed.heartbeat + 300)
    findings.push(`${side}.feed is ${age} s old, beyond its heartbeat of ${feed.heartbeat} s`);
  return { findings, usd: Number(answer) / 10 ** Number(decimals) };
}

type Bounds = { minAnswer: bigint; maxAnswer: bigint };
/** Of what the module Oracles is given: the bounds. */
type Told = {
  sources: { base: Bounds; quote: Bounds };
  settlementBase: Bounds;
  settlementQuote: Bounds;
};

/** Uniswap's pool of both tokens, whatever it remembers. */
export async function poolOf(
  provider: Provider,
  { base, quote, uniswap }: NetworkFile,
): Promise<{ address: string } | { finding: string }> {
  const [missing] = await codeFindings(provider, { "uniswap.factory": uniswap.factory });
  if (missing !== undefined) return { finding: missing };
  const factory = new Contract(uniswap.factory, FACTORY, provider);
  const address = await answerOf(factory, "getPool", base.token, quote.token, uniswap.fee);
  if (address === undefined)
    return { finding: `uniswap.factory: ${uniswap.factory} answers no getPool; it is no Uniswap v3 factory` };
  if (address === ZeroAddress)
    return { finding: `uniswap: ${base.symbol} and ${quote.symbol} have no pool of fee ${uniswap.fee}` };
  return { address };
}

interface Pool {
  address: string;
  /** Quote per base, both whole, over {@link AVERAGE_WINDOW}. */
  average: number;
}

async function averageOf(provider: Provider, file: NetworkFile): Promise<Pool | { finding: string }> {
  const pool = await poolOf(provider, file);
  if ("finding" in pool) return pool;
  const { address } = pool;
  const seen = await answerOf(new Contract(address, POOL, provider), "observe", [AVERAGE_WINDOW, 0]);
  if (seen === undefined)
    return {
      finding: `uniswap: the pool ${address} does not remember ${AVERAGE_WINDOW} s; anyone may call increaseObservationCardinalityNext, and wait`,
    };
  const { base, quote } = file;
  const [before, now]: [bigint, bigint] = seen.tickCumulatives;
  const tick = Number(BigInt.asIntN(56, now - before)) / AVERAGE_WINDOW;
  const sign = BigInt(base.token) < BigInt(quote.token) ? 1 : -1;
  return { address, average: 1.0001 ** (sign * tick) * 10 ** (base.decimals - quote.decimals) };
}

/** A feed of another asset has description and age like any: the pool's price tells them apart. Settlement's feeds are for good. */
function agreementFindings(baseUsd: number | undefined, quoteUsd: number | undefined, pool: Pool): string[] {
  if (baseUsd === undefined || quoteUsd === undefined) return [];
  const told = baseUsd / quoteUsd;
  const [low, high] = [Math.min(told, pool.average), Math.max(told, pool.average)];
  if (high <= low * (1 + SPOT_LIMITS.agreementBps / 10_000)) return [];
  const text = (price: number) => String(Number(price.toPrecision(6)));
  return [
    `the feeds say ${text(told)} of quote per base, the pool ${pool.address} ${text(pool.average)} on ${AVERAGE_WINDOW} s' average, ` +
      `over ${SPOT_LIMITS.agreementBps} bps apart: a wrong proxy, a pool that nobody trades in, or a price on the move, when you try again`,
  ];
}

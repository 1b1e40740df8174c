/** The tokens, feeds and pool that a market is to rest on: the chain against the parameter file. */
import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { AVERAGE_WINDOW } from "@meniscus/sdk/oracles";
import type { Side } from "@meniscus/sdk/sides";
import { Contract, type Provider, ZeroAddress } from "ethers";
import { moduleParameters } from "./moduleParameters.ts";
import type { NetworkFile } from "./networkFile.ts";
import { answerOf } from "./node.ts";
import { termsOf } from "./terms.ts";

const ERC20 = ["function decimals() view returns (uint8)"];
const FEED = [
  "function decimals() view returns (uint8)",
  "function description() view returns (string)",
  "function latestRoundData() view returns (uint80, int256 answer, uint256 startedAt, uint256 updatedAt, uint80)",
  "function phaseId() view returns (uint16)",
  "function phaseAggregators(uint16) view returns (address)",
];
const FACTORY = ["function getPool(address, address, uint24) view returns (address)"];
const AGGREGATOR = ["function typeAndVersion() view returns (string)"];
const POOL = [
  "function observe(uint32[]) view returns (int56[] tickCumulatives, uint160[])",
  "function slot0() view returns (uint160, int24, uint16, uint16 observationCardinality, uint16 observationCardinalityNext, uint8, bool)",
];

/** Layer-2 chains of deploy/parameters that have Chainlink's uptime feed: Arbitrum One, Base. */
const WITH_SEQUENCER = [42_161, 8453];
/** Seconds between times that blocks of a chain can have: mainnet, Sepolia, Base, Arbitrum One. A pool keeps one observation of each such time. */
const SECONDS_PER_TIME: Readonly<Record<number, number>> = { 1: 12, 11155111: 12, 8453: 2, 42161: 1 };

/** Everything that is found, what the operator should know of, and the pool with its price where there is one. */
export async function sourcesFindings(
  provider: Provider,
  file: NetworkFile,
): Promise<{ findings: string[]; warnings: string[]; pool?: Pool }> {
  const base = await assetOf(provider, "base", file);
  const quote = await assetOf(provider, "quote", file);
  const findings = [
    ...base.findings,
    ...quote.findings,
    ...(await codeFindings(provider, { permit2: file.permit2 })),
    ...(await sequencerFindings(provider, file)),
  ];
  const warnings = [...base.warnings, ...quote.warnings];
  const pool = await averageOf(provider, file);
  if ("finding" in pool) return { findings: [...findings, pool.finding], warnings };
  return {
    findings: [...findings, ...agreementFindings(file, base.usd, quote.usd, pool)],
    warnings,
    pool,
  };
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
  warnings: string[];
  /** The feed's answer, USD; absent where it has none. */
  usd?: number;
}

async function assetOf(provider: Provider, side: Side, file: NetworkFile): Promise<Found> {
  const { token, decimals, feed } = file[side];
  const missing = await codeFindings(provider, {
    [`${side}.token`]: token,
    [`${side}.feed.proxy`]: feed.proxy,
  });
  if (missing.length > 0) return { findings: missing, warnings: [] };
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
async function feedOf(provider: Provider, side: Side, file: NetworkFile): Promise<Found> {
  const { feed } = file[side];
  const proxy = new Contract(feed.proxy, FEED, provider);
  const round = await answerOf(proxy, "latestRoundData");
  const decimals = await answerOf(proxy, "decimals");
  if (round === undefined || decimals === undefined)
    return {
      findings: [`${side}.feed.proxy: ${feed.proxy} answers no round; it is no Chainlink feed`],
      warnings: [],
    };
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
  const warnings = aggregator ? await lateWarnings(provider, side, aggregator) : [];
  return { findings, warnings, usd: Number(answer) / 10 ** Number(decimals) };
}

/** Of an aggregator that sells the first seconds of its rounds: everybody else is shown them late. */
async function lateWarnings(provider: Provider, side: string, aggregator: string): Promise<string[]> {
  const type = await answerOf(new Contract(aggregator, AGGREGATOR, provider), "typeAndVersion");
  if (type === undefined || !String(type).startsWith("DualAggregator")) return [];
  return [
    `${side}.feed: its aggregator ${aggregator} is a ${type}, which shows a round some seconds after its time; its owner sets how many, and settlement allows for ${ROUND_LAG_SECONDS}`,
  ];
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

/** The pool with its average. It must answer now, and remember the window though somebody trades in every block. */
async function averageOf(provider: Provider, file: NetworkFile): Promise<Pool | { finding: string }> {
  const pool = await poolOf(provider, file);
  if ("finding" in pool) return pool;
  const { address } = pool;
  const contract = new Contract(address, POOL, provider);
  const seen = await answerOf(contract, "observe", [AVERAGE_WINDOW, 0]);
  if (seen === undefined)
    return {
      finding: `uniswap: the pool ${address} does not remember ${AVERAGE_WINDOW} s; anyone may call increaseObservationCardinalityNext, and wait`,
    };
  const secondsPerTime = SECONDS_PER_TIME[file.chainId];
  if (secondsPerTime !== undefined) {
    // So many reach back over one time fewer.
    const least = Math.floor(AVERAGE_WINDOW / secondsPerTime) + 1;
    const has = Number((await answerOf(contract, "slot0"))?.observationCardinality ?? 0);
    if (has < least)
      return {
        finding: `uniswap: the pool ${address} keeps ${has} observations, and needs ${least} to remember ${AVERAGE_WINDOW} s when it is traded in every block of chain ${file.chainId}; anyone may call increaseObservationCardinalityNext(${least}), and wait`,
      };
  }
  const { base, quote } = file;
  const [before, now]: [bigint, bigint] = seen.tickCumulatives;
  const tick = Number(BigInt.asIntN(56, now - before)) / AVERAGE_WINDOW;
  const sign = BigInt(base.token) < BigInt(quote.token) ? 1 : -1;
  return { address, average: 1.0001 ** (sign * tick) * 10 ** (base.decimals - quote.decimals) };
}

/** A feed of another asset has description and age like any: the pool's price tells them apart. Settlement's feeds are for good. */
function agreementFindings(
  file: NetworkFile,
  baseUsd: number | undefined,
  quoteUsd: number | undefined,
  pool: Pool,
): string[] {
  if (baseUsd === undefined || quoteUsd === undefined) return [];
  const { agreementBps } = termsOf(file).spotOracle;
  const told = baseUsd / quoteUsd;
  const [low, high] = [Math.min(told, pool.average), Math.max(told, pool.average)];
  if (high <= low * (1 + agreementBps / 10_000)) return [];
  const text = (price: number) => String(Number(price.toPrecision(6)));
  return [
    `the feeds say ${text(told)} of quote per base, the pool ${pool.address} ${text(pool.average)} on ${AVERAGE_WINDOW} s' average, ` +
      `over ${agreementBps} bps apart: a wrong proxy, a pool that nobody trades in, or a price on the move, when you try again`,
  ];
}

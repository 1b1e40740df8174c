/**
 * Signers, rate bounds, sources of spot and terms, which are the governor's to change, and what nobody can change: feeds of settlement,
 * the market in clearing and the book's modules. On the chain against the parameter file.
 */
import { isoTime } from "@meniscus/sdk/clock";
import { VAULT_PHASES } from "@meniscus/sdk/vault/terms";
import { Contract, type Provider, ZeroAddress } from "ethers";
import type { Restricted } from "./accessManager.ts";
import { moduleParameters } from "./moduleParameters.ts";
import type { NetworkFile } from "./networkFile.ts";
import { answerOf, type EventReader } from "./node.ts";
import { poolOf } from "./sources.ts";
import { termsOf } from "./terms.ts";

interface Question {
  contract: Contract;
  provider: Provider;
  file: NetworkFile;
  contracts: readonly Restricted[];
  reader: EventReader;
  fromBlock: number;
}

/** What is compared, by the contract that holds it. */
const COMPARED: Readonly<Record<string, (question: Question) => Promise<string[]>>> = {
  VolSurface: surfaceFindings,
  SpotOracle: sourcesFindings,
  SettlementOracle: feedsFindings,
  Clearinghouse: marketFindings,
  Book: bookFindings,
  OptionPool: async ({ contract, file }) =>
    differences("parameters", termsOf(file).optionPool, await contract.getFunction("parameters")()),
  DeltaHedger: async ({ contract, file }) =>
    differences("parameters", termsOf(file).deltaHedger, await contract.getFunction("parameters")()),
  LiquidityVault: vaultFindings,
  Tranche: trancheFindings,
};

/** Every difference between the file and what these contracts hold for its market. */
export async function settingsFindings(
  provider: Provider,
  file: NetworkFile,
  contracts: readonly Restricted[],
  reader: EventReader,
  fromBlock: number,
): Promise<string[]> {
  const findings: string[] = [];
  for (const { name, address, abi } of contracts) {
    const contract = new Contract(address, abi, provider);
    const question = { contract, provider, file, contracts, reader, fromBlock };
    const found = [...((await COMPARED[name]?.(question)) ?? []), ...(await pauseFindings(contract))];
    findings.push(...found.map((each) => `${name}: ${each}`));
  }
  return findings;
}

/** A contract is deployed unpaused, with a pause for its guardian: once used, he has none until the governor gives him the next. */
async function pauseFindings(contract: Contract): Promise<string[]> {
  if (contract.interface.getFunction("pausedUntil") === null) return [];
  const until = Number(await contract.getFunction("pausedUntil")());
  return until === 0
    ? []
    : [`its pause is used, until ${isoTime(until)}: unpause gives the guardian the next`];
}

async function surfaceFindings({ contract, provider, file, reader, fromBlock }: Question): Promise<string[]> {
  const { market, quorum, surface } = file;
  const terms = await contract.getFunction("terms")(market);
  // Who is in a set stands in the event that made it.
  const filter = contract.filters.SignersSet!(market, terms.signerSet);
  const made = await reader.read(contract, filter, fromBlock, await provider.getBlockNumber()).next();
  const signers: string[] = made.done ? [] : [...made.value.args.signers];
  return [
    ...file.signers.filter((each) => !signers.includes(each)).map((each) => `${each} is no signer`),
    ...signers
      .filter((each) => !file.signers.includes(each))
      .map((each) => `nobody was to be signer ${each}`),
    ...differences("", { quorum, ...surface }, terms),
  ];
}

async function sourcesFindings({ contract, provider, file }: Question): Promise<string[]> {
  const pool = await poolOf(provider, file);
  if ("finding" in pool) return [pool.finding];
  const { sources } = moduleParameters(file, pool.address).Oracles as { sources: { base: Bounded } };
  const found = await answerOf(contract, "sources", file.market);
  if (found === undefined || found.base.proxy === ZeroAddress) return ["no sources are set"];
  return [
    ...differences("sources", { ...sources, base: kept(sources.base) }, found),
    ...differences("limits", termsOf(file).spotOracle, await contract.getFunction("limits")(file.market)),
  ];
}

async function feedsFindings({ contract, file }: Question): Promise<string[]> {
  const found = await answerOf(contract, "feeds", file.market);
  if (found === undefined) return [`market ${file.market} has no feeds`];
  const { settlementBase, settlementQuote, fallbackDelay } = moduleParameters(file, ZeroAddress)
    .Oracles as Settlement;
  const expected = { base: kept(settlementBase), quote: kept(settlementQuote), fallbackDelay };
  return differences("", expected, found);
}

/** Of what the module Oracles is given: what settlement rests on. */
interface Settlement {
  settlementBase: Bounded;
  settlementQuote: Bounded;
  fallbackDelay: number;
}
interface Bounded {
  minAnswer: bigint;
  maxAnswer: bigint;
}

/** Significant bits in which the oracles keep a bound (contracts/oracle/WindowFeed.sol). */
const BOUND_BITS = 16;

/** A feed as the contract tells it: its bounds are rounded to the inside. */
function kept<T extends Bounded>(feed: T): T {
  const unit = (answer: bigint) => 1n << BigInt(Math.max(0, answer.toString(2).length - BOUND_BITS));
  const down = (answer: bigint) => answer - (answer % unit(answer));
  const { minAnswer, maxAnswer } = feed;
  return { ...feed, minAnswer: down(minAnswer + unit(minAnswer) - 1n), maxAnswer: down(maxAnswer) };
}

async function marketFindings({ contract, file, contracts }: Question): Promise<string[]> {
  const { Clearing, OptionMarket } = moduleParameters(file, ZeroAddress) as Clearing;
  const [asset, decimals] = await contract.getFunction("quoteAsset")();
  const ofQuote = differences(
    "",
    { quote: Clearing.quote, quoteDecimals: Clearing.quoteDecimals },
    { quote: asset, quoteDecimals: decimals },
  );
  const found = await answerOf(contract, "marketOf", file.market);
  if (found === undefined) return [...ofQuote, `market ${file.market} is not registered`];
  const { market: _, ...terms } = OptionMarket;
  const oracles = {
    spotOracle: addressOf(contracts, "SpotOracle"),
    settlementOracle: addressOf(contracts, "SettlementOracle"),
  };
  return [...ofQuote, ...differences("", { ...terms, ...oracles }, found)];
}

/** Its modules move the book's money, vault and hedger by withdrawing it; the deployer names them, once and for good. */
async function bookFindings({ contract, provider, file, contracts }: Question): Promise<string[]> {
  const tranches = await Promise.all(
    contracts
      .filter(({ name }) => name === "Tranche")
      .map(async ({ address, abi }) => ({
        address,
        asset: await new Contract(address, abi, provider).getFunction("asset")(),
      })),
  );
  const trancheOf = ({ token }: NetworkFile["base"]) =>
    tranches.find(({ asset }) => asset === token)?.address;
  const modules = {
    pool: addressOf(contracts, "OptionPool"),
    vault: addressOf(contracts, "LiquidityVault"),
    hedger: addressOf(contracts, "DeltaHedger"),
    baseTranche: trancheOf(file.base),
    quoteTranche: trancheOf(file.quote),
  };
  return [
    ...differences("modules", modules, await contract.getFunction("modules")()),
    ...differences("terms", termsOf(file).book, await contract.getFunction("terms")()),
  ];
}

/** Terms that are set hold from the next mark on; a vault that winds down never opens again. */
async function vaultFindings({ contract, file }: Question): Promise<string[]> {
  const { liquidityVault } = termsOf(file);
  const [running, next] = await contract.getFunction("terms")();
  const phase = VAULT_PHASES[Number(await contract.getFunction("phase")())];
  return [
    ...differences("terms", liquidityVault, running).map((each) => `${each}, until the next mark at least`),
    ...differences("next terms", liquidityVault, next),
    ...(phase === "WindingDown" ? ["it winds down, for good"] : []),
  ];
}

async function trancheFindings({ contract, file }: Question): Promise<string[]> {
  const { baseTranche, quoteTranche } = termsOf(file);
  const isBase = (await contract.getFunction("asset")()) === file.base.token;
  const of = isBase ? file.base : file.quote;
  return differences(
    `${of.symbol} terms`,
    isBase ? baseTranche : quoteTranche,
    await contract.getFunction("terms")(),
  );
}

const addressOf = (contracts: readonly Restricted[], name: string): string | undefined =>
  contracts.find((each) => each.name === name)?.address;

/** What the modules Clearing and OptionMarket are given. */
interface Clearing extends Record<string, object> {
  Clearing: { quote: string; quoteDecimals: number };
  OptionMarket: { market: number };
}

/** Every value of `expected` that `found` has otherwise, by its path; a struct may come as an object or as a contract's answer. */
function differences(path: string, expected: object, found: Record<string, unknown>): string[] {
  return Object.entries(expected).flatMap(([key, value]) => {
    const name = path === "" ? key : `${path}.${key}`;
    if (typeof value === "object") return differences(name, value, found[key] as Record<string, unknown>);
    return String(value) === String(found[key]) ? [] : [`${name} is ${found[key]}, not ${value}`];
  });
}

/** Where a service gets its market from, and the time that goes with it. */
import { statSync } from "node:fs";
import { ChainError } from "@meniscus/pricer/chain/chain";
import { type Clock, systemClock } from "@meniscus/pricer/service/clock";
import type { MarketConfig } from "@meniscus/pricer/service/config";
import { deribitSource } from "@meniscus/pricer/source/deribit";
import { DERIBIT_SOCKET, deribitStream } from "@meniscus/pricer/source/deribitStream";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { simulatedSource } from "@meniscus/pricer/source/simulated";
import type { Source } from "@meniscus/pricer/source/source";
import { type Command, Option } from "commander";
import { CliError } from "../cliError.ts";
import { chainFiles } from "../market/recordedChains.ts";
import { notEmpty, wholeNumber } from "../terminal/options.ts";

export interface SourceOptions {
  source: "deribit" | "recorded" | "simulated";
  chains?: string;
  currency?: string;
  seed?: number;
  deribitUrl: string;
  allowSimulated: boolean;
}

/** Hardhat's and Anvil's, where nothing is worth anything. */
const LOCAL_CHAIN = 31337;

export interface ServiceMarket {
  readonly source: Source;
  readonly clock: Clock;
}

/** Adds the options to a command. */
export function withSourceOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--source <name>", "where the market comes from")
        .choices(["deribit", "recorded", "simulated"])
        .makeOptionMandatory(),
    )
    .option("--chains <place>", "of a recorded source: a chain's file, or a folder of them by time", notEmpty)
    .option("--currency <code>", "the base asset; ETH if nothing else says", notEmpty)
    .option("--seed <number>", "of a simulated source", wholeNumber(0, 2 ** 31 - 1))
    .option("--allow-simulated", "sign or publish simulated data on a chain that is not local too", false)
    .addOption(
      new Option(
        "--deribit-url <url>",
        "another place of the API: ws(s)://, or http(s):// to poll it",
      ).default(DERIBIT_SOCKET),
    );
}

/**
 * Lets nobody sign or publish, on a chain that may hold money, what was made up or, for want of a word, is of another coin.
 *
 * @throws CliError that says which option is missing
 */
export function assertMeantFor(
  { chainId }: MarketConfig,
  { source, currency, allowSimulated }: SourceOptions,
): void {
  if (chainId === LOCAL_CHAIN) return;
  if (source === "simulated" && !allowSimulated)
    throw new CliError(
      `Simulated data are for a local chain (${LOCAL_CHAIN}), and the configuration says chain ${chainId}: name another --source, ` +
        "or add --allow-simulated where nothing is at stake.",
    );
  // A recording says itself what it is of.
  if (source !== "recorded" && currency === undefined)
    throw new CliError("Name the market's base asset with --currency: the contract does not know it.");
}

/**
 * `isRepeated`: a recording of a single chain goes on saying the same, for services, which run until they are stopped; else it is over
 * after it.
 * @throws CliError for options that do not go together
 */
export function openMarket(
  { source, chains, currency, seed, deribitUrl }: SourceOptions,
  { isRepeated }: { isRepeated: boolean } = { isRepeated: true },
): ServiceMarket {
  if (source !== "recorded" && chains !== undefined)
    throw new CliError("--chains goes with --source recorded.");
  if (source !== "simulated" && seed !== undefined)
    throw new CliError("--seed goes with --source simulated.");
  if (source === "recorded") return recordedMarket(chains, currency, isRepeated);
  if (source === "simulated") return { source: simulatedNow(currency, seed), clock: systemClock };
  if (!URL.canParse(deribitUrl)) throw new CliError("--deribit-url is no URL.");
  const isSocket = new URL(deribitUrl).protocol.startsWith("ws");
  const named = { currency: currency ?? "ETH" };
  return {
    source: isSocket
      ? deribitStream({ ...named, url: deribitUrl })
      : deribitSource({ ...named, api: deribitUrl, timeoutMs: 5000 }),
    clock: systemClock,
  };
}

/** The simulated market as it is now: one seed is one market, at whatever time. */
function simulatedNow(currency: string | undefined, seed: number | undefined): Source {
  return {
    read: (signal) =>
      simulatedSource({
        snapshotAt: Math.floor(systemClock()),
        ...(currency !== undefined && { currency }),
        ...(seed !== undefined && { seed }),
      }).read(signal),
  };
}

/** One recording at a read; its time is the time until the next. */
function recordedMarket(
  place: string | undefined,
  currency: string | undefined,
  isRepeated: boolean,
): ServiceMarket {
  if (place === undefined) throw new CliError("--source recorded needs --chains.");
  const files = recordings(place);
  let next = 0;
  let now = 0;
  const read: Source["read"] = async (signal) => {
    const file = files[Math.min(next, files.length - 1)]!;
    if (next >= files.length && !(isRepeated && files.length === 1)) throw new ChainError(RECORDING_OVER);
    next += 1;
    const chain = await recordedSource(file, currency).read(signal);
    now = chain.snapshotAt;
    return chain;
  };
  return { source: { read }, clock: () => now };
}

/** What recordings say at their end. */
export const RECORDING_OVER = "the recording is over";

function recordings(place: string): string[] {
  const found = statSync(place, { throwIfNoEntry: false });
  if (found === undefined)
    throw new CliError(`There is no ${place}: name a recorded chain, or a folder of them.`);
  return found.isDirectory() ? chainFiles(place) : [place];
}

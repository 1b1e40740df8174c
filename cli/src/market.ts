/** Which market a command looks at: the options, shared by the verbs, and the source that they name. */
import { DERIBIT_API, deribitSource } from "@meniscus/pricer/source/deribit";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { simulatedSource } from "@meniscus/pricer/source/simulated";
import type { Source } from "@meniscus/pricer/source/source";
import { type Command, InvalidArgumentError, Option } from "commander";

export interface MarketOptions {
  chain?: string;
  live?: "deribit";
  currency?: string;
  seed?: number;
  deribitUrl: string;
}

/** Parses a whole number between two bounds, both allowed. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };
}

/** Adds the options to a command. */
export function withMarketOptions(command: Command): Command {
  return command
    .addOption(new Option("--chain <file>", "a recorded chain: CSV, gzip or plain").conflicts("live"))
    .addOption(new Option("--live <venue>", "ask a venue's public API").choices(["deribit"]))
    .option("--currency <code>", "the base asset (default: the file's only one, else ETH)")
    .addOption(
      new Option("--seed <number>", "the simulated market's seed")
        .argParser(wholeNumber(0, 2 ** 31 - 1))
        .conflicts(["chain", "live"]),
    )
    .addOption(
      new Option("--deribit-url <url>", "where the API is, for tests").default(DERIBIT_API).hideHelp(),
    );
}

/** The source that the options name; without a file or a venue it is simulated, and says so. */
export function sourceOf({ chain, live, currency, seed, deribitUrl }: MarketOptions): Source {
  if (chain !== undefined) return recordedSource(chain, currency);
  if (live !== undefined) return deribitSource({ currency: currency ?? "ETH", api: deribitUrl });
  return simulatedSource({ ...(currency && { currency }), ...(seed !== undefined && { seed }) });
}

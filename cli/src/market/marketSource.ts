/** Which market a command looks at: the options, shared by the verbs, and the source that they name. */
import type { Chain } from "@meniscus/pricer/chain/chain";
import { DERIBIT_API, deribitSource } from "@meniscus/pricer/source/deribit";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { simulatedSource } from "@meniscus/pricer/source/simulated";
import type { Source } from "@meniscus/pricer/source/source";
import { type Command, Option } from "commander";
import { notEmpty, wholeNumber } from "../terminal/options.ts";
import { step } from "../terminal/progress.ts";

export interface MarketOptions {
  chain?: string;
  live?: "deribit";
  currency?: string;
  seed?: number;
  deribitUrl: string;
}

/** Adds the options to a command. */
export function withMarketOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--chain <file>", "a recorded chain: CSV, gzip or plain")
        .argParser(notEmpty)
        .conflicts("live"),
    )
    .addOption(new Option("--live <venue>", "ask a venue's public API").choices(["deribit"]))
    .option(
      "--currency <code>",
      "the base asset; a file may leave it out if it holds one only, else ETH",
      notEmpty,
    )
    .addOption(
      new Option("--seed <number>", "the simulated market's seed")
        .argParser(wholeNumber(0, 2 ** 31 - 1))
        .conflicts(["chain", "live"]),
    )
    .addOption(
      new Option("--deribit-url <url>", "where the API is, for tests").default(DERIBIT_API).hideHelp(),
    );
}

/** The chain that the options name, with progress where that takes a while. */
export async function readMarket(options: MarketOptions): Promise<Chain> {
  const source = sourceOf(options);
  return options.live === undefined
    ? source.read()
    : step("Asking Deribit for the chain", () => source.read());
}

/** The source that the options name; without a file or a venue it is simulated, and says so. */
function sourceOf({ chain, live, currency, seed, deribitUrl }: MarketOptions): Source {
  if (chain !== undefined) return recordedSource(chain, currency);
  if (live !== undefined) return deribitSource({ currency: currency ?? "ETH", api: deribitUrl });
  return simulatedSource({ ...(currency && { currency }), ...(seed !== undefined && { seed }) });
}

/** `meniscus start`: a real option chain becomes on-chain quotes. */
import { Command, InvalidArgumentError, Option } from "commander";
import { type StartOptions, start } from "./start.ts";

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };
}

export function startCommand(): Command {
  return new Command("start")
    .description(
      "Fit a volatility surface to an option chain, post it on a local chain, and read every quote back from the contracts.\n" +
        "Without --chain or --live the market is simulated.",
    )
    .addOption(new Option("--chain <file>", "a recorded chain: CSV, gzip or plain").conflicts("live"))
    .addOption(new Option("--live <venue>", "ask a venue's public API").choices(["deribit"]))
    .option(
      "--currency <code>",
      "the base asset, such as ETH or BTC (default: the chain's only one; ETH where it is a choice)",
    )
    .addOption(
      new Option("--seed <number>", "the simulated market's seed")
        .argParser(wholeNumber(0, 2 ** 31 - 1))
        .conflicts(["chain", "live"]),
    )
    .addOption(
      new Option("--port <number>", "the local node's port; 0 takes any free one")
        .argParser(wholeNumber(0, 65_535))
        .default(0),
    )
    .option("--keep", "leave the local node up at the end, and print its URL", false)
    .option("--html <file>", "where the page goes", "out/surface.html")
    .option("--json <file>", "write everything that is printed as data, too")
    .addOption(
      new Option("--deribit-url <url>", "the API's address, for tests")
        .default("https://www.deribit.com/api/v2")
        .hideHelp(),
    )
    .action((options: StartOptions) => start(options));
}

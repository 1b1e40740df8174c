/** `meniscus start`: a real option chain becomes on-chain quotes. */
import { Command, Option } from "commander";
import { CliError } from "../../cliError.ts";
import { withMarketOptions } from "../../market/marketSource.ts";
import { notEmpty, wholeNumber } from "../../terminal/options.ts";
import { jsonOption } from "../../terminal/output.ts";
import { type StartOptions, start } from "./start.ts";

export function startCommand(): Command {
  const command = new Command("start").description(
    "Fit a volatility surface to an option chain, post it on a local chain, read every quote back from the contracts, and play the days until an expiry. " +
      "Without --chain or --live the market is simulated.",
  );
  return withMarketOptions(command)
    .addOption(
      new Option("--port <number>", "the local node's port; 0 takes any free one")
        .argParser(wholeNumber(0, 65_535))
        .default(0),
    )
    .option("--strikes", "print every listed strike, too: the market's quote beside our price", false)
    .option(
      "--keep",
      "leave the local node up at the end, with the world around the market going on; print its URL and every address",
      false,
    )
    .option("--plot <file>", "where the page with the pictures goes", notEmpty, "out/surface.html")
    .option("--story <file>", "where the page of the story goes", notEmpty, "out/story.html")
    .option("--addresses <file>", "where --keep writes every address", notEmpty, "out/addresses.json")
    .addOption(jsonOption("everything that is printed"))
    .action((options: StartOptions) => {
      if (command.getOptionValueSource("addresses") === "cli" && !options.keep)
        throw new CliError("--addresses goes with --keep: without it no node is left up to have them.");
      return start(options);
    });
}

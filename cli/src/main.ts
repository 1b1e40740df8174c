/** The command `meniscus`: one verb a module. */
import { ChainError } from "@meniscus/pricer/chain";
import { Command, CommanderError } from "commander";
import { CliError } from "./cliError.ts";
import { deployCommand, rehearseCommand } from "./deploy/command.ts";
import { fitCommand } from "./fit/command.ts";
import { keepCommand } from "./keep/command.ts";
import { keystoreCommand } from "./keystore/command.ts";
import { priceCommand } from "./price/command.ts";
import { replayCommand } from "./replay/command.ts";
import { signCommand } from "./sign/command.ts";
import { simulateCommand } from "./simulate/command.ts";
import { startCommand } from "./start/command.ts";
import { stickinessCommand } from "./stickiness/command.ts";

/**
 * Runs the command line `args` (without node and script) and returns the exit code.
 *
 * A failure is one line on stderr that says what to do, never a stack trace; `MENISCUS_DEBUG=1` adds the trace for developers.
 */
export async function main(args: readonly string[]): Promise<number> {
  outliveReader();
  const program = new Command("meniscus")
    .description("An options AMM whose price comes from an arbitrage-free volatility surface.")
    .showHelpAfterError("(add --help for what can be said here)")
    .exitOverride()
    .addCommand(startCommand())
    .addCommand(fitCommand())
    .addCommand(replayCommand())
    .addCommand(priceCommand())
    .addCommand(signCommand())
    .addCommand(keystoreCommand())
    .addCommand(stickinessCommand())
    .addCommand(keepCommand())
    .addCommand(deployCommand())
    .addCommand(rehearseCommand())
    .addCommand(simulateCommand());
  // Settings are not inherited by commands that were made apart.
  inheritSettings(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has already printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    console.error(`error: ${messageOf(error)}`);
    if (process.env.MENISCUS_DEBUG === "1") console.error(error);
    return 1;
  }
}

/** A reader that has seen enough (`| head`) ends the printing, not the run: its files are still to be written. */
function outliveReader(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
}

function messageOf(error: unknown): string {
  if (error instanceof CliError || error instanceof ChainError) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  return `${text.split("\n")[0]} (unexpected; run again with MENISCUS_DEBUG=1 for the details, and please report them)`;
}

function inheritSettings(command: Command): void {
  for (const each of command.commands) inheritSettings(each.copyInheritedSettings(command));
}

/** The command `meniscus`: one verb a module. */
import { inspect } from "node:util";
import { ChainError } from "@meniscus/pricer/chain/chain";
import { withHostsOnly } from "@meniscus/pricer/service/withHostsOnly";
import { systemReason } from "@meniscus/sdk/systemReason";
import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { CliError } from "./cliError.ts";

/** Each verb by its module, in the order of the help. */
const VERBS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./verbs/start/command.ts")).startCommand(),
  fit: async () => (await import("./verbs/fit/command.ts")).fitCommand(),
  replay: async () => (await import("./verbs/replay/command.ts")).replayCommand(),
  price: async () => (await import("./verbs/price/command.ts")).priceCommand(),
  sign: async () => (await import("./verbs/sign/command.ts")).signCommand(),
  keystore: async () => (await import("./verbs/keystore/command.ts")).keystoreCommand(),
  stickiness: async () => (await import("./verbs/stickiness/command.ts")).stickinessCommand(),
  keep: async () => (await import("./verbs/keep/command.ts")).keepCommand(),
  deploy: async () => (await import("./verbs/deploy/command.ts")).deployCommand(),
  rehearse: async () => (await import("./verbs/deploy/command.ts")).rehearseCommand(),
  simulate: async () => (await import("./verbs/simulate/command.ts")).simulateCommand(),
};

/**
 * Runs the command line `args` (without node and script) and returns the exit code.
 *
 * A failure is one line on stderr that says what to do, never a stack trace; `MENISCUS_DEBUG=1` adds the trace for developers.
 */
export async function main(args: readonly string[]): Promise<number> {
  outliveReader();
  const program = new Command("meniscus")
    .description("An options AMM whose price comes from an arbitrage-free volatility surface.")
    .version(manifest.version)
    .showHelpAfterError("(add --help for the options)")
    .exitOverride();
  // To read the modules of all verbs takes seconds: only those of the one that is named, where one is.
  const asked = Object.hasOwn(VERBS, args[0] ?? "") ? [args[0]!] : Object.keys(VERBS);
  for (const verb of asked) program.addCommand(await VERBS[verb]!());
  // Settings are not inherited by commands that were made apart.
  inheritSettings(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has already printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    console.error(`error: ${await messageOf(error)}`);
    if (process.env.MENISCUS_DEBUG === "1") console.error(withHostsOnly(inspect(error)));
    return 1;
  }
}

/**
 * Printing that fails ends the printing, not the run: its files are still to be written. A reader that has seen enough (`| head`) is no
 * failure; anything else, as a full disk, is said once and makes the run fail at its end.
 */
function outliveReader(): void {
  let isTold = false;
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || isTold) return;
      isTold = true;
      // The error comes after the line, which may have been the run's last: only its end sets the code for good.
      process.once("exit", () => {
        process.exitCode = 1;
      });
      const name = stream === process.stdout ? "Standard output" : "Standard error";
      console.error(
        `error: ${name} cannot be written to (${systemReason(error)}): make room or name another place.`,
      );
    });
}

async function messageOf(error: unknown): Promise<string> {
  if (error instanceof CliError || error instanceof ChainError) return error.message;
  // It loads ethers, which a verb that succeeds may not need.
  const { firstLine } = await import("@meniscus/pricer/service/firstLine");
  return `${firstLine(error)} (unexpected; run again with MENISCUS_DEBUG=1 for the details, and please report them)`;
}

function inheritSettings(command: Command): void {
  for (const each of command.commands) inheritSettings(each.copyInheritedSettings(command));
}

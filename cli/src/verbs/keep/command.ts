/** `meniscus keep`: the loops that keep a market going, each over a view that says yes or no and why. */

import { JOBS, type JobName, KeeperSchema } from "@meniscus/keeper/config";
import { runKeeper } from "@meniscus/keeper/run";
import { askHealth } from "@meniscus/keeper/watching/askHealth";
import { readConfig } from "@meniscus/pricer/service/config";
import { Command } from "commander";
import { CliError } from "../../cliError.ts";
import { openLog, withPlainErrors } from "../../service/service.ts";
import { type KeystoreOptions, openWallet, withKeystoreOptions } from "../../service/wallet.ts";
import { logLevelOption, notEmpty } from "../../terminal/options.ts";

const PASSWORD_VARIABLE = "MENISCUS_KEEPER_PASSWORD";

interface KeepOptions extends KeystoreOptions {
  config: string;
  dryRun: boolean;
  once: boolean;
  logLevel: string;
}

const WHAT: Readonly<Record<JobName, string>> = {
  hedge: "open the auction of the vault's delta, and fill it from Uniswap",
  settle: "fix the price of expiries that are over, settle them, realize the book's positions",
  epoch: "close the vault's epoch at the first report after its cut-off",
  mark: "refresh the book's exposures before they are too old to open or to hedge by",
  poke: "renew the spot oracle's cached quote/USD and average",
};

export function keepCommand(): Command {
  const keep = new Command("keep").description(
    "Keep a market going. Each loop looks at the chain every few seconds, says yes or no and why, and sends what it finds due.",
  );
  for (const job of JOBS) keep.addCommand(loopCommand(job, WHAT[job], [job]));
  keep.addCommand(loopCommand("all", "all of them, by one account", JOBS));
  keep.addCommand(healthCommand());
  return keep;
}

function loopCommand(name: string, what: string, jobs: readonly JobName[]): Command {
  const command = new Command(name)
    .description(what)
    .requiredOption("--config <file>", "the configuration, JSON (docs/KEEPER.md)", notEmpty);
  const description = "the account's encrypted key, as `meniscus keystore` makes it";
  return withKeystoreOptions(command, PASSWORD_VARIABLE, description, { isRequired: true })
    .option("--dry-run", "look, decide and log, but send nothing", false)
    .option("--once", "look once; the exit code says whether all is well", false)
    .addOption(logLevelOption())
    .action((options: KeepOptions) => withPlainErrors(() => keep(jobs, options)));
}

async function keep(jobs: readonly JobName[], options: KeepOptions): Promise<void> {
  const { config, dryRun, once, logLevel } = options;
  const settings = readConfig(config, KeeperSchema);
  const wallet = await openWallet(options, PASSWORD_VARIABLE);
  const log = openLog("keeper", logLevel);
  const code = await runKeeper(settings, wallet, { jobs, dryRun, once, log });
  if (code !== 0) throw new CliError("The look was not sound; the log says why.");
}

function healthCommand(): Command {
  return new Command("health")
    .description("ask a running keeper how it is; exits 1 when it is sick")
    .option("--url <url>", "where it serves", notEmpty, "http://127.0.0.1:9464")
    .action(async ({ url }: { url: string }) => {
      if (!URL.canParse(url)) throw new CliError("--url is no URL, such as http://127.0.0.1:9464.");
      const { isWell, reasons } = await askHealth(url);
      if (!isWell) throw new CliError(`The keeper is sick: ${reasons.join("; ")}.`);
      console.log("well");
    });
}

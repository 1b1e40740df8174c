/** `meniscus price`: the pricer as a service; without `--publish` it says what it would do. */
import { servePricer } from "@meniscus/pricer/publisher/serve";
import { PricerSchema, readConfig } from "@meniscus/pricer/service/config";
import { Command } from "commander";
import { CliError } from "../../cliError.ts";
import { openLog, openStore, serveUntilEnded, withPlainErrors } from "../../service/service.ts";
import {
  assertMeantFor,
  openMarket,
  type SourceOptions,
  withSourceOptions,
} from "../../service/serviceSource.ts";
import { type KeystoreOptions, openWallet, withKeystoreOptions } from "../../service/wallet.ts";
import { logLevelOption, notEmpty, seconds } from "../../terminal/options.ts";
import { watch } from "./watch.ts";

const PASSWORD_VARIABLE = "MENISCUS_PRICER_PASSWORD";

interface PriceOptions extends SourceOptions, Partial<KeystoreOptions> {
  publish: boolean;
  once: boolean;
  interval: number;
  config?: string;
  logLevel: string;
}

export function priceCommand(): Command {
  const command = new Command("price").description(
    "Fit the market at every update and publish it when it has moved or a heartbeat is due. Without --publish it prints what it would do.",
  );
  withSourceOptions(command)
    .option("--publish", "ask the signers and post to VolSurface", false)
    .option("--config <file>", "the configuration, JSON (docs/PRICER.md)", notEmpty);
  const description = "the encrypted key of the account that posts";
  return withKeystoreOptions(command, PASSWORD_VARIABLE, description, { isRequired: false })
    .option("--interval <seconds>", "between two looks at the source", seconds, 1)
    .option("--once", "without --publish: look once", false)
    .addOption(logLevelOption())
    .action((options: PriceOptions) => withPlainErrors(() => price(options)));
}

async function price(options: PriceOptions): Promise<void> {
  const { publish, config, keystore, passwordFile, interval, once, logLevel } = options;
  if (publish && once)
    throw new CliError("--once goes without --publish: a service publishes until it is stopped.");
  const settings = config === undefined ? undefined : readConfig(config, PricerSchema);
  const market = openMarket(options, { isRepeated: publish });
  if (!publish) {
    try {
      return await watch(market, { settings, interval, once });
    } finally {
      market.source.close?.();
    }
  }
  if (settings === undefined || keystore === undefined)
    throw new CliError("--publish needs --config and --keystore (docs/PRICER.md).");
  assertMeantFor(settings.market, options);
  const wallet = await openWallet({ keystore, passwordFile }, PASSWORD_VARIABLE);
  const database = await openStore(settings.store);
  const log = openLog("pricer", logLevel);
  await serveUntilEnded(market, () =>
    servePricer({ ...market, config: settings, wallet, interval, log, database }),
  );
}

/** `meniscus sign`: a process with a key and no other job than to judge other people's reports by its own data. */
import { readConfig, SignerSchema } from "@meniscus/pricer/service/config";
import { serveSigner } from "@meniscus/pricer/signer/serve";
import { Command } from "commander";
import { openLog, openStore, serveUntilEnded, withPlainErrors } from "../../service/service.ts";
import {
  assertMeantFor,
  openMarket,
  type SourceOptions,
  withSourceOptions,
} from "../../service/serviceSource.ts";
import { type KeystoreOptions, openWallet, withKeystoreOptions } from "../../service/wallet.ts";
import { logLevelOption, notEmpty } from "../../terminal/options.ts";

const PASSWORD_VARIABLE = "MENISCUS_SIGNER_PASSWORD";

interface SignOptions extends SourceOptions, KeystoreOptions {
  config: string;
  logLevel: string;
}

export function signCommand(): Command {
  const command = new Command("sign").description(
    "Serve signatures on 127.0.0.1: of proposals within a tolerance of this process's own fit, after its own bounds and the certificate.",
  );
  withSourceOptions(command).requiredOption(
    "--config <file>",
    "the configuration, JSON (docs/PRICER.md)",
    notEmpty,
  );
  return withKeystoreOptions(command, PASSWORD_VARIABLE, "the signer's encrypted key", { isRequired: true })
    .addOption(logLevelOption())
    .action((options: SignOptions) => withPlainErrors(() => sign(options)));
}

async function sign(options: SignOptions): Promise<void> {
  const { config, logLevel } = options;
  const settings = readConfig(config, SignerSchema);
  assertMeantFor(settings.market, options);
  const market = openMarket(options);
  const key = await openWallet(options, PASSWORD_VARIABLE);
  const database = await openStore(settings.store);
  const log = openLog("signer", logLevel);
  await serveUntilEnded(market, () => serveSigner({ ...market, config: settings, key, log, database }));
}

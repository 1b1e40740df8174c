/** `meniscus sign`: a process with a key and no other job than to judge other people's reports by its own data. */
import { readConfig, SignerSchema } from "@meniscus/pricer/service/config";
import { serveSigner } from "@meniscus/pricer/signer/serve";
import { openKeystore } from "@meniscus/sdk/keystore";
import { Command } from "commander";
import { logLevelOption, notEmpty } from "../options.ts";
import { openLog, openStore, withPlainErrors } from "../service.ts";
import { assertMeantFor, openMarket, type SourceOptions, withSourceOptions } from "../serviceSource.ts";

const PASSWORD_VARIABLE = "MENISCUS_SIGNER_PASSWORD";

interface SignOptions extends SourceOptions {
  config: string;
  keystore: string;
  passwordFile?: string;
  logLevel: string;
}

export function signCommand(): Command {
  const command = new Command("sign").description(
    "Serve signatures on 127.0.0.1: of proposals within a tolerance of this process's own fit, after its own bounds and the certificate.",
  );
  return withSourceOptions(command)
    .requiredOption("--config <file>", "the configuration, JSON (docs/PRICER.md)", notEmpty)
    .requiredOption("--keystore <file>", "the signer's encrypted key", notEmpty)
    .option("--password-file <file>", `its password; else ${PASSWORD_VARIABLE}`, notEmpty)
    .addOption(logLevelOption())
    .action((options: SignOptions) => withPlainErrors(() => sign(options)));
}

async function sign(options: SignOptions): Promise<void> {
  const { config, keystore, passwordFile, logLevel } = options;
  const settings = readConfig(config, SignerSchema);
  assertMeantFor(settings.market, options);
  const market = openMarket(options);
  const key = await openKeystore(keystore, { file: passwordFile, variable: PASSWORD_VARIABLE });
  const database = await openStore(settings.store);
  await serveSigner({ ...market, config: settings, key, log: openLog("signer", logLevel), database });
}

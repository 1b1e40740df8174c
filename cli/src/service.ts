/** What the services have in common on the command line. */
import { ConfigError as KeeperConfigError } from "@meniscus/keeper/config";
import { ConfigError as PricerConfigError } from "@meniscus/pricer/service/config";
import { KeystoreError } from "@meniscus/sdk/keystore";
import { Option } from "commander";
import { type Logger, pino } from "pino";
import { CliError } from "./cliError.ts";

export const logLevelOption = (): Option =>
  new Option("--log-level <level>", "how much is told")
    .choices(["debug", "info", "warn", "error"])
    .default("info");

/** A JSON line for everything that happens. */
export const openLog = (name: string, level: string): Logger =>
  pino({ name: `meniscus-${name}`, level, timestamp: pino.stdTimeFunctions.isoTime });

const OF_PEOPLE = [KeeperConfigError, PricerConfigError, KeystoreError] as const;

/** What people got wrong is told in a line. */
export async function withPlainErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw OF_PEOPLE.some((kind) => error instanceof kind) ? new CliError((error as Error).message) : error;
  }
}

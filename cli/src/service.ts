/** What the services have in common on the command line. */
import { ConfigError } from "@meniscus/pricer/service/config";
import { withHostsOnly } from "@meniscus/pricer/service/withHostsOnly";
import { type Database, openDatabase } from "@meniscus/pricer/store/database";
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

const OF_PEOPLE = [ConfigError, KeystoreError] as const;

/** What people got wrong is told in a line. */
export async function withPlainErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw OF_PEOPLE.some((kind) => error instanceof kind) ? new CliError((error as Error).message) : error;
  }
}

/** Opens the store that a configuration names. @throws CliError where nothing can be kept there */
export async function openStore(place: string): Promise<Database> {
  let database: Database | undefined;
  try {
    database = await openDatabase(place);
    // A server is not talked to before.
    await database.query("SELECT 1");
    return database;
  } catch (error) {
    await database?.close();
    const { message, code } = error as NodeJS.ErrnoException;
    throw new CliError(
      `The store ${withHostsOnly(place)} cannot be opened: ${withHostsOnly(message || String(code))}.`,
    );
  }
}

/** What the services have in common on the command line. */
import { ConfigError } from "@meniscus/pricer/service/config";
import { hostOf, withHostsOnly } from "@meniscus/pricer/service/withHostsOnly";
import { type Database, isPostgres, openDatabase } from "@meniscus/pricer/store/database";
import { KeystoreError } from "@meniscus/sdk/keystore";
import { type Logger, pino } from "pino";
import { untilEnded } from "../cleanUp.ts";
import { CliError } from "../cliError.ts";
import type { ServiceMarket } from "./serviceSource.ts";

/** A log of JSON lines on standard output, from the given level up. */
export const openLog = (name: string, level: string): Logger =>
  pino({ name: `meniscus-${name}`, level, timestamp: pino.stdTimeFunctions.isoTime });

/** Errors of what the user wrote, whose message says what to do. */
const USER_ERRORS = [ConfigError, KeystoreError] as const;

/** Runs `work`; an error of what the user wrote becomes a CliError, which is printed as one line. */
export async function withPlainErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw USER_ERRORS.some((kind) => error instanceof kind) ? new CliError((error as Error).message) : error;
  }
}

/** What runs until it is closed. */
interface Served {
  close(): Promise<void>;
}

/** Serves until the process is told to end; what is under way then is ended first, and the sources closed. */
export async function serveUntilEnded(
  { source }: ServiceMarket,
  serve: () => Promise<Served>,
): Promise<void> {
  const ended = untilEnded();
  const served = await serve();
  await ended;
  await served.close();
  source.close?.();
}

/** Opens the store that a configuration names. @throws CliError where nothing can be kept there, ConfigError where it is no place */
export async function openStore(place: string): Promise<Database> {
  let database: Database | undefined;
  try {
    database = await openDatabase(place);
    // Opening alone does not connect to a server.
    await database.query("SELECT 1");
    return database;
  } catch (error) {
    await database?.close();
    if (error instanceof ConfigError) throw error;
    const { message, code } = error as NodeJS.ErrnoException;
    throw new CliError(
      `The store ${isPostgres(place) ? hostOf(place) : place} cannot be opened: ${withHostsOnly(message || String(code))}.`,
    );
  }
}

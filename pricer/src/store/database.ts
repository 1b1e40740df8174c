/** The little of SQL that the store needs, over an embedded file or a server. */
import { ConfigError } from "../service/config.ts";

export type Value = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

export interface Database {
  /** Runs one statement; its parameters are written `?`. What has returned is on the disk. */
  query(statement: string, values?: readonly Value[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Whether a place is a URL of Postgres. */
export const isPostgres = (place: string): boolean => /^postgres(ql)?:\/\//i.test(place);

/** A URL of something else, or one that is written wrong: a scheme, or what may be a name and a password. */
const OTHER_URL = /^\s*([a-z][a-z0-9+.-]+:\/|[^/]*:.*@|\/\/[^/]*@)/i;

/**
 * Opens what `place` names: a URL of Postgres, else a file of SQLite, made where there is none.
 * @throws ConfigError of any other URL, which it does not tell: a password may be in it
 */
export async function openDatabase(place: string): Promise<Database> {
  if (isPostgres(place)) return (await import("./postgres.ts")).openPostgres(place);
  if (OTHER_URL.test(place))
    throw new ConfigError(
      "store is neither a file nor a URL of Postgres: write a file's path, or postgres://name:password@host:port/database.",
    );
  return (await import("./sqlite.ts")).openSqlite(place);
}

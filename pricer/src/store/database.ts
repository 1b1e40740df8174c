/** The little of SQL that the store needs, over an embedded file or a server. */

export type Value = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

export interface Database {
  /** Runs one statement; its parameters are written `?`. What has returned is on the disk. */
  query(statement: string, values?: readonly Value[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Opens what `place` names: a URL of Postgres, else a file of SQLite, made where there is none. */
export async function openDatabase(place: string): Promise<Database> {
  if (/^postgres(ql)?:\/\//.test(place)) return (await import("./postgres.ts")).openPostgres(place);
  return (await import("./sqlite.ts")).openSqlite(place);
}

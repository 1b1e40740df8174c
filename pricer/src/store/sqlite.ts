/** SQLite in a file of this machine; each statement is synced to the disk before it returns. */
import Sqlite from "better-sqlite3";
import type { Database } from "./database.ts";

export function openSqlite(file: string): Database {
  const sqlite = new Sqlite(file);
  sqlite.pragma("journal_mode = WAL");
  // In WAL mode anything less than FULL may lose the last commits when the power goes: a signature would be forgotten.
  sqlite.pragma("synchronous = FULL");
  sqlite.pragma("busy_timeout = 2000");
  return {
    query: async (statement, values = []) => {
      const prepared = sqlite.prepare(statement);
      if (prepared.reader) return prepared.all(...values) as Record<string, unknown>[];
      prepared.run(...values);
      return [];
    },
    close: async () => {
      sqlite.close();
    },
  };
}

/** Postgres, for state that more than one machine reads. */
import pg from "pg";
import type { Database } from "./database.ts";

const TIMEOUT_MS = 5000;

export function openPostgres(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    // Else a server may say that it has committed what the power takes away: a signature would be forgotten. By a statement, for poolers
    // take no options, and those of the URL would replace ours.
    onConnect: (client) => client.query("SET synchronous_commit = on"),
  });
  // A connection that breaks while nobody uses it is replaced at the next query; without a listener it would end the process.
  pool.on("error", () => {});
  return {
    query: async (statement, values = []) => {
      let position = 0;
      const numbered = statement.replaceAll("?", () => `$${++position}`);
      return (await pool.query(numbered, [...values])).rows;
    },
    close: () => pool.end(),
  };
}

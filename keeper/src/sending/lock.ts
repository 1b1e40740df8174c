/**
 * That an intent log has one keeper. The lock is SQLite's on an empty database beside the log: the operating system's own, so it ends with the process
 * that has it, however that ends, and nothing has to be cleared away. The file stays: who removed it would let two keepers have a lock each.
 */
import { accessSync, constants, realpathSync } from "node:fs";
import { systemReason } from "@meniscus/sdk/systemReason";
import Sqlite from "better-sqlite3";
import { ConfigError } from "../config.ts";

/** Of this process, until they are let go of: a database that nobody holds is collected, and its lock with it. */
const locks = new Set<Sqlite.Database>();

/** Locks a log that is there; gives what lets go of it. @throws ConfigError where another keeper has it, or nothing can be locked there */
export function lockLog(log: string): () => void {
  let lock: Sqlite.Database | undefined;
  try {
    // By its own name: two ways to one file lead to one lock.
    const file = `${realpathSync(log)}.lock`;
    const held = new Sqlite(file, { timeout: 0 });
    lock = held;
    // What it may not write SQLite opens to read, and locks nothing.
    accessSync(file, constants.W_OK);
    // Nothing is written: a full disk is no obstacle, and nothing lies about after a kill.
    held.pragma("journal_mode = MEMORY");
    held.exec("BEGIN EXCLUSIVE");
    locks.add(held);
    return () => {
      locks.delete(held);
      held.close();
    };
  } catch (error) {
    lock?.close();
    throw new ConfigError(
      (error as NodeJS.ErrnoException).code === "SQLITE_BUSY"
        ? `${log} is another keeper's, which is running: end it, or give "journal" another path.`
        : `The intent log ${log} cannot be locked by ${log}.lock: ${systemReason(error)}.`,
    );
  }
}

/**
 * What a pricer and a signer remember over a restart, in SQL that SQLite and Postgres both speak. What must hold:
 *
 * - an intent is on the disk before its transaction is sent, a signature before it is given away;
 * - of one market and time, and of one minute that may hold an epoch's mark, a signer remembers a single digest, whichever process asks first.
 */
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import type { EncodedReport } from "@meniscus/sdk/report";
import type { Surface } from "../fit/surface.ts";
import type { Database, Row } from "./database.ts";
import { parseReport, parseSurface, stringifyWords } from "./words.ts";

/** A report with the signatures of a quorum. */
export interface SignedReport {
  readonly report: EncodedReport;
  readonly signatures: string;
}

/**
 * Outrun: mined, when the contract had a newer report already. Lost: too old, or its nonce another's, and not mined. Refused: no node has it.
 */
export type IntentState = "open" | "mined" | "outrun" | "reverted" | "lost" | "refused";

/** What the chain has decided of. */
export const MINED_STATES: readonly IntentState[] = ["mined", "outrun", "reverted"];

/** A transaction that may have been sent. */
export interface Intent {
  readonly hash: string;
  readonly nonce: number;
  /** The signed transaction. */
  readonly raw: string;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly signed: SignedReport;
  readonly state: IntentState;
}

/** What a transaction costs, wei: what was paid where the chain has decided it, else the most that it can cost. */
export interface Cost extends Pick<Intent, "nonce" | "state"> {
  readonly wei: bigint;
}

export interface Given {
  readonly reportAt: number;
  readonly digest: string;
  /** WAD. */
  readonly spot: bigint;
}

const TABLES = [
  `CREATE TABLE IF NOT EXISTS surfaces (scope TEXT PRIMARY KEY, surface TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS signed (scope TEXT PRIMARY KEY, report_at BIGINT NOT NULL, signed TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS intents (scope TEXT NOT NULL, hash TEXT NOT NULL, nonce BIGINT NOT NULL,
     report_at BIGINT NOT NULL, raw TEXT NOT NULL, max_fee TEXT NOT NULL, max_priority_fee TEXT NOT NULL,
     signed TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (scope, hash))`,
  `CREATE INDEX IF NOT EXISTS intents_at ON intents (scope, nonce)`,
  // Of what a store of an earlier version has sent there is none.
  `CREATE TABLE IF NOT EXISTS costs (scope TEXT NOT NULL, hash TEXT NOT NULL, report_at BIGINT NOT NULL,
     wei TEXT NOT NULL, PRIMARY KEY (scope, hash))`,
  // Of the unique slots NULL is not one: a report that cannot be a mark takes none. Its name is from when there was one a day.
  `CREATE TABLE IF NOT EXISTS signatures (scope TEXT NOT NULL, report_at BIGINT NOT NULL, mark_day BIGINT,
     digest TEXT NOT NULL, spot TEXT NOT NULL, PRIMARY KEY (scope, report_at), UNIQUE (scope, mark_day))`,
  // Of what a store of an earlier version has signed there is none.
  `CREATE TABLE IF NOT EXISTS given_reports (scope TEXT NOT NULL, digest TEXT NOT NULL, report_at BIGINT NOT NULL,
     report TEXT NOT NULL, PRIMARY KEY (scope, digest))`,
];

/** Rows older than this are of no use: the contract takes no report older than a minute. */
const KEPT_SECONDS = 3 * SECONDS_PER_DAY;
/** Signed reports themselves, of which there may be one a second, serve only while the contract takes them. */
const KEPT_REPORT_SECONDS = 120;

export class Store {
  readonly #database: Database;
  readonly #scope: string;

  private constructor(database: Database, scope: string) {
    [this.#database, this.#scope] = [database, scope];
  }

  /** @param scope what the state is of: chain, contract, market, account; others may share the database */
  static async open(database: Database, scope: string): Promise<Store> {
    for (const table of TABLES) await database.query(table);
    return new Store(database, scope);
  }

  async lastSurface(): Promise<Surface | null> {
    const row = await this.#one("SELECT surface FROM surfaces WHERE scope = ?");
    return row === null ? null : parseSurface(String(row.surface));
  }

  async keepSurface(surface: Surface): Promise<void> {
    await this.#database.query(
      "INSERT INTO surfaces VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET surface = excluded.surface",
      [this.#scope, stringifyWords(surface)],
    );
  }

  /** The newest report that a quorum signed. */
  async lastSigned(): Promise<SignedReport | null> {
    const row = await this.#one("SELECT signed FROM signed WHERE scope = ?");
    return row === null ? null : parseSigned(row);
  }

  async keepSigned(signed: SignedReport): Promise<void> {
    await this.#database.query(
      `INSERT INTO signed VALUES (?, ?, ?) ON CONFLICT (scope) DO UPDATE
         SET signed = excluded.signed, report_at = excluded.report_at WHERE excluded.report_at > signed.report_at`,
      [this.#scope, signed.report.reportAt, stringifyWords(signed)],
    );
  }

  /** @param most what it can cost, wei */
  async intend(intent: Omit<Intent, "state">, most: bigint): Promise<void> {
    const { hash, nonce, raw, maxFeePerGas, maxPriorityFeePerGas, signed } = intent;
    const { reportAt } = signed.report;
    // First: a cost without an intent counts nowhere.
    await this.#keepCost(hash, reportAt, most);
    const fees = [String(maxFeePerGas), String(maxPriorityFeePerGas)];
    const values = [this.#scope, hash, nonce, reportAt, raw, ...fees, stringifyWords(signed)];
    // What a node refused once, and is made again to the byte, as a slot's one report is, is the same intent.
    await this.#database.query(
      `INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open')
         ON CONFLICT (scope, hash) DO UPDATE SET state = 'open'`,
      values,
    );
  }

  async openIntents(): Promise<Intent[]> {
    const statement = "SELECT * FROM intents WHERE scope = ? AND state = 'open' ORDER BY report_at";
    return (await this.#database.query(statement, [this.#scope])).map(intentOf);
  }

  /** What was offered for a nonce, by every intent that had it and that a node may have. */
  async offersAt(nonce: number): Promise<Pick<Intent, "maxFeePerGas" | "maxPriorityFeePerGas">[]> {
    const statement =
      "SELECT max_fee, max_priority_fee FROM intents WHERE scope = ? AND nonce = ? AND state <> 'refused'";
    return (await this.#database.query(statement, [this.#scope, nonce])).map(offerOf);
  }

  /** The highest nonce that the chain has used up for a report newer than a time; null where there is none. */
  async highestMinedNonce(at: number): Promise<number | null> {
    const states = MINED_STATES.map((state) => `'${state}'`).join(", ");
    const statement = `SELECT MAX(nonce) AS nonce FROM intents WHERE scope = ? AND report_at > ? AND state IN (${states})`;
    const [row] = await this.#database.query(statement, [this.#scope, at]);
    return row?.nonce == null ? null : Number(row.nonce);
  }

  /** Every intent that is still remembered, oldest first. */
  async intents(): Promise<Intent[]> {
    const statement = "SELECT * FROM intents WHERE scope = ? ORDER BY report_at";
    return (await this.#database.query(statement, [this.#scope])).map(intentOf);
  }

  /** @param paid what it cost, wei, where the chain has decided it */
  async closeIntent({ hash, signed }: Intent, state: IntentState, paid?: bigint): Promise<void> {
    if (paid !== undefined) await this.#keepCost(hash, signed.report.reportAt, paid);
    const statement = "UPDATE intents SET state = ? WHERE scope = ? AND hash = ?";
    await this.#database.query(statement, [state, this.#scope, hash]);
  }

  /** What the intents cost whose reports are newer than a time. */
  async costsSince(at: number): Promise<Cost[]> {
    const statement = `SELECT nonce, state, wei FROM intents JOIN costs ON costs.scope = intents.scope
      AND costs.hash = intents.hash WHERE intents.scope = ? AND intents.report_at > ?`;
    const rows = await this.#database.query(statement, [this.#scope, at]);
    return rows.map(({ nonce, state, wei }) => ({
      nonce: Number(nonce),
      state: state as IntentState,
      wei: BigInt(String(wei)),
    }));
  }

  /** Forgets the intents that are of no use any more. @param now unix seconds */
  async forgetIntents(now: number): Promise<void> {
    await this.#forget("intents", now);
    await this.#forget("costs", now);
  }

  /**
   * Remembers that `given` is to be signed; `markSlot` is the minute whose one report it would be, or null. Gives null where that may be done, again
   * if it is the same, else what was signed in its place.
   */
  async give(given: Given, markSlot: number | null): Promise<{ of: "time" | "mark"; given: Given } | null> {
    const { reportAt, digest, spot } = given;
    const statement = "INSERT INTO signatures VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    await this.#database.query(statement, [this.#scope, reportAt, markSlot, digest, String(spot)]);
    const atTime = await this.#given("report_at = ?", reportAt);
    if (atTime !== null) {
      if (atTime.digest !== digest) return { of: "time", given: atTime };
      await this.#forget("signatures", reportAt);
      return null;
    }
    // Nothing at this time was kept, so the slot is taken.
    const marked = await this.#given("mark_day = ?", markSlot ?? -1);
    if (marked === null) throw new Error("the store kept nothing");
    return { of: "mark", given: marked };
  }

  /** Keeps the report of what was given, for those who ask for another in its place. */
  async keepGivenReport(digest: string, report: EncodedReport): Promise<void> {
    const statement = "INSERT INTO given_reports VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    await this.#database.query(statement, [this.#scope, digest, report.reportAt, stringifyWords(report)]);
    await this.#forget("given_reports", report.reportAt, KEPT_REPORT_SECONDS);
  }

  /** The report of this digest, where it was given and kept. */
  async givenReport(digest: string): Promise<EncodedReport | null> {
    const statement = "SELECT report FROM given_reports WHERE scope = ? AND digest = ?";
    const [row] = await this.#database.query(statement, [this.#scope, digest]);
    return row === undefined ? null : parseReport(JSON.parse(String(row.report)));
  }

  /** The newest report signed. */
  lastGiven(): Promise<Given | null> {
    return this.#given("report_at >= ?", 0);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #keepCost(hash: string, reportAt: number, wei: bigint): Promise<void> {
    await this.#database.query(
      "INSERT INTO costs VALUES (?, ?, ?, ?) ON CONFLICT (scope, hash) DO UPDATE SET wei = excluded.wei",
      [this.#scope, hash, reportAt, String(wei)],
    );
  }

  async #given(condition: string, value: number): Promise<Given | null> {
    const statement = `SELECT * FROM signatures WHERE scope = ? AND ${condition} ORDER BY report_at DESC LIMIT 1`;
    const [row] = await this.#database.query(statement, [this.#scope, value]);
    if (row === undefined) return null;
    return { reportAt: Number(row.report_at), digest: String(row.digest), spot: BigInt(String(row.spot)) };
  }

  async #one(statement: string): Promise<Row | null> {
    return (await this.#database.query(statement, [this.#scope]))[0] ?? null;
  }

  async #forget(
    table: "intents" | "costs" | "signatures" | "given_reports",
    now: number,
    kept = KEPT_SECONDS,
  ): Promise<void> {
    const statement = `DELETE FROM ${table} WHERE scope = ? AND report_at < ?`;
    await this.#database.query(statement, [this.#scope, now - kept]);
  }
}

function intentOf(row: Row): Intent {
  return {
    hash: String(row.hash),
    nonce: Number(row.nonce),
    raw: String(row.raw),
    ...offerOf(row),
    signed: parseSigned(row),
    state: row.state as IntentState,
  };
}

const offerOf = (row: Row) => ({
  maxFeePerGas: BigInt(String(row.max_fee)),
  maxPriorityFeePerGas: BigInt(String(row.max_priority_fee)),
});

function parseSigned(row: Row): SignedReport {
  const { report, signatures } = JSON.parse(String(row.signed));
  return { report: parseReport(report), signatures };
}

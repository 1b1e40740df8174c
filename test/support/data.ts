/**
 * Recorded market data for tests: read where it lies, never copied into the repository, because no licence to publish it was
 * given. The folder is `MENISCUS_DATA`, else `../shared/data` beside the clone.
 *
 * Where it is absent, tests that need it are skipped with one visible line; under `MENISCUS_REQUIRE_DATA=1` (as in CI, where the
 * folder exists) a missing folder or file fails instead.
 */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** The folder of recorded data, whether it exists or not. */
export const DATA_FOLDER = process.env.MENISCUS_DATA ?? path.resolve(ROOT, "../shared/data");

const required = process.env.MENISCUS_REQUIRE_DATA === "1";
const available = existsSync(DATA_FOLDER);
let testsRun = 0;

after(function reportDataTests() {
  if (testsRun > 0) console.log(`\n  data tests run: ${testsRun} (from ${DATA_FOLDER})`);
  else if (!available)
    console.log(`\n  data tests skipped: ${DATA_FOLDER} does not exist (set MENISCUS_DATA)`);
});

/** Absolute path of a data file; throws when it is missing. */
export function dataFile(relative: string): string {
  const file = path.join(DATA_FOLDER, relative);
  if (!existsSync(file))
    throw new Error(`The data file ${file} is missing: set MENISCUS_DATA to the folder that holds it.`);
  return file;
}

/** Absolute paths of all recorded chains, sorted by name; empty where there is no data. */
export function recordedChains(): string[] {
  const folder = path.join(DATA_FOLDER, "chains");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".csv.gz"))
    .sort()
    .map((name) => path.join(folder, name));
}

/** A mocha test that needs recorded data: skipped where there is none, unless the environment requires it. */
export function itWithData(title: string, body: (this: Mocha.Context) => void | Promise<void>): void {
  if (!available && !required) {
    it.skip(`${title} (no recorded data)`);
    return;
  }
  it(title, async function run() {
    testsRun += 1;
    await body.call(this);
  });
}

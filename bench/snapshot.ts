/**
 * Writes the gas snapshot, which a test compares with, and its figures in the pages: `npm run snapshot`, or with `-- --pages` the pages
 * alone, from the snapshot that is there. Commit what it writes only if the change is meant.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import hre from "hardhat";
import { measureGas } from "./gas.ts";
import { GAS_PASSAGES, type GasFigures, withGasFigures } from "./gasFigures.ts";

export const SNAPSHOT_FILE = path.resolve(import.meta.dirname, "gas.snapshot.json");

if (import.meta.main) {
  if (!process.argv.includes("--pages")) {
    await hre.tasks.getTask("build").run({ quiet: true });
    writeFileSync(SNAPSHOT_FILE, `${JSON.stringify(await measureGas(), null, 2)}\n`);
    console.log(`wrote ${SNAPSHOT_FILE}`);
  }
  const snapshot: GasFigures = JSON.parse(readFileSync(SNAPSHOT_FILE, "utf8"));
  const pages = Object.keys(GAS_PASSAGES).map((page) => {
    const file = path.resolve(import.meta.dirname, "..", page);
    const before = readFileSync(file, "utf8");
    return { file, before, after: withGasFigures(page, before, snapshot) };
  });
  for (const { file, after } of pages.filter(({ before, after }) => after !== before)) {
    writeFileSync(file, after);
    console.log(`wrote ${file}`);
  }
}

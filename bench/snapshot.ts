/** Writes the gas snapshot, which a test compares with: `npm run snapshot`. Commit what it writes only if the change is meant. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import hre from "hardhat";
import { measureGas } from "./gas.ts";

export const SNAPSHOT_FILE = path.resolve(import.meta.dirname, "gas.snapshot.json");

if (import.meta.main) {
  await hre.tasks.getTask("build").run({ quiet: true });
  writeFileSync(SNAPSHOT_FILE, `${JSON.stringify(await measureGas(), null, 2)}\n`);
  console.log(`wrote ${SNAPSHOT_FILE}`);
}

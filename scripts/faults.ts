/**
 * Faults, seeded: what goes wrong around keepers, venues, clocks and signers, and what was true afterwards (docs/KEEPER.md).
 *
 *   npm run faults -- [--seeds N] [--of chain|venues] [--only NAME] [--json]
 */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { CHAIN_FAULTS } from "../test/faults/chain.ts";
import { type Fault, isSafe, type Row, runFault } from "../test/faults/fault.ts";
import { VENUE_FAULTS } from "../test/faults/venue.ts";
import { closeVenueMarket } from "../test/faults/venueRun.ts";
import { closeWorld } from "../test/support/keeper/scenario.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10" },
    of: { type: "string", default: "" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const KINDS: Readonly<Record<string, readonly Fault[]>> = { chain: CHAIN_FAULTS, venues: VENUE_FAULTS };
if (values.of !== "" && !Object.hasOwn(KINDS, values.of)) {
  console.error(`--of is one of: ${Object.keys(KINDS).join(", ")}`);
  process.exit(1);
}
const all = KINDS[values.of] ?? Object.values(KINDS).flat();
const seeds = Number(values.seeds);
const faults = all.filter(({ name }) => name.includes(values.only));
if (!Number.isInteger(seeds) || seeds < 1 || faults.length === 0) {
  console.error(
    `--seeds is a whole number from 1 on; --only a part of: ${all.map(({ name }) => name).join(", ")}`,
  );
  process.exit(1);
}

const rows: Row[] = [];
const failed: string[] = [];
try {
  for (const fault of faults) {
    const row = await runFault(fault, seeds).catch((error: Error) => error);
    if (row instanceof Error) failed.push(`${fault.name}: ${row.message}`);
    else rows.push(row);
    const word = row instanceof Error ? `FAILED, ${row.message}` : isSafe(row) ? "safe" : "NOT SAFE";
    console.error(`${fault.name}: ${word}`);
  }
} finally {
  await closeWorld();
  await closeVenueMarket();
}
if (values.json)
  console.log(
    JSON.stringify({ rows, failed }, (_, value) => (typeof value === "bigint" ? String(value) : value), 2),
  );
else console.log([tableOf(rows), ...failed].join("\n"));
process.exitCode = failed.length === 0 && rows.every(isSafe) ? 0 : 1;

function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: [
      "fault",
      "seeds",
      "funds lost",
      "double hedges",
      "out of bounds",
      "manual restarts",
      "longest to safe, s",
    ],
    style: { head: [], border: [] },
  });
  for (const row of rows)
    table.push([
      row.name,
      row.seeds,
      String(row.fundsLost),
      row.doubleHedges,
      row.outOfBoundsAccepted,
      row.manualRestarts,
      row.msToSafeState / 1000,
    ]);
  return table.toString();
}

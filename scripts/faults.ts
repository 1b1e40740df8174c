/**
 * Faults, seeded: what goes wrong around a keeper, and what was true afterwards (docs/KEEPER.md).
 *
 *   npm run faults -- [--seeds N] [--only NAME] [--json]
 */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { CHAIN_FAULTS } from "../test/faults/chain.ts";
import { isSafe, type Row, runFault } from "../test/faults/fault.ts";
import { closeWorld } from "../test/support/keeper/scenario.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const seeds = Number(values.seeds);
const faults = CHAIN_FAULTS.filter(({ name }) => values.only === undefined || name.includes(values.only));
if (!Number.isInteger(seeds) || seeds < 1 || faults.length === 0) {
  console.error(
    `--seeds is a whole number from 1 on; --only a part of: ${CHAIN_FAULTS.map(({ name }) => name).join(", ")}`,
  );
  process.exit(1);
}

const rows: Row[] = [];
try {
  for (const fault of faults) {
    rows.push(await runFault(fault, seeds));
    if (!values.json) console.error(`${fault.name}: ${isSafe(rows.at(-1)!) ? "safe" : "NOT SAFE"}`);
  }
} finally {
  await closeWorld();
}
if (values.json)
  console.log(JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? String(value) : value), 2));
else console.log(tableOf(rows));
process.exitCode = rows.every(isSafe) ? 0 : 1;

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

/** The variants side by side on a terminal. */
import Table from "cli-table3";
import type { Simulation } from "../../json/simulation.ts";
import { PARTS_NOTE } from "../../terminal/figures.ts";
import { FIGURES, spotLine, windowLine } from "../../terminal/simulationFigures.ts";

export function printSimulation(simulation: Simulation): void {
  const { variants } = simulation;
  console.log(`${windowLine(simulation)}\n${spotLine(simulation)}\n`);
  for (const { name, about } of variants) console.log(`${name}: ${about}`);
  const table = new Table({
    head: ["", ...variants.map(({ name }) => name)],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", ...variants.map(() => "right" as const)],
  });
  for (const [title, figure] of FIGURES) table.push([title, ...variants.map(figure)]);
  console.log(table.toString());
  console.log(PARTS_NOTE);
  console.log("\nAssumed:");
  for (const line of simulation.assumptions) console.log(`- ${line}`);
}

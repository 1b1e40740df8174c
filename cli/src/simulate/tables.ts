/** The variants side by side on a terminal. */
import type { Simulation, SimulationVariant } from "@meniscus/sdk/simulation";
import Table from "cli-table3";

type Figure = (variant: SimulationVariant) => string;

/** What rounds to nothing has no sign. */
const fixed = (value: number, digits: number) => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text;
};
const percent = (value: number, digits = 2) => `${fixed(100 * value, digits)} %`;
const whole = (value: number) => (Math.round(value) + 0).toLocaleString("en-US");

/** Rows of the table, which is also the page's. */
export const FIGURES: readonly [title: string, figure: Figure][] = [
  ["base tranche, return in base", ({ base }) => percent(base.return, 3)],
  ["  of who came in and left", ({ base }) => percent(base.returnOfProvider, 3)],
  ["  drawdown by the day", ({ base }) => percent(base.drawdown, 3)],
  ["quote tranche, return in quote", ({ quote }) => percent(quote.return, 3)],
  ["  of who came in and left", ({ quote }) => percent(quote.returnOfProvider, 3)],
  ["  drawdown by the day", ({ quote }) => percent(quote.drawdown, 3)],
  ["profit against holding", ({ profit }) => whole(profit)],
  ["  fees and spreads", ({ attribution }) => whole(attribution.fees)],
  ["  rent", ({ attribution }) => whole(attribution.rent)],
  ["  impact", ({ attribution }) => whole(attribution.impact)],
  ["  hedging", ({ attribution }) => whole(attribution.hedging)],
  ["  delta", ({ attribution }) => whole(attribution.delta)],
  ["  gamma and theta", ({ attribution }) => whole(attribution.gammaAndTheta)],
  ["  vega", ({ attribution }) => whole(attribution.vega)],
  ["  residual", ({ attribution }) => whole(attribution.residual)],
  ["drawdown by the step", ({ drawdown }) => percent(drawdown)],
  ["deviation of a step's profit", ({ deviation }) => percent(deviation, 3)],
  ["hedge error of a step", ({ hedge }) => percent(hedge.error, 3)],
  ["hedges filled, missed", ({ hedge }) => `${hedge.fills}, ${hedge.missed}`],
  ["  turnover", ({ hedge }) => whole(hedge.turnover)],
  ["  slippage", ({ hedge }) => `${hedge.slippageBps.toFixed(1)} bp`],
  ["trades", ({ trades }) => String(trades.count)],
  ["  net over gross", ({ trades }) => trades.netOverGross.toFixed(2)],
  [
    "  refused or too dear",
    ({ trades }) => String(Object.values(trades.refused).reduce((all, each) => all + each, 0)),
  ],
  ["picked off, loss", ({ trades }) => `${trades.pickedOff.count}, ${whole(trades.pickedOff.loss)}`],
  ["informed: trades of looks", ({ trades }) => `${trades.informed.count} of ${trades.informed.looks}`],
  ["turnover a day, of equity", ({ turnover }) => percent(turnover.perDay, 1)],
  ["  charges", ({ turnover }) => `${turnover.chargesBps.toFixed(1)} bp`],
  ["  break-even", ({ turnover }) => percent(turnover.breakEven, 1)],
  ["worst loss in a 20 % gap", ({ gapLoss }) => percent(gapLoss)],
];

export const windowLine = ({ currency, from, to, stepHours, seed, surfaces, spotFile }: Simulation) =>
  `${currency}, ${from.slice(0, 16)} to ${to.slice(0, 16)} UTC, a step every ${stepHours} hours, seed ${seed}; ${surfaces.length} recorded surfaces, spot of ${spotFile}`;

export const spotLine = ({ spotMove: { low, high, end, vol } }: Simulation) =>
  `Spot: ${percent(low, 1)} at the lowest, ${percent(high, 1)} at the highest, ${percent(end, 1)} at the end; realised vol ${percent(vol, 0)} a year.`;

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
  console.log("\nAssumed:");
  for (const line of simulation.assumptions) console.log(`- ${line}`);
}

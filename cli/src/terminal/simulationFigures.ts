/** A simulation in figures, as terminal and page print it. */
import { counted } from "@meniscus/sdk/counted";
import type { Simulation, SimulationVariant } from "../json/simulation.ts";
import { fixed, PARTS, PREMIUM_TITLE } from "./figures.ts";

type Figure = (variant: SimulationVariant) => string;

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
  ["profit against holding, quote", ({ profit }) => whole(profit)],
  ...PARTS.map(([part, title]): [string, Figure] => [
    `  ${title}`,
    ({ attribution }) => whole(attribution[part]),
  ]),
  [`  ${PREMIUM_TITLE}`, ({ attribution }) => whole(attribution.premium)],
  ["drawdown by the step", ({ drawdown }) => percent(drawdown)],
  ["deviation of a step's profit", ({ deviation }) => percent(deviation, 3)],
  ["hedge error of a step", ({ hedge }) => percent(hedge.error, 3)],
  ["hedges filled, missed", ({ hedge }) => `${hedge.fills}, ${hedge.missed}`],
  ["  turnover, quote", ({ hedge }) => whole(hedge.turnover)],
  ["  slippage", ({ hedge }) => `${hedge.slippageBps.toFixed(1)} bp`],
  ["trades", ({ trades }) => String(trades.count)],
  ["  net over gross", ({ trades }) => trades.netOverGross.toFixed(2)],
  [
    "  refused or too dear",
    ({ trades }) => String(Object.values(trades.refused).reduce((all, each) => all + each, 0)),
  ],
  ["picked off, loss in quote", ({ trades }) => `${trades.pickedOff.count}, ${whole(trades.pickedOff.loss)}`],
  ["informed: trades, looks", ({ trades: { informed } }) => `${informed.count}, ${informed.looks}`],
  ["turnover a day, of equity", ({ turnover }) => percent(turnover.perDay, 1)],
  ["  charges", ({ turnover }) => `${turnover.chargesBps.toFixed(1)} bp`],
  // Nothing was to be paid for, or nothing was charged to pay for it.
  ["  break-even", ({ turnover }) => (turnover.breakEven === 0 ? "-" : percent(turnover.breakEven, 1))],
  ["worst loss in a 20 % gap", ({ gapLoss }) => percent(gapLoss)],
];

export const windowLine = ({ currency, from, to, stepHours, seed, surfaces, spotFile }: Simulation) =>
  `${currency}, ${from.slice(0, 16)} to ${to.slice(0, 16)} UTC, a step every ${stepHours} hours, seed ${seed}; ${counted(surfaces.length, "recorded surface")}, spot of ${spotFile}`;

export const spotLine = ({ spotMove: { low, high, end, vol } }: Simulation) =>
  `Spot: ${percent(low, 1)} at the lowest, ${percent(high, 1)} at the highest, ${percent(end, 1)} at the end; realised vol ${percent(vol, 0)} a year.`;

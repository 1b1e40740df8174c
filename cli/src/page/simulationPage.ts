/** A simulation in pictures, in one file that needs no network: value, attribution and exposure of each variant. */

import type { Simulation } from "../json/simulation.ts";
import { PARTS, PARTS_NOTE } from "../terminal/figures.ts";
import { FIGURES, spotLine, windowLine } from "../terminal/simulationFigures.ts";
import { inlined } from "./inlined.ts";

export function simulationPage(simulation: Simulation): Promise<string> {
  const { variants, assumptions, currency } = simulation;
  const view = {
    title: `${currency}: what providers make of it`,
    lines: [windowLine(simulation), spotLine(simulation)],
    figures: FIGURES.map(([title, figure]) => [title, ...variants.map(figure)]),
    parts: [["total", "total"], ...PARTS],
    partsNote: PARTS_NOTE,
    spotTitle: `Spot at each step, quote per ${currency}`,
    assumptions,
    variants,
  };
  return inlined("simulationPage.html", view);
}

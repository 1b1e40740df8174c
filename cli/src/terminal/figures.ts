/** Figures as terminal and pages print them. */
import type { AttributionSummary } from "../json/summary.ts";

/** Of so many digits; what rounds to nothing has no sign. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** An amount of quote. */
export const money = (value: number): string => fixed(value, 2);

/** The parts of a result, which sum to `total`, and what people call them. */
export const PARTS: readonly [part: Exclude<keyof AttributionSummary, "total">, title: string][] = [
  ["fees", "fees and spreads"],
  ["rent", "rent"],
  ["impact", "impact"],
  ["hedging", "hedging"],
  ["delta", "delta"],
  ["gammaAndTheta", "gamma and theta"],
  ["vega", "vega"],
  ["residual", "residual"],
];

/** Why the first epoch, which begins with no options, has its gamma and theta elsewhere. */
export const PARTS_NOTE =
  "Gamma, theta and vega are those of the options that an epoch began with; what its own trades did beside delta is in the residual.";

/** Why the story's epochs have nothing by vega. */
export const HELD_NOTE = "Vols are held from report to report, so vega makes nothing.";

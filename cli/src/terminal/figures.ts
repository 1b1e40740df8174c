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
export const PARTS: readonly [part: Exclude<keyof AttributionSummary, "premium" | "total">, title: string][] =
  [
    ["fees", "fees and spreads"],
    ["rent", "rent"],
    ["impact", "impact"],
    ["hedging", "hedging"],
    ["delta", "delta"],
    ["gammaAndTheta", "gamma and theta"],
    ["vega", "vega"],
    ["residual", "residual"],
  ];

/** What people call `premium`, which is told beside the sum. */
export const PREMIUM_TITLE = "premium, not in the sum";

/** From when on an option's greeks count, and why premium is no part of a result. */
export const PARTS_NOTE =
  "Delta, gamma, theta and vega are those of the options that an epoch began with and, from each trade on, of what it traded. Premium is what options brought, sold less bought, at their value: cash against a liability of the same size, so no part of the sum.";

/** Why the story's epochs have nothing by vega. */
export const HELD_NOTE = "Vols are held from report to report, so vega makes nothing.";

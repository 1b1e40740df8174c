/** The state of the market that a surface shows. */
import type { Surface } from "@meniscus/pricer/fit/surface";
import { SECONDS_PER_DAY, SECONDS_PER_YEAR } from "@meniscus/sdk/clock";
import { totalVariance } from "@meniscus/sdk/svi";

const DAYS_PER_YEAR = SECONDS_PER_YEAR / SECONDS_PER_DAY;

/** The state of the market, by the slope of vol at the money from a week to a quarter. */
export type Regime =
  | "calm (week below quarter)"
  | "tense (week above quarter)"
  | "crash (week 1.3 times quarter)";

export function regimeOf({ slices }: Surface): Regime {
  const vols = slices.map(({ tau, params }) => ({
    days: tau * DAYS_PER_YEAR,
    vol: Math.sqrt(totalVariance(params, 0) / tau),
  }));
  const nearest = (days: number) =>
    vols.reduce((best, next) =>
      Math.abs(Math.log(next.days / days)) < Math.abs(Math.log(best.days / days)) ? next : best,
    );
  const slope = nearest(7).vol / nearest(90).vol;
  if (slope > 1.3) return "crash (week 1.3 times quarter)";
  return slope > 1 ? "tense (week above quarter)" : "calm (week below quarter)";
}

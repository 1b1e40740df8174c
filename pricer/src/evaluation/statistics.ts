/** How near vols come to a market's quotes: the one definition behind every figure of a fit. */
import type { CleanQuote } from "../chain/chain.ts";

/** Our vol beside the market's; all vols as 1 = 100 %. */
export interface JudgedQuote extends Pick<CleanQuote, "bidVol" | "askVol" | "midVol"> {
  readonly vol: number;
}

export interface FitStatistics {
  readonly quotes: number;
  /** Root of the mean squared distance to mid, unweighted, in vol points; null without quotes. */
  readonly rmse: number | null;
  /** How many have our vol between bid and ask, both included. */
  readonly inside: number;
}

/** In a vol of 1.00. */
export const VOL_POINTS = 100;

export function isInside({ vol, bidVol, askVol }: JudgedQuote): boolean {
  return bidVol <= vol && vol <= askVol;
}

export function fitStatistics(judged: readonly JudgedQuote[]): FitStatistics {
  const squares = judged.reduce((sum, { vol, midVol }) => sum + (VOL_POINTS * (vol - midVol)) ** 2, 0);
  return {
    quotes: judged.length,
    rmse: judged.length === 0 ? null : Math.sqrt(squares / judged.length),
    inside: judged.filter(isInside).length,
  };
}

/** The share inside bid and ask, 0..100; null without quotes. */
export function insidePct({ quotes, inside }: Pick<FitStatistics, "quotes" | "inside">): number | null {
  return quotes === 0 ? null : (100 * inside) / quotes;
}

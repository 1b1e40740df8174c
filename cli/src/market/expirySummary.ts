/** What a run says of one expiry, as data and as a line. */

import { type CleanChain, type CleanExpiry, type Dropped, describeDrops } from "@meniscus/pricer/chain/chain";
import { type FitStatistics, insidePct } from "@meniscus/pricer/evaluation/statistics";
import type { FittedSlice } from "@meniscus/pricer/fit/surface";
import { isoTime, SECONDS_PER_DAY, tauAt } from "@meniscus/sdk/clock";
import { counted } from "@meniscus/sdk/counted";
import { totalVariance } from "@meniscus/sdk/svi";
import type { ExpirySummary } from "../json/summary.ts";

/** An expiry on the surface; `forward` is that of whoever answers, the fit or the contracts. */
export function fittedExpiry(
  { expiryAt, forwardFrom, quotes, dropped }: CleanExpiry,
  slice: Pick<FittedSlice, "params" | "quality" | "quotes" | "outliers">,
  forward: number,
  statistics: FitStatistics,
): ExpirySummary {
  return {
    expiry: isoTime(expiryAt),
    forward,
    forwardFrom,
    quotes: slice.quotes,
    dropped: { ...dropped, ...notFitted(quotes, slice) },
    rmse: statistics.rmse,
    inside: insidePct(statistics),
    params: slice.params,
    quality: slice.quality,
  };
}

/** The clean quotes that the smile was not fitted to: no filter of the fitter takes a bid that meets the ask. */
function notFitted(
  clean: CleanExpiry["quotes"],
  { quotes, outliers }: Pick<FittedSlice, "quotes" | "outliers">,
): Dropped {
  const locked = clean.filter(({ bid, ask }) => bid === ask).length;
  const far = clean.length - quotes - outliers - locked;
  const counts = { outlier: outliers, locked, "too far out or too wide": far };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** An expiry that is not on the surface, and why. */
export function leftOutExpiry(
  { expiryAt, forward, forwardFrom, quotes, dropped }: CleanExpiry,
  reason: string,
): ExpirySummary {
  return {
    expiry: isoTime(expiryAt),
    forward,
    forwardFrom,
    quotes: quotes.length,
    dropped,
    rmse: null,
    inside: null,
    params: null,
    quality: `left out: ${reason}`,
  };
}

/** What stands behind a forward, where it is not the venue's own. */
const BEHIND = {
  venue: "",
  parity: " by put-call parity",
  curve: " guessed from the other expiries",
} as const;

/** One line on the fit of an expiry, seen from `snapshotAt` (unix seconds). */
export function fitLine(expiry: ExpirySummary, snapshotAt: number): string {
  const { forward, forwardFrom, quotes, rmse, inside, params, quality } = expiry;
  const expiryAt = Date.parse(expiry.expiry) / 1000;
  const reasons = Object.entries(expiry.dropped).map(([reason, count]) => `${count} ${reason}`);
  const parts = [
    timeSpan(expiryAt - snapshotAt),
    `forward ${forward.toFixed(2)}${BEHIND[forwardFrom]}`,
    params &&
      `${(100 * Math.sqrt(totalVariance(params, 0) / tauAt(expiryAt, snapshotAt))).toFixed(2)} % at the money`,
    params ? `fitted to ${counted(quotes, "quote")}` : counted(quotes, "quote"),
    params && fitFigures(rmse, inside),
    quality,
    reasons.length === 0 ? null : `dropped: ${reasons.join(", ")}`,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

/** The lines, if any, on a chain as a whole: the rows that are in no expiry that is told of, and what was taken otherwise than it says. */
export function chainLines({ dropped, notes }: Pick<CleanChain, "dropped" | "notes">): string[] {
  const drops = describeDrops([dropped]);
  return [
    ...(drops === "" ? [] : [`Rows outside these expiries: ${drops}`]),
    ...notes.map((note) => `Note: ${note}`),
  ];
}

/** The two figures of a fit, or that there are none. */
export function fitFigures(rmse: number | null, insidePercent: number | null): string {
  if (rmse === null || insidePercent === null) return "no quote to judge by";
  return `inside bid-ask ${insidePercent.toFixed(2)} % · rmse ${rmse.toFixed(3)} vp`;
}

/** `13.0 d`, `5.2 h`. */
function timeSpan(seconds: number): string {
  const days = seconds / SECONDS_PER_DAY;
  return days < 1 ? `${(days * 24).toFixed(1)} h` : `${days.toFixed(1)} d`;
}

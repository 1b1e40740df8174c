/** What no report may say, whoever made it: of our own proposals and of others' alike. */
import { calendarYears, tauAt } from "@meniscus/sdk/clock";
import type { EncodedReport, Report, ReportSlice } from "@meniscus/sdk/report";
import { decodeReport } from "@meniscus/sdk/report";
import { unquantise } from "@meniscus/sdk/slice";
import { type SliceRefusal, splitRefused } from "@meniscus/sdk/sliceShape";
import { fromWad } from "@meniscus/sdk/wad";
import { isPlausibleCarry } from "../chain/forward.ts";
import type { Given } from "../store/store.ts";
import type { BoundsConfig } from "./config.ts";
import { spotDistanceBps } from "./distance.ts";

export type BoundsRefusal =
  | { readonly kind: "NoSlices" }
  | { readonly kind: "SliceRefused"; readonly expiryAt: number; readonly reason: SliceRefusal }
  | {
      readonly kind: "OutOfBounds";
      readonly what: "spot" | "vol" | "carry";
      readonly value: number;
      readonly expiryAt?: number;
    }
  | { readonly kind: "SpotJumped"; readonly bps: number; readonly limit: number };

/**
 * What ln(forward / spot) may be whatever the time left. Cleaning accepts up to 0.046: a forward 2 % off the curve, which may begin 2 %
 * off the spot and be 0.6 % farther at its first expiry. Below that one expiry would stop the report of all.
 */
const CARRY_AT_ONCE = 0.05;

/** Whether a report may state the carry of a slice. */
export function hasPlausibleCarry({ expiryAt, word }: ReportSlice, reportAt: number): boolean {
  const years = calendarYears(expiryAt, reportAt);
  return isPlausibleCarry(unquantise(word).basis, years, { atOnce: CARRY_AT_ONCE });
}

/** Spot as a number of quote per base. */
export const spotOf = ({ spot }: Pick<EncodedReport, "spot">): number => fromWad(spot);

/** Why a report is implausible, or null; `last` is the last one signed. */
export function boundsRefusal(
  encoded: EncodedReport,
  { spot: [low, high], vol, spotJumpBps }: BoundsConfig,
  last: Given | null,
): BoundsRefusal | null {
  const report = decodeReport(encoded);
  const spot = spotOf(report);
  if (!(spot >= low && spot <= high)) return { kind: "OutOfBounds", what: "spot", value: spot };
  if (last !== null) {
    const hours = Math.max(0, report.reportAt - last.reportAt) / 3600;
    const limit = spotJumpBps * (1 + hours);
    const bps = spotDistanceBps(spot, spotOf(last));
    if (!(bps <= limit)) return { kind: "SpotJumped", bps, limit };
  }
  if (report.slices.length === 0) return { kind: "NoSlices" };
  const [refused] = splitRefused(report.slices, report.reportAt).refused;
  if (refused !== undefined)
    return { kind: "SliceRefused", expiryAt: refused.slice.expiryAt, reason: refused.reason };
  return slicesRefusal(report, vol);
}

function slicesRefusal(
  { slices, reportAt }: Report,
  [low, high]: readonly [number, number],
): BoundsRefusal | null {
  for (const slice of slices) {
    const { expiryAt, word } = slice;
    const { level, basis } = unquantise(word);
    const vol = Math.sqrt(level / tauAt(expiryAt, reportAt));
    if (!(vol >= low && vol <= high)) return { kind: "OutOfBounds", what: "vol", value: vol, expiryAt };
    if (!hasPlausibleCarry(slice, reportAt))
      return { kind: "OutOfBounds", what: "carry", value: basis, expiryAt };
  }
  return null;
}

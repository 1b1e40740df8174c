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
  | { readonly kind: "OutOfBounds"; readonly what: "spot"; readonly value: number }
  | {
      readonly kind: "OutOfBounds";
      readonly what: "vol" | "carry";
      readonly value: number;
      readonly expiryAt: number;
      /** All whose vol or carry is, this first: the rest may be signed. */
      readonly expiries: readonly number[];
    }
  | { readonly kind: "SpotJumped"; readonly bps: number; readonly limit: number };

/**
 * What ln(forward / spot) may be whatever the time left. Cleaning accepts up to 0.046: a forward 2 % off the curve, which may begin 2 %
 * off the spot and be 0.6 % farther at its first expiry. Below that one expiry would stop the report of all.
 */
const CARRY_AT_ONCE = 0.05;

/** What no report may state of a slice, its vol at the money or its carry; null where it may state both. */
export function implausibilityOf(
  { expiryAt, word }: ReportSlice,
  reportAt: number,
  [low, high]: BoundsConfig["vol"],
): { readonly what: "vol" | "carry"; readonly value: number } | null {
  const { level, basis } = unquantise(word);
  const vol = Math.sqrt(level / tauAt(expiryAt, reportAt));
  if (!(vol >= low && vol <= high)) return { what: "vol", value: vol };
  const years = calendarYears(expiryAt, reportAt);
  return isPlausibleCarry(basis, years, { atOnce: CARRY_AT_ONCE }) ? null : { what: "carry", value: basis };
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

function slicesRefusal({ slices, reportAt }: Report, vol: BoundsConfig["vol"]): BoundsRefusal | null {
  const refused = slices.flatMap((slice) => {
    const found = implausibilityOf(slice, reportAt, vol);
    return found === null ? [] : { ...found, expiryAt: slice.expiryAt };
  });
  const [first] = refused;
  if (first === undefined) return null;
  return { kind: "OutOfBounds", ...first, expiries: refused.map(({ expiryAt }) => expiryAt) };
}

/**
 * Why the contract would refuse a slice, told before it is posted: the twin of contracts/pricing/SliceShape.sol, in the same
 * integers.
 */
import { SETTLEMENT_WINDOW_SECONDS } from "./clock.ts";
import type { ReportSlice } from "./report.ts";
import { atmVariance, b, exponent, flags, m, reportAt, rho, sigma } from "./slice.ts";

/** In the order of contracts/types/SliceRefusal.sol. */
export const SLICE_REFUSALS = [
  "None",
  "Stamp",
  "NotNormal",
  "Level",
  "Correlation",
  "Curvature",
  "WingSlope",
  "Minimum",
  "CalendarLevel",
  "CalendarWing",
] as const;

/** The reasons, and what only the expiry can be. */
export type SliceRefusal = Exclude<(typeof SLICE_REFUSALS)[number], "None"> | "ExpiryOver";

/** For people. */
export const REFUSAL_TEXT: Readonly<Record<SliceRefusal, string>> = {
  Stamp: "its time is not the report's",
  NotNormal: "its word is not in normal form",
  Level: "its level is outside what can be priced",
  Correlation: "rho is -1",
  Curvature: "sigma is zero or above 16 sd",
  WingSlope: "a wing is steeper than 2",
  Minimum: "its minimum variance is not positive",
  CalendarLevel: "its total variance at the money is below the shorter expiry's",
  CalendarWing: "a wing is flatter than the shorter expiry's",
  ExpiryOver: "it expires within 30 minutes",
};

/** What neighbouring expiries are compared by: w(0) in 2^-62, b (1 -+ rho) in 2^-76. */
export interface SliceProfile {
  readonly level: bigint;
  readonly leftWing: bigint;
  readonly rightWing: bigint;
}

const RHO_ONE = 1n << 31n;
const WING_END = 1n << 77n;
/** sqrt(w(0)) from 1e-3 to 6. */
const LEVEL_MIN = (1n << 62n) / 1_000_000n + 1n;
const LEVEL_MAX = 36n << 62n;

export function sliceProfile(word: bigint): SliceProfile {
  const level = atmVariance(word) << (2n * exponent(word));
  const leftWing = (b(word) * (RHO_ONE - rho(word))) << exponent(word);
  const rightWing = (b(word) * (RHO_ONE + rho(word))) << exponent(word);
  return { level, leftWing, rightWing };
}

/** Why the contract refuses this word in a report of `at` (unix seconds), `shorter` being the slice before it; null if it does not. */
export function sliceRefusal(word: bigint, at: number, shorter: SliceProfile | null): SliceRefusal | null {
  const { level, leftWing, rightWing } = sliceProfile(word);
  const [w0, width] = [atmVariance(word), sigma(word)];
  if (reportAt(word) !== BigInt(at) || flags(word) !== 0n) return "Stamp";
  if (w0 < 1n << 30n) return "NotNormal";
  if (level < LEVEL_MIN || level > LEVEL_MAX) return "Level";
  if (rho(word) === -RHO_ONE) return "Correlation";
  if (width === 0n || width * width > w0 << 34n) return "Curvature";
  if (leftWing >= WING_END || rightWing >= WING_END) return "WingSlope";
  if (!isMinimumAboveFloor(word)) return "Minimum";
  if (shorter === null) return null;
  if (level < shorter.level) return "CalendarLevel";
  return leftWing < shorter.leftWing || rightWing < shorter.rightWing ? "CalendarWing" : null;
}

/** Whether min w > w(0) / 2^16, rounded as the contract does: lengths in U / 2^59, variances in U^2 / 2^88. */
function isMinimumAboveFloor(word: bigint): boolean {
  const [w0, center, slope, correlation] = [atmVariance(word), m(word), b(word), rho(word)];
  const square = sigma(word) ** 2n;
  const h = sqrtAbove((center * center + square) << 62n);
  const rest = slope * (h - correlation * center) - ((w0 << 58n) - (w0 << 42n));
  return rest < 0n || slope * slope * square * ((1n << 62n) - correlation * correlation) > rest * rest;
}

/** The root of contracts/pricing/IntegerSqrt.sol, step for step: never below sqrt(x). */
function sqrtAbove(x: bigint): bigint {
  let root = 1n << BigInt(x.toString(2).length >> 1);
  for (let step = 0; step < 4; step++) root = (root + x / root) >> 1n;
  return root + 1n;
}

/**
 * Parts the slices of a report of `at` into those that the contract takes together and those to leave out, each with its reason.
 * From short to long: of two neighbours that contradict each other the longer is left out.
 */
export function splitRefused(
  slices: readonly ReportSlice[],
  at: number,
): { accepted: ReportSlice[]; refused: { slice: ReportSlice; reason: SliceRefusal }[] } {
  const accepted: ReportSlice[] = [];
  const refused: { slice: ReportSlice; reason: SliceRefusal }[] = [];
  let shorter: SliceProfile | null = null;
  for (const slice of [...slices].sort((one, other) => one.expiryAt - other.expiryAt)) {
    const over = slice.expiryAt - at <= SETTLEMENT_WINDOW_SECONDS;
    const reason = over ? "ExpiryOver" : sliceRefusal(slice.word, at, shorter);
    if (reason !== null) {
      refused.push({ slice, reason });
      continue;
    }
    accepted.push(slice);
    shorter = sliceProfile(slice.word);
  }
  return { accepted, refused };
}

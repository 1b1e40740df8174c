/** From a fitted surface to the report that is proposed: what the contract lists and takes, with a certificate of just these slices. */
import { isoDay, SETTLEMENT_WINDOW_SECONDS } from "@meniscus/sdk/clock";
import { type EncodedReport, encodeReport } from "@meniscus/sdk/report";
import { REFUSAL_TEXT, splitRefused } from "@meniscus/sdk/sliceShape";
import { certify } from "../certificate/certify.ts";
import { type Certificate, checkCertificate } from "../certificate/check.ts";
import { type FittedSlice, isQuoted, type Surface } from "../fit/surface.ts";
import { implausibilityOf } from "../service/bounds.ts";
import { type BoundsConfig, DEFAULT_BOUNDS } from "../service/config.ts";

export interface Draft {
  readonly report: EncodedReport;
  readonly certificate: Certificate;
}

/** An expiry that the contract lists, that could be in a report, and is not in this one. */
export interface LeftOut {
  readonly expiryAt: number;
  /** For people. */
  readonly why: string;
}

export interface Drafted extends Draft {
  readonly leftOut: readonly LeftOut[];
}

/**
 * The draft with what it leaves out, or why there is none. `listed` are the expiries that the contract knows; null leaves all in. `vol` is
 * what one at the money may be, 1 = 100 %.
 */
export function draftReport(
  surface: Surface,
  market: number,
  listed: ReadonlySet<number> | null,
  vol: BoundsConfig["vol"] = DEFAULT_BOUNDS.vol,
): Drafted | string {
  const { snapshotAt: reportAt } = surface;
  const leftOut = absentOf(surface, listed);
  const plausible = surface.slices.filter((slice) => {
    if (!(listed?.has(slice.expiryAt) ?? true)) return false;
    const why = unfitnessOf(slice, reportAt, vol);
    if (why !== null) leftOut.push({ expiryAt: slice.expiryAt, why });
    return why === null;
  });
  const { accepted, refused } = splitRefused(plausible, reportAt);
  for (const { slice, reason } of refused)
    leftOut.push({ expiryAt: slice.expiryAt, why: REFUSAL_TEXT[reason] });
  if (accepted.length === 0) {
    const none = "no expiry that the contract lists has a smile that a report may state";
    return leftOut.length === 0 ? none : `${none}: ${leftOutText(leftOut)}`;
  }
  const spot = BigInt(Math.round(surface.spot * 1e9)) * 10n ** 9n;
  const report = encodeReport({ market, reportAt, spot, slices: accepted });
  const certificate = certificateOf(surface, accepted);
  return certificate === null ? "the slices cannot be certified" : { report, certificate, leftOut };
}

/** The listed expiries, not yet over, of which the fit has no smile. */
function absentOf({ snapshotAt, slices, refused }: Surface, listed: ReadonlySet<number> | null): LeftOut[] {
  return [...(listed ?? [])]
    .filter((each) => each - snapshotAt > SETTLEMENT_WINDOW_SECONDS)
    .filter((each) => !slices.some(({ expiryAt }) => expiryAt === each))
    .map((each) => {
      const found = refused.find(({ expiryAt }) => expiryAt === each);
      return { expiryAt: each, why: found?.reason ?? "the source has no sound quotes of it" };
    });
}

/** Why no report states a slice of the fit, whatever the contract says; null where one may. */
function unfitnessOf(slice: FittedSlice, reportAt: number, vol: BoundsConfig["vol"]): string | null {
  // What does not follow quotes of its own is not published as if it were known: its lane closes until it does.
  if (!isQuoted(slice)) return `its smile follows no quotes of its own now (${slice.quality})`;
  // No signer signs a report with a vol or a carry out of bounds: it goes without that expiry.
  const found = implausibilityOf(slice, reportAt, vol);
  if (found === null) return null;
  const value = found.value.toPrecision(3);
  return found.what === "vol"
    ? `its vol at the money, ${value}, is out of bounds.vol, ${vol[0]} to ${vol[1]} (1 is 100 %)`
    : `its carry, ${value}, is more than a report may state`;
}

/** For people: of those that are left out for one reason, but for its figures, the first. */
export function leftOutText(leftOut: readonly LeftOut[]): string {
  const alike = Map.groupBy(leftOut, ({ why }) => why.replace(/\d+/g, ""));
  const sentences = [...alike.values()].map(([first, ...more]) => {
    const others = more.length === 0 ? "" : `, and ${more.length} more like it`;
    return `${isoDay(first!.expiryAt)}, ${first!.why}${others}`;
  });
  return sentences.join("; ");
}

/** That of the fit where nothing was left out; else the pairs are others, and are proved anew. */
function certificateOf(
  surface: Surface,
  slices: readonly { expiryAt: number; word: bigint }[],
): Certificate | null {
  if (slices.length === surface.slices.length && checkCertificate(surface.certificate).valid)
    return surface.certificate;
  const result = certify(slices.map(({ expiryAt, word }) => ({ expiryAt, word })));
  return result.certified && checkCertificate(result.certificate).valid ? result.certificate : null;
}

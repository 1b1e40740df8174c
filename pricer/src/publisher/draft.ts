/** From a fitted surface to the report that is proposed: what the contract lists and takes, with a certificate of just these slices. */
import { type EncodedReport, encodeReport } from "@meniscus/sdk/report";
import { splitRefused } from "@meniscus/sdk/sliceShape";
import { certify } from "../certificate/certify.ts";
import { type Certificate, checkCertificate } from "../certificate/check.ts";
import { isQuoted, type Surface } from "../fit/surface.ts";
import { implausibilityOf } from "../service/bounds.ts";
import { type BoundsConfig, DEFAULT_BOUNDS } from "../service/config.ts";

export interface Draft {
  readonly report: EncodedReport;
  readonly certificate: Certificate;
}

/**
 * The draft, or why there is none. `listed` are the expiries that the contract knows; null leaves all in. `vol` is what one at the money may
 * be, 1 = 100 %.
 */
export function draftReport(
  surface: Surface,
  market: number,
  listed: ReadonlySet<number> | null,
  vol: BoundsConfig["vol"] = DEFAULT_BOUNDS.vol,
): Draft | string {
  const { snapshotAt: reportAt } = surface;
  // What does not follow quotes of its own is not published as if it were known: its lane closes until it does.
  const known = surface.slices.filter((slice) => isQuoted(slice) && (listed?.has(slice.expiryAt) ?? true));
  // No signer signs a report with a vol or a carry out of bounds: it goes without that expiry.
  const plausible = known.filter((slice) => implausibilityOf(slice, reportAt, vol) === null);
  const { accepted } = splitRefused(plausible, reportAt);
  if (accepted.length === 0) return "no expiry that the contract lists has a smile that a report may state";
  const spot = BigInt(Math.round(surface.spot * 1e9)) * 10n ** 9n;
  const report = encodeReport({ market, reportAt, spot, slices: accepted });
  const certificate = certificateOf(surface, accepted);
  return certificate === null ? "the slices cannot be certified" : { report, certificate };
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

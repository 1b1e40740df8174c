/** The surface a while later: the same vols at the time left, another spot. */
import { SETTLEMENT_WINDOW_SECONDS, tauAt } from "@meniscus/sdk/clock";
import type { Report, ReportSlice } from "@meniscus/sdk/report";
import { quantise, SliceRangeError, unquantise } from "@meniscus/sdk/slice";
import { splitRefused } from "@meniscus/sdk/sliceShape";
import { type SviParams, totalVariance } from "@meniscus/sdk/svi";

/** Widest curvature in standard deviations; the contract takes 16. */
const WIDEST = 15;

/** Variance and carry shrink with the time left; what is about to expire, or does not fit the shape that is taken, is left out. */
export function laterReport(report: Report, at: number, spot: bigint): Report {
  const slices = report.slices
    .filter(({ expiryAt }) => expiryAt - SETTLEMENT_WINDOW_SECONDS > at)
    .flatMap(({ expiryAt, word }): ReportSlice[] => {
      const left = tauAt(expiryAt, at) / tauAt(expiryAt, report.reportAt);
      const { params, basis } = unquantise(word);
      const aged = narrowed({ ...params, a: params.a * left, b: params.b * left });
      const later = wordOf(aged, basis * left, at);
      return later === null ? [] : [{ expiryAt, word: later }];
    });
  return { ...report, reportAt: at, spot, slices: splitRefused(slices, at).accepted };
}

/** The word of a slice; null where none holds it, as of a smile that has become so short that all its skew is in one wing. */
function wordOf(params: SviParams, basis: number, at: number): bigint | null {
  try {
    return quantise(params, basis, at);
  } catch (error) {
    if (error instanceof SliceRangeError) return null;
    throw error;
  }
}

/**
 * Standard deviations shrink and sigma stays: where it has become too wide, a narrower smile of the same level, slope and curvature at m:
 * of b sigma, b rho and b / sigma the sum with a, the second and the third stay.
 */
function narrowed(params: SviParams): SviParams {
  const { a, b, rho, sigma } = params;
  const widest = WIDEST * Math.sqrt(totalVariance(params, 0));
  if (sigma <= widest) return params;
  const part = widest / sigma;
  return { ...params, a: a + b * sigma * (1 - part * part), b: b * part, rho: rho / part, sigma: widest };
}

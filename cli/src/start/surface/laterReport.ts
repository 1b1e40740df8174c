/** The surface a while later: the same vols at the time left, another spot. */
import { tauAt } from "@meniscus/sdk/clock";
import type { Report, ReportSlice } from "@meniscus/sdk/report";
import { quantise, unquantise } from "@meniscus/sdk/slice";
import { splitRefused } from "@meniscus/sdk/sliceShape";

/** The contract takes no report of an expiry from here on, seconds before it. */
const LAST_REPORT = 1800;

/** Variance and carry shrink with the time left; what is about to expire, or no longer fits the shape that is taken, is left out. */
export function laterReport(report: Report, at: number, spot: bigint): Report {
  const slices = report.slices
    .filter(({ expiryAt }) => expiryAt - LAST_REPORT > at)
    .map(({ expiryAt, word }): ReportSlice => {
      const left = tauAt(expiryAt, at) / tauAt(expiryAt, report.reportAt);
      const { params, basis } = unquantise(word);
      const aged = { ...params, a: params.a * left, b: params.b * left };
      return { expiryAt, word: quantise(aged, basis * left, at) };
    });
  return { ...report, reportAt: at, spot, slices: splitRefused(slices, at).accepted };
}

/** Signed reports: the one that ends an epoch, found in the chain's own events, and the newest, from whoever serves it. */
import { textWithin } from "@meniscus/pricer/service/textWithin";
import { cutOffOf, epochDayOf, isoDay } from "@meniscus/sdk/clock";
import { type EncodedReport, encodeCarriedReport, reportDigest } from "@meniscus/sdk/report";
import { z } from "zod";
import { lastLog, logsIn, topic, type View } from "./view.ts";

/**
 * The first report that the surface kept from the cut-off of `firstDay` on, up to now; null where there is none yet. For a settlement those that
 * came late in their day do not count.
 * @throws where the chain has its digest and the node does not serve its events
 */
export async function keptReport(
  view: View,
  firstDay: number,
  { isToSettle = false } = {},
): Promise<EncodedReport | null> {
  const { volSurface, market } = view.contracts;
  for (let day = firstDay; day <= epochDayOf(view.head.timestamp); day++) {
    if (isToSettle && (await volSurface.getFunction("isEpochReportLate")(market, day))) continue;
    const digest: string = await volSurface.getFunction("epochDigest")(market, day);
    if (BigInt(digest) === 0n) continue;
    const report = view.keptReports.get(digest) ?? (await findReport(view, day, digest));
    view.keptReports.set(digest, report);
    return report;
  }
  return null;
}

/** The report of this digest in the events of the block in which it was kept, searched back from now: many requests, a day on. */
async function findReport(view: View, day: number, digest: string): Promise<EncodedReport> {
  const { volSurface, market } = view.contracts;
  const kept = await lastLog(
    view,
    volSurface,
    [volSurface.interface.getEvent("EpochReportKept")!.topicHash, topic(market), topic(day)],
    cutOffOf(day),
  );
  const { chainId } = await view.provider.getNetwork();
  const domain = { chainId, contract: volSurface.target as string };
  const topics = [volSurface.interface.getEvent("ReportPosted")!.topicHash, topic(market)];
  const posted = kept === null ? [] : await logsIn(view, volSurface, topics, kept.blockNumber);
  for (const log of posted) {
    const { args } = volSurface.interface.parseLog(log)!;
    const { reportAt, spot, expiries, slices } = args;
    const report = { market, reportAt: Number(reportAt), spot, expiries, slices: [...slices] };
    if (reportDigest(report, domain) === digest) return report;
  }
  throw new Error(
    `the node does not serve the events of the report that was kept after 09:00 UTC of ${isoDay(cutOffOf(day))}: name one that does`,
  );
}

/** A report as a fill carries it: the arguments of `postIfNewer`. */
export interface CarriedReport {
  reportAt: number;
  encoded: string;
}

const word = z.union([z.string(), z.number()]).transform((value) => BigInt(value));
const served = z.object({
  report: z.object({
    market: z.number(),
    reportAt: z.number(),
    spot: word,
    expiries: word,
    slices: z.array(word),
  }),
  signatures: z.string().regex(/^0x([0-9a-f]{2})*$/i),
});

/** Sixteen slices and the signatures of every signer are some four thousand. */
const MOST_BYTES = 65_536;

/** Asks for the newest report; null where nothing sound is served within these seconds, or too much. What it says is for the contracts to judge. */
export async function fetchReport(url: string, seconds: number): Promise<CarriedReport | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(Math.ceil(seconds * 1000)) });
    const { report, signatures } = served.parse(
      JSON.parse(await textWithin(answer, MOST_BYTES, "the report's")),
    );
    return { reportAt: report.reportAt, encoded: encodeCarriedReport(report, signatures) };
  } catch {
    return null;
  }
}

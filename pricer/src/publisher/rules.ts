/** When a surface is worth a report. Pure. */
import { cutOffOf, epochDayOf } from "@meniscus/sdk/clock";
import { decodeReport, type EncodedReport } from "@meniscus/sdk/report";
import { spotOf } from "../service/bounds.ts";
import { markSlotOf } from "../service/clock.ts";
import type { RulesConfig } from "../service/config.ts";
import { priceDistance, spotDistanceBps } from "../service/distance.ts";

/** Why a report is published. */
export type Reason = "first" | "mark" | "expiries" | "spot" | "price" | "heartbeat";

export type Decision =
  | { readonly publish: true; readonly why: Reason }
  | { readonly publish: false; readonly why: "unchanged" | "not newer" | "slot signed" | "too soon" };

/** What is known besides of the expiries. */
export interface Expiries {
  /** Of the last report that was sent because one came or went, unix seconds; null where none was. */
  readonly shiftedAt: number | null;
  /** Of which the contract has no slice of any time. */
  readonly unknown: ReadonlySet<number>;
}

const NOTHING_KNOWN: Expiries = { shiftedAt: null, unknown: new Set() };
/** Seconds between two reports for an expiry that comes or goes: one with a single quote may do either at every look. */
const SHIFT_SECONDS = 60;

/** Whether `next` is to be published after `last`, what was published last. */
export function decide(
  next: EncodedReport,
  last: EncodedReport | null,
  rules: RulesConfig,
  expiries = NOTHING_KNOWN,
): Decision {
  if (last === null) return { publish: true, why: "first" };
  if (next.reportAt <= last.reportAt) return { publish: false, why: "not newer" };
  // The first report that is posted after a cut-off marks the epoch.
  if (epochDayOf(next.reportAt) !== epochDayOf(last.reportAt)) return { publish: true, why: "mark" };
  const slot = markSlotOf(next.reportAt);
  // Signers sign one.
  if (slot !== null && markSlotOf(last.reportAt) === slot) return { publish: false, why: "slot signed" };
  if (next.reportAt - last.reportAt < rules.leastSeconds) return { publish: false, why: "too soon" };
  const slices = decodeReport(next).slices;
  const before = new Map(decodeReport(last).slices.map(({ expiryAt, word }) => [expiryAt, word]));
  if (next.expiries !== last.expiries) {
    const isDue = expiries.shiftedAt === null || next.reportAt - expiries.shiftedAt >= SHIFT_SECONDS;
    const isFirst = slices.some(({ expiryAt }) => !before.has(expiryAt) && expiries.unknown.has(expiryAt));
    if (isDue || isFirst) return { publish: true, why: "expiries" };
  }
  if (spotDistanceBps(spotOf(next), spotOf(last)) > rules.spotBps) return { publish: true, why: "spot" };
  const isPriceFar = slices.some(({ expiryAt, word }) => {
    const known = before.get(expiryAt);
    return known !== undefined && priceDistance(known, word) > rules.priceShare;
  });
  if (isPriceFar) return { publish: true, why: "price" };
  return next.reportAt - last.reportAt >= rules.heartbeatSeconds
    ? { publish: true, why: "heartbeat" }
    : { publish: false, why: "unchanged" };
}

/** Seconds after the cut-off for which no report is proposed without an expiry that the last one had. */
const MARK_WAITS_SECONDS = 60;

/**
 * The expiries for which a mark waits where it would leave them out, and the last report did not: an epoch has no mark without one of
 * which options are written, and what keeps it out, at the source or at the signers, may pass.
 */
export function awaitedBy({ reportAt }: EncodedReport, last: EncodedReport | null): ReadonlySet<number> {
  if (last === null || reportAt >= cutOffOf(epochDayOf(reportAt)) + MARK_WAITS_SECONDS) return new Set();
  return new Set(decodeReport(last).slices.map(({ expiryAt }) => expiryAt));
}

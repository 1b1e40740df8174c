/** When a surface is worth a report. Pure. */
import { decodeReport, type EncodedReport } from "@meniscus/sdk/report";
import { spotOf } from "../service/bounds.ts";
import { markDayOf } from "../service/clock.ts";
import type { RulesConfig } from "../service/config.ts";
import { priceDistance, spotDistanceBps } from "../service/distance.ts";

export type Decision =
  | { readonly publish: true; readonly why: "first" | "mark" | "expiries" | "spot" | "price" | "heartbeat" }
  | { readonly publish: false; readonly why: "unchanged" | "not newer" | "mark signed" | "too soon" };

/** Whether `next` is to be published after `last`, what was published last. */
export function decide(next: EncodedReport, last: EncodedReport | null, rules: RulesConfig): Decision {
  if (last === null) return { publish: true, why: "first" };
  if (next.reportAt <= last.reportAt) return { publish: false, why: "not newer" };
  const mark = markDayOf(next.reportAt);
  // The epoch is marked by the first report of this minute, and signers sign one.
  if (mark !== null)
    return markDayOf(last.reportAt) === mark
      ? { publish: false, why: "mark signed" }
      : { publish: true, why: "mark" };
  if (next.reportAt - last.reportAt < rules.leastSeconds) return { publish: false, why: "too soon" };
  if (next.expiries !== last.expiries) return { publish: true, why: "expiries" };
  if (spotDistanceBps(spotOf(next), spotOf(last)) > rules.spotBps) return { publish: true, why: "spot" };
  const before = new Map(decodeReport(last).slices.map(({ expiryAt, word }) => [expiryAt, word]));
  const isPriceFar = decodeReport(next).slices.some(
    ({ expiryAt, word }) => priceDistance(before.get(expiryAt)!, word) > rules.priceShare,
  );
  if (isPriceFar) return { publish: true, why: "price" };
  return next.reportAt - last.reportAt >= rules.heartbeatSeconds
    ? { publish: true, why: "heartbeat" }
    : { publish: false, why: "unchanged" };
}

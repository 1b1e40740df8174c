/** When a surface is worth a report. Pure. */
import { epochDayOf } from "@meniscus/sdk/clock";
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

/** Whether `next` is to be published after `last`, what was published last. */
export function decide(next: EncodedReport, last: EncodedReport | null, rules: RulesConfig): Decision {
  if (last === null) return { publish: true, why: "first" };
  if (next.reportAt <= last.reportAt) return { publish: false, why: "not newer" };
  // The first report that is posted after a cut-off marks the epoch.
  if (epochDayOf(next.reportAt) !== epochDayOf(last.reportAt)) return { publish: true, why: "mark" };
  const slot = markSlotOf(next.reportAt);
  // Signers sign one.
  if (slot !== null && markSlotOf(last.reportAt) === slot) return { publish: false, why: "slot signed" };
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

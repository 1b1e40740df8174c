import { cutOffOf, epochDayOf, SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { REPORT_AGE_MAX } from "@meniscus/sdk/report";

/** What time it is, unix seconds with their fraction; a service is given it, so that a test can be late or early. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now() / 1000;

/** As long as the contract takes a report: of the times that it takes at one moment, no more than two slots have some. */
const MARK_SLOT_SECONDS = REPORT_AGE_MAX;
/**
 * For so many minutes after the cut-off: until then somebody should have posted, or have been told that nobody did. A signer does not see the
 * chain, so it cannot know that the mark is there, and each slot more is one in which a market that moves fast gets a report a minute.
 */
const MARK_SLOTS = 15;

/**
 * The minute from a cut-off on, [09:00, 09:15) UTC, in which a report of this time lies; null at any other time. The epoch's mark is the first
 * report that is posted, so of each such minute a signer signs one. The first one's number is its day, as stores had it that knew no other.
 */
export function markSlotOf(reportAt: number): number | null {
  const day = epochDayOf(reportAt);
  const slot = Math.floor((reportAt - cutOffOf(day)) / MARK_SLOT_SECONDS);
  return slot < MARK_SLOTS ? slot * SECONDS_PER_DAY + day : null;
}

import { CUT_OFF_SECONDS, SECONDS_PER_DAY } from "@meniscus/sdk/clock";

/** What time it is, unix seconds with their fraction; a service is given it, so that a test can be late or early. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now() / 1000;

/** The day whose mark a report of this time may be: within [09:00:00, 09:00:59] UTC; null at any other time. */
export function markDayOf(reportAt: number): number | null {
  const second = reportAt % SECONDS_PER_DAY;
  return second >= CUT_OFF_SECONDS && second < CUT_OFF_SECONDS + 60
    ? Math.floor(reportAt / SECONDS_PER_DAY)
    : null;
}

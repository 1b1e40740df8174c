/** What time it is, unix seconds with their fraction; a service is given it, so that a test can be late or early. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now() / 1000;

const MARK_SECOND = 9 * 3600;
const DAY = 86_400;

/** The day whose mark a report of this time may be: within [09:00:00, 09:00:59] UTC; null at any other time. */
export function markDayOf(reportAt: number): number | null {
  const second = reportAt % DAY;
  return second >= MARK_SECOND && second < MARK_SECOND + 60 ? Math.floor(reportAt / DAY) : null;
}

/** The expiries that a venue lists: daily, weekly, monthly, quarterly, all at 08:00 UTC, the last three kinds on Fridays. */
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { EXPIRY_SECOND_OF_DAY } from "@meniscus/sdk/series";

const FRIDAY = 5;
const DAILIES = 3;
const WEEKLIES = 4;
const MONTHLIES = 3;
const QUARTERLIES = 4;

/** Unix seconds, in order, each after `now`. */
export function venueExpiries(now: number): number[] {
  const today = Math.floor(now / SECONDS_PER_DAY) * SECONDS_PER_DAY + EXPIRY_SECOND_OF_DAY;
  const first = today > now ? today : today + SECONDS_PER_DAY;
  const dailies = Array.from({ length: DAILIES }, (_, i) => first + i * SECONDS_PER_DAY);
  const friday = first + ((FRIDAY - new Date(first * 1000).getUTCDay() + 7) % 7) * SECONDS_PER_DAY;
  const weeklies = Array.from({ length: WEEKLIES }, (_, i) => friday + i * 7 * SECONDS_PER_DAY);
  const start = new Date(now * 1000);
  const months = Array.from({ length: 16 }, (_, i) =>
    lastFriday(start.getUTCFullYear(), start.getUTCMonth() + i),
  );
  const monthlies = months.filter((expiry) => expiry > now);
  const quarterlies = monthlies.filter((expiry) => (new Date(expiry * 1000).getUTCMonth() + 1) % 3 === 0);
  const all = [
    ...dailies,
    ...weeklies,
    ...monthlies.slice(0, MONTHLIES),
    ...quarterlies.slice(0, QUARTERLIES),
  ];
  return [...new Set(all)].sort((left, right) => left - right);
}

/** 08:00 UTC of the last Friday of a month; `month` from 0, beyond 11 it runs into the next year. */
function lastFriday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0));
  const back = (last.getUTCDay() - FRIDAY + 7) % 7;
  return last.getTime() / 1000 - back * SECONDS_PER_DAY + EXPIRY_SECOND_OF_DAY;
}

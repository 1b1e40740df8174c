/**
 * Two clocks. Calendar time to the expiry is the venues' own; the variance clock is the one that prices: an option settles on the
 * average of the spot over the last 30 minutes, whose variance is that of a spot read about 20 minutes before the expiry.
 */

export const SECONDS_PER_DAY = 86_400;
/** From midnight UTC to the cut-off at which an epoch ends (09:00). */
export const CUT_OFF_SECONDS = 9 * 3600;
export const SECONDS_PER_YEAR = 365 * SECONDS_PER_DAY;

/** The day, counted from 1970, at whose cut-off the epoch begins that `at`, unix seconds, lies in. */
export const epochDayOf = (at: number): number => Math.floor((at - CUT_OFF_SECONDS) / SECONDS_PER_DAY);
/** Its cut-off, unix seconds. */
export const cutOffOf = (day: number): number => day * SECONDS_PER_DAY + CUT_OFF_SECONDS;

/** Of the variance of the window's h = 30 minutes the average keeps h/3: the other 20 minutes do not count. */
export const VARIANCE_LAG_SECONDS = 20 * 60;

/** Inside it the price model does not hold: settlement is the exit. */
export const SETTLEMENT_WINDOW_SECONDS = 30 * 60;

/** A feed may show a round so long after its time: `SettlementOracle` walks nothing that is younger, and an expiry has no price before. */
export const ROUND_LAG_SECONDS = 2 * 60;

/** Years of 365 days from `now` to the expiry on the variance clock; unix seconds; negative once it has passed. */
export function tauAt(expiryAt: number, now: number): number {
  return (expiryAt - VARIANCE_LAG_SECONDS - now) / SECONDS_PER_YEAR;
}

/** Years of 365 days from `now` to the expiry by the calendar. */
export function calendarYears(expiryAt: number, now: number): number {
  return (expiryAt - now) / SECONDS_PER_YEAR;
}

/** Unix seconds as text: `2026-12-25T08:00:00.000Z`. Throws a RangeError beyond the years that a Date can say. */
export const isoTime = (at: number): string => new Date(at * 1000).toISOString();

/** The day of it in UTC: `2026-12-25`. */
export const isoDay = (at: number): string => isoTime(at).slice(0, 10);

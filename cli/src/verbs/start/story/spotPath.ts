/** Where spot goes after the chain's snapshot: no recording says, so it is drawn, at the vol that the surface shows. */
import { seededRandom } from "@meniscus/pricer/source/simulatedMarket";
import { CUT_OFF_SECONDS, SECONDS_PER_DAY as DAY, SECONDS_PER_YEAR as YEAR } from "@meniscus/sdk/clock";

export interface PathPoint {
  /** Unix seconds. */
  at: number;
  /** Quote per base, WAD. */
  spot: bigint;
  kind: "evening" | "expiry" | "cut-off";
}

/** From midnight UTC: seconds from a cut-off to the report that marks it are part of the first. */
const CUT_OFF = CUT_OFF_SECONDS + 5;
const EVENING = 21 * 3600;
/** So many days are played one by one; a story that is longer leaves some out. */
const MOST_DAYS = 10;
/** From the end of the morning's trades to the first point, and from the last one to an expiry. */
const PAUSE = 3600;

/** Evenings and cut-offs from `now` on, the expiry, and the cut-off after it: a geometric walk of volatility `vol` from `spot`. */
export function spotPath(
  now: number,
  expiryAt: number,
  spot: bigint,
  vol: number,
  seed: number,
): PathPoint[] {
  const random = seededRandom(seed);
  const midnight = Math.floor(now / DAY) * DAY;
  const days = Math.floor((expiryAt - midnight) / DAY);
  const stride = Math.ceil(Math.max(1, days) / MOST_DAYS);
  const times: Omit<PathPoint, "spot">[] = [];
  for (let day = midnight; day < expiryAt; day += stride * DAY) {
    times.push({ at: day + CUT_OFF, kind: "cut-off" }, { at: day + EVENING, kind: "evening" });
  }
  const within = times.filter(({ at }) => at > now + PAUSE && at < expiryAt - 2 * PAUSE);
  const lastCutOff = Math.floor(expiryAt / DAY) * DAY + CUT_OFF;
  within.push({ at: expiryAt, kind: "expiry" }, { at: lastCutOff, kind: "cut-off" });
  let [last, level] = [now, 1];
  return within.map((point) => {
    const deviation = vol * Math.sqrt((point.at - last) / YEAR);
    level *= Math.exp(deviation * random.normal() - deviation ** 2 / 2);
    last = point.at;
    return { ...point, spot: (spot * BigInt(Math.round(level * 1e6))) / 1_000_000n };
  });
}

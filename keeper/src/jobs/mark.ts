/** The book's exposures: refreshed before they are too old, or too far from spot, to open or to hedge by. */
import { HEDGE_OBSTACLES } from "@meniscus/sdk/vault/hedge";
import { type Decision, skip } from "../deed.ts";
import { deedOf, type View } from "../view.ts";

const BPS = 10_000n;
/** Seconds for which the book takes a report's spot; beyond them it takes the oracle's. */
const REPORT_SPOT_MAX_AGE = 120;
/** The longest that `exposureMaxAge` may be, seconds: beyond it no hedge is possible, whatever the book's terms. */
const OVERDUE = 3600n;

export async function mark(view: View): Promise<Decision> {
  const { book, clearinghouse, volSurface, market } = view.contracts;
  const live: bigint[] = [...(await clearinghouse.getFunction("expiries")(market))];
  if (live.length === 0) return skip("no expiry is live");
  const { exposureMaxAge, exposureMaxMoveBps } = await book.getFunction("terms")();
  const { refreshedAt, refreshedSpot } = await book.getFunction("need")();
  const { reportAt, spot } = await volSurface.getFunction("surface")(market);
  const refresh = (why: string) => deedOf(view, "mark", `refresh the book: ${why}`, book, "refresh", live);

  const age: bigint = BigInt(view.head.timestamp) - refreshedAt;
  if (age > OVERDUE) return overdue(await refresh(refreshedAt === 0n ? "it is new" : `it is ${age} s old`));
  if (2n * age > exposureMaxAge) return refresh(`it is ${age} s old`);
  // Another refresh would be as far from the report's spot as this one, and nobody opens by such a report.
  if (view.head.timestamp - Number(reportAt) > REPORT_SPOT_MAX_AGE)
    return skip(`refreshed ${age} s ago, and the report is old`);
  const [low, high]: [bigint, bigint] = spot < refreshedSpot ? [spot, refreshedSpot] : [refreshedSpot, spot];
  // The book's limit is half of it further on.
  if (2n * (high - low) * BPS > low * exposureMaxMoveBps) return refresh("spot has moved");
  if (await isOldToHedge(view, spot)) return refresh("the hedger finds it old");
  return skip(`refreshed ${age} s ago, near this spot`);
}

const overdue = (decision: Decision): Decision =>
  "act" in decision ? { act: { ...decision.act, isNeeded: true } } : decision;

/** Whether the hedger waits for a refresh. Without equity there is no band, and it waits whatever is refreshed. */
async function isOldToHedge({ contracts: { book, hedger } }: View, spot: bigint): Promise<boolean> {
  const { obstacle } = await hedger.getFunction("plan")();
  if (HEDGE_OBSTACLES[Number(obstacle)] !== "ExposuresOld") return false;
  const { equity } = await book.getFunction("hedgeable")(spot);
  return equity > 0n;
}

/** The book's exposures: refreshed before they are too old, or too far from spot, to open or to hedge by. */
import { SETTLEMENT_WINDOW_SECONDS } from "@meniscus/sdk/clock";
import { HEDGE_OBSTACLES } from "@meniscus/sdk/vault/hedge";
import { wadScale } from "@meniscus/sdk/wad";
import { type Decision, type Deed, skip } from "../deed.ts";
import { walk } from "../rounds.ts";
import { deedOf, revertIn, type View } from "../view.ts";

/** Seconds for which the book takes a report's spot; beyond them it takes the oracle's. */
const REPORT_SPOT_MAX_AGE = 120;
/** The longest that `exposureMaxAge` may be, seconds: beyond it nobody can say whether a hedge waits, whatever the book's terms. */
const OVERDUE = 3600n;
/** Seconds of a settlement window that may be gone and not walked when a hedge is to rest on its average; of the last two minutes nothing can be. */
const UNWALKED_MAX = 300;
const BPS = 10_000n;
/** Decimals in which the book keeps amounts of base. */
const BOOK_DECIMALS = 9;

export async function mark(view: View): Promise<Decision> {
  const { book, clearinghouse, volSurface, market } = view.contracts;
  const live: bigint[] = [...(await clearinghouse.getFunction("expiries")(market))];
  if (live.length === 0) return skip("no expiry is live");
  const { exposureMaxAge, exposureMaxMoveBps } = await book.getFunction("terms")();
  const { refreshedAt, refreshedSpot } = await book.getFunction("need")();
  const { reportAt, spot } = await volSurface.getFunction("surface")(market);
  const age: bigint = BigInt(view.head.timestamp) - refreshedAt;
  const { waits, isOutside } = await hedgerOf(view, spot);
  const refresh = async (why: string) => {
    const isHedgeWaiting = waits && isOutside;
    const walked = isHedgeWaiting ? await walkedBefore(view, live) : null;
    const call = { contract: book, method: "refresh", values: [live] };
    const decision = walked ?? (await deedOf(view, "mark", `refresh the book: ${why}`, call));
    const isNeeded = age > OVERDUE || isHedgeWaiting;
    return isNeeded && "act" in decision ? { act: { ...decision.act, isNeeded } } : decision;
  };

  if (2n * age > exposureMaxAge) return refresh(refreshedAt === 0n ? "it is new" : `it is ${age} s old`);
  // Another refresh would be as far from the report's spot as this one, and nobody opens by such a report.
  if (view.head.timestamp - Number(reportAt) > REPORT_SPOT_MAX_AGE)
    return skip(`refreshed ${age} s ago, and the report is old`);
  let next: bigint;
  try {
    next = await book.getFunction("refreshSpot")();
  } catch (error) {
    return skip(`refreshed ${age} s ago, and there is no spot to hold that against: ${revertIn(error)}`);
  }
  const [low, high]: [bigint, bigint] = next < refreshedSpot ? [next, refreshedSpot] : [refreshedSpot, next];
  // Half way to the book's limit.
  if (2n * (high - low) * BPS > low * exposureMaxMoveBps) return refresh("spot has moved");
  if (waits) return refresh("the hedger finds it old");
  return skip(`refreshed ${age} s ago, near this spot`);
}

/**
 * The walk of the window that is open, where the book has written into it and more of it is gone than is walked: the refresh after it takes
 * what the average is by then for known. Null where there is nothing to walk, or nobody can.
 */
async function walkedBefore(view: View, live: bigint[]): Promise<{ act: Deed } | null> {
  const { book, settlementOracle: oracle, market } = view.contracts;
  const now = view.head.timestamp;
  for (const expiryAt of live.map(Number)) {
    const openedAt = expiryAt - SETTLEMENT_WINDOW_SECONDS;
    if (now <= openedAt || now >= expiryAt || !(await book.getFunction("isOpen")(expiryAt))) continue;
    const [base, quote] = await oracle.getFunction("progress")(market, expiryAt);
    if (base.broken || quote.broken) continue;
    const { walkedUntilAt } = await oracle.getFunction("average")(market, expiryAt);
    if (now - Math.max(Number(walkedUntilAt), openedAt) < UNWALKED_MAX) continue;
    const decision = await walk(view, "mark", expiryAt);
    if ("act" in decision) return decision;
  }
  return null;
}

/**
 * Whether the hedger waits for a refresh, and whether the delta, as of the last one and the trades since, is outside the band, so that a hedge may
 * come after it: not within twice the band past the loss cap, nor for want of what is free. Without equity there is no band, and it waits whatever
 * is refreshed.
 */
async function hedgerOf({ contracts: { book, hedger, decimals } }: View, spot: bigint) {
  const { obstacle, delta } = await hedger.getFunction("plan")();
  const { equity, band } = await book.getFunction("hedgeable")(spot);
  const waits = HEDGE_OBSTACLES[Number(obstacle)] === "ExposuresOld" && equity > 0n;
  // A hedge down to the band's edge leaves less than a unit beyond it: of the book's, or of the token's smallest part.
  const unit = wadScale(Math.min(BOOK_DECIMALS, decimals.base));
  const excess = (delta < 0n ? -delta : delta) - band;
  return { waits, isOutside: band > 0n && excess >= unit };
}

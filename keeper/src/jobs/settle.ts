/** Expiries that are over: the feeds' rounds walked, which settles them, and what the book has there made balances. */
import { epochDayOf, isoDay, ROUND_LAG_SECONDS, SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { expiryOfDay } from "@meniscus/sdk/series";
import { type Decision, skip } from "../deed.ts";
import { keptReport } from "../reports.ts";
import { walk } from "../rounds.ts";
import { deedOf, type View } from "../view.ts";

/** Days for which settled expiries are looked at for what the book has not realized. */
const LOOKBACK = 8;

export async function settle(view: View): Promise<Decision> {
  const { clearinghouse, market } = view.contracts;
  const live: bigint[] = [...(await clearinghouse.getFunction("expiries")(market))];
  const over = live.map(Number).filter((expiryAt) => expiryAt <= view.head.timestamp);
  const waiting: string[] = [];
  const failures: unknown[] = [];
  for (const expiryAt of over) {
    try {
      const decision = await settleExpiry(view, expiryAt);
      if ("act" in decision) return decision;
      waiting.push(decision.skip);
    } catch (error) {
      // A report that the node does not serve is no reason not to settle the others.
      failures.push(error);
    }
  }
  const realized = await realize(view);
  if (realized !== null) return realized;
  if (failures.length > 0) throw failures[0];
  return skip(waiting.join("; ") || "no expiry waits for its price");
}

/** Walks both feeds from the rounds in force when the window opened; where that is broken for good, the signers' report, in its time. */
async function settleExpiry(view: View, expiryAt: number): Promise<Decision> {
  const named = isoDay(expiryAt);
  const { settlementOracle: oracle, market } = view.contracts;
  const [base, quote] = await oracle.getFunction("progress")(market, expiryAt);
  if (base.broken || quote.broken) {
    const report = await keptReport(view, epochDayOf(expiryAt + SECONDS_PER_DAY - 1), { isToSettle: true });
    if (report === null)
      return skip(`${named}: its window is broken, and there is no report to fall back on yet`);
    const call = { contract: oracle, method: "fixByFallback", values: [market, expiryAt, report] };
    return deedOf(view, "settle", `fix ${named} by the report`, call);
  }
  // An earlier walk would come no further than to here less the lag, and only keep that.
  if (view.head.timestamp < expiryAt + ROUND_LAG_SECONDS)
    return skip(`${named}: a feed may still show a round from before it, for ${ROUND_LAG_SECONDS} s`);
  return walk(view, "settle", expiryAt);
}

/** The newest of the settled expiries at which the book still has something. */
async function realize(view: View): Promise<Decision | null> {
  const { clearinghouse, book, market } = view.contracts;
  const today = Math.floor(view.head.timestamp / SECONDS_PER_DAY);
  for (let day = today; day > today - LOOKBACK; day--) {
    const expiryAt = expiryOfDay(day);
    if (expiryAt > view.head.timestamp) continue;
    if (!(await book.getFunction("isOpen")(expiryAt))) continue;
    if ((await clearinghouse.getFunction("settlementPrice")(market, expiryAt)) === 0n) continue;
    const call = { contract: book, method: "realize", values: [expiryAt] };
    return deedOf(view, "settle", `realize ${isoDay(expiryAt)}`, call);
  }
  return null;
}

/** The book's exposures: refreshed before they are too old, or too far from spot, to open or to hedge by. */
import { HEDGE_OBSTACLES } from "@meniscus/sdk/vault/hedge";
import { type Decision, skip } from "../deed.ts";
import { deedOf, type View } from "../view.ts";

const BPS = 10_000n;

export async function mark(view: View): Promise<Decision> {
  const { book, clearinghouse, hedger, volSurface, market } = view.contracts;
  const live: bigint[] = [...(await clearinghouse.getFunction("expiries")(market))];
  if (live.length === 0) return skip("no expiry is live");
  const { exposureMaxAge, exposureMaxMoveBps } = await book.getFunction("terms")();
  const { refreshedAt, refreshedSpot } = await book.getFunction("need")();
  const { spot } = await volSurface.getFunction("surface")(market);
  const refresh = (why: string) => deedOf(view, "mark", `refresh the book: ${why}`, book, "refresh", live);

  const age: bigint = BigInt(view.head.timestamp) - refreshedAt;
  if (2n * age > exposureMaxAge) return refresh(`it is ${refreshedAt === 0n ? "new" : `${age} s old`}`);
  const [low, high]: [bigint, bigint] = spot < refreshedSpot ? [spot, refreshedSpot] : [refreshedSpot, spot];
  // The book's limit is half of it further on.
  if (2n * (high - low) * BPS > low * exposureMaxMoveBps) return refresh("spot has moved");
  const { obstacle } = await hedger.getFunction("plan")();
  if (HEDGE_OBSTACLES[Number(obstacle)] === "ExposuresOld") return refresh("the hedger finds it old");
  return skip(`refreshed ${age} s ago, near this spot`);
}

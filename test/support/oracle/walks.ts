/** Walks over the rounds of scripted feeds, to the settlement price of the first expiry after the start. */
import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { type AnyContract, DAY, MARKET, networkHelpers, START } from "../surface.ts";
import { HOUR, type Oracles, scripted, settlementFeedOf, USD } from "./fixture.ts";
import { roundId } from "./settlement.ts";

/** The first 08:00 after the start, and the first cut-off after it. */
export const EXPIRY = Math.floor(START / DAY) * DAY + DAY + 8 * HOUR;
export const WINDOW = EXPIRY - 1800;
/** When all that a feed has of the window is shown. */
export const SHOWN = EXPIRY + ROUND_LAG_SECONDS;
export const CUTOFF = EXPIRY + HOUR;
export const FIRST = roundId(1, 1);

export type Scripted = [answer: bigint, updatedAt: number][];

export const history = (feed: AnyContract, ...phases: Scripted[]) =>
  feed.load!(
    phases,
    phases.map(() => 8),
  );
export const walk = ({ settlement }: Oracles, rounds = 200, start = FIRST) =>
  settlement.walk!(MARKET, EXPIRY, start, FIRST, rounds);
export const priceOf = async ({ clearinghouse }: Oracles): Promise<bigint> =>
  clearinghouse.settlementPrice!(MARKET, EXPIRY);

/** Names a base feed of another market, beside the fixture's quote feed. */
export const nameFeeds = ({ settlement, quote }: Oracles, market: number, base: AnyContract) =>
  settlement.setFeeds!(
    market,
    settlementFeedOf(base, 3 * HOUR),
    settlementFeedOf(quote, 26 * HOUR),
    25 * HOUR,
  );

/** Quote at 1 USD throughout, base as told, and the clock where the expiry can have its price. */
export async function withBase(...phases: Scripted[]): Promise<Oracles> {
  const oracles = await scripted();
  await history(oracles.base, ...phases);
  await history(oracles.quote, [[USD, EXPIRY - 5 * HOUR]]);
  await networkHelpers.time.increaseTo(SHOWN);
  return oracles;
}

/** All that is not recorded, in words: printed with every run. */

import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { LIQUIDITY } from "./deployMarket.ts";
import { INFORMED_ORDERS, ORDERS, RESERVATION, STRIKES, TICKET } from "./flow.ts";
import { GAP } from "./measure.ts";
import { FARTHEST, NEAREST } from "./world.ts";

const days = (seconds: number) => seconds / SECONDS_PER_DAY;

export const ASSUMPTIONS: readonly string[] = [
  "Surfaces: between two recorded chains the last one holds, aged, its vols sticky in moneyness and its carry constant.",
  "Spot: bars' first prices, a straight line between them. Within a step it moves only from the report to the trades, by one normal draw as wild as the recorded bar.",
  `Flow: ${ORDERS} orders of ${TICKET} of notional a step, strikes at ${STRIKES.join(", ")} % of spot out of the money, Fridays ${days(NEAREST)} to ${days(FARTHEST)} days ahead; whether to buy or sell follows net over gross, not the market. They refuse to pay more than ${100 * RESERVATION} vol points over value. Sellers are covered writers who write what they sell and keep it written.`,
  `Informed: one look a step, with the newest recorded vols and the spot of the trade, at the money of every expiry; up to ${INFORMED_ORDERS} tickets while the price is better than that value. He knows neither later chains nor later spot.`,
  `Uniswap: a genuine v3 pool of 0.05 % with ${Number(LIQUIDITY) / 1e6} million of each asset, which an arbitrageur moves to the path's spot before each step, at no cost to the vault.`,
  "Hedge: one auction a step, after its trades, filled on that pool as soon as it pays the filler; spot stands still while it runs. Gas costs nobody anything.",
  "Signers are honest; the base feed brings a round each step and eight in the last 40 minutes before an expiry. Blocks come when something happens.",
  "Providers: the seed alone, half in each asset, nobody enters or leaves; the provider's return is that of one who came in at the first epoch's end and left at the last.",
  `Gap: spot moves by ${100 * GAP} % at once and nobody hedges; vols are those of the smile at the new moneyness.`,
  "Idle money earns nothing; no fee is taken from providers; no premium of implied over realised vol is claimed, and none is put in: vols and spot are the recorded ones.",
];

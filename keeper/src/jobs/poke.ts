/** The spot oracle's cached word: renewed at half of the age up to which it is fresh. */
import { type Decision, skip } from "../deed.ts";
import { deedOf, lastLog, topic, type View } from "../view.ts";

export async function poke(view: View): Promise<Decision> {
  const { spotOracle, market } = view.contracts;
  const { cacheMaxAge } = await spotOracle.getFunction("limits")(market);
  const dueAt = view.head.timestamp - Math.floor(Number(cacheMaxAge) / 2);
  const topics = [spotOracle.interface.getEvent("Poked")!.topicHash, topic(market)];
  const poked = await lastLog(view, spotOracle, topics, dueAt);
  const renewedAt = poked === null ? 0 : (await view.provider.getBlock(poked.blockNumber))!.timestamp;
  if (renewedAt > dueAt) return skip(`poked ${view.head.timestamp - renewedAt} s ago`);
  const call = { contract: spotOracle, method: "poke", values: [market] };
  return deedOf(view, "poke", "renew quote/USD and the average", call);
}

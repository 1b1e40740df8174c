/** The spot oracle's cached word: each part of it renewed at half of the age up to which it is fresh, where its source has something newer. */
import { SPOT_REASONS } from "@meniscus/sdk/oracles";
import { type Decision, skip } from "../deed.ts";
import { deedOf, lastLog, topic, type View } from "../view.ts";

/** Seconds after a poke that left a part of the word old, before which there is no other. */
const AGAIN = 60;

export async function poke(view: View): Promise<Decision> {
  const { spotOracle, market } = view.contracts;
  const now = view.head.timestamp;
  const { cacheMaxAge } = await spotOracle.getFunction("limits")(market);
  const dueAt = now - Math.floor(Number(cacheMaxAge) / 2);
  const last = await lastPoke(view, dueAt);
  const { average } = await spotOracle.getFunction("sources")(market);
  const parts = BigInt(average.pool) === 0n ? (["quoteUsd"] as const) : (["quoteUsd", "average"] as const);
  const old = parts.filter((part) => last[part] <= dueAt);
  if (old.length === 0) return skip(`renewed ${now - Math.min(...parts.map((part) => last[part]))} s ago`);
  if (now - last.at < AGAIN) return skip(`poked ${now - last.at} s ago, and ${old.join(" and ")} stayed old`);
  const seen = await spotOracle.getFunction("observe")(market);
  const reasonOf = (part: (typeof parts)[number]) => SPOT_REASONS[Number(seen[part].reason)]!;
  if (old.every((part) => reasonOf(part) !== "None"))
    return skip(`a poke would renew nothing: ${old.map((part) => `${part} ${reasonOf(part)}`).join(", ")}`);
  const call = { contract: spotOracle, method: "poke", values: [market] };
  return deedOf(view, "poke", "renew quote/USD and the average", call);
}

/**
 * When the oracle was poked last, and of when each part of its word is since then, unix seconds; zeros where that was long before `sinceAt`.
 * @throws where a poke of ours since then is later than any that the node has the event of: each look would find another one due
 */
async function lastPoke(view: View, sinceAt: number): Promise<Record<"at" | "quoteUsd" | "average", number>> {
  const { spotOracle, market } = view.contracts;
  const topics = [spotOracle.interface.getEvent("Poked")!.topicHash, topic(market)];
  const log = await lastLog(view, spotOracle, topics, sinceAt);
  const at = log === null ? 0 : (await view.provider.getBlock(log.blockNumber))!.timestamp;
  const ownAt = view.doneAt("poke");
  if (ownAt !== null && ownAt > sinceAt && at < ownAt)
    throw new Error(
      `the node does not serve the event of our poke ${view.head.timestamp - ownAt} s ago: name one that does`,
    );
  if (log === null) return { at: 0, quoteUsd: 0, average: 0 };
  const { quoteUsdAt, averageAt } = spotOracle.interface.parseLog(log)!.args;
  return { at, quoteUsd: Number(quoteUsdAt), average: Number(averageAt) };
}

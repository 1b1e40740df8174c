/** What reports cost a day, held against what they may: the node names the tip, and nobody else looks at the account. */
import { formatEther } from "ethers";
import type { Cost } from "../store/store.ts";

const CHAIN_DECIDED: readonly Cost["state"][] = ["mined", "outrun", "reverted"];

/** A nonce is used up once: by what was mined, or else by the dearest of those that a node may have. */
function costOfNonce(costs: readonly Cost[]): bigint {
  const paid = costs.filter(({ state }) => CHAIN_DECIDED.includes(state));
  if (paid.length > 0) return paid.reduce((sum, { wei }) => sum + wei, 0n);
  return costs.reduce((most, { state, wei }) => (state !== "refused" && wei > most ? wei : most), 0n);
}

const total = (costs: readonly Cost[]): bigint =>
  [...Map.groupBy(costs, ({ nonce }) => nonce).values()].reduce((sum, group) => sum + costOfNonce(group), 0n);

/** Why a transaction that costs `wei` at most is not within the day's budget, after what the day has cost already; null where it is. */
export function overBudget(
  { nonce, wei }: Pick<Cost, "nonce" | "wei">,
  costs: readonly Cost[],
  dailyBudget: bigint,
): string | null {
  if (total([...costs, { nonce, wei, state: "open" }]) <= dailyBudget) return null;
  const left = dailyBudget - total(costs);
  const [had, day, most] = [left > 0n ? left : 0n, dailyBudget, wei].map(formatEther);
  return `over the day's gas budget: ${had} of ${day} ether left, at most ${most} needed. Wait, or raise dailyBudgetEther and restart`;
}

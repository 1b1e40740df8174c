/** What reports cost a day, held against what they may: the node names the tip, and nobody else looks at the account. */
import { formatEther } from "ethers";
import { type Cost, MINED_STATES } from "../store/store.ts";
import type { Reason } from "./rules.ts";

/** A nonce is used up once: by what was mined, or else by the dearest of those that a node may have. */
function costOfNonce(costs: readonly Cost[]): bigint {
  const paid = costs.filter(({ state }) => MINED_STATES.includes(state));
  if (paid.length > 0) return paid.reduce((sum, { wei }) => sum + wei, 0n);
  return costs.reduce((most, { state, wei }) => (state !== "refused" && wei > most ? wei : most), 0n);
}

const total = (costs: readonly Cost[]): bigint =>
  [...Map.groupBy(costs, ({ nonce }) => nonce).values()].reduce((sum, group) => sum + costOfNonce(group), 0n);

/** Reports for which the last tenth of a day's budget is kept: without a mark an epoch writes no option. */
const KEPT_FOR: readonly Reason[] = ["mark", "first"];

/** Why a transaction that costs `wei` at most is not within the day's budget, after what the day has cost already; null where it is. */
export function overBudget(
  { nonce, wei, why }: Pick<Cost, "nonce" | "wei"> & { readonly why: Reason },
  costs: readonly Cost[],
  dailyBudget: bigint,
): string | null {
  const isKeptFor = KEPT_FOR.includes(why);
  const room = isKeptFor ? dailyBudget : (dailyBudget * 9n) / 10n;
  if (total([...costs, { nonce, wei, state: "open" }]) <= room) return null;
  const left = room - total(costs);
  const [had, day, most] = [left > 0n ? left : 0n, room, wei].map(formatEther);
  const share = isKeptFor ? "" : " for all but the mark";
  return `over the day's gas budget: ${had} of ${day} ether left${share}, at most ${most} needed. Wait, or raise dailyBudgetEther and restart`;
}

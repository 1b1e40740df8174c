/** What the intent log says of each nonce: which are open, and what was spent. */
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import type { Deed } from "../deed.ts";
import type { Entry, Final, Intent } from "./journal.ts";

/** A nonce that is not final, with every version that was signed for it, the last one standing. */
export interface Open {
  nonce: number;
  versions: Intent[];
  latest: Intent;
}

export function openNonces(entries: readonly Entry[]): Open[] {
  const byNonce = new Map<number, Intent[]>();
  for (const entry of entries) {
    if (entry.type === "final") byNonce.delete(entry.nonce);
    else byNonce.set(entry.nonce, [...(byNonce.get(entry.nonce) ?? []), entry]);
  }
  return [...byNonce]
    .sort(([one], [other]) => one - other)
    .map(([nonce, versions]) => ({ nonce, versions, latest: versions.at(-1)! }));
}

/** The most that a nonce can cost: what the dearest of its versions can. */
export const worstCost = (versions: readonly Pick<Intent, "gasLimit" | "maxFeePerGas">[]): bigint =>
  versions
    .map(({ gasLimit, maxFeePerGas }) => BigInt(gasLimit) * BigInt(maxFeePerGas))
    .reduce((one, other) => (one > other ? one : other), 0n);

/** What the last 24 hours cost, open nonces at the most that one of their versions can cost; of all loops, or of some. */
export function spentSince(entries: readonly Entry[], at: number, jobs?: readonly Deed["job"][]): bigint {
  const jobOf = new Map<number, Deed["job"]>();
  for (const entry of entries) if (entry.type === "intent") jobOf.set(entry.nonce, entry.deed.job);
  const isCounted = ({ nonce }: { nonce: number }) => jobs === undefined || jobs.includes(jobOf.get(nonce)!);
  const final = entries.filter(
    (entry): entry is Final => entry.type === "final" && entry.at > at - SECONDS_PER_DAY,
  );
  const open = openNonces(entries).filter(isCounted);
  const worst = open.map(({ versions }) => worstCost(versions));
  return [...final.filter(isCounted).map(({ cost }) => BigInt(cost)), ...worst].reduce(
    (sum, cost) => sum + cost,
    0n,
  );
}

/** What is due every few minutes, and dearer by strangers' positions: unlimited it takes the budget of loops that are due a few times a day. */
const KEEPING: readonly Deed["job"][] = ["mark", "poke"];
/** What strangers can have done often, too: a fill that somebody is before, at each auction of a day, costs its gas and earns nothing. */
const OFTEN: readonly Deed["job"][] = [...KEEPING, "hedge"];

/** What some loops together may use up of the day's budget, in hundredths. */
interface Share {
  whose: string;
  jobs: readonly Deed["job"][];
  percent: bigint;
}

/**
 * With an old book or an old cache no hedge is possible: pokes, and refreshes that are needed, may go beyond the half that other refreshes stop at. The
 * last quarter is not theirs, and the last tenth not hedge's: it is settle's and epoch's alone.
 */
function shareOf({ job, isNeeded }: Deed): Share | null {
  if (job === "hedge") return { whose: "mark's, poke's and hedge's", jobs: OFTEN, percent: 90n };
  if (!KEEPING.includes(job)) return null;
  return { whose: "mark's and poke's", jobs: KEEPING, percent: job === "poke" || isNeeded ? 75n : 50n };
}

/** Of a deed, in wei. */
export interface Cost {
  /** All of its gas limit at the dearest that it offers: some 2.6 times what is paid. */
  most: bigint;
  /** What it uses now at the price of now. */
  likely: bigint;
}

/**
 * Why a deed is not within the day's budget; null where it is. The whole holds whatever happens, so against the most. A share is held against what is
 * likely, and not against mark's or poke's first deed in 24 hours: else dear gas would leave both undone with the budget unspent.
 */
export function overBudget(
  deed: Deed,
  { most, likely }: Cost,
  { entries, at, dailyBudget }: { entries: readonly Entry[]; at: number; dailyBudget: bigint },
): string | null {
  const left = dailyBudget - spentSince(entries, at);
  if (most > left) return `over the day's gas budget: ${left} wei left, at most ${most} needed`;
  const share = shareOf(deed);
  if (share === null) return null;
  if (KEEPING.includes(deed.job) && spentSince(entries, at, [deed.job]) === 0n) return null;
  const { whose, jobs, percent } = share;
  const room = (dailyBudget * percent) / 100n - spentSince(entries, at, jobs);
  return likely > room
    ? `over ${whose} share of the day's gas budget: ${room} wei left of ${percent} %, some ${likely} needed`
    : null;
}

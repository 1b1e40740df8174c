/** What the intent log says of each nonce: which are open, and what was spent. */
import type { Entry, Final, Intent } from "./journal.ts";

const DAY = 86_400;

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

/** The most that a version can cost. */
export const worstCost = ({ gasLimit, maxFeePerGas }: Pick<Intent, "gasLimit" | "maxFeePerGas">): bigint =>
  BigInt(gasLimit) * BigInt(maxFeePerGas);

/** What the last 24 hours cost, open nonces at the most that one of their versions can cost. */
export function spentSince(entries: readonly Entry[], at: number): bigint {
  const final = entries.filter((entry): entry is Final => entry.type === "final" && entry.at > at - DAY);
  const open = openNonces(entries).map(({ versions }) =>
    versions.map(worstCost).reduce((one, other) => (one > other ? one : other)),
  );
  return [...final.map(({ cost }) => BigInt(cost)), ...open].reduce((sum, cost) => sum + cost, 0n);
}

/** What the fitter gives: one certified smile per expiry, or the reason why there is none. */
import type { SviParams } from "@meniscus/sdk/svi";
import type { Certificate } from "../certificate/check.ts";
import type { CleanExpiry } from "../chain/chain.ts";

/**
 * - good: six or more quotes of the fit filter on both sides of the money determine the smile, and it meets them (`judge.ts`);
 * - thin: fewer, or on one side, or none near the money, or with under a quarter of a day to live: the shape leans on the last good one or on
 *   the neighbours. Or the forward is a guess. Or no smile without arbitrage meets the quotes: they contradict themselves, the neighbours'
 *   or the forward;
 * - carried over: no quote of its own; the last surface's smile, aged;
 * - fallback: the joint fit found no certified smile, so this is the slice of the eSSVI surface nearest to the quotes.
 */
export type Quality = "good" | "thin" | "carried over" | "fallback";

/** Whether a slice follows quotes of today: neither the last surface's, nor the nearest of a family too stiff for them. */
export function isQuoted({ quality }: Pick<FittedSlice, "quality">): boolean {
  return quality === "good" || quality === "thin";
}

/** A smile that its own quotes determined, and `tau` then. */
export interface GoodSmile {
  readonly params: SviParams;
  readonly tau: number;
}

export interface FittedSlice {
  readonly expiryAt: number;
  /** Years on the variance clock. */
  readonly tau: number;
  /**
   * The smile of the expiry when it was last good: its own if it is good; null if it never was. Later looks lean on it, and never on a thin
   * one: that would be leaning on what it was leant on, which from look to look comes to nothing. A good one that leaves out a new wing,
   * because the last is fresh and has none, does not renew it.
   */
  readonly lastGood: GoodSmile | null;
  readonly forward: number;
  /** Whose it is: the venue's, put-call parity's, or for want of both that of the curve through the other expiries, which is a guess. */
  readonly forwardFrom: CleanExpiry["forwardFrom"];
  /** ln(F/S). */
  readonly basis: number;
  /** As the on-chain word holds them. */
  readonly params: SviParams;
  /** The packed word, report time and basis included, no flags. */
  readonly word: bigint;
  readonly quality: Quality;
  /** Quotes that the smile was fitted to. */
  readonly quotes: number;
  /** Quotes left out as outliers. */
  readonly outliers: number;
  /** Over the quotes of the fit filter, or over all that were used where the slice has fewer than six: unweighted, in vol points. */
  readonly rmse: number;
  /** How many of the same quotes have the smile between bid and ask; `counted` is their number. */
  readonly inside: number;
  readonly counted: number;
}

export interface RefusedExpiry {
  readonly expiryAt: number;
  readonly reason: string;
}

export interface Surface {
  readonly source: string;
  readonly currency: string;
  readonly snapshotAt: number;
  readonly spot: number;
  /** Ascending by expiry. */
  readonly slices: readonly FittedSlice[];
  readonly refused: readonly RefusedExpiry[];
  /** Proof that the words of `slices` have neither butterfly nor calendar arbitrage. */
  readonly certificate: Certificate;
}

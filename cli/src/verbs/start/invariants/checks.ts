/** The invariants that a finished story can be held to, each worked out from plain readings of the chain by its own definition. */
import { BASE_UNIT, QUOTE_UNIT } from "@meniscus/sdk/pool/bookWords";
import { SIDES } from "@meniscus/sdk/sides";
import { WAD } from "@meniscus/sdk/wad";
import type { AccountAtExpiry, Readings } from "./readings.ts";
import { mostOwed, plainSum } from "./worstCase.ts";

type Check = (readings: Readings) => boolean;

const sum = <Item>(items: readonly Item[], of: (item: Item) => bigint): bigint =>
  items.reduce((total, item) => total + of(item), 0n);
const size = (value: bigint): bigint => (value < 0n ? -value : value);

/** Whether what is locked for an expiry, in both assets, compares with what its positions ask for as `compare` says. */
const isLocked =
  (ask: typeof mostOwed, compare: (locked: bigint, asked: bigint) => boolean) => (at: AccountAtExpiry) =>
    SIDES.every((side) => compare(at.locked[side], ask(at.positions, side, at.decimals[side])));

/** By id; each is true where the invariant holds. */
export const CHECKS: Readonly<Record<string, Check>> = {
  // Who owns it all is known: what lies beyond is dust of roundings, a unit for each payment.
  C1: ({ tokens, payments }) =>
    tokens.every(({ balance, owned }) => {
      const beyond = balance - sum(owned, ({ assets }) => assets);
      return beyond >= 0n && beyond <= payments;
    }),
  C2: ({ series }) =>
    series.every(({ positions, supply }) => sum(positions, (amount) => amount) + supply === 0n),
  C3: ({ accounts }) => accounts.every(isLocked(mostOwed, (locked, owed) => locked >= owed)),
  C4: ({ accounts, locked }) =>
    accounts.every((at) =>
      isLocked(at.plainSums ? plainSum : mostOwed, (is, recomputed) => is === recomputed)(at),
    ) &&
    locked.every(({ account, side, total }) => {
      const parts = accounts.filter((at) => at.account === account);
      return sum(parts, (at) => at.locked[side]) === total;
    }),
  P9: ({ impacts, released, reserve }) => {
    let held = 0n;
    for (const impact of impacts) {
      held += impact;
      // Each is cut to a unit on its way into the word.
      if (held < -QUOTE_UNIT * BigInt(impacts.length)) return false;
    }
    return size(held - released - reserve) <= QUOTE_UNIT * BigInt(impacts.length + 1);
  },
  V4: ({ marks }) =>
    marks.every((mark) => mark.tranches.every(({ entry, mid, exit }) => entry >= mid && mid >= exit)),
  V5: ({ tranches }) =>
    tranches.every(
      ({ balance, pending, claimable, claims, shares, holders }) =>
        balance >= pending + claimable &&
        sum(claims, (claim) => claim) <= claimable &&
        sum(holders, (holder) => holder) === shares,
    ),
  V9: ({ marks }) =>
    marks.every(({ spot, equity, base, quote }) => {
      const claims = (base * spot) / WAD + quote;
      return size(claims - equity) <= (BASE_UNIT * spot) / WAD + 2n * QUOTE_UNIT;
    }),
  H1: ({ hedges, boundPpm }) =>
    hedges.every(({ price, spot }) => size(price - spot) * 1_000_000n <= boundPpm * spot),
  H3: ({ hedges }) =>
    hedges.every(({ before, after }) => size(after) <= size(before) && after * before >= 0n),
  T1: ({ settlements }) => settlements.every(({ price, average }) => size(price - average) <= 1n),
  T2: ({ settlements }) =>
    settlements.every(({ redeemed, realized, payments }) =>
      SIDES.every((side) => {
        const kept = -(redeemed[side] + realized[side]);
        return kept >= 0n && kept <= payments;
      }),
    ),
  T5: ({ settlements }) =>
    settlements.every(
      ({ supply, stillLocked, openPositions }) => supply === 0n && stillLocked === 0n && openPositions === 0,
    ),
};

/** The ids whose invariant the readings break. */
export const brokenInvariants = (readings: Readings): string[] =>
  Object.entries(CHECKS).flatMap(([id, holds]) => (holds(readings) ? [] : [id]));

/**
 * Where an epoch's result came from: its parts, out of two marks and the events between them, which sum to the unit.
 *
 *   total = E_1 - (b_0 S_1 + q_0)        what the vault made against holding its claims; E_1 before flows, with the rent released
 *
 *   fees            fees and age spreads of the trades
 *   rent            released to both tranches
 *   impact          what the reserve held beyond the potential at the epoch's end: equity from that mark on
 *   hedging         minus what hedges cost against the report's spot
 *   delta           D_0 (S_1 - S_0) + sum_hedges base (S_1 - S_i) - sum_legs amount delta_i (S_1 - S_i)
 *                   with D_0 = delta of the options + B_0 - b_0: the delta as it was carried
 *   gammaAndTheta   -[ V(S_1, t_1, slices_0) - V(S_0, t_0, slices_0) - delta_0 (S_1 - S_0) ]   of what was written at the first mark
 *   vega            -[ V(S_1, t_1, slices_1) - V(S_1, t_1, slices_0) ]                         of the same
 *   residual        the rest: what the epoch's own trades did beside delta, clamps of the mark, settlement against S_1
 *
 * `premium` (options sold less bought, at their value) is cash against a liability of the same size: told, and no part of the sum.
 */
import { tauAt } from "../clock.ts";
import type { Leg, Slices } from "../pool/book.ts";
import { type PricedOption, priceOption } from "../pool/exposure.ts";
import { fromWad, WAD } from "../wad.ts";

/** The book at the report of an epoch's mark. Money and base in WAD, all else in float64. */
export interface EpochMark {
  readonly spot: bigint;
  /** The report's time. */
  readonly at: number;
  readonly slices: Slices;
}

/** The mark that began the epoch, with claims and balance after its flows. */
export interface EpochStart extends EpochMark {
  readonly base: bigint;
  readonly claimBase: bigint;
  readonly claimQuote: bigint;
  /** Of the vault; written ones are negative. */
  readonly positions: readonly Leg[];
}

/** One leg of a trade, as `LegTraded` tells it; positive: the taker bought. */
export interface TradedLeg {
  readonly amount: bigint;
  readonly value: bigint;
  readonly delta: bigint;
  readonly spot: bigint;
}

/** What happened between the two marks, WAD. */
export interface EpochEvents {
  readonly legs: readonly TradedLeg[];
  /** Fees and spreads of each trade. */
  readonly charges: readonly bigint[];
  /** Base that the vault bought (positive) or sold, at the report's spot, and what it cost against it. */
  readonly hedges: readonly { readonly base: bigint; readonly spot: bigint; readonly cost: bigint }[];
  readonly rent: bigint;
  readonly impact: bigint;
}

export interface Attribution {
  readonly premium: bigint;
  readonly fees: bigint;
  readonly rent: bigint;
  readonly impact: bigint;
  readonly hedging: bigint;
  readonly delta: bigint;
  readonly gammaAndTheta: bigint;
  readonly vega: bigint;
  readonly residual: bigint;
  readonly total: bigint;
}

/** `equity`: E at the second mark, before its flows, the rent that it releases included. */
export function attribute(
  start: EpochStart,
  events: EpochEvents,
  end: EpochMark,
  equity: bigint,
): Attribution {
  const move = end.spot - start.spot;
  const total = equity - product(start.claimBase, end.spot) - start.claimQuote;
  const before = valued(start.positions, start.slices, start.spot, start.at);
  const moved = valued(start.positions, start.slices, end.spot, end.at);
  const after = valued(start.positions, end.slices, end.spot, end.at);

  const parts = {
    fees: sum(events.charges, (charge) => charge),
    rent: events.rent,
    impact: events.impact,
    hedging: -sum(events.hedges, ({ cost }) => cost),
    delta:
      product(before.delta + start.base - start.claimBase, move) +
      sum(events.hedges, ({ base, spot }) => product(base, end.spot - spot)) -
      sum(events.legs, ({ amount, delta, spot }) => product(product(amount, delta), end.spot - spot)),
    gammaAndTheta: moved.value - before.value - product(before.delta, move),
    vega: after.value - moved.value,
  };
  return {
    premium: sum(events.legs, ({ amount, value }) => product(amount, value)),
    ...parts,
    residual: total - sum(Object.values(parts), (part) => part),
    total,
  };
}

/** Worth and delta of the vault's positions; an expiry that is over, or has no slice, counts its intrinsic value. */
function valued(positions: readonly Leg[], slices: Slices, spot: bigint, at: number) {
  const options = positions.map((leg) => ({ leg, ...priceAt(leg, slices, fromWad(spot), at) }));
  const total = (of: "value" | "plainDelta") =>
    roundedWad(options.reduce((all, option) => all + option.leg.amount * option[of], 0));
  return { value: total("value"), delta: total("plainDelta") };
}

function priceAt(
  leg: Leg,
  slices: Slices,
  spot: number,
  at: number,
): Pick<PricedOption, "value" | "plainDelta"> {
  const slice = slices.get(leg.expiryAt);
  if (slice !== undefined && tauAt(leg.expiryAt, at) > 0) return priceOption(leg, slice, spot, at, 1);
  const sign = leg.isPut ? -1 : 1;
  const value = Math.max(sign * (spot - leg.strike), 0);
  return { value, plainDelta: value > 0 ? sign : 0 };
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => bigint): bigint =>
  items.reduce((all, item) => all + of(item), 0n);

/** Of two WADs, towards zero. */
const product = (one: bigint, other: bigint): bigint => (one * other) / WAD;

/** To 1e-6: a greek in float64 has no more digits behind a million. */
const roundedWad = (value: number): bigint => BigInt(Math.round(value * 1e6)) * 10n ** 12n;

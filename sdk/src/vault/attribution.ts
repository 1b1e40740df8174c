/**
 * Where an epoch's result came from: its parts, out of two marks and the events between them, which sum to the unit.
 *
 *   total = E_1 - (b_0 S_1 + q_0)        what the vault made against holding its claims; E_1 before flows, with the rent released, and
 *                                        of b_0 and q_0 what providers who left at the floor did not take along
 *
 *   fees            fees and spreads of the trades: what they paid beyond their options' value, but for rent and impact
 *   rent            released to both tranches
 *   impact          what the reserve held beyond the potential at the epoch's end: equity from that mark on
 *   hedging         minus what hedges cost against the report's spot
 *   delta           (B_0 - b_0)(S_1 - S_0) + sum_hedges base (S_1 - S_i) + sum_options n delta (S_1 - S): the delta as it was carried;
 *                   besides sum_exits (claim - base taken)(S_1 - S_x), and less sum_trades base paid (S_1 - S)
 *   gammaAndTheta   sum_options n [ V(S_1, t_1, slices) - V(S, t, slices) - delta (S_1 - S) ]
 *   vega            sum_options n [ V(S_1, t_1, slices_1) - V(S_1, t_1, slices) ]
 *   residual        the rest: prices that are not the sum of their parts (intrinsic value), roundings, and what providers who left at
 *                   the floor gave up, claims at S_x less what they took, which is of those who stayed
 *
 * Options are those of the first mark, at its S, t and slices, and each leg of a trade, at the trade's: n of them are the vault's. Delta
 * is dV/dS at a smile that stands still in moneyness. An expiry that was settled by the time that the second mark was made, though
 * after its report, counts what it paid, a call's base at S_1.
 *
 * `premium` (options sold less bought, at their value) is cash against a liability of the same size: told, and no part of the sum.
 */
import { tauAt } from "../clock.ts";
import type { Leg, Slices } from "../pool/book.ts";
import { type PricedOption, priceOption } from "../pool/exposure.ts";
import type { Series } from "../series.ts";
import { fromWad, WAD } from "../wad.ts";

/** What options are valued by: of a mark its report, of a trade what that was priced by. Money and base in WAD, all else in float64. */
export interface EpochMark {
  readonly spot: bigint;
  /** The time of the report, or of the trade. */
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

/**
 * One leg of a trade, as `LegTraded` tells it; positive: the taker bought. `spot`: the trade's lowest, but of a sale at the floor the last
 * report's, for the floor's own is a bound below spot, and 0 where no spot is alive.
 */
export interface TradedLeg extends EpochMark {
  readonly series: Pick<Series, "expiryAt" | "strike" | "isPut">;
  readonly amount: bigint;
  /** 0 where a sale at the floor was not priced: the model's value at its S, t and slices stands for it. */
  readonly value: bigint;
}

/** What happened between the two marks, WAD. */
export interface EpochEvents {
  readonly legs: readonly TradedLeg[];
  /**
   * Parts of each trade, as `Traded` tells them; `value` is at the worst of several spots, a leg's own at the lowest. `base`: what a sale
   * was paid in base for want of quote, which counted at `spot`.
   */
  readonly trades: readonly {
    readonly value: bigint;
    readonly spread: bigint;
    readonly fee: bigint;
    readonly base: bigint;
    readonly spot: bigint;
  }[];
  /** Base that the vault bought (positive) or sold, at the report's spot, and what it cost against it. */
  readonly hedges: readonly { readonly base: bigint; readonly spot: bigint; readonly cost: bigint }[];
  /** Exits of providers at the floor: the claims that were lowered, what was taken, and the report's spot then. */
  readonly exits: readonly {
    readonly claimBase: bigint;
    readonly claimQuote: bigint;
    readonly base: bigint;
    readonly quote: bigint;
    readonly spot: bigint;
  }[];
  /** Prices of the expiries that were settled, by expiry. */
  readonly settled: ReadonlyMap<number, bigint>;
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
  const claimBase = start.claimBase - sum(events.exits, (exit) => exit.claimBase);
  const claimQuote = start.claimQuote - sum(events.exits, (exit) => exit.claimQuote);
  const total = equity - product(claimBase, end.spot) - claimQuote;
  const traded = events.legs.map(({ series: { expiryAt, strike, isPut }, amount, ...held }) => ({
    ...held,
    positions: [{ expiryAt, strike: fromWad(strike), isPut, amount: -fromWad(amount) }],
  }));
  const options = [start, ...traded].map((held) => optionParts(held, end, events.settled));
  const premium = events.legs.reduce(
    (all, { amount, value }, i) => all + (value === 0n ? -options[i + 1]!.worth : product(amount, value)),
    0n,
  );

  const parts = {
    fees: sum(events.trades, ({ value, spread, fee }) => value + spread + fee) - premium,
    rent: events.rent,
    impact: events.impact,
    hedging: -sum(events.hedges, ({ cost }) => cost),
    delta:
      product(start.base - start.claimBase, end.spot - start.spot) +
      sum(events.hedges, ({ base, spot }) => product(base, end.spot - spot)) +
      sum(events.exits, ({ claimBase, base, spot }) => product(claimBase - base, end.spot - spot)) -
      sum(events.trades, ({ base, spot }) => product(base, end.spot - spot)) +
      sum(options, ({ delta }) => delta),
    gammaAndTheta: sum(options, ({ gammaAndTheta }) => gammaAndTheta),
    vega: sum(options, ({ vega }) => vega),
  };
  return {
    premium,
    ...parts,
    residual: total - sum(Object.values(parts), (part) => part),
    total,
  };
}

interface HeldOptions extends EpochMark {
  /** Of the vault; written ones are negative. */
  readonly positions: readonly Leg[];
}

/** What options that the vault had from `held` on made until `end`, by their greeks as of `held`. */
function optionParts(held: HeldOptions, end: EpochMark, settled: EpochEvents["settled"]) {
  const { positions, slices } = held;
  const before = valued(positions, slices, held);
  const moved = valued(positions, slices, end, settled);
  const after = valued(positions, end.slices, end, settled);
  const delta = product(before.delta, end.spot - held.spot);
  const gammaAndTheta = moved.value - before.value - delta;
  return { worth: before.value, delta, gammaAndTheta, vega: after.value - moved.value };
}

/**
 * Worth and delta of positions: of an expiry that was settled by then what it paid, of one that is over or has no slice its intrinsic
 * value. An epoch's end realizes all that is settled: what expired after the report, too, where it comes late.
 */
function valued(
  positions: readonly Leg[],
  slices: Slices,
  { spot, at }: EpochMark,
  settled: EpochEvents["settled"] = new Map(),
) {
  const options = positions.map((leg) => ({
    leg,
    ...priceAt(leg, slices, fromWad(spot), at, settled.get(leg.expiryAt)),
  }));
  const total = (of: "value" | "plainDelta") =>
    roundedWad(options.reduce((all, option) => all + option.leg.amount * option[of], 0));
  return { value: total("value"), delta: total("plainDelta") };
}

function priceAt(
  leg: Leg,
  slices: Slices,
  spot: number,
  at: number,
  settledAt: bigint | undefined,
): Pick<PricedOption, "value" | "plainDelta"> {
  const sign = leg.isPut ? -1 : 1;
  if (settledAt !== undefined) {
    const price = fromWad(settledAt);
    const payoff = Math.max(sign * (price - leg.strike), 0);
    // A call has paid base, a put quote.
    if (leg.isPut) return { value: payoff, plainDelta: 0 };
    return { value: (payoff / price) * spot, plainDelta: payoff / price };
  }
  const slice = slices.get(leg.expiryAt);
  if (slice !== undefined && tauAt(leg.expiryAt, at) > 0) return priceOption(leg, slice, spot, at, 1);
  const value = Math.max(sign * (spot - leg.strike), 0);
  return { value, plainDelta: value > 0 ? sign : 0 };
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => bigint): bigint =>
  items.reduce((all, item) => all + of(item), 0n);

/** Of two WADs, towards zero. */
const product = (one: bigint, other: bigint): bigint => (one * other) / WAD;

/** To 1e-6: a greek in float64 has no more digits behind a million. */
const roundedWad = (value: number): bigint => BigInt(Math.round(value * 1e6)) * 10n ** 12n;

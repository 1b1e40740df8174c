/**
 * The price of a trade by docs/decisions/0007-pool.md in reals of 192 digits, from WAD numbers and slice words as the contracts hold them:
 * what the contracts' price is compared with. It shares no code with the sdk's model but the fields of the word.
 *
 * Exposures are cut as the page says (towards zero, 1e-6 of quote and 1e-9 of base, for each expiry). Not rounded: all else.
 */
import { fromRatio, multiply, ONE } from "../../../scripts/coefficients/real.ts";
import { fromWad } from "../reference.ts";
import { chargesOf, rentOf } from "./referenceCharges.ts";
import { referenceOption } from "./referenceOption.ts";
import { impactAt, type ReferenceChange } from "./referencePotential.ts";
import {
  type PricedReferenceLeg,
  type ReferenceBook,
  type ReferenceTrade,
  rootWeight,
  sumOf,
} from "./referenceTrade.ts";

const WAD = 10n ** 18n;

/** Reals; `paidShare` is t of a sale. */
export interface ReferencePrice {
  readonly value: bigint;
  readonly impact: bigint;
  readonly spread: bigint;
  readonly fee: bigint;
  readonly rentBase: bigint;
  readonly rentQuote: bigint;
  readonly cost: bigint;
  readonly paidShare: bigint;
}

/** A real as WAD, rounded down. */
export const realToWad = (x: bigint): bigint =>
  (x * WAD) / ONE - (x < 0n && (x * WAD) % ONE !== 0n ? 1n : 0n);

export function referencePrice(trade: ReferenceTrade): ReferencePrice {
  const low = fromWad(trade.spots.low);
  const legs = priceLegs(trade, trade.words, low);
  const value = worstValue(trade);
  const { spread, fee } = chargesOf(legs, trade);
  const change = changeOf(legs, trade.book);
  const costAt = (t: bigint) => {
    const rent = rentOf(legs, t, trade);
    const impact = impactAt(trade, change, t);
    const [part, allowance] = [
      multiply(t, value + spread + fee),
      fromRatio(BigInt(change.expiries.size), 1_000_000n),
    ];
    return { cost: part + impact + rent.base + rent.quote + allowance, impact, rent };
  };
  const isSale = trade.legs.every(({ amount }) => amount < 0n);
  const t = isSale ? cheapest((share) => costAt(share).cost) : ONE;
  const { cost, impact, rent } = costAt(t);
  return {
    value: multiply(t, value),
    impact,
    spread: multiply(t, spread),
    fee: multiply(t, fee),
    rentBase: rent.base,
    rentQuote: rent.quote,
    cost: isSale && cost > 0n ? 0n : cost,
    paidShare: t,
  };
}

function priceLegs(
  { legs, now, parameters }: ReferenceTrade,
  words: ReadonlyMap<number, bigint>,
  spot: bigint,
): PricedReferenceLeg[] {
  return legs.map((leg) => ({
    leg,
    amount: fromWad(leg.amount),
    option: referenceOption(
      leg,
      words.get(leg.expiryAt)!,
      spot,
      BigInt(now),
      parameters.potential.stickiness,
    ),
  }));
}

function worstValue(trade: ReferenceTrade): bigint {
  const surfaces = [trade.words];
  if (trade.previous !== undefined) surfaces.push(new Map([...trade.words, ...trade.previous]));
  const values = surfaces.flatMap((words) =>
    [trade.spots.low, trade.spots.high].map((spot) =>
      sumOf(priceLegs(trade, words, fromWad(spot)), ({ value }) => value),
    ),
  );
  return values.reduce((most, value) => (value > most ? value : most));
}

/** Towards zero to 1e-6 and 1e-9. */
const cut = (x: bigint, places: bigint): bigint => fromRatio((x * places) / ONE, places);

function changeOf(legs: readonly PricedReferenceLeg[], book: ReferenceBook): ReferenceChange {
  const expiries = new Map<number, { vega: bigint; vegaSkew: bigint; gamma: bigint }>();
  for (const expiryAt of new Set(legs.map(({ leg }) => leg.expiryAt))) {
    const own = legs.filter(({ leg }) => leg.expiryAt === expiryAt);
    const held = book.expiries.get(expiryAt);
    const weight = held === undefined ? rootWeight(own[0]!.option.tau, 28n, 270n) : fromWad(held.weight);
    expiries.set(expiryAt, {
      vega: cut(
        multiply(
          weight,
          sumOf(own, ({ vega }) => vega),
        ),
        10n ** 6n,
      ),
      vegaSkew: cut(
        multiply(
          weight,
          sumOf(own, ({ vegaSkew }) => vegaSkew),
        ),
        10n ** 6n,
      ),
      gamma: cut(
        sumOf(own, ({ gamma }) => gamma),
        10n ** 6n,
      ),
    });
  }
  return {
    vega: [...expiries.values()].reduce((sum, { vega }) => sum + vega, 0n),
    gamma: [...expiries.values()].reduce((sum, { gamma }) => sum + gamma, 0n),
    optionsDelta: -cut(
      sumOf(legs, ({ delta }) => delta),
      10n ** 9n,
    ),
    expiries,
  };
}

/** Where a convex function on [0, 1] is least, by the golden ratio of its ends; 1 where it falls to the end. */
function cheapest(cost: (t: bigint) => bigint): bigint {
  let [low, high] = [0n, ONE];
  for (let step = 0; step < 160; step++) {
    const third = (high - low) / 3n;
    if (cost(low + third) > cost(high - third)) low += third;
    else high -= third;
  }
  return cost(ONE) <= cost(low) ? ONE : low;
}

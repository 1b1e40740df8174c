/**
 * What a trade pays besides value and impact: the spread for what nobody has reported yet, the fee, the rent of the capacity it takes.
 */
import { SECONDS_PER_DAY, SECONDS_PER_YEAR } from "../clock.ts";
import { type Book, type Leg, type PoolSurface, type Spots, seriesKey } from "./book.ts";
import { atTheMoneyVol, coverOf, type PricedOption, spreadWeight } from "./exposure.ts";
import type { ChargeParameters } from "./parameters.ts";

export interface PricedLeg {
  readonly leg: Leg;
  /** At the lowest spot, from the current slice. */
  readonly option: PricedOption;
}

/** Of the skew's vega, against the vega itself, in the spread's measure of vega at risk. */
const SKEW_SHARE = 0.35;
/** From 13:00 to 18:00 UTC the shortest vol counts more. */
const BUSY_HOURS = { from: 13 * 3600, to: 18 * 3600, factor: 1.5 };

/** sigma_short at a time of day. */
function shortVolAt(shortestVol: number, now: number): number {
  const second = now % SECONDS_PER_DAY;
  return shortestVol * (second >= BUSY_HOURS.from && second < BUSY_HOURS.to ? BUSY_HOURS.factor : 1);
}

/** Vega spread, and what spot may have moved by: of delta, and of its convexity. */
export function spreadOf(
  legs: readonly PricedLeg[],
  book: Book,
  surface: PoolSurface,
  spots: Spots,
  now: number,
  { ageSds, volOfVol, displacement }: ChargeParameters,
): number {
  const rootAge = Math.sqrt(Math.max(0, now - surface.reportAt) / SECONDS_PER_YEAR);
  let [atRisk, volAtRisk] = [0, 0];
  for (const [expiryAt, own] of byExpiry(legs)) {
    const vega = sumOf(own, ({ vega }) => vega);
    const skew = sumOf(own, ({ vegaSkew }) => vegaSkew);
    const here = spreadWeight(own[0]!.option.tau) * (Math.abs(vega) + SKEW_SHARE * Math.abs(skew));
    atRisk += here;
    volAtRisk += atTheMoneyVol(surface.slices.get(expiryAt)!, expiryAt) * here;
  }
  const moved = Math.max(Math.abs(spots.low / surface.spot - 1), Math.abs(spots.high / surface.spot - 1));
  const vegaSpread = ageSds * volOfVol * rootAge * volAtRisk + displacement * moved * atRisk;
  const spotAge = Math.max(0, now - (spots.hasSigned ? surface.reportAt : spots.observedAt));
  const unseen =
    (spots.hasSigned ? 0 : spots.deviation) +
    ageSds * shortVolAt(book.shortestVol, now) * Math.sqrt(spotAge / SECONDS_PER_YEAR);
  const delta = Math.abs(sumOf(legs, (option) => option.delta)) * spots.high;
  const convexity = Math.abs(sumOf(legs, (option) => option.convexity));
  return vegaSpread + (delta + (convexity * unseen) / 2) * unseen;
}

/** Per leg the larger of a share of vega and one of notional; of a sale at most a share of the value. */
export function feeOf(
  legs: readonly PricedLeg[],
  spot: number,
  { feeVol, feeNotional, feeOfValue }: ChargeParameters,
): number {
  return legs.reduce((sum, { leg, option }) => {
    const fee = Math.max(feeVol * option.vega, feeNotional * spot);
    const perOption = leg.amount < 0 ? Math.min(fee, feeOfValue * option.value) : fee;
    return sum + Math.abs(leg.amount) * perOption;
  }, 0);
}

const KINK = 0.8;

/** Yearly rent at a use of capacity. */
function rentRate(use: number, { rentBelow, rentAtKink, rentFull }: ChargeParameters): number {
  if (use <= KINK) return rentBelow + ((rentAtKink - rentBelow) * Math.max(0, use)) / KINK;
  return rentAtKink + ((rentFull - rentAtKink) * (Math.min(use, 1) - KINK)) / (1 - KINK);
}

/** The rent to each tranche for `share` of the trade, at the use as of the last refresh: one rate for whatever is traded until the next. */
export function rentOf(
  legs: readonly PricedLeg[],
  share: number,
  book: Book,
  spot: number,
  charges: ChargeParameters,
): { readonly base: number; readonly quote: number } {
  const baseRate = rentRate(book.baseUse, charges);
  const quoteRate = rentRate(book.quoteUse, charges);
  let [base, quote] = [0, 0];
  for (const { leg, option } of legs) {
    const position = book.positions.get(seriesKey(leg))?.amount ?? 0;
    const [before, after] = [coverOf(leg, position), coverOf(leg, position - share * leg.amount)];
    base += option.tau * spot * Math.max(0, after.base - before.base) * baseRate;
    quote += option.tau * Math.max(0, after.quote - before.quote) * quoteRate;
  }
  return { base, quote };
}

/** Its derivative in `share`. Rent is linear but where a position crosses zero or what it was. */
export function rentSlope(
  legs: readonly PricedLeg[],
  share: number,
  book: Book,
  spot: number,
  charges: ChargeParameters,
): number {
  const [baseRate, quoteRate] = [rentRate(book.baseUse, charges), rentRate(book.quoteUse, charges)];
  return legs.reduce((sum, { leg, option }) => {
    const position = book.positions.get(seriesKey(leg))?.amount ?? 0;
    const moved = position - share * leg.amount;
    const [before, after] = [coverOf(leg, position), coverOf(leg, moved)];
    const each = coverOf(leg, Math.sign(moved));
    const growth = -leg.amount * Math.sign(moved);
    const base = after.base > before.base ? growth * each.base : 0;
    const quote = after.quote > before.quote ? growth * each.quote : 0;
    return sum + option.tau * (spot * base * baseRate + quote * quoteRate);
  }, 0);
}

export function byExpiry(legs: readonly PricedLeg[]): Map<number, PricedLeg[]> {
  return Map.groupBy(legs, ({ leg }) => leg.expiryAt);
}

export function sumOf(legs: readonly PricedLeg[], of: (option: PricedOption) => number): number {
  return legs.reduce((sum, { leg, option }) => sum + leg.amount * of(option), 0);
}

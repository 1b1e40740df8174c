/** Markets and books for tests of the pool's price: plain smiles, random positions, a book refreshed from them. */

import { SECONDS_PER_DAY, tauAt } from "@meniscus/sdk/clock";
import {
  type Book,
  emptyBook,
  type Leg,
  type PoolSurface,
  type Spots,
  seriesKey,
  surfaceOfWords,
} from "@meniscus/sdk/pool/book";
import { coverOf } from "@meniscus/sdk/pool/exposure";
import { refreshed } from "@meniscus/sdk/pool/move";
import { DEFAULT_PARAMETERS, type PoolParameters } from "@meniscus/sdk/pool/parameters";
import fc from "fast-check";
import { smileWord } from "../slices.ts";

/** 09:00 UTC, outside the busy hours. */
export const NOW = 1_800_003_600;
export const SPOT = 2000;
export const EQUITY = 1_000_000;
/** The first is the last minute in which anything opens. */
export const DAYS = [61 / 1440, 0.25, 1, 3, 7, 30, 90, 180] as const;

export const expiryIn = (days: number): number => Math.round(NOW + days * SECONDS_PER_DAY);

/** The words of a surface whose report is `age` old at NOW. */
export function wordsOf(age = 12, days: readonly number[] = DAYS, vol = 0.6): [number, bigint][] {
  return days.map((count) => {
    const expiryAt = expiryIn(count);
    const tau = tauAt(expiryAt, NOW - age);
    return [expiryAt, smileWord({ vol, tau, reportAt: NOW - age })];
  });
}

export const surfaceAt = (age = 12, days: readonly number[] = DAYS, vol = 0.6): PoolSurface =>
  surfaceOfWords(SPOT, NOW - age, wordsOf(age, days, vol));

/** The signed spot and a feed that agrees with it to `apart`. */
export const spotsAround = (spot = SPOT, apart = 0): Spots => ({
  low: spot * (1 - apart),
  high: spot * (1 + apart),
  hasSigned: true,
  deviation: 0.005,
  observedAt: NOW - 12,
});

/** A book of these positions (negative: written), refreshed, with a reserve. */
export function bookOf(
  positions: readonly Leg[],
  surface: PoolSurface,
  {
    reserve = 0,
    equity = EQUITY,
    parameters = DEFAULT_PARAMETERS,
    now = NOW,
  }: {
    reserve?: number;
    equity?: number;
    parameters?: PoolParameters;
    now?: number;
  } = {},
): Book {
  const empty = emptyBook(equity, SPOT, 0.6, parameters.potential.bandFloor);
  const held = new Map<string, Leg>();
  for (const position of positions) {
    const amount = (held.get(seriesKey(position))?.amount ?? 0) + position.amount;
    held.set(seriesKey(position), { ...position, amount });
  }
  let [baseSum, quoteSum] = [0, 0];
  for (const position of held.values()) {
    const cover = coverOf(position, position.amount);
    baseSum += cover.base;
    quoteSum += cover.quote;
  }
  return refreshed({ ...empty, reserve, positions: held, baseSum, quoteSum }, surface, SPOT, now, parameters);
}

/** Evenly between the two: fc.double draws its exponents evenly, so nearly all of what it draws is next to zero. */
export const between = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 1_000_000 }).map((share) => least + ((most - least) * share) / 1_000_000);

/** Options of the surface with strikes within three standard deviations or so; `amount` between -most and most. */
export function legs(most: number, count: { min: number; max: number }): fc.Arbitrary<Leg[]> {
  const leg = fc
    .record({
      days: fc.constantFrom(...DAYS),
      sds: between(-3, 3),
      isPut: fc.boolean(),
      amount: between(-most, most).filter((amount) => amount !== 0),
    })
    .map(({ days, sds, isPut, amount }) => ({
      expiryAt: expiryIn(days),
      strike: Math.round(SPOT * Math.exp(sds * 0.6 * Math.sqrt(days / 365))),
      isPut,
      amount,
    }));
  return fc.uniqueArray(leg, { minLength: count.min, maxLength: count.max, selector: seriesKey });
}

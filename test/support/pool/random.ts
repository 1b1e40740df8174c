/** Trades drawn at random from the listed chain. */
import { seriesId } from "@meniscus/sdk/series";
import fc from "fast-check";
import { EXPIRY, expiryIn, MARKET, options, STRIKES } from "./fixture.ts";

export const LISTED = [EXPIRY, expiryIn(88)].flatMap((expiryAt) =>
  STRIKES.flatMap((strike) =>
    [false, true].map((isPut) => ({
      expiryAt,
      strike,
      isPut,
      series: seriesId({ market: MARKET, expiryAt, strike, isPut }),
    })),
  ),
);

/** Up to `legs` different series of the fixture's market, each bought or sold, at most `most` options. */
export const randomLegs = ({ most, legs }: { most: number; legs: number }) =>
  fc.uniqueArray(
    fc.record({
      series: fc.constantFrom(...LISTED.map(({ series }) => series)),
      amount: fc
        .tuple(fc.boolean(), fc.double({ min: 0.01, max: most, noNaN: true }))
        .map(([isSale, amount]) => (isSale ? -options(amount) : options(amount))),
    }),
    { minLength: 1, maxLength: legs, selector: ({ series }) => series },
  );

/** A trade of the float64 model as the reference takes it; numbers are rounded to 2^-40. */
import { type Book, type Leg, type Spots, seriesKey } from "@meniscus/sdk/pool/book";
import type { PoolParameters } from "@meniscus/sdk/pool/parameters";
import { type ReferenceBook, type ReferenceTrade, wadParameters } from "./referenceTrade.ts";

/** WAD of a float, to 2^-40. */
function wadOf(value: number): bigint {
  return (BigInt(Math.round(value * 2 ** 40)) * 10n ** 18n) >> 40n;
}

export function asReference(
  legs: readonly Leg[],
  book: Book,
  report: { readonly spot: number; readonly at: number; readonly words: ReadonlyMap<number, bigint> },
  spots: Spots,
  parameters: PoolParameters,
  now: number,
  previous?: ReadonlyMap<number, bigint>,
): ReferenceTrade {
  return {
    legs: legs.map((leg) => ({
      expiryAt: leg.expiryAt,
      strike: wadOf(leg.strike),
      isPut: leg.isPut,
      amount: wadOf(leg.amount),
      position: wadOf(book.positions.get(seriesKey(leg))?.amount ?? 0),
    })),
    book: bookAsReference(book),
    now,
    reportAt: report.at,
    reportSpot: wadOf(report.spot),
    words: report.words,
    ...(previous === undefined ? {} : { previous }),
    spots: { ...spots, low: wadOf(spots.low), high: wadOf(spots.high), deviation: wadOf(spots.deviation) },
    parameters: wadParameters(parameters),
  };
}

function bookAsReference(book: Book): ReferenceBook {
  const { expiries, positions: _, ...numbers } = book;
  const wads = Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, wadOf(value)]),
  ) as unknown as Omit<ReferenceBook, "expiries">;
  return {
    ...wads,
    expiries: new Map(
      [...expiries].map(([expiryAt, { vega, vegaSkew, gamma, weight }]) => [
        expiryAt,
        { vega: wadOf(vega), vegaSkew: wadOf(vegaSkew), gamma: wadOf(gamma), weight: wadOf(weight) },
      ]),
    ),
  };
}

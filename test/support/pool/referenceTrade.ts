/** A trade as the contracts see it, in WAD, and its legs as the reference prices them, in reals. */
import type { PoolParameters } from "@meniscus/sdk/pool/parameters";
import { divide, fromRatio, multiply, sqrt } from "../../../scripts/coefficients/real.ts";
import type { ReferenceOption } from "./referenceOption.ts";

/** WAD; `position` is the book's in the series, negative: written. */
export interface ReferenceLeg {
  readonly expiryAt: number;
  readonly strike: bigint;
  readonly isPut: boolean;
  readonly amount: bigint;
  readonly position: bigint;
}

/** WAD; vegas of the expiries weighted. */
export interface ReferenceBook {
  readonly vega: bigint;
  readonly gamma: bigint;
  readonly optionsDelta: bigint;
  readonly base: bigint;
  readonly claimBase: bigint;
  readonly baseUse: bigint;
  readonly quoteUse: bigint;
  readonly band: bigint;
  readonly reserve: bigint;
  readonly equityLow: bigint;
  readonly equityHigh: bigint;
  readonly shortestVol: bigint;
  readonly expiries: ReadonlyMap<number, { vega: bigint; vegaSkew: bigint; gamma: bigint; weight: bigint }>;
}

/** All WAD but times, in unix seconds. */
export interface ReferenceTrade {
  readonly legs: readonly ReferenceLeg[];
  readonly book: ReferenceBook;
  readonly now: number;
  readonly reportAt: number;
  readonly reportSpot: bigint;
  readonly words: ReadonlyMap<number, bigint>;
  /** In the block of a post, the words before it. */
  readonly previous?: ReadonlyMap<number, bigint>;
  readonly spots: {
    readonly low: bigint;
    readonly high: bigint;
    readonly hasSigned: boolean;
    readonly deviation: bigint;
    readonly observedAt: number;
  };
  readonly parameters: ReferenceParameters;
}

type Wads<T> = { readonly [K in keyof T]: bigint };
export interface ReferenceParameters {
  readonly potential: Wads<PoolParameters["potential"]>;
  readonly charges: Wads<PoolParameters["charges"]>;
  readonly limits: Wads<PoolParameters["limits"]>;
}

export interface PricedReferenceLeg {
  readonly leg: ReferenceLeg;
  readonly amount: bigint;
  readonly option: ReferenceOption;
}

const toWadOf = (value: number): bigint => BigInt(Math.round(value * 1e9)) * 10n ** 9n;

/** Parameters of the model as WAD, to nine places. */
export function wadParameters(parameters: PoolParameters): ReferenceParameters {
  const wads = <T extends object>(values: T) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, toWadOf(value as number)]),
    ) as Wads<T>;
  const { potential, charges, limits } = parameters;
  return { potential: wads(potential), charges: wads(charges), limits: wads(limits) };
}

export const sumOf = (legs: readonly PricedReferenceLeg[], of: (option: ReferenceOption) => bigint): bigint =>
  legs.reduce((sum, { amount, option }) => sum + multiply(amount, of(option)), 0n);

/** sqrt(30 d / tau) within bounds given in hundredths. */
export function rootWeight(tau: bigint, low: bigint, high: bigint): bigint {
  const weight = sqrt(divide(fromRatio(30n, 365n), tau));
  const [least, most] = [fromRatio(low, 100n), fromRatio(high, 100n)];
  return weight < least ? least : weight > most ? most : weight;
}

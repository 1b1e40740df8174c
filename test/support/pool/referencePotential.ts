/** The potential of decision 0007 and its difference, in reals. */
import { divide, multiply } from "../../../scripts/coefficients/real.ts";
import { fromWad } from "../reference.ts";
import type { ReferenceTrade } from "./referenceTrade.ts";

/** Reals; vegas of the expiries weighted. */
export interface ReferenceChange {
  readonly vega: bigint;
  readonly gamma: bigint;
  readonly optionsDelta: bigint;
  readonly expiries: ReadonlyMap<
    number,
    { readonly vega: bigint; readonly vegaSkew: bigint; readonly gamma: bigint }
  >;
}

/** f(x; a, lo, hi), from its three cases. */
function f(x: bigint, a: bigint, low: bigint, high: bigint): bigint {
  if (a === 0n) return 0n;
  const slope = multiply(a, x);
  if (slope > high) return multiply(high, x) - divide(multiply(high, high), 2n * a);
  if (slope < low) return multiply(low, x) - divide(multiply(low, low), 2n * a);
  return multiply(slope, x) / 2n;
}

/** Phi of the book moved by t times the change, over the terms that the change can move. */
function phi(
  { book, spots, parameters }: ReferenceTrade,
  change: ReferenceChange,
  equity: bigint,
  t: bigint,
) {
  const real = {
    ...realsOf(parameters.potential),
    vegaHigh: fromWad(parameters.limits.vegaHigh),
    gammaLimit: fromWad(parameters.limits.gamma),
  };
  const moved = (x: bigint, dx: bigint) => fromWad(x) + multiply(t, dx);
  const perExpiry = (x: bigint) => {
    const bound = multiply(real.mu, real.vegaHigh);
    return f(x, divide(real.mu, equity), -bound / 5n, bound);
  };
  let sum = f(moved(book.vega, change.vega), divide(real.lambda, equity), real.slopeLow, real.slopeHigh);
  const gammaBound = multiply(real.theta, real.gammaLimit);
  for (const [expiryAt, { vega, vegaSkew, gamma }] of change.expiries) {
    const held = book.expiries.get(expiryAt) ?? { vega: 0n, vegaSkew: 0n, gamma: 0n };
    sum += perExpiry(moved(held.vega, vega)) + perExpiry(moved(held.vegaSkew, vegaSkew));
    sum += f(moved(held.gamma, gamma), divide(real.theta, equity), -gammaBound / 5n, gammaBound);
  }
  const deltaBound = multiply(real.kappa, fromWad(spots.low));
  const delta = moved(book.optionsDelta + book.base - book.claimBase, change.optionsDelta);
  return sum + f(delta, divide(deltaBound, fromWad(book.band)), -deltaBound, deltaBound);
}

function realsOf<T extends object>(wads: T): T {
  return Object.fromEntries(
    Object.entries(wads).map(([name, value]) => [name, fromWad(value as bigint)]),
  ) as T;
}

/** Impact of t times the change. */
export function impactAt(trade: ReferenceTrade, change: ReferenceChange, t: bigint): bigint {
  const { equityLow, equityHigh, reserve } = trade.book;
  const [one, other] = [equityLow, equityHigh].map((wad) => {
    const equity = fromWad(wad);
    return phi(trade, change, equity, t) - phi(trade, change, equity, 0n);
  }) as [bigint, bigint];
  const dearest = one > other ? one : other;
  const most = -fromWad(reserve);
  return dearest > most ? dearest : most;
}

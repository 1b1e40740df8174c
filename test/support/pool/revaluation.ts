/** What a book must know of its positions, from scratch in float64 by the sdk's Black-Scholes: what {IBook.refresh} is compared with. */
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { SECONDS_PER_YEAR, SETTLEMENT_WINDOW_SECONDS } from "@meniscus/sdk/clock";
import { atTheMoneyVol, potentialWeight, priceOption } from "@meniscus/sdk/pool/exposure";
import { unquantise } from "@meniscus/sdk/slice";
import { MARKET, type Market, WAD } from "./fixture.ts";
import { positionsOf } from "./words.ts";

export interface Valued {
  vega: number;
  vegaSkew: number;
  gamma: number;
  delta: number;
  needs: { base: number; quote: number }[];
}

const SHOCKS = [0.7, 1, 1.3];
export const toFloat = (wad: bigint): number => Number(wad) / 1e18;

/** Of one expiry at `spot` and a time, its own slice aged to it. Vegas weighted; needs at 0.7 S, S and 1.3 S. */
export async function valuedOf(market: Market, expiryAt: number, spot: number, at: number): Promise<Valued> {
  const { current } = await market.surface.read!(MARKET, expiryAt);
  const slice = unquantise(current);
  const { stickinessBps } = await market.book.terms!();
  const sum: Valued = {
    vega: 0,
    vegaSkew: 0,
    gamma: 0,
    delta: 0,
    needs: SHOCKS.map(() => ({ base: 0, quote: 0 })),
  };
  for (const { strike, call, put } of await positionsOf(market, expiryAt)) {
    for (const [position, isPut] of [
      [toFloat(call), false],
      [toFloat(put), true],
    ] as const) {
      const option = { expiryAt, strike: toFloat(strike), isPut };
      const priced = priceOption(option, slice, spot, at, Number(stickinessBps) / 1e4);
      const weight = potentialWeight(priced.tau);
      sum.vega -= position * weight * priced.vega;
      sum.vegaSkew -= position * weight * priced.vegaSkew;
      sum.gamma -= position * priced.gamma;
      sum.delta += position * priced.delta;
      const ageing = (expiryAt - 1200 - at) / (expiryAt - 1200 - slice.reportAt);
      for (const [i, shock] of SHOCKS.entries()) {
        // The strike keeps its vol while spot moves.
        const moved = spot * shock;
        const discounted = option.strike * Math.exp(-slice.basis * ageing);
        const forward = (moved * option.strike) / discounted;
        const { call: value, delta } = blackScholes({
          spot: moved,
          forward,
          strike: option.strike,
          totalVariance: priced.vol ** 2 * priced.tau,
        });
        const quote = moved * delta - value;
        const need = sum.needs[i]!;
        if (position < 0) {
          need.base -= position * (1 - delta);
          need.quote -= position * quote;
        } else if (isPut) need.quote += position * (discounted - quote);
        else need.base += position * delta;
      }
    }
  }
  return sum;
}

/** What is known inside a settlement window: seconds left of it, and of those gone how many are walked, and their average. */
export interface Known {
  spot: number;
  left: number;
  walked: number;
  average: number;
}

/** Of one expiry inside its settlement window, or after: what a hedge of its options is to hold against, by the average that is expected. */
export async function windowDeltaOf(market: Market, expiryAt: number, known: Known): Promise<number> {
  const { current } = await market.surface.read!(MARKET, expiryAt);
  const vol = current === 0n ? 0 : atTheMoneyVol(unquantise(current), expiryAt);
  let sum = 0;
  for (const { strike, call, put } of await positionsOf(market, expiryAt)) {
    const { callDelta, putDelta } = windowDeltas(toFloat(strike), vol, known);
    sum += toFloat(call) * callDelta + toFloat(put) * putDelta;
  }
  return sum;
}

function windowDeltas(strike: number, vol: number, { spot, left, walked, average }: Known) {
  const share = (seconds: number) => seconds / SETTLEMENT_WINDOW_SECONDS;
  const expected = share(walked) * average + (1 - share(walked)) * spot;
  // What spot does in the time that is left, and did in the time that nobody has walked.
  const unseen = SETTLEMENT_WINDOW_SECONDS - left - walked;
  const parts = [left, unseen].map((each) => share(each) * Math.sqrt(each / 3 / SECONDS_PER_YEAR));
  const deviation = vol * spot * Math.hypot(...parts);
  const chance = Math.min(Math.max(0.5 + (expected - strike) / (2.5 * deviation), 0), 1);
  const above = deviation === 0 || left === 0 ? Number(expected > strike) : chance;
  const ratio = Math.min(strike / expected, 1);
  return {
    callDelta: 1 - ratio + (above * share(left) * ratio * spot) / expected,
    putDelta: -(1 - above) * share(left),
  };
}

/** U and M of all positions at the expiries, rounded up for each series as the book does. */
export async function sumsOf(market: Market, expiriesAt: number[]): Promise<{ base: bigint; quote: bigint }> {
  const up = (wad: bigint, unit: bigint) => ((wad + unit - 1n) / unit) * unit;
  const sum = { base: 0n, quote: 0n };
  for (const expiryAt of expiriesAt) {
    for (const { strike, call, put } of await positionsOf(market, expiryAt)) {
      for (const [position, isPut] of [
        [call, false],
        [put, true],
      ] as const) {
        const size = position < 0n ? -position : position;
        const isWritten = position < 0n;
        if (isWritten || !isPut) sum.base += up(size, 10n ** 9n);
        if (isWritten || isPut) sum.quote += up((size * strike + WAD - 1n) / WAD, 10n ** 12n);
      }
    }
  }
  return sum;
}

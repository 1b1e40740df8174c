/** Quotes as the contracts answer them, and how far that is from the same formula in float64. */
import { blackScholes } from "@meniscus/sdk/blackScholes";
import type { UnpackedSlice } from "@meniscus/sdk/slice";
import { totalVarianceFromLevel } from "@meniscus/sdk/svi";
import { fromWad, toWad } from "@meniscus/sdk/wad";
import type { SurfaceOnChain } from "../../../localMarket/surfaceOnChain.ts";

/** What the contracts answer for one strike, in float64: values and vega in quote units, vega per 1.00 of vol. */
interface QuoteReading {
  strike: number;
  call: number;
  put: number;
  /** dCall/dS. */
  delta: number;
  vega: number;
  vol: number;
}

/** What the contracts answer for one expiry. */
export interface SmileReading {
  spot: number;
  forward: number;
  /** Years on the variance clock from the block to the expiry. */
  tau: number;
  quotes: QuoteReading[];
}

/** Reads the quotes of all `strikes` of an expiry from the contracts; those outside the pricing domain are left out. */
export async function readBack(
  { market, lens }: SurfaceOnChain,
  expiryAt: number,
  strikes: readonly number[],
): Promise<SmileReading> {
  const smile = await lens.quotes!(market, expiryAt, strikes.map(toWad));
  const quotes = strikes.flatMap((strike, i): QuoteReading[] => {
    const { call, put, delta, vega, vol } = smile.quotes[i];
    if (vol === 0n) return [];
    return [
      {
        strike,
        call: fromWad(call),
        put: fromWad(put),
        delta: fromWad(delta),
        vega: fromWad(vega),
        vol: fromWad(vol),
      },
    ];
  });
  return { spot: fromWad(smile.spot), forward: fromWad(smile.forward), tau: fromWad(smile.tau), quotes };
}

/**
 * Largest |contract - float64| / spot over the options out of the money: both start from the quantised slice, aged from the report to
 * the block by the ratio of the variance clock's readings. Deep in the money float64 itself is the coarser one: a put of nine times
 * spot has a last bit of 6e-16 of spot.
 */
export function onChainError(reading: SmileReading, slice: UnpackedSlice, tauAtReport: number): number {
  const { spot, forward, tau, quotes } = reading;
  const errors = quotes.map(({ strike, call, put }) => {
    const variance = totalVarianceFromLevel(slice.level, slice.params, Math.log(strike / forward));
    const value = blackScholes({ spot, forward, strike, totalVariance: variance * (tau / tauAtReport) });
    return Math.abs(strike < forward ? value.put - put : value.call - call) / spot;
  });
  return Math.max(0, ...errors);
}

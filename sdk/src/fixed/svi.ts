/** The twin of contracts/pricing/Svi.sol: the same steps in the same order, equal to the last unit. */
import { atmVariance, b, basis, exponent, m, rho, sigma } from "../slice.ts";
import { type FixedQuote, moneyness, quote, requireDomain, requireSd } from "./blackScholes.ts";
import { discount, ONE, sqrt, twiceSqrt } from "./numerics.ts";

/** `tau` and `tauAtReport` in any one unit: only their ratio counts. */
export function quoteFromSurface(
  slice: bigint,
  spot: bigint,
  strike: bigint,
  tau: bigint,
  tauAtReport: bigint,
): FixedQuote {
  requireDomain(tau < 1n << 96n && strike < 1n << 128n, "tau or strike");
  const ageing = tauAtReport === 0n ? 0n : (tau << 96n) / tauAtReport;
  requireDomain(ageing <= ONE, "ageing");
  return quoteFromSlice(slice, spot, discount(strike, (basis(slice) * ageing) >> 31n), ageing);
}

/** `ageing` in [0, 1] as X96. */
export function quoteFromSlice(slice: bigint, forward: bigint, strike: bigint, ageing: bigint): FixedQuote {
  const { low, halfLog } = moneyness(forward, strike);
  const halfSd = halfStandardDeviation(slice, strike < forward ? ~halfLog : halfLog, ageing);
  return quote(forward, strike, low, halfLog, halfSd);
}

/** sqrt(ageing w(k)) / 2, X96, for k / 2 = ln(K/F) / 2 as X192. */
function halfStandardDeviation(slice: bigint, halfK: bigint, ageing: bigint): bigint {
  requireDomain(ageing >= 0n && ageing <= ONE, "ageing");
  const shift = exponent(slice);
  const k = halfK >> (shift + 95n);
  const centre = m(slice) << 52n;
  const width = sigma(slice) << 52n;
  const x = k - centre;
  const square = width * width;
  const bracket = ((rho(slice) * k) >> 30n) + twiceSqrt(x * x + square) - twiceSqrt(centre * centre + square);
  const w = (atmVariance(slice) << 80n) + b(slice) * bracket;
  requireDomain(w > 0n, "total variance");
  const halfSd = sqrt((w * ageing) >> 48n) << shift;
  requireSd(halfSd);
  return halfSd;
}

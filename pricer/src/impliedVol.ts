/**
 * Implied standard deviation sd = sqrt(w) of a coin price V/S = Black76/F, from k = ln(K/F).
 *
 * The in-the-money price is first turned into its out-of-the-money twin by parity; with x = -|k| the normalised price is
 * b(s) = exp(x/2) Phi(x/s + s/2) - exp(-x/2) Phi(x/s - s/2), increasing from 0 to exp(x/2). Below the inflection point
 * s = sqrt(2|x|) the logarithm of b, above it the logarithm of exp(x/2) - b is solved by bracketed Newton steps.
 */
import { millsRatio, normalCdf } from "@meniscus/sdk/normal";

export type ImpliedVolRefusal = "not a number" | "below intrinsic" | "above maximum";

const INV_SQRT_TWO_PI = 0.3989422804014327;

/** b(x, s), x <= 0 < s. */
function normalisedPrice(x: number, s: number): number {
  const h = x / s;
  const t = s / 2;
  const scale = INV_SQRT_TWO_PI * Math.exp(-0.5 * (h * h + t * t));
  return scale * (millsRatio(h + t) - millsRatio(h - t));
}

function solve(price: number, x: number): number {
  const maximum = Math.exp(x / 2);
  const inflection = Math.sqrt(-2 * x);
  const lower = price <= (inflection > 0 ? normalisedPrice(x, inflection) : 0);
  let low = lower ? 0 : inflection;
  let high = lower ? inflection : Math.max(2 * inflection, 1);
  if (!lower) while (complement(x, high) > maximum - price) high *= 2;
  let s = lower ? inflection : Math.max(inflection, Math.sqrt(2 * Math.PI) * price);
  if (!(s > low && s < high)) s = (low + high) / 2;
  for (let i = 0; i < 100; i++) {
    const h = x / s;
    const slope = INV_SQRT_TWO_PI * Math.exp(-0.5 * (h * h + (s * s) / 4));
    let step: number;
    if (lower) {
      const value = normalisedPrice(x, s);
      // A value that underflowed to 0 lies below every price; the step is then a bisection.
      step = value > 0 ? -Math.log(value / price) / (slope / value) : Number.POSITIVE_INFINITY;
    } else {
      const rest = complement(x, s);
      step = Math.log(rest / (maximum - price)) / (slope / rest);
    }
    if (step > 0) low = s;
    else high = s;
    let next = s + step;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - s) <= 1e-15 * s) return next;
    s = next;
  }
  return s;
}

/** exp(x/2) - b(x, s) as a sum of positive terms. */
function complement(x: number, s: number): number {
  return Math.exp(x / 2) * normalCdf(-x / s - s / 2) + Math.exp(-x / 2) * normalCdf(x / s - s / 2);
}

/**
 * sd >= 0 with Black's coin price equal to `price`; a refusal, never NaN, outside (intrinsic, maximum): the maximum is 1 for a call
 * and exp(k) for a put. The intrinsic value itself gives 0.
 */
export function impliedSd(price: number, k: number, type: "C" | "P"): number | ImpliedVolRefusal {
  if (!Number.isFinite(price) || !Number.isFinite(k)) return "not a number";
  const isCall = type === "C";
  const maximum = isCall ? 1 : Math.exp(k);
  if (price >= maximum) return "above maximum";
  const intrinsic = isCall ? Math.max(0, -Math.expm1(k)) : Math.max(0, Math.expm1(k));
  const timeValue = price - intrinsic;
  if (timeValue < 0) return "below intrinsic";
  if (timeValue === 0) return 0;
  // Call and put of one strike have the same time value; normalised by exp(k/2).
  return solve(timeValue * Math.exp(-k / 2), -Math.abs(k));
}

/** Annualised implied volatility sd / sqrt(tau), tau > 0 in years. */
export function impliedVol(
  price: number,
  k: number,
  type: "C" | "P",
  tau: number,
): number | ImpliedVolRefusal {
  const sd = impliedSd(price, k, type);
  return typeof sd === "number" ? sd / Math.sqrt(tau) : sd;
}

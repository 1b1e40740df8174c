/**
 * An option on an aged slice: its value and what it does to a book.
 *
 *   c = tau / tau at the report,  F = S exp(basis c),  k = ln(K/F),  s = sqrt(c w(k)),  vegaSd = S phi(d1)
 *   vega = vegaSd sqrt(tau)     vegaSkew = vega k / s
 *   convexity = vegaSd / s, that is S^2 d2V/dS2;     gamma = convexity min(1, (s / 3 %)^2), so that its slope stays in proportion to V
 *   delta = delta_BS + (R - 1) vegaSd c w'(k) / (2 s S), w' of the slice as reported
 */
import { blackScholes } from "../blackScholes.ts";
import { tauAt } from "../clock.ts";
import type { UnpackedSlice } from "../slice.ts";
import { totalVarianceFromLevel, totalVarianceSlope } from "../svi.ts";
import type { Leg } from "./book.ts";

const THIRTY_DAYS = 30 / 365;
/** Standard deviation of the smile below which gamma is damped. */
const DAMPED_BELOW = 0.03;

export interface PricedOption {
  readonly value: number;
  readonly vol: number;
  readonly tau: number;
  /** Per 1.00 of vol. */
  readonly vega: number;
  readonly vegaSkew: number;
  /** What the book counts: damped below a standard deviation of 3 %. */
  readonly gamma: number;
  /** S^2 d2V/dS2. */
  readonly convexity: number;
  /** Skew-aware. */
  readonly delta: number;
  /** dV/dS at fixed F/S, strike and vol. */
  readonly plainDelta: number;
  /** dV / d ln(tau), total variance and ln(F/S) in proportion to tau: theta = -decay / tau. */
  readonly decay: number;
}

/** sqrt(30 d / tau) within the given bounds. */
function rootWeight(tau: number, low: number, high: number): number {
  return Math.min(Math.max(Math.sqrt(THIRTY_DAYS / tau), low), high);
}

/** w_e of the potential. */
export const potentialWeight = (tau: number): number => rootWeight(tau, 0.28, 2.7);

/** w'_e of the spread. */
export const spreadWeight = (tau: number): number => rootWeight(tau, 0.28, 5.5);

/** c: the share of the slice's variance that is left. */
export function ageing(slice: UnpackedSlice, expiryAt: number, now: number): number {
  return tauAt(expiryAt, now) / tauAt(expiryAt, slice.reportAt);
}

/** sigma_e = sqrt(c w(0) / tau). */
export function atTheMoneyVol(slice: UnpackedSlice, expiryAt: number): number {
  return Math.sqrt(slice.level / tauAt(expiryAt, slice.reportAt));
}

/** Throws `BlackScholesDomainError` outside the domain, past the expiry and for a variance that is not positive. */
export function priceOption(
  { expiryAt, strike, isPut }: Omit<Leg, "amount">,
  slice: UnpackedSlice,
  spot: number,
  now: number,
  stickiness: number,
): PricedOption {
  const tau = tauAt(expiryAt, now);
  const c = ageing(slice, expiryAt, now);
  const basis = slice.basis * c;
  const forward = spot * Math.exp(basis);
  const k = Math.log(strike / forward);
  const variance = c * totalVarianceFromLevel(slice.level, slice.params, k);
  const { call, put, delta, vegaSd } = blackScholes({ spot, forward, strike, totalVariance: variance });
  const sd = Math.sqrt(variance);
  const vega = vegaSd * Math.sqrt(tau);
  const plainDelta = isPut ? delta - 1 : delta;
  const tilt = (vegaSd * c * totalVarianceSlope(slice.params, k)) / (2 * sd * spot);
  const exercised = isPut ? put - spot * plainDelta : spot * plainDelta - call;
  return {
    value: isPut ? put : call,
    vol: sd / Math.sqrt(tau),
    tau,
    vega,
    vegaSkew: (vega * k) / sd,
    gamma: (vegaSd / sd) * Math.min(1, (sd / DAMPED_BELOW) ** 2),
    convexity: vegaSd / sd,
    delta: plainDelta + (stickiness - 1) * tilt,
    plainDelta,
    decay: (sd * vegaSd) / 2 + (isPut ? -basis : basis) * exercised,
  };
}

/** What a position adds to the plain sums U and M. */
export function coverOf({ strike, isPut }: Omit<Leg, "amount">, position: number) {
  const [written, held] = [Math.max(-position, 0), Math.max(position, 0)];
  return {
    base: written + (isPut ? 0 : held),
    quote: strike * (written + (isPut ? held : 0)),
  };
}

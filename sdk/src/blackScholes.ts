/**
 * Black-Scholes on the forward, in spot units, in float64: V = S Phi(d1) - K (S/F) Phi(d2) for a call, the put by parity of the
 * distribution (never by subtraction), so that an option out of the money keeps its relative accuracy.
 *
 * d1 = ln(F/K)/sd + sd/2, d2 = d1 - sd, sd = sqrt(total variance). A venue's coin price is V/S.
 */
import { normalCdf, normalDensity } from "./normal.ts";

export interface BlackScholesInput {
  readonly spot: number;
  readonly forward: number;
  readonly strike: number;
  readonly totalVariance: number;
}

export interface BlackScholesValue {
  readonly call: number;
  readonly put: number;
  /** dCall/dS at fixed F/S and strike: Phi(d1). The put's is Phi(d1) - 1. */
  readonly delta: number;
  /** dV/d(sd) = S phi(d1), of call and put alike; per 1.00 of volatility it is vegaSd sqrt(tau). */
  readonly vegaSd: number;
}

/** Raised when an input lies outside the domain: spot, forward, strike finite and > 0, total variance finite and >= 0. */
export class BlackScholesDomainError extends Error {
  override readonly name = "BlackScholes_Domain";
}

/** Call, put, delta and vega from one evaluation; zero variance gives the intrinsic values. */
export function blackScholes(input: BlackScholesInput): BlackScholesValue {
  const { spot, forward, strike, totalVariance } = input;
  const inside =
    spot > 0 &&
    forward > 0 &&
    strike > 0 &&
    totalVariance >= 0 &&
    Number.isFinite(spot + forward + strike + totalVariance);
  if (!inside)
    throw new BlackScholesDomainError(
      `Black-Scholes needs positive finite inputs, got ${JSON.stringify(input)}`,
    );

  const discountedStrike = strike * (spot / forward);
  const logMoneyness = Math.log(forward / strike);
  if (totalVariance === 0) {
    return {
      call: Math.max(0, spot - discountedStrike),
      put: Math.max(0, discountedStrike - spot),
      delta: logMoneyness > 0 ? 1 : logMoneyness < 0 ? 0 : 0.5,
      vegaSd: logMoneyness === 0 ? spot * normalDensity(0) : 0,
    };
  }
  const sd = Math.sqrt(totalVariance);
  const d1 = logMoneyness / sd + sd / 2;
  const d2 = logMoneyness / sd - sd / 2;
  const delta = normalCdf(d1);
  return {
    call: Math.max(0, spot * delta - discountedStrike * normalCdf(d2)),
    put: Math.max(0, discountedStrike * normalCdf(-d2) - spot * normalCdf(-d1)),
    delta,
    vegaSd: spot * normalDensity(d1),
  };
}

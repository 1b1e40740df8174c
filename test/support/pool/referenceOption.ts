/** One option on an aged slice word, in reals of 192 digits (scripts/coefficients/real.ts): value and exposures as decision 0007 defines them. */
import { atmVariance, b, basis, exponent, m, reportAt, rho, sigma } from "@meniscus/sdk/slice";
import { BITS, divide, exp, fromRatio, ln, multiply, ONE, sqrt } from "../../../scripts/coefficients/real.ts";
import { blackScholes, fromWad } from "../reference.ts";

/** Seconds of the year of `tau`, and before an expiry the time at which the variance clock stops. */
export const YEAR = 365n * 86_400n;
const CLOCK_STOPS = 20n * 60n;
/** Standard deviation from which on gamma is damped. */
const DAMPED_BELOW = fromRatio(3n, 100n);

export interface ReferenceOption {
  readonly value: bigint;
  readonly tau: bigint;
  readonly vega: bigint;
  readonly vegaSkew: bigint;
  readonly gamma: bigint;
  readonly convexity: bigint;
  readonly delta: bigint;
}

export const tauSeconds = (expiryAt: number, now: bigint): bigint => BigInt(expiryAt) - CLOCK_STOPS - now;

/** count 2^power as a real. */
const scaled = (count: bigint, power: bigint): bigint =>
  BITS + power >= 0n ? count << (BITS + power) : count >> -(BITS + power);

export const levelOf = (word: bigint): bigint => scaled(atmVariance(word), 2n * exponent(word) - 62n);

/** w(k) and w'(k) of the slice as reported. */
function smileAt(word: bigint, k: bigint): { w: bigint; slope: bigint } {
  const e = exponent(word);
  const [centre, width] = [scaled(m(word), e - 44n), scaled(sigma(word), e - 44n)];
  const root = (x: bigint) => sqrt(multiply(x, x) + multiply(width, width));
  const [correlation, scale] = [scaled(rho(word), -31n), scaled(b(word), e - 45n)];
  const bracket = multiply(correlation, k) + root(k - centre) - root(centre);
  return {
    w: levelOf(word) + multiply(scale, bracket),
    slope: multiply(scale, correlation + divide(k - centre, root(k - centre))),
  };
}

/** `strike` and `stickiness` WAD, `spot` a real, `now` unix seconds. */
export function referenceOption(
  { expiryAt, strike, isPut }: { expiryAt: number; strike: bigint; isPut: boolean },
  word: bigint,
  spot: bigint,
  now: bigint,
  stickiness: bigint,
): ReferenceOption {
  const left = tauSeconds(expiryAt, now);
  const ageing = fromRatio(left, tauSeconds(expiryAt, reportAt(word)));
  const logForward = multiply(scaled(basis(word), -31n), ageing);
  const k = ln(divide(fromWad(strike), spot)) - logForward;
  const { w, slope } = smileAt(word, k);
  const sd = sqrt(multiply(ageing, w));
  const discounted = multiply(fromWad(strike), exp(-logForward));
  const { call, put, delta, vegaSd } = blackScholes(spot, discounted, sd);
  const tau = fromRatio(left, YEAR);
  const vega = multiply(vegaSd, sqrt(tau));
  const tilt = divide(multiply(vegaSd, multiply(ageing, slope)), multiply(2n * sd, spot));
  return {
    value: isPut ? put : call,
    tau,
    vega,
    vegaSkew: divide(multiply(vega, k), sd),
    convexity: divide(vegaSd, sd),
    gamma:
      sd < DAMPED_BELOW
        ? divide(multiply(vegaSd, sd), multiply(DAMPED_BELOW, DAMPED_BELOW))
        : divide(vegaSd, sd),
    delta: (isPut ? delta - ONE : delta) + multiply(fromWad(stickiness) - ONE, tilt),
  };
}

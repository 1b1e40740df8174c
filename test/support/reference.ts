/**
 * Black-Scholes to 50 digits and more, in bigint reals (scripts/coefficients/real.ts): what the contracts are measured against. It
 * shares no formula with them but the definition: Phi by its series, ln and exp by theirs.
 */
import {
  absolute,
  BITS,
  divide,
  exp,
  fromRatio,
  ln,
  mills,
  multiply,
  ONE,
  PI,
  sqrt,
} from "../../scripts/coefficients/real.ts";

const WAD = 10n ** 18n;
const ROOT_TWO_PI = sqrt(2n * PI);

/** Beyond this Phi(-x) is below 1e-56, and counts as zero. */
const FAR = 16n * ONE;

export const fromWad = (value: bigint): bigint => fromRatio(value, WAD);

/** The normal density. */
export function density(x: bigint): bigint {
  return absolute(x) > FAR ? 0n : divide(exp(-multiply(x, x) / 2n), ROOT_TWO_PI);
}

/** The normal distribution function. */
function cumulative(x: bigint): bigint {
  const tail = absolute(x) > FAR ? 0n : multiply(density(x), mills(absolute(x)));
  return x < 0n ? tail : ONE - tail;
}

export interface Reference {
  readonly call: bigint;
  readonly put: bigint;
  readonly delta: bigint;
  readonly vegaSd: bigint;
  readonly sd: bigint;
}

/** From spot S, discounted strike D and standard deviation s, all real. */
export function blackScholes(spot: bigint, discounted: bigint, sd: bigint): Reference {
  const ratio = divide(ln(divide(spot, discounted)), sd);
  const d1 = ratio + sd / 2n;
  const d2 = ratio - sd / 2n;
  return {
    call: multiply(spot, cumulative(d1)) - multiply(discounted, cumulative(d2)),
    put: multiply(discounted, cumulative(-d2)) - multiply(spot, cumulative(-d1)),
    delta: cumulative(d1),
    vegaSd: multiply(spot, density(d1)),
    sd,
  };
}

/** From WAD arguments as `BlackScholes.quoteFromForward` takes them. */
export function fromForward(spot: bigint, forward: bigint, strike: bigint, totalVariance: bigint): Reference {
  return blackScholes(fromWad(spot), fromRatio(strike * spot, forward * WAD), sqrt(fromWad(totalVariance)));
}

/** From WAD arguments as `BlackScholes.quoteFromSpot` takes them; `vega` is per 1.00 of vol. */
export function fromSpot(
  spot: bigint,
  strike: bigint,
  tau: bigint,
  vol: bigint,
  rate: bigint,
): Reference & { readonly vega: bigint; readonly rootTau: bigint } {
  const discounted = multiply(fromWad(strike), exp(-fromRatio(rate * tau, WAD * WAD)));
  const rootTau = sqrt(fromWad(tau));
  const result = blackScholes(fromWad(spot), discounted, multiply(fromWad(vol), rootTau));
  return { ...result, vega: multiply(result.vegaSd, rootTau), rootTau };
}

/** A packed slice as the contract reads it: sqrt(ageing w(k)) and the basis, exactly. `ageing` is X96. */
export function sliceSd(
  fields: { w0: bigint; b: bigint; rho: bigint; m: bigint; sigma: bigint; exponent: bigint },
  k: bigint,
  ageing: bigint,
): bigint {
  const power = (count: bigint, bits: bigint): bigint => {
    const shift = BITS + fields.exponent - 16n - bits;
    return shift >= 0n ? count << shift : count >> -shift;
  };
  const [m, sigma] = [power(fields.m, 28n), power(fields.sigma, 28n)];
  const w0 = (fields.w0 << (BITS + 2n * fields.exponent - 32n)) >> 30n;
  const x = k - m;
  const root = (y: bigint): bigint => sqrt(multiply(y, y) + multiply(sigma, sigma));
  const bracket = multiply(fields.rho << (BITS - 31n), k) + root(x) - root(m);
  const w = w0 + multiply(power(fields.b, 29n), bracket);
  return sqrt((w * ageing) >> 96n);
}

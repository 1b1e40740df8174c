/**
 * The twin of contracts/pricing/BlackScholes.sol: the same steps in the same order, equal to the last unit, and refusing what the
 * contract refuses. Amounts, variances, vols and rates are WAD (18 decimals); X96 names binary fixed point.
 */
import { WAD } from "../wad.ts";
import { density, discount, halfLogRatio, mills, ONE, sqrt } from "./numerics.ts";

const HALF_SD_MIN = ONE / 2000n;
const HALF_SD_MAX = 3n * ONE;
const TAU_MIN = 1_900_000_000_000n;
const TAU_MAX = 100n * WAD;
const RATE_MAX = 100n * WAD;

/** A call and a put of one strike. `vega` is the derivative by the standard deviation sqrt(w), per unit. */
export interface FixedQuote {
  readonly call: bigint;
  readonly put: bigint;
  readonly delta: bigint;
  readonly vega: bigint;
}

/** What the contract reverts on. */
export class OutOfDomainError extends RangeError {
  override readonly name = "OutOfDomainError";
}

export function requireDomain(inside: boolean, what: string): void {
  if (!inside) throw new OutOfDomainError(`pricing: ${what} is outside its domain`);
}

/** `vega` here is per 1.00 of `vol`. */
export function quoteFromSpot(
  spot: bigint,
  strike: bigint,
  tau: bigint,
  vol: bigint,
  rate: bigint,
): FixedQuote {
  const growth = rate * tau;
  requireDomain(tau >= TAU_MIN && tau <= TAU_MAX, "tau");
  requireDomain(vol >= 0n && vol < 1n << 128n, "vol");
  requireDomain(rate >= -RATE_MAX && rate <= RATE_MAX, "rate");
  requireDomain(growth >= -WAD * WAD && growth <= WAD * WAD, "rate * tau");
  requireDomain(strike < 1n << 128n, "the strike");
  const root = sqrt(tau << 188n);
  const halfSd = (vol * root) / (WAD * 500_000_000n);
  const discounted = discount(strike, (growth << 96n) / (WAD * WAD));
  const { low, halfLog } = moneyness(spot, discounted);
  requireSd(halfSd);
  const quoted = quote(spot, discounted, low, halfLog, halfSd);
  return { ...quoted, vega: (quoted.vega * root) / (1_000_000_000n << 94n) };
}

export function quoteFromForward(
  spot: bigint,
  forward: bigint,
  strike: bigint,
  totalVariance: bigint,
): FixedQuote {
  requireDomain(strike < 1n << 128n && totalVariance < 1n << 66n, "strike or total variance");
  const discounted = forward === 0n ? 0n : (strike * spot) / forward;
  const { low, halfLog } = moneyness(spot, discounted);
  const halfSd = sqrt(totalVariance << 190n) / 1_000_000_000n;
  requireSd(halfSd);
  return quote(spot, discounted, low, halfLog, halfSd);
}

/** The lower of the two, and |ln(strike / spot)| / 2 as X192. */
export function moneyness(spot: bigint, strike: bigint): { low: bigint; halfLog: bigint } {
  const [low, high] = strike < spot ? [strike, spot] : [spot, strike];
  requireDomain(low > 0n && high <= low << 4n && high < 1n << 128n, "the strike");
  return { low, halfLog: halfLogRatio(low, high) };
}

export function requireSd(halfSd: bigint): void {
  requireDomain(halfSd >= HALF_SD_MIN && halfSd <= HALF_SD_MAX, "the standard deviation");
}

/** Call, put, delta and vega from |ln(strike / spot)| / 2 (X192) and half the standard deviation (X96). */
export function quote(spot: bigint, strike: bigint, low: bigint, halfLog: bigint, t: bigint): FixedQuote {
  const h = halfLog / t;
  const u = h - t;
  const phi = density(u);
  const far = phi * mills(h + t);
  // ~x = -x - 1 for -x, as in the contract: one unit of the last place short.
  const near = u < 0n ? (1n << 128n) + ~(phi * mills(~u)) : phi * mills(u);
  const vega = (low * phi) >> 64n;
  const outOfTheMoney = (low * (near - far)) >> 128n;
  if (strike < spot) {
    const delta = WAD - ((((strike * far) / spot) * WAD) >> 128n);
    return { call: outOfTheMoney + (spot - strike), put: outOfTheMoney, delta, vega };
  }
  return { call: outOfTheMoney, put: outOfTheMoney + (strike - spot), delta: (near * WAD) >> 128n, vega };
}

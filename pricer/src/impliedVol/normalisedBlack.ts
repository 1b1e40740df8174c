/**
 * The normalised Black price of an out-of-the-money option, x = -|ln(K/F)| <= 0, s = sd > 0, h = x/s, t = s/2:
 *
 *   b(x, s) = exp(x/2) Phi(h + t) - exp(-x/2) Phi(h - t) = E (Y(h + t) - Y(h - t)),
 *   E = exp(-(h^2 + t^2)/2) / sqrt(2 pi),  Y(z) = Phi(z)/phi(z),
 *
 * because exp(x/2) phi(h + t) = exp(-x/2) phi(h - t). The difference cancels when h + t and h - t are near each other; then it is taken
 * as the integral of Y'(z) = 1 + z Y(z), whose integrand is positive. In v = 1/(2 - z) the integral is that of
 * G(v) = Y'(2 - 1/v) / v^2 (`mildIntegrand.ts`), which is all but straight on a short piece, so that five or nine Gauss-Legendre
 * nodes suffice. The relative error stays at a few units in the last place times the condition h^2 + t^2 of E.
 */
import { millsRatio } from "@meniscus/sdk/normal";
import { mildIntegrand } from "./mildIntegrand.ts";

const INV_SQRT_TWO_PI = 0.3989422804014327;

/** (2 - z) at the lower end over that at the upper one: up to here the integral is taken, beyond the difference is accurate. */
const CANCELLING = 2;
/** Up to here five nodes have an error below 1e-16, in the rest nine. */
const NARROW = 1.15;
/** Beyond this z of the upper end the difference is accurate anyhow. */
const HIGHEST = 0.4;

/** Y(h + t) - Y(h - t), t > 0, h <= 0. */
function millsDifference(h: number, t: number): number {
  if (h > -CENTRAL && t < CENTRAL) return centralDifference(h, t);
  const upper = h + t;
  const near = 2 - upper;
  const far = 2 - h + t;
  if (upper > HIGHEST || far > CANCELLING * near) return millsRatio(upper) - millsRatio(h - t);
  // v from 1/far to 1/near: middle (far + near) / (2 far near), half width (far - near) / (2 far near) = t / (far near).
  const product = far * near;
  const half = t / product;
  const middle = (2 - h) / product;
  return half * (far <= NARROW * near ? narrowSum(middle, half) : wideSum(middle, half));
}

/** |h| and t below this: an option near the money, of small total variance. */
const CENTRAL = 0.4;

/**
 * Taylor: 2 t sum over n of t^(2n) D^(2n+1) Y(h) / (2n+1)!, with D^(n+1) Y = h D^n Y + n D^(n-1) Y; the terms fall by t^2/4 and more,
 * so that eleven leave less than 1e-17.
 */
function centralDifference(h: number, t: number): number {
  let even = millsRatio(h);
  let odd = 1 + h * even;
  let sum = odd;
  let power = 1;
  for (let n = 2; n <= 20; n += 2) {
    even = h * odd + (n - 1) * even;
    odd = h * even + n * odd;
    power *= (t * t) / (n * (n + 1));
    sum += power * odd;
  }
  return 2 * t * sum;
}

/** Gauss-Legendre quadrature over [middle - half, middle + half], divided by half, with five nodes. */
function narrowSum(middle: number, half: number): number {
  return (
    0.5688888888888889 * mildIntegrand(middle) +
    0.47862867049936647 * pair(middle, half * 0.5384693101056831) +
    0.23692688505618908 * pair(middle, half * 0.906179845938664)
  );
}

/** The same with nine nodes. */
function wideSum(middle: number, half: number): number {
  return (
    0.3302393550012598 * mildIntegrand(middle) +
    0.31234707704000286 * pair(middle, half * 0.3242534234038089) +
    0.26061069640293544 * pair(middle, half * 0.6133714327005904) +
    0.1806481606948574 * pair(middle, half * 0.8360311073266358) +
    0.08127438836157441 * pair(middle, half * 0.9681602395076261)
  );
}

function pair(middle: number, distance: number): number {
  return mildIntegrand(middle - distance) + mildIntegrand(middle + distance);
}

/**
 * E = exp(-(h^2 + t^2)/2) / sqrt(2 pi): the normalised vega db/ds. Far from the money exp(x/2) phi(h + t), whose exponents are not
 * rounded where they are large: x/2 is exact, and prices that are not tiny have a small h + t.
 */
export function normalisedVega(x: number, s: number): number {
  const h = x / s;
  const t = 0.5 * s;
  if (x < FAR) return INV_SQRT_TWO_PI * Math.exp(0.5 * x) * Math.exp(-0.5 * (h + t) * (h + t));
  return INV_SQRT_TWO_PI * Math.exp(-0.5 * (h * h + t * t));
}

/** From here on the rounding of h^2 + t^2 would count. */
const FAR = -20;

/** b(x, s), x <= 0 < s; near its maximum exp(x/2) from the complement, whose own error is then small against it. */
export function normalisedBlack(x: number, s: number): number {
  return x / s + 0.5 * s > NEAR_MAXIMUM
    ? Math.exp(0.5 * x) - normalisedVega(x, s) * complementOverVega(x, s)
    : normalisedVega(x, s) * priceOverVega(x, s);
}

/** From this h + t on b is above 0.7 of its maximum. */
const NEAR_MAXIMUM = 0.9;

/** b(x, s) with less care for cancellation away from the money: enough to start from, at a third of the price. */
export function roughBlack(x: number, s: number): number {
  const h = x / s;
  const t = 0.5 * s;
  const isCentral = h > -CENTRAL && t < CENTRAL;
  const difference = isCentral ? centralDifference(h, t) : millsRatio(h + t) - millsRatio(h - t);
  return normalisedVega(x, s) * difference;
}

/** b / (db/ds): finite where both underflow. */
export function priceOverVega(x: number, s: number): number {
  return millsDifference(x / s, 0.5 * s);
}

/** (exp(x/2) - b) / (db/ds) = Y(-h - t) + Y(h - t), a sum of positive terms. */
export function complementOverVega(x: number, s: number): number {
  const h = x / s;
  const t = 0.5 * s;
  return millsRatio(-h - t) + millsRatio(h - t);
}

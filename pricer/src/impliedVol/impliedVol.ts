/**
 * Implied standard deviation sd = sqrt(w) of a coin price V/S = Black76/F, from k = ln(K/F): P. Jaeckel's "Let's be rational".
 *
 * An in-the-money price is first turned into its out-of-the-money twin by parity. With x = -|k| the normalised price b(x, s) rises from
 * 0 to exp(x/2). From the start of `impliedVolGuess.ts`, Householder steps of order four solve one of three equations, each nearly
 * straight on its branch: 1/ln b near 0, b itself in the middle, ln(exp(x/2) - b) near the maximum. Two steps reach the rounding of the
 * price in almost all of the domain; the loop runs on only while the last step was too long for the next one to be rounding.
 *
 * The price is taken as the exact number that it is: near a bound, intrinsic value or maximum, its distance from it is that from the
 * bound before rounding (`preciseExponential.ts`), for half a unit in the last place of the bound may be all that there is.
 */
import { guessSd } from "./impliedVolGuess.ts";
import { complementOverVega, normalisedVega, priceOverVega } from "./normalisedBlack.ts";
import { differenceFrom, preciseExp, preciseExpm1 } from "./preciseExponential.ts";

type ImpliedVolRefusal = "not a number" | "strike too far" | "below intrinsic" | "above maximum";

/** |k| up to which a price is in the domain: beyond a strike exp(600) times away from the forward exp(k/2) times a price may leave the floats. */
const FARTHEST = 600;
const MAX_STEPS = 12;
/** A step of order four that was this short, relatively to s and to 4, leaves an error below 1e-16: a price bends on a scale of 1 in s. */
const SETTLED = 3e-5;

/** Nearer than this share of the price the rounding of a bound would count: four thousand units in the last place. */
const NEAR_A_BOUND = 2 ** -40;

/**
 * sd >= 0 with Black's coin price equal to `price`; a refusal, never NaN, outside [intrinsic, maximum) and for |k| > 600: the maximum is
 * 1 for a call and exp(k) for a put. The intrinsic value itself gives 0, also where the float nearest to it lies below it.
 */
export function impliedSd(price: number, k: number, type: "C" | "P"): number | ImpliedVolRefusal {
  if (!(price - price === 0 && k - k === 0)) return "not a number";
  const isCall = type === "C";
  const x = -Math.abs(k);
  if (x < -FARTHEST) return "strike too far";
  let room = (isCall ? 1 : Math.exp(k)) - price;
  if (!isCall && Math.abs(room) < NEAR_A_BOUND * price) room = -differenceFrom(preciseExp(k), price);
  if (room <= 0) return "above maximum";
  let timeValue = price;
  if (isCall ? k < 0 : k > 0) {
    timeValue -= Math.abs(Math.expm1(k));
    if (Math.abs(timeValue) < NEAR_A_BOUND * price) {
      const [hi, lo] = preciseExpm1(k);
      const intrinsic = isCall ? ([-hi, -lo] as const) : ([hi, lo] as const);
      timeValue = differenceFrom(intrinsic, price);
      if (price === intrinsic[0] && timeValue < 0) return 0;
    }
  }
  if (timeValue < 0) return "below intrinsic";
  if (timeValue === 0) return 0;
  // Call and put of one strike share their time value; the normalised price is that over exp(k/2).
  const scale = Math.exp(-0.5 * k);
  if (timeValue * scale < LEAST_NORMAL) return solveTiny(Math.log(timeValue) - 0.5 * k, x);
  return solve(timeValue * scale, room * scale, x);
}

/** s with ln b(x, s) = target where b is below the normal floats, from the leading terms x^2 / (2 s^2) + s^2 / 8 = -target; not as fast as `solve`. */
function solveTiny(target: number, x: number): number {
  const level = Math.max(target / x, 0.5);
  let s = Math.sqrt(-4 * x) * Math.sqrt(0.25 / (level + Math.sqrt(level * level - 0.25)));
  for (let i = 0; i < MAX_STEPS; i++) {
    const next = s + lowStep(x, s, target);
    if (isSettled(s, next)) return next;
    s = next > 0 && next < 4 * s ? next : 0.5 * s;
  }
  return s;
}

/** s with b(x, s) = price; `room` = exp(x/2) - price. */
function solve(price: number, room: number, x: number): number {
  const maximum = Math.exp(0.5 * x);
  const guess = guessSd(price, room, x, maximum);
  let s = guess.s;
  if (guess.branch === "low") {
    const target = Math.log(price);
    for (let i = 0; i < MAX_STEPS; i++) {
      const next = s + lowStep(x, s, target, price);
      if (isSettled(s, next)) return next;
      s = next > 0 ? next : 0.5 * s;
    }
  } else if (guess.branch === "middle") {
    for (let i = 0; i < MAX_STEPS; i++) {
      const next = s + middleStep(x, s, price);
      if (isSettled(s, next)) return next;
      s = next > 0 ? next : 0.5 * s;
    }
  } else {
    for (let i = 0; i < MAX_STEPS; i++) {
      const next = s + highStep(x, s, room);
      if (isSettled(s, next)) return next;
      s = next > 0 ? next : 0.5 * s;
    }
  }
  return s;
}

function isSettled(s: number, next: number): boolean {
  return Math.abs(next - s) <= SETTLED * (s < 4 ? s : 4);
}

/** Newton's step nu, corrected to order four by g''/g' and g'''/g' (Householder). */
function householder(nu: number, second: number, third: number): number {
  return (nu * (1 + 0.5 * second * nu)) / (1 + nu * (second + (third * nu) / 6));
}

/** b''/b' = h^2/s - s/4, h = x/s. */
function vegaSlope(x: number, s: number): number {
  const h = x / s;
  return (h * h) / s - 0.25 * s;
}

/** b'''/b' = (b''/b')^2 - 3 (h/s)^2 - 1/4. */
function vegaBend(x: number, s: number, slope: number): number {
  const ratio = x / (s * s);
  return slope * slope - 3 * ratio * ratio - 0.25;
}

/**
 * One step on 1/ln b - 1/target = 0, target = ln(price). The difference of the logarithms is that of the quotient wherever b is a normal
 * float: each alone is rounded to |ln b| units.
 */
function lowStep(x: number, s: number, target: number, price = 0): number {
  const overVega = priceOverVega(x, s);
  const h = x / s;
  const value = normalisedVega(x, s) * overVega;
  const isNormal = value > LEAST_NORMAL && price > LEAST_NORMAL;
  const logPrice = isNormal
    ? Math.log(value)
    : -0.5 * (h * h + 0.25 * s * s) - LOG_ROOT_TWO_PI + Math.log(overVega);
  const away = isNormal ? Math.log(price / value) : target - logPrice;
  const growth = 1 / overVega;
  const lambda = 1 / logPrice;
  const slope = vegaSlope(x, s);
  const twice = growth * (1 + 2 * lambda);
  const nu = (away * (logPrice / target)) / growth;
  const third =
    vegaBend(x, s, slope) + 2 * growth * growth * (1 + 3 * lambda * (1 + lambda)) - 3 * slope * twice;
  return householder(nu, slope - twice, third);
}

const LEAST_NORMAL = 2 ** -1022;
const LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** One step on b - price = 0. */
function middleStep(x: number, s: number, price: number): number {
  const nu = price / normalisedVega(x, s) - priceOverVega(x, s);
  const slope = vegaSlope(x, s);
  return householder(nu, slope, vegaBend(x, s, slope));
}

/** One step on ln((exp(x/2) - b) / room) = 0. */
function highStep(x: number, s: number, room: number): number {
  const overVega = complementOverVega(x, s);
  const growth = 1 / overVega;
  const nu = Math.log((overVega * normalisedVega(x, s)) / room) * overVega;
  const slope = vegaSlope(x, s);
  const third = vegaBend(x, s, slope) + growth * (2 * growth + 3 * slope);
  return householder(nu, slope + growth, third);
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

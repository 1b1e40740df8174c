/**
 * A start for the implied sd, relatively right to about 1e-3, by P. Jaeckel's four branches ("Let's be rational", Wilmott 2015): in
 * each, a shape-preserving rational cubic (Delbourgo, Gregory 1985) through values and slopes at the ends of the branch, either of s
 * itself as a function of the price b, or of a transform of s that is almost straight in b towards 0 and towards exp(x/2).
 */
import { normalCdf, normalDensity } from "@meniscus/sdk/normal";
import { normalisedVega, roughBlack } from "./normalisedBlack.ts";
import { controlAtLeft, controlAtRight, type End, MOST_CONTROL, rationalCubic } from "./rationalCubic.ts";

const ROOT_THREE = Math.sqrt(3);
const TWO_PI_BY_ROOT_27 = (2 * Math.PI) / Math.sqrt(27);

/** Which equation to solve: that of 1/ln b near 0, of b in the middle, of ln(exp(x/2) - b) near the maximum. */
type Branch = "low" | "middle" | "high";

interface Guess {
  readonly s: number;
  readonly branch: Branch;
}

/** A point of s as a function of the price, at one x. */
interface Point {
  readonly s: number;
  readonly price: number;
  readonly vega: number;
}

/** Start and branch for 0 < price < maximum = exp(x/2), x <= 0; `room` = maximum - price, accurately. */
export function guessSd(price: number, room: number, x: number, maximum: number): Guess {
  const central = centralPoint(x);
  return price < central.price ? lowerGuess(price, x, central) : upperGuess(price, room, x, maximum, central);
}

/** At s = sqrt(2|x|) the price has its inflection and the largest vega. */
function centralPoint(x: number): Point {
  const s = Math.sqrt(-2 * x);
  return s > 0 ? pointAt(x, s, roughBlack(x, s)) : { s, price: 0, vega: normalDensity(0) };
}

const pointAt = (x: number, s: number, price: number): Point => ({ s, price, vega: normalisedVega(x, s) });

const endAt = ({ s, price, vega }: Point): End => ({ x: price, y: s, slope: 1 / vega });

function lowerGuess(price: number, x: number, central: Point): Guess {
  // Where the tangent at the centre meets zero.
  const s = central.s - central.price / central.vega;
  // At the money to 15 digits it is all cancellation.
  if (!(s > 1e-6 * central.s)) return flatGuess(price, x);
  const lowest = roughBlack(x, s);
  if (price >= lowest) {
    const left = endAt(pointAt(x, s, lowest));
    const right = endAt(central);
    return { s: rationalCubic(left, right, controlAtRight(left, right, 0, false), price), branch: "middle" };
  }
  const { f, slope, bend } = lowerMap(x, s);
  const left = { x: 0, y: 0, slope: 1 };
  const right = { x: lowest, y: f, slope };
  let mapped = rationalCubic(left, right, controlAtRight(left, right, bend, true), price);
  if (!(mapped > 0)) {
    const t = price / lowest;
    mapped = (f * t + lowest * (1 - t)) * t;
  }
  // f = (2 pi |x| / sqrt 27) Phi(-|x| / (sqrt 3 s))^3, inverted.
  const tail = Math.cbrt(mapped / (TWO_PI_BY_ROOT_27 * -x));
  return { s: x / (ROOT_THREE * quantile(tail)), branch: "low" };
}

/** For |x| next to nothing b is Bachelier's price: s / sqrt(2 pi) + x/2 for |x| << s, |x| (phi(h)/h - Phi(-h)), h = |x|/s, else. */
function flatGuess(price: number, x: number): Guess {
  const ratio = price / -x;
  return ratio > 0.3
    ? { s: Math.sqrt(2 * Math.PI) * (price - 0.5 * x), branch: "middle" }
    : { s: -x / Math.sqrt(-2 * Math.log(Math.max(ratio, Number.MIN_VALUE))), branch: "low" };
}

function upperGuess(price: number, room: number, x: number, maximum: number, central: Point): Guess {
  // Where the tangent at the centre meets the maximum.
  const s = central.s + (maximum - central.price) / central.vega;
  const highest = roughBlack(x, s);
  if (price <= highest) {
    const left = endAt(central);
    const right = endAt(pointAt(x, s, highest));
    const guess = rationalCubic(left, right, controlAtLeft(left, right, 0, false), price);
    return { s: guess, branch: room > price ? "middle" : "high" };
  }
  const { f, slope, bend } = upperMap(x, s);
  const left = { x: highest, y: f, slope };
  const right = { x: maximum, y: 0, slope: -0.5 };
  const control = controlAtLeft(left, right, bend, true);
  let mapped = control < MOST_CONTROL ? rationalCubic(left, right, control, price) : 0;
  if (!(mapped > 0)) {
    const h = maximum - highest;
    const t = room / h;
    mapped = (f * t + 0.5 * h * (1 - t)) * t;
  }
  return { s: -2 * quantile(mapped), branch: "high" };
}

/** f, df/db, d2f/db2 of f = (2 pi |x| / sqrt 27) Phi(z)^3, z = x / (sqrt 3 s). */
function lowerMap(x: number, s: number): { f: number; slope: number; bend: number } {
  const ax = -x;
  const z = ax / (ROOT_THREE * s);
  const y = z * z;
  const s2 = s * s;
  const tail = normalCdf(-z);
  const bend =
    (Math.PI / 6) *
    (y / (s2 * s)) *
    tail *
    (8 * ROOT_THREE * s * ax + (3 * s2 * (s2 - 8) - 8 * x * x) * (tail / normalDensity(z))) *
    Math.exp(2 * y + 0.25 * s2);
  return {
    f: TWO_PI_BY_ROOT_27 * ax * tail * tail * tail,
    slope: 2 * Math.PI * y * tail * tail * Math.exp(y + s2 / 8),
    bend,
  };
}

/** f, df/db, d2f/db2 of f = Phi(-s/2). */
function upperMap(x: number, s: number): { f: number; slope: number; bend: number } {
  const w = (x / s) ** 2;
  return {
    f: normalCdf(-0.5 * s),
    slope: -0.5 * Math.exp(0.5 * w),
    bend: Math.sqrt(Math.PI / 2) * Math.exp(w + (s * s) / 8) * (w / s),
  };
}

/** Below the cube root of the smallest float. */
const SMALLEST = 1e-110;

/** Inverse of Phi on (0, 1/2], to 4.5e-4 (Abramowitz, Stegun 26.2.23): a start needs no more. */
function quantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.max(p, SMALLEST)));
  const guess =
    ((0.010328 * t + 0.802853) * t + 2.515517) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1) - t;
  return Math.min(guess, -1e-4);
}

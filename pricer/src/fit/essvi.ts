/**
 * eSSVI: a smile of three numbers per expiry, with conditions under which no two of them and none alone hold an arbitrage.
 *
 *   w = 1/2 (theta + chi k + sqrt((theta + chi k)^2 + (psi^2 - chi^2) k^2)),  psi = theta phi,  chi = rho psi
 *
 * (Hendriks, Martini 2019; Corbetta, Cohort, Laachir, Martini 2019; Mingone 2022.) The wing slopes of 2 w are psi + chi and psi - chi.
 * - No calendar: theta rises, both wing slopes rise, which says |chi2 - chi1| <= psi2 - psi1, and phi = psi / theta does not.
 * - No butterfly: psi + |chi| < 4 and psi (psi + |chi|) <= 4 theta (Gatheral, Jacquier 2014, theorem 4.2).
 * For given levels the calendar's conditions are linear in (psi, chi), and they always leave room: the slice before, a little steeper,
 * meets them, and with it the butterfly's. So whatever numbers are asked for can be led to ones without arbitrage, expiry by expiry.
 */
import { ASYMMETRY, LOG_CURVATURE, LOG_SIGMA, SIZE, SKEW, smileOf, THETA } from "./smile.ts";

/** In units of a slice's scale s: theta / s^2, psi / s, chi / s. */
export interface EssviSlice {
  readonly theta: number;
  readonly psi: number;
  readonly chi: number;
}

/** Levels of neighbours grow by at least this share, */
export const LEVEL_GROWTH = 2e-3;
/** wing slopes by this, */
export const SLOPE_GROWTH = 5e-4;
/** and phi falls by this: room for quantisation, and small enough that the steeper slice before has it. */
export const PHI_FALL = 5e-4;
/** In place of the 4 of the butterfly's conditions. */
export const STEEPEST = 3.7;
/** Least psi / sqrt(theta): flatter smiles are too wide for their word. */
export const FLATTEST = 0.2;
/** Largest |rho|. */
export const MOST_LEAN = 0.95;

/** The nearest way to a surface without arbitrage: each slice is brought within what the one before it leaves, levels first. */
export function arbitrageFree(asked: readonly EssviSlice[], scales: Float64Array): EssviSlice[] {
  const free: EssviSlice[] = [];
  for (const [i, slice] of asked.entries()) {
    const scale = scales[i]!;
    const before = free[i - 1];
    const ratio = before === undefined ? 0 : scales[i - 1]! / scale;
    const theta = Math.max(slice.theta, (before?.theta ?? 0) * ratio * ratio * (1 + LEVEL_GROWTH));
    // Slopes still have to grow from here to the last expiry.
    const most = STEEPEST / (scale * (1 + SLOPE_GROWTH) ** (asked.length - 1 - i));
    free.push(within({ ...slice, theta }, before && scaled(before, ratio), most));
  }
  return free;
}

/** The same slice in another unit of k: `ratio` is the old scale over the new one. */
function scaled({ theta, psi, chi }: EssviSlice, ratio: number): EssviSlice {
  return { theta: theta * ratio * ratio, psi: psi * ratio, chi: chi * ratio };
}

function within({ theta, psi, chi }: EssviSlice, before: EssviSlice | undefined, most: number): EssviSlice {
  const flattest = FLATTEST * Math.sqrt(theta);
  const least = Math.max(flattest, (before?.psi ?? 0) * (1 + SLOPE_GROWTH));
  const rho = before === undefined ? 0 : before.chi / before.psi;
  const base = { theta, psi: least, chi: rho * least };
  const steepest = before === undefined ? Infinity : (before.psi * theta) / before.theta / (1 + PHI_FALL);
  const newPsi = Math.min(Math.max(psi, least), Math.max(steepest, least));
  let [low, high] = [-MOST_LEAN * newPsi, MOST_LEAN * newPsi];
  if (before !== undefined) {
    high = Math.min(high, newPsi - (before.psi - before.chi) * (1 + SLOPE_GROWTH));
    low = Math.max(low, (before.psi + before.chi) * (1 + SLOPE_GROWTH) - newPsi);
  }
  const wanted = { theta, psi: newPsi, chi: Math.min(Math.max(chi, low), Math.max(high, low)) };
  if (hasNoButterfly(wanted, most)) return wanted;
  // The steepness rises all the way from the base, where it is low enough.
  let [inside, outside] = [0, 1];
  for (let halving = 0; halving < 40; halving++) {
    const share = (inside + outside) / 2;
    if (hasNoButterfly(between(base, wanted, share), most)) inside = share;
    else outside = share;
  }
  return between(base, wanted, inside);
}

function between(from: EssviSlice, to: EssviSlice, share: number): EssviSlice {
  const psi = from.psi + share * (to.psi - from.psi);
  return { theta: to.theta, psi, chi: from.chi + share * (to.chi - from.chi) };
}

function hasNoButterfly({ theta, psi, chi }: EssviSlice, most: number): boolean {
  const slope = psi + Math.abs(chi);
  return slope <= most && psi * slope <= STEEPEST * theta;
}

/** The slice with the level, skew and curvature at the money of the smile at `x[offset..]`. */
export function essviOf(x: Float64Array, offset: number): EssviSlice {
  const { theta, skew, curvature } = smileOf(x, offset);
  const level = Math.max(theta, LEAST_LEVEL);
  return { theta: level, psi: Math.sqrt(2 * level * curvature + skew * skew), chi: skew };
}

const LEAST_LEVEL = 0.05;

/**
 * Writes the coordinates of `smile.ts` to `x[offset..]`, and their derivatives by (theta, psi, chi) to `jacobian`, row-major, when asked:
 * ln c = ln((psi^2 - chi^2) / (2 theta)), y = atanh(chi / psi), ln s = ln(theta sqrt(psi^2 - chi^2) / psi^2).
 */
export function essviCoordinates(
  { theta, psi, chi }: EssviSlice,
  x: Float64Array,
  offset: number,
  jacobian?: Float64Array,
): void {
  const spread = (psi - chi) * (psi + chi);
  x[offset + THETA] = theta;
  x[offset + SKEW] = chi;
  x[offset + LOG_CURVATURE] = Math.log(spread / (2 * theta));
  x[offset + ASYMMETRY] = Math.atanh(chi / psi);
  x[offset + LOG_SIGMA] = Math.log((theta * Math.sqrt(spread)) / (psi * psi));
  jacobian?.set([
    ...[1, 0, 0],
    ...[0, 0, 1],
    ...[-1 / theta, (2 * psi) / spread, (-2 * chi) / spread],
    ...[0, -chi / spread, psi / spread],
    ...[1 / theta, psi / spread - 2 / psi, -chi / spread],
  ]);
}

/** Numbers of an eSSVI slice. */
export const ESSVI_SIZE = 3;
/** Numbers of a Jacobian. */
export const JACOBIAN_SIZE = SIZE * ESSVI_SIZE;

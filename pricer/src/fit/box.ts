/**
 * Bounds of the coordinates: they end SVI's flat valley (a near-parabola fits as well with any larger sigma) and keep exponentials in
 * range. Level and skew are free.
 */
import { LOG_CURVATURE, SIZE } from "./smile.ts";

export const LOWEST = [-Infinity, -Infinity, -14, -4, Math.log(0.02)];
export const HIGHEST = [Infinity, Infinity, 8, 4, Math.log(12)];

/** Moves the coordinates at `offset` to the nearest point of the box, in place. */
export function clampToBox(x: Float64Array, offset = 0): void {
  for (let a = LOG_CURVATURE; a < SIZE; a++) {
    x[offset + a] = Math.min(HIGHEST[a]!, Math.max(LOWEST[a]!, x[offset + a]!));
  }
}

/** Whether coordinate `a` stands at a bound and downhill leads outside; level and skew have none. */
export function pressed(x: Float64Array, gradient: Float64Array, a: number): boolean {
  if (a < LOG_CURVATURE) return false;
  return (x[a]! <= LOWEST[a]! && gradient[a]! > 0) || (x[a]! >= HIGHEST[a]! && gradient[a]! < 0);
}

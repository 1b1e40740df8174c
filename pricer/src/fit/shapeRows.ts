/**
 * Rows on the shape of one slice: wing slopes, the box of the coordinates, what the on-chain word and the contracts accept, and a positive
 * least variance. Each function returns the violation and adds its rows, when asked for, as soon as they come near.
 */
import { HIGHEST, LOWEST } from "./box.ts";
import type { Margins } from "./margins.ts";
import { addRow, type Rows } from "./rows.ts";
import {
  ASYMMETRY,
  LOG_CURVATURE,
  LOG_SIGMA,
  SIZE,
  SKEW,
  type Smile,
  smileGradient,
  smileVariance,
  THETA,
  type Wing,
  wingSlope,
} from "./smile.ts";

/** Row: a wing's slope in v per z <= most. */
export function steepestRow(rows: Rows | undefined, i: number, p: Smile, wing: Wing, most: number): number {
  const slope = wingSlope(p, wing);
  const value = most - slope;
  if (rows !== undefined && value < 0.5 * (most + Math.abs(slope)) + 0.05)
    wingGradient(p, wing, -1, rows.gradient, addRow(rows, i, value));
  return value < 0 ? -value : 0;
}

/** Row: a wing's slope in v per z >= least. */
export function flattestRow(rows: Rows | undefined, i: number, p: Smile, wing: Wing, least: number): number {
  const slope = wingSlope(p, wing);
  const value = slope - least;
  if (rows !== undefined && value < 0.5 * Math.abs(slope) + 0.05)
    wingGradient(p, wing, 1, rows.gradient, addRow(rows, i, value));
  return value < 0 ? -value : 0;
}

/**
 * The gradient of a wing's slope, times a factor, at `out[at..]`. Of the right one d/d(ln c) = b (1 - mu), by y
 * b (1 - mu)(3 mu - (1 + mu)), by ln s b (1 - mu); the left one mirrors it.
 */
export function wingGradient(p: Smile, wing: Wing, factor: number, out: Float64Array, at: number): void {
  const stretch = wingSlope(p, wing) - wing * p.skew;
  out[at + SKEW] = factor * wing;
  out[at + LOG_CURVATURE] = factor * stretch;
  out[at + ASYMMETRY] = factor * stretch * (2 * p.mu - wing);
  out[at + LOG_SIGMA] = factor * stretch;
}

/** Rows that keep a step inside the box of `box.ts`; an iterate is never outside it, so they carry no violation. */
export function boxRows(rows: Rows, i: number, x: Float64Array): void {
  for (let a = LOG_CURVATURE; a < SIZE; a++) {
    for (const side of [1, -1] as const) {
      const room = side === 1 ? HIGHEST[a]! - x[i * SIZE + a]! : x[i * SIZE + a]! - LOWEST[a]!;
      if (room > 1.5) continue;
      rows.gradient[addRow(rows, i, room) + a] = -side;
    }
  }
}

/**
 * What the contracts and the word can hold, in units of sd = sqrt(w(0)), with room: sigma <= 16 sd, |m| < 16 sd, b < 64 sd (for v:
 * b in units of sqrt(theta) below 64). Rows ln(bound sqrt(theta) / value) >= 0.
 */
export function wordRows(rows: Rows | undefined, i: number, p: Smile): number {
  const theta = Math.max(p.theta, 1e-6);
  const level = 0.5 * Math.log(theta);
  const sigma = Math.log(15 / p.sigma) + level;
  const m = Math.log(15 / Math.max(Math.abs(p.m), 1e-3)) + level;
  const b = Math.log(50 / p.b) + level;
  if (rows !== undefined) {
    if (sigma < 0.7) logRow(rows, i, theta, sigma, 0, 0);
    if (m < 0.7) logRow(rows, i, theta, m, 0, -1 / p.mu);
    if (b < 0.7) logRow(rows, i, theta, b, -1, -3 * p.mu);
  }
  return Math.max(0, -sigma, -m, -b);
}

/** Each of the three falls by ln s alike. */
function logRow(rows: Rows, i: number, theta: number, value: number, byC: number, byY: number): void {
  const at = addRow(rows, i, value);
  rows.gradient[at + THETA] = 0.5 / theta;
  rows.gradient[at + LOG_CURVATURE] = byC;
  rows.gradient[at + ASYMMETRY] = byY;
  rows.gradient[at + LOG_SIGMA] = -1;
}

/** Row: minimum of v >= margin v(0), by the envelope theorem the gradient at the minimiser. */
export function varianceRow(rows: Rows | undefined, i: number, p: Smile, margins: Margins): number {
  if (!(p.rightSlope > 0 && p.leftSlope > 0)) return 0;
  const rho = (p.rightSlope - p.leftSlope) / (p.rightSlope + p.leftSlope);
  const z = p.m - (p.sigma * rho) / Math.sqrt(1 - rho * rho);
  const value = smileVariance(p, z) - margins.variance * p.theta;
  if (rows !== undefined && value < 0.3 * p.theta) {
    const at = addRow(rows, i, value);
    smileGradient(p, z, rows.gradient, at);
    rows.gradient[at + THETA]! -= margins.variance;
  }
  return value < 0 ? -value : 0;
}
